/**
 * The bench: TPC-H and ten dashboard tiles, every peer in a fresh process, one after the other, in rounds of
 * alternating order. Writes `bench/results/<date>.json` and the table of the README.
 *
 * `deno task bench [--sf 1] [--rounds 2] [--runs 5] [--peers liveviewdb,duckdb_1,...] [--only q01,q06]`
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import { generateTpch, TPCH_QUERIES, TPCH_TABLES } from "../examples/tpch/mod.ts";
import { RowFormatter } from "../examples/tpch/row_text.ts";
import { type BenchLine, option } from "./measurement.ts";
import { TILES } from "./tiles.ts";

/** A peer that takes longer has failed. */
const PEER_TIMEOUT_MS = 15 * 60_000;

interface Peer {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
}

const scaleFactor = option("sf", "1");
const rounds = Number(option("rounds", "2"));
const runs = option("runs", "5");
const only = option("only", "");
const dir = `.cache/bench/sf${scaleFactor}`;
const PEERS: readonly Peer[] = [
  { name: "liveviewdb", script: "bench/peers/liveview_peer.ts", args: [] },
  { name: "duckdb_1", script: "bench/peers/duckdb_peer.ts", args: ["--threads", "1"] },
  { name: "duckdb_2", script: "bench/peers/duckdb_peer.ts", args: ["--threads", "2"] },
  { name: "duckdb_wasm", script: "bench/peers/duckdb_wasm_peer.ts", args: [] },
  { name: "arquero", script: "bench/peers/arquero_peer.ts", args: [] },
];
const chosen = option("peers", PEERS.map((peer) => peer.name).join(",")).split(",");

/** Writes the rows as text, for peers that load files. */
async function writeFiles(): Promise<void> {
  if (existsSync(`${dir}/lineitem.tbl`)) return;
  mkdirSync(dir, { recursive: true });
  const outputs = new Map(TPCH_TABLES.map((table) => {
    const stream = createWriteStream(`${dir}/${table}.tbl`);
    return [table, { stream, formatter: new RowFormatter(table, (bytes) => stream.write(bytes.slice())) }];
  }));
  for (const { table, batch } of generateTpch({ scaleFactor: Number(scaleFactor) })) {
    const { stream, formatter } = outputs.get(table)!;
    formatter.add(batch);
    if (stream.writableNeedDrain) {
      await new Promise((resolve) => stream.once("drain", () => resolve(undefined)));
    }
  }
  for (const { stream, formatter } of outputs.values()) {
    formatter.finish();
    await new Promise((resolve) => stream.end(() => resolve(undefined)));
  }
}

function runPeer(peer: Peer): BenchLine[] {
  const args = ["--sf", scaleFactor, "--runs", runs, "--dir", dir, "--only", only, ...peer.args];
  const child = spawnSync(process.execPath, ["run", "-A", "--no-check", peer.script, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: PEER_TIMEOUT_MS,
  });
  if (child.status !== 0) {
    console.error(`${peer.name} ended with ${child.status}: ${child.stderr.slice(-2000)}`);
  }
  return child.stdout.split("\n").filter((line) => line.startsWith("{")).map((line): BenchLine =>
    JSON.parse(line)
  );
}

/** Best warm run of a query by a peer over all rounds; the first run of each process is cold. */
function best(lines: readonly BenchLine[], subject: string, name: string): number | undefined {
  const warm = lines.flatMap((line) =>
    line.kind === "measurement" && line.subject === subject && line.name === name ? line.runsMs.slice(1) : []
  );
  return warm.length === 0 ? undefined : Math.min(...warm);
}

function geometricMean(ratios: readonly number[]): number {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

function ratioTo(lines: readonly BenchLine[], names: readonly string[], peer: string): string {
  const ratios = names.flatMap((name) => {
    const ours = best(lines, "liveviewdb", name);
    const theirs = best(lines, peer, name);
    return ours === undefined || theirs === undefined ? [] : [ours / theirs];
  });
  return ratios.length === 0 ? "-" : `${geometricMean(ratios).toFixed(2)} (${ratios.length})`;
}

function table(lines: readonly BenchLine[], names: readonly string[]): string[] {
  const peers = PEERS.filter((peer) => chosen.includes(peer.name)).map((peer) => peer.name);
  const show = (value: number | undefined) =>
    value === undefined ? "-" : value < 10 ? value.toFixed(2) : value.toFixed(0);
  return [
    `| ms, best warm run | ${peers.join(" | ")} |`,
    `|---|${peers.map(() => "---:").join("|")}|`,
    ...names.map((name) => `| ${name} | ${peers.map((peer) => show(best(lines, peer, name))).join(" | ")} |`),
    `| **ours / theirs, geometric mean** | ${peers.map((peer) => ratioTo(lines, names, peer)).join(" | ")} |`,
  ];
}

function differences(lines: readonly BenchLine[]): string[] {
  const bySubject = new Map<string, Map<string, string>>();
  for (const line of lines) {
    // duckdb-wasm and arquero show values in forms of their own: their rows are counted, not compared.
    if (line.kind !== "measurement" || !/^(liveviewdb|duckdb_[12])$/.test(line.subject)) continue;
    const answers = bySubject.get(line.name) ?? new Map<string, string>();
    answers.set(line.subject, line.checksum);
    bySubject.set(line.name, answers);
  }
  return [...bySubject].flatMap(([name, answers]) =>
    new Set(answers.values()).size > 1 ? [`${name}: ${JSON.stringify(Object.fromEntries(answers))}`] : []
  );
}

const START = "<!-- bench:start -->";
const END = "<!-- bench:end -->";

function updateReadme(text: string): void {
  const readme = readFileSync("README.md", "utf8");
  const from = readme.indexOf(START);
  const to = readme.indexOf(END);
  if (from < 0 || to < 0) return;
  writeFileSync("README.md", `${readme.slice(0, from + START.length)}\n${text}\n${readme.slice(to)}`);
}

await writeFiles();
const lines: BenchLine[] = [];
for (let round = 0; round < rounds; round++) {
  const order = round % 2 === 0 ? PEERS : [...PEERS].reverse();
  for (const peer of order.filter(({ name }) => chosen.includes(name))) {
    console.error(`round ${round + 1}: ${peer.name}`);
    lines.push(...runPeer(peer));
  }
}
const queries = TPCH_QUERIES.map((query) => query.name);
const tiles = TILES.map((tile) => tile.name);
const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).stdout.trim();
const date = new Date(performance.timeOrigin).toISOString().slice(0, 10);
const machine = `${os.cpus()[0]?.model ?? "unknown"}, ${os.cpus().length} cores, ${
  Math.round(os.totalmem() / 2 ** 30)
} GiB`;
const text = [
  `TPC-H SF ${scaleFactor}, ${date}, commit ${commit}, ${machine}.`,
  "",
  ...table(lines, queries),
  "",
  ...table(lines, tiles),
  "",
  "| figure | peer | value |",
  "|---|---|---:|",
  ...lines.flatMap((line) =>
    line.kind === "figure" && !line.name.includes("_l")
      ? [`| ${line.name} | ${line.subject} | ${line.value} ${line.unit} |`]
      : []
  ),
].join("\n");
console.log(text);
const wrong = differences(lines);
for (const line of wrong) console.error(`different answers: ${line}`);
for (const line of lines) {
  if (line.kind === "skipped") console.error(`skipped: ${line.subject} ${line.name}: ${line.reason}`);
}
if (only === "" && option("save", "yes") === "yes") {
  writeFileSync(
    `bench/results/${date}_sf${scaleFactor}.json`,
    JSON.stringify({ date, commit, machine, scaleFactor, lines }, null, 1),
  );
  updateReadme(text);
}
process.exit(wrong.length === 0 ? 0 : 1);
