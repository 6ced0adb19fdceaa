/**
 * What workerd runs, bundled.
 *
 * @module
 */
import { servedApp } from "./served_app.ts";

export default servedApp();
