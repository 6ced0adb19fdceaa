/**
 * The backslash commands of the shell, as data: their help, and what completion offers.
 *
 * @module
 */

/** A command. */
export interface ShellCommand {
  readonly name: string;
  readonly argument: string;
  readonly help: string;
}

/** All commands, in the order of the help. */
export const COMMANDS: readonly ShellCommand[] = [
  { name: "\\d", argument: "[name]", help: "list tables and views, or describe one" },
  { name: "\\dt", argument: "", help: "list tables" },
  { name: "\\df", argument: "[text]", help: "list functions whose name contains the text" },
  {
    name: "\\import",
    argument: "file [table]",
    help: "load a CSV, JSON, NDJSON, Parquet or Arrow file as a table",
  },
  { name: "\\explain", argument: "query", help: "show the plan of a query (also \\e)" },
  {
    name: "\\watch",
    argument: "[view]",
    help: "print the changes of a materialized view as they are committed",
  },
  { name: "\\unwatch", argument: "view", help: "stop printing them" },
  { name: "\\i", argument: "file", help: "run the statements of a file" },
  { name: "\\x", argument: "", help: "switch between rows and one line per value" },
  { name: "\\timing", argument: "", help: "switch the time of statements on or off" },
  { name: "\\memory", argument: "", help: "show memory by table" },
  { name: "\\?", argument: "", help: "show this help" },
  { name: "\\q", argument: "", help: "quit" },
];

/** The help text. */
export function helpText(): string {
  const left = COMMANDS.map(({ name, argument }) => `${name} ${argument}`.trim());
  const width = Math.max(...left.map((text) => text.length));
  return [
    "Statements end with a semicolon and may go over several lines.",
    "",
    ...COMMANDS.map(({ help }, i) => `  ${left[i]!.padEnd(width)}  ${help}`),
    "",
  ].join("\n");
}
