/**
 * Fields to numbers: the loops that turn the bytes of one column into a Float64Array.
 *
 * Each loop reads the plain forms itself and hands every other field to `slow`, which goes by PostgreSQL's
 * input rules and throws when the text is no value of the type. Values are exact: up to 15 digits are summed
 * up in a double, and a decimal fraction is divided once by a power of ten that a double holds exactly
 * (Clinger's fast path), which gives the correctly rounded result.
 *
 * @module
 */
import type { FieldTable } from "./scan_records.ts";

/** Reads the field of `row` the long way. */
export type SlowField = (row: number) => number;

/** What a loop works on. `nulls[row]` is 1 where the field is NULL; `out[row]` stays 0 there. */
export interface NumberFields {
  readonly table: FieldTable;
  readonly column: number;
  readonly nulls: Uint8Array;
  readonly out: Float64Array;
  readonly slow: SlowField;
}

const MINUS = 45;
const POINT = 46;
const ZERO = 48;
/** Whole numbers of so many digits are exact in a double. */
const DIGITS_SAFE = 15;
/** 10^22 is the greatest power of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** SMALLINT, INTEGER, BIGINT: values beyond `limit` go the long way, which knows the range exactly. */
export function readWholeFields(fields: NumberFields, limit: number): void {
  const { table, column, nulls, out, slow } = fields;
  const { buffer, starts, ends, columnCount, rowCount } = table;
  for (let row = 0, field = column; row < rowCount; row++, field += columnCount) {
    if (nulls[row] === 1) continue;
    const end = ends[field]!;
    let p = starts[field]!;
    const negative = buffer[p] === MINUS;
    if (negative) p++;
    if (p === end || end - p > DIGITS_SAFE) {
      out[row] = slow(row);
      continue;
    }
    let value = 0;
    while (p < end) {
      const digit = buffer[p]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      p++;
    }
    if (p < end || value > limit) out[row] = slow(row);
    else out[row] = negative && value !== 0 ? -value : value;
  }
}

/** DECIMAL(p, s) as integers scaled by 10^s; `limit` is 10^p. */
export function readDecimalFields(fields: NumberFields, scale: number, limit: number): void {
  const { table, column, nulls, out, slow } = fields;
  const { buffer, starts, ends, columnCount, rowCount } = table;
  for (let row = 0, field = column; row < rowCount; row++, field += columnCount) {
    if (nulls[row] === 1) continue;
    const end = ends[field]!;
    let p = starts[field]!;
    const negative = buffer[p] === MINUS;
    if (negative) p++;
    const first = p;
    let value = 0;
    let point = -1;
    for (; p < end; p++) {
      const digit = buffer[p]! - ZERO;
      if (digit >= 0 && digit <= 9) value = value * 10 + digit;
      else if (buffer[p] === POINT && point < 0) point = p;
      else break;
    }
    const places = point < 0 ? 0 : p - point - 1;
    const scaled = value * POWERS[Math.min(scale - places, 22)]!;
    // `scaled` is NaN when there are more places than the type has.
    if (
      p < end || p - first > DIGITS_SAFE || p === first || p - first === (point < 0 ? 0 : 1) ||
      !(scaled < limit)
    ) {
      out[row] = slow(row);
    } else {
      out[row] = negative && scaled !== 0 ? -scaled : scaled;
    }
  }
}

/** DOUBLE PRECISION. */
export function readDoubleFields(fields: NumberFields): void {
  const { table, column, nulls, out, slow } = fields;
  const { buffer, starts, ends, columnCount, rowCount } = table;
  for (let row = 0, field = column; row < rowCount; row++, field += columnCount) {
    if (nulls[row] === 1) continue;
    const end = ends[field]!;
    let p = starts[field]!;
    const negative = buffer[p] === MINUS;
    if (negative) p++;
    const first = p;
    let value = 0;
    let point = -1;
    for (; p < end; p++) {
      const digit = buffer[p]! - ZERO;
      if (digit >= 0 && digit <= 9) value = value * 10 + digit;
      else if (buffer[p] === POINT && point < 0) point = p;
      else break;
    }
    const digits = p - first - (point < 0 ? 0 : 1);
    if (digits === 0 || digits > DIGITS_SAFE || p < end) {
      out[row] = slow(row);
      continue;
    }
    if (point >= 0) value /= POWERS[p - point - 1]!;
    out[row] = negative ? -value : value;
  }
}

/** BOOLEAN as 0 and 1: `true`, `false`, `t` and `f` in lower case here, all other forms the long way. */
export function readBooleanFields(fields: NumberFields): void {
  const { table, column, nulls, out, slow } = fields;
  const { buffer, starts, ends, columnCount, rowCount } = table;
  for (let row = 0, field = column; row < rowCount; row++, field += columnCount) {
    if (nulls[row] === 1) continue;
    const start = starts[field]!;
    const length = ends[field]! - start;
    const first = buffer[start];
    if (length === 1 && (first === 116 || first === 102)) out[row] = first === 116 ? 1 : 0;
    else if (length === 4 && first === 116 && isWord(buffer, start, TRUE)) out[row] = 1;
    else if (length === 5 && first === 102 && isWord(buffer, start, FALSE)) out[row] = 0;
    else out[row] = slow(row);
  }
}

const TRUE = Uint8Array.from("true", (letter) => letter.charCodeAt(0));
const FALSE = Uint8Array.from("false", (letter) => letter.charCodeAt(0));

function isWord(buffer: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (buffer[start + i] !== word[i]) return false;
  return true;
}
