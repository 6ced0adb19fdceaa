/**
 * The rows of a change by group, so that what a group keeps is near when it is needed again: a counting sort, O(rows
 * and groups), in arrays that are used again.
 *
 * @module
 */

/** Rows from which on they are sorted. */
const SORT_ROWS = 1024;
/** Longer arrays are not kept for the next time. */
const KEPT_ROWS = 65_536;

/** See the module header. */
export class GroupOrder {
  #order: Int32Array = new Int32Array(0);
  #starts: Int32Array = new Int32Array(0);

  /** Rows by group, those of a group in their order; null where it does not pay. Good until the next call. */
  of(ids: Int32Array, size: number, groupCount: number): Int32Array | null {
    if (groupCount < 2 || size < SORT_ROWS || size < groupCount * 2) return null;
    const order = this.#order.length < size ? new Int32Array(size) : this.#order;
    if (size <= KEPT_ROWS) this.#order = order;
    if (this.#starts.length <= groupCount) this.#starts = new Int32Array(groupCount * 2);
    sortByGroup(ids, size, groupCount, this.#starts, order);
    return order;
  }
}

function sortByGroup(
  ids: Int32Array,
  size: number,
  groupCount: number,
  starts: Int32Array,
  order: Int32Array,
): void {
  starts.fill(0, 0, groupCount + 1);
  for (let i = 0; i < size; i++) starts[ids[i]! + 1]!++;
  for (let group = 1; group <= groupCount; group++) starts[group]! += starts[group - 1]!;
  for (let i = 0; i < size; i++) order[starts[ids[i]!]!++] = i;
}
