/**
 * The fuzzer: random schemas and queries, answered by the engine, the naive reference engine, PostgreSQL and
 * DuckDB, and held against the metamorphic relations.
 *
 *     deno task fuzz [--minutes N] [--queries N] [--seed S] [--peers reference,postgres,duckdb] [--shrink N]
 *         [--verbose]
 *
 * Every difference that dialect_differences.ts does not explain is made small (at most `--shrink` of one cause),
 * printed as a reproduction, and written to .cache/fuzz. Exits with 1 when there is one. A case is a schema with
 * 25 queries and is made from one seed: `--seed S --queries 25` replays the case of seed S.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { systemClock } from "../../src/base/clock.ts";
import {
  closeOracles,
  type FuzzCase,
  fuzzCase,
  type FuzzReport,
  newReport,
  type Oracles,
  runCase,
  startOracles,
} from "./fuzz_run.ts";
import { shrinkFinding } from "./fuzz_shrink.ts";
import type { PeerName } from "./query_peer.ts";

const QUERIES_PER_CASE = 25;
const FOLDER = new URL("../../.cache/fuzz/", import.meta.url);
const ORACLES: readonly PeerName[] = ["reference", "postgres", "duckdb"];

/** How long, where and against whom. */
interface FuzzOptions {
  readonly seed: number;
  readonly queriesMax: number;
  readonly endMs: number;
  readonly peers: readonly PeerName[];
  /** How many differences of one cause are made small. */
  readonly shrinkMax: number;
  /** Lists explained differences by cause. */
  readonly verbose: boolean;
}

function readOptions(args: readonly string[]): FuzzOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string" },
      queries: { type: "string" },
      seed: { type: "string" },
      peers: { type: "string" },
      shrink: { type: "string" },
      verbose: { type: "boolean" },
    },
  });
  const names = values.peers?.split(",") ?? ORACLES;
  const peers = ORACLES.filter((name) => names.includes(name));
  const unknown = names.filter((name) => !peers.some((peer) => peer === name));
  if (unknown.length > 0) throw new TypeError(`Unknown peers ${unknown.join(", ")}: choose from ${ORACLES}`);
  const { minutes, queries } = values;
  return {
    seed: Number(values.seed ?? systemClock.now() % 1_000_000_000),
    queriesMax: queries === undefined ? Infinity : Number(queries),
    endMs: minutes === undefined && queries !== undefined
      ? Infinity
      : systemClock.monotonic() + Number(minutes ?? 1) * 60_000,
    peers,
    shrinkMax: Number(values.shrink ?? 3),
    verbose: values.verbose === true,
  };
}

/** Shrinks, prints and files what a case added to the report. */
async function reportNew(
  oracles: Oracles,
  fuzz: FuzzCase,
  report: FuzzReport,
  { shrinkMax }: FuzzOptions,
): Promise<void> {
  for (const [cause, findings] of report.unexplained) {
    for (const [at, finding] of findings.entries()) {
      if (finding.seed !== fuzz.seed || at >= shrinkMax) continue;
      const text = await shrinkFinding(oracles, fuzz, finding);
      console.log(`\nDifference ${cause}: ${finding.difference.detail}\n${finding.sql}\n${text}`);
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(
        new URL(`${finding.seed}_${finding.index}_${finding.difference.peer}.txt`, FOLDER),
        `${cause}\n${finding.difference.detail}\n${finding.sql}\n\n${text}\n`,
      );
    }
  }
}

function section(title: string, counts: ReadonlyMap<string, number>): string[] {
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return sorted.length === 0 ? [] : [`${title}:`, ...sorted.map(([name, count]) => `  ${count}  ${name}`)];
}

/** The counts of a run, as text. */
function summary(report: FuzzReport, verbose: boolean): string {
  const unexplained = new Map([...report.unexplained].map(([cause, { length }]) => [cause, length]));
  return [
    `${report.queryCount} queries judged, ${report.relationCount} of them by relations`,
    ...section("Agreed", report.agreed),
    ...section("Errors of the engine", report.failures),
    ...section("Not judged", report.refused),
    ...section("Explained differences", report.explained),
    ...(verbose ? section("Explained differences by cause", report.explainedCauses) : []),
    ...section("Unexplained differences", unexplained),
    `${report.features.size} features met`,
  ].join("\n");
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  console.log(`Fuzzing with --seed ${options.seed} against ${options.peers.join(", ")}`);
  const oracles = await startOracles(options.peers);
  const report = newReport();
  const startMs = systemClock.monotonic();
  for (let seed = options.seed; report.attemptCount < options.queriesMax; seed++) {
    if (systemClock.monotonic() >= options.endMs) break;
    const fuzz = fuzzCase(seed, Math.min(QUERIES_PER_CASE, options.queriesMax - report.attemptCount));
    await runCase(oracles, fuzz, report);
    await reportNew(oracles, fuzz, report, options);
    if ((seed - options.seed) % 20 === 19) {
      const found = [...report.unexplained.values()].flat().length;
      const seconds = (systemClock.monotonic() - startMs) / 1000;
      console.log(
        `${report.queryCount} queries, ${seconds.toFixed(0)} s, ${found} unexplained, seed ${seed}`,
      );
    }
  }
  await closeOracles(oracles);
  console.log(`\n${summary(report, options.verbose)}`);
  process.exit(report.unexplained.size > 0 ? 1 : 0);
}

if (import.meta.main) await main();
