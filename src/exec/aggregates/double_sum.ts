/**
 * Exact sums of doubles by group, rounded once when read. O(1) a row.
 *
 * @module
 */
import { ExactSums } from "../../base/exact_sum.ts";
import type { Vector } from "../../storage/vector.ts";
import type { DenseVector } from "../vector_build.ts";
import { assert } from "../../base/assert.ts";
import { type Accumulator, grownFloat64, grownInt32 } from "./accumulator.ts";
import { zeroIds } from "./extreme.ts";

/** Sums of DOUBLE and REAL. Whether a group had a value at all is for a counter to know. */
export class DoubleSum implements Accumulator {
  readonly sums: ExactSums = new ExactSums(16);
  #groupCount = 16;
  /** Rows without NULL, packed. */
  #ids: Int32Array = new Int32Array(0);
  #values: Float64Array = new Float64Array(0);

  get memoryBytes(): number {
    return this.#groupCount * 32;
  }

  reserve(groupCount: number): void {
    this.#groupCount = Math.max(this.#groupCount, groupCount);
    this.sums.ensure(groupCount);
  }

  add(ids: Int32Array | null, args: readonly DenseVector[], size: number): void {
    const vector = args[0]!;
    assert(vector.kind === "f64", () => `Doubles come as f64: received ${vector.kind}`);
    const groups = ids ?? zeroIds(size);
    if (vector.nulls === null) return this.sums.addRows(groups, vector.values, size);
    this.#ids = grownInt32(this.#ids, size);
    this.#values = grownFloat64(this.#values, size);
    let count = 0;
    for (let i = 0; i < size; i++) {
      this.#ids[count] = groups[i]!;
      this.#values[count] = vector.values[i]!;
      count += vector.nulls[i]! ^ 1;
    }
    this.sums.addRows(this.#ids, this.#values, count);
  }

  result(from: number, to: number): Vector {
    const values = new Float64Array(to - from);
    for (let group = from; group < to; group++) values[group - from] = this.sums.value(group);
    return { kind: "f64", values, nulls: null };
  }
}
