/**
 * Vega's time units as SQL: a time cut to some of its parts, the others set to those of 2012-01-01.
 *
 * ```
 * yearmonth   2024-05-17 13:45 ─► 2024-05-01 00:00      date_trunc
 * month       2024-05-17 13:45 ─► 2012-05-01 00:00      composed from parts
 * day         Friday           ─► 2012-01-06 00:00      2012 starts with a Sunday
 * ```
 *
 * Times with zone are cut in the zone that is given; DATE and TIMESTAMP have no zone and are cut as they are
 * written. A row costs O(1).
 *
 * @module
 */
import type { Expression } from "../../src/query/ast.ts";
import { call, literal, type Operand, Scalar } from "../../src/query/builder.ts";
import type { SqlType } from "../../src/storage/sql_type.ts";

/** A part of a time, coarsest first. */
export type TimePart =
  | "year"
  | "quarter"
  | "month"
  | "week"
  | "day"
  | "dayofyear"
  | "date"
  | "hours"
  | "minutes"
  | "seconds"
  | "milliseconds";

/** A unit that was read. */
export interface TimeUnit {
  /** Coarsest first. */
  readonly parts: readonly TimePart[];
  /** Cut in UTC instead of local time. */
  readonly utc: boolean;
  /** How many of the finest part make one step. */
  readonly step: number;
}

const PARTS: readonly TimePart[] = [
  "year",
  "quarter",
  "month",
  "week",
  "dayofyear",
  "day",
  "date",
  "hours",
  "minutes",
  "seconds",
  "milliseconds",
];

/** Units that are the start of a part of the calendar, with the name of that part in SQL. */
const TRUNCATIONS: ReadonlyMap<string, string> = new Map([
  ["year", "year"],
  ["year,quarter", "quarter"],
  ["year,month", "month"],
  ["year,quarter,month", "month"],
  ["year,month,date", "day"],
  ["year,dayofyear", "day"],
  ["year,month,date,hours", "hour"],
  ["year,month,date,hours,minutes", "minute"],
  ["year,month,date,hours,minutes,seconds", "second"],
  ["year,month,date,hours,minutes,seconds,milliseconds", "milliseconds"],
]);

/** Year, and weekday of its first day, of times that have no year: 2012 starts with a Sunday. */
const REFERENCE_YEAR = 2012;

/** Reads `yearmonth` or `utcyearmonthdate`; `undefined` when it is no unit. */
export function parseTimeUnit(text: string, step = 1): TimeUnit | undefined {
  const utc = text.startsWith("utc");
  let rest = utc ? text.slice(3) : text;
  const parts: TimePart[] = [];
  for (const part of PARTS) {
    if (!rest.startsWith(part)) continue;
    parts.push(part);
    rest = rest.slice(part.length);
  }
  return rest === "" && parts.length > 0 && Number.isInteger(step) && step >= 1
    ? { parts, utc, step }
    : undefined;
}

/** `value` as a wall clock without zone: of `zone` for types with a zone. */
export function wallClock(value: Scalar, type: SqlType | undefined, zone: string): Scalar {
  switch (type?.kind) {
    case "timestamp":
      return value;
    case "timestamptz":
      return call("timezone", zone, value);
    case "text":
      return cast(value, "timestamp", true);
    case "smallint":
    case "integer":
    case "bigint":
    case "decimal":
    case "numeric":
    case "real":
    case "double":
      return call("timezone", zone, call("to_timestamp", cast(value, "double precision").dividedBy(1000)));
    default:
      return cast(value, "timestamp");
  }
}

/** The part `name` of SQL's date_part, as a whole number. */
export function datePart(name: string, clock: Scalar): Scalar {
  return cast(call("date_part", name, clock), "integer");
}

/**
 * `clock`, a TIMESTAMP, cut to `unit` so that cutting the result once more gives what cutting `clock` gives.
 *
 * Only weeks without year need it, those before the first Sunday: such a week begins in the year before 2012, and
 * has another number there. A day of 2018, which begins with a Monday, stands for it.
 */
export function cutTimeTwice(clock: Scalar, unit: TimeUnit): Scalar {
  const cut = cutTime(clock, unit);
  if (!unit.parts.includes("week") || unit.parts.includes("year")) return cut;
  const weekday = unit.parts.includes("day")
    ? call("greatest", datePart("dow", clock).minus(1), 0)
    : literal(0);
  const time = cast(cut, "time");
  const day = call("make_timestamp", 2018, 1, 1, 0, 0, cast(literal(0), "double precision"))
    .plus(call("make_interval", 0, 0, 0, weekday)).plus(time);
  return new Scalar({
    kind: "case",
    branches: [{ when: weekOfYear(clock).eq(0).expression, then: day.expression }],
    otherwise: cut.expression,
  });
}

/** `clock`, a TIMESTAMP, cut to `unit`. */
export function cutTime(clock: Scalar, unit: TimeUnit): Scalar {
  const truncation = unit.step === 1 ? TRUNCATIONS.get(unit.parts.join()) : undefined;
  if (truncation !== undefined) return call("date_trunc", truncation, clock);
  const has = (part: TimePart) => unit.parts.includes(part);
  const stepped = (part: TimePart, value: Scalar, phase = 0) => {
    if (unit.step === 1 || part !== unit.parts.at(-1)) return value;
    const steps = cast(
      call("floor", cast(value.minus(phase), "double precision").dividedBy(unit.step)),
      "integer",
    );
    return steps.times(unit.step).plus(phase);
  };
  const year = has("year") ? stepped("year", datePart("year", clock)) : undefined;
  const month = has("month")
    ? stepped("month", datePart("month", clock).minus(1))
    : has("quarter")
    ? stepped("quarter", datePart("quarter", clock).minus(1)).times(3)
    : literal(0);
  const day = has("week") && has("day")
    ? stepped("day", dayOfWeek(weekOfYear(clock), datePart("dow", clock), year), 1)
    : has("week")
    ? dayOfWeek(stepped("week", weekOfYear(clock), 1), literal(0), year)
    : has("day")
    ? stepped("day", dayOfWeek(literal(1), datePart("dow", clock), year), 1)
    : has("date")
    ? stepped("date", datePart("day", clock), 1)
    : has("dayofyear")
    ? stepped("dayofyear", datePart("doy", clock), 1)
    : literal(1);
  const millis = datePart("milliseconds", clock);
  const clockPart = (part: TimePart, value: Scalar): Operand => has(part) ? stepped(part, value) : 0;
  const seconds = clockPart("seconds", datePart("second", call("date_trunc", "second", clock)));
  const milliseconds = clockPart("milliseconds", modulo(millis, 1000));
  const offset = call(
    "make_interval",
    0,
    month,
    0,
    0,
    clockPart("hours", datePart("hour", clock)),
    clockPart("minutes", datePart("minute", clock)),
    milliseconds === 0
      ? cast(literalOf(seconds), "double precision")
      : cast(literalOf(seconds), "double precision").plus(
        cast(literalOf(milliseconds), "double precision").dividedBy(1000),
      ),
  );
  const days = call("make_interval", 0, 0, 0, literalOf(day).minus(1));
  return call("make_timestamp", year ?? REFERENCE_YEAR, 1, 1, 0, 0, cast(literal(0), "double precision"))
    .plus(offset).plus(days);
}

/** Weeks since the first Sunday of the year, which begins week 1. */
export function weekOfYear(clock: Scalar): Scalar {
  const first = firstWeekday(datePart("year", clock));
  const days = datePart("doy", clock).minus(1).plus(first);
  const startsOnSunday = new Scalar({
    kind: "case",
    branches: [{ when: first.eq(0).expression, then: literal(1).expression }],
    otherwise: literal(0).expression,
  });
  return days.dividedBy(7).plus(startsOnSunday);
}

/** The day of January on which weekday `day` of week `week` falls: Vega's formula. */
function dayOfWeek(week: Scalar, day: Scalar, year: Scalar | undefined): Scalar {
  const first = year === undefined ? literal(6) : modulo(firstWeekday(year).plus(6), 7);
  return day.plus(week.times(7)).minus(first);
}

/** Weekday of January 1, Sunday is 0. */
function firstWeekday(year: Scalar): Scalar {
  return datePart("dow", cast(call("make_date", year, 1, 1), "timestamp"));
}

function modulo(value: Scalar, divisor: number): Scalar {
  return new Scalar({
    kind: "binary",
    operator: "%",
    left: value.expression,
    right: literal(divisor).expression,
  });
}

function literalOf(value: Operand): Scalar {
  return value instanceof Scalar ? value : literal(value);
}

/** `CAST(value AS type)`; with `tolerant`, NULL where it cannot be read. */
export function cast(value: Scalar, type: string, tolerant = false): Scalar {
  const expression: Expression = {
    kind: "cast",
    argument: value.expression,
    type: { kind: "type", name: type, modifiers: [], dimensions: 0 },
    style: "cast",
    tolerant,
  };
  return new Scalar(expression);
}
