/**
 * Rows whose temporal predicates may change by the clock alone, in the order of time.
 *
 * ```
 * key of the row   ──── settled ────┃─ floor ─────── bound ──────── bound ────────►
 *                   not kept        ┃  queue: keys in order ─► linked rows of a row table
 * ```
 *
 * All predicates compare one expression of the row, its key, with bounds that move with the clock. A move changes
 * the rows between the old and the new place of a bound, and no others. Rows below every bound are settled and not
 * kept, with some slack for adjusted clocks: a clock that is set back further is an error, upon which the view
 * starts anew. O(log keys) a row and a move, and the rows that a move meets.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { grownFloat64, grownInt32 } from "../../exec/aggregates/accumulator.ts";
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compileScalars, type ProjectionEvaluator } from "../../exec/expression/compile.ts";
import { materialize } from "../../exec/materialize.ts";
import { MICROS_PER_SECOND } from "../../query/functions/calendar.ts";
import type { ComparisonOperator } from "../../planner/scalar.ts";
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import type { Vector } from "../../storage/vector.ts";
import { unreachable } from "../../base/assert.ts";
import { type Delta, selectDelta } from "../delta.ts";
import { ExpiryQueue } from "./expiry_queue.ts";
import { RowTable } from "../rows/row_table.ts";
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
  readonly #key: ProjectionEvaluator;
  readonly #rows: RowTable;
  /** By row: its key. */
  #rowKeys: Float64Array = new Float64Array(64);
  /** By row: the next with the same key, plus 1. */
  #links: Int32Array = new Int32Array(64);
  #queue = new ExpiryQueue();
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
    this.#key = compileScalars([key], columns, environment);
    this.#rows = new RowTable(columns.map((column) => column.type));
    this.#values = new Float64Array(bounds.length).fill(NaN);
    this.#before = new Float64Array(bounds.length).fill(NaN);
    this.#arrivals = new Array<Arrival | undefined>(bounds.length * 2).fill(undefined);
  }

  /** Memory of the rows. */
  get stateBytes(): number {
    return this.#rows.stateBytes + this.#rowKeys.byteLength + this.#links.byteLength +
      this.#queue.stateBytes;
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
      this.#dueMicros = this.#queue.weight === 0 ? undefined : this.#findDue();
      this.#isDueKnown = true;
    }
    return this.#dueMicros;
  }

  /** The rows that are kept. */
  all(): Delta {
    const live = this.#rows.liveRows();
    return this.#rowsAt(live, live.length);
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
    let positions: Int32Array = new Int32Array(keys.length);
    let rows: Int32Array = new Int32Array(keys.length);
    let count = 0;
    for (let i = 0; i < keys.length; i++) {
      for (let row = this.#queue.head(keys[i]!); row >= 0; row = this.#links[row]! - 1) {
        this.examinedRows++;
        if (this.#rows.weights[row] === 0) continue;
        rows = grownInt32(rows, count + 1);
        positions = grownInt32(positions, count + 1);
        positions[count] = i;
        rows[count++] = row;
      }
    }
    return { positions, rows: this.#rowsAt(rows, count) };
  }

  #rowsAt(rows: Int32Array, count: number): Delta {
    const weights = new Int32Array(count);
    for (let i = 0; i < count; i++) weights[i] = this.#rows.weights[rows[i]!]!;
    return { size: count, columns: this.#rows.rowsAt(rows, count), weights };
  }

  /** The keys of rows, NaN for NULL; they hold until the next call. */
  keysOf(delta: Delta): Float64Array {
    const { size } = delta;
    if (this.#keys.length < size) this.#keys = grownFloat64(this.#keys, size);
    readKeys(this.#key.evaluate(delta)[0]!, size, this.#keys);
    return this.#keys;
  }

  /** Adds the rows of a change that are not settled; `keys` are theirs. */
  add(delta: Delta, keys: Float64Array): void {
    this.settle();
    const rows = new Int32Array(delta.size);
    let count = 0;
    for (let i = 0; i < delta.size; i++) if (keys[i]! >= this.#floor) rows[count++] = i;
    if (count === 0) return;
    const kept = count === delta.size ? delta : selectDelta(delta, rows, count);
    const before = this.#rows.count;
    this.#rows.assign(kept.columns, count);
    this.#rows.add(kept.weights, count);
    this.#reserve(this.#rows.count);
    let fresh = before;
    for (let i = 0; i < count; i++) {
      const key = keys[rows[i]!]!;
      const row = this.#rows.ids[i]!;
      if (row < fresh) this.#queue.add(key, kept.weights[i]!);
      else {
        // New rows get their numbers in the order in which they stand.
        this.#link(row, key, kept.weights[i]!);
        fresh++;
      }
    }
    this.#isDueKnown = false;
    if (this.#rows.isSparse) this.#compact();
  }

  #link(row: number, key: number, weight: number): void {
    this.#rowKeys[row] = key;
    this.#links[row] = this.#queue.link(key, row, weight) + 1;
  }

  #reserve(rowCount: number): void {
    this.#rowKeys = grownFloat64(this.#rowKeys, rowCount);
    this.#links = grownInt32(this.#links, rowCount);
  }

  /** Forgets the rows that are gone. */
  #compact(): void {
    const live = this.#rows.liveRows();
    const keys = Float64Array.from(live, (row) => this.#rowKeys[row]!);
    this.#rows.keep(live);
    this.#queue = new ExpiryQueue();
    this.#rowKeys = new Float64Array(64);
    this.#links = new Int32Array(64);
    this.#reserve(live.length);
    for (let row = 0; row < live.length; row++) this.#link(row, keys[row]!, this.#rows.weights[row]!);
  }

  /** Drops what lies below all bounds; after what a move met was read. */
  settle(): void {
    let floor = Infinity;
    for (let i = 0; i < this.#bounds.length; i++) {
      floor = Math.min(floor, this.#values[i]! - this.#bounds[i]!.time.slack);
    }
    if (!(floor > this.#floor)) return;
    this.#floor = floor;
    const heads: number[] = [];
    this.#queue.removeBelow(floor, heads);
    for (const head of heads) {
      for (let row = head; row >= 0; row = this.#links[row]! - 1) {
        this.examinedRows++;
        this.#rows.clear(row);
      }
    }
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
    try {
      return this.#earliestChange();
    } catch (error) {
      // Near the ends of the calendar a bound may have no value at some later time.
      if (error instanceof QueryError) return this.#nowMicros + MICROS_PER_SECOND;
      throw error;
    }
  }

  #earliestChange(): number | undefined {
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
