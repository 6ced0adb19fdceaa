/**
 * The kernel's own extension points: where plugins add functions, system tables and routes.
 *
 * @module
 */
import type { AggregateDefinition, ScalarFunction, TableFunctionDefinition } from "../query/function.ts";
import type { SqlType } from "../storage/sql_type.ts";
import type { HttpRoute } from "./http_route.ts";
import { ExtensionPoint } from "./plugin.ts";

/** A read-only table whose rows are made when it is read, such as `liveview.views`. */
export interface SystemTable {
  /** Qualified by dots, lower case. */
  readonly name: string;
  /** Names and types, in order. */
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
  /** Rows as JavaScript values by column name. */
  rows(): readonly Readonly<Record<string, unknown>>[];
}

/** Custom metrics: user-defined aggregates. The state type is the definition's own affair. */
// deno-lint-ignore no-explicit-any -- the only place where aggregates of every state type meet
export const aggregates: ExtensionPoint<AggregateDefinition<any>> = new ExtensionPoint("aggregates");
/** User-defined scalar functions. */
export const scalarFunctions: ExtensionPoint<ScalarFunction> = new ExtensionPoint("scalarFunctions");
/** User-defined table functions. */
export const tableFunctions: ExtensionPoint<TableFunctionDefinition> = new ExtensionPoint("tableFunctions");
/** System tables of plugins. */
export const systemTables: ExtensionPoint<SystemTable> = new ExtensionPoint("systemTables");
/** Routes of plugins below those of the HTTP adapter. */
export const httpRoutes: ExtensionPoint<HttpRoute> = new ExtensionPoint("httpRoutes");
