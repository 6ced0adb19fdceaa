/**
 * SEARCH and CYCLE of recursive common tables, rewritten into columns of the two parts.
 *
 * CYCLE keeps the path of visited values in an array and stops at a value that is on it. SEARCH DEPTH FIRST
 * keeps the path as the sort column. Both hold for one column; more would need arrays of rows.
 *
 * ```
 *   SELECT a ...                  SELECT a, false AS mark, ARRAY[a] AS path ...
 *   UNION ALL               ->    UNION ALL
 *   SELECT b ... FROM t           SELECT b, b = ANY(t.path), t.path || b ... FROM t WHERE NOT t.mark
 * ```
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type {
  CommonTable,
  Expression,
  Identifier,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperation,
  TableReference,
} from "./ast.ts";
import { at, unsupported } from "./bind_context.ts";

/** The common table and its query with the columns of SEARCH and CYCLE added. */
export function withSearchAndCycle(table: CommonTable, query: Query): { table: CommonTable; query: Query } {
  const { search, cycle } = table;
  if (search === undefined && cycle === undefined) return { table, query };
  const { body } = query;
  if (body.kind !== "setOperation" || body.left.kind !== "select" || body.right.kind !== "select") {
    throw unsupported("SEARCH and CYCLE of anything but two SELECTs", table.span);
  }
  const rewriting = new Rewriting(table, body, body.left, body.right);
  if (search !== undefined) {
    if (!search.depthFirst) {
      throw unsupported("SEARCH BREADTH FIRST", table.span, "count the depth in a column");
    }
    rewriting.addPath(single(search.by, "SEARCH"), search.set);
  }
  if (cycle !== undefined) rewriting.addCycle(cycle);
  return rewriting.result(query);
}

function single(columns: readonly Identifier[], clause: string): Identifier {
  const [only] = columns;
  if (only === undefined || columns.length > 1) {
    throw unsupported(`${clause} over several columns`, columns[1]?.span, "combine them into one column");
  }
  return only;
}

class Rewriting {
  readonly #table: CommonTable;
  readonly #body: SetOperation;
  readonly #names: Identifier[];
  readonly #self: Identifier;
  #left: Select;
  #right: Select;

  constructor(table: CommonTable, body: SetOperation, left: Select, right: Select) {
    this.#table = table;
    this.#body = body;
    this.#left = left;
    this.#right = right;
    this.#names = (table.columns ?? left.items.map(itemName)).slice();
    this.#self = selfName(right.from, table.name.name) ?? table.name;
  }

  #item(column: Identifier, side: Select): Expression {
    const index = this.#names.findIndex((one) => one.name === column.name);
    const item = side.items[index];
    if (item !== undefined && item.expression.kind !== "star") return item.expression;
    throw new QueryError(
      "unknown-column",
      `No column of "${this.#table.name.name}" has that name: received "${column.name}"`,
      {
        details: at(column.span),
        hint: "name an output column of the common table",
      },
    );
  }

  #own(column: Identifier): Expression {
    return { kind: "column", name: [this.#self, column] };
  }

  #add(name: Identifier, left: Expression, right: Expression): void {
    this.#names.push(name);
    this.#left = { ...this.#left, items: [...this.#left.items, { expression: left, alias: name }] };
    this.#right = { ...this.#right, items: [...this.#right.items, { expression: right, alias: name }] };
  }

  /** The array of the values of `column` from the start to here. */
  addPath(column: Identifier, name: Identifier): void {
    const start: Expression = { kind: "array", items: [this.#item(column, this.#left)] };
    const next: Expression = { kind: "array", items: [this.#item(column, this.#right)] };
    this.#add(name, start, { kind: "binary", operator: "||", left: this.#own(name), right: next });
  }

  addCycle(cycle: NonNullable<CommonTable["cycle"]>): void {
    const column = single(cycle.columns, "CYCLE");
    const to = cycle.to ?? { kind: "boolean", value: true };
    const otherwise = cycle.otherwise ?? { kind: "boolean", value: false };
    const seen: Expression = {
      kind: "quantifiedArray",
      operator: "=",
      quantifier: "any",
      left: this.#item(column, this.#right),
      array: this.#own(cycle.using),
    };
    const marked: Expression = { kind: "case", branches: [{ when: seen, then: to }], otherwise };
    this.#add(cycle.set, otherwise, marked);
    this.addPath(column, cycle.using);
    const open: Expression = { kind: "binary", operator: "<>", left: this.#own(cycle.set), right: to };
    const { where } = this.#right;
    this.#right = {
      ...this.#right,
      where: where === undefined ? open : { kind: "and", arguments: [where, open] },
    };
  }

  result(query: Query): { table: CommonTable; query: Query } {
    const body: QueryBody = { ...this.#body, left: this.#left, right: this.#right };
    return { table: { ...this.#table, columns: this.#names }, query: { ...query, body } };
  }
}

function itemName(item: SelectItem): Identifier {
  if (item.alias !== undefined) return item.alias;
  if (item.expression.kind === "column") return item.expression.name.at(-1) ?? { name: "" };
  return { name: "" };
}

/** The alias under which a FROM list reads table `name`. */
function selfName(from: readonly TableReference[], name: string): Identifier | undefined {
  for (const reference of from) {
    if (reference.kind === "table" && reference.name.length === 1 && reference.name[0]?.name === name) {
      return reference.alias?.name ?? reference.name[0];
    }
    if (reference.kind === "join") {
      const found = selfName([reference.left, reference.right], name);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
