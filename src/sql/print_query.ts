/**
 * Prints queries and table references.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import type {
  CommonTable,
  GroupItem,
  JoinedTable,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperation,
  TableAlias,
  TableFunction,
  TableReference,
  TableSample,
  With,
} from "../query/ast.ts";
import { POWER } from "./precedence.ts";
import { printOrder, printWindow } from "./print_expression.ts";
import type { Printer } from "./printer.ts";
import { qualifyToSubquery } from "./qualify.ts";

/** The text of a query, without parentheses around it. */
export function printQueryNode(printer: Printer, node: Query): string {
  if (
    node.body.kind === "select" && node.body.qualify !== undefined &&
    printer.dialect.unsupported.has("QUALIFY")
  ) {
    const rewritten = qualifyToSubquery(node, node.body);
    return typeof rewritten === "string"
      ? printer.refuse(rewritten, node.body)
      : printQueryNode(printer, rewritten);
  }
  const parts: string[] = [];
  if (node.with !== undefined) parts.push(printWith(printer, node.with));
  parts.push(queryBody(printer, node.body));
  if (node.orderBy === "all") {
    printer.need("ORDER BY ALL", node);
    parts.push("ORDER BY ALL");
  } else if (node.orderBy !== undefined) parts.push(`ORDER BY ${printOrder(printer, node.orderBy)}`);
  parts.push(...limits(printer, node));
  for (const lock of printer.dialect.name === "postgresql" ? node.locks ?? [] : []) {
    const of = lock.of.length === 0 ? "" : ` OF ${lock.of.map((name) => printer.name(name)).join(", ")}`;
    parts.push(
      `FOR ${lock.mode.toUpperCase()}${of}${lock.wait === undefined ? "" : ` ${lock.wait.toUpperCase()}`}`,
    );
  }
  return parts.join(" ");
}

function limits(printer: Printer, node: Query): string[] {
  const parts: string[] = [];
  const all = node.limit === "all" && printer.dialect.name === "postgresql";
  if (all) parts.push("LIMIT ALL");
  else if (node.limit !== undefined && node.limit !== "all") {
    parts.push(`LIMIT ${printer.expression(node.limit)}`);
  }
  if (node.fetch?.withTies === true) {
    printer.need("FETCH WITH TIES", node);
    if (node.offset !== undefined) parts.push(`OFFSET ${printer.expression(node.offset)}`);
    const count = node.fetch.count === undefined ? "" : ` ${fetchCount(printer, node.fetch.count)}`;
    return [...parts, `FETCH FIRST${count} ROWS WITH TIES`];
  }
  if (node.fetch !== undefined) {
    const { count } = node.fetch;
    parts.push(`LIMIT ${count === undefined ? "1" : printer.expression(count)}`);
  }
  if (node.offset !== undefined) parts.push(`OFFSET ${printer.expression(node.offset)}`);
  return parts;
}

function fetchCount(printer: Printer, count: NonNullable<NonNullable<Query["fetch"]>["count"]>): string {
  const bare = count.kind === "number" || count.kind === "parameter" || count.kind === "column";
  return bare ? printer.expression(count) : `(${printer.expression(count)})`;
}

/** The WITH clause. */
export function printWith(printer: Printer, node: With): string {
  if (node.recursive) printer.need("A recursive query", node.tables[0] ?? {});
  const tables = node.tables.map((table) => commonTable(printer, table)).join(", ");
  return `WITH ${node.recursive ? "RECURSIVE " : ""}${tables}`;
}

function commonTable(printer: Printer, node: CommonTable): string {
  if (node.statement.kind !== "query") printer.need("A data change in WITH", node);
  const columns = node.columns === undefined ? "" : ` (${printer.identifiers(node.columns)})`;
  const hinted = node.materialized !== undefined && ["postgresql", "duckdb"].includes(printer.dialect.name);
  const hint = hinted ? `${node.materialized === true ? "" : "NOT "}MATERIALIZED ` : "";
  const parts = [
    `${printer.identifier(node.name)}${columns} AS ${hint}(${printer.statement(node.statement)})`,
  ];
  if (node.search !== undefined || node.cycle !== undefined) printer.need("SEARCH and CYCLE", node);
  if (node.search !== undefined) {
    const { depthFirst, by, set } = node.search;
    const order = depthFirst ? "DEPTH" : "BREADTH";
    parts.push(`SEARCH ${order} FIRST BY ${printer.identifiers(by)} SET ${printer.identifier(set)}`);
  }
  if (node.cycle !== undefined) {
    const { columns: cycled, set, to, otherwise, using } = node.cycle;
    const values = to === undefined || otherwise === undefined
      ? ""
      : ` TO ${printer.expression(to)} DEFAULT ${printer.expression(otherwise)}`;
    const mark = printer.identifier(set);
    parts.push(
      `CYCLE ${printer.identifiers(cycled)} SET ${mark}${values} USING ${printer.identifier(using)}`,
    );
  }
  return parts.join(" ");
}

function queryBody(printer: Printer, node: QueryBody): string {
  switch (node.kind) {
    case "query":
      return `(${printQueryNode(printer, node)})`;
    case "values":
      return `VALUES ${node.rows.map((row) => `(${printer.expressions(row)})`).join(", ")}`;
    case "setOperation":
      return setOperation(printer, node);
    case "select":
      return select(printer, node);
    default:
      return unreachable(node);
  }
}

/** Chains to the left are printed in a loop, for they can be thousands long. */
function setOperation(printer: Printer, node: SetOperation): string {
  const parts: string[] = [];
  let left: QueryBody = node;
  for (;;) {
    const operation: SetOperation = left;
    if (operation.byName === true) printer.need("UNION BY NAME", operation);
    const word = `${operation.operator.toUpperCase()}${operation.all ? " ALL" : ""}`;
    parts.push(setOperand(printer, operation.right), `${word}${operation.byName === true ? " BY NAME" : ""}`);
    const next: QueryBody = operation.left;
    const chained = next.kind === "setOperation" &&
      (operation.operator !== "intersect" || next.operator === "intersect");
    if (!chained) {
      parts.push(setOperand(printer, next));
      return parts.reverse().join(" ");
    }
    left = next;
  }
}

function setOperand(printer: Printer, node: QueryBody): string {
  const text = queryBody(printer, qualified(printer, node));
  return node.kind === "setOperation" ? `(${text})` : text;
}

/** A QUALIFY inside a set operation gets a query of its own to be rewritten in. */
function qualified(printer: Printer, node: QueryBody): QueryBody {
  const rewrite = node.kind === "select" && node.qualify !== undefined &&
    printer.dialect.unsupported.has("QUALIFY");
  return rewrite ? { kind: "query", body: node } : node;
}

function select(printer: Printer, node: Select): string {
  const parts = ["SELECT"];
  if (node.distinct === true) parts.push("DISTINCT");
  else if (node.distinct !== undefined) {
    printer.need("DISTINCT ON", node);
    parts.push(`DISTINCT ON (${printer.expressions(node.distinct)})`);
  }
  if (node.items.length > 0) parts.push(printSelectItems(printer, node.items));
  else printer.need("A select list without items", node);
  if (node.into !== undefined) {
    printer.need("SELECT INTO", node);
    parts.push(`INTO ${printer.name(node.into)}`);
  }
  if (node.from.length > 0) parts.push(`FROM ${printTables(printer, node.from)}`);
  if (node.where !== undefined) parts.push(`WHERE ${printer.expression(node.where)}`);
  if (node.groupBy !== undefined) parts.push(`GROUP BY ${groupBy(printer, node)}`);
  if (node.having !== undefined) parts.push(`HAVING ${printer.expression(node.having)}`);
  if (node.windows !== undefined) {
    printer.need("WINDOW", node);
    const windows = node.windows.map(({ name, specification }) =>
      `${printer.identifier(name)} AS ${printWindow(printer, specification)}`
    );
    parts.push(`WINDOW ${windows.join(", ")}`);
  }
  if (node.qualify !== undefined) parts.push(`QUALIFY ${printer.expression(node.qualify)}`);
  return parts.join(" ");
}

/** A list of output columns. */
export function printSelectItems(printer: Printer, items: readonly SelectItem[]): string {
  return items.map(({ expression, alias }) =>
    `${printer.expression(expression)}${alias === undefined ? "" : ` AS ${printer.identifier(alias)}`}`
  ).join(", ");
}

function groupBy(printer: Printer, node: Select): string {
  if (node.groupBy?.all === true) {
    printer.need("GROUP BY ALL", node);
    return "ALL";
  }
  if (node.groupBy?.distinct === true) printer.need("GROUP BY DISTINCT", node);
  const items = (node.groupBy?.items ?? []).map((item) => groupItem(printer, item)).join(", ");
  return node.groupBy?.distinct === true ? `DISTINCT ${items}` : items;
}

function groupItem(printer: Printer, node: GroupItem): string {
  if (node.kind !== "expression") printer.need("GROUPING SETS", node);
  switch (node.kind) {
    case "empty":
      return "()";
    case "expression":
      return printer.expression(node.expression);
    case "sets":
      return `GROUPING SETS (${node.items.map((item) => groupItem(printer, item)).join(", ")})`;
    case "rollup":
    case "cube":
      return `${node.kind.toUpperCase()} (${printer.expressions(node.items)})`;
    default:
      return unreachable(node);
  }
}

/** The tables of a FROM or USING clause. */
export function printTables(printer: Printer, tables: readonly TableReference[]): string {
  return tables.map((table) => printTable(printer, table)).join(", ");
}

/** One table reference. */
export function printTable(printer: Printer, node: TableReference): string {
  switch (node.kind) {
    case "table": {
      if (node.version !== undefined) printer.refuse("AT VERSION", node);
      const only = node.only === true && printer.dialect.name === "postgresql" ? "ONLY " : "";
      return `${only}${printer.name(node.name)}${tableTail(printer, node)}`;
    }
    case "derived":
      if (node.lateral === true) printer.need("LATERAL", node);
      return `${node.lateral === true ? "LATERAL " : ""}(${printer.query(node.query)})${
        tableTail(printer, node)
      }`;
    case "tableFunction":
      return `${tableFunction(printer, node)}${tableTail(printer, node)}`;
    case "join": {
      const text = join(printer, node);
      return node.alias === undefined ? text : `(${text})${tableTail(printer, node)}`;
    }
    case "pivot": {
      printer.need("PIVOT", node);
      const aggregates = printSelectItems(printer, node.aggregates);
      const values = printSelectItems(printer, node.values);
      const clause = `PIVOT (${aggregates} FOR ${printer.name(node.column)} IN (${values}))`;
      return `${printTable(printer, node.table)} ${clause}${tableTail(printer, node)}`;
    }
    default:
      return unreachable(node);
  }
}

function tableFunction(printer: Printer, node: TableFunction): string {
  if (node.lateral === true) printer.need("LATERAL", node);
  if (node.rowsFrom === true) printer.need("ROWS FROM", node);
  if (node.ordinality === true) printer.need("WITH ORDINALITY", node);
  const calls = node.calls.map(({ call, types }) =>
    `${printer.expression(call)}${types === undefined ? "" : ` AS (${columnTypes(printer, types)})`}`
  );
  const text = node.rowsFrom === true ? `ROWS FROM (${calls.join(", ")})` : calls.join(", ");
  const lateral = node.lateral === true ? "LATERAL " : "";
  return `${lateral}${text}${node.ordinality === true ? " WITH ORDINALITY" : ""}`;
}

function columnTypes(printer: Printer, types: NonNullable<TableAlias["types"]>): string {
  return types.map(({ name, type }) => `${printer.identifier(name)} ${printer.type(type)}`).join(", ");
}

function tableTail(printer: Printer, node: TableReference): string {
  const parts: string[] = [];
  if (node.alias !== undefined) {
    const { name, columns, types } = node.alias;
    const alias = name.name === "" ? "" : printer.identifier(name);
    const list = columns === undefined ? "" : `(${printer.identifiers(columns)})`;
    parts.push(` AS ${alias}${list}${types === undefined ? "" : `(${columnTypes(printer, types)})`}`);
  }
  if (node.sample !== undefined) parts.push(sample(printer, node.sample));
  return parts.join("");
}

function sample(printer: Printer, node: TableSample): string {
  printer.need("TABLESAMPLE");
  if (node.unit === "rows" && printer.dialect.name === "postgresql") {
    printer.refuse("A sample of a number of rows");
  }
  const unit = printer.dialect.name === "duckdb" ? ` ${(node.unit ?? "percent").toUpperCase()}` : "";
  const seed = node.seed === undefined ? "" : ` REPEATABLE (${printer.expression(node.seed)})`;
  return ` TABLESAMPLE ${node.method ?? "bernoulli"} (${printer.expressions(node.arguments)}${unit})${seed}`;
}

/** A chain of joins to the left is printed in a loop. */
function join(printer: Printer, node: JoinedTable): string {
  const parts: string[] = [];
  let current: JoinedTable = node;
  for (;;) {
    parts.push(joinTail(printer, current));
    if (current.left.kind !== "join" || current.left.alias !== undefined) break;
    current = current.left;
  }
  parts.push(printTable(printer, current.left));
  return parts.reverse().join(" ");
}

function joinTail(printer: Printer, node: JoinedTable): string {
  if (node.natural === true) printer.need("NATURAL JOIN", node);
  if (node.asof === true) printer.need("ASOF JOIN", node);
  if (node.asof === true && node.match === undefined) printer.need("ASOF JOIN without MATCH_CONDITION", node);
  if (node.type === "semi" || node.type === "anti") printer.need("SEMI and ANTI JOIN", node);
  const words: string[] = [];
  if (node.natural === true) words.push("NATURAL");
  if (node.asof === true) words.push("ASOF");
  if (node.type !== "inner") words.push(node.type.toUpperCase());
  const right = printTable(printer, node.right);
  words.push("JOIN", node.right.kind === "join" && node.right.alias === undefined ? `(${right})` : right);
  if (node.match !== undefined) {
    printer.need("MATCH_CONDITION", node);
    words.push(`MATCH_CONDITION (${printer.operand(node.match, POWER.none)})`);
  }
  if (node.on !== undefined) words.push(`ON ${printer.expression(node.on)}`);
  if (node.using !== undefined) words.push(`USING (${printer.identifiers(node.using)})`);
  if (node.usingAlias !== undefined) printer.need("An alias of JOIN USING", node);
  if (node.usingAlias !== undefined) words.push(`AS ${printer.identifier(node.usingAlias)}`);
  return words.join(" ");
}
