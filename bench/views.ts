/**
 * The bench of maintained views: the same changes for every peer, each peer and workload in a fresh process, one
 * after the other. Writes `bench/results/<date>_views_sf<SF>.json` and prints a table.
 *
 * `deno task bench:views [--sf 0.1] [--cell-ms 3000] [--batches 1,100,10000] [--peers liveviewdb,...]
 *  [--only daily_revenue,...] [--fleet only] [--save no]`
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import { option } from "./measurement.ts";
import type { FleetLine } from "./views/fleet.ts";
import type { ViewLine } from "./views/run_workload.ts";
import { fleetTable, rateTable, remarkLines } from "./views/view_table.ts";
import { WORKLOADS } from "./views/workload.ts";

/** Loading can take a slow peer long; the cells themselves end by the clock. */
const START_TIMEOUT_MS = 10 * 60_000;

interface Peer {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
}

const PEERS: readonly Peer[] = [
  { name: "liveviewdb", script: "liveview_peer.ts", args: [] },
  { name: "db_ivm", script: "db_ivm_peer.ts", args: [] },
  { name: "tanstack_db", script: "tanstack_db_peer.ts", args: [] },
  { name: "pg_ivm", script: "pg_ivm_peer.ts", args: [] },
  { name: "pglite", script: "pglite_peer.ts", args: [] },
  { name: "duckdb_1", script: "duckdb_peer.ts", args: ["--threads", "1"] },
];

const scaleFactor = option("sf", "0.1");
const cellMs = option("cell-ms", "3000");
const batches = option("batches", "1,100,10000");
const chosen = option("peers", PEERS.map((peer) => peer.name).join(",")).split(",");
const only = option("only", WORKLOADS.map((workload) => workload.name).join(",")).split(",");
const fleet = option("fleet", "no");

function runScript<Line>(
  script: string,
  args: readonly string[],
): { lines: Line[]; failure: string | undefined } {
  const memory = "--v8-flags=--max-old-space-size=12288";
  const command = [
    "run",
    "-A",
    "--no-check",
    memory,
    script,
    "--sf",
    scaleFactor,
    "--cell-ms",
    cellMs,
    ...args,
  ];
  const child = spawnSync(process.execPath, command, {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: START_TIMEOUT_MS,
  });
  if (child.stderr.length > 0) console.error(child.stderr.slice(-2_000));
  const lines = child.stdout.split("\n").filter((line) => line.startsWith("{")).map((line): Line =>
    JSON.parse(line)
  );
  return {
    lines,
    failure: child.status === 0 ? undefined : child.error?.message ?? `ended with ${child.status}`,
  };
}

const machine = `${os.cpus()[0]?.model ?? "unknown"}, ${os.cpus().length} cores, ${
  Math.round(os.totalmem() / 2 ** 30)
} GiB`;
const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).stdout.trim();
const date = new Date(performance.timeOrigin).toISOString().slice(0, 10);

/** Written after every peer: a long run that is cut off keeps what it has measured. */
function save(lines: readonly ViewLine[], fleet: readonly FleetLine[]): void {
  if (option("save", "yes") !== "yes") return;
  writeFileSync(
    `bench/results/${date}_views_sf${scaleFactor}.json`,
    JSON.stringify({ date, commit, machine, scaleFactor, lines, fleet }, null, 1),
  );
}

function runPeers(): ViewLine[] {
  const lines: ViewLine[] = [];
  for (const workload of WORKLOADS.filter(({ name }) => only.includes(name))) {
    for (const peer of PEERS.filter(({ name }) => chosen.includes(name))) {
      console.error(`${workload.name}: ${peer.name}`);
      const args = ["--workload", workload.name, "--batches", batches, ...peer.args];
      const run = runScript<ViewLine>(`bench/views/peers/${peer.script}`, args);
      lines.push(...run.lines);
      if (run.failure !== undefined) {
        lines.push({ kind: "unable", peer: peer.name, workload: workload.name, reason: run.failure });
      }
      save(lines, []);
    }
  }
  return lines;
}

const lines = fleet === "only" ? [] : runPeers();
const fleetLines = fleet === "no" ? [] : runScript<FleetLine>("bench/views/fleet.ts", []).lines;
console.log([
  `Maintained views, TPC-H SF ${scaleFactor}, ${date}, commit ${commit}, ${machine}.`,
  "",
  ...rateTable(lines, PEERS.map(({ name }) => name).filter((name) => chosen.includes(name))),
  "",
  ...remarkLines(lines),
  ...fleetTable(fleetLines),
].join("\n"));
save(lines, fleetLines);
process.exit(lines.some((line) => line.kind === "cell" && !line.correct) ? 1 : 0);
