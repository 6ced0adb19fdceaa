/**
 * Whether two results are the same: as multisets, or as sequences where the order is total.
 *
 * Exact numbers compare by value (1.50 is 1.5), doubles up to rounding where a peer adds in another order, and
 * exactly otherwise.
 *
 * @module
 */
import type { Cell, CellType, Outcome } from "./query_peer.ts";

/** Rows of an outcome. */
export type Rows = Extract<Outcome, { readonly kind: "rows" }>;

/** How strictly to compare. */
export interface Strictness {
  readonly ordered: boolean;
  /** Doubles must be equal, not only close. */
  readonly exact: boolean;
  /** Of values that are equal and look different (1 month, 30 days), either may stand for the group. */
  readonly representatives: boolean;
}

const RELATIVE: Readonly<Partial<Record<CellType, number>>> = { double: 1e-12, real: 1e-5, numeric: 1e-11 };

/** The first difference between two results, in words; undefined when they are the same. */
export function compareRows(ours: Rows, theirs: Rows, strictness: Strictness): string | undefined {
  if (ours.types.length !== theirs.types.length) {
    return `${ours.types.length} columns, expected ${theirs.types.length}`;
  }
  if (ours.rows.length !== theirs.rows.length) {
    return `${ours.rows.length} rows, expected ${theirs.rows.length}`;
  }
  const comparison = new Comparison(ours.types, theirs.types, strictness);
  if (strictness.ordered) {
    // Of values that are equal and look different, an order may put either first.
    const order = new Comparison(ours.types, theirs.types, { ...strictness, representatives: true });
    const at = ours.rows.findIndex((row, i) => !order.equal(row, theirs.rows[i]!));
    if (at >= 0) return `row ${at}: ${show(ours.rows[at]!)}, expected ${show(theirs.rows[at]!)}`;
  }
  return comparison.multiset(ours.rows, theirs.rows);
}

/** Whether the types of the columns agree, decimals with and without scale being one. */
export function compareTypes(ours: Rows, theirs: Rows): string | undefined {
  const at = ours.types.findIndex((type, i) => theirs.types[i] !== "unknown" && type !== theirs.types[i]);
  return at < 0 ? undefined : `column ${at} is ${ours.types[at]}, expected ${theirs.types[at]}`;
}

function show(row: readonly Cell[]): string {
  return `(${row.map((cell) => cell === null ? "NULL" : cell).join(" | ")})`;
}

class Comparison {
  readonly #types: readonly CellType[];
  /** A DOUBLE on one side makes an exact number approximate. */
  readonly #approximate: readonly boolean[];
  readonly #strictness: Strictness;

  constructor(ours: readonly CellType[], theirs: readonly CellType[], strictness: Strictness) {
    this.#types = ours;
    this.#strictness = strictness;
    this.#approximate = ours.map((type, i) => isFloat(type) || isFloat(theirs[i]!));
  }

  equal(a: readonly Cell[], b: readonly Cell[]): boolean {
    return a.every((cell, i) => this.#equalCells(cell, b[i]!, i));
  }

  multiset(ours: readonly (readonly Cell[])[], theirs: readonly (readonly Cell[])[]): string | undefined {
    const left = this.#sorted(ours);
    const right = this.#sorted(theirs);
    const odd = left.filter((row, i) => !this.equal(row, right[i]!));
    if (odd.length === 0) return undefined;
    // Rounding may have sorted close rows apart: match what is left one by one.
    const rest = right.filter((row, i) => !this.equal(left[i]!, row));
    for (const row of odd) {
      const at = rest.findIndex((other) => this.equal(row, other));
      if (at < 0) return `a row ${show(row)}, expected ${show(rest[0]!)}`;
      rest.splice(at, 1);
    }
    return undefined;
  }

  #sorted(rows: readonly (readonly Cell[])[]): (readonly Cell[])[] {
    const keyed = rows.map((row) => ({ row, key: row.map((cell, i) => this.#key(cell, i)).join("\u0001") }));
    keyed.sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
    return keyed.map(({ row }) => row);
  }

  #key(cell: Cell, column: number): string {
    if (cell === null) return "\u0000";
    if (this.#approximate[column]) return Number(cell).toPrecision(9);
    return this.#canonical(cell, column);
  }

  #canonical(cell: string, column: number): string {
    switch (this.#types[column]) {
      case "numeric":
      case "bigint":
      case "integer":
      case "smallint":
        return trimmedNumber(cell);
      case "json":
        return cell.replace(/-?\d+\.\d+/g, trimmedNumber);
      case "interval":
        return this.#strictness.representatives ? intervalValue(cell) : cell;
      case "array":
        return cell;
      default:
        return cell;
    }
  }

  #equalCells(a: Cell, b: Cell, column: number): boolean {
    if (a === null || b === null) return a === b;
    if (a === b) return true;
    if (!this.#approximate[column]) return this.#canonical(a, column) === this.#canonical(b, column);
    const x = Number(a);
    const y = Number(b);
    if (Object.is(x, y) || x === y) return true;
    if (this.#strictness.exact) return false;
    const relative = RELATIVE[this.#types[column]!] ?? 1e-12;
    return Math.abs(x - y) <= relative * Math.max(Math.abs(x), Math.abs(y));
  }
}

function isFloat(type: CellType): boolean {
  return type === "double" || type === "real";
}

/** Without trailing zeros of the fraction. */
function trimmedNumber(text: string): string {
  const trimmed = text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
  return trimmed === "-0" ? "0" : trimmed;
}

/** The length of an interval in microseconds, months of 30 days. */
function intervalValue(text: string): string {
  const part = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  const days = (part(/(-?\d+) year/) * 12 + part(/(-?\d+) mon/)) * 30 + part(/(-?\d+) day/);
  const time = /([-+]?)(\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(text);
  const seconds = time === null ? 0 : Number(time[2]) * 3600 + Number(time[3]) * 60 + Number(time[4]);
  const micros = BigInt(Math.round(seconds * 1e6)) * (time?.[1] === "-" ? -1n : 1n);
  return String(BigInt(days) * 86_400_000_000n + micros);
}
