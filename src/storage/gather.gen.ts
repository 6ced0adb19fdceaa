/**
 * Loops over stored numbers, one per typed-array kind. Written by gather_generator.ts; do not edit.
 *
 * @module
 */
// deno-fmt-ignore-file
import type { Bounds } from "./zone_map.ts";

/** into[i] = values[rows[i] & 0xffff] for `from` <= i < `to`. */
export function gatherUint8ToFloat64(values: Uint8Array, rows: Int32Array, from: number, to: number, into: Float64Array): void {
  for (let i = from; i < to; i++) into[i] = values[rows[i] & 0xffff];
}

/** into[i] = values[rows[i] & 0xffff] for `from` <= i < `to`. */
export function gatherUint8ToInt32(values: Uint8Array, rows: Int32Array, from: number, to: number, into: Int32Array): void {
  for (let i = from; i < to; i++) into[i] = values[rows[i] & 0xffff];
}

/** into[i] = values[rows[i] & 0xffff] for `from` <= i < `to`. */
export function gatherUint8ToUint8(values: Uint8Array, rows: Int32Array, from: number, to: number, into: Uint8Array): void {
  for (let i = from; i < to; i++) into[i] = values[rows[i] & 0xffff];
}

/** The first index in [from, to) whose value is not below `key`, in ascending values. */
export function lowerBoundUint8(values: Uint8Array, from: number, to: number, key: number): number {
  while (from < to) {
    const middle = from + to >>> 1;
    if (values[middle] < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** into[rows[i] & 0xffff] = values[i] for `from` <= i < `to`. */
export function scatterToUint8(values: Float64Array, rows: Int32Array, from: number, to: number, into: Uint8Array): void {
  for (let i = from; i < to; i++) into[rows[i] & 0xffff] = values[i];
}

/** into[i] = values[rows[i] & 0xffff] for `from` <= i < `to`. */
export function gatherInt8ToFloat64(values: Int8Array, rows: Int32Array, from: number, to: number, into: Float64Array): void {
  for (let i = from; i < to; i++) into[i] = values[rows[i] & 0xffff];
}

/** into[i] = values[rows[i] & 0xffff] for `from` <= i < `to`. */
export function gatherInt8ToInt32(values: Int8Array, rows: Int32Array, from: number, to: number, into: Int32Array): void {
  for (let i = from; i < to; i++) into[i] = values[rows[i] & 0xffff];
}

/** The first index in [from, to) whose value is not below `key`, in ascending values. */
export function lowerBoundInt8(values: Int8Array, from: number, to: number, key: number): number {
  while (from < to) {
    const middle = from + to >>> 1;
    if (values[middle] < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** into[rows[i] & 0xffff] = values[i] for `from` <= i < `to`. */
export function scatterToInt8(values: Float64Array, rows: Int32Array, from: number, to: number, into: Int8Array): void {
  for (let i = from; i < to; i++) into[rows[i] & 0xffff] = values[i];
}

/** into[i] = values[rows[i] & 0xffff] for `from` <= i < `to`. */
export function gatherUint16ToFloat64(values: Uint16Array, rows: Int32Array, from: number, to: number, into: Float64Array): void {
  for (let i = from; i < to; i++) into[i] = values[rows[i] & 0xffff];
}

/** into[i] = values[rows[i] & 0xffff] for `from` <= i < `to`. */
export function gatherUint16ToInt32(values: Uint16Array, rows: Int32Array, from: number, to: number, into: Int32Array): void {
  for (let i = from; i < to; i++) into[i] = values[rows[i] & 0xffff];
}

/** The first index in [from, to) whose value is not below `key`, in ascending values. */
export function lowerBoundUint16(values: Uint16Array, from: number, to: number, key: number): number {
  while (from < to) {
    const middle = from + to >>> 1;
    if (values[middle] < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** into[rows[i] & 0xffff] = values[i] for `from` <= i < `to`. */
export function scatterToUint16(values: Float64Array, rows: Int32Array, from: number, to: number, into: Uint16Array): void {
  for (let i = from; i < to; i++) into[rows[i] & 0xffff] = values[i];
}

/** into[i] = values[rows[i] & 0xffff] for `from` <= i < `to`. */
export function gatherInt16ToFloat64(values: Int16Array, rows: Int32Array, from: number, to: number, into: Float64Array): void {
  for (let i = from; i < to; i++) into[i] = values[rows[i] & 0xffff];
}

/** into[i] = values[rows[i] & 0xffff] for `from` <= i < `to`. */
export function gatherInt16ToInt32(values: Int16Array, rows: Int32Array, from: number, to: number, into: Int32Array): void {
  for (let i = from; i < to; i++) into[i] = values[rows[i] & 0xffff];
}

/** The first index in [from, to) whose value is not below `key`, in ascending values. */
export function lowerBoundInt16(values: Int16Array, from: number, to: number, key: number): number {
  while (from < to) {
    const middle = from + to >>> 1;
    if (values[middle] < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** into[rows[i] & 0xffff] = values[i] for `from` <= i < `to`. */
export function scatterToInt16(values: Float64Array, rows: Int32Array, from: number, to: number, into: Int16Array): void {
  for (let i = from; i < to; i++) into[rows[i] & 0xffff] = values[i];
}

/** into[i] = values[rows[i] & 0xffff] for `from` <= i < `to`. */
export function gatherInt32ToFloat64(values: Int32Array, rows: Int32Array, from: number, to: number, into: Float64Array): void {
  for (let i = from; i < to; i++) into[i] = values[rows[i] & 0xffff];
}

/** into[i] = values[rows[i] & 0xffff] for `from` <= i < `to`. */
export function gatherInt32ToInt32(values: Int32Array, rows: Int32Array, from: number, to: number, into: Int32Array): void {
  for (let i = from; i < to; i++) into[i] = values[rows[i] & 0xffff];
}

/** The first index in [from, to) whose value is not below `key`, in ascending values. */
export function lowerBoundInt32(values: Int32Array, from: number, to: number, key: number): number {
  while (from < to) {
    const middle = from + to >>> 1;
    if (values[middle] < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** into[rows[i] & 0xffff] = values[i] for `from` <= i < `to`. */
export function scatterToInt32(values: Float64Array, rows: Int32Array, from: number, to: number, into: Int32Array): void {
  for (let i = from; i < to; i++) into[rows[i] & 0xffff] = values[i];
}

/** into[i] = values[rows[i] & 0xffff] for `from` <= i < `to`. */
export function gatherFloat64ToFloat64(values: Float64Array, rows: Int32Array, from: number, to: number, into: Float64Array): void {
  for (let i = from; i < to; i++) into[i] = values[rows[i] & 0xffff];
}

/** The first index in [from, to) whose value is not below `key`, in ascending values. */
export function lowerBoundFloat64(values: Float64Array, from: number, to: number, key: number): number {
  while (from < to) {
    const middle = from + to >>> 1;
    if (values[middle] < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** into[rows[i] & 0xffff] = values[i] for `from` <= i < `to`. */
export function scatterToFloat64(values: Float64Array, rows: Int32Array, from: number, to: number, into: Float64Array): void {
  for (let i = from; i < to; i++) into[rows[i] & 0xffff] = values[i];
}

/** Widens `bounds` by values `from` to `to`, those under a NULL excepted. */
export function measureUint8(values: Uint8Array, nulls: Uint8Array | null, from: number, to: number, bounds: Bounds): void {
  let { low, high, monotone } = bounds;
  let last = -Infinity;
  for (let i = from; i < to; i++) {
    if (nulls !== null && nulls[i] !== 0) {
      monotone = false;
      continue;
    }
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
    if (value < last) monotone = false;
    last = value;
  }
  bounds.low = low;
  bounds.high = high;
  bounds.monotone = monotone;
}

/** Widens `bounds` by values `from` to `to`, those under a NULL excepted. */
export function measureInt8(values: Int8Array, nulls: Uint8Array | null, from: number, to: number, bounds: Bounds): void {
  let { low, high, monotone } = bounds;
  let last = -Infinity;
  for (let i = from; i < to; i++) {
    if (nulls !== null && nulls[i] !== 0) {
      monotone = false;
      continue;
    }
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
    if (value < last) monotone = false;
    last = value;
  }
  bounds.low = low;
  bounds.high = high;
  bounds.monotone = monotone;
}

/** Widens `bounds` by values `from` to `to`, those under a NULL excepted. */
export function measureUint16(values: Uint16Array, nulls: Uint8Array | null, from: number, to: number, bounds: Bounds): void {
  let { low, high, monotone } = bounds;
  let last = -Infinity;
  for (let i = from; i < to; i++) {
    if (nulls !== null && nulls[i] !== 0) {
      monotone = false;
      continue;
    }
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
    if (value < last) monotone = false;
    last = value;
  }
  bounds.low = low;
  bounds.high = high;
  bounds.monotone = monotone;
}

/** Widens `bounds` by values `from` to `to`, those under a NULL excepted. */
export function measureInt16(values: Int16Array, nulls: Uint8Array | null, from: number, to: number, bounds: Bounds): void {
  let { low, high, monotone } = bounds;
  let last = -Infinity;
  for (let i = from; i < to; i++) {
    if (nulls !== null && nulls[i] !== 0) {
      monotone = false;
      continue;
    }
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
    if (value < last) monotone = false;
    last = value;
  }
  bounds.low = low;
  bounds.high = high;
  bounds.monotone = monotone;
}

/** Widens `bounds` by values `from` to `to`, those under a NULL excepted. */
export function measureInt32(values: Int32Array, nulls: Uint8Array | null, from: number, to: number, bounds: Bounds): void {
  let { low, high, monotone } = bounds;
  let last = -Infinity;
  for (let i = from; i < to; i++) {
    if (nulls !== null && nulls[i] !== 0) {
      monotone = false;
      continue;
    }
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
    if (value < last) monotone = false;
    last = value;
  }
  bounds.low = low;
  bounds.high = high;
  bounds.monotone = monotone;
}

/** Widens `bounds` by values `from` to `to`, those under a NULL excepted. */
export function measureFloat64(values: Float64Array, nulls: Uint8Array | null, from: number, to: number, bounds: Bounds): void {
  let { low, high, monotone, hasNaN, hasFraction } = bounds;
  let last = -Infinity;
  for (let i = from; i < to; i++) {
    if (nulls !== null && nulls[i] !== 0) {
      monotone = false;
      continue;
    }
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
    if (!(value >= last)) monotone = false;
    if (value !== value) hasNaN = true;
    else if (Math.trunc(value) !== value) hasFraction = true;
    last = value;
  }
  bounds.low = low;
  bounds.high = high;
  bounds.monotone = monotone;
  bounds.hasNaN = hasNaN;
  bounds.hasFraction = hasFraction;
}

/** Widens `bounds` by values `from` to `to`, those under a NULL excepted. */
export function measureUint32(values: Uint32Array, nulls: Uint8Array | null, from: number, to: number, bounds: Bounds): void {
  let { low, high, monotone } = bounds;
  let last = -Infinity;
  for (let i = from; i < to; i++) {
    if (nulls !== null && nulls[i] !== 0) {
      monotone = false;
      continue;
    }
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
    if (value < last) monotone = false;
    last = value;
  }
  bounds.low = low;
  bounds.high = high;
  bounds.monotone = monotone;
}

/** Widens `bounds` by values `from` to `to`, those under a NULL excepted. */
export function measureFloat32(values: Float32Array, nulls: Uint8Array | null, from: number, to: number, bounds: Bounds): void {
  let { low, high, monotone, hasNaN, hasFraction } = bounds;
  let last = -Infinity;
  for (let i = from; i < to; i++) {
    if (nulls !== null && nulls[i] !== 0) {
      monotone = false;
      continue;
    }
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
    if (!(value >= last)) monotone = false;
    if (value !== value) hasNaN = true;
    else if (Math.trunc(value) !== value) hasFraction = true;
    last = value;
  }
  bounds.low = low;
  bounds.high = high;
  bounds.monotone = monotone;
  bounds.hasNaN = hasNaN;
  bounds.hasFraction = hasFraction;
}
