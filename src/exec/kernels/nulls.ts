/**
 * Loops over bytes that mark NULLs and truth.
 *
 * @module
 */
import type { NullBytes } from "../../storage/vector.ts";

/** NULL where `a` or `b` is. `out` is written only when both mark NULLs. */
export function mergeNulls(a: NullBytes, b: NullBytes, size: number, out: Uint8Array): NullBytes {
  if (a === null || a === b) return b;
  if (b === null) return a;
  for (let i = 0; i < size; i++) out[i] = a[i]! | b[i]!;
  return out;
}

/** Whether some row is NULL. */
export function hasNull(nulls: NullBytes, size: number): boolean {
  if (nulls === null) return false;
  let or = 0;
  for (let i = 0; i < size; i++) or |= nulls[i]!;
  return or !== 0;
}

/** Writes 0 under NULLs. */
export function clearInt32(values: Int32Array, nulls: Uint8Array, size: number): void {
  for (let i = 0; i < size; i++) if (nulls[i] === 1) values[i] = 0;
}

/** Writes 0 under NULLs. */
export function clearFloat64(values: Float64Array, nulls: Uint8Array, size: number): void {
  for (let i = 0; i < size; i++) if (nulls[i] === 1) values[i] = 0;
}

/** Writes 0 under NULLs. */
export function clearBytes(values: Uint8Array, nulls: Uint8Array, size: number): void {
  for (let i = 0; i < size; i++) values[i]! &= nulls[i]! ^ 1;
}

/** Keeps the rows where `values` is 1; `nulls` must be 0 there. */
export function refineTrue(values: Uint8Array, nulls: NullBytes, rows: Int32Array, count: number): number {
  if (nulls !== null) return refineKnownTrue(values, nulls, rows, count);
  let kept = 0;
  for (let j = 0; j < count; j++) {
    const i = rows[j]!;
    rows[kept] = i;
    kept += values[i]!;
  }
  return kept;
}

function refineKnownTrue(values: Uint8Array, nulls: Uint8Array, rows: Int32Array, count: number): number {
  let kept = 0;
  for (let j = 0; j < count; j++) {
    const i = rows[j]!;
    rows[kept] = i;
    kept += values[i]! & (nulls[i]! ^ 1);
  }
  return kept;
}

/** The rows where `values` is 1 and `nulls` is not. */
export function selectTrue(values: Uint8Array, nulls: NullBytes, size: number, rows: Int32Array): number {
  let count = 0;
  if (nulls === null) {
    for (let i = 0; i < size; i++) {
      rows[count] = i;
      count += values[i]!;
    }
    return count;
  }
  for (let i = 0; i < size; i++) {
    rows[count] = i;
    count += values[i]! & (nulls[i]! ^ 1);
  }
  return count;
}

/** Keeps the rows that are not NULL. */
export function refineKnown(nulls: Uint8Array, rows: Int32Array, count: number): number {
  let kept = 0;
  for (let j = 0; j < count; j++) {
    const i = rows[j]!;
    rows[kept] = i;
    kept += nulls[i]! ^ 1;
  }
  return kept;
}

/** Keeps the rows whose bit in `words` is `bit`. */
export function refineBits(words: Uint32Array, bit: 0 | 1, rows: Int32Array, count: number): number {
  const flip = bit ^ 1;
  let kept = 0;
  for (let j = 0; j < count; j++) {
    const i = rows[j]!;
    rows[kept] = i;
    kept += (words[i >>> 5]! >>> (i & 31) & 1) ^ flip;
  }
  return kept;
}

/** The rows in [from, to) whose bit in `words` is `bit`. */
export function selectBits(
  words: Uint32Array,
  bit: 0 | 1,
  from: number,
  to: number,
  rows: Int32Array,
): number {
  const flip = bit ^ 1;
  let count = 0;
  for (let i = from; i < to; i++) {
    rows[count] = i;
    count += (words[i >>> 5]! >>> (i & 31) & 1) ^ flip;
  }
  return count;
}

/** All rows in [from, to). */
export function selectAll(from: number, to: number, rows: Int32Array): number {
  for (let i = from; i < to; i++) rows[i - from] = i;
  return Math.max(0, to - from);
}
