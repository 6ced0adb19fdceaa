/**
 * The partitions of a window, each a sorted run of slots, and what a change does to them.
 *
 * Few changes of a partition are made one by one, O(log n) each; many by merging, O(n) a partition.
 *
 * @module
 */
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { KeyTable } from "../../exec/key_table.ts";
import { MergeSort, type SortDirection } from "../../exec/operators/sort_order.ts";
import { RowBudget } from "../../exec/operators/operator.ts";
import type { DenseVector } from "../../exec/vector_build.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import { SlotOrder } from "./sort_lanes.ts";
import { SortedRun } from "./sorted_run.ts";

/** What happened to the row of a slot; 0 for nothing. */
export const GONE = 1;
/** Its row is new. */
export const FRESH = 2;
/** Another row with equal sort keys stands in its place. */
export const REPLACED = 3;

/** Changes below which merging does not pay. */
const MERGE_MARKS = 32;

/** The slots of a change by partition, in window order. */
export interface Marks {
  /** Partitions with changes. */
  readonly partitions: readonly number[];
  /** First mark of each, and the number of marks. */
  readonly starts: readonly number[];
  readonly slots: Int32Array;
  /** Position of the slot after the change; of one that is gone, the position of what came after it. */
  readonly positions: Int32Array;
}

/** See the module header. */
export class PartitionedRuns {
  readonly order: SlotOrder;
  readonly #types: readonly SqlType[];
  #table: KeyTable;
  #partitionOf: Int32Array = new Int32Array(16);
  #runs: SortedRun[] = [];
  #runBytes = 0;

  readonly #compare = (a: number, b: number): number =>
    this.#partitionOf[a]! - this.#partitionOf[b]! || this.order.compare(a, b);

  constructor(partitionTypes: readonly SqlType[], directions: readonly SortDirection[]) {
    this.#types = partitionTypes;
    this.#table = this.#newTable();
    this.order = new SlotOrder(directions);
  }

  get stateBytes(): number {
    return this.#table.memoryBytes + this.#partitionOf.byteLength + this.order.stateBytes + this.#runBytes;
  }

  /** Partitions, empty ones included. */
  get partitionCount(): number {
    return this.#runs.length;
  }

  /** The slots of a partition in window order. */
  run(partition: number): SortedRun {
    return this.#runs[partition]!;
  }

  /** The partition of a slot. */
  partitionOf(slot: number): number {
    return this.#partitionOf[slot]!;
  }

  reserve(slotCount: number): void {
    this.#partitionOf = grownInt32(this.#partitionOf, slotCount);
    this.order.reserve(slotCount);
  }

  /** Rows with these partition keys and sort keys come to `slots`. They are in no run yet. */
  place(
    slots: Int32Array,
    partitionKeys: readonly DenseVector[],
    keys: readonly DenseVector[],
    count: number,
  ): void {
    this.order.write(slots, keys, count);
    if (this.#types.length === 0) {
      for (let i = 0; i < count; i++) this.#partitionOf[slots[i]!] = 0;
      this.#ensureRuns(1);
      return;
    }
    const ids = new Int32Array(count);
    this.#table.assign(partitionKeys, count, ids);
    for (let i = 0; i < count; i++) this.#partitionOf[slots[i]!] = ids[i]!;
    this.#ensureRuns(this.#table.count);
  }

  /** Whether two rows are peers. */
  arePeers(a: number, b: number): boolean {
    return this.#partitionOf[a] === this.#partitionOf[b] && this.order.compareKeys(a, b) === 0;
  }

  /** Sorts slots by partition and window order, in place or not. */
  sorted(slots: Int32Array): Int32Array {
    if (slots.length < 2) return slots;
    const sort = new MergeSort(slots, this.#compare);
    const budget = new RowBudget();
    budget.rows = Infinity;
    sort.run(budget);
    return sort.order;
  }

  /** Makes the changes of `slots`, which are sorted; `kinds`, by slot, says what they are. */
  apply(slots: Int32Array, kinds: Uint8Array): Marks {
    const partitions: number[] = [];
    const starts: number[] = [];
    const positions = new Int32Array(slots.length);
    for (let from = 0; from < slots.length;) {
      const partition = this.#partitionOf[slots[from]!]!;
      let to = from + 1;
      while (to < slots.length && this.#partitionOf[slots[to]!] === partition) to++;
      partitions.push(partition);
      starts.push(from);
      const run = this.#runs[partition]!;
      const moving = movingCount(slots, from, to, kinds);
      if (moving > 0) this.#move(run, slots, { from, to, moving }, kinds);
      for (let i = from; i < to; i++) positions[i] = run.position(slots[i]!, this.order);
      from = to;
    }
    starts.push(slots.length);
    return { partitions, starts, slots, positions };
  }

  /** Partitions with rows, ascending. */
  livePartitions(): Int32Array {
    const live: number[] = [];
    this.#runs.forEach((run, partition) => {
      if (run.length > 0) live.push(partition);
    });
    return Int32Array.from(live);
  }

  /** Slot `live[i]` becomes slot i, and partition `partitions[i]` partition i. */
  renumber(live: Int32Array, partitions: Int32Array): void {
    const newSlots = new Int32Array(this.#partitionOf.length);
    live.forEach((slot, i) => newSlots[slot] = i);
    const newPartitions = new Int32Array(this.#runs.length);
    partitions.forEach((partition, i) => newPartitions[partition] = i);
    const partitionOf = new Int32Array(Math.max(16, live.length));
    live.forEach((slot, i) => partitionOf[i] = newPartitions[this.#partitionOf[slot]!]!);
    this.#partitionOf = partitionOf;
    this.order.renumber(live);
    this.#runs = Array.from(partitions, (partition) => this.#runs[partition]!);
    this.#runBytes = 0;
    for (const run of this.#runs) {
      run.renumber(newSlots);
      this.#runBytes += run.stateBytes;
    }
    if (this.#types.length === 0) return;
    const keys = this.#table.keysAt(partitions, partitions.length);
    this.#table = this.#newTable();
    this.#table.assign(keys, partitions.length, new Int32Array(partitions.length));
  }

  /** Takes away the slots of [from, to) whose rows are gone, and adds those whose rows are new. */
  #move(
    run: SortedRun,
    slots: Int32Array,
    { from, to, moving }: { readonly from: number; readonly to: number; readonly moving: number },
    kinds: Uint8Array,
  ): void {
    const { order } = this;
    const bytes = run.stateBytes;
    if (moving > MERGE_MARKS && moving * 8 > run.length) {
      run.merge(slots.subarray(from, to).filter((slot) => kinds[slot] === FRESH), kinds, order);
    } else {
      for (let i = from; i < to; i++) if (kinds[slots[i]!] === GONE) run.remove(slots[i]!, order);
      for (let i = from; i < to; i++) if (kinds[slots[i]!] === FRESH) run.insert(slots[i]!, order);
    }
    this.#runBytes += run.stateBytes - bytes;
  }

  #ensureRuns(count: number): void {
    while (this.#runs.length < count) {
      const run = new SortedRun();
      this.#runs.push(run);
      this.#runBytes += run.stateBytes;
    }
  }

  #newTable(): KeyTable {
    return new KeyTable(this.#types.map((type) => ({ type })));
  }
}

function movingCount(slots: Int32Array, from: number, to: number, kinds: Uint8Array): number {
  let count = 0;
  for (let i = from; i < to; i++) if (kinds[slots[i]!] !== REPLACED) count++;
  return count;
}
