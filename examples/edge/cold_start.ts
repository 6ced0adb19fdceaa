/**
 * How long a request waits that finds no isolate: `deno run -A --no-check examples/edge/cold_start.ts`.
 *
 * workerd runs one worker that loads others on demand. Each measured request asks for one that does not exist yet, so
 * its time is that of a new isolate, the evaluation of the bundle, a table with a view and some rows, and the answer to
 * a first query through the HTTP adapter; and of one request over loopback.
 *
 * @module
 */
import { Miniflare } from "miniflare";
import { bundle } from "./bundle.ts";

/** What the measured worker does. */
const WORKER = `
  import { createDatabase } from "./src/kernel/database.ts";
  import { materializedViews } from "./plugins/materialized_views/plugin.ts";
  import { edgeApp } from "./connectors/hono/edge_app.ts";

  export default {
    async fetch() {
      const db = createDatabase({ plugins: [materializedViews()] });
      await db.exec(\`
        CREATE TABLE sale (id BIGINT PRIMARY KEY, region TEXT, price DECIMAL(15,2));
        CREATE MATERIALIZED VIEW totals AS SELECT region, sum(price) AS revenue FROM sale GROUP BY region;
        INSERT INTO sale VALUES (1, 'north', 9.5), (2, 'south', 3)\`);
      return await edgeApp(db).fetch(new Request("http://localhost/v1/query", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ sql: "SELECT * FROM totals ORDER BY revenue DESC" }),
      }));
    },
  };
`;

const LOADER = `
  import code from "./worker.txt";
  export default {
    async fetch(request, env) {
      const worker = env.LOADER.get(new URL(request.url).pathname, () => ({
        compatibilityDate: "2026-04-01", mainModule: "worker.js", modules: { "worker.js": code },
      }));
      return await worker.getEntrypoint().fetch(request);
    },
  };
`;

/** Milliseconds of `runs` cold starts, one after the other, and what each answered. */
export async function coldStarts(runs: number): Promise<readonly { ms: number; answer: string }[]> {
  const { code } = await bundle({ source: WORKER, target: "edge" });
  const miniflare = new Miniflare({
    modules: [
      { type: "ESModule", path: "loader.mjs", contents: LOADER },
      { type: "Text", path: "worker.txt", contents: code },
    ],
    workerLoaders: { LOADER: {} },
    compatibilityDate: "2026-04-01",
    host: "127.0.0.1",
    port: 0,
  });
  try {
    const url = await miniflare.ready;
    const starts: { ms: number; answer: string }[] = [];
    for (let run = 0; run < runs; run++) {
      const start = performance.now();
      const answer = await (await fetch(new URL(`/${run}`, url))).text();
      starts.push({ ms: performance.now() - start, answer });
    }
    return starts;
  } finally {
    await miniflare.dispose();
  }
}

if (import.meta.main) {
  const starts = await coldStarts(20);
  const sorted = starts.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number): string => sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(0);
  console.log(`cold start to first answer: best ${at(0)} ms, median ${at(0.5)} ms, worst ${at(1)} ms`);
}
