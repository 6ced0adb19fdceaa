/**
 * Hashes to 32 bits, for tables with open addressing. Not for security.
 *
 * Equal keys must hash alike whatever array holds them, so numbers are hashed by value (-0 as 0, every NaN as
 * one) and text by its UTF-16 units. {@linkcode mix32} is a bijection: a 32-bit integer key is equal to another
 * exactly when their hashes are.
 *
 * @module
 */

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const NAN_HASH = 0x7ff80001;

/** Spreads a 32-bit integer over 32 bits; a bijection (Wellons, "lowbias32"). */
export function mix32(x: number): number {
  x = Math.imul(x ^ x >>> 16, 0x21f0aaad);
  x = Math.imul(x ^ x >>> 15, 0x735a2d97);
  return x ^ x >>> 15;
}

/** Hash of a number: {@linkcode mix32} for 32-bit integers. */
export function hashNumber(value: number): number {
  const integer = value | 0;
  if (integer === value) return mix32(integer);
  if (value !== value) return NAN_HASH;
  float[0] = value;
  return mix32(words[0] ^ mix32(words[1] + 0x9e3779b9 | 0));
}

/** Hash of a text by its UTF-16 units. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix32(hash);
}

/** {@linkcode hashText} of the ASCII text `bytes[from .. to]`. */
export function hashAscii(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return mix32(hash);
}

/** Adds the hash of the next part to that of the parts before it. */
export function combineHashes(hash: number, next: number): number {
  return mix32(Math.imul(hash, 0x9e3779b1) + next | 0);
}
