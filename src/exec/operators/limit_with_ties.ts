/**
 * FETCH FIRST n ROWS WITH TIES: as LIMIT, and then on while rows equal the last one in the sort keys.
 *
 * @module
 */
import { compareDatums } from "../../query/functions/compare.ts";
import type { Datum } from "../../storage/sql_type.ts";
import type { Chunk } from "../../storage/vector.ts";
import type { ProjectionEvaluator } from "../expression/compile.ts";
import { datumAt } from "../vector_read.ts";
import { EMPTY_CHUNK, type StreamOperator } from "./operator.ts";
import { chunkSlice } from "./select_rows.ts";

/** Passes rows [offset, offset + limit) of sorted rows and those that tie with the last. */
export class LimitWithTiesOperator implements StreamOperator {
  readonly #keys: ProjectionEvaluator;
  #skip: number;
  #left: number;
  /** The keys of the last row within the limit, once it has been passed. */
  #last: readonly Datum[] | null = null;
  #ended: boolean;
  #input: Chunk | null = null;

  constructor(limit: number, offset: number, keys: ProjectionEvaluator) {
    this.#left = limit;
    this.#skip = offset;
    this.#keys = keys;
    this.#ended = limit === 0;
  }

  get exhausted(): boolean {
    return this.#ended && this.#input === null;
  }

  accept(chunk: Chunk): void {
    this.#input = chunk;
  }

  next(): Chunk | null {
    const chunk = this.#input;
    if (chunk === null) return null;
    this.#input = null;
    if (this.#ended) return EMPTY_CHUNK;
    const from = Math.min(this.#skip, chunk.size);
    this.#skip -= from;
    let to = Math.min(chunk.size, from + this.#left);
    this.#left -= to - from;
    if (this.#left === 0) to = this.#extend(chunk, to);
    return from === to ? EMPTY_CHUNK : chunkSlice(chunk, chunk.columns.map((_, index) => index), from, to);
  }

  /** The end of the rows that tie with the last one within the limit, which is before `to` or gone by. */
  #extend(chunk: Chunk, to: number): number {
    const keys = this.#keys.evaluate(chunk);
    this.#last ??= keys.map((vector) => datumAt(vector, to - 1));
    const last = this.#last;
    let end = to;
    while (
      end < chunk.size &&
      keys.every((vector, j) => compareDatums(datumAt(vector, end), last[j]!, this.#keys.types[j]!) === 0)
    ) end++;
    this.#ended = end < chunk.size;
    return end;
  }
}
