/**
 * Date functions of Snowflake, DuckDB and SQL Server: DATEADD, DATEDIFF, LAST_DAY, YEAR, MONTH, ...
 *
 * DATEADD of a DATE gives a TIMESTAMP, whatever the unit. DATEDIFF counts the unit boundaries between two
 * times.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import {
  BIGINT,
  DATE,
  type Datum,
  DOUBLE,
  INTEGER,
  type Interval,
  type SqlType,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../../storage/sql_type.ts";
import type { CallContext, ScalarFunction } from "../function.ts";
import {
  addMonths,
  civilFromDays,
  dayOfWeek,
  daysFromCivil,
  daysInMonth,
  daysOfMicros,
  isoDayOfWeek,
  MICROS_PER_DAY,
  microsOf,
  microsOfDay,
  startOfIsoWeek,
} from "./calendar.ts";
import { numberToDouble } from "./compare.ts";
import { addToTimestamp, addToTimestamptz } from "./date_arithmetic.ts";
import { type DateField, requiredField } from "./date_parts.ts";
import { DAY_NAMES, MONTH_NAMES } from "./date_template.ts";
import { extractField } from "./date_time.ts";
import { truncateDays } from "./date_trunc.ts";
import { argumentType, asNumber, asText } from "./datum.ts";
import { intervalOfUnit, unitOf } from "./interval_text.ts";
import { numericToDouble } from "./numeric_value.ts";
import { aliases, signature, strict } from "./signature.ts";
import { localFromUtc, timeZone, utcFromLocal } from "./time_zone.ts";

const MOMENTS = ["timestamp", "timestamptz", "date"] as const;

/** Local microseconds of a DATE, TIMESTAMP or TIMESTAMP WITH TIME ZONE. */
function localMicros(value: Datum, type: SqlType, context: CallContext): number {
  if (type.kind === "date") return microsOf(asNumber(value), 0);
  if (type.kind === "timestamptz") return localFromUtc(asNumber(value), timeZone(context.timeZone));
  return asNumber(value);
}

function localDays(args: readonly Datum[], index: number, context: CallContext): number {
  return daysOfMicros(localMicros(args[index]!, argumentType(context, index), context));
}

/** What DATEADD adds for a count of units. */
export function dateAddSpan(unit: string, count: Datum, countType: SqlType): Interval {
  return intervalOfUnit(Math.trunc(numberToDouble(count, countType)), requiredUnit(unit));
}

function dateAdd([unit, count, value]: readonly Datum[], context: CallContext): Datum {
  const span = dateAddSpan(asText(unit), count!, argumentType(context, 1));
  const type = argumentType(context, 2);
  if (type.kind === "timestamptz") {
    return addToTimestamptz(asNumber(value), span, timeZone(context.timeZone));
  }
  return addToTimestamp(localMicros(value!, type, context), span);
}

function requiredUnit(name: string): NonNullable<ReturnType<typeof unitOf>> {
  const field = requiredField(name);
  const unit = unitOf(field === "dow" || field === "doy" || field === "isodow" ? "day" : field);
  if (unit === undefined) throw unsupportedUnit(name);
  return unit;
}

function unsupportedUnit(name: string): QueryError {
  return new QueryError("invalid-value", `Not a unit of time: received ${JSON.stringify(name)}`, {
    details: { unit: name },
    hint: "use year, quarter, month, week, day, hour, minute or second",
  });
}

const UNIT_MICROS: Readonly<Partial<Record<DateField, number>>> = {
  microseconds: 1,
  milliseconds: 1000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
};

/** Number of boundaries of a unit up to a local time. */
function boundaries(field: DateField, local: number): number {
  const unit = UNIT_MICROS[field];
  if (unit !== undefined) return Math.floor(local / unit);
  const days = daysOfMicros(local);
  const { year, month } = civilFromDays(days);
  switch (field) {
    case "day":
    case "doy":
    case "dow":
    case "isodow":
      return days;
    case "week":
      return startOfIsoWeek(days) / 7;
    case "month":
      return year * 12 + month;
    case "quarter":
      return year * 4 + Math.floor((month - 1) / 3);
    case "year":
      return year;
    case "decade":
      return Math.floor(year / 10);
    case "century":
      return Math.floor((year - 1) / 100);
    case "millennium":
      return Math.floor((year - 1) / 1000);
    default:
      throw unsupportedUnit(field);
  }
}

function dateDiff([unit, from, to]: readonly Datum[], context: CallContext): Datum {
  const field = requiredField(asText(unit));
  return Math.round(
    boundaries(field, localMicros(to!, argumentType(context, 2), context)) -
      boundaries(field, localMicros(from!, argumentType(context, 1), context)),
  );
}

/** `year(x)` and the like. */
function fieldFunction(name: string, field: DateField): ScalarFunction {
  const kinds = field === "hour" || field === "minute" || field === "second"
    ? [...MOMENTS, "time", "interval"] as const
    : [...MOMENTS, "interval"] as const;
  return strict(
    name,
    kinds.map((kind) =>
      signature([kind], INTEGER, ([value], context) => {
        const isDate = kind === "date";
        const exact = extractField(
          field,
          isDate ? microsOf(asNumber(value), 0) : value!,
          isDate ? TIMESTAMP : { kind },
          context.timeZone,
        );
        return Math.trunc(numericToDouble(exact));
      })
    ),
  );
}

const FIELD_FUNCTIONS: Readonly<Record<string, DateField>> = {
  year: "year",
  quarter: "quarter",
  month: "month",
  week: "week",
  weekofyear: "week",
  weekiso: "week",
  yearofweek: "isoyear",
  yearofweekiso: "isoyear",
  day: "day",
  dayofmonth: "day",
  dayofweek: "dow",
  dayofweekiso: "isodow",
  dayofyear: "doy",
  hour: "hour",
  minute: "minute",
  second: "second",
};

/** A function of the local date of its first argument. */
function onDays(
  name: string,
  returns: SqlType,
  compute: (days: number) => Datum,
): ScalarFunction {
  return strict(
    name,
    MOMENTS.map((kind) =>
      signature([kind], returns, (args, context) => compute(localDays(args, 0, context)))
    ),
  );
}

/** The last day of the unit that contains the day. */
function lastDay(field: DateField, days: number): number {
  const start = truncateDays(field, days);
  switch (field) {
    case "week":
      return start + 6;
    case "month":
      return addMonths(start, 1) - 1;
    case "quarter":
      return addMonths(start, 3) - 1;
    case "year":
      return addMonths(start, 12) - 1;
    default:
      throw unsupportedUnit(field);
  }
}

function monthsBetween(args: readonly Datum[], context: CallContext): number {
  const later = localMicros(args[0]!, argumentType(context, 0), context);
  const earlier = localMicros(args[1]!, argumentType(context, 1), context);
  const a = civilFromDays(daysOfMicros(later));
  const b = civilFromDays(daysOfMicros(earlier));
  const months = (a.year - b.year) * 12 + a.month - b.month;
  const bothLast = a.day === daysInMonth(a.year, a.month) && b.day === daysInMonth(b.year, b.month);
  if (a.day === b.day || bothLast) return months;
  const time = (microsOfDay(later) - microsOfDay(earlier)) / MICROS_PER_DAY;
  return months + (a.day - b.day + time) / 31;
}

/** Adds months to a date; from the last day of a month to the last day of a month. */
function addMonthsFunction(args: readonly Datum[], context: CallContext): number {
  const local = localMicros(args[0]!, argumentType(context, 0), context);
  const days = daysOfMicros(local);
  const { year, month, day } = civilFromDays(days);
  let moved = addMonths(days, asNumber(args[1]));
  if (day === daysInMonth(year, month)) {
    const target = civilFromDays(moved);
    moved = daysFromCivil(target.year, target.month, daysInMonth(target.year, target.month));
  }
  const { kind } = argumentType(context, 0);
  if (kind === "date") return moved;
  const result = microsOf(moved, microsOfDay(local));
  return kind === "timestamptz" ? utcFromLocal(result, timeZone(context.timeZone)) : result;
}

function weekdayOf(name: string): number {
  const index = DAY_NAMES.findIndex((day) =>
    day.toLowerCase().startsWith(name.trim().toLowerCase().slice(0, 2))
  );
  if (index < 0 || name.trim().length < 2) {
    throw new QueryError("invalid-value", `Not a day of the week: received ${JSON.stringify(name)}`, {
      details: { day: name },
      hint: "use the English name, such as monday",
    });
  }
  return index;
}

const MOVES: readonly ScalarFunction[] = [
  ...aliases(
    strict(
      "dateadd",
      MOMENTS.map((kind) =>
        signature(["text", "number", kind], kind === "timestamptz" ? TIMESTAMPTZ : TIMESTAMP, dateAdd)
      ),
    ),
    "date_add",
    "timestampadd",
    "timeadd",
  ),
  ...aliases(
    strict(
      "datediff",
      (["timestamp", "timestamptz", "date"] as const).map((kind) =>
        signature(["text", kind, kind], BIGINT, dateDiff)
      ),
    ),
    "date_diff",
    "timestampdiff",
    "timediff",
  ),
  strict("add_months", [
    signature(["date", "integer"], DATE, addMonthsFunction),
    signature(["timestamp", "integer"], TIMESTAMP, addMonthsFunction),
    signature(["timestamptz", "integer"], TIMESTAMPTZ, addMonthsFunction),
  ]),
  strict("months_between", [
    signature(["date", "date"], DOUBLE, monthsBetween),
    signature(["timestamp", "timestamp"], DOUBLE, monthsBetween),
  ]),
  strict(
    "last_day",
    MOMENTS.map((kind) =>
      signature(
        [kind, "text"],
        DATE,
        (args, context) =>
          lastDay(
            requiredField(args[1] === undefined ? "month" : asText(args[1])),
            localDays(args, 0, context),
          ),
        { optional: 1 },
      )
    ),
  ),
  strict("next_day", [
    signature(["date", "text"], DATE, ([days, name]) => {
      const ahead = (weekdayOf(asText(name)) - dayOfWeek(asNumber(days)) + 6) % 7 + 1;
      return asNumber(days) + ahead;
    }),
  ]),
  strict("previous_day", [
    signature(["date", "text"], DATE, ([days, name]) => {
      const back = (dayOfWeek(asNumber(days)) - weekdayOf(asText(name)) + 6) % 7 + 1;
      return asNumber(days) - back;
    }),
  ]),
];

const NAMES: readonly ScalarFunction[] = [
  onDays("monthname", TEXT, (days) => MONTH_NAMES[civilFromDays(days).month - 1]!.slice(0, 3)),
  onDays("dayname", TEXT, (days) => DAY_NAMES[isoDayOfWeek(days) % 7]!.slice(0, 3)),
];

/** Seconds, milliseconds and microseconds since 1970. */
function epochFunction(name: string, unit: number, returns: SqlType): ScalarFunction {
  return strict(
    name,
    MOMENTS.map((kind) =>
      signature([kind], returns, ([at]) => {
        const micros = kind === "date" ? microsOf(asNumber(at), 0) : asNumber(at);
        return returns.kind === "double" ? micros / unit : Math.floor(micros / unit);
      })
    ),
  );
}

/** Date functions of other dialects. */
export const DATE_DIALECT_FUNCTIONS: readonly ScalarFunction[] = [
  ...Object.entries(FIELD_FUNCTIONS).map(([name, field]) => fieldFunction(name, field)),
  ...MOVES,
  ...NAMES,
  epochFunction("epoch", 1_000_000, DOUBLE),
  epochFunction("epoch_ms", 1000, BIGINT),
  epochFunction("epoch_us", 1, BIGINT),
];
