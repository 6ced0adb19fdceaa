/**
 * Window frames: the range of positions that each row sees.
 *
 * ROWS counts positions, GROUPS counts peer groups, RANGE compares the sort key with the row's own key plus or
 * minus an offset. The bounds of RANGE are values that were computed for each row; the position that they
 * stand for is found by binary search. O(1) a row for ROWS, O(log n) for GROUPS and RANGE.
 *
 * EXCLUDE takes positions out of the middle, so that a frame is up to three ranges.
 *
 * @module
 */
import { unreachable } from "../../base/assert.ts";
import type { WindowFramePlan } from "../../query/plan.ts";
import type { WindowOrder } from "./partitioned_order.ts";

/** One bound of a frame. */
export interface FrameBound {
  readonly kind: WindowFramePlan["start"]["kind"];
  /** Number of rows or groups. */
  readonly offset: number;
  /** For RANGE with an offset: how the key of a row compares with the bound of another row. */
  readonly range: RangeBound | null;
}

/** Compares sort keys with computed bounds, in the direction of the window's order. */
export interface RangeBound {
  /** Negative when the key of row `keyRow` comes before the bound of row `boundRow`. */
  compare(keyRow: number, boundRow: number): number;
  /** Whether the sort key of the row is NULL. */
  isNull(row: number): boolean;
}

/** A frame with its constants. */
export interface Frame {
  readonly unit: WindowFramePlan["unit"];
  readonly start: FrameBound;
  readonly end: FrameBound;
  readonly exclude: WindowFramePlan["exclude"];
}

/** Start and end positions of frames; the positions of one partition are computed at a time. */
export class FramePositions {
  readonly frame: Frame;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #order: WindowOrder;

  constructor(frame: Frame, order: WindowOrder) {
    this.frame = frame;
    this.#order = order;
    this.starts = new Int32Array(order.rowCount);
    this.ends = new Int32Array(order.rowCount);
  }

  /** Computes the frames of positions [first, end) of a partition, which is [from, to). */
  compute(from: number, to: number, first: number, end: number): void {
    const { frame } = this;
    const groups = this.frame.unit === "groups" ? this.#groupStarts(from, to) : EMPTY;
    for (let at = first; at < end; at++) {
      const low = this.#position(frame.start, at, from, to, groups, true);
      const high = this.#position(frame.end, at, from, to, groups, false);
      this.starts[at] = Math.max(from, Math.min(low, to));
      this.ends[at] = Math.max(this.starts[at]!, Math.min(high, to));
    }
  }

  /** The position where the frame of `at` starts, or the one after its end. */
  #position(
    bound: FrameBound,
    at: number,
    from: number,
    to: number,
    groups: Int32Array,
    isStart: boolean,
  ): number {
    const { unit } = this.frame;
    switch (bound.kind) {
      case "unboundedPreceding":
        return from;
      case "unboundedFollowing":
        return to;
      case "currentRow":
        if (unit === "rows") return isStart ? at : at + 1;
        return isStart ? this.#order.groupStarts[at]! : this.#order.groupEnds[at]!;
      case "preceding":
      case "following": {
        const distance = bound.kind === "preceding" ? -bound.offset : bound.offset;
        if (unit === "rows") return at + distance + (isStart ? 0 : 1);
        if (unit === "groups") {
          return groupPosition(groups, this.#order.groupStarts[at]!, distance, isStart, from, to);
        }
        return this.#rangePosition(bound.range!, at, from, to, isStart);
      }
      default:
        return unreachable(bound.kind);
    }
  }

  #rangePosition(range: RangeBound, at: number, from: number, to: number, isStart: boolean): number {
    const { order, groupStarts, groupEnds } = this.#order;
    const own = order[at]!;
    // A NULL key is in range of NULLs only.
    if (range.isNull(own)) return isStart ? groupStarts[at]! : groupEnds[at]!;
    let low = from;
    let high = to;
    if (from < to && range.isNull(order[from]!)) low = groupEnds[from]!;
    else if (from < to && range.isNull(order[to - 1]!)) high = groupStarts[to - 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const comparison = range.compare(order[middle]!, own);
      if (comparison < 0 || (!isStart && comparison === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Start of each peer group of a partition. */
  #groupStarts(from: number, to: number): Int32Array {
    const starts: number[] = [];
    for (let at = from; at < to; at = this.#order.groupEnds[at]!) starts.push(at);
    return Int32Array.from(starts);
  }

  /**
   * Writes the ranges of the frame of `at` to `ranges` as start, end, start, end, ...; gives how many numbers.
   * Ranges are ascending and not empty.
   */
  rangesOf(at: number, ranges: Int32Array): number {
    const from = this.starts[at]!;
    const to = this.ends[at]!;
    let count = 0;
    const add = (start: number, end: number): void => {
      const low = Math.max(from, start);
      const high = Math.min(to, end);
      if (low >= high) return;
      ranges[count++] = low;
      ranges[count++] = high;
    };
    const { groupStarts, groupEnds } = this.#order;
    switch (this.frame.exclude) {
      case "no others":
        add(from, to);
        break;
      case "current row":
        add(from, at);
        add(at + 1, to);
        break;
      case "group":
        add(from, groupStarts[at]!);
        add(groupEnds[at]!, to);
        break;
      case "ties":
        add(from, groupStarts[at]!);
        add(at, at + 1);
        add(groupEnds[at]!, to);
        break;
      default:
        unreachable(this.frame.exclude);
    }
    return count;
  }
}

const EMPTY = new Int32Array(0);

/** Start (or the end) of the peer group that is `distance` groups from the one that starts at `own`. */
function groupPosition(
  groups: Int32Array,
  own: number,
  distance: number,
  isStart: boolean,
  from: number,
  to: number,
): number {
  let low = 0;
  let high = groups.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (groups[middle]! < own) low = middle + 1;
    else high = middle;
  }
  const index = low + distance + (isStart ? 0 : 1);
  if (index < 0) return from;
  return index < groups.length ? groups[index]! : to;
}
