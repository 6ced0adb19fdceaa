/**
 * Bun: the server needs the handler of sockets beside `fetch`, and passes itself on to it.
 *
 * ```ts ignore
 * import { bunServer, bunSockets } from "./connectors/hono/runtime/bun.ts";
 * export default bunServer(liveviewApp(db, { sockets: bunSockets }));
 * ```
 *
 * @module
 */
import { upgradeWebSocket, websocket } from "hono/bun";
import type { SocketUpgrade } from "../live/socket_route.ts";

/** For the option `sockets` of `liveviewApp`. */
export const bunSockets: SocketUpgrade = upgradeWebSocket;

/** Something that answers requests: the app, or one that it is mounted in. */
export interface FetchApp {
  /** `env` is what the runtime passes on: Bun's server. */
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
}

/** What Bun serves: for `export default`, or `Bun.serve`. */
export interface BunServer {
  readonly fetch: (request: Request, server: unknown) => Response | Promise<Response>;
  readonly websocket: typeof websocket;
  /** Seconds without bytes after which Bun closes a connection; 0 for never: streams have their own limits. */
  readonly idleTimeout: number;
}

/** `app` with what Bun needs for sockets and streams. */
export function bunServer(app: FetchApp): BunServer {
  return { fetch: (request, server) => app.fetch(request, server), websocket, idleTimeout: 0 };
}
