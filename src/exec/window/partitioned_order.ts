/**
 * The rows of a window in partition order, each partition sorted, with its peer groups.
 *
 * ```
 * position     0   1   2   3   4   5
 * order        4   0   2   5   1   3      row number at each position
 * partitions [ 0           3         6 ]  first position of each, and the end
 * groupStarts  0   1   1   3   3   3      first position of the peers of each position
 * groupEnds    1   3   3   6   6   6      and the position after the last
 * ```
 *
 * Rows are distributed to partitions by counting, then each partition is sorted by itself: O(n log partition).
 * All work is done in slices.
 *
 * @module
 */
import type { RowBudget } from "../operators/operator.ts";
import { type CompareRows, MergeSort } from "../operators/sort_order.ts";

const SLICE_ROWS = 16384;

/** Rows of partitions one after the other, each in window order. */
export interface WindowOrder {
  readonly rowCount: number;
  /** Row number by position. */
  readonly order: Int32Array;
  /** First position of the peers of each position, and the position after the last. */
  readonly groupStarts: Int32Array;
  readonly groupEnds: Int32Array;
}

/** Rows in window order. */
export class PartitionedOrder implements WindowOrder {
  readonly rowCount: number;
  /** Row number by position. */
  readonly order: Int32Array;
  /** First position of each partition, and the number of rows. */
  readonly partitions: Int32Array;
  readonly groupStarts: Int32Array;
  readonly groupEnds: Int32Array;
  readonly #compare: CompareRows | null;
  #partition = 0;
  #sort: MergeSort | null = null;

  /** `ids`: the partition of each row, below `partitionCount`. Without `compare` all rows are peers. */
  constructor(ids: Int32Array, rowCount: number, partitionCount: number, compare: CompareRows | null) {
    this.rowCount = rowCount;
    this.#compare = compare;
    this.partitions = startsOf(ids, rowCount, partitionCount);
    this.order = distribute(ids, rowCount, this.partitions);
    this.groupStarts = new Int32Array(rowCount);
    this.groupEnds = new Int32Array(rowCount);
  }

  get partitionCount(): number {
    return this.partitions.length - 1;
  }

  /** Sorts until the budget is used up; true when done. */
  run(budget: RowBudget): boolean {
    while (this.#partition < this.partitionCount) {
      if (budget.rows <= 0) return false;
      const from = this.partitions[this.#partition]!;
      const to = this.partitions[this.#partition + 1]!;
      if (this.#compare !== null && to - from > 1) {
        this.#sort ??= new MergeSort(this.order.slice(from, to), this.#compare);
        if (!this.#sort.run(budget)) return false;
        this.order.set(this.#sort.order, from);
        this.#sort = null;
      }
      this.#findPeers(from, to);
      budget.rows -= Math.min(to - from, SLICE_ROWS);
      this.#partition++;
    }
    return true;
  }

  #findPeers(from: number, to: number): void {
    const { order, groupStarts, groupEnds } = this;
    const compare = this.#compare;
    let start = from;
    for (let at = from + 1; at <= to; at++) {
      if (at < to && (compare === null || compare(order[at - 1]!, order[at]!) === 0)) continue;
      groupStarts.fill(start, start, at);
      groupEnds.fill(at, start, at);
      start = at;
    }
  }
}

function startsOf(ids: Int32Array, rowCount: number, partitionCount: number): Int32Array {
  const starts = new Int32Array(partitionCount + 1);
  for (let row = 0; row < rowCount; row++) starts[ids[row]! + 1]!++;
  for (let id = 0; id < partitionCount; id++) starts[id + 1]! += starts[id]!;
  return starts;
}

/** Row numbers by partition, in their own order within each. */
function distribute(ids: Int32Array, rowCount: number, starts: Int32Array): Int32Array {
  const next = starts.slice();
  const order = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) order[next[ids[row]!]!++] = row;
  return order;
}
