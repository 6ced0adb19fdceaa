/**
 * Whole numbers of one segment of which at least one is beyond 2^53: BIGINT in a BigInt64Array, DECIMAL, which
 * may have more than 64 bits, as an array of bigints. No bounds are kept. Rare, so kept simple.
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import type { PreparedColumn } from "./column_source.ts";
import { narrowBigint } from "./datum_order.ts";
import type { MemoryAccount } from "./memory_account.ts";
import type { NumberColumn } from "./number_column.ts";
import { growCapacity, SegmentColumnBase } from "./segment_column.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import type { BigintSegment } from "./table_view.ts";

/** Bytes of a bigint object and its reference, roughly. */
const BIGINT_BYTES = 32;

/** Bigint columns of one segment. */
export class BigintColumn extends SegmentColumnBase implements BigintSegment {
  readonly kind = "bigints";
  values: bigint[] | BigInt64Array;

  constructor(values: bigint[] | BigInt64Array, account: MemoryAccount, epoch: number) {
    super(account, epoch);
    this.values = values;
    this.zone.monotone = false;
  }

  /** The values of a number column, which this column replaces. */
  static fromNumbers(from: NumberColumn, type: SqlType, account: MemoryAccount): BigintColumn {
    const used = from.values.length;
    const values = type.kind === "bigint" ? new BigInt64Array(used) : new Array<bigint>(used).fill(0n);
    for (let i = 0; i < used; i++) values[i] = BigInt(Math.trunc(from.values[i]));
    const column = new BigintColumn(values, account, from.epoch);
    column.nulls = from.nulls?.slice() ?? null;
    column.zone.nullCount = from.zone.nullCount;
    account.add(column.byteLength - from.byteLength);
    return column;
  }

  get byteLength(): number {
    const { values } = this;
    const bytes = values instanceof BigInt64Array ? values.byteLength : values.length * BIGINT_BYTES;
    return bytes + (this.nulls?.byteLength ?? 0);
  }

  share(epoch: number): BigintColumn {
    // A JavaScript array cannot be shared with a snapshot while it grows.
    if (!(this.values instanceof BigInt64Array)) return this.copy(epoch);
    const column = new BigintColumn(this.values, this.account, epoch);
    column.adopt(this);
    return column;
  }

  copy(epoch: number): BigintColumn {
    const column = new BigintColumn(this.values.slice(), this.account, epoch);
    column.adopt(this);
    column.nulls = this.nulls?.slice() ?? null;
    column.arrayEpoch = epoch;
    return column;
  }

  get(offset: number): Datum {
    const { nulls } = this;
    if (nulls !== null && (nulls[offset >>> 5] >>> (offset & 31) & 1) === 1) return null;
    return narrowBigint(this.values[offset]);
  }

  put(offset: number, value: Datum, _appended: boolean): BigintColumn {
    if (offset >= this.values.length) this.#grow(offset + 1);
    this.markNull(offset, value === null, this.values.length);
    this.values[offset] = toBigint(value);
    return this;
  }

  append(at: number, source: PreparedColumn, from: number, to: number): BigintColumn {
    const end = at + to - from;
    if (end > this.values.length) this.#grow(end);
    if (source.kind === "nulls") {
      for (let i = at; i < end; i++) this.values[i] = 0n;
      this.fillNulls(at, end, this.values.length);
      return this;
    }
    assert(
      source.kind === "numbers" || source.kind === "bigints",
      "Whole numbers come as numbers or bigints",
    );
    const { nulls, values } = source;
    for (let i = from; i < to; i++) {
      const isNull = nulls !== null && nulls[i] !== 0;
      this.values[at + i - from] = isNull ? 0n : BigInt(values[i]);
    }
    this.appendNulls(at, nulls, from, to, this.values.length);
    return this;
  }

  #grow(slotCount: number): void {
    const before = this.byteLength;
    const capacity = growCapacity(this.values.length, slotCount);
    if (this.values instanceof BigInt64Array) {
      const values = new BigInt64Array(capacity);
      values.set(this.values);
      this.values = values;
      this.account.add(this.byteLength - before);
    } else {
      while (this.values.length < capacity) this.values.push(0n);
      this.account.add(this.byteLength - before);
    }
    this.resizeNulls(capacity);
    this.arrayEpoch = this.epoch;
  }
}

function toBigint(value: Datum): bigint {
  if (value === null) return 0n;
  assert(typeof value === "number" || typeof value === "bigint", "A whole number is a number or a bigint");
  return BigInt(value);
}
