/**
 * What Bun serves, bundled: Bun prints its address.
 *
 * @module
 */
import { bunServer, bunSockets } from "../../../connectors/hono/runtime/bun.ts";
import { servedApp } from "./served_app.ts";

export default { ...bunServer(servedApp({ sockets: bunSockets })), hostname: "127.0.0.1", port: 0 };
