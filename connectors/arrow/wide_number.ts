/**
 * 64-bit and 128-bit whole numbers of Arrow buffers, read and written as pairs of 32-bit halves.
 *
 * Reading a BigInt64Array makes a BigInt per value; the halves make a double, which is exact up to 2^53.
 *
 * @module
 */

const HALF = 2 ** 32;
/** Upper halves from -2^21 to 2^21 - 1 are within 2^53. */
const UPPER_SAFE = 2 ** 21;

/** Whole numbers, as doubles where all are exact. */
export type WholeValues =
  | { readonly kind: "numbers"; readonly values: Float64Array }
  | { readonly kind: "bigints"; readonly values: readonly bigint[] | BigInt64Array };

/** The signed 64-bit numbers of `source`. */
export function readInt64s(source: BigInt64Array, length: number): WholeValues {
  const halves = new Int32Array(source.buffer, source.byteOffset, 2 * length);
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const upper = halves[2 * i + 1]!;
    if (upper < -UPPER_SAFE || upper >= UPPER_SAFE) {
      return { kind: "bigints", values: source.slice(0, length) };
    }
    values[i] = upper * HALF + (halves[2 * i]! >>> 0);
  }
  return { kind: "numbers", values };
}

/** The unsigned 64-bit numbers of `source`. */
export function readUint64s(source: BigUint64Array, length: number): WholeValues {
  const bigints = source.subarray(0, length);
  return bigints.some((value) => value > BigInt(Number.MAX_SAFE_INTEGER))
    ? { kind: "bigints", values: Array.from(bigints) }
    : { kind: "numbers", values: Float64Array.from(bigints, Number) };
}

/** Two's complement numbers of `words` 64-bit words each, the lowest word first. */
export function readWideInts(source: BigUint64Array, length: number, words: number): WholeValues {
  const halves = new Int32Array(source.buffer, source.byteOffset, 2 * words * length);
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const at = 2 * words * i;
    const upper = halves[at + 1]!;
    let small = upper >= -UPPER_SAFE && upper < UPPER_SAFE;
    // The higher words only repeat the sign.
    for (let word = 2; word < 2 * words; word++) small &&= halves[at + word] === upper >> 31;
    if (!small) return { kind: "bigints", values: wideBigints(source, length, words) };
    values[i] = upper * HALF + (halves[at]! >>> 0);
  }
  return { kind: "numbers", values };
}

function wideBigints(source: BigUint64Array, length: number, words: number): bigint[] {
  return Array.from({ length }, (_, i) => {
    let value = BigInt.asIntN(64, source[(i + 1) * words - 1]!);
    for (let word = words - 2; word >= 0; word--) value = (value << 64n) | source[i * words + word]!;
    return value;
  });
}

/** Writes `value` as two's complement at word `at` of `words` words. */
export function writeWideInt(into: BigUint64Array, at: number, words: number, value: number | bigint): void {
  let rest = BigInt(value);
  for (let word = 0; word < words; word++) {
    into[at + word] = BigInt.asUintN(64, rest);
    rest >>= 64n;
  }
}

/** Writes whole numbers within 2^53 as 64-bit numbers, or 128-bit ones with `words` 2. */
export function writeSafeInts(values: ArrayLike<number>, length: number, words: 1 | 2): Int32Array {
  const halves = new Int32Array(2 * words * length);
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    const upper = Math.floor(value / HALF);
    const at = 2 * words * i;
    halves[at] = value - upper * HALF;
    halves[at + 1] = upper;
    if (words === 2) {
      halves[at + 2] = upper >> 31;
      halves[at + 3] = upper >> 31;
    }
  }
  return halves;
}
