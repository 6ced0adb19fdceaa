/**
 * out[i] = values[rows[i]], for each array kind of vectors.
 *
 * @module
 */

/** Picks 32-bit integers. */
export function pickInt32(values: Int32Array, rows: Int32Array, count: number, out: Int32Array): void {
  for (let i = 0; i < count; i++) out[i] = values[rows[i]!]!;
}

/** Picks doubles. */
export function pickFloat64(values: Float64Array, rows: Int32Array, count: number, out: Float64Array): void {
  for (let i = 0; i < count; i++) out[i] = values[rows[i]!]!;
}

/** Picks bytes. */
export function pickUint8(values: Uint8Array, rows: Int32Array, count: number, out: Uint8Array): void {
  for (let i = 0; i < count; i++) out[i] = values[rows[i]!]!;
}

/** Picks items of arrays of objects. */
export function pickItems<Item>(values: readonly Item[], rows: Int32Array, count: number): Item[] {
  const out = new Array<Item>(count);
  for (let i = 0; i < count; i++) out[i] = values[rows[i]!]!;
  return out;
}
