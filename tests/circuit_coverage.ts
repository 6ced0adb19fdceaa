/**
 * Measures which lines of the circuit and of the materialized views the tests run, and names those that they do not,
 * but for the exceptions below: `deno task coverage:circuit`. With `--lcov FILE` an earlier measurement is read.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";

const ROOT = resolve(import.meta.dirname!, "..");
const MEASURED = /^(src\/circuit|plugins\/materialized_views)\//;
const TESTS = ["tests/src/circuit", "tests/plugins", "tests/regressions"];
const FOLDER = "coverage/circuit";

/** Lines that no test can reach wherever they stand: they say what never happens. */
const NEVER: readonly RegExp[] = [
  /\bunreachable\(/,
  /\bthrow new InvariantError\(/,
];

interface Exception {
  readonly file: string;
  /** A part of the line. */
  readonly line: string;
  readonly reason: string;
}

/** Between the end of something and what was under way for it. */
const AFTER_END = "what comes after the end is dropped, where the end came in between";
const REST = "errors other than those of queries are passed on";

/** Other lines that no test reaches. */
const EXCEPTIONS: readonly Exception[] = [
  { file: "src/circuit/nodes/guard.ts", line: "if (!isRowError(error)) throw error;", reason: REST },
  { file: "src/circuit/time/time_step.ts", line: "throw error;", reason: REST },
  { file: "src/circuit/time/timed_rows.ts", line: "throw error;", reason: REST },
  { file: "plugins/materialized_views/refresh_policy.ts", line: "throw error;", reason: REST },
  { file: "src/circuit/compile_circuit.ts", line: 'case "sample":', reason: "a sample has no circuit" },
  {
    file: "src/circuit/time/temporal_predicate.ts",
    line: 'if (scalar.kind !== "call") return scalar.kind;',
    reason: "only calls and casts of texts are not immutable",
  },
  {
    file: "src/circuit/shared_nodes.ts",
    line: "if (numbers.includes(-1)) return;",
    reason: "every node of today gives columns of its plan",
  },
  {
    file: "plugins/materialized_views/alarms.ts",
    line: "Deno",
    reason: "the timers of this runtime are objects; those of older ones are numbers",
  },
  {
    file: "plugins/materialized_views/alarms.ts",
    line: "if (this.#closed) return;",
    reason: AFTER_END,
  },
  {
    file: "plugins/materialized_views/alarms.ts",
    line: "if (next < this.#timerAt) this.#arm(next);",
    reason: "a timer of the runtime wakes it with more to come; tests move the clock",
  },
  {
    file: "plugins/materialized_views/query_subscription.ts",
    line: "if (this.#isClosed) return undefined;",
    reason: AFTER_END,
  },
  {
    file: "plugins/materialized_views/subscription.ts",
    line: "if (this.#closed) return;",
    reason: AFTER_END,
  },
  {
    file: "plugins/materialized_views/view_subscribers.ts",
    line: "if (table === undefined) return;",
    reason: AFTER_END,
  },
  {
    file: "plugins/materialized_views/circuit_environment.ts",
    line: "execution: host.environment(() => {",
    reason: "the closure only throws: circuits read tables through their epochs",
  },
  {
    file: "plugins/materialized_views/epochs.ts",
    line: "valuesOf(table: string): RouteValues {",
    reason: "it only throws: all rows of a table are no change",
  },
  {
    file: "plugins/materialized_views/maintained_view.ts",
    line: "if (attempt === undefined) return;",
    reason: "each way to publish has an attempt before it",
  },
  {
    file: "plugins/materialized_views/view_set.ts",
    line: "if (!this.#graph.holds(view)) continue;",
    reason: "what is advanced is in the graph",
  },
  {
    file: "plugins/materialized_views/view_set.ts",
    line: "if (replaced === undefined) return;",
    reason: "a first definition writes nothing that a later plugin could refuse",
  },
  {
    file: "src/circuit/shared_nodes.ts",
    line: "else keys.push(key);",
    reason: "no node of today is that of two plans that are both shared",
  },
  {
    file: "plugins/materialized_views/view_tables.ts",
    line: "since_version: error.sinceVersion ?? null,",
    reason: "errors are read once they are published",
  },
];

interface Line {
  readonly file: string;
  readonly number: number;
  readonly text: string;
}

/** Lines that were not run, and the number of all. */
function uncoveredLines(lcov: string): { readonly lines: readonly Line[]; readonly count: number } {
  const lines: Line[] = [];
  let count = 0;
  let file = "";
  let source: readonly string[] = [];
  for (const record of lcov.split("\n")) {
    if (record.startsWith("SF:")) {
      file = record.slice("SF:".length).replace(`${ROOT}/`, "");
      source = MEASURED.test(file) ? readFileSync(resolve(ROOT, file), "utf8").split("\n") : [];
    }
    if (!record.startsWith("DA:") || !MEASURED.test(file)) continue;
    const [number, hits] = record.slice("DA:".length).split(",").map(Number);
    count++;
    if (hits === 0) lines.push({ file, number: number!, text: source[number! - 1] ?? "" });
  }
  return { lines, count };
}

/** A closing bracket goes with the line before it. */
function isClosing({ text }: Line): boolean {
  return /^\s*[)}\]]+[;,]?$/.test(text);
}

function isExcepted({ file, text }: Line): boolean {
  return NEVER.some((pattern) => pattern.test(text)) ||
    EXCEPTIONS.some((exception) => exception.file === file && text.includes(exception.line));
}

async function deno(...args: readonly string[]): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd: ROOT, stdout: "null" });
  const { success, stderr } = await command.output();
  if (success) return;
  console.error(new TextDecoder().decode(stderr));
  process.exit(1);
}

async function measured(): Promise<string> {
  await deno("test", "-A", "--no-check", "--clean", `--coverage=${FOLDER}`, ...TESTS);
  await deno("coverage", FOLDER, "--lcov", `--output=${FOLDER}.lcov`);
  return `${FOLDER}.lcov`;
}

const at = process.argv.indexOf("--lcov");
const path = at < 0 ? await measured() : process.argv[at + 1] ?? "";
const { lines, count } = uncoveredLines(readFileSync(resolve(ROOT, path), "utf8"));
let before: Line | undefined;
const missed = lines.filter((line) => {
  const follows = before?.file === line.file && before.number === line.number - 1 && isClosing(line);
  if (!follows && !isExcepted(line)) return true;
  before = line;
  return false;
});
for (const { file, number, text } of missed) console.log(`${file}:${number}: ${text.trim()}`);
const percent = ((1 - missed.length / count) * 100).toFixed(2);
console.log(
  `${percent} % of ${count} lines, ${
    lines.length - missed.length
  } of which are exceptions; ${missed.length} are not run`,
);
process.exit(missed.length === 0 ? 0 : 1);
