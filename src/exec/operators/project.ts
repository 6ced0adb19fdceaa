/**
 * Computes expressions. Columns that only pass through are not copied. O(rows * expressions).
 *
 * @module
 */
import type { Chunk } from "../../storage/vector.ts";
import type { ProjectionEvaluator } from "../expression/compile.ts";
import type { StreamOperator } from "./operator.ts";

/** Projection. */
export class ProjectOperator implements StreamOperator {
  readonly #projection: ProjectionEvaluator;
  #input: Chunk | null = null;

  constructor(projection: ProjectionEvaluator) {
    this.#projection = projection;
  }

  accept(chunk: Chunk): void {
    this.#input = chunk;
  }

  next(): Chunk | null {
    const chunk = this.#input;
    if (chunk === null) return null;
    this.#input = null;
    return { size: chunk.size, columns: this.#projection.evaluate(chunk) };
  }
}
