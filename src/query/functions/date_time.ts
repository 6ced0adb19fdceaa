/**
 * Functions on dates and times.
 *
 * `now()` and its family read the statement's timestamp, so they are fixed within a statement. What depends
 * on the time zone reads the session's. A DATE is truncated to a TIMESTAMP, so that the result does not
 * depend on the zone.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import {
  BOOLEAN,
  DATE,
  type Datum,
  DOUBLE,
  INTERVAL,
  NUMERIC,
  type Numeric,
  type SqlType,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../../storage/sql_type.ts";
import type { CallContext, ScalarFunction, ScalarSignature } from "../function.ts";
import {
  checkedDays,
  daysFromCivil,
  daysInMonth,
  daysOfMicros,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  microsOf,
  microsOfDay,
} from "./calendar.ts";
import { compareDatums, numberToDouble } from "./compare.ts";
import { addToTimestamp, age } from "./date_arithmetic.ts";
import { dateField, intervalField, requiredField, timeOfDayField, timestampField } from "./date_parts.ts";
import {
  binTimestamp,
  bucketTimestamp,
  truncateInterval,
  truncateTimestamp,
  truncateTimestamptz,
} from "./date_trunc.ts";
import { argumentType, asInterval, asNumber, asText } from "./datum.ts";
import { intervalOf, justifyDays, justifyHours, justifyInterval, roundHalfEven } from "./interval_value.ts";
import { numericToDouble } from "./numeric_value.ts";
import { aliases, called, signature, simple, strict } from "./signature.ts";
import { fixedZone, localFromUtc, type TimeZone, timeZone, utcFromLocal } from "./time_zone.ts";

/** A field of any date or time, by the type of the argument. */
export function extractField(name: string, value: Datum, type: SqlType, zoneName: string): Numeric {
  const field = requiredField(name);
  switch (type.kind) {
    case "date":
      return dateField(field, asNumber(value));
    case "time":
      return timeOfDayField(field, asNumber(value));
    case "interval":
      return intervalField(field, asInterval(value));
    case "timestamptz": {
      const offset = timeZone(zoneName).offsetAt(asNumber(value));
      return timestampField(field, asNumber(value) + offset, offset);
    }
    default:
      return timestampField(field, asNumber(value));
  }
}

const MOMENTS = ["date", "timestamp", "timestamptz", "time", "interval"] as const;

function extract([name, value]: readonly Datum[], context: CallContext): Numeric {
  return extractField(asText(name), value!, argumentType(context, 1), context.timeZone);
}

/** As EXTRACT, but a DATE has hours too (0), as after a cast to TIMESTAMP. */
function datePart([name, value]: readonly Datum[], context: CallContext): number {
  const type = argumentType(context, 1);
  const isDate = type.kind === "date";
  const moment = isDate ? microsOf(asNumber(value), 0) : value!;
  return numericToDouble(
    extractField(asText(name), moment, isDate ? TIMESTAMP : type, context.timeZone),
  );
}

const EXTRACTS: readonly ScalarFunction[] = [
  strict("extract", MOMENTS.map((kind) => signature(["text", kind], NUMERIC, extract))),
  strict("date_part", MOMENTS.map((kind) => signature(["text", kind], DOUBLE, datePart))),
];

function zoneOf(context: CallContext): TimeZone {
  return timeZone(context.timeZone);
}

const TRUNCATES: readonly ScalarFunction[] = [
  strict("date_trunc", [
    signature(
      ["text", "timestamp"],
      TIMESTAMP,
      ([field, at]) => truncateTimestamp(requiredField(asText(field)), asNumber(at)),
    ),
    signature(
      ["text", "timestamptz"],
      TIMESTAMPTZ,
      ([field, at], context) =>
        truncateTimestamptz(requiredField(asText(field)), asNumber(at), zoneOf(context)),
    ),
    signature(
      ["text", "date"],
      TIMESTAMP,
      ([field, at]) => truncateTimestamp(requiredField(asText(field)), microsOf(asNumber(at), 0)),
    ),
    signature(
      ["text", "interval"],
      INTERVAL,
      ([field, value]) => truncateInterval(requiredField(asText(field)), asInterval(value)),
    ),
    signature(
      ["text", "timestamptz", "text"],
      TIMESTAMPTZ,
      ([field, at, zone]) =>
        truncateTimestamptz(requiredField(asText(field)), asNumber(at), timeZone(asText(zone))),
    ),
  ]),
  strict("date_bin", [
    signature(
      ["interval", "timestamp", "timestamp"],
      TIMESTAMP,
      ([stride, at, origin]) => binTimestamp(asInterval(stride), asNumber(at), asNumber(origin)),
    ),
    signature(
      ["interval", "timestamptz", "timestamptz"],
      TIMESTAMPTZ,
      ([stride, at, origin]) => binTimestamp(asInterval(stride), asNumber(at), asNumber(origin)),
    ),
  ]),
  strict("time_bucket", timeBuckets()),
];

/** Monday 2000-01-03, the origin of buckets that are no months. */
const BUCKET_ORIGIN = daysFromCivil(2000, 1, 3) * 86_400_000_000;
const MONTH_BUCKET_ORIGIN = daysFromCivil(2000, 1, 1) * 86_400_000_000;

function timeBuckets(): ScalarSignature[] {
  return (["timestamp", "timestamptz", "date"] as const).map((kind) => {
    const micros = (value: Datum | undefined): number =>
      kind === "date" ? microsOf(asNumber(value), 0) : asNumber(value);
    const returns = kind === "timestamptz" ? TIMESTAMPTZ : TIMESTAMP;
    return signature(["interval", kind, kind], returns, ([stride, at, origin]) => {
      const width = asInterval(stride);
      const from = width.months === 0 ? BUCKET_ORIGIN : MONTH_BUCKET_ORIGIN;
      return bucketTimestamp(width, micros(at), origin === undefined ? from : micros(origin));
    }, { optional: 1 });
  });
}

function fieldError(text: string): QueryError {
  return new QueryError("invalid-value", `Date or time field out of range: received ${text}`, {
    hint: "months are 1 to 12, days 1 to the length of the month, hours 0 to 24",
  });
}

/** Days of a date from its fields; negative years are BC. */
export function makeDate(year: number, month: number, day: number): number {
  const astronomical = year < 0 ? year + 1 : year;
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(astronomical, month)) {
    throw fieldError(`${year}-${month}-${day}`);
  }
  return checkedDays(daysFromCivil(astronomical, month, day));
}

/** Microseconds since midnight from fields. */
export function makeTime(hour: number, minute: number, second: number): number {
  const micros = hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE +
    roundHalfEven(second * MICROS_PER_SECOND);
  const isValid = hour >= 0 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
  if (!isValid || micros > 24 * MICROS_PER_HOUR) throw fieldError(`${hour}:${minute}:${second}`);
  return micros;
}

function makeTimestamp(args: readonly Datum[]): number {
  const [year, month, day, hour, minute, second] = args.slice(0, 6).map(asNumber) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]; // six parameters
  return microsOf(makeDate(year, month, day), makeTime(hour, minute, second));
}

const SIX_FIELDS = ["integer", "integer", "integer", "integer", "integer", "double"] as const;

function makeInterval(args: readonly Datum[]): Datum {
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = args.map(
    asNumber,
  );
  return intervalOf(
    years * 12 + months,
    weeks * 7 + days,
    hours * MICROS_PER_HOUR + minutes * MICROS_PER_MINUTE + roundHalfEven(seconds * MICROS_PER_SECOND),
  );
}

const MAKERS: readonly ScalarFunction[] = [
  ...aliases(
    simple(
      "make_date",
      ["integer", "integer", "integer"],
      DATE,
      ([year, month, day]) => makeDate(asNumber(year), asNumber(month), asNumber(day)),
    ),
    "date_from_parts",
    "datefromparts",
  ),
  ...aliases(
    simple(
      "make_time",
      ["integer", "integer", "double"],
      TIME,
      ([hour, minute, second]) => makeTime(asNumber(hour), asNumber(minute), asNumber(second)),
    ),
    "time_from_parts",
  ),
  ...aliases(simple("make_timestamp", SIX_FIELDS, TIMESTAMP, makeTimestamp), "timestamp_from_parts"),
  strict("make_timestamptz", [
    signature([...SIX_FIELDS, "text"], TIMESTAMPTZ, (args, context) =>
      utcFromLocal(
        makeTimestamp(args),
        args[6] === undefined ? zoneOf(context) : timeZone(asText(args[6])),
      ), { optional: 1 }),
  ]),
  strict("make_interval", [
    signature(
      ["integer", "integer", "integer", "integer", "integer", "integer", "double"],
      INTERVAL,
      makeInterval,
      { optional: 7 },
    ),
  ]),
  simple("justify_hours", ["interval"], INTERVAL, ([value]) => justifyHours(asInterval(value))),
  simple("justify_days", ["interval"], INTERVAL, ([value]) => justifyDays(asInterval(value))),
  simple("justify_interval", ["interval"], INTERVAL, ([value]) => justifyInterval(asInterval(value))),
];

function today(context: CallContext): number {
  return daysOfMicros(localFromUtc(context.nowMicros, zoneOf(context)));
}

function nowFunction(
  name: string,
  returns: SqlType,
  evaluate: (context: CallContext) => number,
): ScalarFunction {
  // CURRENT_TIMESTAMP(3) names a precision.
  return strict(name, [
    signature(["integer"], returns, ([precision], context) => {
      const micros = evaluate(context);
      if (precision === undefined || returns.kind === "date") return micros;
      const unit = 10 ** (6 - Math.max(0, Math.min(asNumber(precision), 6)));
      return Math.round(micros / unit) * unit;
    }, { optional: 1 }),
  ], "stable");
}

function localNow(context: CallContext): number {
  return localFromUtc(context.nowMicros, zoneOf(context));
}

const NOW: readonly ScalarFunction[] = [
  ...[
    "now",
    "current_timestamp",
    "transaction_timestamp",
    "statement_timestamp",
    "clock_timestamp",
    "sysdate",
    "getdate",
  ]
    .map((name) => nowFunction(name, TIMESTAMPTZ, (context) => context.nowMicros)),
  nowFunction("localtimestamp", TIMESTAMP, localNow),
  nowFunction("current_date", DATE, today),
  ...["current_time", "localtime"].map((name) =>
    nowFunction(name, TIME, (context) => microsOfDay(localNow(context)))
  ),
];

/** `x AT TIME ZONE zone` is `timezone(zone, x)`. */
const ZONES: readonly ScalarFunction[] = [
  strict("timezone", [
    signature(
      ["text", "timestamp"],
      TIMESTAMPTZ,
      ([zone, at]) => utcFromLocal(asNumber(at), timeZone(asText(zone))),
    ),
    signature(
      ["text", "timestamptz"],
      TIMESTAMP,
      ([zone, at]) => localFromUtc(asNumber(at), timeZone(asText(zone))),
    ),
    signature(
      ["interval", "timestamp"],
      TIMESTAMPTZ,
      ([offset, at]) => utcFromLocal(asNumber(at), fixedZone("", asInterval(offset).micros)),
    ),
    signature(
      ["interval", "timestamptz"],
      TIMESTAMP,
      ([offset, at]) => localFromUtc(asNumber(at), fixedZone("", asInterval(offset).micros)),
    ),
    // AT LOCAL.
    signature(["timestamp"], TIMESTAMPTZ, ([at], context) => utcFromLocal(asNumber(at), zoneOf(context))),
    signature(["timestamptz"], TIMESTAMP, ([at], context) => localFromUtc(asNumber(at), zoneOf(context))),
  ]),
];

const AGES: readonly ScalarFunction[] = [
  strict("age", [
    signature(["timestamp", "timestamp"], INTERVAL, ([a, b]) => age(asNumber(a), asNumber(b))),
    signature(["timestamptz", "timestamptz"], INTERVAL, ([a, b], context) =>
      age(
        localFromUtc(asNumber(a), zoneOf(context)),
        localFromUtc(asNumber(b), zoneOf(context)),
      )),
    signature(
      ["timestamp"],
      INTERVAL,
      ([at], context) => age(microsOf(today(context), 0), asNumber(at)),
    ),
    signature(
      ["timestamptz"],
      INTERVAL,
      ([at], context) => age(microsOf(today(context), 0), localFromUtc(asNumber(at), zoneOf(context))),
    ),
  ], "stable"),
  strict(
    "isfinite",
    (["date", "timestamp", "timestamptz", "interval"] as const).map((kind) =>
      signature([kind], BOOLEAN, () => true)
    ),
  ),
];

/** An end of a range that was given as a length. */
function rangeEnd(start: Datum, end: Datum, type: SqlType): Datum {
  if (type.kind !== "interval" || start === null || end === null) return end;
  return addToTimestamp(asNumber(start), asInterval(end));
}

/** (s1, e1) OVERLAPS (s2, e2): half-open ranges; a point counts as lying in what starts with it. */
function overlaps(args: readonly Datum[], context: CallContext): Datum {
  const type = argumentType(context, 0);
  const order = (a: Datum, b: Datum): number => compareDatums(a, b, type);
  const range = (from: number): [Datum, Datum] => {
    const start = args[from]!;
    const end = rangeEnd(start, args[from + 1]!, argumentType(context, from + 1));
    if (start === null) return [end, null];
    return end !== null && order(start, end) > 0 ? [end, start] : [start, end];
  };
  const [start1, end1] = range(0);
  const [start2, end2] = range(2);
  if (start1 === null || start2 === null) return null;
  const compared = order(start1, start2);
  if (compared === 0) return end1 === null || end2 === null ? null : true;
  const [laterStart, earlierEnd, laterEnd] = compared > 0 ? [start1, end2, end1] : [start2, end1, end2];
  if (earlierEnd !== null && order(laterStart, earlierEnd) < 0) return true;
  return earlierEnd === null || laterEnd === null ? null : false;
}

const OVERLAPS: ScalarFunction = called(
  "overlaps",
  (["date", "timestamp", "timestamptz", "time"] as const).flatMap((kind) =>
    kind === "date" || kind === "time" ? [signature([kind, kind, kind, kind], BOOLEAN, overlaps)] : [
      signature([kind, kind, kind, kind], BOOLEAN, overlaps),
      signature([kind, "interval", kind, "interval"], BOOLEAN, overlaps),
      signature([kind, kind, kind, "interval"], BOOLEAN, overlaps),
      signature([kind, "interval", kind, kind], BOOLEAN, overlaps),
    ]
  ),
);

/** Seconds since 1970 as a timestamp. */
function fromEpoch([seconds]: readonly Datum[], context: CallContext): number {
  const value = numberToDouble(seconds!, argumentType(context, 0));
  if (!Number.isFinite(value)) throw fieldError(String(value));
  const whole = Math.floor(value);
  return microsOf(0, whole * MICROS_PER_SECOND) + roundHalfEven((value - whole) * MICROS_PER_SECOND);
}

/** The `to_timestamp(seconds)` overload; the one with a pattern is in to_date.ts. */
export const EPOCH_SIGNATURE: ScalarSignature = signature(["number"], TIMESTAMPTZ, fromEpoch);

/** Functions on dates and times of PostgreSQL. Those of other dialects are in date_dialects.ts. */
export const DATE_TIME_FUNCTIONS: readonly ScalarFunction[] = [
  ...EXTRACTS,
  ...TRUNCATES,
  ...MAKERS,
  ...NOW,
  ...ZONES,
  ...AGES,
  OVERLAPS,
];
