/**
 * TPC-H on LiveViewDB: `deno task tpch --sf 1`.
 *
 * Generates the data in memory, runs the 22 queries, prints answers and times, and checks every answer. The
 * exit code is 1 when one is wrong.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { createDatabase, QueryError, systemClock } from "../../mod.ts";
import { bytesText, counted, countText, durationText } from "../../connectors/shell/measure_text.ts";
import { tableText } from "../../connectors/shell/table_text.ts";
import { styleFor, type TerminalStyle, terminalWidth } from "../../connectors/shell/terminal_style.ts";
import { textResult } from "../../connectors/shell/text_result.ts";
import type { MemoryReport } from "../../src/kernel/database.ts";
import type { TpchOptions } from "./generate.ts";
import { type LoadReport, loadTpch } from "./load.ts";
import { TPCH_QUERIES, type TpchQuery } from "./queries.ts";
import { bestMs, geometricMean, type QueryRun, runQuery, verdictOf } from "./run_queries.ts";
import { TPCH_TABLES, type TpchTable } from "./tables.ts";
import { OFFICIAL_TEXT_POOL_BYTES } from "./text_pool.ts";

const USAGE = `Usage: deno task tpch [options]

      --sf <number>           scale factor, 1 by default; 1 is 8.66 million rows, about 1 GB of text
      --tables <list>         all, or some, comma-separated; queries on missing tables fail
      --queries <list>        all, none, or some: 1,3,22
      --runs <n>              runs of each query, 3 by default; the best counts
      --rows <n>              rows of each answer to print, 5 by default; 0 prints times only
      --shift-dates           move all dates so that the last orders are of today
      --text-pool official    comments from a text pool of 300 MB, as in TPC's own generator
      --json <file>           write everything measured to a file
  -h, --help                  this text
`;

const DAY_MS = 86_400_000;

/** What the command line says. */
interface Settings {
  readonly data: TpchOptions;
  readonly queries: readonly TpchQuery[];
  readonly runs: number;
  readonly rowsShown: number;
  readonly jsonPath: string | undefined;
}

/** Runs the benchmark; gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const settings = readSettings(args);
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

function readSettings(args: readonly string[]): Settings | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sf: { type: "string", default: "1" },
      tables: { type: "string", default: "all" },
      queries: { type: "string", default: "all" },
      runs: { type: "string", default: "3" },
      rows: { type: "string", default: "5" },
      "shift-dates": { type: "boolean" },
      "text-pool": { type: "string" },
      json: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) return undefined;
  return {
    data: {
      scaleFactor: Number(values.sf),
      ...(values.tables === "all" ? {} : { tables: values.tables.split(",").map(tableCalled) }),
      ...(values["shift-dates"] === true ? { shiftDatesTo: Math.floor(systemClock.now() / DAY_MS) } : {}),
      ...(values["text-pool"] === "official" ? { textPoolBytes: OFFICIAL_TEXT_POOL_BYTES } : {}),
    },
    queries: queriesCalled(values.queries),
    runs: wholeNumber("runs", values.runs, 1),
    rowsShown: wholeNumber("rows", values.rows, 0),
    jsonPath: values.json,
  };
}

function tableCalled(name: string): TpchTable {
  const found = TPCH_TABLES.find((table) => table === name.trim().toLowerCase());
  if (found !== undefined) return found;
  throw new QueryError("invalid-parameter", `There is no table ${JSON.stringify(name)}`, {
    hint: `tables are ${TPCH_TABLES.join(", ")}`,
  });
}

function queriesCalled(list: string): readonly TpchQuery[] {
  if (list === "all") return TPCH_QUERIES;
  if (list === "none") return [];
  return list.split(",").map((item) => {
    const found = TPCH_QUERIES.find(({ name }) =>
      name === `q${item.trim().replace(/^q/i, "").padStart(2, "0")}`
    );
    if (found !== undefined) return found;
    throw new QueryError("invalid-parameter", `There is no query ${JSON.stringify(item)}`, {
      hint: "choose from 1 to 22",
    });
  });
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new QueryError(
    "invalid-parameter",
    `--${name} must be a whole number: received ${JSON.stringify(text)}`,
    {
      hint: `give ${least} or more`,
    },
  );
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
  if (run.error !== undefined) return `${title} ${style.red(run.error.message)}\n`;
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
    ? style.red(`${wrong} of ${runs.length} answers are wrong`)
    : right === runs.length
    ? style.green(`all ${runs.length} answers are right`)
    : style.yellow(`${right} of ${runs.length} answers are right, the others have no known answer`);
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
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
