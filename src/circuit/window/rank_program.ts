/**
 * row_number, rank and dense_rank: rows behind a change get new numbers until one gets the number that it had.
 *
 * With a bound only numbers up to it are kept: rows behind it have number 0 and cost nothing. O(1) a row.
 *
 * @module
 */
import type { CallLanes, CallProgram, CallResults, RunChange } from "./call_program.ts";
import { matters } from "./call_program.ts";
import { FRESH } from "./partitioned_runs.ts";
import { firstPosition, type SortedRun } from "./sorted_run.ts";

/** The functions that are numbered here. */
export type NumberingFunction = "row_number" | "rank" | "dense_rank";

const BLOCK_SLOTS = 64;

/** See the module header. */
export class RankProgram implements CallProgram {
  readonly calls: readonly number[];
  readonly scalars = [];
  readonly stateBytes = 0;
  readonly #kind: NumberingFunction;
  readonly #lanes: CallLanes;
  readonly #bound: number;
  #slots: number[] = [];
  #numbers: number[] = [];
  readonly #block: Int32Array = new Int32Array(BLOCK_SLOTS);
  #blockStart = 0;
  #blockEnd = 0;

  /** `bound`: the greatest number that is asked for. */
  constructor(call: number, kind: NumberingFunction, lanes: CallLanes, bound: number) {
    this.calls = [call];
    this.#kind = kind;
    this.#lanes = lanes;
    this.#bound = bound;
  }

  place(): void {}

  renumber(): void {}

  compute(change: RunChange, bit: number, results: CallResults): number {
    const { partitions, starts } = change.marks;
    this.#slots = [];
    this.#numbers = [];
    let examined = 0;
    for (let i = 0; i < partitions.length; i++) {
      examined += this.#number(change, partitions[i]!, starts[i]!, starts[i + 1]!, bit);
    }
    const values = new Float64Array(this.#numbers);
    results.add(this.calls[0]!, new Int32Array(this.#slots), { kind: "f64", values, nulls: null });
    return examined;
  }

  /** Numbers the rows of a partition from its marks [mark, end) on. */
  #number(change: RunChange, partition: number, mark: number, end: number, bit: number): number {
    const { runs, kinds } = change;
    const { slots, positions } = change.marks;
    const run = runs.run(partition);
    const lane = this.#lanes[this.calls[0]!]!;
    const next = (from: number): number => {
      let at = from;
      while (at < end && !matters(change, slots[at]!, bit)) at++;
      return at;
    };
    this.#blockEnd = 0;
    let examined = 0;
    let at = -1;
    let start = 0;
    let groups = 0;
    for (let m = next(mark); m < end;) {
      if (positions[m]! >= run.length) break;
      const from = this.#groupStart(change, run, positions[m]!);
      if (from !== at) groups = from === 0 ? 0 : lane.numberAt(run.at(from - 1));
      // Behind a row without a number there is none.
      if (groups === 0 && from > 0 && this.#kind === "dense_rank") return examined;
      const first = m;
      for (at = from, start = from; at < run.length; at++) {
        const slot = this.#at(run, at);
        examined++;
        const starts = at === from || !this.#isPeer(change, run, at);
        if (starts) {
          start = at;
          groups++;
        }
        const passed = m;
        while (m < end && positions[m]! <= at) m = next(m + 1);
        const exact = this.#kind === "row_number" ? at + 1 : this.#kind === "rank" ? start + 1 : groups;
        const number = exact > this.#bound ? 0 : exact;
        const known = kinds[slot] === FRESH ? -1 : lane.numberAt(slot);
        if (number === 0 && known === 0) return examined;
        // From here on the numbers are as they were, until the next change.
        if (m !== first && m === passed && starts && number === known) break;
        this.#slots.push(slot);
        this.#numbers.push(number);
      }
      if (at >= run.length) break;
      groups--;
    }
    return examined;
  }

  #isPeer({ runs }: RunChange, run: SortedRun, at: number): boolean {
    if (this.#kind === "row_number") return false;
    return runs.order.compareKeys(this.#at(run, at - 1), this.#at(run, at)) === 0;
  }

  /** Where the peers of the row at a position begin. */
  #groupStart({ runs: { order } }: RunChange, run: SortedRun, position: number): number {
    if (this.#kind === "row_number") return position;
    const slot = run.at(position);
    return firstPosition(0, position, (at) => order.compareKeys(run.at(at), slot) >= 0);
  }

  /** The slot at a position; positions next to each other are read from a block. */
  #at(run: SortedRun, position: number): number {
    if (position < this.#blockStart || position >= this.#blockEnd) {
      this.#blockStart = Math.max(0, position - 1);
      this.#blockEnd = Math.min(run.length, this.#blockStart + BLOCK_SLOTS);
      run.copy(this.#blockStart, this.#blockEnd, this.#block, 0);
    }
    return this.#block[position - this.#blockStart]!;
  }
}
