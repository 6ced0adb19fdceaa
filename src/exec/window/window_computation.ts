/**
 * What computes one window call.
 *
 * @module
 */
import type { Vector } from "../../storage/vector.ts";

/** The values of a window call for all rows, computed partition by partition. */
export interface WindowComputation {
  /** Computes positions [from, to), which are one partition. */
  compute(from: number, to: number): void;
  /** The values by row number, once all partitions are computed. */
  result(): Vector;
}
