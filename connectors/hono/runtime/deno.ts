/**
 * Deno: `deno serve` takes `export default app` as it is; sockets need one option.
 *
 * ```ts ignore
 * import { denoSockets } from "./connectors/hono/runtime/deno.ts";
 * export default liveviewApp(db, { sockets: denoSockets });
 * ```
 *
 * @module
 */
import { upgradeWebSocket } from "hono/deno";
import type { SocketUpgrade } from "../live/socket_route.ts";

/** For the option `sockets` of `liveviewApp`. */
export const denoSockets: SocketUpgrade = upgradeWebSocket;
