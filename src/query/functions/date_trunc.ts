/**
 * Cutting timestamps to a unit, and into bins.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { Interval } from "../../storage/sql_type.ts";
import {
  civilFromDays,
  daysFromCivil,
  daysOfMicros,
  isoWeek,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  microsOf,
  microsOfDay,
  startOfIsoWeek,
  startOfIsoYear,
} from "./calendar.ts";
import type { DateField } from "./date_parts.ts";
import { intervalOf } from "./interval_value.ts";
import { localFromUtc, type TimeZone, utcFromLocal } from "./time_zone.ts";

function unsupported(field: DateField): QueryError {
  return new QueryError("invalid-value", `Cannot truncate to ${field}`, {
    details: { field },
    hint: "truncate to year, quarter, month, week, day, hour, minute or second",
  });
}

const TIME_UNITS: Readonly<Partial<Record<DateField, number>>> = {
  microseconds: 1,
  milliseconds: 1000,
  second: MICROS_PER_SECOND,
  minute: MICROS_PER_MINUTE,
  hour: MICROS_PER_HOUR,
};

/** First year of the decade, century or millennium; centuries start with year 1. */
function startYear(year: number, field: "decade" | "century" | "millennium"): number {
  if (field === "decade") return Math.floor(year / 10) * 10;
  const length = field === "century" ? 100 : 1000;
  return Math.floor((year - 1) / length) * length + 1;
}

/** The first day of the unit that contains the day; the unit is a day or longer. */
export function truncateDays(field: DateField, days: number): number {
  const { year, month } = civilFromDays(days);
  switch (field) {
    case "day":
      return days;
    case "week":
      return startOfIsoWeek(days);
    case "month":
      return daysFromCivil(year, month, 1);
    case "quarter":
      return daysFromCivil(year, month - (month - 1) % 3, 1);
    case "year":
      return daysFromCivil(year, 1, 1);
    case "isoyear":
      return startOfIsoYear(isoWeek(days).year);
    case "decade":
    case "century":
    case "millennium":
      return daysFromCivil(startYear(year, field), 1, 1);
    default:
      throw unsupported(field);
  }
}

/** The start of the unit that contains the timestamp. */
export function truncateTimestamp(field: DateField, timestamp: number): number {
  const unit = TIME_UNITS[field];
  const days = daysOfMicros(timestamp);
  if (unit === undefined) return microsOf(truncateDays(field, days), 0);
  const micros = microsOfDay(timestamp);
  return microsOf(days, micros - micros % unit);
}

/** The start of the unit in local time. */
export function truncateTimestamptz(field: DateField, timestamp: number, zone: TimeZone): number {
  const local = localFromUtc(timestamp, zone);
  const start = truncateTimestamp(field, local);
  // Within a day the offset stays, so that the repeated hour is kept apart.
  return TIME_UNITS[field] === undefined ? utcFromLocal(start, zone) : timestamp - (local - start);
}

/** The interval without the parts that are smaller than the unit. */
export function truncateInterval(field: DateField, value: Interval): Interval {
  const unit = TIME_UNITS[field];
  if (unit !== undefined) {
    return intervalOf(value.months, value.days, Math.trunc(value.micros / unit) * unit);
  }
  const months: Readonly<Partial<Record<DateField, number>>> = {
    month: 1,
    quarter: 3,
    year: 12,
    decade: 120,
    century: 1200,
    millennium: 12000,
  };
  if (field === "day") return intervalOf(value.months, value.days, 0);
  const length = months[field];
  if (length === undefined) throw unsupported(field);
  return intervalOf(Math.trunc(value.months / length) * length, 0, 0);
}

/** The start of the bin of a fixed length, counted from `origin`, that contains the timestamp. */
export function binTimestamp(stride: Interval, timestamp: number, origin: number): number {
  if (stride.months !== 0) {
    throw new QueryError("invalid-value", "Bins cannot be months or years: their length varies", {
      hint: "use date_trunc, or time_bucket",
    });
  }
  const length = stride.days * MICROS_PER_DAY + stride.micros;
  if (length <= 0) {
    throw new QueryError("invalid-value", `Bin length must be positive: received ${length} microseconds`, {
      hint: "use an interval such as '15 minutes'",
    });
  }
  const rest = (timestamp - origin) % length;
  return timestamp - (rest < 0 ? rest + length : rest);
}

/** As {@linkcode binTimestamp}, and for whole months counted from the origin's month. */
export function bucketTimestamp(stride: Interval, timestamp: number, origin: number): number {
  if (stride.months === 0) return binTimestamp(stride, timestamp, origin);
  if (stride.months < 0 || stride.days !== 0 || stride.micros !== 0) {
    throw new QueryError("invalid-value", "Bucket width must be whole months or a fixed time, and positive", {
      hint: "use an interval such as '3 months' or '15 minutes'",
    });
  }
  const at = civilFromDays(daysOfMicros(timestamp));
  const from = civilFromDays(daysOfMicros(origin));
  const months = at.year * 12 + at.month - (from.year * 12 + from.month);
  const start = Math.floor(months / stride.months) * stride.months + from.year * 12 + from.month - 1;
  const year = Math.floor(start / 12);
  return microsOf(daysFromCivil(year, start - year * 12 + 1, 1), 0);
}
