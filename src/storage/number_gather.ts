/**
 * Chooses the stamped loop for the array kind of stored numbers. One choice a call, so callers pass runs of rows.
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import * as kernel from "./gather.gen.ts";
import type { StoredNumbers } from "./table_view.ts";

/** into[i] = values[rows[i] & 0xffff] for from <= i < to, whatever the kind of `values`. */
export function gatherToFloat64(
  values: StoredNumbers,
  rows: Int32Array,
  from: number,
  to: number,
  into: Float64Array,
): void {
  if (values instanceof Float64Array) kernel.gatherFloat64ToFloat64(values, rows, from, to, into);
  else if (values instanceof Int32Array) kernel.gatherInt32ToFloat64(values, rows, from, to, into);
  else if (values instanceof Uint8Array) kernel.gatherUint8ToFloat64(values, rows, from, to, into);
  else if (values instanceof Uint16Array) kernel.gatherUint16ToFloat64(values, rows, from, to, into);
  else if (values instanceof Int16Array) kernel.gatherInt16ToFloat64(values, rows, from, to, into);
  else kernel.gatherInt8ToFloat64(values, rows, from, to, into);
}

/** As {@linkcode gatherToFloat64}, for kinds that hold 32-bit integers. */
export function gatherToInt32(
  values: StoredNumbers,
  rows: Int32Array,
  from: number,
  to: number,
  into: Int32Array,
): void {
  if (values instanceof Int32Array) kernel.gatherInt32ToInt32(values, rows, from, to, into);
  else if (values instanceof Uint8Array) kernel.gatherUint8ToInt32(values, rows, from, to, into);
  else if (values instanceof Uint16Array) kernel.gatherUint16ToInt32(values, rows, from, to, into);
  else if (values instanceof Int16Array) kernel.gatherInt16ToInt32(values, rows, from, to, into);
  else if (values instanceof Int8Array) kernel.gatherInt8ToInt32(values, rows, from, to, into);
  else assert(false, "A 32-bit integer column is never stored as doubles");
}

/** As {@linkcode gatherToFloat64}, for BOOLEAN, which is stored as bytes. */
export function gatherToUint8(
  values: StoredNumbers,
  rows: Int32Array,
  from: number,
  to: number,
  into: Uint8Array,
): void {
  assert(values instanceof Uint8Array, "BOOLEAN is stored as bytes");
  kernel.gatherUint8ToUint8(values, rows, from, to, into);
}

/** into[rows[i] & 0xffff] = values[i] for from <= i < to, whatever the kind of `into`. */
export function scatter(
  values: Float64Array,
  rows: Int32Array,
  from: number,
  to: number,
  into: StoredNumbers,
): void {
  if (into instanceof Float64Array) kernel.scatterToFloat64(values, rows, from, to, into);
  else if (into instanceof Int32Array) kernel.scatterToInt32(values, rows, from, to, into);
  else if (into instanceof Uint8Array) kernel.scatterToUint8(values, rows, from, to, into);
  else if (into instanceof Uint16Array) kernel.scatterToUint16(values, rows, from, to, into);
  else if (into instanceof Int16Array) kernel.scatterToInt16(values, rows, from, to, into);
  else kernel.scatterToInt8(values, rows, from, to, into);
}

/** The first index in [from, to) whose value is not below `key`, in ascending values. */
export function lowerBound(values: StoredNumbers, from: number, to: number, key: number): number {
  if (values instanceof Float64Array) return kernel.lowerBoundFloat64(values, from, to, key);
  if (values instanceof Int32Array) return kernel.lowerBoundInt32(values, from, to, key);
  if (values instanceof Uint16Array) return kernel.lowerBoundUint16(values, from, to, key);
  if (values instanceof Uint8Array) return kernel.lowerBoundUint8(values, from, to, key);
  if (values instanceof Int16Array) return kernel.lowerBoundInt16(values, from, to, key);
  return kernel.lowerBoundInt8(values, from, to, key);
}
