/**
 * Rows kept in columns: what breakers collect and what later pipelines read again.
 *
 * Lazy columns that come from one table share one array of row ids while they are kept. O(1) amortised an
 * appended row and column.
 *
 * @module
 */
import type { SqlType } from "../../storage/sql_type.ts";
import { type Chunk, CHUNK_ROWS, type Vector } from "../../storage/vector.ts";
import { ColumnBuffer } from "../column_buffer.ts";
import type { MemoryShare } from "./memory_budget.ts";
import type { RowBudget, Sink, Source } from "./operator.ts";

/** Growable rows. */
export class RowStore {
  readonly #columns: readonly ColumnBuffer[];
  #rowCount = 0;

  constructor(types: readonly SqlType[]) {
    this.#columns = types.map((type) => new ColumnBuffer(type));
  }

  /** Number of rows. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Approximate memory in bytes. */
  get memoryBytes(): number {
    let bytes = 0;
    for (const column of this.#columns) bytes += column.memoryBytes;
    return bytes;
  }

  /** Appends the first `size` rows of `columns`. */
  append(columns: readonly Vector[], size: number): void {
    for (let j = 0; j < this.#columns.length; j++) this.#columns[j]!.append(columns[j]!, size);
    this.#rowCount += size;
  }

  /** Appends rows `selection[0 .. count]`. */
  appendSelected(columns: readonly Vector[], selection: Int32Array, count: number): void {
    for (let j = 0; j < this.#columns.length; j++) {
      this.#columns[j]!.appendSelected(columns[j]!, selection, count);
    }
    this.#rowCount += count;
  }

  /** Column `j` whole. */
  column(j: number): Vector {
    return this.#columns[j]!.toVector();
  }

  /** All columns whole. */
  vectors(): Vector[] {
    return this.#columns.map((column) => column.toVector());
  }

  /** Rows `rows[0 .. count]` of the columns at `positions`; -1 gives NULLs. */
  gather(positions: readonly number[], rows: Int32Array, count: number): Vector[] {
    return positions.map((position) => this.#columns[position]!.gather(rows, count));
  }

  /** Rows [from, to). */
  slice(from: number, to: number): Chunk {
    return { size: to - from, columns: this.#columns.map((column) => column.slice(from, to)) };
  }
}

/** Collects rows. */
export class CollectSink implements Sink {
  readonly store: RowStore;
  readonly #positions: readonly number[];
  readonly #memory: MemoryShare;

  /** `positions`: the columns to keep. */
  constructor(types: readonly SqlType[], positions: readonly number[], memory: MemoryShare) {
    this.store = new RowStore(types);
    this.#positions = positions;
    this.#memory = memory;
  }

  consume(chunk: Chunk): void {
    this.store.append(this.#positions.map((position) => chunk.columns[position]!), chunk.size);
    this.#memory.set(this.store.memoryBytes);
  }

  finish(): boolean {
    return true;
  }
}

/** Reads the rows of a store that is complete when reading starts. */
export class StoreSource implements Source {
  readonly #store: () => RowStore;
  readonly #positions: readonly number[] | null;
  #at = 0;

  /** `positions`: which columns to give, in which order; all when null. */
  constructor(store: () => RowStore, positions: readonly number[] | null = null) {
    this.#store = store;
    this.#positions = positions;
  }

  next(_budget: RowBudget): Chunk | null {
    const store = this.#store();
    const from = this.#at;
    if (from >= store.rowCount) return null;
    const to = Math.min(from + CHUNK_ROWS, store.rowCount);
    this.#at = to;
    const chunk = store.slice(from, to);
    if (this.#positions === null) return chunk;
    return { size: chunk.size, columns: this.#positions.map((position) => chunk.columns[position]!) };
  }
}
