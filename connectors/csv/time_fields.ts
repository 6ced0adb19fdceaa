/**
 * Fields to dates and timestamps: ISO forms by the byte, all others through `slow`.
 *
 * Neighbouring rows tend to share year and month, so the day number of a month's beginning is kept.
 *
 * @module
 */
import { daysFromCivil, daysInMonth, MICROS_PER_DAY } from "../../src/query/functions/calendar.ts";
import type { NumberFields } from "./number_fields.ts";

const ZERO = 48;
const MINUS = 45;
const COLON = 58;
const POINT = 46;
const SPACE = 32;
const LETTER_T = 84;
const LETTER_Z = 90;
const MICRO_POWERS = Float64Array.of(1e6, 1e5, 1e4, 1e3, 100, 10, 1);

/** The month whose beginning is known. */
interface MonthMemo {
  key: number;
  firstDay: number;
  days: number;
}

function newMemo(): MonthMemo {
  return { key: -1, firstDay: 0, days: 0 };
}

/** DATE as days since 1970-01-01. */
export function readDateFields(fields: NumberFields): void {
  const { table, column, nulls, out, slow } = fields;
  const { buffer, starts, ends, columnCount, rowCount } = table;
  const memo = newMemo();
  for (let row = 0, field = column; row < rowCount; row++, field += columnCount) {
    if (nulls[row] === 1) continue;
    const start = starts[field]!;
    const day = ends[field]! - start === 10 ? dayAt(buffer, start, memo) : NaN;
    out[row] = Number.isNaN(day) ? slow(row) : day;
  }
}

/** TIMESTAMP, and TIMESTAMP WITH TIME ZONE when `zoned`, as microseconds since 1970-01-01. */
export function readTimestampFields(fields: NumberFields, zoned: boolean): void {
  const { table, column, nulls, out, slow } = fields;
  const { buffer, starts, ends, columnCount, rowCount } = table;
  const memo = newMemo();
  for (let row = 0, field = column; row < rowCount; row++, field += columnCount) {
    if (nulls[row] === 1) continue;
    const start = starts[field]!;
    let end = ends[field]!;
    if (zoned) {
      // Only UTC is read here; offsets and local times go the long way.
      if (buffer[end - 1] === LETTER_Z) end--;
      else end = start;
    }
    const micros = timestampAt(buffer, start, end, memo);
    out[row] = Number.isNaN(micros) ? slow(row) : micros;
  }
}

/** Two digits, or NaN. */
function pairAt(buffer: Uint8Array, at: number): number {
  const tens = buffer[at]! - ZERO;
  const ones = buffer[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

/** The day of `YYYY-MM-DD` at `at`, or NaN. */
function dayAt(buffer: Uint8Array, at: number, memo: MonthMemo): number {
  if (buffer[at + 4] !== MINUS || buffer[at + 7] !== MINUS) return NaN;
  const year = pairAt(buffer, at) * 100 + pairAt(buffer, at + 2);
  const month = pairAt(buffer, at + 5);
  const day = pairAt(buffer, at + 8);
  const key = year * 12 + month;
  if (key !== memo.key) {
    if (!(year >= 1 && month >= 1 && month <= 12)) return NaN;
    memo.key = key;
    memo.firstDay = daysFromCivil(year, month, 1);
    memo.days = daysInMonth(year, month);
  }
  return day >= 1 && day <= memo.days ? memo.firstDay + day - 1 : NaN;
}

/** The microseconds of `YYYY-MM-DD[ HH:MM[:SS[.f]]]`, or NaN. */
function timestampAt(buffer: Uint8Array, start: number, end: number, memo: MonthMemo): number {
  const length = end - start;
  if (length < 10) return NaN;
  const day = dayAt(buffer, start, memo);
  if (length === 10) return day * MICROS_PER_DAY;
  const separator = buffer[start + 10];
  if (length < 16 || (separator !== SPACE && separator !== LETTER_T) || buffer[start + 13] !== COLON) {
    return NaN;
  }
  const hour = pairAt(buffer, start + 11);
  const minute = pairAt(buffer, start + 14);
  let second = 0;
  let fraction = 0;
  if (length > 16) {
    if (length < 19 || buffer[start + 16] !== COLON) return NaN;
    second = pairAt(buffer, start + 17);
    if (length > 19) {
      if (buffer[start + 19] !== POINT) return NaN;
      fraction = fractionAt(buffer, start + 20, end);
    }
  }
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return NaN;
  return day * MICROS_PER_DAY + (hour * 3600 + minute * 60 + second) * 1e6 + fraction;
}

/** One to six digits after the point as microseconds, or NaN. */
function fractionAt(buffer: Uint8Array, from: number, to: number): number {
  const digits = to - from;
  if (digits < 1 || digits > 6) return NaN;
  let value = 0;
  for (let p = from; p < to; p++) {
    const digit = buffer[p]! - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value * MICRO_POWERS[digits]!;
}
