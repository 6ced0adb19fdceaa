/**
 * Times cut to calendar units, in the zone of the catalogue.
 *
 * An instant is moved to wall time first, so the result is a TIMESTAMP that charts show as it is; DATE and
 * TIMESTAMP are wall times already.
 *
 * @module
 */
import { call, literal, Scalar } from "../../src/query/builder.ts";
import { type SqlType, TIMESTAMP } from "../../src/storage/sql_type.ts";
import type { TimeGranularity } from "./wall_time.ts";

/** Units that `date_trunc` knows. */
export const TIME_UNITS: readonly TimeGranularity[] = [
  "year",
  "quarter",
  "month",
  "week",
  "day",
  "hour",
  "minute",
  "second",
];

/** Type of a time that was cut. */
export const CUT_TYPE: SqlType = TIMESTAMP;

/** `time` as wall time. */
export function wallScalar(time: Scalar, type: SqlType | undefined, timeZone: string): Scalar {
  if (type?.kind !== "timestamptz") return time;
  return new Scalar({ kind: "atTimeZone", argument: time.expression, zone: literal(timeZone).expression });
}

/** The begin of the unit in which `time` lies. */
export function cutScalar(
  time: Scalar,
  unit: TimeGranularity,
  from: { readonly type: SqlType | undefined; readonly timeZone: string },
): Scalar {
  return call("date_trunc", unit, wallScalar(time, from.type, from.timeZone));
}

/** Parts of a time that repeat, with the field of EXTRACT that gives them. */
export const TIME_PARTS: ReadonlyMap<string, string> = new Map([
  ["monthofyear", "month"],
  ["quarterofyear", "quarter"],
  ["weekofyear", "week"],
  ["dayofyear", "doy"],
  ["dayofmonth", "day"],
  ["dayofweek", "isodow"],
  ["hourofday", "hour"],
  ["minuteofhour", "minute"],
]);

/** A part of a time that repeats, as an integer. */
export function partScalar(
  time: Scalar,
  field: string,
  from: { readonly type: SqlType | undefined; readonly timeZone: string },
): Scalar {
  const part = call("date_part", field, wallScalar(time, from.type, from.timeZone));
  return new Scalar({
    kind: "cast",
    argument: part.expression,
    type: { kind: "type", name: "integer", modifiers: [], dimensions: 0 },
    style: "cast",
    tolerant: false,
  });
}

/** Dates of 2012, a leap year, that keep month and day, month, or day. */
export const TIME_CYCLES: ReadonlyMap<string, { readonly month: boolean; readonly day: boolean }> = new Map([
  ["datemonth", { month: true, day: false }],
  ["datemonthday", { month: true, day: true }],
  ["dateday", { month: false, day: true }],
]);

/** A time as date of 2012. */
export function cycleScalar(
  time: Scalar,
  keep: { readonly month: boolean; readonly day: boolean },
  from: { readonly type: SqlType | undefined; readonly timeZone: string },
): Scalar {
  const part = (kept: boolean, field: string) => kept ? partScalar(time, field, from) : literal(1);
  return call("make_date", 2012, part(keep.month, "month"), part(keep.day, "day"));
}
