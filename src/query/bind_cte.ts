/**
 * WITH: common tables put in place, materialised, or iterated.
 *
 * A common table that is read once stands where it is read; one that is read several times, is declared
 * MATERIALIZED or calls a volatile function is computed once and scanned. One that names columns of an
 * enclosing query, or is declared NOT MATERIALIZED, is bound anew at each place. References are counted in
 * the text, so a name that is shadowed counts too: that costs at most a materialisation.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type { CommonTable, DataStatement, Query, With } from "./ast.ts";
import { at, type BindContext, type BoundRelation, type QueryPlace, unsupported } from "./bind_context.ts";
import { bindRecursive } from "./bind_recursive.ts";
import type { CteEntry, CteScope, ScopeColumn } from "./bind_scope.ts";
import { isVolatilePlan } from "./bind_volatility.ts";
import type { PlanColumn, WithPlan } from "./plan.ts";
import { freeColumns } from "./plan_walk.ts";

/** Common tables in scope, and how to put the materialised ones around the query. */
export interface CommonTables {
  readonly ctes: CteScope | undefined;
  readonly wrap: (relation: BoundRelation) => BoundRelation;
}

/** Binds the WITH clause of `statement`. */
export function bindWith(
  clause: With | undefined,
  statement: DataStatement,
  place: QueryPlace,
): CommonTables {
  if (clause === undefined) return { ctes: place.ctes, wrap: (relation) => relation };
  if (clause.tables.some((table) => table.statement.kind !== "query")) {
    place.context.inlineCommonTables = true;
  }
  const tables: WithPlan["tables"][number][] = [];
  const seen = new Set<string>();
  let { ctes } = place;
  for (const table of ordered(clause)) {
    const { name, span } = table.name;
    if (seen.has(name)) {
      throw new QueryError("ambiguous-name", `Common table "${name}" is defined twice`, {
        details: at(span),
      });
    }
    seen.add(name);
    const references = countReferences(statement, name);
    const entry = bindCommonTable({ table, clause, references, tables }, { ...place, ctes });
    ctes = { entry, outer: ctes };
  }
  const wrap = (relation: BoundRelation): BoundRelation =>
    tables.length === 0 ? relation : { ...relation, plan: { kind: "with", tables, input: relation.plan } };
  return { ctes, wrap };
}

/** Under RECURSIVE a common table may name later ones: those come first then. */
function ordered({ recursive, tables }: With): readonly CommonTable[] {
  if (!recursive) return tables;
  const done = new Set<CommonTable>();
  const underWay = new Set<CommonTable>();
  const result: CommonTable[] = [];
  const visit = (table: CommonTable): void => {
    if (done.has(table)) return;
    if (underWay.has(table)) {
      throw unsupported(
        "Mutual recursion of common tables",
        table.span,
        "merge them into one recursive common table",
      );
    }
    underWay.add(table);
    for (const other of tables) {
      if (other !== table && countReferences(table.statement, other.name.name) > 0) visit(other);
    }
    underWay.delete(table);
    done.add(table);
    result.push(table);
  };
  for (const table of tables) visit(table);
  return result;
}

/** How many table references in the tree have the plain name. */
export function countReferences(node: unknown, name: string): number {
  if (typeof node !== "object" || node === null) return 0;
  if (Array.isArray(node)) return node.reduce<number>((sum, one) => sum + countReferences(one, name), 0);
  let sum = isReferenceTo(node, name) ? 1 : 0;
  for (const value of Object.values(node)) sum += countReferences(value, name);
  return sum;
}

function isReferenceTo(node: object, name: string): boolean {
  if (!("kind" in node) || node.kind !== "table" || !("name" in node) || !Array.isArray(node.name)) {
    return false;
  }
  const [only] = node.name;
  return node.name.length === 1 && typeof only === "object" && only !== null && "name" in only &&
    only.name === name;
}

interface Binding {
  readonly table: CommonTable;
  readonly clause: With;
  readonly references: number;
  /** Takes the materialised tables. */
  readonly tables: WithPlan["tables"][number][];
}

function bindCommonTable({ table, clause, references, tables }: Binding, place: QueryPlace): CteEntry {
  const { name } = table.name;
  const { statement } = table;
  if (statement.kind !== "query") return bindChange(table, statement, place);
  if (clause.recursive && countReferences(statement, name) > 0) {
    const recursive = bindRecursive(table, statement, place);
    tables.push({ cte: recursive.cte, name, plan: recursive.plan });
    return { name, reference: scanner(recursive.cte, name, recursive.columns, place.context) };
  }
  if (table.search !== undefined || table.cycle !== undefined) {
    throw new QueryError(
      "invalid-statement",
      `SEARCH and CYCLE need a recursive common table: received "${name}"`,
      {
        details: at(table.span),
      },
    );
  }
  return bindPlain(table, statement, { references, tables }, place);
}

/** `WITH t AS (INSERT ... RETURNING ...)`. */
function bindChange(
  table: CommonTable,
  statement: Exclude<DataStatement, Query>,
  place: QueryPlace,
): CteEntry {
  const { context, ctes } = place;
  const { name } = table.name;
  if (place.top !== true) {
    throw new QueryError(
      "invalid-statement",
      `${statement.kind.toUpperCase()} in WITH must be at the top of the statement`,
      {
        details: at(table.span, { name }),
        hint: "move the WITH clause to the statement itself",
      },
    );
  }
  const bound = context.binder.statement(statement, { context, outer: undefined, ctes });
  const cte = context.newCte();
  context.changes.push({ cte, name, statement: bound });
  const items = bound.kind === "select" ? undefined : bound.returning?.items;
  if (items === undefined) {
    const reference = (): never => {
      throw new QueryError("invalid-statement", `Common table "${name}" gives no rows: it has no RETURNING`, {
        details: at(table.span, { name }),
        hint: "add RETURNING to the statement",
      });
    };
    return { name, reference };
  }
  return { name, reference: scanner(cte, name, renamedColumns(items, table), context) };
}

function bindPlain(
  table: CommonTable,
  statement: Query,
  { references, tables }: Pick<Binding, "references" | "tables">,
  place: QueryPlace,
): CteEntry {
  const { context, outer, ctes } = place;
  const { name } = table.name;
  const bind = (): BoundRelation => context.binder.query(statement, { context, outer, ctes });
  const first = bind();
  const columns = renamedColumns(first.columns, table);
  const correlated = freeColumns(first.plan).size > 0;
  const several = references > 1 || isVolatilePlan(first.plan, context);
  const materialize = table.materialized ?? several;
  if (materialize && !correlated && !context.inlineCommonTables) {
    const cte = context.newCte();
    tables.push({ cte, name, plan: first.plan });
    return { name, reference: scanner(cte, name, columns, context) };
  }
  let unused: BoundRelation | undefined = first;
  return {
    name,
    reference: () => {
      const relation = unused ?? bind();
      unused = undefined;
      return { plan: relation.plan, columns: renamedColumns(relation.columns, table) };
    },
  };
}

/** The columns under the names of `t(a, b)`. */
export function renamedColumns(columns: readonly PlanColumn[], table: CommonTable): readonly ScopeColumn[] {
  const names = table.columns ?? [];
  if (names.length > columns.length) {
    throw new QueryError(
      "column-count",
      `Common table "${table.name.name}" has ${columns.length} columns: received ${names.length} names`,
      { details: at(table.span, { expected: columns.length, actual: names.length }) },
    );
  }
  return columns.map((column, i) => ({ name: names[i]?.name ?? column.name, column }));
}

/** References to a materialised table: each scan has columns of its own. */
export function scanner(
  cte: number,
  name: string,
  source: readonly ScopeColumn[],
  context: BindContext,
): CteEntry["reference"] {
  return () => {
    const scanned = source.map((one) => ({
      ...context.newColumn(one.name, one.column.type, one.column.nullable),
      source: one.column.id,
    }));
    const columns = scanned.map(({ source: _, ...column }): ScopeColumn => ({ name: column.name, column }));
    return { plan: { kind: "cteScan", cte, name, columns: scanned }, columns };
  };
}
