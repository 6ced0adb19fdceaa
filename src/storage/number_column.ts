/**
 * Numbers of one segment in the narrowest typed array that holds them, widened when a value does not fit.
 *
 * DOUBLE and REAL are always Float64Array. BOOLEAN is 0 and 1. A whole number beyond 2^53 turns the segment
 * into a {@linkcode BigintColumn}. Appending a range is one measuring pass and one native copy.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { BigintColumn } from "./bigint_column.ts";
import type { NumberArray } from "./column_batch.ts";
import type { PreparedColumn } from "./column_source.ts";
import * as kernel from "./gather.gen.ts";
import type { MemoryAccount } from "./memory_account.ts";
import { scatter } from "./number_gather.ts";
import { growCapacity, SegmentColumnBase, type WritableColumn } from "./segment_column.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import type { NumberSegment, StoredNumbers } from "./table_view.ts";
import type { NullBytes } from "./vector.ts";
import { type Bounds, emptyBounds } from "./zone_map.ts";

/** Measures rows `from` to `to` of an input array into `bounds`. */
export function measure(
  values: NumberArray,
  nulls: NullBytes,
  from: number,
  to: number,
  bounds: Bounds,
): void {
  if (values instanceof Float64Array) kernel.measureFloat64(values, nulls, from, to, bounds);
  else if (values instanceof Int32Array) kernel.measureInt32(values, nulls, from, to, bounds);
  else if (values instanceof Uint8Array) kernel.measureUint8(values, nulls, from, to, bounds);
  else if (values instanceof Uint16Array) kernel.measureUint16(values, nulls, from, to, bounds);
  else if (values instanceof Int16Array) kernel.measureInt16(values, nulls, from, to, bounds);
  else if (values instanceof Int8Array) kernel.measureInt8(values, nulls, from, to, bounds);
  else if (values instanceof Uint32Array) kernel.measureUint32(values, nulls, from, to, bounds);
  else kernel.measureFloat32(values, nulls, from, to, bounds);
}

/** Number columns of one segment. */
export class NumberColumn extends SegmentColumnBase implements NumberSegment {
  readonly kind = "numbers";
  values: StoredNumbers;
  readonly #type: SqlType;
  readonly #float: boolean;
  /** Whole numbers from #low to #high fit the array. */
  #low = 0;
  #high = 255;

  constructor(type: SqlType, account: MemoryAccount, epoch: number) {
    super(account, epoch);
    this.#type = type;
    this.#float = type.kind === "double" || type.kind === "real";
    this.values = this.#float ? new Float64Array(0) : new Uint8Array(0);
    this.#measureArray();
  }

  get byteLength(): number {
    return this.values.byteLength + (this.nulls?.byteLength ?? 0);
  }

  share(epoch: number): NumberColumn {
    const column = new NumberColumn(this.#type, this.account, epoch);
    column.adopt(this);
    column.values = this.values;
    column.#measureArray();
    return column;
  }

  copy(epoch: number): NumberColumn {
    const column = this.share(epoch);
    column.values = this.values.slice();
    column.nulls = this.nulls?.slice() ?? null;
    column.arrayEpoch = epoch;
    return column;
  }

  get(offset: number): Datum {
    const { nulls } = this;
    if (nulls !== null && (nulls[offset >>> 5] >>> (offset & 31) & 1) === 1) return null;
    return this.#type.kind === "boolean" ? this.values[offset] === 1 : this.values[offset];
  }

  put(offset: number, value: Datum, appended: boolean): WritableColumn {
    if (typeof value === "bigint") {
      return BigintColumn.fromNumbers(this, this.#type, this.account).put(offset, value, appended);
    }
    if (offset >= this.values.length) this.#grow(offset + 1);
    if (value === null) {
      this.values[offset] = 0;
      this.markNull(offset, true, this.values.length);
      return this;
    }
    const number = Number(value);
    if (!(number >= this.#low && number <= this.#high)) this.#widen(number, number);
    if (this.nulls !== null) this.markNull(offset, false, this.values.length);
    const { zone, values } = this;
    const last = offset === 0 ? -Infinity : values[offset - 1];
    if (zone.monotone && !(appended && number >= last)) zone.monotone = false;
    zone.add(number);
    values[offset] = number;
    return this;
  }

  /** Overwrites the slots of the first `count` of `rows`, none of which is NULL. */
  overwrite(numbers: Float64Array, rows: Int32Array, count: number): void {
    const { zone } = this;
    let low = Infinity;
    let high = -Infinity;
    for (let i = 0; i < count; i++) {
      const number = numbers[i];
      if (number < low) low = number;
      if (number > high) high = number;
      if (number !== number) zone.hasNaN = true;
    }
    if (low < this.#low || high > this.#high) this.#widen(low, high);
    zone.monotone = false;
    if (low < zone.low) zone.low = low;
    if (high > zone.high) zone.high = high;
    scatter(numbers, rows, 0, count, this.values);
  }

  append(at: number, source: PreparedColumn, from: number, to: number): WritableColumn {
    const end = at + to - from;
    switch (source.kind) {
      case "numbers":
        this.#appendNumbers(at, source.values, source.nulls, from, to);
        return this;
      case "nulls":
        if (end > this.values.length) this.#grow(end);
        this.values.fill(0, at, end);
        this.fillNulls(at, end, this.values.length);
        return this;
      case "bigints":
        return BigintColumn.fromNumbers(this, this.#type, this.account).append(at, source, from, to);
      case "strings":
      case "codes":
      case "utf8":
      case "objects":
        return unreachable(source as never);
      default:
        return unreachable(source);
    }
  }

  #appendNumbers(at: number, source: NumberArray, nulls: NullBytes, from: number, to: number): void {
    const bounds = emptyBounds();
    measure(source, nulls, from, to, bounds);
    if (bounds.low < this.#low || bounds.high > this.#high) this.#widen(bounds.low, bounds.high);
    const end = at + to - from;
    if (end > this.values.length) this.#grow(end);
    const { values, zone } = this;
    // A view of the source of any kind: set converts natively.
    values.set(source.subarray(from, to), at);
    zone.monotone &&= bounds.monotone && (at === 0 || from === to || source[from] >= values[at - 1]);
    zone.addBounds(bounds);
    const nullCount = this.appendNulls(at, nulls, from, to, values.length);
    if (nullCount > 0 && nulls !== null) zeroNulls(values, at, nulls, from, to);
  }

  #grow(slotCount: number): void {
    const values = allocate(this.values, growCapacity(this.values.length, slotCount));
    values.set(this.values);
    this.#replace(values);
  }

  /** Takes the narrowest array for the values so far and for `low` to `high`. */
  #widen(low: number, high: number): void {
    const values = narrowest(
      Math.min(low, this.zone.low),
      Math.max(high, this.zone.high),
      this.values.length,
      this.#float,
    );
    values.set(this.values);
    this.#replace(values);
  }

  #replace(values: StoredNumbers): void {
    this.account.add(values.byteLength - this.values.byteLength);
    this.values = values;
    this.#measureArray();
    this.resizeNulls(values.length);
    this.arrayEpoch = this.epoch;
  }

  #measureArray(): void {
    const { values } = this;
    const bits = values.BYTES_PER_ELEMENT * 8;
    if (values instanceof Float64Array) {
      this.#low = -Infinity;
      this.#high = Infinity;
    } else if (values instanceof Uint8Array || values instanceof Uint16Array) {
      this.#low = 0;
      this.#high = 2 ** bits - 1;
    } else {
      this.#low = -(2 ** (bits - 1));
      this.#high = 2 ** (bits - 1) - 1;
    }
  }
}

function zeroNulls(values: StoredNumbers, at: number, nulls: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) if (nulls[i] !== 0) values[at + i - from] = 0;
}

function allocate(like: StoredNumbers, length: number): StoredNumbers {
  if (like instanceof Uint8Array) return new Uint8Array(length);
  if (like instanceof Int8Array) return new Int8Array(length);
  if (like instanceof Uint16Array) return new Uint16Array(length);
  if (like instanceof Int16Array) return new Int16Array(length);
  if (like instanceof Int32Array) return new Int32Array(length);
  return new Float64Array(length);
}

function narrowest(low: number, high: number, length: number, float: boolean): StoredNumbers {
  if (float) return new Float64Array(length);
  if (low >= 0 && high <= 0xff) return new Uint8Array(length);
  if (low >= -0x80 && high <= 0x7f) return new Int8Array(length);
  if (low >= 0 && high <= 0xffff) return new Uint16Array(length);
  if (low >= -0x8000 && high <= 0x7fff) return new Int16Array(length);
  if (low >= -0x80000000 && high <= 0x7fffffff) return new Int32Array(length);
  return new Float64Array(length);
}
