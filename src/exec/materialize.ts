/**
 * From vectors that may be lazy to vectors that hold their values.
 *
 * @module
 */
import type { Vector } from "../storage/vector.ts";
import { gatherStored } from "./stored_gather.ts";
import type { DenseVector } from "./vector_build.ts";

/** `vector` with its first `size` values at hand: itself unless it is lazy. O(size). */
export function materialize(vector: Vector, size: number): DenseVector {
  return vector.kind === "lazy" ? gatherStored(vector.source, vector.rows, size) : vector;
}
