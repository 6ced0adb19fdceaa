/**
 * Evaluating a node on some rows of a chunk only: for what must not be computed for the others, because it
 * would fail there or because it is not worth it.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { Chunk, Vector } from "../../storage/vector.ts";
import { gatherVector } from "../gather_vector.ts";
import type { DenseVector } from "../vector_build.ts";
import type { ScalarNode } from "./scalar_node.ts";

/** The selected rows of those columns that `node` reads. The others are left as they are, and unusable. */
export function subsetChunk(node: ScalarNode, chunk: Chunk, selection: Int32Array, count: number): Chunk {
  const columns: Vector[] = chunk.columns.slice();
  for (const position of node.columns) {
    columns[position] = gatherVector(columns[position]!, selection, count);
  }
  return { size: count, columns };
}

/** `node` on the selected rows only: element `j` of the result belongs to row `selection[j]`. */
export function evaluateSubset(
  node: ScalarNode,
  chunk: Chunk,
  selection: Int32Array,
  count: number,
): DenseVector {
  return node.evaluate(subsetChunk(node, chunk, selection, count));
}

/**
 * `node` on the whole chunk, or `null` when some row fails; that row need not be one that counts. Only for
 * nodes without side effects, whose nodes are not shared with others that run on the whole chunk.
 */
export function tryEvaluate(node: ScalarNode, chunk: Chunk): DenseVector | null {
  if (!node.fallible) return node.evaluate(chunk);
  try {
    return node.evaluate(chunk);
  } catch (error) {
    if (error instanceof QueryError) return null;
    throw error;
  }
}
