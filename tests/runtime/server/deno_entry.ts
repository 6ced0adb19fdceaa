/**
 * What `deno serve` runs.
 *
 * @module
 */
import { servedApp } from "./served_app.ts";

export default servedApp();
