/**
 * Frame ends: where the frame of a row begins and ends in its run.
 *
 * Both ends never go back from one row to the next one. O(1) for ROWS, O(log n) comparisons for RANGE, and as many
 * for each group of GROUPS.
 *
 * @module
 */
import type { FrameBoundPlan, WindowFramePlan } from "../../query/plan.ts";
import { peersFrom, peersTo, type RangeSide } from "./frame_reach.ts";
import type { PartitionedRuns } from "./partitioned_runs.ts";
import { firstPosition, type SortedRun } from "./sorted_run.ts";

/** One end of a frame. */
export interface FrameEnd {
  readonly kind: FrameBoundPlan["kind"];
  /** For ROWS and GROUPS: how far it is from the current row or group, negative before it. */
  readonly distance: number;
  /** For RANGE. */
  readonly side: RangeSide;
}

/** See the module header. */
export class FrameEnds {
  readonly unit: WindowFramePlan["unit"];
  readonly first: FrameEnd;
  readonly last: FrameEnd;
  readonly #runs: PartitionedRuns;

  constructor(runs: PartitionedRuns, unit: WindowFramePlan["unit"], first: FrameEnd, last: FrameEnd) {
    this.#runs = runs;
    this.unit = unit;
    this.first = first;
    this.last = last;
  }

  /** The greatest distance between a row, or group, and an end that moves with it. */
  get distance(): number {
    const distances = [this.first, this.last].map(({ kind, distance }) =>
      kind === "preceding" || kind === "following" ? Math.abs(distance) : 0
    );
    return Math.max(...distances);
  }

  /** The first position of the frame of the row at a position. */
  start(run: SortedRun, at: number): number {
    return Math.max(0, Math.min(this.#position(run, at, this.first, true), run.length));
  }

  /** The position behind the frame of the row at a position; not before its first one. */
  end(run: SortedRun, at: number): number {
    return Math.max(this.start(run, at), Math.min(this.#position(run, at, this.last, false), run.length));
  }

  #position(run: SortedRun, at: number, { kind, distance, side }: FrameEnd, isStart: boolean): number {
    if (kind === "unboundedPreceding") return 0;
    if (kind === "unboundedFollowing") return run.length;
    switch (this.unit) {
      case "rows":
        return at + distance + (isStart ? 0 : 1);
      case "groups":
        return this.#groupPosition(run, at, distance, isStart);
      case "range":
        return this.#rangePosition(run, run.at(at), side, isStart);
    }
  }

  #groupPosition(run: SortedRun, at: number, distance: number, isStart: boolean): number {
    const { order } = this.#runs;
    let from = peersFrom(run, run.at(at), order);
    for (let i = distance; i < 0; i++) {
      if (from === 0) return 0;
      from = peersFrom(run, run.at(from - 1), order);
    }
    for (let i = 0; i < distance && from < run.length; i++) from = peersTo(run, run.at(from), order);
    if (isStart || from === run.length) return from;
    return peersTo(run, run.at(from), order);
  }

  #rangePosition(run: SortedRun, slot: number, side: RangeSide, isStart: boolean): number {
    if (side === "peers") {
      return isStart ? peersFrom(run, slot, this.#runs.order) : peersTo(run, slot, this.#runs.order);
    }
    const { keys, bounds } = side;
    return firstPosition(0, run.length, (at) => {
      const order = keys.compareWith(run.at(at), slot, bounds);
      return isStart ? order >= 0 : order > 0;
    });
  }
}

/** Positions of rows [from, to) whose frames, which have a moving end, may see a change at `position`. */
export function nearRows(
  ends: FrameEnds,
  runs: PartitionedRuns,
  run: SortedRun,
  { slot, position }: { readonly slot: number; readonly position: number },
): { readonly from: number; readonly to: number } {
  const { unit, distance } = ends;
  if (unit === "rows") {
    return { from: Math.max(0, position - distance), to: Math.min(run.length, position + distance + 1) };
  }
  const { order } = runs;
  let from = peersFrom(run, slot, order);
  let to = peersTo(run, slot, order);
  for (let i = 0; unit === "groups" && i < distance; i++) {
    if (from > 0) from = peersFrom(run, run.at(from - 1), order);
    if (to < run.length) to = peersTo(run, run.at(to), order);
  }
  return { from, to };
}
