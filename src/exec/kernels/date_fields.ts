/**
 * Fields and starts of units of timestamps, a chunk at a time.
 *
 * Timestamps are microseconds in doubles. Within {@linkcode MICROS_MAX} of 1970 every product of a day number
 * and the length of a day is a safe integer, so a rounded quotient is put right by one comparison; kernels
 * refuse chunks that reach further, and those go row by row. Day numbers in that range fit 32 bits. O(n).
 *
 * @module
 */
import {
  dayOfWeek,
  isoDayOfWeek,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
} from "../../query/functions/calendar.ts";
import { type DateField, dayField } from "../../query/functions/date_parts.ts";
import { truncateDays } from "../../query/functions/date_trunc.ts";
import { type TimeZone, utcFromLocal } from "../../query/functions/time_zone.ts";

/** Bound of what kernels take: 2^53 with more than a year to spare, in the years 1688 to 2251. */
export const MICROS_MAX = 8.9e15;

/** Days since 1970 of `values`; false when a value is out of the kernels' range. */
export function daysOfTimestamps(values: Float64Array, size: number, out: Int32Array): boolean {
  for (let i = 0; i < size; i++) {
    const value = values[i]!;
    if (!(value >= -MICROS_MAX && value <= MICROS_MAX)) return false;
    const day = Math.floor(value / MICROS_PER_DAY);
    out[i] = day * MICROS_PER_DAY > value ? day - 1 : day;
  }
  return true;
}

/** Local times of instants. */
export function localTimestamps(values: Float64Array, size: number, zone: TimeZone, out: Float64Array): void {
  for (let i = 0; i < size; i++) out[i] = values[i]! + zone.offsetAt(values[i]!);
}

/** Instants of local times, in place. */
export function instantsOfLocal(values: Float64Array, size: number, zone: TimeZone): void {
  for (let i = 0; i < size; i++) values[i] = utcFromLocal(values[i]!, zone);
}

/** Instants of `starts`, which lie in the day of `local`: within it the offset stays. */
export function shiftBack(
  instants: Float64Array,
  local: Float64Array,
  size: number,
  starts: Float64Array,
): void {
  for (let i = 0; i < size; i++) starts[i] = instants[i]! - (local[i]! - starts[i]!);
}

/** Microseconds since midnight; `days` are those of `values`. */
export function timesOfTimestamps(
  values: Float64Array,
  days: Int32Array,
  size: number,
  out: Float64Array,
): void {
  for (let i = 0; i < size; i++) out[i] = values[i]! - days[i]! * MICROS_PER_DAY;
}

/** Fields that {@linkcode wholeTimeFields} computes. */
export type WholeTimeField = "hour" | "minute" | "microseconds";

/** A field of times of day. */
export function wholeTimeFields(
  field: WholeTimeField,
  times: Float64Array,
  size: number,
  out: Int32Array,
): void {
  switch (field) {
    case "hour":
      for (let i = 0; i < size; i++) out[i] = times[i]! / MICROS_PER_HOUR;
      break;
    case "minute":
      for (let i = 0; i < size; i++) out[i] = Math.floor(times[i]! / MICROS_PER_MINUTE) % 60;
      break;
    default:
      for (let i = 0; i < size; i++) out[i] = times[i]! % MICROS_PER_MINUTE;
  }
}

/** Seconds of the minute with their fraction, in units of `divisor` microseconds. */
export function fractionalSeconds(
  times: Float64Array,
  size: number,
  divisor: number,
  out: Float64Array,
): void {
  for (let i = 0; i < size; i++) out[i] = times[i]! % MICROS_PER_MINUTE / divisor;
}

/**
 * Civil dates of day numbers, packed: year << 9 | month << 5 | day. As `civilFromDays`, in 32-bit integers; the
 * kernels' range has positive years of at most four digits.
 */
export function packCivilDates(days: Int32Array, size: number, out: Int32Array): void {
  for (let i = 0; i < size; i++) {
    const z = (days[i]! + 719468) | 0;
    const era = (z / 146097) | 0;
    const dayOfEra = (z - era * 146097) | 0;
    const leaps = (((dayOfEra / 36524) | 0) - ((dayOfEra / 1460) | 0) - ((dayOfEra / 146096) | 0)) | 0;
    const yearOfEra = ((dayOfEra + leaps) / 365) | 0;
    const dayOfYear = (dayOfEra - yearOfEra * 365 - (yearOfEra >> 2) + ((yearOfEra / 100) | 0)) | 0;
    const shifted = ((5 * dayOfYear + 2) / 153) | 0;
    const month = shifted < 10 ? shifted + 3 : shifted - 9;
    const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    out[i] = year << 9 | month << 5 | (dayOfYear - (((153 * shifted + 2) / 5) | 0) + 1);
  }
}

/** A field of days that {@linkcode dayField} knows. */
export function dayFields(field: DateField, days: Int32Array, size: number, out: Int32Array): void {
  switch (field) {
    case "year":
      packCivilDates(days, size, out);
      for (let i = 0; i < size; i++) out[i]! >>= 9;
      break;
    case "quarter":
      packCivilDates(days, size, out);
      for (let i = 0; i < size; i++) out[i] = (((out[i]! >> 5 & 15) + 2) / 3) | 0;
      break;
    case "month":
      packCivilDates(days, size, out);
      for (let i = 0; i < size; i++) out[i] = out[i]! >> 5 & 15;
      break;
    case "day":
      packCivilDates(days, size, out);
      for (let i = 0; i < size; i++) out[i]! &= 31;
      break;
    case "dow":
      for (let i = 0; i < size; i++) out[i] = dayOfWeek(days[i]!);
      break;
    case "isodow":
      for (let i = 0; i < size; i++) out[i] = isoDayOfWeek(days[i]!);
      break;
    default:
      for (let i = 0; i < size; i++) out[i] = dayField(field, days[i]!) ?? 0;
  }
}

/** Starts of units of a fixed length that divides a day; false when a value is out of range. */
export function truncateToTime(values: Float64Array, size: number, unit: number, out: Float64Array): boolean {
  for (let i = 0; i < size; i++) {
    const value = values[i]!;
    if (!(value >= -MICROS_MAX && value <= MICROS_MAX)) return false;
    const start = Math.floor(value / unit) * unit;
    out[i] = start > value ? start - unit : start + 0;
  }
  return true;
}

/** Starts of units of days: a day, week, month, quarter, year or ISO year. */
export function truncateToDays(
  field: DateField,
  days: Int32Array,
  size: number,
  out: Float64Array,
  scratch: Int32Array,
): void {
  switch (field) {
    case "day":
      for (let i = 0; i < size; i++) out[i] = days[i]! * MICROS_PER_DAY;
      break;
    case "week":
      for (let i = 0; i < size; i++) out[i] = (days[i]! - isoDayOfWeek(days[i]!) + 1) * MICROS_PER_DAY;
      break;
    case "month":
      packCivilDates(days, size, scratch);
      for (let i = 0; i < size; i++) out[i] = (days[i]! - (scratch[i]! & 31) + 1) * MICROS_PER_DAY;
      break;
    default:
      for (let i = 0; i < size; i++) out[i] = truncateDays(field, days[i]!) * MICROS_PER_DAY;
  }
}
