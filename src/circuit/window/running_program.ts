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
/** Changes of one row in so many, from which on all are read. */
const BULK_ROWS = 16;

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
  /** Its number. */
  readonly mark: number;
}

/** Rows from a row on, with their arguments. */
interface ReadRows {
  readonly from: number;
  readonly slots: Int32Array;
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
    const counting = new CountingMarks(change, bit, this.#aggregate, (slots) => this.#evaluated(slots, 0));
    const slots: number[] = [];
    const values: Datum[] = [];
    for (let i = 0; i < partitions.length; i++) {
      const view = new RunView(runs.run(partitions[i]!), this.#ends);
      const marks: RunningMark[] = [];
      for (let k = starts[i]!; k < starts[i + 1]!; k++) {
        const m = view.isBackward ? starts[i]! + starts[i + 1]! - 1 - k : k;
        if (matters(change, change.marks.slots[m]!, bit)) marks.push(view.mark(change, m));
      }
      if (marks.length === 0) continue;
      const blocks = this.#blocks[partitions[i]!]!;
      const rows = new RowReader(view, (read, from) => this.#evaluated(read, from));
      // What is nearly all is read at once.
      if (marks.length * BULK_ROWS > view.length) rows.read(0, view.length);
      blocks.apply(marks, (from, to) => this.#stateOf(rows, from, to));
      marks.sort((a, b) => a.from - b.from);
      this.#walk(view, new Totals(blocks, rows, this.#aggregate), {
        marks,
        counting,
        kinds: change.kinds,
        slots,
        values,
      });
      this.#examined += rows.examined;
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
    totals: Totals,
    { marks, counting, kinds, slots, values }: {
      readonly marks: readonly RunningMark[];
      readonly counting: CountingMarks;
      readonly kinds: Uint8Array;
      readonly slots: number[];
      readonly values: Datum[];
    },
  ): void {
    const lane = this.#lanes[this.calls[0]!]!;
    const aggregate = this.#aggregate;
    let row = 0;
    for (let m = 0; m < marks.length;) {
      const first = Math.max(row, marks[m]!.from);
      if (first >= view.length) return;
      const start = m;
      let settled = 0;
      let length = view.frameLength(first);
      totals.begin(length);
      let value = aggregate.value(totals.state);
      for (row = first; row < view.length;) {
        for (; m < marks.length && marks[m]!.from <= row; m++) settled = Math.max(settled, marks[m]!.settled);
        if (row >= settled && !counting.has(marks, start, m)) break;
        const next = view.endsWithPeers && row < length ? length : view.frameLength(row);
        if (next !== length) {
          length = next;
          totals.extend(length);
          value = aggregate.value(totals.state);
        }
        const slot = totals.slotAt(row);
        slots.push(slot);
        values.push(value);
        const isKnown = aggregate.isTold && row >= settled && kinds[slot] !== FRESH;
        row++;
        if (isKnown && lane.holds(slot, value)) break;
      }
      this.#examined += row - first;
    }
  }

  #stateOf(rows: RowReader, from: number, to: number): unknown {
    const { from: base, args, passes } = rows.read(from, to);
    let state = this.#aggregate.init();
    for (let i = from - base; i < to - base; i++) {
      if (passes === null || passes[i] === true) state = this.#aggregate.add(state, args, i);
    }
    return state;
  }

  #evaluated(slots: Int32Array, from: number): ReadRows {
    const size = slots.length;
    if (size === 0) return { from, slots, args: this.#call.arguments.map(() => []), passes: null };
    const datums = this.#values.evaluate(this.#rows.rowsOf(slots, size)).map((vector) =>
      readDatums(vector, size)
    );
    if (this.#call.filter === null) return { from, slots, args: datums, passes: null };
    return { from, slots, args: datums.slice(0, -1), passes: datums.at(-1)! };
  }
}

/** Which rows that came or went change totals; looked up when it matters. */
class CountingMarks {
  readonly #change: RunChange;
  readonly #bit: number;
  readonly #aggregate: RunningAggregate<unknown>;
  readonly #evaluate: (slots: Int32Array) => ReadRows;
  #counts: Uint8Array | null = null;

  constructor(
    change: RunChange,
    bit: number,
    aggregate: RunningAggregate<unknown>,
    evaluate: (slots: Int32Array) => ReadRows,
  ) {
    this.#change = change;
    this.#bit = bit;
    this.#aggregate = aggregate;
    this.#evaluate = evaluate;
  }

  /** Whether one of marks [from, to) changes totals. */
  has(marks: readonly RunningMark[], from: number, to: number): boolean {
    const counts = this.#counts ??= this.#find();
    for (let m = from; m < to; m++) if (counts[marks[m]!.mark] === 1) return true;
    return false;
  }

  #find(): Uint8Array {
    const { kinds, marks: { slots } } = this.#change;
    const counts = new Uint8Array(slots.length);
    const read: number[] = [];
    for (let m = 0; m < slots.length; m++) {
      if (!matters(this.#change, slots[m]!, this.#bit)) continue;
      const kind = kinds[slots[m]!];
      if (kind === FRESH || kind === GONE) read.push(m);
      else counts[m] = 1;
    }
    const { args, passes } = this.#evaluate(Int32Array.from(read, (m) => slots[m]!));
    for (let i = 0; i < read.length; i++) {
      counts[read[i]!] = Number((passes === null || passes[i] === true) && this.#aggregate.counts(args, i));
    }
    return counts;
  }
}

/** Reads rows of a view, some at a time. */
class RowReader {
  readonly view: RunView;
  /** Rows that were read. */
  examined = 0;
  readonly #evaluate: (slots: Int32Array, from: number) => ReadRows;
  #rows: ReadRows | undefined;

  constructor(view: RunView, evaluate: (slots: Int32Array, from: number) => ReadRows) {
    this.view = view;
    this.#evaluate = evaluate;
  }

  /** The rows that were read last. */
  get rows(): ReadRows | undefined {
    return this.#rows;
  }

  /** Rows with [from, to) among them. */
  read(from: number, to: number): ReadRows {
    const known = this.#rows;
    if (known !== undefined && known.from <= from && to <= known.from + known.slots.length) return known;
    this.examined += to - from;
    return this.#rows = this.#evaluate(this.view.slots(from, to), from);
  }
}

/** The total of the first rows, which goes on. */
class Totals {
  state: unknown;
  readonly #blocks: StateBlocks<unknown>;
  readonly #reader: RowReader;
  readonly #aggregate: RunningAggregate<unknown>;
  /** The next row to add. */
  #next = 0;
  #ahead = READ_FIRST;

  constructor(blocks: StateBlocks<unknown>, reader: RowReader, aggregate: RunningAggregate<unknown>) {
    this.#blocks = blocks;
    this.#reader = reader;
    this.#aggregate = aggregate;
  }

  /** Begins with the total of `length` rows. */
  begin(length: number): void {
    const { state, from } = this.#blocks.before(length);
    this.state = state;
    this.#next = from;
    this.#ahead = READ_FIRST;
    this.extend(length);
  }

  /** Adds the rows up to `length`. */
  extend(length: number): void {
    while (this.#next < length) {
      const { from, slots, args, passes } = this.#read(length);
      const to = Math.min(length, from + slots.length) - from;
      for (let i = this.#next - from; i < to; i++) {
        if (passes === null || passes[i] === true) this.state = this.#aggregate.add(this.state, args, i);
      }
      this.#next = from + to;
    }
  }

  /** The slot of a row. */
  slotAt(row: number): number {
    const rows = this.#reader.rows;
    const at = rows === undefined ? -1 : row - rows.from;
    return rows !== undefined && at >= 0 && at < rows.slots.length
      ? rows.slots[at]!
      : this.#reader.view.at(row);
  }

  /** Rows with the next one among them, and some behind it. */
  #read(length: number): ReadRows {
    const next = this.#next;
    const { rows, view } = this.#reader;
    if (rows !== undefined && rows.from <= next && next < rows.from + rows.slots.length) return rows;
    const to = Math.min(view.length, Math.max(length, next + this.#ahead));
    this.#ahead = Math.min(READ_MAX, this.#ahead * 2);
    return this.#reader.read(next, to);
  }
}

/** The rows of a run in the order in which frames grow. */
class RunView {
  readonly isBackward: boolean;
  /** Whether the frame of a row ends with its peers. */
  readonly endsWithPeers: boolean;
  readonly length: number;
  readonly #run: SortedRun;
  readonly #ends: FrameEnds;

  constructor(run: SortedRun, ends: FrameEnds) {
    this.#run = run;
    this.#ends = ends;
    this.isBackward = ends.last.kind === "unboundedFollowing";
    this.endsWithPeers = ends.unit !== "rows" &&
      (this.isBackward ? ends.first : ends.last).kind === "currentRow";
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

  /** A mark by its number. */
  mark({ kinds, marks: { slots, positions } }: RunChange, m: number): RunningMark {
    const kind = kinds[slots[m]!] === FRESH ? "came" : kinds[slots[m]!] === GONE ? "gone" : "changed";
    const ahead = this.length - positions[m]! - (kind === "gone" ? 0 : 1);
    const position = this.isBackward ? ahead : positions[m]!;
    const firstWith = (length: number): number =>
      firstPosition(0, this.length, (row) => this.frameLength(row) >= length);
    const seen = firstWith(position + 1);
    if (kind === "changed") return { position, kind, from: seen, settled: seen, mark: m };
    // Frames that end where a row was may have held it or not.
    const from = kind === "gone" ? Math.min(position, firstWith(position)) : Math.min(position, seen);
    return { position, kind, from, settled: Math.max(position + 1, seen), mark: m };
  }
}
