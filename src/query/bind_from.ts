/**
 * FROM: table references to plans, and what they make visible.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { QueryError } from "../base/error.ts";
import { DOUBLE } from "../storage/sql_type.ts";
import type { DerivedTable, NamedTable, Span, TableAlias, TableReference, TableSample } from "./ast.ts";
import { coerceImplicit } from "./bind_cast.ts";
import {
  at,
  type BindContext,
  type BoundTable,
  type QueryPlace,
  unsupported,
  withSpan,
} from "./bind_context.ts";
import { bindJoin, joinSideBySide } from "./bind_join.ts";
import { bindPivot } from "./bind_pivot.ts";
import {
  bothVisible,
  cteNames,
  type ExpressionSite,
  findCte,
  NOTHING_VISIBLE,
  SCALARS_ONLY,
  Scope,
  type ScopeColumn,
  type Visible,
} from "./bind_scope.ts";
import { bindTableFunction } from "./bind_table_function.ts";
import { withoutSpans } from "./bind_unplaced.ts";
import type { CatalogTable, CatalogView } from "./catalog.ts";
import { suggestion } from "./name_suggestion.ts";
import type { Plan, PlanColumn } from "./plan.ts";

/** One row without columns: what SELECT without FROM reads. */
export const ONE_ROW: Plan = { kind: "values", columns: [], rows: [[]] };

/** The tables of a FROM list, each seeing those to its left where it is LATERAL. */
export function bindFrom(references: readonly TableReference[], place: QueryPlace): BoundTable {
  let result: BoundTable | undefined;
  for (const reference of references) {
    const left = result;
    const lateral = new Scope(left?.visible ?? NOTHING_VISIBLE, place.outer);
    const right = place.context.binder.table(reference, place, lateral);
    if (left !== undefined) refuseSameName(left.visible, right.visible, reference.span);
    result = left === undefined ? right : {
      plan: joinSideBySide(left.plan, right.plan),
      visible: bothVisible(left.visible, right.visible),
    };
  }
  return result ?? { plan: ONE_ROW, visible: NOTHING_VISIBLE };
}

/** Two tables under one name could not be told apart. */
export function refuseSameName(left: Visible, right: Visible, span: Span | undefined): void {
  for (const { name } of right.relations) {
    if (name === undefined || !left.relations.some((one) => one.name === name)) continue;
    throw new QueryError("ambiguous-name", `Table name "${name}" stands twice in FROM`, {
      details: at(span, { table: name }),
      hint: `give one of them an alias, as in ${name} AS other`,
    });
  }
}

/** Binds one table reference, its sample and alias included. */
export function bindTable(reference: TableReference, place: QueryPlace, lateral: Scope): BoundTable {
  place.context.countRelation(reference.span);
  return place.context.deeper(() => {
    const bound = bindUnsampled(reference, place, lateral);
    if (reference.sample === undefined) return bound;
    return { ...bound, plan: sample(bound.plan, reference.sample, place, reference.span) };
  }, reference.span);
}

function bindUnsampled(reference: TableReference, place: QueryPlace, lateral: Scope): BoundTable {
  switch (reference.kind) {
    case "table":
      return bindNamed(reference, place);
    case "derived":
      return bindDerived(reference, place, lateral);
    case "tableFunction":
      return bindTableFunction(reference, place, lateral);
    case "join":
      return renamed(bindJoin(reference, place, lateral), reference.alias);
    case "pivot":
      return renamed(bindPivot(reference, place, lateral), reference.alias);
    default:
      return unreachable(reference);
  }
}

/** A relation under its alias: one name, its columns renamed from the left. */
export function renamed(bound: BoundTable, alias: TableAlias | undefined): BoundTable {
  if (alias === undefined) return bound;
  const columns = renamedColumns(bound.visible.columns, alias);
  const keys = bound.visible.relations.length === 1 ? bound.visible.relations[0]?.key : undefined;
  const relation = { name: alias.name.name, columns, ...(keys === undefined ? {} : { key: keys }) };
  return { plan: bound.plan, visible: { relations: [relation], columns } };
}

function renamedColumns(columns: readonly ScopeColumn[], alias: TableAlias): readonly ScopeColumn[] {
  const names = alias.columns ?? [];
  if (names.length > columns.length) {
    throw new QueryError(
      "column-count",
      `"${alias.name.name}" has ${columns.length} columns: received ${names.length} column aliases`,
      { details: at(alias.span, { expected: columns.length, actual: names.length }) },
    );
  }
  return columns.map((one, i) => ({ name: names[i]?.name ?? one.name, column: one.column }));
}

/** A relation of the given columns under `name`. */
export function relationOf(
  plan: Plan,
  name: string | undefined,
  columns: readonly ScopeColumn[],
): BoundTable {
  return { plan, visible: { relations: [{ name, columns }], columns } };
}

function bindNamed(reference: NamedTable, place: QueryPlace): BoundTable {
  const { name, alias, span } = reference;
  const parts = name.map((part) => part.name);
  const plain = parts.at(-1) ?? "";
  const cte = parts.length === 1 ? findCte(place.ctes, plain) : undefined;
  if (cte !== undefined) {
    if (reference.version !== undefined) {
      throw new QueryError("invalid-statement", `The common table "${plain}" has no versions`, {
        details: at(span, { table: plain }),
        hint: "write AT VERSION at the tables that it reads",
      });
    }
    const { plan, columns } = cte.reference(span);
    return renamed(relationOf(plan, plain, columns), alias);
  }
  const relation = findRelation(parts, place, span);
  if (relation.kind === "view") {
    const expand = () => expandView(relation, plain, place, span);
    return renamed(place.context.atVersion(reference.version, expand), alias);
  }
  const { plan, columns, key } = scanTable(relation, alias?.name.name ?? plain, place.context, {
    version: reference.version ?? place.context.version,
  });
  const [schema = "public"] = place.context.environment.searchPath ?? [];
  const path = parts.length > 1 ? parts : [schema, plain];
  const visible = { relations: [{ name: plain, path, columns, key }], columns };
  return renamed({ plan, visible }, alias);
}

/** The relation that a possibly qualified name means. Throws `unknown-table` with the nearest name. */
export function findRelation(
  parts: readonly string[],
  place: QueryPlace,
  span: Span | undefined,
): CatalogTable | CatalogView {
  const { catalog, searchPath = ["public", "main"] } = place.context.environment;
  const full = parts.join(".");
  const candidates = [full];
  if (parts.length === 1) candidates.push(...searchPath.map((schema) => `${schema}.${full}`));
  else if (searchPath.includes(parts.at(-2) ?? "")) candidates.push(parts.at(-1) ?? "");
  else if (parts.length > 2) candidates.push(parts.slice(-2).join("."));
  for (const candidate of candidates) {
    const relation = catalog.relation(candidate);
    if (relation !== undefined) return relation;
  }
  const hint = suggestion(full, [...catalog.relationNames(), ...cteNames(place.ctes)]);
  throw new QueryError("unknown-table", `Unknown table: received "${full}"`, {
    details: at(span, { table: full }),
    hint: hint ?? "create it first, or check the schema",
  });
}

/** A scan with all columns of the table. */
export interface TableScan {
  readonly plan: Plan & { readonly kind: "scan" };
  readonly columns: readonly ScopeColumn[];
  readonly key: readonly number[];
}

/** Scans a stored table, with `version` as it was then, for `withRowId` with the row's id. */
export function scanTable(
  table: CatalogTable,
  alias: string,
  context: BindContext,
  { withRowId = false, version }: { readonly withRowId?: boolean; readonly version?: number | undefined } =
    {},
): TableScan {
  const scanned = table.columns.map((column, ordinal) => ({
    ...context.newColumn(column.name, column.type, column.nullable),
    ordinal,
  }));
  const past = version === undefined ? {} : { version };
  const rowId = withRowId ? { rowId: context.newColumn("rowid", { kind: "bigint" }, false) } : {};
  const columns = scanned.map(({ ordinal: _, ...column }): ScopeColumn => ({ name: column.name, column }));
  const key = table.primaryKey.flatMap((name) =>
    columns.filter((one) => one.name === name).map((one) => one.column.id)
  );
  return {
    plan: { kind: "scan", table: table.name, alias, columns: scanned, ...past, ...rowId },
    columns,
    key,
  };
}

function expandView(view: CatalogView, name: string, place: QueryPlace, span: Span | undefined): BoundTable {
  const { context } = place;
  const query = withoutSpans(view.query);
  const bound = withSpan(span, () =>
    context.insideView(
      view.name,
      () => context.binder.query(query, { context, outer: undefined, ctes: undefined }),
    ));
  return relationOf(bound.plan, name, namedColumns(bound.columns, view.columns));
}

/** Output columns under their names, the first ones renamed. */
export function namedColumns(
  columns: readonly PlanColumn[],
  names: readonly string[] = [],
): readonly ScopeColumn[] {
  return columns.map((column, i) => ({ name: names[i] ?? column.name, column }));
}

function bindDerived(
  { query, lateral: isLateral, alias }: DerivedTable,
  place: QueryPlace,
  lateral: Scope,
): BoundTable {
  const { context, ctes } = place;
  const outer = isLateral === true ? siteOf(lateral, place, "a LATERAL subquery") : place.outer;
  const base = { context, outer, ctes };
  const bound = context.binder.query(query, isLateral === true ? base : { ...base, hidden: lateral.visible });
  return renamed(relationOf(bound.plan, undefined, namedColumns(bound.columns)), alias);
}

/** The site of expressions in FROM that see the tables to their left. */
export function siteOf(scope: Scope, { context, ctes }: QueryPlace, clause: string): ExpressionSite {
  return { context, scope, ctes, clause, allows: SCALARS_ONLY };
}

const SAMPLE_METHODS = ["bernoulli", "system", "reservoir"] as const;

function sample(plan: Plan, node: TableSample, place: QueryPlace, span: Span | undefined): Plan {
  const { context } = place;
  const site = siteOf(new Scope(NOTHING_VISIBLE, undefined), place, "TABLESAMPLE");
  const rows = node.unit === "rows";
  const name = node.method?.toLowerCase() ?? (rows ? "reservoir" : "system");
  const known = name === "row" ? "bernoulli" : name === "block" ? "system" : name;
  const method = SAMPLE_METHODS.find((one) => one === known);
  const [argument] = node.arguments;
  if (method === undefined || argument === undefined || node.arguments.length > 1) {
    throw unsupported(
      `TABLESAMPLE ${name.toUpperCase()}`,
      span,
      "use BERNOULLI (percent) or SYSTEM (percent)",
    );
  }
  const bind = (one: typeof argument): ReturnType<typeof coerceImplicit> =>
    coerceImplicit(context.binder.expression(one, site), DOUBLE, "The argument of TABLESAMPLE", context);
  return {
    kind: "sample",
    input: plan,
    method: rows ? "reservoir" : method,
    amount: bind(argument),
    seed: node.seed === undefined ? null : bind(node.seed),
  };
}
