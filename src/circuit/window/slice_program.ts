/**
 * Calls whose value depends on rows near by: the batch executor's kernels over the rows that may have changed and
 * the rows that their frames hold.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import { materialize } from "../../exec/materialize.ts";
import { type ScalarList, windowPreparation } from "../../exec/physical_window.ts";
import type { PlanColumn, Scalar, WindowCall } from "../../query/plan.ts";
import { type CallProgram, type CallResults, matters, type RunChange } from "./call_program.ts";
import type { FrameReach, PositionRange } from "./frame_reach.ts";
import type { RangeBounds } from "./range_bounds.ts";
import { RowScalars } from "./row_scalars.ts";
import { Slices } from "./slices.ts";
import type { SlotRows } from "./slot_rows.ts";
import type { SortedRun } from "./sorted_run.ts";

/** What a slice program is made of. */
export interface SliceProgramOptions {
  /** Numbers of the calls in the plan, and the calls, which have the same reach. */
  readonly numbers: readonly number[];
  readonly calls: readonly WindowCall[];
  readonly reach: FrameReach;
  /** The bounds that the reach reads. */
  readonly bounds: readonly RangeBounds[];
  readonly columns: readonly PlanColumn[];
  readonly rows: SlotRows;
}

/** See the module header. */
export class SliceProgram implements CallProgram {
  readonly calls: readonly number[];
  readonly scalars: readonly Scalar[];
  readonly #reach: FrameReach;
  readonly #bounds: readonly RangeBounds[];
  readonly #values: RowScalars;
  readonly #prepare: ReturnType<typeof windowPreparation>;
  readonly #readsPeers: boolean;
  readonly #rows: SlotRows;
  readonly #slices = new Slices();

  /** `list`: an empty list of expressions. */
  constructor(options: SliceProgramOptions, list: ScalarList, environment: ExecutionEnvironment) {
    const { numbers, calls, reach, bounds, columns, rows } = options;
    this.calls = numbers;
    this.#reach = reach;
    this.#bounds = bounds;
    this.#rows = rows;
    this.#prepare = windowPreparation(environment, calls, list);
    this.#values = new RowScalars(list.list, columns, rows, environment);
    this.#readsPeers = calls.some(readsPeers);
    this.scalars = calls.flatMap((call) =>
      call.filter === null ? call.arguments : [...call.arguments, call.filter]
    );
  }

  get stateBytes(): number {
    return this.#bounds.reduce((bytes, { stateBytes }) => bytes + stateBytes, this.#reach.stateBytes ?? 0);
  }

  place(slots: Int32Array, rows: Int32Array): void {
    for (const bounds of this.#bounds) bounds.place(slots, rows);
  }

  renumber(live: Int32Array): void {
    for (const bounds of this.#bounds) bounds.renumber(live);
  }

  compute(change: RunChange, bit: number, results: CallResults): number {
    const slices = this.#slices;
    slices.clear();
    this.#reach.follow?.(change, bit);
    const { partitions, starts } = change.marks;
    for (let i = 0; i < partitions.length; i++) {
      this.#collect(change, change.runs.run(partitions[i]!), starts[i]!, starts[i + 1]!, bit);
    }
    const { size, wanted } = slices;
    if (size === 0) return 0;
    const { slots } = slices;
    const vectors = this.#values.evaluate(this.#rows.rowsOf(slots, size));
    const order = slices.windowOrder(this.#readsPeers ? change.runs.order : null);
    const { frames, computations } = this.#prepare(order, {
      rowCount: size,
      column: (position) => vectors[position]!,
    });
    const bounds = slices.starts;
    const { ranges } = slices;
    for (let slice = 0; slice + 1 < bounds.length; slice++) {
      const [from, to] = [bounds[slice]!, bounds[slice + 1]!];
      const [first, end] = [ranges[slice * 2]!, ranges[slice * 2 + 1]!];
      for (const frame of frames) frame.compute(from, to, first, end);
      for (const computation of computations) computation.compute(from, to, first, end);
    }
    const count = wanted.length;
    const targets = slices.wantedSlots();
    computations.forEach((computation, j) => {
      const all = materialize(computation.result(), size);
      results.add(
        this.calls[j]!,
        targets,
        count === size ? all : materialize(gatherVector(all, wanted, count), count),
      );
    });
    return size;
  }

  /** Adds the slices of a partition with marks [mark, end): ranges that overlap are one. */
  #collect(change: RunChange, run: SortedRun, mark: number, end: number, bit: number): void {
    const { slots, positions } = change.marks;
    let from = 0;
    let to = 0;
    for (let m = mark; m < end; m++) {
      const slot = slots[m]!;
      if (!matters(change, slot, bit)) continue;
      const position = positions[m]!;
      const range = this.#reach.affected(run, { slot, position, kind: change.kinds[slot]! });
      if (from < to && range.from > to) {
        this.#add(run, { from, to });
        from = range.from;
        to = range.to;
      } else {
        from = from < to ? Math.min(from, range.from) : range.from;
        to = Math.max(to, range.to);
      }
      if (to === run.length && from === 0) break;
    }
    if (from < to) this.#add(run, { from, to });
  }

  #add(run: SortedRun, range: PositionRange): void {
    const slices = this.#slices;
    const context = this.#reach.context(run, range);
    slices.begin();
    slices.addNeeded(run, context.from, range.from);
    slices.addWanted(run, range.from, range.to);
    slices.addNeeded(run, range.to, context.to);
  }
}

function readsPeers({ function: name, frame }: WindowCall): boolean {
  return frame.unit !== "rows" || frame.exclude === "group" || frame.exclude === "ties" ||
    name === "percent_rank" || name === "cume_dist";
}
