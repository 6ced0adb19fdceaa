/**
 * The materialized views of a database, where it has the plugin: plugins are known by name only.
 *
 * @module
 */
import type { MaterializedViewsApi } from "../../plugins/materialized_views/plugin.ts";
import type { AppDatabase } from "./app_context.ts";

/** The API of the plugin; `undefined` without it. */
export function viewsApi(db: AppDatabase): MaterializedViewsApi | undefined {
  // One plugin a name, and this name is its own.
  return (db.plugins as Readonly<Record<string, unknown>>)["materializedViews"] as
    | MaterializedViewsApi
    | undefined;
}
