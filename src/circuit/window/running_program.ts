/**
 * Aggregates over frames that are unbounded on one side: running totals, and what is still to come.
 *
 * ```
 * UNBOUNDED PRECEDING .. 2 FOLLOWING     a change ─► the rows behind it ─────────► until the total is as before
 * CURRENT ROW .. UNBOUNDED FOLLOWING     until the total is as before ◄── the rows before it ◄── a change
 * ```
 *
 * Rows are taken in the order in which frames grow: backward where they end with the partition. The total that a
 * row begins with is merged from the blocks before it (`state_blocks.ts`). From the row at which the value of a
 * count, sum, min or max is the same as before all others are; a row that does not count has no rows behind it.
 * O(log n + 32) and the rows whose total is another one.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { vectorFromDatums } from "../../exec/vector_build.ts";
import { readDatums } from "../../exec/vector_read.ts";
import type { PlanColumn, Scalar, WindowCall } from "../../query/plan.ts";
import type { Datum } from "../../storage/sql_type.ts";
import {
  type CallLanes,
  type CallProgram,
  type CallResults,
  matters,
  type RunChange,
} from "./call_program.ts";
import type { FrameEnds } from "./frame_ends.ts";
import { FRESH, GONE } from "./partitioned_runs.ts";
import type { RangeBounds } from "./range_bounds.ts";
import { RowScalars } from "./row_scalars.ts";
import type { Arguments, RunningAggregate } from "./running_aggregate.ts";
import type { SlotRows } from "./slot_rows.ts";
import { firstPosition, type SortedRun } from "./sorted_run.ts";
import { type BlockMark, StateBlocks } from "./state_blocks.ts";

/** Rows that are read at first, and at most, when it is not known how many there will be. */
const READ_FIRST = 32;
const READ_MAX = 2048;

/** What a running program is made of. */
export interface RunningProgramOptions {
  /** The number of the call in the plan, and the call. */
  readonly number: number;
  readonly call: WindowCall;
  readonly aggregate: RunningAggregate<unknown>;
  readonly ends: FrameEnds;
  /** The bounds that the frame reads. */
  readonly bounds: readonly RangeBounds[];
  readonly columns: readonly PlanColumn[];
  readonly rows: SlotRows;
  readonly lanes: CallLanes;
}

/** A changed row, in the order in which frames grow. */
interface RunningMark extends BlockMark {
  /** The first row whose value may be another one. */
  readonly from: number;
  /** From this row on frames differ by the changed row alone. */
  readonly settled: number;
  /** Whether it changes totals. */
  readonly counts: boolean;
}

/** Rows with their arguments. */
interface ReadRows {
  readonly args: Arguments;
  readonly passes: readonly Datum[] | null;
}

/** See the module header. */
export class RunningProgram implements CallProgram {
  readonly calls: readonly number[];
  readonly scalars: readonly Scalar[];
  readonly #call: WindowCall;
  readonly #aggregate: RunningAggregate<unknown>;
  readonly #ends: FrameEnds;
  readonly #bounds: readonly RangeBounds[];
  readonly #values: RowScalars;
  readonly #rows: SlotRows;
  readonly #lanes: CallLanes;
  /** By partition. */
  #blocks: StateBlocks<unknown>[] = [];
  #examined = 0;

  constructor(options: RunningProgramOptions, environment: ExecutionEnvironment) {
    const { number, call, aggregate, ends, bounds, columns, rows, lanes } = options;
    this.calls = [number];
    this.#call = call;
    this.#aggregate = aggregate;
    this.#ends = ends;
    this.#bounds = bounds;
    this.scalars = call.filter === null ? call.arguments : [...call.arguments, call.filter];
    this.#rows = rows;
    this.#lanes = lanes;
    this.#values = new RowScalars(this.scalars, columns, rows, environment);
  }

  get stateBytes(): number {
    const bounds = this.#bounds.reduce((bytes, { stateBytes }) => bytes + stateBytes, 0);
    return this.#blocks.reduce((bytes, { stateBytes }) => bytes + stateBytes, bounds);
  }

  place(slots: Int32Array, rows: Int32Array): void {
    for (const bounds of this.#bounds) bounds.place(slots, rows);
  }

  renumber(live: Int32Array, partitions: Int32Array): void {
    for (const bounds of this.#bounds) bounds.renumber(live);
    this.#blocks = Array.from(partitions, (partition) => this.#blocks[partition]!);
  }

  compute(change: RunChange, bit: number, results: CallResults): number {
    const { runs, marks: { partitions, starts } } = change;
    while (this.#blocks.length < runs.partitionCount) this.#blocks.push(new StateBlocks(this.#aggregate));
    this.#examined = 0;
    const counts = this.#countingMarks(change, bit);
    const slots: number[] = [];
    const values: Datum[] = [];
    for (let i = 0; i < partitions.length; i++) {
      const view = new RunView(runs.run(partitions[i]!), this.#ends);
      const marks: RunningMark[] = [];
      for (let k = starts[i]!; k < starts[i + 1]!; k++) {
        const m = view.isBackward ? starts[i]! + starts[i + 1]! - 1 - k : k;
        if (matters(change, change.marks.slots[m]!, bit)) marks.push(view.mark(change, m, counts[m] === 1));
      }
      if (marks.length === 0) continue;
      const blocks = this.#blocks[partitions[i]!]!;
      this.#examined += blocks.apply(marks, (from, to) => this.#stateOf(view, from, to));
      marks.sort((a, b) => a.from - b.from);
      this.#walk(view, blocks, { marks, kinds: change.kinds, slots, values });
    }
    if (slots.length > 0) {
      results.add(
        this.calls[0]!,
        Int32Array.from(slots),
        vectorFromDatums(this.#call.type, values, values.length),
      );
    }
    return this.#examined;
  }

  /** Gives the values of the rows from each mark on, until they are as before. */
  #walk(
    view: RunView,
    blocks: StateBlocks<unknown>,
    { marks, kinds, slots, values }: {
      readonly marks: readonly RunningMark[];
      readonly kinds: Uint8Array;
      readonly slots: number[];
      readonly values: Datum[];
    },
  ): void {
    const lane = this.#lanes[this.calls[0]!]!;
    const aggregate = this.#aggregate;
    let done = 0;
    for (let m = 0; m < marks.length;) {
      const first = Math.max(done, marks[m]!.from);
      if (first >= view.length) return;
      let settled = 0;
      let counts = false;
      let length = view.frameLength(first);
      const read = (from: number, to: number): ReadRows => this.#read(view, from, to);
      const total = new Total(blocks, length, view.length, read, aggregate);
      let value = aggregate.value(total.state);
      let row = first;
      for (; row < view.length; row++) {
        for (; m < marks.length && marks[m]!.from <= row; m++) {
          settled = Math.max(settled, marks[m]!.settled);
          counts ||= marks[m]!.counts;
        }
        if (row >= settled && !counts) break;
        const slot = view.at(row);
        const to = row === first ? length : view.frameLength(row);
        if (to !== length) {
          length = to;
          total.extend(to);
          value = aggregate.value(total.state);
        }
        slots.push(slot);
        values.push(value);
        const isKnown = aggregate.isTold && row >= settled && kinds[slot] !== FRESH;
        if (isKnown && lane.holds(slot, value)) {
          row++;
          break;
        }
      }
      this.#examined += row - first;
      done = row;
    }
  }

  /** For each mark whether its row counts. */
  #countingMarks(change: RunChange, bit: number): Uint8Array {
    const { kinds, marks: { slots } } = change;
    const counts = new Uint8Array(slots.length);
    const read: number[] = [];
    for (let m = 0; m < slots.length; m++) {
      if (!matters(change, slots[m]!, bit)) continue;
      const kind = kinds[slots[m]!];
      if (kind === FRESH || kind === GONE) read.push(m);
      else counts[m] = 1;
    }
    const rows = this.#evaluated(Int32Array.from(read, (m) => slots[m]!));
    for (let i = 0; i < read.length; i++) {
      const passes = rows.passes === null || rows.passes[i] === true;
      counts[read[i]!] = Number(passes && this.#aggregate.counts(rows.args, i));
    }
    return counts;
  }

  #stateOf(view: RunView, from: number, to: number): unknown {
    const { args, passes } = this.#evaluated(view.slots(from, to));
    let state = this.#aggregate.init();
    for (let i = 0; i < to - from; i++) {
      if (passes === null || passes[i] === true) state = this.#aggregate.add(state, args, i);
    }
    return state;
  }

  #read(view: RunView, from: number, to: number): ReadRows {
    this.#examined += to - from;
    return this.#evaluated(view.slots(from, to));
  }

  #evaluated(slots: Int32Array): ReadRows {
    const size = slots.length;
    if (size === 0) return { args: this.#call.arguments.map(() => []), passes: null };
    const datums = this.#values.evaluate(this.#rows.rowsOf(slots, size)).map((vector) =>
      readDatums(vector, size)
    );
    if (this.#call.filter === null) return { args: datums, passes: null };
    return { args: datums.slice(0, -1), passes: datums.at(-1)! };
  }
}

/** The total of the first rows, which goes on. */
class Total {
  state: unknown;
  readonly #read: (from: number, to: number) => ReadRows;
  readonly #aggregate: RunningAggregate<unknown>;
  readonly #rowCount: number;
  /** Rows that were read, [from, to), and the next one to add. */
  #rows: ReadRows = { args: [], passes: null };
  #from: number;
  #to: number;
  #next: number;
  #ahead = READ_FIRST;

  /** Of `length` rows of `rowCount`. */
  constructor(
    blocks: StateBlocks<unknown>,
    length: number,
    rowCount: number,
    read: (from: number, to: number) => ReadRows,
    aggregate: RunningAggregate<unknown>,
  ) {
    const { state, from } = blocks.before(length);
    this.state = state;
    this.#read = read;
    this.#aggregate = aggregate;
    this.#rowCount = rowCount;
    this.#from = this.#to = this.#next = from;
    this.extend(length);
  }

  /** Adds the rows up to `length`. */
  extend(length: number): void {
    for (; this.#next < length; this.#next++) {
      if (this.#next === this.#to) {
        this.#from = this.#to;
        this.#to = Math.min(this.#rowCount, Math.max(length, this.#to + this.#ahead));
        this.#ahead = Math.min(READ_MAX, this.#ahead * 2);
        this.#rows = this.#read(this.#from, this.#to);
      }
      const { args, passes } = this.#rows;
      const i = this.#next - this.#from;
      if (passes === null || passes[i] === true) this.state = this.#aggregate.add(this.state, args, i);
    }
  }
}

/** The rows of a run in the order in which frames grow. */
class RunView {
  readonly isBackward: boolean;
  readonly length: number;
  readonly #run: SortedRun;
  readonly #ends: FrameEnds;

  constructor(run: SortedRun, ends: FrameEnds) {
    this.#run = run;
    this.#ends = ends;
    this.isBackward = ends.last.kind === "unboundedFollowing";
    this.length = run.length;
  }

  /** The slot of a row. */
  at(row: number): number {
    return this.#run.at(this.isBackward ? this.length - 1 - row : row);
  }

  /** The slots of rows [from, to). */
  slots(from: number, to: number): Int32Array {
    const slots = new Int32Array(to - from);
    if (!this.isBackward) this.#run.copy(from, to, slots, 0);
    else {
      this.#run.copy(this.length - to, this.length - from, slots, 0);
      slots.reverse();
    }
    return slots;
  }

  /** How many rows the frame of a row holds. */
  frameLength(row: number): number {
    if (!this.isBackward) return this.#ends.end(this.#run, row);
    return this.length - this.#ends.start(this.#run, this.length - 1 - row);
  }

  /** A mark by its number; `counts`: whether it changes totals. */
  mark({ kinds, marks: { slots, positions } }: RunChange, m: number, counts: boolean): RunningMark {
    const kind = kinds[slots[m]!] === FRESH ? "came" : kinds[slots[m]!] === GONE ? "gone" : "changed";
    const ahead = this.length - positions[m]! - (kind === "gone" ? 0 : 1);
    const position = this.isBackward ? ahead : positions[m]!;
    const firstWith = (length: number): number =>
      firstPosition(0, this.length, (row) => this.frameLength(row) >= length);
    const seen = firstWith(position + 1);
    if (kind === "changed") return { position, kind, from: seen, settled: seen, counts };
    // Frames that end where a row was may have held it or not.
    const from = kind === "gone" ? Math.min(position, firstWith(position)) : Math.min(position, seen);
    return { position, kind, from, settled: Math.max(position + 1, seen), counts };
  }
}
