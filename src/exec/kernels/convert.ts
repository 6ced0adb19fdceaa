/**
 * Loops that change the kind or the unit of numbers.
 *
 * @module
 */

/** The integers as doubles. */
export function widenInt32(values: Int32Array, size: number, out: Float64Array): void {
  for (let i = 0; i < size; i++) out[i] = values[i]!;
}

/** The bytes as integers. */
export function widenBytes(values: Uint8Array, size: number, out: Int32Array): void {
  for (let i = 0; i < size; i++) out[i] = values[i]!;
}

/** Whole numbers as 32-bit integers: -1, or the first row outside of [low, high]. */
export function narrowFloat64(
  values: Float64Array,
  size: number,
  low: number,
  high: number,
  out: Int32Array,
): number {
  for (let i = 0; i < size; i++) {
    const value = values[i]!;
    if (!(value >= low && value <= high)) return i;
    out[i] = value;
  }
  return -1;
}

/** -1 when all values are within [-limit, limit], else the first row that is not. */
export function checkFloat64(values: Float64Array, size: number, limit: number): number {
  for (let i = 0; i < size; i++) if (!(Math.abs(values[i]!) <= limit)) return i;
  return -1;
}

/** Whole numbers divided by a power of ten, correctly rounded to doubles. */
export function divideFloat64(values: Float64Array, divisor: number, size: number, out: Float64Array): void {
  for (let i = 0; i < size; i++) out[i] = values[i]! / divisor;
}

/** Whole numbers divided by a power of ten, rounded half away from zero to whole numbers. */
export function divideRoundedFloat64(
  values: Float64Array,
  divisor: number,
  size: number,
  out: Float64Array,
): void {
  const half = divisor / 2;
  for (let i = 0; i < size; i++) {
    const value = values[i]!;
    const quotient = Math.trunc(value / divisor);
    // Exact: quotient * divisor does not pass value.
    const rest = value - quotient * divisor;
    out[i] = quotient + Number(rest >= half) - Number(rest <= -half) + 0;
  }
}

/** Whole numbers divided by `divisor`, rounded down. */
export function divideFloorFloat64(
  values: Float64Array,
  divisor: number,
  size: number,
  out: Float64Array,
): void {
  for (let i = 0; i < size; i++) out[i] = Math.floor(values[i]! / divisor);
}
