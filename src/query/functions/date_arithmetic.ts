/**
 * Dates, times and timestamps plus and minus intervals and each other.
 *
 * Adding an interval adds months first (the last day of a shorter month where needed), then days, then
 * microseconds. On TIMESTAMP WITH TIME ZONE months and days move in the session's zone, so that a day may
 * have 23 or 25 hours.
 *
 * @module
 */
import type { Interval } from "../../storage/sql_type.ts";
import {
  addMicros,
  addMonths,
  checkedDays,
  daysInMonth,
  daysOfMicros,
  fieldsOfMicros,
  MICROS_PER_DAY,
  microsOf,
  microsOfDay,
} from "./calendar.ts";
import { intervalOf, justifyHours, negateInterval } from "./interval_value.ts";
import { localFromUtc, type TimeZone, utcFromLocal } from "./time_zone.ts";

/** timestamp + interval. */
export function addToTimestamp(timestamp: number, interval: Interval): number {
  let result = timestamp;
  if (interval.months !== 0 || interval.days !== 0) {
    let days = daysOfMicros(timestamp);
    if (interval.months !== 0) days = addMonths(days, interval.months);
    result = microsOf(days + interval.days, microsOfDay(timestamp));
  }
  return addMicros(result, interval.micros);
}

/** timestamptz + interval: months and days in local time, the rest on the time line. */
export function addToTimestamptz(timestamp: number, interval: Interval, zone: TimeZone): number {
  let result = timestamp;
  if (interval.months !== 0) {
    const local = localFromUtc(result, zone);
    result = utcFromLocal(
      microsOf(addMonths(daysOfMicros(local), interval.months), microsOfDay(local)),
      zone,
    );
  }
  if (interval.days !== 0) {
    const local = localFromUtc(result, zone);
    result = utcFromLocal(microsOf(daysOfMicros(local) + interval.days, microsOfDay(local)), zone);
  }
  return addMicros(result, interval.micros);
}

/** date + days. */
export function addDays(days: number, count: number): number {
  return checkedDays(days + count);
}

/** time + interval, around the clock. Months and days do not matter. */
export function addToTime(time: number, interval: Interval): number {
  const sum = (time + interval.micros % MICROS_PER_DAY) % MICROS_PER_DAY;
  return sum < 0 ? sum + MICROS_PER_DAY : sum;
}

/** timestamp - timestamp: days of 24 hours, and the rest. */
export function subtractTimestamps(a: number, b: number): Interval {
  const difference = a - b;
  if (Number.isSafeInteger(difference)) return justifyHours(intervalOf(0, 0, difference));
  const days = daysOfMicros(a) - daysOfMicros(b);
  const micros = microsOfDay(a) - microsOfDay(b);
  return justifyHours(intervalOf(0, days, micros));
}

/** age(a, b): the difference in years, months, days and time as a calendar counts them. */
export function age(a: number, b: number): Interval {
  if (a < b) return negateInterval(age(b, a));
  const later = fieldsOfMicros(a);
  const earlier = fieldsOfMicros(b);
  let micros = microsOfDay(a) - microsOfDay(b);
  let days = later.day - earlier.day;
  let months = later.year * 12 + later.month - (earlier.year * 12 + earlier.month);
  if (micros < 0) {
    micros += MICROS_PER_DAY;
    days--;
  }
  if (days < 0) {
    // Borrow the length of the earlier date's month, as PostgreSQL does.
    days += daysInMonth(earlier.year, earlier.month);
    months--;
  }
  return intervalOf(months, days, micros);
}
