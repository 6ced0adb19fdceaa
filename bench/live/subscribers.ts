/**
 * The subscribers of the live bench, a process of their own: each keeps the rows of one view, and notes which version
 * it had when.
 *
 * Prints `{ ready }`; a line with the commits of the server makes it compare its rows with the views, and print the
 * latencies and what was lost.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { createClient } from "../../connectors/client/client.ts";
import { option } from "../measurement.ts";
import { viewNames } from "./dashboard_views.ts";
import { LatencyHistogram } from "./latency_histogram.ts";

const names = viewNames(Number(option("views", "50")));
const count = Number(option("subscribers", "200"));
const first = Number(option("first", "0"));
const coalesceMs = Number(option("coalesce-ms", "50"));
const client = createClient(`http://127.0.0.1:${option("port", "8000")}`);

/** How long the last changes may take to arrive. */
const SETTLE_MS = 15_000;

interface Arrival {
  readonly version: number;
  readonly at: number;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function textOf(rows: readonly object[]): string {
  return rows.map((row) => JSON.stringify(row)).sort().join("\n");
}

const subscribers = Array.from({ length: count }, (_, i) => {
  const name = names[(first + i) % names.length]!;
  const rows = client.live(name, { coalesceMs }).rows();
  const arrivals: Arrival[] = [];
  rows.subscribe(({ version }) => arrivals.push({ version, at: now() }));
  return { name, rows, arrivals };
});
await Promise.all(subscribers.map(({ rows }) => rows.ready));
console.log(JSON.stringify({ ready: subscribers.length }));

const lines = createInterface({ input: process.stdin });
let line = "[]";
for await (const one of lines) {
  line = one;
  break;
}
const commits: readonly (readonly [number, number])[] = JSON.parse(line);
const last = commits.at(-1)?.[0] ?? 0;
const contents = new Map<string, string>();
for (const name of names) {
  const result = await client.query(`SELECT * FROM ${name}`, [], { minVersion: last });
  contents.set(name, textOf(result.rows));
}
const start = now();
let wrong = subscribers.length;
while (wrong > 0 && now() - start < SETTLE_MS) {
  wrong = subscribers.filter(({ name, rows }) => textOf(rows.rows) !== contents.get(name)).length;
  await new Promise((resolve) => setTimeout(resolve, 10));
}
const latency = new LatencyHistogram();
for (const { arrivals } of subscribers) {
  let next = 0;
  for (const { version, at } of arrivals) {
    // Every commit that came with this event: the first of them has waited longest.
    while (next < commits.length && commits[next]![0] <= version) latency.add(at - commits[next++]![1]);
  }
}
console.log(JSON.stringify({
  wrong,
  resyncs: subscribers.reduce((sum, { rows }) => sum + rows.resyncs, 0),
  events: subscribers.reduce((sum, { arrivals }) => sum + arrivals.length, 0),
  latency: latency.counts,
}));
process.exit(0);
