/**
 * What Node runs, bundled: prints its address.
 *
 * @module
 */
import { serve } from "@hono/node-server";
import { servedApp } from "./served_app.ts";

serve({ fetch: servedApp().fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => {
  console.log(`Listening on http://127.0.0.1:${port}/`);
});
