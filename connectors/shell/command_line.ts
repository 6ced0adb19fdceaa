/**
 * The command line of the shell: options, their checks, and the help text.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { QueryError } from "../../src/base/error.ts";
import type { OutputFormat } from "./shell.ts";

/** The help text. */
export const USAGE = `Usage: deno task sql [files...] [options]

Loads the files (.csv .tsv .json .ndjson .jsonl .parquet .arrow .feather, also .gz) as tables named after them
and opens a SQL shell on them.

  -c, --command <sql>     run the statements and end; may be given several times
  -f, --file <path>       run the statements of a file and end
      --format <name>     table, csv, json or ndjson
  -q, --quiet             results only
  -h, --help              this text

Exit codes: 0 all statements ran, 1 one failed, 2 the options are wrong.
`;

const FORMATS: readonly OutputFormat[] = ["table", "csv", "json", "ndjson"];

/** What the command line says. */
export interface ShellSettings {
  /** Files to load as tables. */
  readonly files: readonly string[];
  /** Statements to run instead of asking for them. */
  readonly scripts: readonly string[];
  readonly format: OutputFormat;
  readonly quiet: boolean;
}

/**
 * Reads the command line; `undefined` when it asks for help.
 *
 * @throws {QueryError} `invalid-parameter`
 */
export function readSettings(args: readonly string[]): ShellSettings | undefined {
  const { values, positionals } = parsed(args);
  if (values.help === true) return undefined;
  return {
    files: positionals,
    scripts: [...(values.file ?? []).map(scriptOf), ...(values.command ?? [])],
    format: formatCalled(values.format ?? "table"),
    quiet: values.quiet === true,
  };
}

interface Parsed {
  readonly values: {
    readonly command?: string[];
    readonly file?: string[];
    readonly format?: string;
    readonly quiet?: boolean;
    readonly help?: boolean;
  };
  readonly positionals: readonly string[];
}

function parsed(args: readonly string[]): Parsed {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        command: { type: "string", short: "c", multiple: true },
        file: { type: "string", short: "f", multiple: true },
        format: { type: "string" },
        quiet: { type: "boolean", short: "q" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    // What follows the first sentence is about parseArgs, not about the shell.
    const [message = ""] = (error instanceof Error ? error.message : String(error)).split(/\.\s|\n/);
    throw new QueryError("invalid-parameter", message.replace(/\.$/, ""), {
      hint: "--help lists the options",
      details: { args },
    });
  }
}

function formatCalled(name: string): OutputFormat {
  const found = FORMATS.find((format) => format === name);
  if (found !== undefined) return found;
  throw new QueryError("invalid-parameter", `There is no format ${JSON.stringify(name)}`, {
    hint: `choose from ${FORMATS.join(", ")}`,
    details: { format: name },
  });
}

function scriptOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new QueryError("invalid-parameter", `Cannot read ${JSON.stringify(path)}`, {
      hint: "check path and permissions",
      details: { path },
      cause,
    });
  }
}
