/**
 * Reaches: which rows see a changed row in their frames, and which rows the frames of those hold.
 *
 * | reach | for |
 * |---|---|
 * | rows | frames that count rows, lag, lead |
 * | groups | frames that count peer groups |
 * | range | frames between keys |
 * | offset | lag and lead by a distance that rows tell: `offset_reach.ts` |
 * | partition | everything else |
 *
 * Ranges may be larger than need be, never smaller. O(log n) comparisons each, O(1) for rows.
 *
 * @module
 */
import type { RunChange } from "./call_program.ts";
import type { PartitionedRuns } from "./partitioned_runs.ts";
import type { SlotOrder, SortLane } from "./sort_lanes.ts";
import { firstPosition, type SortedRun } from "./sorted_run.ts";

/** Positions [from, to) of a run. */
export interface PositionRange {
  readonly from: number;
  readonly to: number;
}

/** A changed row: its slot, its position, and what happened to it. */
export interface Mark {
  readonly slot: number;
  readonly position: number;
  readonly kind: number;
}

/** See the module header. */
export interface FrameReach {
  /** Rows whose values may have changed; they ascend with the marks. */
  affected(run: SortedRun, mark: Mark): PositionRange;
  /** Rows without which the values of `range` cannot be computed; they hold `range`. */
  context(run: SortedRun, range: PositionRange): PositionRange;
  /** Takes notice of a change of the runs, where the reach depends on what rows hold. */
  follow?(change: RunChange, bit: number): void;
  readonly stateBytes?: number;
}

/** All rows of the partition see all others. */
export class PartitionReach implements FrameReach {
  affected(run: SortedRun): PositionRange {
    return { from: 0, to: run.length };
  }

  context(run: SortedRun): PositionRange {
    return { from: 0, to: run.length };
  }
}

/** A row sees `before` rows before it, and `after` behind it. */
export class RowsReach implements FrameReach {
  readonly #before: number;
  readonly #after: number;

  constructor(before: number, after: number) {
    this.#before = before;
    this.#after = after;
  }

  affected(run: SortedRun, { position }: Mark): PositionRange {
    return within(run, position - this.#after, position + this.#before + 1);
  }

  context(run: SortedRun, { from, to }: PositionRange): PositionRange {
    return within(run, from - this.#before, to + this.#after);
  }
}

/** A row sees `before` peer groups before its own, and `after` behind it. */
export class GroupsReach implements FrameReach {
  readonly #order: SlotOrder;
  readonly #before: number;
  readonly #after: number;

  constructor({ order }: PartitionedRuns, before: number, after: number) {
    this.#order = order;
    this.#before = before;
    this.#after = after;
  }

  affected(run: SortedRun, { slot }: Mark): PositionRange {
    return this.#around(run, { first: slot, last: slot }, this.#after, this.#before);
  }

  context(run: SortedRun, { from, to }: PositionRange): PositionRange {
    return this.#around(run, { first: run.at(from), last: run.at(to - 1) }, this.#before, this.#after);
  }

  /** The groups of two slots, what is between, and some groups before and behind. */
  #around(
    run: SortedRun,
    slots: { readonly first: number; readonly last: number },
    before: number,
    after: number,
  ): PositionRange {
    let from = peersFrom(run, slots.first, this.#order);
    for (let i = 0; i < before && from > 0; i++) from = peersFrom(run, run.at(from - 1), this.#order);
    let to = peersTo(run, slots.last, this.#order);
    for (let i = 0; i < after && to < run.length; i++) to = peersTo(run, run.at(to), this.#order);
    return { from, to };
  }
}

/** The bounds of a RANGE frame with an offset by slot, with which keys of the same lane are compared. */
export interface RangeLanes {
  readonly keys: SortLane;
  readonly bounds: SortLane;
}

/** One side of a RANGE frame: the peers of the row, or its bound. */
export type RangeSide = "peers" | RangeLanes;

/** A row sees the rows with keys between bounds. */
export class RangeReach implements FrameReach {
  readonly #order: SlotOrder;
  readonly #start: RangeSide;
  readonly #end: RangeSide;

  constructor({ order }: PartitionedRuns, start: RangeSide, end: RangeSide) {
    this.#order = order;
    this.#start = start;
    this.#end = end;
  }

  affected(run: SortedRun, { slot, position }: Mark): PositionRange {
    const from = this.#firstSeeing(run, slot);
    const to = this.#firstBeyond(run, slot);
    return within(run, Math.min(from, position), Math.max(to, position + 1));
  }

  context(run: SortedRun, { from, to }: PositionRange): PositionRange {
    return {
      from: Math.min(from, this.#frameStart(run, run.at(from))),
      to: Math.max(to, this.#frameEnd(run, run.at(to - 1))),
    };
  }

  /** The first row whose frame does not end before `slot`. */
  #firstSeeing(run: SortedRun, slot: number): number {
    const side = this.#end;
    if (side === "peers") return peersFrom(run, slot, this.#order);
    return firstPosition(0, run.length, (at) => side.keys.compareWith(slot, run.at(at), side.bounds) <= 0);
  }

  /** The first row whose frame begins behind `slot`. */
  #firstBeyond(run: SortedRun, slot: number): number {
    const side = this.#start;
    if (side === "peers") return peersTo(run, slot, this.#order);
    return firstPosition(0, run.length, (at) => side.keys.compareWith(slot, run.at(at), side.bounds) < 0);
  }

  #frameStart(run: SortedRun, slot: number): number {
    const side = this.#start;
    if (side === "peers") return peersFrom(run, slot, this.#order);
    return firstPosition(0, run.length, (at) => side.keys.compareWith(run.at(at), slot, side.bounds) >= 0);
  }

  #frameEnd(run: SortedRun, slot: number): number {
    const side = this.#end;
    if (side === "peers") return peersTo(run, slot, this.#order);
    return firstPosition(0, run.length, (at) => side.keys.compareWith(run.at(at), slot, side.bounds) > 0);
  }
}

/** The first row whose keys are not before those of `slot`, which need not be in the run. */
export function peersFrom(run: SortedRun, slot: number, order: SlotOrder): number {
  return firstPosition(0, run.length, (at) => order.compareKeys(run.at(at), slot) >= 0);
}

/** The first row whose keys are behind those of `slot`. */
export function peersTo(run: SortedRun, slot: number, order: SlotOrder): number {
  return firstPosition(0, run.length, (at) => order.compareKeys(run.at(at), slot) > 0);
}

function within({ length }: SortedRun, from: number, to: number): PositionRange {
  return { from: Math.max(0, from), to: Math.min(length, to) };
}
