/**
 * Build side of a hash join: rows by key id.
 *
 * ```
 * keys distinct     row = id                          nothing to link
 * otherwise         rows of id k: rows[offsets[k] .. offsets[k + 1]]      in the order they came
 * ```
 *
 * Without keys every row has id 0, which makes a nested loop of the same probe. Rows whose key has a NULL
 * that matches nothing have no id; they are kept because outer and mark joins ask for them. Linking is O(rows)
 * and done in slices.
 *
 * @module
 */
import type { SqlType } from "../../storage/sql_type.ts";
import type { Chunk } from "../../storage/vector.ts";
import { grownInt32 } from "../aggregates/accumulator.ts";
import type { ProjectionEvaluator } from "../expression/compile.ts";
import type { KeyTable } from "../key_table.ts";
import type { MemoryShare } from "./memory_budget.ts";
import type { RowBudget, Sink } from "./operator.ts";
import { RowStore } from "./row_store.ts";

/** What a build side is made of. */
export interface JoinBuildOptions {
  /** Positions of the columns to keep, and their types. */
  readonly positions: readonly number[];
  readonly types: readonly SqlType[];
  /** The key expressions over the input. */
  readonly keys: ProjectionEvaluator;
  readonly table: KeyTable;
  readonly memory: MemoryShare;
}

/** Collects the right side of a join. */
export class JoinBuild implements Sink {
  readonly #options: JoinBuildOptions;
  readonly rows: RowStore;
  readonly table: KeyTable;
  /** By row. */
  #ids: Int32Array = new Int32Array(1024);
  /** How many rows have an id. */
  #keyedCount = 0;
  #rowCount = 0;
  #phase: "count" | "link" | "done" = "count";
  #position = 0;
  #unique = false;
  #offsets: Int32Array = new Int32Array(0);
  #linked: Int32Array = new Int32Array(0);
  #chunkIds: Int32Array = new Int32Array(0);

  constructor(options: JoinBuildOptions) {
    this.#options = options;
    this.rows = new RowStore(options.types);
    this.table = options.table;
  }

  /** Number of rows. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Whether some row has no key because of a NULL. */
  get hasUnkeyed(): boolean {
    return this.#keyedCount < this.#rowCount;
  }

  /** Every key has one row and its number is its id. */
  get unique(): boolean {
    return this.#unique;
  }

  /** Where the rows of an id start in `linked`; unless unique. */
  get offsets(): Int32Array {
    return this.#offsets;
  }

  /** Rows by id; unless unique. */
  get linked(): Int32Array {
    return this.#linked;
  }

  /** The id of each row, -1 for none. */
  get ids(): Int32Array {
    return this.#ids;
  }

  consume(chunk: Chunk): void {
    const { size } = chunk;
    const from = this.#rowCount;
    this.#ids = grownInt32(this.#ids, from + size);
    if (this.#chunkIds.length < size) this.#chunkIds = new Int32Array(size);
    this.table.assign(this.#options.keys.evaluate(chunk), size, this.#chunkIds);
    this.#ids.set(this.#chunkIds.subarray(0, size), from);
    let unkeyed = 0;
    for (let i = 0; i < size; i++) unkeyed += this.#chunkIds[i]! >>> 31;
    this.#keyedCount += size - unkeyed;
    this.#rowCount = from + size;
    this.rows.append(this.#options.positions.map((position) => chunk.columns[position]!), size);
    this.#options.memory.set(this.rows.memoryBytes + this.table.memoryBytes + this.#ids.byteLength);
  }

  finish(budget: RowBudget): boolean {
    if (this.#phase === "count") {
      const keyCount = this.table.count;
      this.#unique = keyCount === this.#rowCount;
      this.#phase = this.#unique ? "done" : "link";
      if (this.#phase === "link") {
        this.#offsets = countIds(this.#ids, this.#rowCount, keyCount);
        this.#linked = new Int32Array(this.#keyedCount);
        budget.rows -= this.#rowCount >>> 2;
      }
    }
    while (this.#phase === "link") {
      if (budget.rows <= 0) return false;
      const to = Math.min(this.#rowCount, this.#position + 65536);
      linkRows(this.#ids, this.#position, to, this.#offsets, this.#linked);
      budget.rows -= to - this.#position;
      this.#position = to;
      if (to === this.#rowCount) {
        // Linking moved every start to its end, which is the next start.
        this.#offsets.copyWithin(1, 0, this.#offsets.length - 1);
        this.#offsets[0] = 0;
        this.#phase = "done";
      }
    }
    return true;
  }
}

/** Start of each id's rows; one entry more than ids. */
function countIds(ids: Int32Array, rowCount: number, keyCount: number): Int32Array {
  const offsets = new Int32Array(keyCount + 1);
  for (let row = 0; row < rowCount; row++) {
    const id = ids[row]!;
    if (id >= 0) offsets[id + 1]!++;
  }
  for (let id = 0; id < keyCount; id++) offsets[id + 1]! += offsets[id]!;
  return offsets;
}

function linkRows(ids: Int32Array, from: number, to: number, offsets: Int32Array, linked: Int32Array): void {
  for (let row = from; row < to; row++) {
    const id = ids[row]!;
    if (id >= 0) linked[offsets[id]!++] = row;
  }
}
