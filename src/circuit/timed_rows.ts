/**
 * Rows whose temporal predicates may change by the clock alone, in the order of time.
 *
 * ```
 * key of the row   ──── settled ────┃─ floor ─────── bound ──────── bound ────────►
 *                   not kept        ┃  queue: keys in order; arrangement: rows by key
 * ```
 *
 * All predicates compare one expression of the row, its key, with bounds that move with the clock. A move changes
 * the rows between the old and the new place of a bound, and no others. Rows below every bound are settled and not
 * kept, with some slack for adjusted clocks: a clock that is set back further is an error, upon which the view
 * starts anew. O(log keys) a row and a move, and the rows that a move meets.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { grownFloat64 } from "../exec/aggregates/accumulator.ts";
import type { ExecutionEnvironment } from "../exec/execution.ts";
import { materialize } from "../exec/materialize.ts";
import type { ComparisonOperator } from "../planner/scalar.ts";
import type { PlanColumn, Scalar } from "../query/plan.ts";
import type { Vector } from "../storage/vector.ts";
import { unreachable } from "../base/assert.ts";
import { type Delta, negated, selectDelta } from "./delta.ts";
import { ExpiryQueue } from "./expiry_queue.ts";
import { KeyedInput } from "./keyed_input.ts";
import type { TimeExpression } from "./time_expression.ts";

/** A comparison of the key with a time. */
export interface TimeBound {
  readonly operator: ComparisonOperator;
  readonly time: TimeExpression;
}

/** A key that a bound reaches at a time. */
interface Arrival {
  readonly key: number;
  readonly at: number;
}

/** See the module header. */
export class TimedRows {
  readonly #bounds: readonly TimeBound[];
  readonly #input: KeyedInput;
  readonly #queue = new ExpiryQueue();
  readonly #hasIntegerKey: boolean;
  #values: Float64Array;
  #before: Float64Array;
  #floor = -Infinity;
  #nowMicros = -Infinity;
  /** Of each bound twice: reached and passed. */
  readonly #arrivals: (Arrival | undefined)[];
  #dueMicros: number | undefined;
  #isDueKnown = false;
  /** For `keysOf`. */
  #keys: Float64Array = new Float64Array(0);
  examinedRows = 0;

  constructor(
    columns: readonly PlanColumn[],
    key: Scalar,
    bounds: readonly TimeBound[],
    environment: ExecutionEnvironment,
  ) {
    this.#bounds = bounds;
    this.#input = new KeyedInput(columns, [key], environment, false);
    this.#hasIntegerKey = key.type.kind === "date" || key.type.kind === "integer" ||
      key.type.kind === "smallint";
    this.#values = new Float64Array(bounds.length).fill(NaN);
    this.#before = new Float64Array(bounds.length).fill(NaN);
    this.#arrivals = new Array<Arrival | undefined>(bounds.length * 2).fill(undefined);
  }

  /** Memory of the rows. */
  get stateBytes(): number {
    return this.#input.stateBytes + this.#queue.stateBytes;
  }

  /** The bounds, as of the last move. */
  get values(): Float64Array {
    return this.#values;
  }

  /** The bounds before the last move. */
  get before(): Float64Array {
    return this.#before;
  }

  /** When the next move may change a row. */
  get dueMicros(): number | undefined {
    if (!this.#isDueKnown) {
      this.#dueMicros = this.#findDue();
      this.#isDueKnown = true;
    }
    return this.#dueMicros;
  }

  /** The rows that are kept. */
  all(): Delta {
    return this.#input.arrangement.all();
  }

  /** Moves the bounds; gives the keys that they met, ascending. */
  move(nowMicros: number): readonly number[] {
    const met: number[] = [];
    if (nowMicros === this.#nowMicros) return met;
    const after = this.#before;
    for (let i = 0; i < after.length; i++) after[i] = this.#bounds[i]!.time.at(nowMicros);
    this.#requireKept(after, nowMicros);
    const before = this.#values;
    this.#values = after;
    this.#before = before;
    let moves = 0;
    for (let i = 0; i < after.length; i++) {
      if (after[i] === before[i] || Number.isNaN(before[i]!)) continue;
      moves++;
      this.#queue.collect(Math.min(before[i]!, after[i]!), Math.max(before[i]!, after[i]!), met);
    }
    if (nowMicros < this.#nowMicros) this.#arrivals.fill(undefined);
    this.#nowMicros = nowMicros;
    this.#isDueKnown = false;
    if (moves < 2) return met;
    met.sort((a, b) => a - b);
    return met.filter((key, i) => i === 0 || key !== met[i - 1]);
  }

  /** The rows with these keys, and for each the position of its key. */
  rowsWith(keys: readonly number[]): { readonly positions: Int32Array; readonly rows: Delta } {
    const { arrangement } = this.#input;
    const { count, probes, rows } = arrangement.find([this.#keyVector(keys)], keys.length);
    this.examinedRows += count;
    return { positions: probes, rows: arrangement.rowsAt(rows, count) };
  }

  /** The keys of rows, NaN for NULL; they hold until the next call. */
  keysOf(delta: Delta): Float64Array {
    const { size } = delta;
    if (this.#keys.length < size) this.#keys = grownFloat64(this.#keys, size);
    readKeys(this.#input.keysOf(delta)[0]!, size, this.#keys);
    return this.#keys;
  }

  /** Adds the rows of a change that are not settled; `keys` are theirs. */
  add(delta: Delta, keys: Float64Array): void {
    this.settle();
    const rows = new Int32Array(delta.size);
    let count = 0;
    for (let i = 0; i < delta.size; i++) if (keys[i]! >= this.#floor) rows[count++] = i;
    if (count > 0) {
      for (let i = 0; i < count; i++) this.#queue.add(keys[rows[i]!]!, delta.weights[rows[i]!]!);
      this.#input.apply(count === delta.size ? delta : selectDelta(delta, rows, count));
      this.#isDueKnown = false;
    }
  }

  /** Drops what lies below all bounds; after what a move met was read. */
  settle(): void {
    let floor = Infinity;
    for (let i = 0; i < this.#bounds.length; i++) {
      floor = Math.min(floor, this.#values[i]! - this.#bounds[i]!.time.slack);
    }
    if (!(floor > this.#floor)) return;
    this.#floor = floor;
    const settled: number[] = [];
    this.#queue.removeBelow(floor, settled);
    if (settled.length === 0) return;
    const { arrangement } = this.#input;
    const { count, rows } = arrangement.find([this.#keyVector(settled)], settled.length);
    this.examinedRows += count;
    this.#input.apply(negated(arrangement.rowsAt(rows, count)));
  }

  #requireKept(values: Float64Array, nowMicros: number): void {
    for (let i = 0; i < values.length; i++) {
      if (values[i]! >= this.#floor) continue;
      throw new QueryError(
        "version-unavailable",
        `The clock went back further than rows are kept: ${nowMicros}`,
        {
          details: { nowMicros, before: this.#nowMicros },
          hint: "the view is computed anew",
        },
      );
    }
  }

  #findDue(): number | undefined {
    if (this.#queue.keyCount === 0) return undefined;
    let due = Infinity;
    for (let i = 0; i < this.#bounds.length; i++) {
      const { operator, time } = this.#bounds[i]!;
      const value = this.#values[i]!;
      if (CHANGES_WHEN_REACHED[operator]) {
        due = Math.min(due, this.#arrival(i, this.#queue.next(value, true), false));
      }
      if (CHANGES_WHEN_PASSED[operator]) {
        due = Math.min(due, this.#arrival(i, this.#queue.next(value, false), true));
      }
      // Rows below the bound may come back.
      if (time.mayFall) due = Math.min(due, time.risesUntil(this.#nowMicros) + 1);
    }
    return due === Infinity ? undefined : due;
  }

  /** When bound `i` reaches or passes a key. */
  #arrival(i: number, key: number | undefined, beyond: boolean): number {
    if (key === undefined) return Infinity;
    const slot = beyond ? i * 2 + 1 : i * 2;
    const known = this.#arrivals[slot];
    if (known !== undefined && known.key === key && this.#nowMicros < known.at) return known.at;
    const at = this.#bounds[i]!.time.reaches(key, beyond, this.#nowMicros);
    this.#arrivals[slot] = { key, at };
    return at;
  }

  #keyVector(keys: readonly number[]): Vector {
    return this.#hasIntegerKey
      ? { kind: "i32", values: Int32Array.from(keys), nulls: null }
      : { kind: "f64", values: Float64Array.from(keys), nulls: null };
  }
}

const CHANGES_WHEN_REACHED: Readonly<Record<ComparisonOperator, boolean>> = {
  "=": true,
  "<>": true,
  "<": false,
  "<=": true,
  ">": true,
  ">=": false,
};

const CHANGES_WHEN_PASSED: Readonly<Record<ComparisonOperator, boolean>> = {
  "=": true,
  "<>": true,
  "<": true,
  "<=": false,
  ">": false,
  ">=": true,
};

/** Whether a comparison of a key with a bound holds; with NaN, the key of NULL, none does. */
export function holds(operator: ComparisonOperator, key: number, bound: number): boolean {
  switch (operator) {
    case "=":
      return key === bound;
    case "<>":
      return key < bound || key > bound;
    case "<":
      return key < bound;
    case "<=":
      return key <= bound;
    case ">":
      return key > bound;
    case ">=":
      return key >= bound;
    default:
      return unreachable(operator);
  }
}

function readKeys(vector: Vector, size: number, keys: Float64Array): void {
  const dense = materialize(vector, size);
  if (dense.kind !== "i32" && dense.kind !== "f64") {
    throw new QueryError(
      "numeric-overflow",
      `Keys of time must be numbers below 2^53: received ${dense.kind}`,
      {
        hint: "the view is computed anew",
      },
    );
  }
  if (dense.kind === "i32") readInt32(dense.values, size, keys);
  else readFloat64(dense.values, size, keys);
  if (dense.nulls !== null) clearNulls(dense.nulls, size, keys);
}

function readInt32(values: Int32Array, size: number, keys: Float64Array): void {
  for (let i = 0; i < size; i++) keys[i] = values[i]!;
}

function readFloat64(values: Float64Array, size: number, keys: Float64Array): void {
  for (let i = 0; i < size; i++) keys[i] = values[i]!;
}

function clearNulls(nulls: Uint8Array, size: number, keys: Float64Array): void {
  for (let i = 0; i < size; i++) if (nulls[i] === 1) keys[i] = NaN;
}
