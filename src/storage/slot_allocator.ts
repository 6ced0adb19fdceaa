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
 * are an eighth of all slots; before that appending is better, as it keeps columns monotone. O(1) a row.
 *
 * @module
 */
import { SEGMENT_BITS, SEGMENT_ROWS } from "./table_view.ts";
import { RowList } from "./row_list.ts";

const OFFSET_MASK = SEGMENT_ROWS - 1;
const REUSE_FRACTION = 1 / 8;

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

  /** Makes the slot of a deleted row free. */
  add(row: number): void {
    const segment = row >>> SEGMENT_BITS;
    let list = this.#freeBySegment.get(segment);
    if (list === undefined) this.#freeBySegment.set(segment, list = new RowList());
    list.add(row & OFFSET_MASK);
    this.#freeCount++;
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
    for (let i = 0; i < count; i++) rows[i] = this.take();
    return rows.sort();
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
