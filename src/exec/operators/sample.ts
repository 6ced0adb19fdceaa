/**
 * TABLESAMPLE: BERNOULLI takes each row by itself, SYSTEM takes or leaves 64 rows at a time, RESERVOIR keeps a
 * fixed number of rows, each with equal probability.
 *
 * O(rows). With REPEATABLE the seed decides, over the same data.
 *
 * @module
 */
import type { SqlType } from "../../storage/sql_type.ts";
import { type Chunk, CHUNK_ROWS } from "../../storage/vector.ts";
import type { MemoryShare } from "./memory_budget.ts";
import { EMPTY_CHUNK, type Sink, type StreamOperator } from "./operator.ts";
import { RowStore } from "./row_store.ts";
import { selectRows } from "./select_rows.ts";

const BLOCK_ROWS = 64;

/** Passes a share of the rows. */
export class SampleOperator implements StreamOperator {
  readonly #share: number;
  readonly #blockRows: number;
  readonly #random: () => number;
  readonly #selection: Int32Array = new Int32Array(CHUNK_ROWS);
  #input: Chunk | null = null;

  constructor(
    options: { readonly percent: number; readonly blocks: boolean; readonly random: () => number },
  ) {
    this.#share = options.percent / 100;
    this.#blockRows = options.blocks ? BLOCK_ROWS : 1;
    this.#random = options.random;
  }

  accept(chunk: Chunk): void {
    this.#input = chunk;
  }

  next(): Chunk | null {
    const chunk = this.#input;
    if (chunk === null) return null;
    this.#input = null;
    let count = 0;
    for (let from = 0; from < chunk.size; from += this.#blockRows) {
      if (this.#random() >= this.#share) continue;
      const to = Math.min(chunk.size, from + this.#blockRows);
      for (let row = from; row < to; row++) this.#selection[count++] = row;
    }
    return count === 0 ? EMPTY_CHUNK : selectRows(chunk, this.#selection, count);
  }
}

/** Keeps a number of rows, each with equal probability. */
export class ReservoirSink implements Sink {
  readonly #count: number;
  readonly #random: () => number;
  readonly #memory: MemoryShare;
  readonly store: RowStore;
  /** Row numbers in `store` of the rows that are kept now. */
  readonly #kept: number[] = [];
  #seen = 0;

  constructor(
    types: readonly SqlType[],
    options: { readonly count: number; readonly random: () => number; readonly memory: MemoryShare },
  ) {
    this.#count = options.count;
    this.#random = options.random;
    this.#memory = options.memory;
    this.store = new RowStore(types);
  }

  /** Rows to give, once finished. */
  get order(): Int32Array {
    return Int32Array.from(this.#kept).sort();
  }

  consume(chunk: Chunk): void {
    const taken: number[] = [];
    for (let row = 0; row < chunk.size; row++) {
      const at = this.#seen < this.#count ? this.#seen : Math.floor(this.#random() * (this.#seen + 1));
      this.#seen++;
      if (at >= this.#count) continue;
      this.#kept[at] = this.store.rowCount + taken.length;
      taken.push(row);
    }
    this.store.appendSelected(chunk.columns, Int32Array.from(taken), taken.length);
    this.#memory.set(this.store.memoryBytes);
  }

  finish(): boolean {
    return true;
  }
}
