/**
 * workerd, as in Cloudflare Workers: `export default app` serves; sockets need one option.
 *
 * ```ts ignore
 * import { workerdSockets } from "./connectors/hono/runtime/workerd.ts";
 * export default liveviewApp(db, { sockets: workerdSockets });
 * ```
 *
 * @module
 */
import { upgradeWebSocket } from "hono/cloudflare-workers";
import type { SocketUpgrade } from "../live/socket_route.ts";

/** For the option `sockets` of `liveviewApp`. */
export const workerdSockets: SocketUpgrade = upgradeWebSocket;
