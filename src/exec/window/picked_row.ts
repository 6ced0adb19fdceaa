/**
 * Window functions whose value is that of another row: lag, lead, first_value, last_value and nth_value.
 *
 * They only pick row numbers; the values are gathered once at the end, whatever their type. With IGNORE NULLS
 * the rows that have a value are numbered within the partition, so that the n-th one from any position is
 * found by counting: O(1) a row, O(log n) for the start of a frame.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { Datum } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { ColumnBuffer } from "../column_buffer.ts";
import type { FramePositions } from "./frame.ts";
import type { WindowOrder } from "./partitioned_order.ts";
import type { WindowComputation } from "./window_computation.ts";

/** Marks rows without a value. */
type IsNull = (row: number) => boolean;

/** Positions of a partition that have a value, ascending. */
class KnownPositions {
  readonly positions: Int32Array;

  constructor(order: Int32Array, from: number, to: number, isNull: IsNull) {
    const positions = new Int32Array(to - from);
    let count = 0;
    for (let at = from; at < to; at++) if (!isNull(order[at]!)) positions[count++] = at;
    this.positions = positions.subarray(0, count);
  }

  /** How many are before `position`. */
  countBefore(position: number): number {
    let low = 0;
    let high = this.positions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.positions[middle]! < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** lag and lead. */
export class NeighbourComputation implements WindowComputation {
  readonly #order: WindowOrder;
  readonly #values: ColumnBuffer;
  readonly #defaults: Vector | null;
  readonly #offsets: readonly Datum[] | null;
  readonly #direction: 1 | -1;
  readonly #isNull: IsNull | null;
  /** The row whose value each row takes; -1 for NULL, `rowCount + row` for the row's own default. */
  readonly #picked: Int32Array;

  constructor(options: {
    readonly order: WindowOrder;
    /** The argument by row. */
    readonly values: ColumnBuffer;
    /** The default by row; `null` for NULL. */
    readonly defaults: Vector | null;
    /** The distance by row; `null` for 1. */
    readonly offsets: readonly Datum[] | null;
    readonly direction: 1 | -1;
    /** Set for IGNORE NULLS. */
    readonly isNull: IsNull | null;
  }) {
    this.#order = options.order;
    this.#values = options.values;
    this.#defaults = options.defaults;
    this.#offsets = options.offsets;
    this.#direction = options.direction;
    this.#isNull = options.isNull;
    this.#picked = new Int32Array(options.order.rowCount);
  }

  compute(from: number, to: number, first: number, end: number): void {
    const { order, rowCount } = this.#order;
    const known = this.#isNull === null ? null : new KnownPositions(order, from, to, this.#isNull);
    for (let at = first; at < end; at++) {
      const row = order[at]!;
      const offset = this.#offsets === null ? 1 : this.#offsets[row]!;
      if (offset === null) {
        this.#picked[row] = -1;
        continue;
      }
      const distance = Number(offset) * this.#direction;
      const target = known === null ? at + distance : knownAt(known, at, distance);
      if (target >= from && target < to) this.#picked[row] = order[target]!;
      else this.#picked[row] = this.#defaults === null ? -1 : rowCount + row;
    }
  }

  result(): Vector {
    const { rowCount } = this.#order;
    if (this.#defaults !== null) this.#values.append(this.#defaults, rowCount);
    return this.#values.gather(this.#picked, rowCount);
  }
}

/** The position that is `distance` known values from `at`; -1 for none. */
function knownAt(known: KnownPositions, at: number, distance: number): number {
  if (distance === 0) return at;
  const { positions } = known;
  const before = known.countBefore(at);
  const self = positions[before] === at ? 1 : 0;
  const index = distance < 0 ? before + distance : before + self + distance - 1;
  return index >= 0 && index < positions.length ? positions[index]! : -1;
}

/** first_value, last_value and nth_value. */
export class FrameRowComputation implements WindowComputation {
  readonly #order: WindowOrder;
  readonly #frames: FramePositions;
  readonly #values: ColumnBuffer;
  /** The n of nth_value by row; 1 for first_value, -1 for last_value. */
  readonly #nth: readonly Datum[] | 1 | -1;
  readonly #isNull: IsNull | null;
  readonly #picked: Int32Array;
  readonly #ranges: Int32Array = new Int32Array(6);

  constructor(options: {
    readonly order: WindowOrder;
    readonly frames: FramePositions;
    readonly values: ColumnBuffer;
    readonly nth: readonly Datum[] | 1 | -1;
    readonly isNull: IsNull | null;
  }) {
    this.#order = options.order;
    this.#frames = options.frames;
    this.#values = options.values;
    this.#nth = options.nth;
    this.#isNull = options.isNull;
    this.#picked = new Int32Array(options.order.rowCount).fill(-1);
  }

  compute(from: number, to: number, first: number, end: number): void {
    const { order } = this.#order;
    const known = this.#isNull === null ? null : new KnownPositions(order, from, to, this.#isNull);
    for (let at = first; at < end; at++) {
      const row = order[at]!;
      const nth = typeof this.#nth === "number" ? this.#nth : this.#nth[row]!;
      if (nth === null) continue;
      if (typeof this.#nth !== "number" && Number(nth) <= 0) {
        throw new QueryError(
          "invalid-value",
          `The argument of nth_value must be greater than zero: received ${nth}`,
        );
      }
      const position = this.#positionOf(at, Number(nth), known);
      if (position >= 0) this.#picked[row] = order[position]!;
    }
  }

  result(): Vector {
    return this.#values.gather(this.#picked, this.#order.rowCount);
  }

  /** The `nth` position of the frame of `at`, from the end when negative; -1 for none. */
  #positionOf(at: number, nth: number, known: KnownPositions | null): number {
    const ranges = this.#ranges;
    const count = this.#frames.rangesOf(at, ranges);
    let left = Math.abs(nth);
    for (let j = 0; j < count; j += 2) {
      const k = nth > 0 ? j : count - 2 - j;
      const low = known === null ? ranges[k]! : known.countBefore(ranges[k]!);
      const high = known === null ? ranges[k + 1]! : known.countBefore(ranges[k + 1]!);
      if (left > high - low) {
        left -= high - low;
        continue;
      }
      const index = nth > 0 ? low + left - 1 : high - left;
      return known === null ? index : known.positions[index]!;
    }
    return -1;
  }
}
