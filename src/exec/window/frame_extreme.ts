/**
 * min and max over frames, by a segment tree of the best positions of each partition.
 *
 * ```
 * leaves    position 0  1  2  3         inner nodes: the better of two; of equal ones the first
 * ```
 *
 * O(n) to build, O(log n) a frame; NULLs and rows that do not count never win.
 *
 * @module
 */
import type { Vector } from "../../storage/vector.ts";
import type { ColumnBuffer } from "../column_buffer.ts";
import type { CompareRows } from "../operators/sort_order.ts";
import type { FramePositions } from "./frame.ts";
import type { WindowOrder } from "./partitioned_order.ts";
import type { WindowComputation } from "./window_computation.ts";

/** The smallest value of each frame in the order of `compare`. */
export class FrameExtremeComputation implements WindowComputation {
  readonly #order: WindowOrder;
  readonly #frames: FramePositions;
  readonly #values: ColumnBuffer;
  readonly #compare: CompareRows;
  readonly #counts: (row: number) => boolean;
  readonly #picked: Int32Array;
  readonly #ranges: Int32Array = new Int32Array(6);
  /** Row numbers, -1 for none; the leaves are in the second half. */
  #tree: Int32Array = new Int32Array(0);

  constructor(options: {
    readonly order: WindowOrder;
    readonly frames: FramePositions;
    readonly values: ColumnBuffer;
    /** Negative when the value of row `a` is better than that of row `b`. */
    readonly compare: CompareRows;
    /** Whether the row has a value that counts. */
    readonly counts: (row: number) => boolean;
  }) {
    this.#order = options.order;
    this.#frames = options.frames;
    this.#values = options.values;
    this.#compare = options.compare;
    this.#counts = options.counts;
    this.#picked = new Int32Array(options.order.rowCount);
  }

  compute(from: number, to: number, first: number, end: number): void {
    const { order } = this.#order;
    const size = to - from;
    if (this.#tree.length < size * 2) this.#tree = new Int32Array(size * 2);
    const tree = this.#tree;
    for (let i = 0; i < size; i++) {
      const row = order[from + i]!;
      tree[size + i] = this.#counts(row) ? row : -1;
    }
    for (let node = size - 1; node > 0; node--) {
      tree[node] = this.#better(tree[node * 2]!, tree[node * 2 + 1]!);
    }
    const ranges = this.#ranges;
    for (let at = first; at < end; at++) {
      const length = this.#frames.rangesOf(at, ranges);
      let best = -1;
      for (let j = 0; j < length; j += 2) {
        best = this.#better(best, this.#bestOf(ranges[j]! - from, ranges[j + 1]! - from, size));
      }
      this.#picked[order[at]!] = best;
    }
  }

  result(): Vector {
    return this.#values.gather(this.#picked, this.#order.rowCount);
  }

  /** The best row of leaves [low, high). */
  #bestOf(low: number, high: number, size: number): number {
    const tree = this.#tree;
    // Of equal values the first counts: the nodes of each side are met in the order of their rows.
    let first = -1;
    let last = -1;
    for (let left = low + size, right = high + size; left < right; left >>>= 1, right >>>= 1) {
      if ((left & 1) === 1) first = this.#better(first, tree[left++]!);
      if ((right & 1) === 1) last = this.#better(tree[--right]!, last);
    }
    return this.#better(first, last);
  }

  #better(a: number, b: number): number {
    if (a < 0) return b;
    if (b < 0) return a;
    return this.#compare(b, a) < 0 ? b : a;
  }
}
