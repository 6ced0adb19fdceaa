/**
 * A live database on Deno Deploy: `deno serve -A --no-check examples/deno_deploy/main.ts`.
 *
 * Everyone may read; who sends the key of the variable `LIVEVIEW_KEY` as `X-API-Key` may write. The data is in the memory
 * of one isolate: keep the rows that matter elsewhere, and ingest them at the start.
 *
 * @module
 */
import process from "node:process";
import { liveviewApp } from "../../connectors/hono/app.ts";
import { sha256Hex } from "../../connectors/hono/auth/api_key.ts";
import { denoSockets } from "../../connectors/hono/runtime/deno.ts";
import { createDatabase, materializedViews } from "../../mod.ts";

const db = createDatabase({ plugins: [materializedViews()] });
await db.exec(`
  CREATE TABLE reading (at TIMESTAMPTZ NOT NULL, sensor TEXT NOT NULL, celsius DOUBLE NOT NULL);
  CREATE MATERIALIZED VIEW by_minute AS
    SELECT date_trunc('minute', at) AS minute, sensor, avg(celsius) AS celsius, count(*) AS readings
    FROM reading GROUP BY 1, 2;
`);

const key = process.env.LIVEVIEW_KEY;
const apiKeys = key === undefined ? [] : [{
  sha256: await sha256Hex(key),
  principal: { subject: "collector", roles: ["write"], claims: {} },
}];

export default liveviewApp(db, {
  sockets: denoSockets,
  anonymous: "read",
  authentication: { apiKeys },
  cors: { origin: "*" },
});
