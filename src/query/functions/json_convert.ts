/**
 * Values of any type as JSON, as `to_jsonb` makes them.
 *
 * @module
 */
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { CallContext } from "../function.ts";
import { daysOfMicros, MICROS_PER_HOUR, microsOfDay } from "./calendar.ts";
import { formatDate, formatOffset, formatTime } from "./date_text.ts";
import { asArray, asNumber, asText } from "./datum.ts";
import type { JsonValue } from "./json_value.ts";
import { parseJson } from "./json_value.ts";
import { numberToNumeric } from "./compare.ts";
import { formatNumeric, parseNumeric } from "./numeric_value.ts";
import { formatDouble, formatReal } from "./number_text.ts";
import { formatDatum } from "./text_format.ts";
import { timeZone } from "./time_zone.ts";

function isoTimestamp(micros: number): string {
  const text = formatDate(daysOfMicros(micros));
  const [date = "", era] = text.split(" ");
  return `${date}T${formatTime(microsOfDay(micros))}${era === undefined ? "" : ` ${era}`}`;
}

function isoOffset(offset: number): string {
  const text = formatOffset(offset);
  return offset % MICROS_PER_HOUR === 0 ? `${text}:00` : text;
}

/** Floating point numbers keep the digits that they print; NaN and infinities become strings. */
function floatToJson(value: number, text: string): JsonValue {
  return Number.isFinite(value) ? parseNumeric(text) ?? text : text;
}

/** The value as JSON. `context` gives the session's time zone. */
export function toJson(value: Datum, type: SqlType, context: Pick<CallContext, "timeZone">): JsonValue {
  if (value === null) return null;
  switch (type.kind) {
    case "boolean":
      return value === true;
    case "smallint":
    case "integer":
    case "bigint":
    case "decimal":
      return numberToNumeric(value, type);
    case "numeric": {
      const exact = numberToNumeric(value, type);
      return exact.special === undefined ? exact : formatNumeric(exact);
    }
    case "real":
      return floatToJson(asNumber(value), formatReal(asNumber(value)));
    case "double":
      return floatToJson(asNumber(value), formatDouble(asNumber(value)));
    case "json":
      return parseJson(asText(value));
    case "timestamp":
      return isoTimestamp(asNumber(value));
    case "timestamptz": {
      const offset = timeZone(context.timeZone).offsetAt(asNumber(value));
      return isoTimestamp(asNumber(value) + offset) + isoOffset(offset);
    }
    case "array":
      return arrayToJson(asArray(value), type.element, context);
    default:
      return formatDatum(value, type, context);
  }
}

function arrayToJson(
  array: readonly Datum[],
  element: SqlType,
  context: Pick<CallContext, "timeZone">,
): JsonValue {
  return array.map((item) =>
    Array.isArray(item) && element.kind !== "array"
      ? arrayToJson(item, element, context)
      : toJson(item, element, context)
  );
}
