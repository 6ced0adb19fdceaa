/**
 * The command line of the TPC-H runner: options, their checks, and the help text.
 *
 * @module
 */
import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { QueryError } from "../../src/base/error.ts";
import { nearestName } from "../../src/query/name_suggestion.ts";
import type { TpchOptions } from "./generate.ts";
import { TPCH_QUERIES, type TpchQuery } from "./queries.ts";
import { TPCH_TABLES, tpchRowCounts, type TpchTable } from "./tables.ts";
import { OFFICIAL_TEXT_POOL_BYTES } from "./text_pool.ts";

/** The help text. */
export const USAGE = `Usage: deno task tpch [options]

      --sf <number>           scale factor, 1 by default; 1 is 8.66 million rows, about 1 GB of text
      --tables <list>         all, or some: orders,lineitem; queries on missing tables fail
      --query <list>          all, none, or some: q05 or 1,3,22; also --queries
      --runs <n>              runs of each query, 3 by default; the best counts
      --rows <n>              rows of each answer to print, 5 by default; 0 prints times only
      --shift-dates           move all dates so that the last orders are of today; the queries keep theirs,
                              so most answers are empty then
      --text-pool official    comments from a text pool of 300 MB, as in TPC's own generator
      --json <file>           write everything measured to a file
  -h, --help                  this text

Exit codes: 0 all answers right or without a known answer, 1 an answer is wrong, 2 the options are.
`;

const DAY_MS = 86_400_000;
const OPTION_NAMES = [
  "sf",
  "tables",
  "query",
  "queries",
  "runs",
  "rows",
  "shift-dates",
  "text-pool",
  "json",
  "help",
] as const;

/** What the command line says. */
export interface Settings {
  readonly data: TpchOptions;
  readonly queries: readonly TpchQuery[];
  readonly runs: number;
  readonly rowsShown: number;
  readonly jsonPath: string | undefined;
}

/**
 * Reads the command line; `undefined` when it asks for help. Dates that are to be shifted end at `nowMs`.
 *
 * @throws {QueryError} `invalid-parameter`
 */
export function readSettings(args: readonly string[], nowMs: number): Settings | undefined {
  const values = parsed(args);
  if (values.help === true) return undefined;
  if (values.json !== undefined) requireWritable(values.json);
  return {
    data: {
      scaleFactor: scaleFactor(values.sf ?? "1"),
      ...(values.tables === undefined || values.tables === "all"
        ? {}
        : { tables: values.tables.split(",").map(tableCalled) }),
      ...(values["shift-dates"] === true ? { shiftDatesTo: Math.floor(nowMs / DAY_MS) } : {}),
      ...textPool(values["text-pool"]),
    },
    queries: queriesCalled(values.query ?? values.queries ?? "all"),
    runs: wholeNumber("runs", values.runs ?? "3", 1),
    rowsShown: wholeNumber("rows", values.rows ?? "5", 0),
    jsonPath: values.json,
  };
}

interface OptionTexts {
  readonly [name: string]: string | boolean | undefined;
  readonly sf?: string;
  readonly tables?: string;
  readonly query?: string;
  readonly queries?: string;
  readonly runs?: string;
  readonly rows?: string;
  readonly "shift-dates"?: boolean;
  readonly "text-pool"?: string;
  readonly json?: string;
  readonly help?: boolean;
}

function parsed(args: readonly string[]): OptionTexts {
  requireKnown(args);
  try {
    return parseArgs({
      args: [...args],
      options: {
        sf: { type: "string" },
        tables: { type: "string" },
        query: { type: "string" },
        queries: { type: "string" },
        runs: { type: "string" },
        rows: { type: "string" },
        "shift-dates": { type: "boolean" },
        "text-pool": { type: "string" },
        json: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    const [message = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw refused(message.replace(/\.$/, ""), "--help lists the options", { args });
  }
}

function requireKnown(args: readonly string[]): void {
  for (const arg of args) {
    const name = /^--([^=]+)/.exec(arg)?.[1];
    if (name === undefined || OPTION_NAMES.some((known) => known === name)) continue;
    const near = nearestName(name, OPTION_NAMES);
    const hint = near === undefined ? "--help lists the options" : `did you mean --${near}?`;
    throw refused(`There is no option --${name}`, hint, { option: name });
  }
}

function scaleFactor(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) {
    throw refused(`--sf must be a number: received ${JSON.stringify(text)}`, "choose one from 0.01 to 300", {
      text,
    });
  }
  // Throws when it is out of range.
  tpchRowCounts(value);
  return value;
}

function textPool(text: string | undefined): Pick<TpchOptions, "textPoolBytes"> {
  if (text === undefined) return {};
  if (text === "official") return { textPoolBytes: OFFICIAL_TEXT_POOL_BYTES };
  throw refused(`There is no text pool ${JSON.stringify(text)}`, "the option is --text-pool official", {
    text,
  });
}

function tableCalled(name: string): TpchTable {
  const found = TPCH_TABLES.find((table) => table === name.trim().toLowerCase());
  if (found !== undefined) return found;
  throw refused(`There is no table ${JSON.stringify(name)}`, `tables are ${TPCH_TABLES.join(", ")}`, {
    table: name,
  });
}

function queriesCalled(list: string): readonly TpchQuery[] {
  if (list === "all") return TPCH_QUERIES;
  if (list === "none") return [];
  return list.split(",").map((item) => {
    const wanted = `q${item.trim().replace(/^q/i, "").padStart(2, "0")}`;
    const found = TPCH_QUERIES.find(({ name }) => name === wanted);
    if (found !== undefined) return found;
    throw refused(`There is no query ${JSON.stringify(item)}`, "choose from q01 to q22", { query: item });
  });
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least) return value;
  throw refused(
    `--${name} must be a whole number: received ${JSON.stringify(text)}`,
    `give ${least} or more`,
    {
      text,
    },
  );
}

/** Fails before the run, not after it. */
function requireWritable(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (cause) {
    throw new QueryError("invalid-parameter", `Cannot write ${JSON.stringify(path)}`, {
      hint: "choose a file in a folder that exists",
      details: { path },
      cause,
    });
  }
}

function refused(message: string, hint: string, details: Readonly<Record<string, unknown>>): QueryError {
  return new QueryError("invalid-parameter", message, { hint, details });
}
