/**
 * Scopes: which names an expression can see, innermost query first.
 *
 * A scope holds what the FROM clause of one query makes visible: `columns` for plain names and `*`, and
 * `relations` for qualified names. They differ after USING, which merges two columns into one plain name, and
 * after an aliased join, which hides the names inside. A scope's `outer` is the site of the enclosing query's
 * expression: a name that is found there is a correlated column, and an aggregate over such columns alone
 * belongs to that query.
 *
 * ```
 *   SELECT ... WHERE EXISTS (SELECT ... FROM b WHERE b.x = a.x)
 *   scope(a) <-- outer -- scope(b) <-- site of "b.x = a.x"
 * ```
 *
 * A lookup is linear in the columns in scope.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { BOOLEAN, JSON_TYPE, TEXT } from "../storage/sql_type.ts";
import type { ColumnReference, QualifiedName, Span } from "./ast.ts";
import { at, type BindContext } from "./bind_context.ts";
import type { QueryCollector } from "./bind_collector.ts";
import { nearestName, suggestion } from "./name_suggestion.ts";
import type { ColumnId, Plan, PlanColumn, Scalar } from "./plan.ts";

/** A column under the name by which it is visible. */
export interface ScopeColumn {
  readonly name: string;
  readonly column: PlanColumn;
}

/** A table reference under its alias. */
export interface ScopeRelation {
  /** The alias or table name; undefined for a subquery without one. */
  readonly name: string | undefined;
  /** The full name of a table that has no alias: `schema.table.column` refers to it. */
  readonly path?: readonly string[];
  readonly columns: readonly ScopeColumn[];
  /** The primary key's columns, when it is a stored table that has one. */
  readonly key?: readonly ColumnId[];
}

/** What a table reference makes visible. */
export interface Visible {
  readonly relations: readonly ScopeRelation[];
  /** Plain names, in the order of `*`. */
  readonly columns: readonly ScopeColumn[];
}

/** Nothing visible: a query without FROM. */
export const NOTHING_VISIBLE: Visible = { relations: [], columns: [] };

/** Both sides of a comma or a join without USING. */
export function bothVisible(left: Visible, right: Visible): Visible {
  return {
    relations: [...left.relations, ...right.relations],
    columns: [...left.columns, ...right.columns],
  };
}

/** A common table that is in scope. */
export interface CteEntry {
  readonly name: string;
  /** The relation of a reference: a scan of the materialised table, or the query in place. */
  readonly reference: (span: Span | undefined) => { plan: Plan; columns: readonly ScopeColumn[] };
}

/** Common tables in scope, innermost first. */
export interface CteScope {
  readonly entry: CteEntry;
  readonly outer: CteScope | undefined;
}

/** The innermost common table of that name. */
export function findCte(ctes: CteScope | undefined, name: string): CteEntry | undefined {
  for (let scope = ctes; scope !== undefined; scope = scope.outer) {
    if (scope.entry.name === name) return scope.entry;
  }
  return undefined;
}

/** Names of the common tables in scope, for suggestions. */
export function cteNames(ctes: CteScope | undefined): string[] {
  const names: string[] = [];
  for (let scope = ctes; scope !== undefined; scope = scope.outer) names.push(scope.entry.name);
  return names;
}

/** Where an expression stands: what it sees and what it may contain. */
export interface ExpressionSite {
  readonly context: BindContext;
  readonly scope: Scope;
  readonly ctes: CteScope | undefined;
  /** For messages: `WHERE`, `an aggregate`, `JOIN ... ON`, ... */
  readonly clause: string;
  /** Takes aggregates, window calls and set-returning calls out of the expression. */
  readonly collector?: QueryCollector;
  readonly allows: { readonly aggregates: boolean; readonly windows: boolean; readonly sets: boolean };
  /** Binds an alias of the SELECT list where no column has that name. */
  readonly alias?: (name: string, site: ExpressionSite) => Scalar | undefined;
  /** What merge_action() gives, in the RETURNING of a MERGE. */
  readonly mergeAction?: Scalar;
}

/** Nothing but plain scalar expressions. */
export const SCALARS_ONLY: ExpressionSite["allows"] = { aggregates: false, windows: false, sets: false };

/** The site of a branch that not every row reaches: functions that give rows cannot stand there. */
export function withoutSets(site: ExpressionSite, clause: string): ExpressionSite {
  return site.allows.sets ? { ...site, clause, allows: { ...site.allows, sets: false } } : site;
}

/** The names that one query's FROM makes visible, inside those of the enclosing query. */
export class Scope {
  readonly visible: Visible;
  readonly outer: ExpressionSite | undefined;
  /** Items of the same FROM that may not be named here, for a better message. */
  readonly hidden: Visible;
  readonly #ids: ReadonlySet<ColumnId>;

  constructor(visible: Visible, outer: ExpressionSite | undefined, hidden: Visible = NOTHING_VISIBLE) {
    this.visible = visible;
    this.outer = outer;
    this.hidden = hidden;
    const ids = new Set<ColumnId>();
    for (const { column } of visible.columns) ids.add(column.id);
    for (const relation of visible.relations) for (const { column } of relation.columns) ids.add(column.id);
    this.#ids = ids;
  }

  /** Whether the column is one of this scope's own. */
  owns(id: ColumnId): boolean {
    return this.#ids.has(id);
  }

  /** The relation of that name, the last part of which is its alias. */
  relation(path: readonly string[]): ScopeRelation | undefined {
    return this.visible.relations.find((relation) => matchesPath(relation, path));
  }

  /** The column of a plain name in this scope alone. Throws when two have it. */
  column(name: string, span?: Span): PlanColumn | undefined {
    return uniqueColumn(this.visible.columns, name, span, () => this.#qualifiers(name));
  }

  #qualifiers(name: string): string[] {
    return this.visible.relations
      .filter((relation) => relation.name !== undefined && relation.columns.some((one) => one.name === name))
      .map((relation) => `${relation.name}.${name}`);
  }
}

function matchesPath(relation: ScopeRelation, path: readonly string[]): boolean {
  const [first] = path;
  if (path.length === 1) return relation.name === first;
  const own = relation.path;
  if (own === undefined || path.length > own.length) return false;
  return path.every((part, i) => own[own.length - path.length + i] === part);
}

function uniqueColumn(
  columns: readonly ScopeColumn[],
  name: string,
  span: Span | undefined,
  qualifiers: () => string[],
): PlanColumn | undefined {
  const found = columns.filter((one) => one.name === name);
  const [first] = found;
  if (first === undefined) return undefined;
  if (found.every((one) => one.column.id === first.column.id)) return first.column;
  const options = qualifiers();
  throw new QueryError("ambiguous-name", `Column name is ambiguous: received "${name}"`, {
    details: at(span, { column: name, candidates: options }),
    hint: options.length === 0 ? "rename one of them" : `write ${options.join(" or ")}`,
  });
}

/** The expression of a column in the plan. */
export function columnScalar(column: PlanColumn, span?: Span): Scalar {
  const { id, name, type } = column;
  return span === undefined ? { kind: "column", id, name, type } : { kind: "column", id, name, type, span };
}

/** Resolves a column reference through the scopes. Throws `unknown-column` or `ambiguous-name`. */
export function resolveColumn(reference: ColumnReference, site: ExpressionSite): Scalar {
  const { name, span } = reference;
  const parts = name.map((part) => part.name);
  const column = findColumn(parts, site, span);
  if (column !== undefined) return columnScalar(column, span);
  const [plain] = parts;
  if (parts.length === 1 && plain !== undefined) {
    const alias = site.alias?.(plain, site) ?? wholeRow(plain, site, span);
    if (alias !== undefined) return alias;
  }
  throw unknownColumn(parts, site, span);
}

/** A table's name as a value: its row as a JSON object, NULL for a row that an outer join has not found. */
function wholeRow(name: string, site: ExpressionSite, span: Span | undefined): Scalar | undefined {
  for (let scope: Scope | undefined = site.scope; scope !== undefined; scope = scope.outer?.scope) {
    const relation = scope.relation([name]);
    if (relation === undefined) continue;
    const columns = relation.columns.map((one) => columnScalar(one.column));
    const parts = relation.columns.flatMap((one, i): Scalar[] => [
      { kind: "literal", value: one.name, type: TEXT },
      columns[i]!,
    ]);
    const base = { kind: "call" as const, name: "json_build_object", arguments: parts, type: JSON_TYPE };
    const row: Scalar = span === undefined ? base : { ...base, span };
    const maybeMissing = columns.length > 0 &&
      relation.columns.every((one) => site.context.isNullable(one.column.id));
    if (!maybeMissing) return row;
    const tests = columns.map((argument): Scalar => ({
      kind: "isNull",
      argument,
      negated: false,
      type: BOOLEAN,
    }));
    const when: Scalar = tests.length === 1 ? tests[0]! : { kind: "and", arguments: tests, type: BOOLEAN };
    const missing: Scalar = { kind: "literal", value: null, type: JSON_TYPE };
    return { kind: "case", branches: [{ when, then: missing }], otherwise: row, type: JSON_TYPE };
  }
  return undefined;
}

/** The column that the parts name, through the scopes; undefined when there is none. */
export function findColumn(
  parts: readonly string[],
  site: ExpressionSite,
  span: Span | undefined,
): PlanColumn | undefined {
  const path = parts.slice(0, -1);
  const name = parts.at(-1) ?? "";
  for (let scope: Scope | undefined = site.scope; scope !== undefined; scope = scope.outer?.scope) {
    if (path.length === 0) {
      const column = scope.column(name, span);
      if (column !== undefined) return column;
      continue;
    }
    const relation = scope.relation(path);
    if (relation === undefined) continue;
    const column = uniqueColumn(relation.columns, name, span, () => []);
    if (column !== undefined) return column;
    const names = relation.columns.map((one) => one.name);
    throw new QueryError("unknown-column", `Unknown column: received ${parts.join(".")}`, {
      details: at(span, { column: name, table: path.join(".") }),
      ...hintOf(suggestion(name, names) ?? `"${path.join(".")}" has ${listNames(names)}`),
    });
  }
  return undefined;
}

/** The relation that `t.*` names, through the scopes. Throws `unknown-table`. */
export function resolveRelation(
  name: QualifiedName,
  site: ExpressionSite,
  span: Span | undefined,
): ScopeRelation {
  const path = name.map((part) => part.name);
  for (let scope: Scope | undefined = site.scope; scope !== undefined; scope = scope.outer?.scope) {
    const relation = scope.relation(path);
    if (relation !== undefined) return relation;
  }
  throw unknownRelation(path, site, span);
}

function hintOf(hint: string | undefined): { hint?: string } {
  return hint === undefined ? {} : { hint };
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(", ");
  return names.length > 8 ? `${shown}, ...` : shown;
}

function unknownRelation(path: readonly string[], site: ExpressionSite, span: Span | undefined): QueryError {
  const name = path.join(".");
  const hidden = site.scope.hidden.relations.some((relation) => matchesPath(relation, path));
  const known: string[] = [];
  for (let scope: Scope | undefined = site.scope; scope !== undefined; scope = scope.outer?.scope) {
    for (const relation of scope.visible.relations) {
      if (relation.name !== undefined) known.push(relation.name);
    }
  }
  const nearest = suggestion(name, known);
  const hint = hidden
    ? `"${name}" is in FROM, but cannot be named from here: write LATERAL before the subquery`
    : nearest ?? (known.length === 0 ? "the query has no FROM" : `FROM has ${listNames(known)}`);
  return new QueryError("unknown-table", `No such table in FROM: received "${name}"`, {
    details: at(span, { table: name }),
    hint,
  });
}

function unknownColumn(parts: readonly string[], site: ExpressionSite, span: Span | undefined): QueryError {
  if (parts.length > 1) return unknownRelation(parts.slice(0, -1), site, span);
  const name = parts[0] ?? "";
  const known: string[] = [];
  for (let scope: Scope | undefined = site.scope; scope !== undefined; scope = scope.outer?.scope) {
    for (const column of scope.visible.columns) known.push(column.name);
  }
  const hidden = site.scope.hidden.columns.some((column) => column.name === name);
  const nearest = nearestName(name, known);
  const hint = hidden
    ? `a table in FROM has it, but it cannot be named from here: write LATERAL before the subquery`
    : nearest !== undefined
    ? `did you mean "${nearest}"?`
    : known.length === 0
    ? "the query has no FROM, so there are no columns"
    : `in scope are ${listNames([...new Set(known)])}`;
  return new QueryError("unknown-column", `Unknown column: received "${name}"`, {
    details: at(span, { column: name }),
    hint,
  });
}
