/**
 * Row table: the rows of a relation with their weights, each under a number that it keeps.
 *
 * ```
 * (7, 'a') -> 0   weight 2        rows that look different are different rows: 1.5 and 1.50 have two numbers
 * (8, 'b') -> 1   weight 0        gone: its number waits for it, until a quarter of all are such
 * ```
 *
 * Adding and removing a row is O(columns).
 *
 * @module
 */
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { KeyTable } from "../../exec/key_table.ts";
import { INTEGER, type SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";

/** Rows below which dead ones are not worth removing. */
const COMPACT_ROWS = 1024;

/** See the module header. */
export class RowTable {
  readonly #types: readonly SqlType[];
  #keys: KeyTable;
  #liveCount = 0;
  /** By row. */
  weights: Int32Array = new Int32Array(64);
  /** The row of each row of the change at hand. */
  ids: Int32Array = new Int32Array(16);

  constructor(types: readonly SqlType[]) {
    this.#types = types;
    this.#keys = this.#newKeys();
  }

  /** Numbers given so far. */
  get count(): number {
    return this.#keys.count;
  }

  /** Rows whose weight is not 0. */
  get liveCount(): number {
    return this.#liveCount;
  }

  /** Approximate memory in bytes. */
  get stateBytes(): number {
    return this.#keys.memoryBytes + this.weights.byteLength;
  }

  /** Numbers the rows of a change, in `ids`; gives how many of them are new: the last ones. */
  assign(columns: readonly Vector[], size: number): number {
    this.ids = grownInt32(this.ids, size);
    const added = this.#keys.assign(rowColumns(columns, size), size, this.ids);
    this.weights = grownInt32(this.weights, this.#keys.count);
    return added;
  }

  /** Where the new rows stand in the change that was last assigned. */
  freshRows(added: number): Int32Array {
    return this.#keys.freshRows.slice(0, added);
  }

  /** Adds the weights of the change that was last assigned. */
  add(weights: Int32Array, size: number): void {
    const { ids, weights: sums } = this;
    let live = 0;
    for (let i = 0; i < size; i++) {
      const id = ids[i]!;
      const before = sums[id]!;
      const after = before + weights[i]!;
      sums[id] = after;
      live += Number(after !== 0) - Number(before !== 0);
    }
    this.#liveCount += live;
  }

  /** Takes the weight of a row away. */
  clear(row: number): void {
    if (this.weights[row] === 0) return;
    this.weights[row] = 0;
    this.#liveCount--;
  }

  /** Takes the weights of all rows away. */
  clearAll(): void {
    this.weights.fill(0);
    this.#liveCount = 0;
  }

  /** The rows with the first `count` of `ids`, one vector a column. */
  rowsAt(ids: Int32Array, count: number): Vector[] {
    return this.#keys.keysAt(ids, count).slice(0, this.#types.length);
  }

  /** The rows whose weight is not 0, in the order of their numbers. */
  liveRows(): Int32Array {
    const rows = new Int32Array(this.#liveCount);
    let count = 0;
    for (let id = 0; id < this.count; id++) if (this.weights[id] !== 0) rows[count++] = id;
    return rows;
  }

  /** Whether rows that are gone are worth removing. */
  get isSparse(): boolean {
    return this.count >= COMPACT_ROWS && this.#liveCount * 4 <= this.count * 3;
  }

  /** Keeps `rows`, with the numbers from 0 on. */
  keep(rows: Int32Array): void {
    const size = rows.length;
    const columns = this.rowsAt(rows, size);
    const weights = rows.map((row) => this.weights[row]!);
    this.#keys = this.#newKeys();
    this.weights = new Int32Array(64);
    this.ids = new Int32Array(16);
    this.#liveCount = 0;
    this.assign(columns, size);
    this.add(weights, size);
  }

  #newKeys(): KeyTable {
    const { length } = this.#types;
    return new KeyTable(
      length === 0 ? [{ type: INTEGER }] : this.#types.map((type) => ({ type, exact: true })),
    );
  }
}

/** A table needs a column: rows without any have a constant one. */
export function rowColumns(columns: readonly Vector[], size: number): readonly Vector[] {
  if (columns.length > 0) return columns;
  return [{ kind: "i32", values: new Int32Array(size), nulls: null }];
}
