/**
 * EXTRACT and DATE_PART: one field of a date, time, timestamp or interval.
 *
 * EXTRACT gives NUMERIC: seconds and epochs with six digits after the point, milliseconds with three.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { Interval, Numeric, SqlType } from "../../storage/sql_type.ts";
import { typeName } from "../../storage/sql_type.ts";
import {
  civilFromDays,
  dayOfWeek,
  dayOfYear,
  daysOfMicros,
  fieldsOfTime,
  isoDayOfWeek,
  isoWeek,
  JULIAN_DAY_OF_EPOCH,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  microsOfDay,
} from "./calendar.ts";
import { addNumeric, divideNumeric, numericFromWhole, numericOf } from "./numeric_value.ts";

/** Canonical names of the fields. */
export type DateField =
  | "microseconds"
  | "milliseconds"
  | "second"
  | "minute"
  | "hour"
  | "day"
  | "week"
  | "month"
  | "quarter"
  | "year"
  | "decade"
  | "century"
  | "millennium"
  | "dow"
  | "isodow"
  | "doy"
  | "isoyear"
  | "julian"
  | "epoch"
  | "timezone"
  | "timezone_hour"
  | "timezone_minute";

const FIELD_NAMES: ReadonlyMap<string, DateField> = new Map<string, DateField>(
  ([
    ["microseconds", "microseconds microsecond us usec usecs usecond useconds microsec microsecs"],
    ["milliseconds", "milliseconds millisecond ms msec msecs msecond mseconds millisec"],
    ["second", "second seconds s sec secs"],
    ["minute", "minute minutes m min mins mi"],
    ["hour", "hour hours h hr hrs hh"],
    ["day", "day days d dd dayofmonth"],
    ["week", "week weeks w wk weekofyear weekiso week_iso"],
    ["month", "month months mon mons mm"],
    ["quarter", "quarter quarters q qtr qtrs"],
    ["year", "year years y yr yrs yy yyyy"],
    ["decade", "decade decades dec decs"],
    ["century", "century centuries c cent"],
    ["millennium", "millennium millennia mil mils millenniums"],
    ["dow", "dow dayofweek weekday dw"],
    ["isodow", "isodow dayofweekiso dayofweek_iso"],
    ["doy", "doy dayofyear"],
    ["isoyear", "isoyear yearofweekiso yearofweek"],
    ["julian", "julian j"],
    ["epoch", "epoch epoch_second epoch_seconds"],
    ["timezone", "timezone"],
    ["timezone_hour", "timezone_hour timezone_h"],
    ["timezone_minute", "timezone_minute timezone_m"],
  ] as const).flatMap(([field, names]) => names.split(" ").map((name): [string, DateField] => [name, field])),
);

/** The field that a word names in any of its spellings, or undefined. */
export function fieldOf(name: string): DateField | undefined {
  return FIELD_NAMES.get(name.trim().toLowerCase());
}

/** As {@linkcode fieldOf}, but an unknown name is an error. */
export function requiredField(name: string): DateField {
  const field = fieldOf(name);
  if (field === undefined) {
    throw new QueryError("invalid-value", `Unknown date field: received ${JSON.stringify(name)}`, {
      details: { field: name },
      hint: "fields are year, quarter, month, week, day, hour, minute, second, dow, doy, epoch and the like",
    });
  }
  return field;
}

function unsupported(field: DateField, type: SqlType): QueryError {
  return new QueryError("invalid-value", `Field ${field} is not supported for ${typeName(type)}`, {
    details: { field, type: typeName(type) },
    hint: "cast the value to a type that has this field",
  });
}

/** Years before 1 count -1, -2, ... as BC. */
function shownYear(year: number): number {
  return year > 0 ? year : year - 1;
}

function centuryOf(year: number, length: number): number {
  const shown = shownYear(year);
  return shown > 0 ? Math.floor((shown + length - 1) / length) : -Math.floor((length - 1 - shown) / length);
}

/** A field of a day, as a whole number; undefined for fields of a time. */
export function dayField(field: DateField, days: number): number | undefined {
  const date = civilFromDays(days);
  switch (field) {
    case "day":
      return date.day;
    case "week":
      return isoWeek(days).week;
    case "month":
      return date.month;
    case "quarter":
      return Math.floor((date.month + 2) / 3);
    case "year":
      return shownYear(date.year);
    case "decade":
      return Math.floor(date.year / 10);
    case "century":
      return centuryOf(date.year, 100);
    case "millennium":
      return centuryOf(date.year, 1000);
    case "dow":
      return dayOfWeek(days);
    case "isodow":
      return isoDayOfWeek(days);
    case "doy":
      return dayOfYear(days);
    case "isoyear":
      return shownYear(isoWeek(days).year);
    default:
      return undefined;
  }
}

function whole(value: number): Numeric {
  return numericFromWhole(value);
}

/** A field of microseconds since midnight; undefined for fields of a day. */
function timeField(field: DateField, micros: number): Numeric | undefined {
  switch (field) {
    case "microseconds":
      return whole(micros % MICROS_PER_MINUTE);
    case "milliseconds":
      return numericOf(BigInt(micros % MICROS_PER_MINUTE), 3);
    case "second":
      return numericOf(BigInt(micros % MICROS_PER_MINUTE), 6);
    case "minute":
      return whole(fieldsOfTime(micros).minute);
    case "hour":
      return whole(fieldsOfTime(micros).hour);
    default:
      return undefined;
  }
}

/** A field of a DATE. */
export function dateField(field: DateField, days: number): Numeric {
  if (field === "julian") return whole(days + JULIAN_DAY_OF_EPOCH);
  if (field === "epoch") return whole(days * 86400);
  const value = dayField(field, days);
  if (value === undefined) throw unsupported(field, { kind: "date" });
  return whole(value);
}

/** A field of a TIME. */
export function timeOfDayField(field: DateField, micros: number): Numeric {
  if (field === "epoch") return numericOf(BigInt(micros), 6);
  const value = timeField(field, micros);
  if (value === undefined) throw unsupported(field, { kind: "time" });
  return value;
}

/** A field of a TIMESTAMP, or of a TIMESTAMP WITH TIME ZONE given with its local time's offset. */
export function timestampField(field: DateField, local: number, offset?: number): Numeric {
  const days = daysOfMicros(local);
  switch (field) {
    case "epoch":
      return numericOf(BigInt(local) - BigInt(offset ?? 0), 6);
    case "julian":
      return addNumeric(
        whole(days + JULIAN_DAY_OF_EPOCH),
        divideNumeric(numericFromWhole(microsOfDay(local)), numericFromWhole(MICROS_PER_DAY)),
      );
    case "timezone":
      if (offset !== undefined) return whole(offset / MICROS_PER_SECOND);
      break;
    case "timezone_hour":
      if (offset !== undefined) return whole(Math.trunc(offset / MICROS_PER_HOUR));
      break;
    case "timezone_minute":
      if (offset !== undefined) return whole(Math.trunc(offset / MICROS_PER_MINUTE) % 60);
      break;
    default: {
      const value = dayField(field, days);
      const result = value === undefined ? timeField(field, microsOfDay(local)) : whole(value);
      if (result !== undefined) return result;
    }
  }
  throw unsupported(field, { kind: offset === undefined ? "timestamp" : "timestamptz" });
}

/** A field of an INTERVAL. */
export function intervalField(field: DateField, value: Interval): Numeric {
  const years = Math.trunc(value.months / 12);
  const { micros } = value;
  switch (field) {
    case "day":
      return whole(value.days);
    case "week":
      return whole(Math.trunc(value.days / 7));
    case "month":
      return whole(value.months % 12 + 0);
    case "quarter":
      return whole(
        value.months >= 0
          ? Math.trunc((value.months % 12) / 3) + 1
          : -(Math.trunc((-value.months % 12) / 3) + 1),
      );
    case "year":
      return whole(years);
    case "decade":
      return whole(Math.trunc(years / 10));
    case "century":
      return whole(Math.trunc(years / 100));
    case "millennium":
      return whole(Math.trunc(years / 1000));
    case "hour":
      return whole(Math.trunc(micros / MICROS_PER_HOUR));
    case "minute":
      return whole(Math.trunc(micros / MICROS_PER_MINUTE) % 60);
    case "epoch": {
      // A year counts 365.25 days here, a month 30.
      const seconds = years * 31557600 + (value.months % 12) * 2592000 + value.days * 86400;
      return numericOf(BigInt(seconds) * 1000000n + BigInt(micros), 6);
    }
    default: {
      const size = timeField(field, Math.abs(micros));
      if (size === undefined) throw unsupported(field, { kind: "interval" });
      return micros < 0 ? numericOf(-size.coefficient, size.scale) : size;
    }
  }
}
