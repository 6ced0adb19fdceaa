/**
 * ORDER BY: keeps its input, sorts row numbers, and gathers rows in order when they are read.
 *
 * Lazy columns stay lazy, so wide text is only decoded for the rows that are looked at. O(n log n).
 *
 * @module
 */
import type { SqlType } from "../../storage/sql_type.ts";
import { type Chunk, CHUNK_ROWS } from "../../storage/vector.ts";
import type { ProjectionEvaluator } from "../expression/compile.ts";
import { materialize } from "../materialize.ts";
import type { MemoryShare } from "./memory_budget.ts";
import type { RowBudget, Sink, Source } from "./operator.ts";
import { RowStore } from "./row_store.ts";
import { type TieColumn, withTies } from "./tie_order.ts";
import { MergeSort, rowComparator, type SortDirection } from "./sort_order.ts";

/** What a sort is made of. */
export interface SortOptions {
  /** Types of the input's columns. */
  readonly types: readonly SqlType[];
  /** The keys over the input. */
  readonly keys: ProjectionEvaluator;
  readonly directions: readonly SortDirection[];
  /** What decides between rows with equal keys; the one that comes first without. */
  readonly ties: readonly TieColumn[];
  readonly memory: MemoryShare;
}

/** Sorts its input. */
export class SortSink implements Sink {
  readonly #options: SortOptions;
  readonly rows: RowStore;
  readonly keys: RowStore;
  #sort: MergeSort | null = null;

  constructor(options: SortOptions) {
    this.#options = options;
    this.rows = new RowStore(options.types);
    this.keys = new RowStore(options.directions.map((direction) => direction.type));
  }

  /** Row numbers in order, once finished. */
  get order(): Int32Array {
    return this.#sort!.order;
  }

  consume(chunk: Chunk): void {
    this.rows.append(chunk.columns, chunk.size);
    this.keys.append(this.#options.keys.evaluate(chunk), chunk.size);
    this.#options.memory.set(this.rows.memoryBytes + this.keys.memoryBytes + this.rows.rowCount * 8);
  }

  finish(budget: RowBudget): boolean {
    if (this.#sort === null) {
      const { rowCount } = this.rows;
      const vectors = this.keys.vectors().map((vector) => materialize(vector, rowCount));
      const compare = rowComparator(vectors, this.#options.directions, rowCount);
      this.#sort = new MergeSort(
        rowNumbers(rowCount),
        withTies(compare, this.#options.ties, (position) => this.rows.column(position)),
      );
    }
    return this.#sort.run(budget);
  }
}

/** 0, 1, ..., count - 1. */
export function rowNumbers(count: number): Int32Array {
  const rows = new Int32Array(count);
  for (let i = 0; i < count; i++) rows[i] = i;
  return rows;
}

/** Reads rows in an order that is known when reading starts. */
export class OrderedSource implements Source {
  readonly #rows: () => { readonly store: RowStore; readonly order: Int32Array };
  readonly #positions: readonly number[];
  #at = 0;

  /** `positions`: which columns to give. */
  constructor(
    rows: () => { readonly store: RowStore; readonly order: Int32Array },
    positions: readonly number[],
  ) {
    this.#rows = rows;
    this.#positions = positions;
  }

  next(_budget: RowBudget): Chunk | null {
    const { store, order } = this.#rows();
    if (this.#at >= order.length) return null;
    const count = Math.min(CHUNK_ROWS, order.length - this.#at);
    const rows = order.subarray(this.#at, this.#at + count);
    this.#at += count;
    return { size: count, columns: store.gather(this.#positions, rows, count) };
  }
}
