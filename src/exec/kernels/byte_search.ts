/**
 * Texts in UTF-8 tested for LIKE patterns of plain parts and `%`, without decoding them.
 *
 * ```
 * 'ab%cd%ef'   start "ab", middle "cd", end "ef"
 * '%cd%'       middle "cd"
 * ```
 *
 * A middle part is found by Horspool's method: O(bytes / length of the part) for most texts, and
 * O(bytes * length) at worst.
 *
 * @module
 */

/** A part that stands anywhere, with how far to move on at a byte. */
export interface BytePart {
  readonly bytes: Uint8Array;
  readonly shifts: Uint8Array;
}

/** What a text must start with, contain in this order, and end with. */
export interface BytePattern {
  readonly start: Uint8Array;
  readonly middle: readonly BytePart[];
  readonly end: Uint8Array;
  /** No `%`: `start` is the whole text. */
  readonly whole: boolean;
}

/** A part to search for. It is not empty. */
export function bytePart(bytes: Uint8Array): BytePart {
  const last = bytes.length - 1;
  const shifts = new Uint8Array(256).fill(Math.min(bytes.length, 255));
  for (let i = 0; i < last; i++) shifts[bytes[i]!] = Math.min(last - i, 255);
  return { bytes, shifts };
}

/** Whether `bytes` has `part` at `at`; the caller knows that there is room. */
function hasBytesAt(bytes: Uint8Array, at: number, part: Uint8Array): boolean {
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}

/** The end of the first occurrence of `part` within [from, to), or -1. */
function findEnd(bytes: Uint8Array, from: number, to: number, part: BytePart): number {
  const { bytes: wanted, shifts } = part;
  const last = wanted.length - 1;
  const final = wanted[last]!;
  let at = from + last;
  while (at < to) {
    const byte = bytes[at]!;
    if (byte === final && hasBytesAt(bytes, at - last, wanted)) return at + 1;
    at += shifts[byte]!;
  }
  return -1;
}

/** Whether the text bytes[from .. to] matches. */
export function matchesPattern(bytes: Uint8Array, from: number, to: number, pattern: BytePattern): boolean {
  const { start, middle, end } = pattern;
  if (to - from < start.length + end.length) return false;
  if (pattern.whole && to - from !== start.length) return false;
  if (!hasBytesAt(bytes, from, start)) return false;
  const limit = to - end.length;
  if (!hasBytesAt(bytes, limit, end)) return false;
  let at = from + start.length;
  for (let i = 0; i < middle.length; i++) {
    at = findEnd(bytes, at, limit, middle[i]!);
    if (at === -1) return false;
  }
  return true;
}

/** Texts of one segment. */
export interface Utf8Texts {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Keeps the rows whose text matches, or does not when `negated`; gives their number. */
export function refinePattern(
  texts: Utf8Texts,
  pattern: BytePattern,
  negated: boolean,
  rows: Int32Array,
  count: number,
): number {
  const { bytes, starts, ends } = texts;
  let kept = 0;
  for (let j = 0; j < count; j++) {
    const i = rows[j]!;
    rows[kept] = i;
    if (matchesPattern(bytes, starts[i]!, ends[i]!, pattern) !== negated) kept++;
  }
  return kept;
}
