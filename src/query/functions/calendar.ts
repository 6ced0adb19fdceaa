/**
 * The proleptic Gregorian calendar in whole days and microseconds since 1970-01-01.
 *
 * Years are astronomical: year 0 is 1 BC. Conversions between day numbers and civil dates follow Howard
 * Hinnant's algorithms: the year starts in March, so that the leap day is its last, and 400-year eras of
 * 146,097 days make the arithmetic O(1) without tables.
 *
 * Timestamps are microseconds in one double, exact for every microsecond between the years 1684 and 2255
 * and for every whole second of the range; what would have to be rounded is refused.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";

/** Microseconds of a second. */
export const MICROS_PER_SECOND: number = 1_000_000;
/** Microseconds of a minute. */
export const MICROS_PER_MINUTE: number = 60_000_000;
/** Microseconds of an hour. */
export const MICROS_PER_HOUR: number = 3_600_000_000;
/** Microseconds of a day of 24 hours. */
export const MICROS_PER_DAY: number = 86_400_000_000;

/** Day number of 4714-11-24 BC, the first date: day 0 of the Julian period. */
export const MIN_DAYS = -2440588;
/** Day number of 5874897-12-31, the last date. */
export const MAX_DAYS = 2145042905;
/** Day number of 294276-12-31, the last day of a timestamp. */
export const MAX_TIMESTAMP_DAYS = 106762939;

/** A date by its fields. */
export interface CivilDate {
  /** Astronomical: 0 is 1 BC. */
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

/** Days since 1970-01-01 of a civil date; months beyond 1..12 are not carried. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

/** The civil date of a day number. */
export function civilFromDays(days: number): CivilDate {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

/** Whether the astronomical year has 366 days. */
export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Number of days of the month. */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : DAYS_IN_MONTH[month - 1]!;
}

/** Day of the week: 0 is Sunday, 6 is Saturday. */
export function dayOfWeek(days: number): number {
  return ((days + 4) % 7 + 7) % 7;
}

/** Day of the week as ISO 8601 counts: 1 is Monday, 7 is Sunday. */
export function isoDayOfWeek(days: number): number {
  return dayOfWeek(days) || 7;
}

/** Day of the year from 1. */
export function dayOfYear(days: number): number {
  return days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1;
}

/** The Monday on or before the day. */
export function startOfIsoWeek(days: number): number {
  return days - isoDayOfWeek(days) + 1;
}

/** Day number of the Monday of week 1 of an ISO year: the week that contains January 4. */
export function startOfIsoYear(isoYear: number): number {
  return startOfIsoWeek(daysFromCivil(isoYear, 1, 4));
}

/** ISO 8601 week: the year that the week belongs to, and its number from 1. */
export function isoWeek(days: number): { readonly year: number; readonly week: number } {
  const thursday = startOfIsoWeek(days) + 3;
  const year = civilFromDays(thursday).year;
  return { year, week: Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1 };
}

/** Day number on or after which the Julian day is 0, for `julian`. */
export const JULIAN_DAY_OF_EPOCH = 2440588;

/** The day that a timestamp falls on. */
export function daysOfMicros(micros: number): number {
  // The remainder is exact, so the division is too, even beyond safe integers.
  const rest = micros % MICROS_PER_DAY;
  const days = (micros - rest) / MICROS_PER_DAY;
  return rest < 0 ? days - 1 : days;
}

/** Microseconds since midnight of a timestamp. */
export function microsOfDay(micros: number): number {
  const rest = micros % MICROS_PER_DAY;
  return rest < 0 ? rest + MICROS_PER_DAY : rest + 0;
}

/** The error for a date or timestamp that the type cannot hold. */
export function dateOutOfRange(what: string, received: unknown): QueryError {
  return new QueryError("invalid-value", `${what} out of range: received ${String(received)}`, {
    details: { value: String(received) },
    hint: "dates reach from 4713 BC to 5874897 and timestamps to 294276",
  });
}

/** Checks the range of a day number. */
export function checkedDays(days: number): number {
  if (!(days >= MIN_DAYS && days <= MAX_DAYS)) throw dateOutOfRange("Date", days);
  return days;
}

/** A timestamp from a day and microseconds, which may exceed a day; exact or refused. */
export function microsOf(days: number, micros: number): number {
  const result = days * MICROS_PER_DAY + micros;
  if (Number.isSafeInteger(result)) return result + 0;
  return exactMicros(BigInt(days) * BigInt(MICROS_PER_DAY) + BigInt(micros));
}

/** A timestamp as a double; refused when out of range or when the double would round it. */
export function exactMicros(value: bigint): number {
  const days = value / BigInt(MICROS_PER_DAY);
  if (days < BigInt(MIN_DAYS) || days > BigInt(MAX_TIMESTAMP_DAYS)) throw dateOutOfRange("Timestamp", value);
  const result = Number(value);
  if (BigInt(result) !== value) {
    throw new QueryError(
      "invalid-value",
      `Timestamp cannot keep its microseconds: received ${value} microseconds since 1970`,
      {
        details: { value: value.toString() },
        hint: "outside of the years 1684 to 2255 use whole seconds",
      },
    );
  }
  return result;
}

/** Sum of a timestamp and microseconds; exact or refused. */
export function addMicros(timestamp: number, micros: number): number {
  const result = timestamp + micros;
  if (Number.isSafeInteger(result)) return result;
  return exactMicros(BigInt(timestamp) + BigInt(micros));
}

/** All fields of a timestamp. */
export interface TimestampFields extends CivilDate {
  /** Days since 1970-01-01. */
  readonly days: number;
  /** 0 to 23. */
  readonly hour: number;
  /** 0 to 59. */
  readonly minute: number;
  /** 0 to 59. */
  readonly second: number;
  /** Microseconds of the second. */
  readonly micros: number;
}

/** Splits a timestamp into fields. */
export function fieldsOfMicros(timestamp: number): TimestampFields {
  const days = daysOfMicros(timestamp);
  const { year, month, day } = civilFromDays(days);
  return { days, year, month, day, ...fieldsOfTime(microsOfDay(timestamp)) };
}

/** Splits microseconds since midnight. */
export function fieldsOfTime(
  micros: number,
): { hour: number; minute: number; second: number; micros: number } {
  return {
    hour: Math.floor(micros / MICROS_PER_HOUR),
    minute: Math.floor(micros / MICROS_PER_MINUTE) % 60,
    second: Math.floor(micros / MICROS_PER_SECOND) % 60,
    micros: micros % MICROS_PER_SECOND,
  };
}

/** The date `months` later, on the same day or the last day of a shorter month. */
export function addMonths(days: number, months: number): number {
  const { year, month, day } = civilFromDays(days);
  const total = year * 12 + (month - 1) + months;
  const newYear = Math.floor(total / 12);
  const newMonth = total - newYear * 12 + 1;
  return checkedDays(daysFromCivil(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth))));
}
