/**
 * LiveViewDB: an in-process analytics engine that keeps the answers of dashboards up to date while the data
 * changes.
 *
 * @example A table, a maintained view, a change
 * ```ts
 * import { assert } from "@std/assert";
 * import { createDatabase, materializedViews } from "./mod.ts";
 *
 * await using db = createDatabase({ plugins: [materializedViews()] });
 * await db.exec(`
 *   CREATE TABLE orders (id BIGINT PRIMARY KEY, day DATE, price DECIMAL(15,2));
 *   CREATE MATERIALIZED VIEW daily AS SELECT day, sum(price) AS revenue FROM orders GROUP BY day;
 * `);
 * await db.insert("orders", [{ id: 1, day: "2024-05-01", price: 9.5 }, { id: 2, day: "2024-05-01", price: 3 }]);
 * const daily = await db.query("SELECT revenue FROM daily");
 * assert(daily.column("revenue")[0] === 12.5);
 * ```
 *
 * @module
 */
export {
  createDatabase,
  Database,
  type DatabaseOptions,
  type DatabaseTransaction,
  type MemoryReport,
  type Queryable,
  type StatementInput,
} from "./src/kernel/database.ts";
export type { InputRows } from "./src/kernel/insert.ts";
export type { KeyedRows } from "./src/kernel/keyed_write.ts";
export type { Lineage, LineageEdge } from "./src/kernel/lineage.ts";
export type { Limits } from "./src/kernel/limits.ts";
/**
 * The query AST as plain data: what SQL text, the builder and JSON become. For plugins and tools that read or
 * rewrite queries; node kinds may be added in any release.
 *
 * @internal
 */
export type * as ast from "./src/query/ast.ts";
/**
 * The bound plan as plain data: relational algebra with column ids and types. For plugins that rewrite plans; node
 * kinds may be added in any release.
 *
 * @internal
 */
export type * as plan from "./src/query/plan.ts";
export type { Catalog, CatalogColumn, CatalogTable, CatalogView } from "./src/query/catalog.ts";
export {
  QueryResult,
  type ResultColumn,
  type ResultFreshness,
  type ResultSource,
} from "./src/kernel/query_result.ts";
export { ContextKey, QueryContext, type QueryOptions } from "./src/kernel/query_context.ts";
export type { StatementReads } from "./src/kernel/statement_reads.ts";
export type { StatementSession } from "./src/kernel/statement_session.ts";
export type { OutputOptions } from "./src/kernel/value_output.ts";
export type { OperatorStatistics } from "./src/exec/execution.ts";
export { Explanation } from "./src/kernel/run_explain.ts";
export {
  type ApisOf,
  type Contribution,
  definePlugin,
  ExtensionPoint,
  type First,
  type Handler,
  type HookName,
  type Notify,
  type Plugin,
  type PluginHooks,
  type PluginInstance,
  type Waterfall,
} from "./src/kernel/plugin.ts";
export type {
  CatalogChange,
  Change,
  ChangeRow,
  ChangeStream,
  CommitBatch,
  KernelHooks,
  SubscribeOptions,
  SubscriptionEnd,
} from "./src/kernel/hooks.ts";
export type { Admission, Task } from "./src/scheduler/task.ts";
export type { DeltaChunk, DeltaRun, TableDelta } from "./src/storage/delta.ts";
export type { ReferenceViolation } from "./src/storage/reference_check.ts";
export type { PluginHost } from "./src/kernel/plugin_host.ts";
export { type Principal, principalKey } from "./src/kernel/principal.ts";
export type { HttpCall, HttpRoute } from "./src/kernel/http_route.ts";
export {
  aggregates,
  httpRoutes,
  scalarFunctions,
  type SystemTable,
  systemTables,
  tableFunctions,
} from "./src/kernel/extension_points.ts";
export {
  avg,
  call,
  column,
  type ColumnName,
  count,
  countDistinct,
  from,
  literal,
  type LiteralValue,
  max,
  min,
  type Operand,
  type Ordering,
  parameter,
  QueryBuilder,
  Scalar,
  sum,
} from "./src/query/builder.ts";
export { queryFromJson } from "./src/query/json_query.ts";
export type {
  AggregateDefinition,
  AggregateSignature,
  CallContext,
  ScalarFunction,
  ScalarSignature,
  TableFunctionDefinition,
  TypePattern,
} from "./src/query/function.ts";
export {
  AccessError,
  type ErrorCode,
  type ErrorOptions,
  InvariantError,
  LimitError,
  LiveViewError,
  PluginError,
  QueryError,
  SchemaError,
  type SourcePlace,
} from "./src/base/error.ts";
export { type Clock, ManualClock, systemClock } from "./src/base/clock.ts";
export { type Random, SeededRandom } from "./src/base/random.ts";
export type { Datum, Interval, Numeric, SqlType, SqlTypeKind } from "./src/storage/sql_type.ts";
export type { BatchColumn, ColumnBatch, NumberArray } from "./src/storage/column_batch.ts";
export type { Dictionary } from "./src/storage/dictionary.ts";
export type {
  BigintVector,
  BooleanVector,
  CodeVector,
  Float64Vector,
  Int32Vector,
  NullBytes,
  ObjectVector,
  StringVector,
  Vector,
} from "./src/storage/vector.ts";
export type { OperatorStatus } from "./src/circuit/circuit.ts";
export {
  type CircuitStatus,
  materializedViews,
  type MaterializedViewsApi,
  type MaterializedViewsOptions,
  type ViewDeclaration,
} from "./plugins/materialized_views/plugin.ts";
export type { RefreshMethod } from "./plugins/materialized_views/refresh_cost.ts";
export type { RefreshMode, RefreshRecord } from "./plugins/materialized_views/refresh_history.ts";
export type {
  RefreshModeProperty,
  RefreshTrigger,
  RowErrorPolicy,
  ViewProperties,
} from "./plugins/materialized_views/refresh_policy.ts";
export type { ViewStatus } from "./plugins/materialized_views/view_status.ts";
