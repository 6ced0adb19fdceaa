/**
 * INTERSECT and EXCEPT, with and without ALL: the right side is counted by row, left rows use the counts up.
 *
 * | | left row passes |
 * |---|---|
 * | INTERSECT ALL | while its count on the right lasts |
 * | INTERSECT | once, if it is on the right |
 * | EXCEPT ALL | when its count on the right is used up |
 * | EXCEPT | if it is not on the right (duplicates are removed afterwards) |
 *
 * O(columns) a row of either side.
 *
 * @module
 */
import { type Chunk, CHUNK_ROWS } from "../../storage/vector.ts";
import { grownInt32 } from "../aggregates/accumulator.ts";
import type { KeyTable } from "../key_table.ts";
import type { MemoryShare } from "./memory_budget.ts";
import { EMPTY_CHUNK, type Sink, type StreamOperator } from "./operator.ts";
import { selectColumns } from "./select_rows.ts";

/** Counts rows by value. */
export class SetCountSink implements Sink {
  readonly table: KeyTable;
  readonly #positions: readonly number[];
  readonly #memory: MemoryShare;
  #ids: Int32Array = new Int32Array(CHUNK_ROWS);
  counts: Int32Array = new Int32Array(1024);

  /** `positions`: the columns that make the value. */
  constructor(table: KeyTable, positions: readonly number[], memory: MemoryShare) {
    this.table = table;
    this.#positions = positions;
    this.#memory = memory;
  }

  consume(chunk: Chunk): void {
    this.table.assign(this.#positions.map((position) => chunk.columns[position]!), chunk.size, this.#ids);
    this.counts = grownInt32(this.counts, this.table.count);
    for (let i = 0; i < chunk.size; i++) this.counts[this.#ids[i]!]!++;
    this.#memory.set(this.table.memoryBytes + this.counts.byteLength);
  }

  finish(): boolean {
    return true;
  }
}

/** Passes left rows by the counts of the right side. */
export class SetProbe implements StreamOperator {
  readonly #right: SetCountSink;
  readonly #positions: readonly number[];
  readonly #operator: "intersect" | "except";
  readonly #all: boolean;
  readonly #ids: Int32Array = new Int32Array(CHUNK_ROWS);
  readonly #selection: Int32Array = new Int32Array(CHUNK_ROWS);
  #input: Chunk | null = null;

  constructor(
    right: SetCountSink,
    positions: readonly number[],
    options: { readonly operator: "intersect" | "except"; readonly all: boolean },
  ) {
    this.#right = right;
    this.#positions = positions;
    this.#operator = options.operator;
    this.#all = options.all;
  }

  accept(chunk: Chunk): void {
    this.#input = chunk;
  }

  next(): Chunk | null {
    const chunk = this.#input;
    if (chunk === null) return null;
    this.#input = null;
    const columns = this.#positions.map((position) => chunk.columns[position]!);
    this.#right.table.find(columns, chunk.size, this.#ids);
    const count = this.#select(chunk.size);
    return count === 0
      ? EMPTY_CHUNK
      : { size: count, columns: selectColumns(columns, this.#selection, count) };
  }

  #select(size: number): number {
    const { counts } = this.#right;
    const intersect = this.#operator === "intersect";
    let kept = 0;
    for (let row = 0; row < size; row++) {
      const id = this.#ids[row]!;
      const found = id >= 0 && counts[id]! > 0;
      if (found && (intersect || this.#all)) counts[id] = this.#all ? counts[id]! - 1 : 0;
      if (found === intersect) this.#selection[kept++] = row;
    }
    return kept;
  }
}
