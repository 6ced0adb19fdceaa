/**
 * Values of one segment that have no typed array: NUMERIC, INTERVAL, arrays. Plain JavaScript values.
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import type { PreparedColumn } from "./column_source.ts";
import type { MemoryAccount } from "./memory_account.ts";
import { growCapacity, SegmentColumnBase } from "./segment_column.ts";
import type { Datum } from "./sql_type.ts";
import type { ObjectSegment } from "./table_view.ts";

/** Bytes of a small object and its reference, roughly. */
const OBJECT_BYTES = 72;

/** Object columns of one segment. */
export class ObjectColumn extends SegmentColumnBase implements ObjectSegment {
  readonly kind = "objects";
  values: Datum[] = [];

  constructor(account: MemoryAccount, epoch: number) {
    super(account, epoch);
    this.zone.monotone = false;
  }

  get byteLength(): number {
    return this.values.length * OBJECT_BYTES + (this.nulls?.byteLength ?? 0);
  }

  /** A JavaScript array cannot be shared with a snapshot while it grows, so this copies. */
  share(epoch: number): ObjectColumn {
    return this.copy(epoch);
  }

  copy(epoch: number): ObjectColumn {
    const column = new ObjectColumn(this.account, epoch);
    column.adopt(this);
    column.values = this.values.slice();
    column.nulls = this.nulls?.slice() ?? null;
    column.arrayEpoch = epoch;
    return column;
  }

  get(offset: number): Datum {
    return this.values[offset];
  }

  put(offset: number, value: Datum, _appended: boolean): ObjectColumn {
    if (offset >= this.values.length) this.#grow(offset + 1);
    this.markNull(offset, value === null, this.values.length);
    this.values[offset] = value;
    return this;
  }

  append(at: number, source: PreparedColumn, from: number, to: number): ObjectColumn {
    const end = at + to - from;
    if (end > this.values.length) this.#grow(end);
    if (source.kind === "nulls") {
      this.values.fill(null, at, end);
      this.fillNulls(at, end, this.values.length);
      return this;
    }
    assert(source.kind === "objects", "Object columns take objects");
    const { values, nulls } = source;
    for (let i = from; i < to; i++) {
      this.values[at + i - from] = nulls !== null && nulls[i] !== 0 ? null : values[i];
    }
    this.appendNulls(at, nulls, from, to, this.values.length);
    return this;
  }

  #grow(slotCount: number): void {
    const capacity = growCapacity(this.values.length, slotCount);
    this.account.add((capacity - this.values.length) * OBJECT_BYTES);
    while (this.values.length < capacity) this.values.push(null);
    this.resizeNulls(capacity);
    this.arrayEpoch = this.epoch;
  }
}
