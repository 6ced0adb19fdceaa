/**
 * count(*) and count(x): one number a group. O(1) a row.
 *
 * @module
 */
import type { Vector } from "../../storage/vector.ts";
import type { DenseVector } from "../vector_build.ts";
import { type Accumulator, grownFloat64 } from "./accumulator.ts";

/** Counts rows, or rows whose argument is not NULL when there is one. */
export class CountAccumulator implements Accumulator {
  #counts: Float64Array = new Float64Array(16);

  get memoryBytes(): number {
    return this.#counts.byteLength;
  }

  /** Counts by group. */
  get counts(): Float64Array {
    return this.#counts;
  }

  reserve(groupCount: number): void {
    this.#counts = grownFloat64(this.#counts, groupCount);
  }

  add(ids: Int32Array | null, args: readonly DenseVector[], size: number): void {
    const nulls = args.length === 0 ? null : args[0]!.nulls;
    if (ids === null) this.#counts[0]! += nulls === null ? size : size - countOnes(nulls, size);
    else if (nulls === null) countRows(this.#counts, ids, size);
    else countValues(this.#counts, ids, nulls, size);
  }

  result(from: number, to: number): Vector {
    return { kind: "f64", values: this.#counts.slice(from, to), nulls: null };
  }
}

function countOnes(bytes: Uint8Array, size: number): number {
  let ones = 0;
  for (let i = 0; i < size; i++) ones += bytes[i]!;
  return ones;
}

function countRows(counts: Float64Array, ids: Int32Array, size: number): void {
  for (let i = 0; i < size; i++) counts[ids[i]!]!++;
}

function countValues(counts: Float64Array, ids: Int32Array, nulls: Uint8Array, size: number): void {
  for (let i = 0; i < size; i++) counts[ids[i]!]! += nulls[i]! ^ 1;
}
