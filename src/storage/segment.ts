/**
 * A segment: up to 65,536 row slots, one column object per column, and a bitmap of deleted slots.
 *
 * Slots are used in order; a deleted slot keeps its values until it is used again. A segment is copied shallowly
 * before its first change under a held snapshot (see segment_column.ts for ownership).
 *
 * @module
 */
import { bitmapWords, clearBit, getBit, setBit } from "../base/bitmap.ts";
import type { WritableColumn } from "./segment_column.ts";
import { SEGMENT_BITS, SEGMENT_ROWS, type SegmentView } from "./table_view.ts";

/** The written side of {@linkcode SegmentView}. */
export class Segment implements SegmentView {
  slotCount = 0;
  deletedCount = 0;
  tombstones: Uint32Array | null = null;
  columns: WritableColumn[];
  /** Table epoch in which this object was made, its tombstones included. */
  readonly epoch: number;

  constructor(columns: WritableColumn[], epoch: number) {
    this.columns = columns;
    this.epoch = epoch;
  }

  column(ordinal: number): WritableColumn {
    return this.columns[ordinal];
  }

  /** Rows that are not deleted. */
  get liveCount(): number {
    return this.slotCount - this.deletedCount;
  }

  isDeleted(offset: number): boolean {
    return this.tombstones !== null && getBit(this.tombstones, offset);
  }

  /** Row ids of the rows that are not deleted, ascending, when this is segment `index`. */
  liveRows(index: number): Int32Array {
    const rows = new Int32Array(this.liveCount);
    let count = 0;
    for (let offset = 0; offset < this.slotCount; offset++) {
      if (!this.isDeleted(offset)) rows[count++] = index << SEGMENT_BITS | offset;
    }
    return rows;
  }

  /** Deletes the row in slot `offset`. */
  addTombstone(offset: number): void {
    setBit(this.tombstones ??= new Uint32Array(bitmapWords(SEGMENT_ROWS)), offset);
    this.deletedCount++;
  }

  /** Brings the row in slot `offset` back, or puts a new one there. */
  removeTombstone(offset: number): void {
    if (this.tombstones !== null) clearBit(this.tombstones, offset);
    this.deletedCount--;
  }

  /** The same slots with the same columns, to be changed apart from this segment. */
  copy(epoch: number): Segment {
    const copy = new Segment(this.columns.slice(), epoch);
    copy.slotCount = this.slotCount;
    copy.deletedCount = this.deletedCount;
    copy.tombstones = this.tombstones?.slice() ?? null;
    return copy;
  }
}
