/**
 * A database as an HTTP service: `liveviewApp(db)` gives a Hono app with all routes under `/v1`.
 *
 * The app is a `{ fetch }` like any other: `deno serve`, Bun, workerd and `@hono/node-server` take it as it is, and
 * another Hono app mounts it under any path with `route`.
 *
 * @module
 */
import type { AppDatabase, LiveviewHono } from "./app_context.ts";
import type { LiveviewAppOptions } from "./app_options.ts";
import { arrowFormat } from "./arrow_format.ts";
import { edgeApp } from "./edge_app.ts";

/**
 * An app that serves `db`.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { createDatabase } from "../../mod.ts";
 * import { liveviewApp } from "./app.ts";
 *
 * await using db = createDatabase();
 * const app = liveviewApp(db);
 * const answer = await app.fetch(new Request("http://localhost/v1/query", {
 *   method: "POST",
 *   headers: { "content-type": "application/json" },
 *   body: JSON.stringify({ sql: "SELECT $1 + 1 AS next", params: [41] }),
 * }));
 * assert((await answer.json()).rows[0].next === 42);
 * ```
 */
export function liveviewApp(db: AppDatabase, options: LiveviewAppOptions = {}): LiveviewHono {
  return edgeApp(db, { arrow: arrowFormat, ...options });
}
