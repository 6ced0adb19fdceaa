/**
 * The shell: statements and backslash commands, one after the other, with their output as text.
 *
 * It knows neither keyboard nor history; main.ts connects it to a terminal or a pipe.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import type { Clock } from "../../src/base/clock.ts";
import { LiveViewError, QueryError } from "../../src/base/error.ts";
import type { Database } from "../../src/kernel/database.ts";
import type { Change } from "../../src/kernel/hooks.ts";
import type { Plugin } from "../../src/kernel/plugin.ts";
import type { QueryResult } from "../../src/kernel/query_result.ts";
import { typeName } from "../../src/storage/sql_type.ts";
import { writeCsv } from "../csv/write_csv.ts";
import { importFile } from "../files/import_file.ts";
import { fileSource } from "../files/file_source.ts";
import { writeJson } from "../json/write_json.ts";
import { COMMANDS, helpText } from "./commands.ts";
import { bytesText, counted, countText, durationText } from "./measure_text.ts";
import { ProgressBar } from "./progress_bar.ts";
import { splitStatements } from "./statement_split.ts";
import { tableText } from "./table_text.ts";
import { printable, type Terminal, type TerminalStyle, terminalWidth } from "./terminal_style.ts";
import { textResult } from "./text_result.ts";

/** How results are written. */
export type OutputFormat = "table" | "csv" | "json" | "ndjson";

/** What a shell needs. */
export interface ShellOptions {
  readonly db: Database<readonly Plugin[]>;
  readonly out: Terminal;
  readonly err: Terminal;
  readonly style: TerminalStyle;
  readonly clock: Clock;
  readonly format?: OutputFormat;
  /** Rows of a table that are shown; all by default. */
  readonly rowsMax?: number;
  /** Lines about counts and times; true by default. */
  readonly verbose?: boolean;
}

/** Rows of a change that \watch prints. */
const CHANGE_ROWS_MAX = 10;
/** What the names of system tables begin with. */
const SYSTEM_SCHEMA = "liveview.";

/** See the module header. */
export class Shell {
  readonly #options: ShellOptions;
  readonly #watched = new Map<string, AbortController>();
  #expanded = false;
  #timing = true;
  #quit = false;
  #running: AbortController | undefined;

  constructor(options: ShellOptions) {
    this.#options = options;
  }

  /** \q was given. */
  get quit(): boolean {
    return this.#quit;
  }

  /** Cancels the statement that runs; false when none does. */
  cancel(): boolean {
    if (this.#running === undefined) return false;
    this.#running.abort();
    return true;
  }

  /** Runs the statements of `script`; false at the first that fails. */
  async runScript(script: string): Promise<boolean> {
    const { statements, rest, open } = splitStatements(script);
    for (const statement of statements) if (!(await this.runStatement(statement))) return false;
    return open === "" ? true : await this.runStatement(rest.trim());
  }

  /** Runs one statement and prints its result or its error. */
  async runStatement(sql: string): Promise<boolean> {
    return await this.#guarded(async () => {
      const { db, clock } = this.#options;
      const controller = new AbortController();
      this.#running = controller;
      const startMs = clock.monotonic();
      try {
        const result = await db.exec(sql, { signal: controller.signal });
        this.#print(result, clock.monotonic() - startMs);
      } finally {
        this.#running = undefined;
      }
      // Lets the watched views print what the statement changed, before the next prompt.
      await new Promise((resolve) => setTimeout(resolve, 0));
    });
  }

  /** Runs a backslash command. */
  async runCommand(line: string): Promise<boolean> {
    const [, name = "", argument = ""] = /^(\\\S*)\s*(.*?)\s*;?\s*$/s.exec(line) ?? [];
    if (name === "\\i") return await this.#runFile(argument);
    return await this.#guarded(() => this.#command(name, argument));
  }

  /** Loads a file as a table, with a progress bar. */
  async load(path: string, table?: string): Promise<boolean> {
    return await this.#guarded(() => this.#import(path, table));
  }

  /** Ends the subscriptions. */
  close(): void {
    for (const controller of this.#watched.values()) controller.abort();
  }

  async #runFile(path: string): Promise<boolean> {
    let script = "";
    const readable = await this.#guarded(async () => {
      try {
        script = await readFile(path, "utf8");
      } catch (cause) {
        throw new QueryError("invalid-parameter", `Cannot read ${JSON.stringify(path)}`, {
          hint: "check path and permissions",
          details: { path },
          cause,
        });
      }
    });
    return readable && await this.runScript(script);
  }

  async #guarded(run: () => Promise<void>): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      this.#options.err.write(this.#errorText(error));
      return false;
    }
  }

  #errorText(error: unknown): string {
    const { style } = this.#options;
    const label = style.red(style.bold("Error"));
    if (!(error instanceof LiveViewError)) {
      return `${label} ${error instanceof Error ? error.stack : String(error)}\n`;
    }
    const hint = error.hint === undefined ? "" : ` (${error.hint})`;
    const message = hint !== "" && error.message.endsWith(hint)
      ? error.message.slice(0, -hint.length)
      : error.message;
    const [first = "", ...lines] = message.split("\n");
    const place = error instanceof QueryError && lines.length >= 2
      ? [`  ${style.dim(lines[0]!)}`, `  ${style.red(lines.slice(1).join("\n"))}`]
      : lines.map((line) => `  ${line}`);
    const tail = error.hint === undefined ? [] : [`${style.cyan("Hint ")} ${error.hint}`];
    return [`${label} ${first}`, ...place, ...tail].join("\n") + "\n";
  }

  #write(text: string): void {
    this.#options.out.write(text);
  }

  #print(result: QueryResult, elapsedMs: number): void {
    const { format = "table", verbose = true, style } = this.#options;
    if (result.columns.length > 0) {
      if (format === "table") this.#table(result);
      else {for (const chunk of format === "csv" ? writeCsv(result) : writeJson(result, format)) {
          this.#write(chunk);
        }}
    }
    if (!verbose || format !== "table") return;
    const what = result.columns.length > 0
      ? counted(result.rowCount, "row")
      : isChange(result.command)
      ? `${result.command}, ${counted(result.changeCount, "row")}`
      : result.command;
    this.#write(`${style.dim(this.#timing ? `${what} in ${durationText(elapsedMs)}` : what)}\n`);
  }

  #table(result: Parameters<typeof tableText>[0]): void {
    const { out, style, rowsMax } = this.#options;
    this.#write(tableText(result, {
      style,
      expanded: this.#expanded,
      types: out.isTTY === true,
      ...(out.isTTY === true ? { width: terminalWidth(out) } : {}),
      ...(rowsMax === undefined ? {} : { rowsMax }),
    }));
  }

  async #command(name: string, argument: string): Promise<void> {
    switch (name) {
      case "\\d":
        return argument === "" ? this.#listRelations() : this.#describe(argument);
      case "\\dt":
        return this.#listRelations("table");
      case "\\df":
        return this.#listFunctions(argument);
      case "\\import": {
        const [path, table] = importWords(argument);
        return await this.#import(path, table);
      }
      case "\\e":
      case "\\explain":
        this.#write(`${(await this.#options.db.explain(argument)).toString().trimEnd()}\n`);
        return;
      case "\\watch":
        return this.#watch(argument);
      case "\\unwatch":
        this.#watched.get(argument)?.abort();
        this.#watched.delete(argument);
        return;
      case "\\x":
        this.#expanded = !this.#expanded;
        this.#write(`Expanded display is ${this.#expanded ? "on" : "off"}.\n`);
        return;
      case "\\timing":
        this.#timing = !this.#timing;
        this.#write(`Timing is ${this.#timing ? "on" : "off"}.\n`);
        return;
      case "\\memory":
        return this.#memory();
      case "\\?":
      case "\\h":
      case "\\help":
        this.#write(helpText());
        return;
      case "\\q":
        this.#quit = true;
        return;
      default:
        throw new QueryError("invalid-statement", `Unknown command: received ${JSON.stringify(name)}`, {
          hint: `\\? lists the commands: ${COMMANDS.map((command) => command.name).join(" ")}`,
        });
    }
  }

  #listRelations(kind?: "table"): void {
    const { db } = this.#options;
    const sizes = new Map(db.memory().tables.map((table) => [table.name, table]));
    const rows = db.catalog.relationNames().flatMap((name) => {
      const relation = db.catalog.relation(name);
      if (relation === undefined || (kind !== undefined && relation.kind !== kind)) return [];
      // System tables are described by name, and not listed among one's own.
      if (name.startsWith(SYSTEM_SCHEMA)) return [];
      const size = sizes.get(name);
      return [[
        name,
        relation.kind === "materializedView" ? "materialized view" : relation.kind,
        size === undefined ? null : countText(size.rowCount),
        size === undefined ? null : bytesText(size.bytes),
      ]];
    });
    if (rows.length === 0) this.#write("There are no tables yet. \\import loads a file as one.\n");
    else this.#table(textResult(["name", "kind", ">rows", ">memory"], rows));
  }

  #describe(argument: string): void {
    const { db } = this.#options;
    const name = /^".*"$/.test(argument) ? argument.slice(1, -1) : argument.toLowerCase();
    const relation = db.catalog.relation(name);
    if (relation === undefined) {
      throw new QueryError("unknown-table", `There is no table or view "${name}"`, {
        hint: "\\d lists them",
      });
    }
    if (relation.kind === "view") {
      this.#write(
        `View "${name}"${relation.columns === undefined ? "" : ` (${relation.columns.join(", ")})`}\n`,
      );
      return;
    }
    this.#table(textResult(
      ["column", "type", "nullable", "key"],
      relation.columns.map((column) => [
        column.name,
        typeName(column.type).toLowerCase(),
        column.nullable ? "yes" : "no",
        relation.primaryKey.includes(column.name)
          ? "primary"
          : relation.uniqueKeys.some((key) => key.includes(column.name))
          ? "unique"
          : "",
      ]),
    ));
  }

  #listFunctions(part: string): void {
    const names = this.#options.db.functionNames().filter((name) => name.includes(part.toLowerCase())).sort();
    const width = terminalWidth(this.#options.out);
    let line = "";
    for (const name of names) {
      if (line.length + name.length + 2 > width) {
        this.#write(`${line}\n`);
        line = "";
      }
      line += `${name}  `;
    }
    this.#write(`${line}\n${counted(names.length, "function")}\n`);
  }

  #memory(): void {
    const memory = this.#options.db.memory();
    const rows = [...memory.tables].sort((a, b) => b.bytes - a.bytes)
      .map(({ name, rowCount, bytes }) => [name, countText(rowCount), bytesText(bytes)]);
    if (rows.length > 0) this.#table(textResult(["table", ">rows", ">memory"], rows));
    this.#write(`${bytesText(memory.totalBytes)} in all\n`);
  }

  async #import(path: string, table: string | undefined): Promise<void> {
    const { db, out, err, style, clock, verbose = true } = this.#options;
    // Fails early and by the path as it was typed.
    const label = (await fileSource(path)).name;
    const terminal = verbose ? (out.isTTY === true ? out : err) : SILENT;
    const bar = new ProgressBar({ terminal, style, clock, label });
    const result = await importFile(db, path, {
      replace: true,
      ...(table === undefined ? {} : { table }),
      onProgress: ({ rows, bytes, totalBytes }) => bar.update(rows, estimatedRows(rows, bytes, totalBytes)),
    });
    bar.update(result.rowCount, result.rowCount);
    bar.finish(`as ${result.table} (${result.columns.map(({ name }) => name).join(", ")})`);
  }

  #watch(name: string): void {
    const { db } = this.#options;
    if (name === "") {
      this.#write(
        this.#watched.size === 0
          ? "No view is watched.\n"
          : `Watched: ${[...this.#watched.keys()].join(", ")}\n`,
      );
      return;
    }
    if (this.#watched.has(name)) return;
    const controller = new AbortController();
    const changes = db.subscribe(name, { signal: controller.signal, snapshot: false });
    this.#watched.set(name, controller);
    this.#write(`Watching ${name}; \\unwatch ${name} ends it.\n`);
    void this.#printChanges(name, changes);
  }

  async #printChanges(name: string, changes: AsyncIterable<Change>): Promise<void> {
    try {
      for await (const change of changes) this.#write(this.#changeText(name, change));
    } catch (error) {
      if (this.#watched.get(name)?.signal.aborted === false) this.#options.err.write(this.#errorText(error));
    }
    this.#watched.delete(name);
  }

  #changeText(name: string, change: Change): string {
    const { style } = this.#options;
    const lines = [
      `${style.cyan(name)} ${
        style.dim(
          `version ${change.version}: ${counted(change.inserted.length, "row")} in, ` +
            `${counted(change.deleted.length, "row")} out`,
        )
      }`,
    ];
    const shown = (sign: string, rows: Change["inserted"], paint: (text: string) => string) => {
      for (const row of rows.slice(0, CHANGE_ROWS_MAX)) lines.push(paint(`  ${sign} ${rowText(row)}`));
      if (rows.length > CHANGE_ROWS_MAX) {
        lines.push(style.dim(`    and ${rows.length - CHANGE_ROWS_MAX} more`));
      }
    };
    shown("-", change.deleted, style.red);
    shown("+", change.inserted, style.green);
    return `${lines.join("\n")}\n`;
  }
}

/** The file and the table of \\import; a path with blanks stands in quotes. */
function importWords(argument: string): readonly [path: string, table: string | undefined] {
  const [, single, double, bare, table] = /^(?:'([^']*)'|"([^"]*)"|(\S+))(?:\s+(\S+))?$/.exec(argument) ?? [];
  const path = single ?? double ?? bare;
  if (path !== undefined) return [path, table];
  throw new QueryError("invalid-statement", `\\import takes a file and a table: received ${argument}`, {
    hint: "put a path with blanks in quotes",
    details: { argument },
  });
}

const SILENT: Terminal = { write: () => true };

function isChange(command: string): boolean {
  return /^(INSERT|UPDATE|DELETE|MERGE|COPY)/.test(command);
}

function rowText(row: Readonly<Record<string, unknown>>): string {
  return Object.entries(row).map(([name, value]) => `${name}=${printable(valueText(value))}`).join("  ");
}

function valueText(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00\.000Z$/, "");
  if (value === null) return "NULL";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** All rows of a file, judged by the bytes read so far. */
function estimatedRows(rows: number, bytes: number, totalBytes: number | undefined): number | undefined {
  return totalBytes === undefined || bytes === 0 ? undefined : rows * totalBytes / bytes;
}
