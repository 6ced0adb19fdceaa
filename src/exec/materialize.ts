/**
 * From vectors that may be lazy to vectors that hold their values.
 *
 * @module
 */
import type { Vector } from "../storage/vector.ts";
import { StoredReader } from "./stored_gather.ts";
import type { DenseVector } from "./vector_build.ts";

/** `vector` with its first `size` values at hand, in arrays of its own: itself unless it is lazy. O(size). */
export function materialize(vector: Vector, size: number): DenseVector {
  return vector.kind === "lazy" ? new StoredReader().read(vector.source, vector.rows, size) : vector;
}
