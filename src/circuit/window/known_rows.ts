/**
 * The rows of each partition that have a value: what IGNORE NULLS counts.
 *
 * A sorted run of slots beside that of all rows, in which the n-th known row before or behind a place is found in
 * O(log n). Without IGNORE NULLS all rows are known, and the runs are those of the window.
 *
 * @module
 */
import { grownUint8 } from "../../exec/aggregates/accumulator.ts";
import { readDatums } from "../../exec/vector_read.ts";
import { matters, type RunChange } from "./call_program.ts";
import { FRESH, GONE, type PartitionedRuns } from "./partitioned_runs.ts";
import type { RowScalars } from "./row_scalars.ts";
import { SortedRun } from "./sorted_run.ts";

/** Changes from which on runs are merged. */
const MERGE_ROWS = 32;

/** See the module header. */
export class KnownRows {
  readonly #runs: PartitionedRuns;
  /** What has to have a value; null when all rows count. */
  readonly #value: RowScalars | null;
  #known: SortedRun[] = [];
  /** By slot. */
  #isKnown: Uint8Array = new Uint8Array(16);

  /** `value`: the first of these expressions has to have a value. */
  constructor(runs: PartitionedRuns, value: RowScalars | null) {
    this.#runs = runs;
    this.#value = value;
  }

  get stateBytes(): number {
    if (this.#value === null) return 0;
    return this.#known.reduce((bytes, run) => bytes + run.stateBytes, this.#isKnown.byteLength);
  }

  /** The known rows of a partition. */
  run(partition: number): SortedRun {
    return this.#value === null ? this.#runs.run(partition) : this.#known[partition]!;
  }

  /** Whether the row of a slot is known. */
  has(slot: number): boolean {
    return this.#value === null || this.#isKnown[slot] === 1;
  }

  /**
   * Follows a change of the runs; gives for each mark whether it is one for rows that count known rows: a value
   * came, went, or is another one.
   */
  apply(change: RunChange, bit: number): Uint8Array {
    const { kinds, marks: { slots, partitions, starts } } = change;
    const touches = new Uint8Array(slots.length);
    if (this.#value === null) {
      for (let m = 0; m < slots.length; m++) touches[m] = Number(matters(change, slots[m]!, bit));
      return touches;
    }
    const { order } = this.#runs;
    while (this.#known.length < this.#runs.partitionCount) this.#known.push(new SortedRun());
    const isKnown = this.#evaluate(change, this.#value, bit);
    for (let i = 0; i < partitions.length; i++) {
      const run = this.#known[partitions[i]!]!;
      const merges = starts[i + 1]! - starts[i]! > MERGE_ROWS;
      const fresh: number[] = [];
      for (let m = starts[i]!; m < starts[i + 1]!; m++) {
        const slot = slots[m]!;
        if (!matters(change, slot, bit)) continue;
        const was = kinds[slot] !== FRESH && this.#isKnown[slot] === 1;
        const is = isKnown[m] === 1;
        touches[m] = Number(was || is);
        this.#isKnown[slot] = Number(is);
        if (was && !is && !(merges && kinds[slot] === GONE)) run.remove(slot, order);
        if (is && !was) {
          if (merges) fresh.push(slot);
          else run.insert(slot, order);
        }
      }
      if (merges) run.merge(Int32Array.from(fresh), kinds, order);
    }
    return touches;
  }

  /** Slot `live[i]` becomes slot i, and partition `partitions[i]` partition i. */
  renumber(live: Int32Array, partitions: Int32Array): void {
    if (this.#value === null) return;
    const newSlots = new Int32Array(this.#isKnown.length);
    live.forEach((slot, i) => newSlots[slot] = i);
    const isKnown = new Uint8Array(Math.max(16, live.length));
    live.forEach((slot, i) => isKnown[i] = this.#isKnown[slot]!);
    this.#isKnown = isKnown;
    this.#known = Array.from(partitions, (partition) => this.#known[partition]!);
    for (const run of this.#known) run.renumber(newSlots);
  }

  /** For each mark whether its row is there and has a value. */
  #evaluate(change: RunChange, value: RowScalars, bit: number): Uint8Array {
    const { kinds, rows, marks: { slots } } = change;
    const present: number[] = [];
    let slotCount = 0;
    for (let m = 0; m < slots.length; m++) {
      slotCount = Math.max(slotCount, slots[m]! + 1);
      if (kinds[slots[m]!] !== GONE && matters(change, slots[m]!, bit)) present.push(m);
    }
    this.#isKnown = grownUint8(this.#isKnown, slotCount);
    const ids = Int32Array.from(present, (m) => rows.rowOf(slots[m]!));
    const isKnown = new Uint8Array(slots.length);
    if (present.length === 0) return isKnown;
    const values = readDatums(value.evaluate(ids)[0]!, present.length);
    for (let i = 0; i < present.length; i++) isKnown[present[i]!] = Number(values[i] !== null);
    return isKnown;
  }
}
