/**
 * What the columns of a segment have in common when they are written: NULL bits, zone map, ownership.
 *
 * Ownership decides what a write must copy while snapshots are held. An object created in epoch `epoch` may be
 * changed as long as no held snapshot is younger; its arrays, created in `arrayEpoch`, may be overwritten
 * under the same condition. Appending only writes slots that no snapshot sees, so it needs an object of its
 * own but may go on filling shared arrays: {@linkcode SegmentColumnBase.share} is O(1), `copy` O(slots).
 *
 * @module
 */
import { bitmapWords, clearBit, fillBits, getBit, setBit, writeBits } from "../base/bitmap.ts";
import type { MemoryAccount } from "./memory_account.ts";
import type { PreparedColumn } from "./column_source.ts";
import type { Datum } from "./sql_type.ts";
import { SEGMENT_ROWS, type SegmentColumn } from "./table_view.ts";
import type { NullBytes } from "./vector.ts";
import { ColumnZone } from "./zone_map.ts";

/** A segment column that can be written. */
export type WritableColumn = SegmentColumn & SegmentColumnBase;

/** Slots to allocate so that `slotCount` fit, when `capacity` do now. */
export function growCapacity(capacity: number, slotCount: number): number {
  if (capacity === 0) return slotCount;
  return Math.min(SEGMENT_ROWS, Math.max(slotCount, capacity * 2));
}

/** The written side of every {@linkcode SegmentColumn}. */
export abstract class SegmentColumnBase {
  nulls: Uint32Array | null = null;
  zone: ColumnZone = new ColumnZone();
  /** Table epoch in which this object was made. */
  epoch: number;
  /** Table epoch in which its arrays were made. */
  arrayEpoch: number;
  protected readonly account: MemoryAccount;

  constructor(account: MemoryAccount, epoch: number) {
    this.account = account;
    this.epoch = epoch;
    this.arrayEpoch = epoch;
  }

  /** Bytes of the arrays. */
  abstract get byteLength(): number;
  /** A new object over the same arrays. */
  abstract share(epoch: number): WritableColumn;
  /** A new object with arrays of its own. */
  abstract copy(epoch: number): WritableColumn;
  /** The value at `offset`. */
  abstract get(offset: number): Datum;
  /**
   * Stores `value` at `offset`: a slot in use, or with `appended` the next one. Returns the column that holds
   * it, which is another one when this kind of column cannot.
   */
  abstract put(offset: number, value: Datum, appended: boolean): WritableColumn;
  /** Appends rows `from` to `to` of `source` at slot `at`. Returns the column that holds them. */
  abstract append(at: number, source: PreparedColumn, from: number, to: number): WritableColumn;

  /** Records that `offset` is NULL or is not; `capacity` is the length of the value array. */
  protected markNull(offset: number, isNull: boolean, capacity: number): void {
    const { nulls, zone } = this;
    if (isNull) {
      const words = nulls ?? this.allocateNulls(capacity);
      if (getBit(words, offset)) return;
      setBit(words, offset);
      zone.addNulls(1);
    } else if (nulls !== null && getBit(nulls, offset)) {
      clearBit(nulls, offset);
      zone.nullCount--;
    }
  }

  /** Records the NULLs of appended rows; returns how many there are. */
  protected appendNulls(at: number, nulls: NullBytes, from: number, to: number, capacity: number): number {
    if (nulls === null) {
      if (this.nulls !== null) fillBits(this.nulls, at, at + to - from, false);
      return 0;
    }
    let any = 0;
    for (let i = from; i < to; i++) any |= nulls[i];
    if (any === 0 && this.nulls === null) return 0;
    const count = writeBits(this.nulls ?? this.allocateNulls(capacity), at, nulls, from, to);
    this.zone.addNulls(count);
    return count;
  }

  /** Records that slots `at` to `to` are NULL. */
  protected fillNulls(at: number, to: number, capacity: number): void {
    if (at === to) return;
    fillBits(this.nulls ?? this.allocateNulls(capacity), at, to, true);
    this.zone.addNulls(to - at);
  }

  /** Gives the NULL bits an array of their own, for `capacity` slots. */
  protected resizeNulls(capacity: number): void {
    const { nulls } = this;
    if (nulls === null) return;
    const words = new Uint32Array(bitmapWords(capacity));
    words.set(nulls.length > words.length ? nulls.subarray(0, words.length) : nulls);
    this.account.add(words.byteLength - nulls.byteLength);
    this.nulls = words;
  }

  /** Takes over NULL bits, zone map and ownership for {@linkcode share}. */
  protected adopt(from: SegmentColumnBase): void {
    this.nulls = from.nulls;
    this.zone = from.zone.copy();
    this.arrayEpoch = from.arrayEpoch;
  }

  private allocateNulls(capacity: number): Uint32Array {
    const words = new Uint32Array(bitmapWords(capacity));
    this.account.add(words.byteLength);
    this.nulls = words;
    return words;
  }
}
