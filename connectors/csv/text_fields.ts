/**
 * Fields to text: UTF-8 bytes are copied from the buffer into one array per batch, with offsets.
 *
 * Bytes beyond ASCII are checked to be UTF-8, field by field, so that no invalid text gets into a table.
 *
 * @module
 */
import { ESCAPED, type FieldTable } from "./scan_records.ts";

/** The texts of one column. */
export interface TextColumn {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
  /** Some byte is not ASCII. */
  readonly wide: boolean;
}

const BACKSLASH = 92;
/** From this length on a copy by `set` is faster than a loop. */
const COPY_BYTES = 24;

/** How escapes of a field are undone; gives the end of what was written at `at`. */
export type Unescape = (from: Uint8Array, start: number, end: number, into: Uint8Array, at: number) => number;

/** Copies the texts of `column`. */
export function readTextFields(
  table: FieldTable,
  column: number,
  nulls: Uint8Array,
  unescape: Unescape,
): TextColumn {
  const { buffer, starts, ends, flags, columnCount, rowCount } = table;
  let length = 0;
  for (let row = 0, field = column; row < rowCount; row++, field += columnCount) {
    length += ends[field]! - starts[field]!;
  }
  const bytes = new Uint8Array(length);
  const offsets = new Int32Array(rowCount + 1);
  let at = 0;
  let all = 0;
  for (let row = 0, field = column; row < rowCount; row++, field += columnCount) {
    if (nulls[row] === 0) {
      const start = starts[field]!;
      const end = ends[field]!;
      if ((flags[field]! & ESCAPED) !== 0) {
        const from = at;
        at = unescape(buffer, start, end, bytes, at);
        for (let p = from; p < at; p++) all |= bytes[p]!;
      } else if (end - start < COPY_BYTES) {
        for (let p = start; p < end; p++) {
          const byte = buffer[p]!;
          all |= byte;
          bytes[at++] = byte;
        }
      } else {
        for (let p = start; p < end; p++) all |= buffer[p]!;
        bytes.set(buffer.subarray(start, end), at);
        at += end - start;
      }
    }
    offsets[row + 1] = at;
  }
  return { bytes: at === length ? bytes : bytes.subarray(0, at), offsets, wide: all > 127 };
}

/** Undoes the escapes of a quoted field. */
export function quotedUnescape(quote: number, escape: number): Unescape {
  return (from, start, end, into, at) => {
    for (let p = start; p < end; p++) {
      if (from[p] === escape && p + 1 < end && (from[p + 1] === quote || from[p + 1] === escape)) p++;
      into[at++] = from[p]!;
    }
    return at;
  };
}

const LETTERS: Readonly<Record<number, number>> = { 98: 8, 102: 12, 110: 10, 114: 13, 116: 9, 118: 11 };

/** Undoes the backslash sequences of COPY's text format: `\n`, `\t`, ..., `\101`, `\x41`; others mean the character. */
export function backslashUnescape(
  from: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
): number {
  for (let p = start; p < end; p++) {
    if (from[p] !== BACKSLASH || p + 1 === end) {
      into[at++] = from[p]!;
      continue;
    }
    const code = from[++p]!;
    const radix = code === 120 ? 16 : 8;
    const digitsMax = code === 120 ? 2 : 3;
    const first = code === 120 ? p + 1 : p;
    let digits = 0;
    let value = 0;
    for (; digits < digitsMax && first + digits < end; digits++) {
      const digit = digitOf(from[first + digits]!);
      if (digit >= radix) break;
      value = value * radix + digit;
    }
    if (digits > 0) {
      into[at++] = value & 255;
      p = first + digits - 1;
    } else {
      into[at++] = LETTERS[code] ?? code;
    }
  }
  return at;
}

function digitOf(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : 99;
}
