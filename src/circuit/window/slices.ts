/**
 * Slices of runs, one after the other, as the rows of one window order: the kernels of the batch executor compute
 * over them as over small partitions.
 *
 * ```
 * run A   . . . [c c w w c] . . .      run B  . [w c] .         c: needed only, w: wanted
 * slots         [c c w w c            w c]     starts 0, 5, 7
 * ```
 *
 * @module
 */
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import type { WindowOrder } from "../../exec/window/partitioned_order.ts";
import type { SlotOrder } from "./sort_lanes.ts";
import type { SortedRun } from "./sorted_run.ts";

/** See the module header. */
export class Slices {
  #slots: Int32Array = new Int32Array(64);
  #size = 0;
  #starts: number[] = [];
  /** The wanted rows of each slice, from and to. */
  #ranges: number[] = [];
  /** Rows whose values are wanted. */
  #wanted: Int32Array = new Int32Array(64);
  #wantedCount = 0;

  /** Rows of all slices. */
  get size(): number {
    return this.#size;
  }

  /** First row of each slice, and the number of rows. */
  get starts(): readonly number[] {
    return [...this.#starts, this.#size];
  }

  /** The slots of the rows. */
  get slots(): Int32Array {
    return this.#slots.subarray(0, this.#size);
  }

  /** The rows of each slice whose values are wanted: where they begin and end, one pair after the other. */
  get ranges(): readonly number[] {
    return this.#ranges;
  }

  /** Rows whose values are wanted. */
  get wanted(): Int32Array {
    return this.#wanted.subarray(0, this.#wantedCount);
  }

  /** The slots of these rows. */
  wantedSlots(): Int32Array {
    const slots = new Int32Array(this.#wantedCount);
    for (let i = 0; i < slots.length; i++) slots[i] = this.#slots[this.#wanted[i]!]!;
    return slots;
  }

  /** Forgets all. */
  clear(): void {
    this.#size = 0;
    this.#starts.length = 0;
    this.#ranges.length = 0;
    this.#wantedCount = 0;
  }

  /** Begins a slice. */
  begin(): void {
    this.#starts.push(this.#size);
  }

  /** Adds rows that are only needed. */
  addNeeded(run: SortedRun, from: number, to: number): void {
    if (from >= to) return;
    this.#slots = grownInt32(this.#slots, this.#size + to - from);
    run.copy(from, to, this.#slots, this.#size);
    this.#size += to - from;
  }

  /** Adds the rows of the slice whose values are wanted. */
  addWanted(run: SortedRun, from: number, to: number): void {
    const length = to - from;
    this.#ranges.push(this.#size, this.#size + length);
    this.#wanted = grownInt32(this.#wanted, this.#wantedCount + length);
    for (let i = 0; i < length; i++) this.#wanted[this.#wantedCount++] = this.#size + i;
    this.addNeeded(run, from, to);
  }

  /** The rows as a window order, with peers when `order` says which rows are. */
  windowOrder(order: SlotOrder | null): WindowOrder {
    const rowCount = this.#size;
    const rows = new Int32Array(rowCount);
    for (let row = 0; row < rowCount; row++) rows[row] = row;
    if (order === null) return { rowCount, order: rows, groupStarts: NONE, groupEnds: NONE };
    const groupStarts = new Int32Array(rowCount);
    const groupEnds = new Int32Array(rowCount);
    const { starts } = this;
    for (let slice = 0; slice + 1 < starts.length; slice++) {
      this.#findPeers(starts[slice]!, starts[slice + 1]!, order, groupStarts, groupEnds);
    }
    return { rowCount, order: rows, groupStarts, groupEnds };
  }

  #findPeers(from: number, to: number, order: SlotOrder, starts: Int32Array, ends: Int32Array): void {
    const slots = this.#slots;
    let start = from;
    for (let at = from + 1; at <= to; at++) {
      if (at < to && order.compareKeys(slots[at - 1]!, slots[at]!) === 0) continue;
      starts.fill(start, start, at);
      ends.fill(at, start, at);
      start = at;
    }
  }
}

const NONE = new Int32Array(0);
