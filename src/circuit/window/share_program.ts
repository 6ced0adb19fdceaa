/**
 * percent_rank, cume_dist and ntile: values that follow from the place of a row and the number of rows.
 *
 * ```
 * rows      7 7 | 8 9 9 ... 20 | 31 31      percent_rank is 0 for the first peers, cume_dist 1 for the last ones
 * ntile(3)  1 1 1 1 | 2 2 2 2 | 3 3 3       rows get another number beside the bounds alone
 * ```
 *
 * When the number of rows changes, the shares of all other rows do; when a row moves, those between its places.
 * Buckets are looked through from both ends up to a row that has its number: O(buckets + rows with other numbers).
 *
 * @module
 */
import type { CallLanes, CallProgram, CallResults, RunChange } from "./call_program.ts";
import { peersFrom, peersTo } from "./frame_reach.ts";
import { FRESH, GONE } from "./partitioned_runs.ts";
import type { SortedRun } from "./sorted_run.ts";

/** A partition with marks [mark, end), some of which move rows. */
interface ChangedRun {
  readonly change: RunChange;
  readonly run: SortedRun;
  readonly mark: number;
  readonly end: number;
}

/** What the functions have in common: new numbers for some rows. */
abstract class PlaceProgram implements CallProgram {
  readonly calls: readonly number[];
  readonly scalars = [];
  readonly stateBytes = 0;
  #slots: number[] = [];
  #values: number[] = [];

  constructor(call: number) {
    this.calls = [call];
  }

  place(): void {}

  renumber(): void {}

  compute(change: RunChange, _bit: number, results: CallResults): number {
    const { partitions, starts } = change.marks;
    this.#slots = [];
    this.#values = [];
    let examined = 0;
    for (let i = 0; i < partitions.length; i++) {
      const run = change.runs.run(partitions[i]!);
      if (run.length === 0) continue;
      examined += this.number({ change, run, mark: starts[i]!, end: starts[i + 1]! });
    }
    const values = new Float64Array(this.#values);
    results.add(this.calls[0]!, new Int32Array(this.#slots), { kind: "f64", values, nulls: null });
    return examined;
  }

  /** Gives new numbers to the rows of a partition that get others; gives how many were looked at. */
  protected abstract number(changed: ChangedRun): number;

  protected give(slot: number, value: number): void {
    this.#slots.push(slot);
    this.#values.push(value);
  }
}

/** percent_rank and cume_dist. */
export class ShareProgram extends PlaceProgram {
  readonly #isRank: boolean;

  constructor(call: number, kind: "percent_rank" | "cume_dist") {
    super(call);
    this.#isRank = kind === "percent_rank";
  }

  protected override number({ change, run, mark, end }: ChangedRun): number {
    const { runs: { order }, kinds, marks: { slots } } = change;
    let grown = 0;
    let first = -1;
    let last = -1;
    for (let m = mark; m < end; m++) {
      const kind = kinds[slots[m]!];
      if (kind !== FRESH && kind !== GONE) continue;
      grown += kind === FRESH ? 1 : -1;
      if (first < 0) first = slots[m]!;
      last = slots[m]!;
    }
    if (first < 0) return 0;
    const { from, to } = grown === 0 ? this.#between(change, run, first, last) : this.#others(change, run, {
      first,
      last,
    });
    for (let at = from; at < to;) {
      const next = peersTo(run, run.at(at), order);
      const value = this.#valueOf(run, at, next);
      for (; at < next; at++) this.give(run.at(at), value);
    }
    let examined = Math.max(0, to - from);
    for (let m = mark; m < end; m++) {
      const slot = slots[m]!;
      if (kinds[slot] !== FRESH) continue;
      this.give(slot, this.#valueOf(run, peersFrom(run, slot, order), peersTo(run, slot, order)));
      examined++;
    }
    return examined;
  }

  /** Rows that a change of as many rows as before moves: those between its first and its last peers. */
  #between({ runs: { order } }: RunChange, run: SortedRun, first: number, last: number) {
    return this.#isRank
      ? { from: peersTo(run, first, order), to: peersTo(run, last, order) }
      : { from: peersFrom(run, first, order), to: peersFrom(run, last, order) };
  }

  /** All rows but those whose share is the same for any number of rows, and has been so. */
  #others(
    { runs: { order }, kinds }: RunChange,
    run: SortedRun,
    { first, last }: { readonly first: number; readonly last: number },
  ) {
    const outer = this.#isRank ? run.at(0) : run.at(run.length - 1);
    const mark = this.#isRank ? first : last;
    // They were not the outer ones while there was another one beyond them.
    const order1 = order.compareKeys(mark, outer);
    const wasOuter = kinds[mark] !== GONE || (this.#isRank ? order1 >= 0 : order1 <= 0);
    if (this.#isRank) return { from: wasOuter ? peersTo(run, outer, order) : 0, to: run.length };
    return { from: 0, to: wasOuter ? peersFrom(run, outer, order) : run.length };
  }

  /** The value of peers [start, end). */
  #valueOf({ length }: SortedRun, start: number, end: number): number {
    if (!this.#isRank) return end / length;
    return length === 1 ? 0 : start / (length - 1);
  }
}

/** ntile with a constant number of buckets. */
export class BucketProgram extends PlaceProgram {
  readonly #buckets: number;
  readonly #lanes: CallLanes;

  constructor(call: number, buckets: number, lanes: CallLanes) {
    super(call);
    this.#buckets = buckets;
    this.#lanes = lanes;
  }

  protected override number({ change, run, mark, end }: ChangedRun): number {
    const { kinds, marks: { slots, positions } } = change;
    const lane = this.#lanes[this.calls[0]!]!;
    const small = Math.floor(run.length / this.#buckets);
    const larger = run.length % this.#buckets;
    const count = Math.min(this.#buckets, run.length);
    const bucketAt = (at: number): number => {
      const rest = at - larger * (small + 1);
      return rest < 0 ? Math.floor(at / (small + 1)) : larger + Math.floor(rest / small);
    };
    let examined = 0;
    for (let m = mark; m < end; m++) {
      const kind = kinds[slots[m]!];
      if (kind === FRESH) this.give(slots[m]!, bucketAt(positions[m]!) + 1);
      if (kind === FRESH || kind === GONE) examined++;
    }
    if (examined === 0) return 0;
    for (let bucket = 0, from = 0; bucket < count; bucket++) {
      const to = from + small + (bucket < larger ? 1 : 0);
      // Rows that were there before are in order of their numbers: those with others are at the ends.
      const isRight = (slot: number): boolean => {
        examined++;
        if (kinds[slot] === FRESH) return false;
        if (lane.numberAt(slot) === bucket + 1) return true;
        this.give(slot, bucket + 1);
        return false;
      };
      let at = from;
      while (at < to && !isRight(run.at(at))) at++;
      for (let back = to - 1; back > at && !isRight(run.at(back)); back--);
      from = to;
    }
    return examined;
  }
}
