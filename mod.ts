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
export type { Limits } from "./src/kernel/limits.ts";
export { QueryResult, type ResultColumn, type ResultSource } from "./src/kernel/query_result.ts";
export { ContextKey, QueryContext, type QueryOptions } from "./src/kernel/query_context.ts";
export type { OutputOptions } from "./src/kernel/value_output.ts";
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
  CommitBatch,
  KernelHooks,
  SubscribeOptions,
} from "./src/kernel/hooks.ts";
export type { PluginHost } from "./src/kernel/plugin_host.ts";
export {
  aggregates,
  scalarFunctions,
  type SystemTable,
  systemTables,
  tableFunctions,
} from "./src/kernel/extension_points.ts";
export {
  avg,
  call,
  column,
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
export type { AggregateDefinition, ScalarFunction, TableFunctionDefinition } from "./src/query/function.ts";
export {
  AccessError,
  type ErrorCode,
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
export type { Datum, Interval, Numeric, SqlType } from "./src/storage/sql_type.ts";
export type { BatchColumn, ColumnBatch } from "./src/storage/column_batch.ts";
export type { Vector } from "./src/storage/vector.ts";
export { materializedViews, type MaterializedViewsApi } from "./plugins/materialized_views/plugin.ts";
