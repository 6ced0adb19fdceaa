/**
 * INSERT: a plan that gives whole rows of the table, and what to do on a conflict.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type { Identifier, Insert, OnConflict, Query, Values } from "./ast.ts";
import { coerceBoolean, coerceForAssignment } from "./bind_cast.ts";
import { at, type BoundRelation, type QueryPlace, unsupported } from "./bind_context.ts";
import { bindWith } from "./bind_cte.ts";
import { columnScalar, type ExpressionSite, NOTHING_VISIBLE, SCALARS_ONLY, Scope } from "./bind_scope.ts";
import {
  assignedScalar,
  bindAssignments,
  bindReturning,
  columnOrdinal,
  computedColumn,
  defaultScalar,
  generatedOrdinals,
  generatedScalar,
  refuseComputed,
  rowColumns,
  rowRelation,
  targetTable,
} from "./bind_target.ts";
import { castRelation } from "./bind_unknown.ts";
import type { BoundInsert } from "./bound_statement.ts";
import type { CatalogTable } from "./catalog.ts";
import type { Plan, PlanColumn, ProjectItem, Scalar } from "./plan.ts";

/** What the parts of an INSERT share. */
interface Inserting {
  readonly statement: Insert;
  readonly table: CatalogTable;
  readonly place: QueryPlace;
  /** The name of the row in expressions. */
  readonly name: string;
}

/** Binds an INSERT. */
export function bindInsert(statement: Insert, outerPlace: QueryPlace): BoundInsert {
  const { context } = outerPlace;
  const table = targetTable(statement.table, outerPlace);
  if (statement.onConflict !== undefined || statement.returning !== undefined) {
    context.inlineCommonTables = true;
  }
  const common = bindWith(statement.with, statement, outerPlace);
  const place = { ...outerPlace, ctes: common.ctes };
  const inserting = { statement, table, place, name: statement.alias?.name ?? table.name };
  const source = common.wrap(withGenerated(rows(inserting), inserting));
  const row = rowColumns(table, context);
  const relation = rowRelation(inserting.name, row);
  const returning = bindReturning(statement.returning, {
    context,
    scope: new Scope({ relations: [relation], columns: relation.columns }, undefined),
    ctes: place.ctes,
    clause: "RETURNING",
    allows: SCALARS_ONLY,
  });
  const onConflict = bindConflict(inserting);
  return {
    kind: "insert",
    table: table.name,
    parameters: [],
    source: source.plan,
    sourceColumns: source.columns.map((column) => column.id),
    row,
    ...(onConflict === undefined ? {} : { onConflict }),
    ...(returning === undefined ? {} : { returning }),
  };
}

/** The ordinals that the values go to, in their order. */
function targetOrdinals({ statement, table }: Inserting): readonly number[] {
  if (statement.columns === undefined) return table.columns.map((_, ordinal) => ordinal);
  const ordinals = statement.columns.map((column) => columnOrdinal(table, column));
  const twice = ordinals.findIndex((ordinal, i) => ordinals.indexOf(ordinal) !== i);
  if (twice >= 0) {
    const column = statement.columns[twice]!;
    throw new QueryError("invalid-statement", `Column "${column.name}" is listed twice`, {
      details: at(column.span, { column: column.name }),
    });
  }
  return ordinals;
}

/** Without a column list the last columns may be left out; with one every column needs its value. */
function checkCount({ statement, table }: Inserting, ordinals: readonly number[], actual: number): void {
  const expected = ordinals.length;
  if (actual === expected || (statement.columns === undefined && actual < expected)) return;
  const values = `${expected} value${expected === 1 ? "" : "s"}`;
  throw new QueryError(
    "column-count",
    `INSERT into "${table.name}" expects ${values} per row: received ${actual}`,
    {
      details: at(statement.query?.span ?? statement.span, { table: table.name, expected, actual }),
      hint: `the columns are ${
        ordinals.slice(0, 12).map((ordinal) => table.columns[ordinal]!.name).join(", ")
      }`,
    },
  );
}

/** Whole rows but for generated columns, which are NULL here. */
function rows(inserting: Inserting): BoundRelation {
  const { statement } = inserting;
  const ordinals = targetOrdinals(inserting);
  if (statement.query === undefined) return valueRows([[]], ordinals.slice(0, 0), inserting);
  const values = plainValues(statement.query);
  if (values === undefined) return queryRows(statement.query, ordinals, inserting);
  for (const row of values.rows) checkCount(inserting, ordinals, row.length);
  return valueRows(values.rows, ordinals, inserting);
}

function plainValues(query: Query): Values | undefined {
  const { body, with: common, orderBy, limit, offset, fetch } = query;
  const plain = [common, orderBy, limit, offset, fetch].every((clause) => clause === undefined);
  return plain && body.kind === "values" ? body : undefined;
}

function valueRows(values: Values["rows"], ordinals: readonly number[], inserting: Inserting): BoundRelation {
  const { table, place, statement } = inserting;
  const { context, ctes } = place;
  const site: ExpressionSite = {
    context,
    scope: new Scope(NOTHING_VISIBLE, undefined),
    ctes,
    clause: "VALUES",
    allows: SCALARS_ONLY,
  };
  const position = table.columns.map((_, ordinal) => ordinals.indexOf(ordinal));
  const rows = values.map((row) =>
    table.columns.map((column, ordinal): Scalar => {
      const given = row[position[ordinal]!];
      if (given === undefined || (statement.overriding === "user" && column.identity !== undefined)) {
        return defaultScalar(table, column, place);
      }
      if (statement.overriding === "system" && column.identity !== undefined && given.kind !== "default") {
        return coerceForAssignment(context.binder.expression(given, site), column.type, column.name, context);
      }
      return assignedScalar(given, { table, ordinal, site, place });
    })
  );
  const columns = rowColumns(table, context).map((column) => ({ ...column, nullable: true }));
  return { plan: { kind: "values", columns, rows }, columns };
}

function queryRows(query: Query, ordinals: readonly number[], inserting: Inserting): BoundRelation {
  const { table, place, statement } = inserting;
  const { context } = place;
  const bound = context.binder.query(query, {
    context,
    outer: undefined,
    ctes: place.ctes,
    keepUnknown: true,
  });
  checkCount(inserting, ordinals, bound.columns.length);
  // Only open columns get the table's type here: others are cast as an assignment below.
  const types = bound.columns.map((column, i) =>
    column.type.kind === "null" ? table.columns[ordinals[i]!]!.type : column.type
  );
  const relation = castRelation(bound, types, context);
  const items = table.columns.map((column, ordinal): ProjectItem => {
    const given = relation.columns[ordinals.indexOf(ordinal)];
    if (given === undefined || (statement.overriding === "user" && column.identity !== undefined)) {
      return computedColumn(column.name, defaultScalar(table, column, place), context);
    }
    if (column.identity !== "always" || statement.overriding !== "system") refuseComputed(column, query.span);
    return computedColumn(
      column.name,
      coerceForAssignment(columnScalar(given), column.type, column.name, context),
      context,
    );
  });
  return { plan: { kind: "project", input: relation.plan, items }, columns: plainColumns(items) };
}

function plainColumns(items: readonly ProjectItem[]): readonly PlanColumn[] {
  return items.map(({ expression: _, ...column }) => column);
}

/** Computes the generated columns from the others. */
function withGenerated(relation: BoundRelation, { table, place }: Inserting): BoundRelation {
  if (generatedOrdinals(table).length === 0) return relation;
  const { columns, plan } = relation;
  const items = table.columns.map((column, ordinal): ProjectItem => {
    if (column.generated === undefined) {
      return { ...columns[ordinal]!, expression: columnScalar(columns[ordinal]!) };
    }
    const scalar = generatedScalar(table, ordinal, (other) => columnScalar(columns[other]!), place);
    return computedColumn(column.name, scalar, place.context);
  });
  return { plan: { kind: "project", input: plan, items } satisfies Plan, columns: plainColumns(items) };
}

function bindConflict(inserting: Inserting): BoundInsert["onConflict"] {
  const { statement, table, place, name } = inserting;
  const { context } = place;
  const clause = statement.onConflict ?? shortConflict(inserting);
  if (clause === undefined) return undefined;
  const key = conflictKey(clause, table);
  const existing = rowColumns(table, context);
  const proposed = rowColumns(table, context);
  const base = { existing, proposed, ...(key === undefined ? {} : { key }) };
  const { action } = clause;
  if (action.kind === "nothing") return { ...base, action };
  if (key === undefined) {
    throw new QueryError("invalid-statement", "ON CONFLICT DO UPDATE needs the columns of a unique key", {
      details: at(clause.span),
      hint: "write ON CONFLICT (columns) DO UPDATE",
    });
  }
  const own = rowRelation(name, existing);
  const site: ExpressionSite = {
    context,
    scope: new Scope(
      { relations: [own, rowRelation("excluded", proposed)], columns: own.columns },
      undefined,
    ),
    ctes: place.ctes,
    clause: "ON CONFLICT DO UPDATE",
    allows: SCALARS_ONLY,
  };
  const assigned = bindAssignments(action.set, { table, site, place });
  const generated = generatedOrdinals(table).map((ordinal) => ({
    ordinal,
    expression: generatedScalar(
      table,
      ordinal,
      (other) => assigned.find((one) => one.ordinal === other)?.expression ?? columnScalar(existing[other]!),
      place,
    ),
  }));
  const where = action.where === undefined
    ? null
    : coerceBoolean(context.binder.expression(action.where, site), "WHERE", context);
  return { ...base, action: { kind: "update", set: [...assigned, ...generated], where } };
}

/** `INSERT OR REPLACE` and `INSERT OR IGNORE`. */
function shortConflict({ statement, table }: Inserting): OnConflict | undefined {
  if (statement.or === undefined) return undefined;
  if (statement.or === "ignore") return { action: { kind: "nothing" } };
  if (table.primaryKey.length === 0) {
    throw new QueryError(
      "invalid-statement",
      `INSERT OR REPLACE needs a primary key: "${table.name}" has none`,
      {
        details: at(statement.span, { table: table.name }),
        hint: "use INSERT, or declare a primary key",
      },
    );
  }
  const set = table.columns
    .filter((column) =>
      column.generated === undefined && column.identity !== "always" &&
      !table.primaryKey.includes(column.name)
    )
    .map((column) => ({
      columns: [[{ name: column.name }]],
      value: { kind: "column" as const, name: [{ name: "excluded" }, { name: column.name }] },
    }));
  const target = table.primaryKey.map((name) => ({ kind: "column" as const, name: [{ name }] }));
  return { target, action: set.length === 0 ? { kind: "nothing" } : { kind: "update", set } };
}

/** The unique key that ON CONFLICT means; undefined for any. */
function conflictKey(clause: OnConflict, table: CatalogTable): readonly string[] | undefined {
  const keys = [table.primaryKey, ...table.uniqueKeys].filter((key) => key.length > 0);
  const listed = keys.map((key) => `(${key.join(", ")})`).join(", ");
  const hint = keys.length === 0 ? `"${table.name}" has no unique key` : `unique keys are ${listed}`;
  if (clause.targetWhere !== undefined) {
    throw unsupported("ON CONFLICT with WHERE in its target", clause.span);
  }
  if (clause.constraint !== undefined) return constraintKey(clause.constraint, table, hint);
  if (clause.target === undefined) return undefined;
  const names = clause.target.map((expression) => {
    const [name] = expression.kind === "column" && expression.name.length === 1 ? expression.name : [];
    if (name === undefined) {
      throw unsupported("An expression as the target of ON CONFLICT", expression.span, hint);
    }
    return table.columns[columnOrdinal(table, name)]!.name;
  });
  const key = keys.find((one) => one.length === names.length && names.every((name) => one.includes(name)));
  if (key !== undefined) return key;
  throw new QueryError("invalid-statement", `No unique key for ON CONFLICT: received (${names.join(", ")})`, {
    details: at(clause.span, { table: table.name, columns: names }),
    hint,
  });
}

function constraintKey({ name, span }: Identifier, table: CatalogTable, hint: string): readonly string[] {
  if (name === `${table.name}_pkey` && table.primaryKey.length > 0) return table.primaryKey;
  const key = table.uniqueKeys.find((one) => name === `${table.name}_${one.join("_")}_key`);
  if (key !== undefined) return key;
  throw new QueryError("unknown-object", `Unknown constraint for ON CONFLICT: received "${name}"`, {
    details: at(span, { constraint: name }),
    hint,
  });
}
