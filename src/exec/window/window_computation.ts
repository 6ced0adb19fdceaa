/**
 * What computes one window call.
 *
 * @module
 */
import type { Vector } from "../../storage/vector.ts";

/** The values of a window call for all rows, computed partition by partition. */
export interface WindowComputation {
  /** Computes at least positions [first, end) of a partition, which is [from, to). */
  compute(from: number, to: number, first: number, end: number): void;
  /** The values by row number, once all partitions are computed. */
  result(): Vector;
}
