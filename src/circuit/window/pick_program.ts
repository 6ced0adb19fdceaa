/**
 * Calls whose value is that of another row: lag and lead with IGNORE NULLS; first_value, last_value and nth_value
 * with IGNORE NULLS, or over frames that are unbounded on a side.
 *
 * ```
 * value of x   5 . . 7 . . . 8 . 2       .: NULL        lag(x) IGNORE NULLS takes the one before
 *                    ↑ a change here is one for the rows behind it, up to the next known one
 * ```
 *
 * A change reaches the rows between known ones that pick another row than before, and those whose frames it moves:
 * O(log n) each, and nothing for the others.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { vectorFromDatums } from "../../exec/vector_build.ts";
import { readDatums } from "../../exec/vector_read.ts";
import type { PlanColumn, Scalar, WindowCall } from "../../query/plan.ts";
import type { Datum } from "../../storage/sql_type.ts";
import { type CallProgram, type CallResults, matters, type RunChange } from "./call_program.ts";
import { type FrameEnds, nearRows } from "./frame_ends.ts";
import { KnownRows } from "./known_rows.ts";
import { FRESH, GONE, type PartitionedRuns } from "./partitioned_runs.ts";
import type { RangeBounds } from "./range_bounds.ts";
import { RowScalars } from "./row_scalars.ts";
import type { SlotRows } from "./slot_rows.ts";
import { firstPosition, type SortedRun } from "./sorted_run.ts";

/** Which row is picked. */
export type Pick =
  /** The known row at a distance, negative before the row itself. */
  | { readonly kind: "neighbour"; readonly distance: number }
  /** The n-th known row of the frame, from 1 on; -1 for the last one. */
  | { readonly kind: "frame"; readonly nth: number; readonly ends: FrameEnds };

/** What a pick program is made of. */
export interface PickProgramOptions {
  /** The number of the call in the plan, and the call. */
  readonly number: number;
  readonly call: WindowCall;
  readonly pick: Pick;
  /** The bounds that the frame reads. */
  readonly bounds: readonly RangeBounds[];
  readonly runs: PartitionedRuns;
  readonly columns: readonly PlanColumn[];
  readonly rows: SlotRows;
}

interface PositionRange {
  readonly from: number;
  readonly to: number;
}

/** A change as the rows that count known rows see it. */
interface KnownMark {
  readonly position: number;
  readonly isGone: boolean;
  /** Known rows before it, and whether it is one. */
  readonly rank: number;
  readonly isKnown: boolean;
}

/** See the module header. */
export class PickProgram implements CallProgram {
  readonly calls: readonly number[];
  readonly scalars: readonly Scalar[];
  readonly #call: WindowCall;
  readonly #pick: Pick;
  readonly #bounds: readonly RangeBounds[];
  readonly #rows: SlotRows;
  readonly #known: KnownRows;
  /** The value to pick, and what is given when there is none. */
  readonly #value: RowScalars;
  readonly #default: RowScalars | null;

  constructor(options: PickProgramOptions, environment: ExecutionEnvironment) {
    const { number, call, pick, bounds, runs, columns, rows } = options;
    const [value, , otherwise] = call.arguments;
    this.calls = [number];
    this.scalars = call.arguments;
    this.#call = call;
    this.#pick = pick;
    this.#bounds = bounds;
    this.#rows = rows;
    this.#value = new RowScalars([value!], columns, rows, environment);
    this.#default = pick.kind === "neighbour" && otherwise !== undefined
      ? new RowScalars([otherwise], columns, rows, environment)
      : null;
    this.#known = new KnownRows(runs, call.ignoreNulls ? this.#value : null);
  }

  get stateBytes(): number {
    return this.#bounds.reduce((bytes, { stateBytes }) => bytes + stateBytes, this.#known.stateBytes);
  }

  place(slots: Int32Array, rows: Int32Array): void {
    for (const bounds of this.#bounds) bounds.place(slots, rows);
  }

  renumber(live: Int32Array, partitions: Int32Array): void {
    for (const bounds of this.#bounds) bounds.renumber(live);
    this.#known.renumber(live, partitions);
  }

  compute(change: RunChange, bit: number, results: CallResults): number {
    const { partitions, starts } = change.marks;
    const touches = this.#known.apply(change, bit);
    const targets: number[] = [];
    const picked: number[] = [];
    for (let i = 0; i < partitions.length; i++) {
      const partition = partitions[i]!;
      const run = change.runs.run(partition);
      const known = this.#known.run(partition);
      const ranges: PositionRange[] = [];
      for (let m = starts[i]!; m < starts[i + 1]!; m++) {
        if (matters(change, change.marks.slots[m]!, bit)) {
          this.#reach(change, { run, known, mark: m, touches: touches[m] === 1 }, ranges);
        }
      }
      for (const { from, to } of united(ranges)) {
        for (let at = from; at < to; at++) {
          const slot = run.at(at);
          targets.push(slot);
          picked.push(this.#picked(change, run, known, at, slot));
        }
      }
    }
    if (targets.length > 0) {
      results.add(this.calls[0]!, Int32Array.from(targets), this.#values(targets, picked));
    }
    // The rows, and those that they picked.
    return targets.length * 2;
  }

  /** Adds the rows that may pick another row after a mark. */
  #reach(
    change: RunChange,
    { run, known, mark, touches }: {
      readonly run: SortedRun;
      readonly known: SortedRun;
      readonly mark: number;
      readonly touches: boolean;
    },
    ranges: PositionRange[],
  ): void {
    const { runs, kinds, marks: { slots, positions } } = change;
    const slot = slots[mark]!;
    const position = positions[mark]!;
    const isGone = kinds[slot] === GONE;
    const add = (from: number, to: number): void => {
      if (from < to) ranges.push({ from: Math.max(0, from), to: Math.min(run.length, to) });
    };
    if (!isGone) add(position, position + 1);
    const pick = this.#pick;
    // A row without a value moves the ends of frames that count rows.
    if (pick.kind === "frame" && pick.ends.distance > 0 && (isGone || kinds[slot] === FRESH)) {
      const near = nearRows(pick.ends, runs, run, { slot, position });
      add(near.from, near.to);
    }
    if (!touches) return;
    const rank = known === run ? position : known.position(slot, runs.order);
    const changed = { position, isGone, rank, isKnown: !isGone && this.#known.has(slot) };
    const reached = pick.kind === "neighbour"
      ? neighbours(changed, pick.distance, { run, known, runs })
      : seeing(changed, pick.nth, pick.ends, { run, known, runs });
    add(reached.from, reached.to);
  }

  /** The slot whose value the row at a position takes; -1 for none. */
  #picked({ runs }: RunChange, run: SortedRun, known: SortedRun, at: number, slot: number): number {
    const pick = this.#pick;
    if (pick.kind === "neighbour") {
      const { distance } = pick;
      if (distance === 0) return slot;
      const before = known.position(slot, runs.order);
      const index = distance < 0 ? before + distance : before + Number(this.#known.has(slot)) + distance - 1;
      return index >= 0 && index < known.length ? known.at(index) : -1;
    }
    const start = countBefore(pick.ends.start(run, at), { run, known, runs });
    const end = countBefore(pick.ends.end(run, at), { run, known, runs });
    const index = pick.nth > 0 ? start + pick.nth - 1 : end - 1;
    return index >= start && index < end ? known.at(index) : -1;
  }

  #values(targets: readonly number[], picked: readonly number[]) {
    const { type } = this.#call;
    const values = new Array<Datum>(targets.length).fill(null);
    this.#read(this.#value, picked, (i) => picked[i]! >= 0, values);
    if (this.#default !== null) this.#read(this.#default, targets, (i) => picked[i]! < 0, values);
    return vectorFromDatums(type, values, values.length);
  }

  /** Writes the value at `slots[i]` to `into[i]` where it is wanted. */
  #read(
    scalars: RowScalars,
    slots: readonly number[],
    isWanted: (i: number) => boolean,
    into: Datum[],
  ): void {
    const wanted: number[] = [];
    for (let i = 0; i < slots.length; i++) if (isWanted(i)) wanted.push(i);
    if (wanted.length === 0) return;
    const ids = Int32Array.from(wanted, (i) => this.#rows.rowOf(slots[i]!));
    const values = readDatums(scalars.evaluate(ids)[0]!, wanted.length);
    for (let j = 0; j < wanted.length; j++) into[wanted[j]!] = values[j]!;
  }
}

/** A partition: all its rows and the known ones. */
interface CountedRun {
  readonly run: SortedRun;
  readonly known: SortedRun;
  readonly runs: PartitionedRuns;
}

/** How many known rows are before a position. */
function countBefore(position: number, { run, known, runs }: CountedRun): number {
  if (known === run) return position;
  return position < run.length ? known.position(run.at(position), runs.order) : known.length;
}

/** The position of the known row with a number; `before` and `behind` where there is none. */
function positionOf(
  index: number,
  { run, known, runs }: CountedRun,
  none: { readonly before: number; readonly behind: number },
): number {
  if (index < 0) return none.before;
  if (index >= known.length) return none.behind;
  return known === run ? index : run.position(known.at(index), runs.order);
}

/** Rows with the changed one among the known ones up to a distance. */
function neighbours(
  { position, rank, isKnown }: KnownMark,
  distance: number,
  counted: CountedRun,
): PositionRange {
  const none = { before: 0, behind: counted.run.length };
  if (distance < 0) {
    const last = rank + Number(isKnown) - distance - 1;
    return { from: position, to: positionOf(last, counted, none) + 1 };
  }
  return { from: positionOf(rank - distance, counted, none), to: position + 1 };
}

/** Rows whose frames hold the changed one, as the n-th known row or before it. */
function seeing(
  { position, isGone, rank, isKnown }: KnownMark,
  nth: number,
  ends: FrameEnds,
  counted: CountedRun,
): PositionRange {
  const { run } = counted;
  const rows = run.length;
  const none = { before: -1, behind: rows };
  const first = (test: (at: number) => boolean): number => firstPosition(0, rows, test);
  const seen = isGone ? position : position + 1;
  const holding = first((at) => ends.end(run, at) >= seen);
  const beyond = first((at) => ends.start(run, at) > position);
  if (nth > 0) {
    const before = positionOf(rank - nth, counted, none);
    return { from: Math.max(holding, first((at) => ends.start(run, at) > before)), to: beyond };
  }
  const next = positionOf(rank + Number(isKnown), counted, none);
  return { from: holding, to: Math.min(beyond, first((at) => ends.end(run, at) > next)) };
}

/** The ranges in order, those that meet as one. */
function united(ranges: PositionRange[]): PositionRange[] {
  if (ranges.length < 2) return ranges;
  ranges.sort((a, b) => a.from - b.from);
  const united: PositionRange[] = [];
  for (const range of ranges) {
    const last = united.at(-1);
    if (last === undefined || range.from > last.to) united.push(range);
    else united[united.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
  }
  return united;
}
