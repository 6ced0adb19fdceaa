/**
 * The SQL shell: `deno task sql [files...]`.
 *
 * The files are loaded as tables named after them. On a terminal it asks for statements, with history and
 * completion; with `-c`, `-f` or a pipe it runs what it is given and ends with code 1 at the first error.
 *
 * @module
 */
import { appendFileSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface, type Interface } from "node:readline";
import { createDatabase, LiveViewError, materializedViews, QueryError, systemClock } from "../../mod.ts";
import { fileFormats } from "../files/plugin.ts";
import { complete } from "./completion.ts";
import { readSettings, USAGE } from "./command_line.ts";
import { Shell } from "./shell.ts";
import { splitStatements } from "./statement_split.ts";
import { styleFor, type TerminalStyle } from "./terminal_style.ts";

const HISTORY_MAX = 1000;
const ROWS_SHOWN = 40;

/** Runs the shell; gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const settings = readSettings(args);
  if (settings === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const scripts = [...settings.scripts];
  const interactive = scripts.length === 0 && process.stdin.isTTY === true;
  await using db = createDatabase({ plugins: [materializedViews(), fileFormats()] });
  const style = styleFor(process.stdout, process.env);
  const shell = new Shell({
    db,
    out: process.stdout,
    err: process.stderr,
    style,
    clock: systemClock,
    format: settings.format,
    verbose: !settings.quiet,
    ...(interactive ? { rowsMax: ROWS_SHOWN } : {}),
  });
  for (const path of settings.files) if (!(await shell.load(path))) return 1;
  if (interactive) return await converse(shell, style, (text) => complete(text, db));
  if (scripts.length === 0) scripts.push(await standardInput());
  for (const script of scripts) if (!(await runLines(shell, script))) return 1;
  return 0;
}

async function standardInput(): Promise<string> {
  let text = "";
  process.stdin.setEncoding("utf8");
  for await (const chunk of process.stdin) text += String(chunk);
  return text;
}

/** A script of statements and backslash commands, which stand on lines of their own. */
async function runLines(shell: Shell, script: string): Promise<boolean> {
  let pending = "";
  for (const line of script.split("\n")) {
    if (splitStatements(pending).open === "" && line.trimStart().startsWith("\\")) {
      if (!(await shell.runScript(pending)) || !(await shell.runCommand(line.trim()))) return false;
      if (shell.quit) return true;
      pending = "";
    } else {
      pending += `${line}\n`;
    }
  }
  return await shell.runScript(pending);
}

type Complete = (text: string) => { readonly candidates: readonly string[]; readonly word: string };

/** Asks for statements until \q or the end of the input. */
async function converse(shell: Shell, style: TerminalStyle, completeText: Complete): Promise<number> {
  const history = new History();
  let pending = "";
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    history: history.load(),
    historySize: HISTORY_MAX,
    removeHistoryDuplicates: true,
    completer: (line: string): [string[], string] => {
      const { candidates, word } = completeText(pending + line);
      return [[...candidates], word];
    },
  });
  lines.on("SIGINT", () => {
    if (shell.cancel()) return;
    pending = "";
    // Readline keeps what was typed: to the end of the line, and delete all before it.
    lines.write(null, { ctrl: true, name: "e" });
    lines.write(null, { ctrl: true, name: "u" });
    process.stdout.write("\n");
    prompt(lines, style, pending);
  });
  process.stdout.write(`${style.bold("LiveViewDB")} ${style.dim("\\? for help, \\q to quit")}\n`);
  prompt(lines, style, pending);
  for await (const line of lines) {
    if (pending === "" && line.trimStart().startsWith("\\")) {
      history.add(line.trim());
      await shell.runCommand(line.trim());
    } else {
      const { statements, rest, open } = splitStatements(`${pending}${line}\n`);
      history.join(lines, pending);
      pending = open === "" ? "" : rest.trimStart();
      for (const statement of statements) {
        history.add(`${statement};`);
        if (!(await shell.runStatement(statement))) break;
      }
    }
    if (shell.quit) break;
    prompt(lines, style, pending);
  }
  lines.close();
  shell.close();
  process.stdout.write("\n");
  return 0;
}

function prompt(lines: Interface, style: TerminalStyle, pending: string): void {
  const { open } = splitStatements(pending);
  lines.setPrompt(pending === "" ? `${style.bold("sql")}> ` : `${(open === ";" ? "" : open).padStart(3)}| `);
  lines.prompt();
}

/** Statements of earlier sessions, one a line, in the home folder. Without one there is no history. */
class History {
  readonly #path = join(homedir(), ".liveviewdb_history");

  /** Newest first, as readline wants it. */
  load(): string[] {
    try {
      return readFileSync(this.#path, "utf8").split("\n").filter((line) => line !== "").slice(-HISTORY_MAX)
        .reverse();
    } catch {
      return [];
    }
  }

  /** Makes one entry of the lines of a statement: the line just read goes behind those before it. */
  join(lines: Interface, pending: string): void {
    // Readline keeps its entries, newest first, in a property that its types leave out.
    const entries = (lines as Interface & { readonly history?: string[] }).history;
    if (pending === "" || entries === undefined || entries.length < 2) return;
    const [line = "", before = ""] = entries.splice(0, 2);
    entries.splice(0, 0, `${before} ${line.trim()}`);
  }

  add(statement: string): void {
    try {
      appendFileSync(this.#path, `${oneLine(statement)}\n`);
    } catch {
      // A home folder that cannot be written to is no reason to stop.
    }
  }
}

function oneLine(statement: string): string {
  return statement.replace(/\s*\n\s*/g, " ");
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof LiveViewError ? error.message : String(error)}\n`);
    process.exitCode = error instanceof QueryError && error.code === "invalid-parameter" ? 2 : 1;
  }
}
