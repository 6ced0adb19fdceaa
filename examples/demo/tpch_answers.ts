/**
 * The first part of the demo: TPC-H, generated in memory, and its 22 queries, timed and checked.
 *
 * @module
 */
import { barText } from "../../connectors/shell/progress_bar.ts";
import { durationText } from "../../connectors/shell/measure_text.ts";
import type { Clock } from "../../src/base/clock.ts";
import { type AnyDatabase, loadTpch } from "../tpch/load.ts";
import { TPCH_QUERIES } from "../tpch/queries.ts";
import { bestMs, geometricMean, type QueryRun, runQuery, verdictOf } from "../tpch/run_queries.ts";
import { INDENT, type Page } from "./page.ts";

/** The scale of the data: a tenth of the benchmark's unit. */
export const SCALE_FACTOR = 0.1;

const RUNS = 3;
const BAR_WIDTH = 16;

/** Creates and fills the eight tables. */
export async function loadTables(db: AnyDatabase, page: Page, clock: Clock): Promise<void> {
  page.heading("TPC-H", `Eight tables of a trading company at scale factor ${SCALE_FACTOR}, made in memory`);
  const { terminal, style } = page;
  await loadTpch(db, { data: { scaleFactor: SCALE_FACTOR }, terminal, style, clock, indent: INDENT });
}

/** Answers the 22 queries. */
export async function answerQueries(db: AnyDatabase, page: Page, clock: Clock): Promise<void> {
  page.heading("22 questions", `The queries of TPC-H, best of ${RUNS} runs, checked against known answers`);
  const runs: QueryRun[] = [];
  for (const query of TPCH_QUERIES) {
    runs.push(await runQuery(db, query, { clock, runs: RUNS, scaleFactor: SCALE_FACTOR }));
  }
  const timesMs = runs.filter((run) => run.error === undefined).map(bestMs);
  const slowestMs = Math.max(...timesMs);
  for (const run of runs) page.check(verdictOf(run) === "right", runText(run, slowestMs, page));
  const totalMs = timesMs.reduce((sum, time) => sum + time, 0);
  page.line();
  page.line(`${durationText(totalMs)} in all, geometric mean ${durationText(geometricMean(timesMs))}`);
}

function runText(run: QueryRun, slowestMs: number, { style }: Page): string {
  const title = `${style.bold(run.query.name)} ${run.query.title.padEnd(34)}`;
  if (run.error !== undefined) return `${title} ${style.red(run.error.message)}`;
  const timeMs = bestMs(run);
  const bar = style.cyan(barText(timeMs / slowestMs, BAR_WIDTH).trimEnd());
  const wrong = verdictOf(run) === "right"
    ? ""
    : style.red(`  checksum ${run.checksum}, expected ${run.expected}`);
  return `${title} ${durationText(timeMs).padStart(8)}  ${bar}${wrong}`;
}
