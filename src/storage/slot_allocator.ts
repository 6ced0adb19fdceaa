/**
 * Where new rows go: into free slots, into empty segments, or to the end.
 *
 * ```
 * segment   0          1          2 (empty)  3 (tail)
 * slots     xxxxxxxx   xx.xx.xx   --------   xxx-----
 * free      {}         [5, 2]     whole      appended to
 * ```
 *
 * A slot becomes free when its row was deleted in an earlier transaction. Single rows reuse free slots once they
 * are a thirty-second of all slots; before that appending is better, as it keeps columns monotone. O(1) a row.
 *
 * @module
 */
import { SEGMENT_BITS, SEGMENT_ROWS } from "./table_view.ts";
import { RowList } from "./row_list.ts";
import { sortRows } from "./row_sort.ts";

const OFFSET_MASK = SEGMENT_ROWS - 1;
const REUSE_FRACTION = 1 / 32;
/** Stands for the list of no segment. */
const NO_LIST = new RowList();

/** Free slots of a table, by segment. */
export class SlotAllocator {
  readonly #freeBySegment = new Map<number, RowList>();
  readonly #emptySegments: number[] = [];
  #freeCount = 0;

  /** Slots that may be used again. */
  get freeCount(): number {
    return this.#freeCount;
  }

  /** Whether `count` new rows should go to free slots, when the table has `slotCount` slots. */
  prefersReuse(count: number, slotCount: number): boolean {
    return this.#freeCount >= count && this.#freeCount > slotCount * REUSE_FRACTION;
  }

  /** Makes the slots of deleted rows free. */
  addAll(rows: Int32Array): void {
    let last = -1;
    let list = NO_LIST;
    for (let i = 0; i < rows.length; i++) {
      const segment = rows[i] >>> SEGMENT_BITS;
      if (segment !== last) list = this.#listOf(last = segment);
      list.add(rows[i] & OFFSET_MASK);
    }
    this.#freeCount += rows.length;
  }

  #listOf(segment: number): RowList {
    let list = this.#freeBySegment.get(segment);
    if (list === undefined) this.#freeBySegment.set(segment, list = new RowList());
    return list;
  }

  /** Takes a free slot; -1 when there is none. */
  take(): number {
    for (const [segment, list] of this.#freeBySegment) {
      const offset = list.pop();
      if (list.count === 0) this.#freeBySegment.delete(segment);
      this.#freeCount--;
      return segment << SEGMENT_BITS | offset;
    }
    return -1;
  }

  /** Takes `count` free slots, of which there are enough; ascending. */
  takeMany(count: number): Int32Array {
    const rows = new Int32Array(count);
    let taken = 0;
    for (const [segment, list] of this.#freeBySegment) {
      while (taken < count && list.count > 0) rows[taken++] = segment << SEGMENT_BITS | list.pop();
      if (list.count === 0) this.#freeBySegment.delete(segment);
      if (taken === count) break;
    }
    this.#freeCount -= taken;
    sortRows(rows, count);
    return rows;
  }

  /** Forgets the free slots of `segment`. */
  removeSegment(segment: number): void {
    this.#freeCount -= this.#freeBySegment.get(segment)?.count ?? 0;
    this.#freeBySegment.delete(segment);
  }

  /** Offers a segment without rows. */
  addEmptySegment(segment: number): void {
    this.removeSegment(segment);
    this.#emptySegments.push(segment);
  }

  /** Takes a segment without rows; -1 when there is none. */
  takeEmptySegment(): number {
    return this.#emptySegments.pop() ?? -1;
  }

  /** Forgets everything: the table has no segments left. */
  clear(): void {
    this.#freeBySegment.clear();
    this.#emptySegments.length = 0;
    this.#freeCount = 0;
  }
}
