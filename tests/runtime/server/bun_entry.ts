/**
 * What Bun runs, bundled: prints its address.
 *
 * @module
 */
import { servedApp } from "./served_app.ts";

/** The part of Bun that is used. */
interface BunGlobal {
  serve(options: {
    readonly fetch: (request: Request, server: unknown) => Response | Promise<Response>;
    readonly hostname: string;
    readonly port: number;
  }): { readonly port: number };
}

// Bun has it.
const { Bun } = globalThis as unknown as { readonly Bun: BunGlobal };
const server = Bun.serve({ fetch: servedApp().fetch, hostname: "127.0.0.1", port: 0 });
console.log(`Listening on http://127.0.0.1:${server.port}/`);
