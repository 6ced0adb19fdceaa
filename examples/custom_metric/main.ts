/**
 * A metric of one's own in SQL, in a maintained view and over HTTP: `deno run -A --no-check examples/custom_metric/main.ts`.
 *
 * @module
 */
import { createClient } from "../../connectors/client/client.ts";
import { openSurvey } from "./survey.ts";

const { db, app } = await openSurvey();
const client = createClient("http://localhost", { fetch: async (request) => await app.fetch(request) });

const print = async (title: string, sql: string): Promise<void> => {
  console.log(`\n${title}`);
  for (const row of (await client.query(sql)).rows) console.log("  ", row);
};

await print("In SQL:", "SELECT nps(score) AS nps FROM answer");
await print("In a view, by product:", "SELECT * FROM score ORDER BY product");
await client.ingest("answer", [{ product: "toaster", score: 10 }, { product: "toaster", score: 10 }]);
await print("After two happy buyers of a toaster:", "SELECT * FROM score ORDER BY product");
const { refreshMode, examinedRows } = db.plugins.materializedViews.status("score");
console.log(`\nThe view was kept up to date (${refreshMode}): it has looked at ${examinedRows} rows so far.`);
await db.close();
