/**
 * Text of every type: PostgreSQL's input and output functions over datums.
 *
 * @module
 */
import { unreachable } from "../../base/assert.ts";
import { QueryError } from "../../base/error.ts";
import { type Datum, type SqlType, typeName } from "../../storage/sql_type.ts";
import { formatArray, parseArray } from "./array_text.ts";
import { characterCount, sliceCharacters } from "./code_points.ts";
import {
  formatDate,
  formatTime,
  formatTimestamp,
  formatTimestamptz,
  parseDate,
  parseTime,
  parseTimestamp,
  parseTimestamptz,
  type TextContext,
} from "./date_text.ts";
import { asArray, asInterval, asNumber, asNumeric, asText, asWhole } from "./datum.ts";
import { formatInterval, parseInterval } from "./interval_text.ts";
import { formatJson, parseJson } from "./json_value.ts";
import {
  checkedInteger,
  formatDouble,
  formatReal,
  invalidText,
  parseDouble,
  parseWhole,
  toReal,
} from "./number_text.ts";
import {
  formatNumeric,
  formatScaled,
  numericOverflow,
  parseNumeric,
  powerOfTen,
  rescale,
} from "./numeric_value.ts";
import { wholeFromBigint, type WholeNumber } from "./datum.ts";

const BOOLEAN_WORDS: ReadonlyMap<string, boolean> = new Map<string, boolean>([
  ...["t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"].map((word): [string, boolean] => [word, true]),
  ...["f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"].map((
    word,
  ): [string, boolean] => [word, false]),
]);

/** Reads a BOOLEAN: `true`, `yes`, `on`, `1`, their opposites, and unique prefixes. */
export function parseBoolean(text: string): boolean {
  const value = BOOLEAN_WORDS.get(text.trim().toLowerCase());
  if (value === undefined) throw invalidText(text, "BOOLEAN", "write true or false");
  return value;
}

/** Checks that a scaled whole number has at most `precision` digits. */
export function checkedDecimal(value: WholeNumber, precision: number, scale: number): WholeNumber {
  if (typeof value === "number" && (precision > 15 || Math.abs(value) < 10 ** precision)) return value;
  const size = BigInt(value);
  if ((size < 0n ? -size : size) >= powerOfTen(precision)) {
    throw numericOverflow(formatScaled(value, scale), `DECIMAL(${precision},${scale})`);
  }
  return value;
}

function parseDecimal(text: string, type: SqlType & { kind: "decimal" }): WholeNumber {
  const value = parseNumeric(text);
  if (value === undefined) throw invalidText(text, typeName(type));
  if (value.special !== undefined) throw numericOverflow(value.special, typeName(type));
  const scaled = wholeFromBigint(rescale(value.coefficient, value.scale, type.scale));
  return checkedDecimal(scaled, type.precision, type.scale);
}

/**
 * Text for a TEXT, VARCHAR(n) or CHAR(n). CHAR(n) is kept without its padding, so that it compares and
 * computes as PostgreSQL's does; {@linkcode formatDatum} pads. What is too long is cut when `truncate` is
 * set or when only spaces are lost, else refused.
 */
export function fitText(text: string, type: SqlType & { kind: "text" }, truncate: boolean): string {
  const { maxLength, padded } = type;
  let fitted = text;
  if (maxLength !== undefined && text.length > maxLength && characterCount(text) > maxLength) {
    fitted = sliceCharacters(text, 0, maxLength);
    if (!truncate && text.slice(fitted.length).trimEnd() !== "") {
      throw new QueryError(
        "invalid-value",
        `Value too long for ${typeName(type)}: received ${JSON.stringify(text)}`,
        { details: { value: text, maxLength }, hint: "shorten the text or widen the type" },
      );
    }
  }
  return padded === true ? fitted.replace(/ +$/, "") : fitted;
}

/** Reads one value of `type`; an `invalid-value` or `numeric-overflow` error when the text is none. */
export function parseDatum(text: string, type: SqlType, context: TextContext = {}): Datum {
  switch (type.kind) {
    case "boolean":
      return parseBoolean(text);
    case "smallint":
    case "integer":
    case "bigint": {
      const value = parseWhole(text);
      if (value === undefined) throw invalidText(text, typeName(type));
      return checkedInteger(value, type.kind);
    }
    case "decimal":
      return parseDecimal(text, type);
    case "numeric": {
      const value = parseNumeric(text);
      if (value === undefined) throw invalidText(text, "NUMERIC");
      return value;
    }
    case "real":
      return toReal(parseDouble(text, "REAL"));
    case "double":
      return parseDouble(text);
    case "text":
      return fitText(text, type, false);
    case "date":
      return parseDate(text, context);
    case "time":
      return parseTime(text, context);
    case "timestamp":
      return parseTimestamp(text, context);
    case "timestamptz":
      return parseTimestamptz(text, context);
    case "interval":
      return parseInterval(text);
    case "json":
      return formatJson(parseJson(text));
    case "array":
      return parseArray(text, (element) => parseDatum(element, innermost(type), context));
    case "null":
      return text;
    default:
      return unreachable(type);
  }
}

/** The type of the elements of an array of any number of dimensions. */
export function innermost(type: SqlType): SqlType {
  return type.kind === "array" ? innermost(type.element) : type;
}

/** Writes one value that is not NULL. */
export function formatDatum(value: Datum, type: SqlType, context: TextContext = {}): string {
  switch (type.kind) {
    case "boolean":
      return value === true ? "t" : "f";
    case "smallint":
    case "integer":
    case "bigint":
      return String(value);
    case "decimal":
      return formatScaled(asWhole(value), type.scale);
    case "numeric":
      return formatNumeric(asNumeric(value));
    case "real":
      return formatReal(asNumber(value));
    case "double":
      return formatDouble(asNumber(value));
    case "text":
      return type.padded === true ? padTo(asText(value), type.maxLength ?? 1) : asText(value);
    case "json":
    case "null":
      return String(value);
    case "date":
      return formatDate(asNumber(value));
    case "time":
      return formatTime(asNumber(value));
    case "timestamp":
      return formatTimestamp(asNumber(value));
    case "timestamptz":
      return formatTimestamptz(asNumber(value), context.timeZone);
    case "interval":
      return formatInterval(asInterval(value));
    case "array":
      return formatArray(asArray(value), (element) => formatDatum(element, innermost(type), context));
    default:
      return unreachable(type);
  }
}

function padTo(text: string, length: number): string {
  return text + " ".repeat(Math.max(0, length - characterCount(text)));
}
