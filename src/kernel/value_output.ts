/**
 * From storage units to the JavaScript values that users see.
 *
 * | SQL | JavaScript | with `exact` |
 * |---|---|---|
 * | BOOLEAN | boolean | |
 * | SMALLINT, INTEGER, REAL, DOUBLE | number | |
 * | BIGINT | number; bigint beyond 2^53 | bigint |
 * | DECIMAL | number; string where 15 digits do not suffice | string |
 * | NUMERIC (quotients, averages) | number, rounded to the nearest double | string |
 * | TEXT | string | |
 * | DATE, TIMESTAMP[TZ] | Date (UTC); Temporal objects with `temporal` | |
 * | TIME | string `HH:MM:SS[.ffffff]` | |
 * | INTERVAL | ISO 8601 duration | |
 * | JSON | the parsed value | |
 * | array | array | |
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import type { Datum, Interval, Numeric, SqlType } from "../storage/sql_type.ts";
import type { Vector } from "../storage/vector.ts";
import { materialize } from "../exec/materialize.ts";
import { readDatums } from "../exec/vector_read.ts";

/** How values are shown. */
export interface OutputOptions {
  /** BIGINT as bigint, DECIMAL and NUMERIC as decimal strings; otherwise only where a number could not hold them. */
  readonly exact?: boolean;
  /** DATE and TIMESTAMP as Temporal objects instead of Date. */
  readonly temporal?: boolean;
}

const DAY_MS = 86_400_000;
/** Decimal digits that every double round-trips. */
const DIGITS_SAFE = 15;

/** The first `size` values of `vector` as JavaScript values. */
export function vectorToValues(
  vector: Vector,
  type: SqlType,
  size: number,
  options: OutputOptions,
): unknown[] {
  const datums = readDatums(materialize(vector, size), size);
  const convert = converterOf(type, options);
  return datums.map((datum) => datum === null ? null : convert(datum));
}

/** One datum as a JavaScript value. */
export function datumToValue(datum: Datum, type: SqlType, options: OutputOptions = {}): unknown {
  return datum === null ? null : converterOf(type, options)(datum);
}

/** What turns datums of `type` that are not NULL into JavaScript values. */
export function converterOf(type: SqlType, options: OutputOptions): (datum: Datum) => unknown {
  // The casts below narrow a Datum to what its SQL type stores; see the table in sql_type.ts.
  switch (type.kind) {
    case "boolean":
    case "smallint":
    case "integer":
    case "real":
    case "double":
    case "text":
    case "null":
      return (datum) => datum;
    case "bigint":
      return options.exact ? (datum) => BigInt(datum as number | bigint) : (datum) => datum;
    case "decimal":
      return (datum) => decimalValue(datum as number | bigint, type.scale, options.exact ?? false);
    case "numeric":
      return (datum) => options.exact ? numericText(datum as Numeric) : Number(numericText(datum as Numeric));
    case "date":
      return options.temporal
        ? (datum) => temporalDate(datum as number)
        : (datum) => new Date((datum as number) * DAY_MS);
    case "time":
      return (datum) => timeText(datum as number);
    case "timestamp":
      return options.temporal
        ? (datum) => instantOf(datum as number).toZonedDateTimeISO("UTC").toPlainDateTime()
        : (datum) => new Date(Math.floor((datum as number) / 1000));
    case "timestamptz":
      return options.temporal
        ? (datum) => instantOf(datum as number)
        : (datum) => new Date(Math.floor((datum as number) / 1000));
    case "interval":
      return (datum) => intervalText(datum as Interval);
    case "json":
      return (datum) => JSON.parse(datum as string);
    case "array": {
      const convert = converterOf(type.element, options);
      return (datum) => (datum as readonly Datum[]).map((item) => item === null ? null : convert(item));
    }
    default:
      return unreachable(type);
  }
}

function decimalValue(scaled: number | bigint, scale: number, exact: boolean): number | string {
  if (!exact && typeof scaled === "number" && Math.abs(scaled) < 10 ** DIGITS_SAFE) {
    return scale === 0 ? scaled : scaled / 10 ** scale;
  }
  const text = scaledText(BigInt(scaled), scale);
  if (exact) return text;
  const digits = text.replace(/^-?0*\.?0*/, "").replace(".", "").replace(/0+$/, "");
  return digits.length <= DIGITS_SAFE ? Number(text) : text;
}

function numericText(value: Numeric): string {
  return value.special ?? scaledText(value.coefficient, value.scale);
}

function scaledText(coefficient: bigint, scale: number): string {
  if (scale <= 0) return String(coefficient * 10n ** BigInt(-scale));
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString().padStart(scale + 1, "0");
  const sign = coefficient < 0n ? "-" : "";
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function instantOf(micros: number): Temporal.Instant {
  return Temporal.Instant.fromEpochNanoseconds(BigInt(micros) * 1000n);
}

function temporalDate(days: number): Temporal.PlainDate {
  return new Temporal.PlainDate(1970, 1, 1).add({ days });
}

function timeText(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const fraction = micros % 1e6;
  const text = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, "0")).join(":");
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, "0").replace(/0+$/, "")}`;
}

/** ISO 8601: `P1Y2M3DT4H5M6.5S`, `PT0S` when empty. */
function intervalText(value: Interval): string {
  const part = (amount: number, unit: string) => amount === 0 ? "" : `${amount}${unit}`;
  const years = Math.trunc(value.months / 12);
  const date = part(years, "Y") + part(value.months - years * 12, "M") + part(value.days, "D");
  const hours = Math.trunc(value.micros / 3.6e9);
  const minutes = Math.trunc((value.micros - hours * 3.6e9) / 6e7);
  const micros = value.micros - hours * 3.6e9 - minutes * 6e7;
  const seconds = micros === 0 ? "" : `${String(micros / 1e6)}S`;
  const time = part(hours, "H") + part(minutes, "M") + seconds;
  if (date === "" && time === "") return "PT0S";
  return `P${date}${time === "" ? "" : `T${time}`}`;
}
