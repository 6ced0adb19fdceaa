/**
 * Bitmaps: one bit an element in 32-bit words, bit `i & 31` of word `i >>> 5`.
 *
 * Single-bit operations are O(1); ranges cost one step a word or a byte.
 *
 * @module
 */

/** Words that `bitCount` bits take. */
export function bitmapWords(bitCount: number): number {
  return (bitCount + 31) >>> 5;
}

/** Whether bit `index` is set. */
export function getBit(words: Uint32Array, index: number): boolean {
  return (words[index >>> 5] >>> (index & 31) & 1) === 1;
}

/** Sets bit `index`. */
export function setBit(words: Uint32Array, index: number): void {
  words[index >>> 5] |= 1 << (index & 31);
}

/** Clears bit `index`. */
export function clearBit(words: Uint32Array, index: number): void {
  words[index >>> 5] &= ~(1 << (index & 31));
}

/** Number of set bits of a 32-bit word. */
export function countWordBits(word: number): number {
  let bits = word - (word >>> 1 & 0x55555555);
  bits = (bits & 0x33333333) + (bits >>> 2 & 0x33333333);
  bits = bits + (bits >>> 4) & 0x0f0f0f0f;
  return Math.imul(bits, 0x01010101) >>> 24;
}

/** Number of set bits among the first `bitCount`. */
export function countBits(words: Uint32Array, bitCount: number): number {
  const whole = bitCount >>> 5;
  let count = 0;
  for (let i = 0; i < whole; i++) count += countWordBits(words[i]);
  const rest = bitCount & 31;
  return rest === 0 ? count : count + countWordBits(words[whole] & (1 << rest) - 1);
}

/** Sets (`value` true) or clears bits `from` to `to`, `to` excluded. */
export function fillBits(words: Uint32Array, from: number, to: number, value: boolean): void {
  for (let i = from; i < to;) {
    if ((i & 31) === 0 && i + 32 <= to) {
      words[i >>> 5] = value ? 0xffffffff : 0;
      i += 32;
      continue;
    }
    if (value) setBit(words, i);
    else clearBit(words, i);
    i++;
  }
}

/** Writes bytes `from` to `to` (0 or not 0) as bits that start at `at`; returns how many were set. */
export function writeBits(
  words: Uint32Array,
  at: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  let count = 0;
  for (let i = from; i < to; i++, at++) {
    if (bytes[i] === 0) {
      words[at >>> 5] &= ~(1 << (at & 31));
    } else {
      words[at >>> 5] |= 1 << (at & 31);
      count++;
    }
  }
  return count;
}

/** Writes bits `from` to `from + count` as bytes 0 and 1 to the start of `into`; returns how many were set. */
export function expandBits(words: Uint32Array, from: number, count: number, into: Uint8Array): number {
  let set = 0;
  for (let i = 0; i < count; i++) {
    const bit = words[from + i >>> 5] >>> (from + i & 31) & 1;
    into[i] = bit;
    set += bit;
  }
  return set;
}
