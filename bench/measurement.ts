/**
 * What the bench processes tell each other: one JSON line a measurement.
 *
 * @module
 */
import process from "node:process";

/** One query, run several times by one peer. */
export interface Measurement {
  readonly subject: string;
  readonly name: string;
  /** Wall-clock milliseconds of each run, in order; the first is cold. */
  readonly runsMs: readonly number[];
  /** Rows and checksum of the answer, so that peers can be compared and nobody optimises the work away. */
  readonly checksum: string;
}

/** A single figure of a peer: load time, memory. */
export interface Figure {
  readonly subject: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** A line of a bench process. */
export type BenchLine =
  | (Measurement & { readonly kind: "measurement" })
  | (Figure & { readonly kind: "figure" })
  | { readonly kind: "skipped"; readonly subject: string; readonly name: string; readonly reason: string };

/** Prints a line for the process that collects. */
export function report(line: BenchLine): void {
  console.log(JSON.stringify(line));
}

/** Times `run`, which gives an answer in the peer's own columns; its rows are made outside the timing. */
export async function measure(
  subject: string,
  name: string,
  runs: number,
  run: () => Promise<() => readonly (readonly unknown[])[]>,
): Promise<void> {
  const runsMs: number[] = [];
  let checksum = "";
  try {
    for (let i = 0; i < runs; i++) {
      const start = performance.now();
      const rows = await run();
      runsMs.push(round(performance.now() - start));
      checksum = checksumOf(rows());
    }
  } catch (error) {
    report({
      kind: "skipped",
      subject,
      name,
      reason: error instanceof Error ? error.message.split("\n")[0]! : String(error),
    });
    return;
  }
  report({ kind: "measurement", subject, name, runsMs, checksum });
}

/** `rows:hash` over values that every peer shows alike: numbers to nine significant digits, dates as days. */
export function checksumOf(rows: readonly (readonly unknown[])[]): string {
  let hash = 0x811c9dc5;
  const add = (text: string) => {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  };
  for (const row of rows) {
    for (const value of row) add(`${canonical(value)}|`);
    add("\n");
  }
  return `${rows.length}:${(hash >>> 0).toString(16).padStart(8, "0")}`;
}

/** Decimals that end in 5 stand between two roundings, and peers differ in the last bit of a double. */
const TIE_BREAK = 1 + 1e-12;

function canonical(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (typeof value === "boolean") return String(value);
  const text = String(value).trim();
  const number = Number(text);
  if (text !== "" && Number.isFinite(number)) {
    return number === 0 ? "0" : Number((number * TIE_BREAK).toPrecision(9)).toString();
  }
  return /^\d{4}-\d\d-\d\d/.test(text) ? text.slice(0, 10) : text;
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** The value of `--name` on the command line. */
export function option(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1] ?? fallback;
}
