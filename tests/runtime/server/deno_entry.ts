/**
 * What `deno serve` runs.
 *
 * @module
 */
import { denoSockets } from "../../../connectors/hono/runtime/deno.ts";
import { servedApp } from "./served_app.ts";

export default servedApp({ sockets: denoSockets });
