/**
 * The server of the live bench, a process of its own: it serves, and changes its data at a rate when it is told to.
 *
 * Prints `{ port }`, waits for a line, prints `{ commits, changes, seconds, cpuSeconds }` when the time is over, serves until its
 * input ends.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { liveviewApp } from "../../connectors/hono/app.ts";
import { serveNode } from "../../connectors/hono/runtime/node.ts";
import { createDatabase, materializedViews, SeededRandom } from "../../mod.ts";
import { option } from "../measurement.ts";
import { ReadingStream, TABLE, viewStatements } from "./dashboard_views.ts";

const seconds = Number(option("seconds", "60"));
const rate = Number(option("rate", "5000"));
const views = Number(option("views", "50"));
const batchSize = Number(option("batch", "100"));

/** Comparable between the processes of one machine. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

const db = createDatabase({ plugins: [materializedViews()] });
await db.exec(TABLE);
for (const statement of viewStatements(views)) await db.exec(statement);
const stream = new ReadingStream(new SeededRandom(1), views);

async function commit(): Promise<number> {
  const { inserts, updates, deletes } = stream.batch(batchSize);
  await db.transaction(async (tx) => {
    if (deletes.length > 0) await tx.delete("reading", deletes);
    if (updates.length > 0) await tx.update("reading", updates);
    await tx.insert("reading", inserts);
  });
  return inserts.length + updates.length + deletes.length;
}

// Full, so that rows go from the first commit on.
for (let i = 0; i < 25_000 / batchSize; i++) await commit();

const app = liveviewApp(db);
// Deno's own server where there is one: it is what `deno serve` uses.
const server = "Deno" in globalThis
  ? { port: Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, app.fetch).addr.port }
  : await serveNode(app, { port: 0, hostname: "127.0.0.1" });
console.log(JSON.stringify({ port: server.port }));

const lines = createInterface({ input: process.stdin });
for await (const _ of lines) break;

/** Version and time of each commit: the time is that before it begins. */
const commits: [number, number][] = [];
const start = now();
const cpuBefore = process.cpuUsage();
let changes = 0;
while (now() - start < seconds * 1000) {
  const due = (now() - start) / 1000 * rate;
  if (changes >= due) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, (changes - due) / rate * 1000)));
    continue;
  }
  const at = now();
  changes += await commit();
  commits.push([db.version, at]);
  // One turn for the streams between two commits, also when the writer is behind.
  await new Promise((resolve) => setTimeout(resolve, 0));
}
const { user, system } = process.cpuUsage(cpuBefore);
const written = { commits, changes, seconds: (now() - start) / 1000, cpuSeconds: (user + system) / 1e6 };
console.log(JSON.stringify(written));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
