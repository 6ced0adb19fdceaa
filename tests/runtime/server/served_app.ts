/**
 * The app that every runtime serves to the suite. It is made at the first request: isolates of an edge may read neither
 * clock nor chance before it.
 *
 * @module
 */
import { liveviewApp } from "../../../connectors/hono/app.ts";
import { materializedViews } from "../../../plugins/materialized_views/plugin.ts";
import { createDatabase } from "../../../src/kernel/database.ts";

/** Options of `liveviewApp` that a runtime brings along. */
export type AppOptions = NonNullable<Parameters<typeof liveviewApp>[1]>;

/** An app over an empty database, whose anonymous callers may do everything. */
export function servedApp(options: AppOptions = {}): {
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
} {
  let app: ReturnType<typeof liveviewApp> | undefined;
  return {
    fetch: (request, env) => {
      app ??= liveviewApp(createDatabase({ plugins: [materializedViews()] }), {
        anonymous: "admin",
        ...options,
      });
      return app.fetch(request, env as Record<string, unknown>);
    },
  };
}
