/**
 * What workerd runs, bundled.
 *
 * @module
 */
import { workerdSockets } from "../../../connectors/hono/runtime/workerd.ts";
import { servedApp } from "./served_app.ts";

export default servedApp({ sockets: workerdSockets });
