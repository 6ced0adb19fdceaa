/**
 * Encoder of key columns of whole numbers in a range: a code is the distance from the minimum.
 *
 * The range comes from zone maps, or grows with the values: by as much again as it was, so that re-encoding
 * is O(1) amortised. Beyond 2^31 numbers are interned instead.
 *
 * @module
 */
import type { SqlType } from "../storage/sql_type.ts";
import type { NullBytes, Vector } from "../storage/vector.ts";
import { DatumEncoder } from "./key_table_datum.ts";
import type { KeyEncoder } from "./key_table_encoder.ts";
import { NumberEncoder } from "./key_table_number.ts";
import { type DenseVector, plainKind } from "./vector_build.ts";

const RANGE_MAX = 2 ** 31 - 2;

/** Whole numbers of [min, max] to codes. */
export class RangeEncoder implements KeyEncoder {
  readonly type: SqlType;
  /** The value of code 1. */
  readonly min: number;
  readonly range: number;
  readonly memoryBytes = 0;

  constructor(type: SqlType, min: number, max: number) {
    this.type = type;
    this.min = min;
    this.range = max - min + 2;
  }

  encode(vector: DenseVector, size: number, codes: Int32Array): boolean {
    const { min, range } = this;
    switch (vector.kind) {
      case "i32":
        return encodeInt32(vector.values, vector.nulls, size, min, range, codes);
      case "f64":
        return encodeFloat64(vector.values, vector.nulls, size, min, range, codes);
      case "bool":
        encodeBoolean(vector.values, vector.nulls, size, codes);
        return true;
      default:
        return false;
    }
  }

  find(vector: DenseVector, size: number, codes: Int32Array): void {
    const { min, range } = this;
    switch (vector.kind) {
      case "i32":
        return findInt32(vector.values, vector.nulls, size, min, range, codes);
      case "f64":
        return findFloat64(vector.values, vector.nulls, size, min, range, codes);
      case "bool":
        return encodeBoolean(vector.values, vector.nulls, size, codes);
      case "big": {
        const values = Float64Array.from(vector.values.slice(0, size), Number);
        return findFloat64(values, vector.nulls, size, min, range, codes);
      }
      default:
        codes.fill(-1, 0, size);
    }
  }

  widened(vector: DenseVector, size: number, codes: Int32Array, count: number): KeyEncoder {
    const bounds = boundsOf(vector, size);
    if (bounds !== undefined) {
      const empty = this.range === 1;
      const span = this.range - 1;
      const oldMax = this.min + span - 1;
      let min = empty ? bounds.min : Math.min(this.min, bounds.min);
      let max = empty ? bounds.max : Math.max(oldMax, bounds.max);
      if (max - min < RANGE_MAX / 4) {
        if (!empty && min < this.min) min -= span;
        if (!empty && max > oldMax) max += span;
      }
      if (max - min < RANGE_MAX) {
        const shift = this.min - min;
        for (let i = 0; i < count; i++) if (codes[i] !== 0) codes[i]! += shift;
        return new RangeEncoder(this.type, min, max);
      }
    }
    const wider = vector.kind === "f64" || vector.kind === "i32"
      ? new NumberEncoder(this.type)
      : new DatumEncoder(this.type);
    const decoded = this.decode(codes, count);
    wider.encode(decoded, count, codes);
    return wider;
  }

  decode(codes: Int32Array, count: number): DenseVector & Vector {
    const base = this.min - 1;
    const nulls = nullsOf(codes, count);
    const kind = plainKind(this.type);
    if (kind === "bool") {
      const values = new Uint8Array(count);
      for (let i = 0; i < count; i++) values[i] = codes[i]! >>> 1;
      return { kind, values, nulls };
    }
    if (kind === "i32") {
      const values = new Int32Array(count);
      for (let i = 0; i < count; i++) values[i] = codes[i] === 0 ? 0 : codes[i]! + base;
      return { kind, values, nulls };
    }
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = codes[i] === 0 ? 0 : codes[i]! + base;
    return { kind: "f64", values, nulls };
  }
}

function nullsOf(codes: Int32Array, count: number): NullBytes {
  let nulls: Uint8Array | null = null;
  for (let i = 0; i < count; i++) if (codes[i] === 0) (nulls ??= new Uint8Array(count))[i] = 1;
  return nulls;
}

/** Smallest and greatest whole number; `undefined` when there is something else. */
function boundsOf(vector: DenseVector, size: number): { min: number; max: number } | undefined {
  if (vector.kind !== "i32" && vector.kind !== "f64") return undefined;
  const { values, nulls } = vector;
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < size; i++) {
    if (nulls !== null && nulls[i] === 1) continue;
    const value = values[i]!;
    if (!Number.isSafeInteger(value)) return undefined;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : undefined;
}

function encodeInt32(
  values: Int32Array,
  nulls: NullBytes,
  size: number,
  min: number,
  range: number,
  codes: Int32Array,
): boolean {
  const base = min - 1;
  for (let i = 0; i < size; i++) {
    if (nulls !== null && nulls[i] === 1) {
      codes[i] = 0;
      continue;
    }
    const code = values[i]! - base;
    if (code < 1 || code >= range) return false;
    codes[i] = code;
  }
  return true;
}

function encodeFloat64(
  values: Float64Array,
  nulls: NullBytes,
  size: number,
  min: number,
  range: number,
  codes: Int32Array,
): boolean {
  const base = min - 1;
  for (let i = 0; i < size; i++) {
    if (nulls !== null && nulls[i] === 1) {
      codes[i] = 0;
      continue;
    }
    const code = values[i]! - base;
    const whole = code | 0;
    if (whole !== code || whole < 1 || whole >= range) return false;
    codes[i] = whole;
  }
  return true;
}

function encodeBoolean(values: Uint8Array, nulls: NullBytes, size: number, codes: Int32Array): void {
  if (nulls === null) { for (let i = 0; i < size; i++) codes[i] = values[i]! + 1; }
  else for (let i = 0; i < size; i++) codes[i] = nulls[i] === 1 ? 0 : values[i]! + 1;
}

function findInt32(
  values: Int32Array,
  nulls: NullBytes,
  size: number,
  min: number,
  range: number,
  codes: Int32Array,
): void {
  const base = min - 1;
  for (let i = 0; i < size; i++) {
    const code = values[i]! - base;
    codes[i] = code >= 1 && code < range ? code : -1;
  }
  if (nulls !== null) { for (let i = 0; i < size; i++) if (nulls[i] === 1) codes[i] = 0; }
}

function findFloat64(
  values: Float64Array,
  nulls: NullBytes,
  size: number,
  min: number,
  range: number,
  codes: Int32Array,
): void {
  const base = min - 1;
  for (let i = 0; i < size; i++) {
    const code = values[i]! - base;
    const whole = code | 0;
    codes[i] = whole === code && whole >= 1 && whole < range ? whole : -1;
  }
  if (nulls !== null) { for (let i = 0; i < size; i++) if (nulls[i] === 1) codes[i] = 0; }
}
