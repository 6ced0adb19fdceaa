/**
 * count, sum and avg of whole numbers over frames, by prefix sums.
 *
 * ```
 * prefix[i] = sum of the values at positions before i        sum(from, to) = prefix[to] - prefix[from]
 * ```
 *
 * Prefixes are doubles while they are safe integers and bigints from the first partition on where one is not.
 * They run through the whole order, since differences do not care where the sum began. O(1) a row and range.
 *
 * @module
 */
import { addWhole, subtractWhole, type WholeNumber } from "../../query/functions/datum.ts";
import type { Datum } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import { vectorFromDatums } from "../vector_build.ts";
import type { FramePositions } from "./frame.ts";
import type { WindowOrder } from "./partitioned_order.ts";
import type { WindowComputation } from "./window_computation.ts";

/** What is made of count and sum of a frame. */
export type FinishSum = (count: number, sum: WholeNumber) => Datum;

/** Sums and counts of frames. */
export class FrameSumComputation implements WindowComputation {
  readonly #type: SqlType;
  readonly #order: WindowOrder;
  readonly #frames: FramePositions;
  /** The argument by row, NULL where the row does not count. */
  readonly #values: readonly Datum[];
  readonly #finish: FinishSum;
  readonly #counts: Float64Array;
  readonly #sums: WholeNumber[];
  readonly #results: Datum[];
  readonly #ranges: Int32Array = new Int32Array(6);

  constructor(options: {
    readonly type: SqlType;
    readonly order: WindowOrder;
    readonly frames: FramePositions;
    readonly values: readonly Datum[];
    readonly finish: FinishSum;
  }) {
    this.#type = options.type;
    this.#order = options.order;
    this.#frames = options.frames;
    this.#values = options.values;
    this.#finish = options.finish;
    const { rowCount } = options.order;
    this.#counts = new Float64Array(rowCount + 1);
    this.#sums = new Array<WholeNumber>(rowCount + 1).fill(0);
    this.#results = new Array<Datum>(rowCount).fill(null);
  }

  compute(from: number, to: number, first: number, end: number): void {
    const { order } = this.#order;
    const counts = this.#counts;
    const sums = this.#sums;
    counts[from] = 0;
    sums[from] = 0;
    // The entry at `to` is the end of this partition; the next partition overwrites it and starts at 0.
    for (let at = from; at < to; at++) {
      const value = this.#values[order[at]!]!;
      counts[at + 1] = counts[at]! + (value === null ? 0 : 1);
      // Values of whole-number types are whole numbers.
      sums[at + 1] = value === null ? sums[at]! : addWhole(sums[at]!, value as WholeNumber);
    }
    for (let at = first; at < end; at++) this.#results[order[at]!] = this.#valueAt(at);
  }

  result(): Vector {
    return vectorFromDatums(this.#type, this.#results, this.#order.rowCount);
  }

  #valueAt(at: number): Datum {
    const ranges = this.#ranges;
    const length = this.#frames.rangesOf(at, ranges);
    let count = 0;
    let sum: WholeNumber = 0;
    for (let j = 0; j < length; j += 2) {
      count += this.#counts[ranges[j + 1]!]! - this.#counts[ranges[j]!]!;
      sum = addWhole(sum, subtractWhole(this.#sums[ranges[j + 1]!]!, this.#sums[ranges[j]!]!));
    }
    return this.#finish(count, sum);
  }
}
