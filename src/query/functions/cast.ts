/**
 * Casts between types: which PostgreSQL allows, and the value that comes out.
 *
 * Numbers round half away from zero when they lose digits, except that a floating point number becomes a
 * whole number by rounding half to even. Everything that does not fit is an error, never cut silently;
 * only an explicit cast to VARCHAR(n) or CHAR(n) cuts text.
 *
 * @module
 */
import { unreachable } from "../../base/assert.ts";
import { QueryError } from "../../base/error.ts";
import {
  type Datum,
  type Numeric,
  sameType,
  type SqlType,
  type SqlTypeKind,
  typeName,
} from "../../storage/sql_type.ts";
import { daysOfMicros, MICROS_PER_DAY, microsOf, microsOfDay } from "./calendar.ts";
import { numberToDouble, numberToNumeric } from "./compare.ts";
import type { TextContext } from "./date_text.ts";
import {
  asArray,
  asInterval,
  asNumber,
  asText,
  asWhole,
  wholeFromBigint,
  type WholeNumber,
} from "./datum.ts";
import { intervalOf, roundHalfEven } from "./interval_value.ts";
import { jsonKind, type JsonValue, parseJson } from "./json_value.ts";
import { checkedInteger, toReal } from "./number_text.ts";
import { formatNumeric, numericOverflow, numericToScaled, rescale } from "./numeric_value.ts";
import { checkedDecimal, fitText, formatDatum, parseDatum } from "./text_format.ts";
import { localFromUtc, timeZone, utcFromLocal } from "./time_zone.ts";

/** Where a cast may happen without being written: everywhere, when storing into a column, or nowhere. */
export type CastContext = "implicit" | "assignment" | "explicit" | "none";

const NUMBER_RANK: Readonly<Partial<Record<SqlTypeKind, number>>> = {
  smallint: 0,
  integer: 1,
  bigint: 2,
  decimal: 3,
  numeric: 3,
  real: 4,
  double: 5,
};

/** Whether the kind is one of the numeric types. */
export function isNumberKind(kind: SqlTypeKind): boolean {
  return NUMBER_RANK[kind] !== undefined;
}

const TIME_CASTS: ReadonlyMap<string, CastContext> = new Map<string, CastContext>([
  ["date timestamp", "implicit"],
  ["date timestamptz", "implicit"],
  ["timestamp timestamptz", "implicit"],
  ["timestamp date", "assignment"],
  ["timestamp time", "assignment"],
  ["timestamptz date", "assignment"],
  ["timestamptz time", "assignment"],
  ["timestamptz timestamp", "assignment"],
  ["time interval", "implicit"],
  ["interval time", "assignment"],
]);

/** The weakest context in which PostgreSQL casts `from` to `to`. Lengths and scales do not matter. */
export function canCast(from: SqlType, to: SqlType): CastContext {
  if (from.kind === "null") return "implicit";
  if (from.kind === "array" && to.kind === "array") return canCast(from.element, to.element);
  if (from.kind === to.kind) return "implicit";
  if (to.kind === "text") return "assignment";
  if (from.kind === "text") return to.kind === "null" ? "none" : "explicit";
  const rankFrom = NUMBER_RANK[from.kind];
  const rankTo = NUMBER_RANK[to.kind];
  if (rankFrom !== undefined && rankTo !== undefined) return rankFrom <= rankTo ? "implicit" : "assignment";
  if (from.kind === "boolean" && to.kind === "integer") return "explicit";
  if (from.kind === "integer" && to.kind === "boolean") return "explicit";
  if (from.kind === "json" && (rankTo !== undefined || to.kind === "boolean")) return "explicit";
  return TIME_CASTS.get(`${from.kind} ${to.kind}`) ?? "none";
}

function cannotCast(from: SqlType, to: SqlType): QueryError {
  return new QueryError("invalid-cast", `Cannot cast ${typeName(from)} to ${typeName(to)}`, {
    details: { from: typeName(from), to: typeName(to) },
    hint: "cast to TEXT first if the text has the form of the target type",
  });
}

/**
 * The value as one of type `to`; NULL stays NULL. `explicit` is a cast that the user wrote: it cuts text
 * that is too long for VARCHAR(n) or CHAR(n), where any other cast refuses it.
 */
export function castDatum(
  value: Datum,
  from: SqlType,
  to: SqlType,
  explicit: boolean,
  context: TextContext = {},
): Datum {
  if (value === null || (sameType(from, to) && to.kind !== "text")) return value;
  switch (to.kind) {
    case "smallint":
    case "integer":
    case "bigint":
      return toInteger(value, from, to, context);
    case "decimal":
      return toDecimal(value, from, to, context);
    case "numeric":
      return isNumberKind(from.kind) ? numberToNumeric(value, from) : otherToNumber(value, from, to, context);
    case "real":
    case "double":
      return toFloat(value, from, to, context);
    case "boolean":
      return toBoolean(value, from, to, context);
    case "text":
      return toText(value, from, to, { explicit, context });
    case "json":
      return isText(from) ? parseDatum(asText(value), to, context) : refuse(from, to);
    case "date":
    case "time":
    case "timestamp":
    case "timestamptz":
    case "interval":
      return isText(from) ? parseDatum(asText(value), to, context) : toTemporal(value, from, to, context);
    case "array":
      return toArray(value, from, to, { explicit, context });
    case "null":
      return value;
    default:
      return unreachable(to);
  }
}

function refuse(from: SqlType, to: SqlType): never {
  throw cannotCast(from, to);
}

function isText(type: SqlType): boolean {
  return type.kind === "text" || type.kind === "null";
}

/** Text, JSON and BOOLEAN as a number. */
function otherToNumber(value: Datum, from: SqlType, to: SqlType, context: TextContext): Datum {
  if (isText(from)) return parseDatum(asText(value), to, context);
  if (from.kind === "json") {
    const json = parseJson(asText(value));
    if (jsonKind(json) !== "number") throw wrongJsonKind(json, to);
    return castDatum(json as Numeric, { kind: "numeric" }, to, false, context); // its kind is number
  }
  if (from.kind === "boolean" && to.kind === "integer") return value === true ? 1 : 0;
  return refuse(from, to);
}

function wrongJsonKind(json: JsonValue, to: SqlType): QueryError {
  return new QueryError("invalid-cast", `Cannot cast JSON to ${typeName(to)}: received a ${jsonKind(json)}`, {
    details: { to: typeName(to) },
    hint: "take it as text with ->> and cast that",
  });
}

type IntegerType = SqlType & { kind: "smallint" | "integer" | "bigint" };

function toInteger(value: Datum, from: SqlType, to: IntegerType, context: TextContext): Datum {
  switch (from.kind) {
    case "smallint":
    case "integer":
    case "bigint":
      return checkedInteger(asWhole(value), to.kind);
    case "decimal":
      return checkedInteger(
        wholeFromBigint(rescale(BigInt(asWhole(value)), from.scale, 0)),
        to.kind,
      );
    case "numeric":
      return checkedInteger(numericToScaled(numberToNumeric(value, from), 0, typeName(to)), to.kind);
    case "real":
    case "double":
      return checkedInteger(wholeFromDouble(asNumber(value), to), to.kind);
    default:
      return otherToNumber(value, from, to, context);
  }
}

function wholeFromDouble(value: number, to: SqlType): WholeNumber {
  if (!Number.isFinite(value)) throw numericOverflow(value, typeName(to));
  const rounded = roundHalfEven(value);
  return Number.isSafeInteger(rounded) ? rounded + 0 : BigInt(rounded);
}

function toDecimal(
  value: Datum,
  from: SqlType,
  to: SqlType & { kind: "decimal" },
  context: TextContext,
): Datum {
  if (!isNumberKind(from.kind)) return otherToNumber(value, from, to, context);
  const sourceScale = from.kind === "decimal" ? from.scale : 0;
  if (
    typeof value === "number" && from.kind !== "real" && from.kind !== "double" && to.scale >= sourceScale
  ) {
    const scaled = value * 10 ** (to.scale - sourceScale);
    if (Number.isSafeInteger(scaled)) return checkedDecimal(scaled, to.precision, to.scale);
  }
  const scaled = numericToScaled(numberToNumeric(value, from), to.scale, typeName(to));
  return checkedDecimal(scaled, to.precision, to.scale);
}

function toFloat(
  value: Datum,
  from: SqlType,
  to: SqlType & { kind: "real" | "double" },
  context: TextContext,
): Datum {
  if (!isNumberKind(from.kind)) return otherToNumber(value, from, to, context);
  const double = numberToDouble(value, from);
  if ((from.kind === "numeric" || from.kind === "decimal") && (double === 0 || !Number.isFinite(double))) {
    const exact = numberToNumeric(value, from);
    if (exact.special === undefined && exact.coefficient !== 0n) {
      throw numericOverflow(formatNumeric(exact), typeName(to));
    }
  }
  return to.kind === "real" ? toReal(double) : double;
}

function toBoolean(value: Datum, from: SqlType, to: SqlType, context: TextContext): Datum {
  if (isText(from)) return parseDatum(asText(value), to, context);
  if (from.kind === "integer") return value !== 0;
  if (from.kind === "json") {
    const json = parseJson(asText(value));
    if (typeof json !== "boolean") throw wrongJsonKind(json, to);
    return json;
  }
  return refuse(from, to);
}

interface CastOptions {
  readonly explicit: boolean;
  readonly context: TextContext;
}

function toText(value: Datum, from: SqlType, to: SqlType & { kind: "text" }, options: CastOptions): Datum {
  if (isText(from)) return fitText(asText(value), to, options.explicit);
  if (from.kind === "boolean") return fitText(value === true ? "true" : "false", to, options.explicit);
  return fitText(formatDatum(value, from, options.context), to, options.explicit);
}

type TemporalType = SqlType & { kind: "date" | "time" | "timestamp" | "timestamptz" | "interval" };

function toTemporal(value: Datum, from: SqlType, to: TemporalType, context: TextContext): Datum {
  const zone = (): ReturnType<typeof timeZone> => timeZone(context.timeZone ?? "UTC");
  switch (`${from.kind} ${to.kind}`) {
    case "date timestamp":
      return microsOf(asNumber(value), 0);
    case "date timestamptz":
      return utcFromLocal(microsOf(asNumber(value), 0), zone());
    case "timestamp timestamptz":
      return utcFromLocal(asNumber(value), zone());
    case "timestamp date":
      return daysOfMicros(asNumber(value));
    case "timestamp time":
      return microsOfDay(asNumber(value));
    case "timestamptz timestamp":
      return localFromUtc(asNumber(value), zone());
    case "timestamptz date":
      return daysOfMicros(localFromUtc(asNumber(value), zone()));
    case "timestamptz time":
      return microsOfDay(localFromUtc(asNumber(value), zone()));
    case "time interval":
      return intervalOf(0, 0, asNumber(value));
    case "interval time": {
      const rest = asInterval(value).micros % MICROS_PER_DAY;
      return rest < 0 ? rest + MICROS_PER_DAY : rest + 0;
    }
    case "interval interval":
    case "timestamp timestamp":
    case "timestamptz timestamptz":
    case "date date":
    case "time time":
      return value;
    default:
      return refuse(from, to);
  }
}

function toArray(
  value: Datum,
  from: SqlType,
  to: SqlType & { kind: "array" },
  options: CastOptions,
): Datum {
  if (isText(from)) return parseDatum(asText(value), to, options.context);
  if (from.kind !== "array") return refuse(from, to);
  return castElements(asArray(value), from.element, to.element, options);
}

function castElements(
  array: readonly Datum[],
  from: SqlType,
  to: SqlType,
  options: CastOptions,
): readonly Datum[] {
  return array.map((item) =>
    Array.isArray(item) && from.kind !== "array"
      ? castElements(item, from, to, options)
      : castDatum(item, from, to, options.explicit, options.context)
  );
}
