/**
 * The app that every runtime serves to the conformance suite. It is made at the first request: isolates of an edge may
 * read neither clock nor chance before it.
 *
 * @module
 */
import type { LiveviewAppOptions } from "../../../connectors/hono/app_options.ts";
import { conformanceApp } from "../../connectors/hono/conformance/fixture.ts";

/** The app, with what a runtime brings along. */
export function servedApp(options: LiveviewAppOptions = {}): {
  fetch(request: Request, env?: unknown): Promise<Response>;
} {
  let app: ReturnType<typeof conformanceApp> | undefined;
  return {
    fetch: async (request, env) => {
      app ??= conformanceApp(options);
      // What the runtime passes on is for the adapters of this runtime.
      return await (await app).fetch(request, env as Record<string, unknown>);
    },
  };
}
