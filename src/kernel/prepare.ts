/**
 * From AST to a plan that can run: bind, let plugins rewrite, optimize; with a cache.
 *
 * Plans are kept with their AST node, and the AST of a text is kept with the text, so a statement that is
 * repeated with other parameters is neither parsed nor planned again. A kept plan is dropped when the
 * catalogue changed, or when a table it reads grew or shrank by more than a factor of four: join orders
 * depend on sizes.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { optimize } from "../planner/optimize.ts";
import type { DataStatement, Query } from "../query/ast.ts";
import { bindQuery, bindStatement } from "../query/binder.ts";
import type { BindEnvironment } from "../query/binder.ts";
import type { BoundStatement } from "../query/bound_statement.ts";
import type { BoundQuery, ColumnId, Plan, Scalar } from "../query/plan.ts";
import { planNodes, planScalars, producedColumns, scalarChildren } from "../query/plan_walk.ts";
import { type Datum, DOUBLE, type SqlType, typeName } from "../storage/sql_type.ts";
import type { Kernel } from "./kernel.ts";
import type { QueryContext } from "./query_context.ts";
import { parametersOf } from "./statement_parameter.ts";
import { typeOfValue, valueToDatum } from "./value_input.ts";

/** A query with its optimized plan. */
export interface PreparedQuery {
  readonly query: BoundQuery;
  readonly tables: readonly string[];
  /** Rows that a node of the plan is expected to give. */
  readonly estimate: (plan: Plan) => number;
}

/** A bound statement with its source plan optimized; a query when its WITH changes data. */
export type PreparedWrite = BoundStatement;

interface CachedPlan<Prepared> {
  readonly prepared: Prepared;
  readonly catalogVersion: number;
  readonly sizes: readonly { readonly table: string; readonly rowCount: number }[];
}

const cachedQueries = new WeakMap<Kernel, WeakMap<object, Map<string, CachedPlan<PreparedQuery>>>>();
const cachedWrites = new WeakMap<Kernel, WeakMap<object, Map<string, CachedPlan<PreparedWrite>>>>();

/** Binds and optimizes `query`, or takes the kept plan. */
export function prepareQuery(
  kernel: Kernel,
  query: Query,
  context: QueryContext,
  types: ParameterTypes = [],
): PreparedQuery {
  const prepare = (): Preparation<PreparedQuery> => {
    const bound = bindQuery(query, bindEnvironment(kernel, context, types));
    const rewritten = kernel.hooks.waterfall("rewritePlan", bound.plan, context);
    const plan = optimizePlan(kernel, rewritten, bound.columns.map((column) => column.id));
    const tables = scannedTables(plan);
    return { prepared: { query: { ...bound, plan }, tables, estimate: kernel.estimator() }, tables };
  };
  // What plugins make of a plan depends on who asks.
  if (kernel.hooks.handles("rewritePlan")) return prepare().prepared;
  return remember(kernel, cachedQueries, { statement: query, key: keyOf(context, types) }, prepare);
}

/** Binds and optimizes a statement that writes, or takes the kept plan. */
export function prepareWrite(
  kernel: Kernel,
  statement: DataStatement,
  context: QueryContext,
  types: ParameterTypes = [],
): PreparedWrite {
  return remember(kernel, cachedWrites, { statement, key: keyOf(context, types) }, () => {
    const bound = optimizeStatement(
      kernel,
      bindStatement(statement, bindEnvironment(kernel, context, types)),
    );
    return { prepared: bound, tables: scannedTables(sourcePlan(bound)) };
  });
}

/** The plan that gives the rows of a statement. */
export function sourcePlan(bound: BoundStatement): Plan {
  return bound.kind === "select" ? bound.query.plan : bound.source;
}

/** The types of a statement's parameters. */
export function parameterTypes(bound: BoundStatement): readonly SqlType[] {
  return bound.kind === "select" ? bound.query.parameters : bound.parameters;
}

function optimizeStatement(kernel: Kernel, bound: BoundStatement): BoundStatement {
  const before = bound.before?.map((change) => ({
    ...change,
    statement: optimizeStatement(kernel, change.statement),
  }));
  const rest = before === undefined ? {} : { before };
  if (bound.kind === "select") {
    return { ...bound, ...rest, query: { ...bound.query, plan: optimizePlan(kernel, bound.query.plan) } };
  }
  return { ...bound, ...rest, source: optimizePlan(kernel, bound.source) };
}

/** Parameter types that the values dictate; a hole leaves the choice to the binder. */
export type ParameterTypes = readonly (SqlType | undefined)[];

/** A prepared statement's parameters as datums. */
export interface BoundParameters<Prepared> {
  readonly prepared: Prepared;
  readonly parameters: readonly Datum[];
}

/**
 * Prepares with parameter values: types come from where the parameters stand; a number that the inferred type
 * cannot hold exactly (1.5 for an INTEGER column) is planned anew as the number it is.
 */
export function withParameters<Prepared>(
  { context, timeZone }: { readonly context: QueryContext; readonly timeZone: string },
  prepare: (types: ParameterTypes) => Prepared,
  parameterTypes: (prepared: Prepared) => readonly SqlType[],
): BoundParameters<Prepared> {
  const values = parameterValues(context);
  let prepared = prepareUntyped(context, values, prepare);
  let types = parameterTypes(prepared);
  requireValues(types.length, context);
  if (types.length === 0) return { prepared, parameters: [] };
  const dictated = values.map((value, i) =>
    types[i] === undefined || fits(value, types[i]) ? undefined : typeOfValue(value) ?? DOUBLE
  );
  if (dictated.some((type) => type !== undefined)) {
    prepared = prepare(dictated);
    types = parameterTypes(prepared);
  }
  return { prepared, parameters: types.map((type, i) => valueToDatum(values[i], type, { timeZone })) };
}

/** Prepares by the uses of the parameters alone; where they leave a choice open, by the types of the values. */
function prepareUntyped<Prepared>(
  context: QueryContext,
  values: readonly unknown[],
  prepare: (types: ParameterTypes) => Prepared,
): Prepared {
  try {
    return prepare([]);
  } catch (error) {
    if (!(error instanceof QueryError) || error.code !== "type-mismatch") throw error;
    if (context.statement !== undefined) requireValues(parametersOf(context.statement).length, context);
    const types = values.map(typeOfValue);
    if (types.every((type) => type === undefined)) throw error;
    return prepare(types);
  }
}

function requireValues(count: number, context: QueryContext): void {
  const received = parameterValues(context).length;
  if (received >= count) return;
  const place = context.statement === undefined ? undefined : parametersOf(context.statement)[received];
  const name = place?.name === undefined ? `$${received + 1}` : `:${place.name}`;
  throw new QueryError(
    "invalid-parameter",
    `No value for parameter ${name}: the statement has ${count} parameters, received ${received}`,
    {
      details: {
        expected: count,
        received,
        parameter: name,
        ...(place?.span === undefined ? {} : { span: place.span }),
      },
      hint: "give a value for each in params",
    },
  );
}

function fits(value: unknown, type: SqlType): boolean {
  if (typeof value !== "number") return true;
  switch (type.kind) {
    case "smallint":
    case "integer":
    case "bigint":
      return Number.isInteger(value);
    case "decimal":
      return Number.isFinite(value) && Number((value * 10 ** type.scale).toPrecision(15)) % 1 === 0;
    case "numeric":
      return Number.isFinite(value);
    default:
      return true;
  }
}

/** Values in the order of `$1`, `$2`, ...; named ones in the order of their names in the object. */
export function parameterValues(context: QueryContext): readonly unknown[] {
  const { params } = context.options;
  if (params === undefined) return [];
  // Array.isArray does not narrow readonly arrays.
  return Array.isArray(params) ? params as readonly unknown[] : Object.values(params);
}

/** For binding with parameters of `types`, and the names of those of `context`. */
export function bindEnvironment(
  kernel: Kernel,
  context: QueryContext,
  types: ParameterTypes,
): BindEnvironment {
  const { params } = context.options;
  return {
    ...kernel.bindEnvironment(),
    parameterTypes: types,
    ...(params !== undefined && !Array.isArray(params) ? { parameterNames: Object.keys(params) } : {}),
  };
}

/** The greatest column id in `plan`, subqueries included. */
export function largestColumnId(plan: Plan): ColumnId {
  let largest = 0;
  for (const id of producedColumns(plan)) largest = Math.max(largest, id);
  for (const node of planNodes(plan)) {
    for (const scalar of planScalars(node)) largest = Math.max(largest, largestIdBelow(scalar));
  }
  return largest;
}

/** The greatest column id in the subqueries of `scalar`; 0 without any. */
export function largestIdBelow(scalar: Scalar): ColumnId {
  const own = scalar.kind === "subquery" ? largestColumnId(scalar.plan) : 0;
  return scalarChildren(scalar).reduce((largest, child) => Math.max(largest, largestIdBelow(child)), own);
}

/** Optimizes `plan`, of which the columns `required` are read: all when absent. */
export function optimizePlan(kernel: Kernel, plan: Plan, required?: readonly ColumnId[]): Plan {
  let next = largestColumnId(plan);
  return optimize(plan, {
    statistics: kernel.store.statistics(),
    catalog: kernel.catalog,
    functions: kernel.functions,
    nextColumnId: () => ++next,
    ...(required === undefined ? {} : { required }),
  });
}

function scannedTables(plan: Plan): readonly string[] {
  const tables = new Set<string>();
  for (const node of planNodes(plan)) if (node.kind === "scan") tables.add(node.table);
  return [...tables];
}

interface Preparation<Prepared> {
  readonly prepared: Prepared;
  readonly tables: readonly string[];
}

/** What a plan depends on besides its statement: types of parameters, and the order of named values. */
function keyOf({ options: { params } }: QueryContext, types: ParameterTypes): string {
  const names = params === undefined || Array.isArray(params) ? "" : JSON.stringify(Object.keys(params));
  return types.length === 0
    ? names
    : names + types.map((type) => type === undefined ? "?" : typeName(type)).join();
}

function remember<Prepared>(
  kernel: Kernel,
  caches: WeakMap<Kernel, WeakMap<object, Map<string, CachedPlan<Prepared>>>>,
  { statement, key }: { readonly statement: object; readonly key: string },
  prepare: () => Preparation<Prepared>,
): Prepared {
  let byStatement = caches.get(kernel);
  if (byStatement === undefined) caches.set(kernel, byStatement = new WeakMap());
  let byKey = byStatement.get(statement);
  if (byKey === undefined) byStatement.set(statement, byKey = new Map());
  const cached = byKey.get(key);
  if (cached !== undefined && isCurrent(kernel, cached)) return cached.prepared;
  const { prepared, tables } = prepare();
  byKey.set(key, {
    prepared,
    catalogVersion: kernel.catalog.version,
    sizes: tables.map((table) => ({ table, rowCount: rowCountOf(kernel, table) })),
  });
  return prepared;
}

function isCurrent(kernel: Kernel, cached: CachedPlan<unknown>): boolean {
  if (cached.catalogVersion !== kernel.catalog.version) return false;
  for (const { table, rowCount } of cached.sizes) {
    const now = rowCountOf(kernel, table);
    if (now > rowCount * 4 + 1000 || now * 4 + 1000 < rowCount) return false;
  }
  return true;
}

function rowCountOf(kernel: Kernel, table: string): number {
  return kernel.store.table(table)?.rowCount ?? 0;
}
