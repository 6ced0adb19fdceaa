/**
 * TPC-H on LiveViewDB: `deno task tpch --sf 1`.
 *
 * Generates the data in memory, runs the 22 queries, prints answers and times, and checks every answer.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { createDatabase, LiveViewError, QueryError, systemClock } from "../../mod.ts";
import { bytesText, counted, countText, durationText } from "../../connectors/shell/measure_text.ts";
import { tableText } from "../../connectors/shell/table_text.ts";
import { styleFor, type TerminalStyle, terminalWidth } from "../../connectors/shell/terminal_style.ts";
import { textResult } from "../../connectors/shell/text_result.ts";
import type { MemoryReport } from "../../src/kernel/database.ts";
import type { TpchOptions } from "./generate.ts";
import { type LoadReport, loadTpch } from "./load.ts";
import { readSettings, USAGE } from "./command_line.ts";
import { bestMs, geometricMean, type QueryRun, runQuery, verdictOf } from "./run_queries.ts";

/** Runs the benchmark; gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const settings = readSettings(args, systemClock.now());
  const out = process.stdout;
  if (settings === undefined) {
    out.write(USAGE);
    return 0;
  }
  const style = styleFor(out, process.env);
  const { data, queries, runs } = settings;
  const comparable = data.shiftDatesTo === undefined && data.textPoolBytes === undefined;
  out.write(`\n${style.bold("TPC-H")}  scale factor ${data.scaleFactor}\n\n`);
  await using db = createDatabase({ limits: { memoryBytesMax: 64 * 2 ** 30, queryBytesMax: 32 * 2 ** 30 } });
  const load = await loadTpch(db, { data, terminal: out, style, clock: systemClock });
  out.write(style.dim(`           ${durationText(load.generateMs)} of it to generate the rows\n\n`));
  const memory = db.memory();
  out.write(memoryText(memory, style));
  const results: QueryRun[] = [];
  for (const query of queries) {
    const run = await runQuery(db, query, {
      clock: systemClock,
      runs,
      ...(comparable ? { scaleFactor: data.scaleFactor } : {}),
    });
    results.push(run);
    out.write(runText(run, style, settings.rowsShown));
  }
  out.write(summaryText(results, style));
  if (settings.jsonPath !== undefined) {
    writeFileSync(settings.jsonPath, JSON.stringify(report(data, load, memory, results), null, 2));
  }
  return results.some((run) => verdictOf(run) === "wrong") ? 1 : 0;
}

function memoryText(memory: MemoryReport, style: TerminalStyle): string {
  const rows = memory.tables.map(({ name, rowCount, bytes }) => [
    name,
    countText(rowCount),
    bytesText(bytes),
    `${(bytes / Math.max(1, rowCount)).toFixed(1)} B`,
  ]);
  const table = tableText(textResult(["table", ">rows", ">memory", ">a row"], rows), { style });
  return `${table}${style.dim(`${bytesText(memory.totalBytes)} in all, keys and logs included`)}\n\n`;
}

const MARKS = { right: "✓", wrong: "✗", unchecked: "·" } as const;

function runText(run: QueryRun, style: TerminalStyle, rowsShown: number): string {
  const verdict = verdictOf(run);
  const paint = verdict === "right" ? style.green : verdict === "wrong" ? style.red : style.dim;
  const title = `${paint(MARKS[verdict])} ${style.bold(run.query.name)} ${run.query.title.padEnd(40)}`;
  if (run.error !== undefined) return `${title} ${style.red(run.error.message.split("\n")[0]!)}\n`;
  const facts = `${durationText(bestMs(run)).padStart(9)}  ${
    style.dim(counted(run.result?.rowCount ?? 0, "row"))
  }`;
  const wrong = verdict === "wrong" ? style.red(`   checksum ${run.checksum}, expected ${run.expected}`) : "";
  const answer = rowsShown === 0 || run.result === undefined ? "" : tableText(run.result, {
    style,
    rowsMax: rowsShown,
    indent: "  ",
    width: terminalWidth(process.stdout.isTTY ? process.stdout : { write: () => true, columns: 140 }),
  });
  return `${title}${facts}${wrong}\n${answer}${answer === "" ? "" : "\n"}`;
}

function summaryText(runs: readonly QueryRun[], style: TerminalStyle): string {
  if (runs.length === 0) return "";
  const times = runs.filter((run) => run.timesMs.length > 0).map(bestMs);
  const right = runs.filter((run) => verdictOf(run) === "right").length;
  const wrong = runs.filter((run) => verdictOf(run) === "wrong").length;
  const verdict = wrong > 0
    ? style.red(`${wrong} of ${counted(runs.length, "answer")} wrong`)
    : right === runs.length
    ? style.green(runs.length === 1 ? "the answer is right" : `all ${runs.length} answers are right`)
    : style.yellow(`${right} of ${counted(runs.length, "answer")} right, the others have no known answer`);
  if (times.length === 0) return `\n${verdict}\n\n`;
  const total = times.reduce((sum, time) => sum + time, 0);
  return `\n${verdict}   ${durationText(total)} in all   ${
    durationText(geometricMean(times))
  } geometric mean\n\n`;
}

function report(
  data: TpchOptions,
  load: LoadReport,
  memory: MemoryReport,
  runs: readonly QueryRun[],
): Readonly<Record<string, unknown>> {
  return {
    scaleFactor: data.scaleFactor,
    load,
    memory,
    queries: runs.map((run) => ({
      name: run.query.name,
      timesMs: run.timesMs,
      rowCount: run.result?.rowCount,
      checksum: run.checksum,
      expected: run.expected,
      verdict: verdictOf(run),
      ...(run.error === undefined ? {} : { error: run.error.message }),
    })),
  };
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof LiveViewError ? error.message : String(error)}\n`);
    process.exitCode = error instanceof QueryError && error.code === "invalid-parameter" ? 2 : 1;
  }
}
