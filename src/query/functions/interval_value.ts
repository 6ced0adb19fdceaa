/**
 * Arithmetic of intervals: months, days and microseconds that do not mix.
 *
 * Comparison counts 30 days a month and 24 hours a day, as PostgreSQL does, with exact integers.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { Interval } from "../../storage/sql_type.ts";
import { MICROS_PER_DAY } from "./calendar.ts";
import { numericOverflow } from "./numeric_value.ts";

/** No time at all. */
export const ZERO_INTERVAL: Interval = Object.freeze({ months: 0, days: 0, micros: 0 });

function checkedPart(value: number): number {
  if (!(value >= -2147483648 && value <= 2147483647)) throw numericOverflow(value, "INTERVAL");
  return value + 0;
}

/** An interval whose parts are checked: 32 bits for months and days, safe integers for microseconds. */
export function intervalOf(months: number, days: number, micros: number): Interval {
  if (!Number.isSafeInteger(micros)) {
    throw new QueryError("numeric-overflow", `Interval out of range: received ${micros} microseconds`, {
      details: { micros },
      hint: "keep hours, minutes and seconds within 285 years, or use days and months",
    });
  }
  return { months: checkedPart(months), days: checkedPart(days), micros: micros + 0 };
}

/** The sum, part by part. */
export function addIntervals(a: Interval, b: Interval): Interval {
  return intervalOf(a.months + b.months, a.days + b.days, a.micros + b.micros);
}

/** The negative, part by part. */
export function negateInterval(a: Interval): Interval {
  return intervalOf(0 - a.months, 0 - a.days, 0 - a.micros);
}

/** The difference, part by part. */
export function subtractIntervals(a: Interval, b: Interval): Interval {
  return intervalOf(a.months - b.months, a.days - b.days, a.micros - b.micros);
}

/** Rounds half to even, as C's `rint`. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Rounds to microseconds, to hide the noise of binary fractions. */
function toMicroPrecision(value: number): number {
  return roundHalfEven(value * 1e6) / 1e6;
}

/** The interval times a factor; fractions of months become days of 30, fractions of days become time. */
export function multiplyInterval(interval: Interval, factor: number): Interval {
  return spread(interval, (part) => part * factor, factor);
}

/** The interval divided by a nonzero divisor. */
export function divideInterval(interval: Interval, divisor: number): Interval {
  return spread(interval, (part) => part / divisor, divisor);
}

function spread(interval: Interval, apply: (part: number) => number, by: number): Interval {
  if (!Number.isFinite(by)) throw numericOverflow(by, "INTERVAL");
  const exactMonths = apply(interval.months);
  const months = Math.trunc(exactMonths);
  const exactDays = apply(interval.days);
  let days = Math.trunc(exactDays);
  const monthDays = toMicroPrecision((exactMonths - months) * 30);
  let seconds = toMicroPrecision(
    (exactDays - days + monthDays - Math.trunc(monthDays)) * 86400,
  );
  // Rounding can carry a full day out of the seconds.
  if (Math.abs(seconds) >= 86400) {
    days += Math.trunc(seconds / 86400);
    seconds -= Math.trunc(seconds / 86400) * 86400;
  }
  days += Math.trunc(monthDays);
  return intervalOf(months, days, roundHalfEven(apply(interval.micros) + seconds * 1e6));
}

/** The length that comparison uses: whole days of 24 hours (30 a month), and the rest. */
function comparable(interval: Interval): { days: number; micros: number } {
  const rest = interval.micros % MICROS_PER_DAY;
  const carried = (interval.micros - rest) / MICROS_PER_DAY - (rest < 0 ? 1 : 0);
  return {
    days: interval.months * 30 + interval.days + carried,
    micros: rest < 0 ? rest + MICROS_PER_DAY : rest,
  };
}

/** Order by length: negative, 0 or positive. */
export function compareIntervals(a: Interval, b: Interval): number {
  const left = comparable(a);
  const right = comparable(b);
  return left.days - right.days || left.micros - right.micros;
}

/** One key for all intervals that compare as equal: their length in microseconds. */
export function intervalKey(interval: Interval): number | bigint {
  const { days, micros } = comparable(interval);
  const total = days * MICROS_PER_DAY + micros;
  return Number.isSafeInteger(total) ? total : BigInt(days) * BigInt(MICROS_PER_DAY) + BigInt(micros);
}

/** Turns each 24 hours into a day. */
export function justifyHours(interval: Interval): Interval {
  const whole = Math.trunc(interval.micros / MICROS_PER_DAY);
  return sameSignDays(interval.months, interval.days + whole, interval.micros - whole * MICROS_PER_DAY);
}

function sameSignDays(months: number, days: number, micros: number): Interval {
  if (days > 0 && micros < 0) return intervalOf(months, days - 1, micros + MICROS_PER_DAY);
  if (days < 0 && micros > 0) return intervalOf(months, days + 1, micros - MICROS_PER_DAY);
  return intervalOf(months, days, micros);
}

/** Turns each 30 days into a month. */
export function justifyDays(interval: Interval): Interval {
  const whole = Math.trunc(interval.days / 30);
  let months = interval.months + whole;
  let days = interval.days - whole * 30;
  if (months > 0 && days < 0) {
    days += 30;
    months--;
  } else if (months < 0 && days > 0) {
    days -= 30;
    months++;
  }
  return intervalOf(months, days, interval.micros);
}

/** Both of {@linkcode justifyHours} and {@linkcode justifyDays}, and one sign for all parts. */
export function justifyInterval(interval: Interval): Interval {
  const wholeDays = Math.trunc(interval.micros / MICROS_PER_DAY);
  let micros = interval.micros - wholeDays * MICROS_PER_DAY;
  let days = interval.days + wholeDays;
  const wholeMonths = Math.trunc(days / 30);
  let months = interval.months + wholeMonths;
  days -= wholeMonths * 30;
  if (months > 0 && (days < 0 || (days === 0 && micros < 0))) {
    days += 30;
    months--;
  } else if (months < 0 && (days > 0 || (days === 0 && micros > 0))) {
    days -= 30;
    months++;
  }
  if (days > 0 && micros < 0) {
    micros += MICROS_PER_DAY;
    days--;
  } else if (days < 0 && micros > 0) {
    micros -= MICROS_PER_DAY;
    days++;
  }
  return intervalOf(months, days, micros);
}
