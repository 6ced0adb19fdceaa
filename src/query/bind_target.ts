/**
 * The table that a statement writes to: its row, defaults, assignments, generated columns, RETURNING.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { BIGINT, TEXT } from "../storage/sql_type.ts";
import type { Assignment, Expression, Identifier, QualifiedName, SelectItem, Span } from "./ast.ts";
import { coerce, coerceForAssignment } from "./bind_cast.ts";
import { at, type BindContext, type QueryPlace, unsupported } from "./bind_context.ts";
import { findRelation } from "./bind_from.ts";
import { literal } from "./bind_literal.ts";
import { canBeNull } from "./bind_nullability.ts";
import {
  columnScalar,
  type ExpressionSite,
  NOTHING_VISIBLE,
  SCALARS_ONLY,
  Scope,
  type ScopeColumn,
  type ScopeRelation,
} from "./bind_scope.ts";
import { bindItems } from "./bind_select_item.ts";
import { replaceInScalar } from "./bind_traversal.ts";
import { withoutSpans } from "./bind_unplaced.ts";
import type { BoundAssignment, BoundReturning, RowColumns } from "./bound_statement.ts";
import type { CatalogColumn, CatalogTable } from "./catalog.ts";
import { suggestion } from "./name_suggestion.ts";
import type { PlanColumn, Scalar } from "./plan.ts";

/** The stored table of that name; views and stored views cannot be written to. */
export function targetTable(name: QualifiedName, place: QueryPlace): CatalogTable {
  const span = name.at(-1)?.span;
  const relation = findRelation(name.map((part) => part.name), place, span);
  if (relation.kind === "table") return relation;
  const kind = relation.kind === "view" ? "a view" : "a materialized view";
  throw new QueryError("invalid-statement", `Cannot write to ${kind}: received "${relation.name}"`, {
    details: at(span, { table: relation.name }),
    hint: "write to the tables it reads",
  });
}

/** New columns for a row of the table, in table order. */
export function rowColumns(table: CatalogTable, context: BindContext): RowColumns {
  return table.columns.map((column) => context.newColumn(column.name, column.type, column.nullable));
}

/** A row as a relation in scope. */
export function rowRelation(
  name: string,
  row: RowColumns,
): ScopeRelation & { readonly columns: readonly ScopeColumn[] } {
  return { name, columns: row.map((column) => ({ name: column.name, column })) };
}

/** The ordinal of a column of the table. Throws `unknown-column` with the nearest name. */
export function columnOrdinal(table: CatalogTable, { name, span }: Identifier): number {
  const ordinal = table.columns.findIndex((column) => column.name === name);
  if (ordinal >= 0) return ordinal;
  const names = table.columns.map((column) => column.name);
  throw new QueryError("unknown-column", `Table "${table.name}" has no such column: received "${name}"`, {
    details: at(span, { table: table.name, column: name }),
    hint: suggestion(name, names) ?? `its columns are ${names.slice(0, 12).join(", ")}`,
  });
}

/** What a column holds when no value is given. */
export function defaultScalar(table: CatalogTable, column: CatalogColumn, place: QueryPlace): Scalar {
  const { context } = place;
  if (column.identity !== undefined) {
    const sequence = literal(`${table.name}.${column.name}`, TEXT);
    const call: Scalar = { kind: "call", name: "nextval", arguments: [sequence], type: BIGINT };
    return coerce(call, column.type, context);
  }
  if (column.defaultValue === undefined) return literal(null, column.type);
  const site: ExpressionSite = {
    context,
    scope: new Scope(NOTHING_VISIBLE, undefined),
    ctes: undefined,
    clause: "DEFAULT",
    allows: SCALARS_ONLY,
  };
  const scalar = context.binder.expression(withoutSpans(column.defaultValue), site);
  return coerceForAssignment(scalar, column.type, column.name, context);
}

/** The value for a column; only DEFAULT may be given for generated and ALWAYS columns. */
export function assignedScalar(
  expression: Expression,
  { table, ordinal, site, place }: {
    readonly table: CatalogTable;
    readonly ordinal: number;
    readonly site: ExpressionSite;
    readonly place: QueryPlace;
  },
): Scalar {
  const column = table.columns[ordinal]!;
  if (expression.kind === "default") return defaultScalar(table, column, place);
  refuseComputed(column, expression.span);
  const scalar = site.context.binder.expression(expression, site);
  return coerceForAssignment(scalar, column.type, column.name, site.context);
}

/** Throws when the column computes its own values. */
export function refuseComputed(column: CatalogColumn, span: Span | undefined): void {
  const kind = column.generated !== undefined
    ? "generated"
    : column.identity === "always"
    ? "GENERATED ALWAYS"
    : undefined;
  if (kind === undefined) return;
  throw new QueryError("invalid-statement", `Column "${column.name}" is ${kind} and takes no value`, {
    details: at(span, { column: column.name }),
    hint: "leave it out, or write DEFAULT",
  });
}

/** What SET is bound against. */
export interface AssignmentPlace {
  readonly table: CatalogTable;
  readonly site: ExpressionSite;
  readonly place: QueryPlace;
}

/** The assignments of SET, generated columns not included. */
export function bindAssignments(set: readonly Assignment[], into: AssignmentPlace): BoundAssignment[] {
  const result: BoundAssignment[] = [];
  for (const assignment of set) {
    for (const one of bindAssignment(assignment, into)) {
      if (result.some((other) => other.ordinal === one.ordinal)) {
        const { name } = into.table.columns[one.ordinal]!;
        throw new QueryError("invalid-statement", `Column "${name}" is assigned twice`, {
          details: at(assignment.span, { column: name }),
          hint: "assign it once",
        });
      }
      result.push(one);
    }
  }
  return result;
}

function bindAssignment({ columns, value, span }: Assignment, into: AssignmentPlace): BoundAssignment[] {
  const { table, site, place } = into;
  const ordinals = columns.map((name) => columnOrdinal(table, name.at(-1) ?? { name: "" }));
  if (value.kind === "subquery" && ordinals.length > 1) {
    return ordinals.map((ordinal, i) => {
      const column = table.columns[ordinal]!;
      refuseComputed(column, span);
      const scalar = subqueryColumn(value, i, { count: ordinals.length, span }, site);
      return { ordinal, expression: coerceForAssignment(scalar, column.type, column.name, site.context) };
    });
  }
  const values = value.kind === "row" ? value.items : [value];
  if (values.length !== ordinals.length) throw assignmentCount(ordinals.length, values.length, span);
  return ordinals.map((ordinal, i) => ({
    ordinal,
    expression: assignedScalar(values[i]!, { table, ordinal, site, place }),
  }));
}

function assignmentCount(expected: number, actual: number, span: Span | undefined): QueryError {
  return new QueryError("column-count", `SET assigns ${expected} columns: received ${actual} values`, {
    details: at(span, { expected, actual }),
    hint: "give as many values as columns",
  });
}

/** Column `index` of a subquery of one row; each column binds the query anew. */
function subqueryColumn(
  value: Expression & { kind: "subquery" },
  index: number,
  { count, span }: { readonly count: number; readonly span: Span | undefined },
  site: ExpressionSite,
): Scalar {
  const { context, ctes } = site;
  const { plan, columns } = context.binder.query(value.query, { context, outer: site, ctes });
  if (columns.length !== count) throw assignmentCount(count, columns.length, span);
  const column = columns[index]!;
  const items = [{ ...column, expression: columnScalar(column) }];
  return {
    kind: "subquery",
    form: { kind: "scalar" },
    plan: { kind: "project", input: plan, items },
    type: column.type,
  };
}

/** Ordinals of the generated columns. */
export function generatedOrdinals(table: CatalogTable): readonly number[] {
  return table.columns.flatMap((column, ordinal) => column.generated === undefined ? [] : [ordinal]);
}

/** The value of a generated column over the given values of the row. */
export function generatedScalar(
  table: CatalogTable,
  ordinal: number,
  value: (ordinal: number) => Scalar,
  place: QueryPlace,
): Scalar {
  const { context } = place;
  const column = table.columns[ordinal]!;
  if (column.generated === undefined) {
    throw unsupported(`Column "${column.name}" as a generated one`, undefined);
  }
  const row = rowColumns(table, context);
  const relation = rowRelation(table.name, row);
  const site: ExpressionSite = {
    context,
    scope: new Scope({ relations: [relation], columns: relation.columns }, undefined),
    ctes: undefined,
    clause: "GENERATED",
    allows: SCALARS_ONLY,
  };
  const bound = context.binder.expression(withoutSpans(column.generated), site);
  const scalar = coerceForAssignment(bound, column.type, column.name, context);
  return replaceInScalar(scalar, (part) => {
    if (part.kind !== "column") return undefined;
    const index = row.findIndex((one) => one.id === part.id);
    return index < 0 ? undefined : value(index);
  });
}

/** RETURNING over what `site` sees. */
export function bindReturning(
  items: readonly SelectItem[] | undefined,
  site: ExpressionSite,
): BoundReturning | undefined {
  if (items === undefined) return undefined;
  const { context } = site;
  return {
    items: bindItems(items, site, false).map(({ name, scalar }) => ({
      ...context.newColumn(name, scalar.type, canBeNull(scalar, context)),
      expression: scalar,
    })),
  };
}

/** A new column that holds `expression`. */
export function computedColumn(
  name: string,
  expression: Scalar,
  context: BindContext,
): PlanColumn & { readonly expression: Scalar } {
  return { ...context.newColumn(name, expression.type, canBeNull(expression, context)), expression };
}
