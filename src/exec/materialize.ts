/**
 * From vectors that may be lazy to vectors that hold their values.
 *
 * @module
 */
import { gatherStored } from "../storage/gather.ts";
import type { Vector } from "../storage/vector.ts";
import { StoredReader } from "./stored_gather.ts";
import type { DenseVector } from "./vector_build.ts";

/** Rows up to which a column is read row by row: its layout would cost more to find out. */
const FEW_ROWS = 64;

/** `vector` with its first `size` values at hand, in arrays of its own: itself unless it is lazy. O(size). */
export function materialize(vector: Vector, size: number): DenseVector {
  if (vector.kind !== "lazy") return vector;
  if (size <= FEW_ROWS) return gatherStored(vector.source, vector.rows, size);
  return new StoredReader().read(vector.source, vector.rows, size);
}
