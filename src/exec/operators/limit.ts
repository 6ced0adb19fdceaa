/**
 * LIMIT and OFFSET: passes a range of row numbers and stops its input after it. O(rows).
 *
 * @module
 */
import type { Chunk } from "../../storage/vector.ts";
import { EMPTY_CHUNK, type StreamOperator } from "./operator.ts";
import { chunkSlice } from "./select_rows.ts";

/** Passes rows [offset, offset + limit). */
export class LimitOperator implements StreamOperator {
  #skip: number;
  #left: number;
  #input: Chunk | null = null;

  constructor(limit: number, offset: number) {
    this.#left = limit;
    this.#skip = offset;
  }

  get exhausted(): boolean {
    return this.#left <= 0 && this.#input === null;
  }

  accept(chunk: Chunk): void {
    this.#input = chunk;
  }

  next(): Chunk | null {
    const chunk = this.#input;
    if (chunk === null) return null;
    this.#input = null;
    const from = Math.min(this.#skip, chunk.size);
    this.#skip -= from;
    const to = Math.min(chunk.size, from + this.#left);
    this.#left -= to - from;
    if (from === to) return EMPTY_CHUNK;
    if (from === 0 && to === chunk.size) return chunk;
    return chunkSlice(chunk, chunk.columns.map((_, index) => index), from, to);
  }
}
