/**
 * Keeps the rows for which a predicate is TRUE, and of these the columns that are used above. O(rows).
 *
 * @module
 */
import { type Chunk, CHUNK_ROWS } from "../../storage/vector.ts";
import type { Predicate } from "../expression/predicate.ts";
import { EMPTY_CHUNK, type StreamOperator } from "./operator.ts";
import { selectColumns } from "./select_rows.ts";

/** Filter. */
export class FilterOperator implements StreamOperator {
  readonly #predicate: Predicate;
  readonly #positions: readonly number[];
  #selection: Int32Array = new Int32Array(CHUNK_ROWS);
  #input: Chunk | null = null;

  /** `positions`: the columns to pass on. */
  constructor(predicate: Predicate, positions: readonly number[]) {
    this.#predicate = predicate;
    this.#positions = positions;
  }

  accept(chunk: Chunk): void {
    this.#input = chunk;
  }

  next(): Chunk | null {
    const chunk = this.#input;
    if (chunk === null) return null;
    this.#input = null;
    if (this.#selection.length < chunk.size) this.#selection = new Int32Array(chunk.size);
    const count = this.#predicate.select(chunk, this.#selection);
    if (count === 0) return EMPTY_CHUNK;
    const columns = this.#positions.map((position) => chunk.columns[position]!);
    return {
      size: count,
      columns: count === chunk.size ? columns : selectColumns(columns, this.#selection, count),
    };
  }
}
