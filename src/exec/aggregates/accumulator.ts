/**
 * Accumulators: the state of one aggregate for all groups, in arrays by group id.
 *
 * @module
 */
import type { RowBudget } from "../operators/operator.ts";
import type { DenseVector } from "../vector_build.ts";
import type { Vector } from "../../storage/vector.ts";

/** Groups [from, to). */
export interface GroupRange {
  readonly from: number;
  readonly to: number;
}

/** One aggregate over all groups. Groups are dense ids from 0. Some take lazy arguments. */
export interface Accumulator<Argument extends Vector = DenseVector> {
  readonly memoryBytes: number;
  /** Makes room for groups below `groupCount`; their state is that of no rows. */
  reserve(groupCount: number): void;
  /**
   * Adds `size` rows: row `i` belongs to group `ids[i]`, or every row to group 0 when `ids` is null.
   * There is room for all of them.
   */
  add(ids: Int32Array | null, args: readonly Argument[], size: number): void;
  /** What must be done for all of `groupCount` groups before results are read, in slices; true when done. */
  prepare?(groupCount: number, budget: RowBudget): boolean;
  /** The values of groups [from, to). */
  result(from: number, to: number): Vector;
}

/** Arrays grow by a quarter: state that has grown row by row is then little larger than what is made at once. */
const GROWTH_SHIFT = 2;

/** `array`, or a copy with room for `length` elements and, mostly, some more. */
export function grownFloat64(array: Float64Array, length: number): Float64Array {
  if (array.length >= length) return array;
  const grown = new Float64Array(Math.max(length, array.length + (array.length >> GROWTH_SHIFT)));
  grown.set(array);
  return grown;
}

/** As {@linkcode grownFloat64}. */
export function grownUint8(array: Uint8Array, length: number): Uint8Array {
  if (array.length >= length) return array;
  const grown = new Uint8Array(Math.max(length, array.length + (array.length >> GROWTH_SHIFT)));
  grown.set(array);
  return grown;
}

/** As {@linkcode grownFloat64}. */
export function grownInt32(array: Int32Array, length: number): Int32Array {
  if (array.length >= length) return array;
  const grown = new Int32Array(Math.max(length, array.length + (array.length >> GROWTH_SHIFT)));
  grown.set(array);
  return grown;
}
