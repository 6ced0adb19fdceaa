/**
 * The rows of a window operator: each copy of a row has a slot.
 *
 * ```
 * row 'a', 1  x 2     row id 0 ─► slot 3 ─► slot 0
 * row 'b', 7  x 1     row id 1 ─► slot 1
 * ```
 *
 * Rows are found by what they hold, in their exact form. A row that goes keeps its id and costs nothing when it
 * comes back; its slots are used again. O(columns) a changed row.
 *
 * @module
 */
import { assert } from "../../base/assert.ts";
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { KeyTable } from "../../exec/key_table.ts";
import { INTEGER, type SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { Delta } from "../delta.ts";

/** Rows below which those that are gone are not worth removing. */
const COMPACT_ROWS = 1024;

/** See the module header. */
export class SlotRows {
  readonly #types: readonly SqlType[];
  #table: KeyTable;
  /** First slot of each row id, plus 1. */
  #heads: Int32Array = new Int32Array(16);
  /** Next slot of the same row, plus 1; of a free slot the next free one, plus 1. */
  #next: Int32Array = new Int32Array(16);
  /** Row id of each slot, -1 when free. */
  #rowOf: Int32Array = new Int32Array(16);
  #slotCount = 0;
  #freeHead = 0;
  #liveCount = 0;
  #extraCount = 0;
  /** Weight of each row id in the change at hand; 0 between changes. */
  #weights: Int32Array = new Int32Array(16);
  #ids: Int32Array = new Int32Array(16);

  constructor(types: readonly SqlType[]) {
    this.#types = types;
    this.#table = this.#newTable();
  }

  /** Slots, free ones included. */
  get slotCount(): number {
    return this.#slotCount;
  }

  /** Slots whose row has another slot. */
  get extraCount(): number {
    return this.#extraCount;
  }

  get stateBytes(): number {
    return this.#table.memoryBytes +
      4 * (this.#heads.length + this.#next.length + this.#rowOf.length + this.#weights.length);
  }

  /** The row id of a slot; of one whose row goes until it is released. */
  rowOf(slot: number): number {
    return this.#rowOf[slot]!;
  }

  /** Row ids of slots. */
  rowsOf(slots: Int32Array, count: number): Int32Array {
    const rows = new Int32Array(count);
    for (let i = 0; i < count; i++) rows[i] = this.#rowOf[slots[i]!]!;
    return rows;
  }

  /**
   * The sum of a change: slots whose rows go, which stay taken until they are released, and ids of the rows that
   * come, as often as they do.
   */
  sum({ columns, size, weights }: Delta): { readonly gone: Int32Array; readonly fresh: Int32Array } {
    this.#ids = grownInt32(this.#ids, size);
    const ids = this.#ids;
    this.#table.assign(columns.length > 0 ? columns : constantColumn(size), size, ids);
    this.#heads = grownInt32(this.#heads, this.#table.count);
    this.#weights = grownInt32(this.#weights, this.#table.count);
    const sums = this.#weights;
    for (let i = 0; i < size; i++) sums[ids[i]!]! += weights[i]!;
    let goneCount = 0;
    let freshCount = 0;
    for (let i = 0; i < size; i++) {
      const sum = sums[ids[i]!]!;
      if (sum < 0) goneCount -= sum;
      else freshCount += sum;
    }
    const gone = new Int32Array(goneCount);
    const fresh = new Int32Array(freshCount);
    goneCount = freshCount = 0;
    for (let i = 0; i < size; i++) {
      const id = ids[i]!;
      for (; sums[id]! > 0; sums[id]!--) fresh[freshCount++] = id;
      for (; sums[id]! < 0; sums[id]!++) gone[goneCount++] = this.#unlink(id);
    }
    return { gone: gone.subarray(0, goneCount), fresh: fresh.subarray(0, freshCount) };
  }

  /** A slot for a row. */
  add(row: number): number {
    let slot = this.#freeHead - 1;
    if (slot >= 0) this.#freeHead = this.#next[slot]!;
    else {
      slot = this.#slotCount++;
      this.#next = grownInt32(this.#next, this.#slotCount);
      this.#rowOf = grownInt32(this.#rowOf, this.#slotCount);
    }
    this.#link(slot, row);
    return slot;
  }

  /** The slot, which is unlinked or free, holds another row now. */
  replace(slot: number, row: number): void {
    this.#link(slot, row);
  }

  /** The last slot that was added is not needed. */
  withdraw(slot: number): void {
    const row = this.#rowOf[slot]!;
    let link = this.#heads[row]!;
    if (link - 1 === slot) this.#heads[row] = this.#next[slot]!;
    else {
      while (this.#next[link - 1]! - 1 !== slot) link = this.#next[link - 1]!;
      this.#next[link - 1] = this.#next[slot]!;
    }
    this.#liveCount--;
    if (this.#heads[row] !== 0) this.#extraCount--;
    this.release(slot);
  }

  /** The slot, which is unlinked, is free. */
  release(slot: number): void {
    this.#rowOf[slot] = -1;
    this.#next[slot] = this.#freeHead;
    this.#freeHead = slot + 1;
  }

  /** The rows with these ids, in the columns at `positions`. */
  columnsAt(rows: Int32Array, positions: readonly number[]): Vector[] {
    return positions.map((position) => this.#table.columnAt(position, rows, rows.length));
  }

  /** Whether rows and slots that are gone take more room than the others. */
  get isSparse(): boolean {
    const most = Math.max(this.#table.count, this.#slotCount);
    return most >= COMPACT_ROWS && this.#liveCount * 2 <= most;
  }

  /** Slots in use, ascending. */
  liveSlots(): Int32Array {
    const slots = new Int32Array(this.#liveCount);
    let count = 0;
    for (let slot = 0; slot < this.#slotCount; slot++) if (this.#rowOf[slot]! >= 0) slots[count++] = slot;
    return slots;
  }

  /** Slot `live[i]` becomes slot i; everything else is forgotten. */
  compact(live: Int32Array): void {
    const rows = this.rowsOf(live, live.length);
    const columns = this.columnsAt(rows, this.#types.length > 0 ? this.#types.map((_, j) => j) : [0]);
    const capacity = Math.max(16, live.length);
    this.#table = this.#newTable();
    const ids = new Int32Array(capacity);
    this.#table.assign(columns, live.length, ids);
    this.#heads = new Int32Array(Math.max(16, this.#table.count));
    this.#weights = new Int32Array(Math.max(16, this.#table.count));
    this.#next = new Int32Array(capacity);
    this.#rowOf = new Int32Array(capacity);
    this.#ids = new Int32Array(16);
    this.#slotCount = live.length;
    this.#freeHead = 0;
    this.#liveCount = 0;
    this.#extraCount = 0;
    for (let slot = 0; slot < live.length; slot++) this.#link(slot, ids[slot]!);
  }

  #link(slot: number, row: number): void {
    if (this.#heads[row] !== 0) this.#extraCount++;
    this.#rowOf[slot] = row;
    this.#next[slot] = this.#heads[row]!;
    this.#heads[row] = slot + 1;
    this.#liveCount++;
  }

  #unlink(row: number): number {
    const slot = this.#heads[row]! - 1;
    assert(slot >= 0, "A row goes that is not there");
    this.#heads[row] = this.#next[slot]!;
    this.#liveCount--;
    if (this.#heads[row] !== 0) this.#extraCount--;
    return slot;
  }

  #newTable(): KeyTable {
    return new KeyTable(
      this.#types.length === 0 ? [{ type: INTEGER }] : this.#types.map((type) => ({ type, exact: true })),
    );
  }
}

function constantColumn(size: number): readonly Vector[] {
  return [{ kind: "i32", values: new Int32Array(size), nulls: null }];
}
