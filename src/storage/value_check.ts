/**
 * Which values a column takes, and the errors for those it does not.
 *
 * Values must already have the form of the column's type (see {@linkcode Datum}); what is left to check is
 * range, length and NULL. O(1) a value, O(length) for text.
 *
 * @module
 */
import { SchemaError } from "../base/error.ts";
import { unreachable } from "../base/assert.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import { typeName } from "./sql_type.ts";
import type { StoredColumnDefinition } from "./table_view.ts";
import { countCharacters } from "./utf8_text.ts";

const SAFE = Number.MAX_SAFE_INTEGER;
const LEAST_BIGINT = -(2n ** 63n);
const GREATEST_BIGINT = 2n ** 63n - 1n;

/** Where a value was to go: table, column, and the row of the statement's input. */
export interface ValueSite {
  readonly table: string;
  readonly column: StoredColumnDefinition;
}

/** Bounds of the numbers that are stored for a type. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
  /** Only whole numbers. */
  readonly whole: boolean;
}

/** The numbers that a column of `type` takes, `undefined` for types that are not stored as numbers. */
export function numberRange(type: SqlType): NumberRange | undefined {
  switch (type.kind) {
    case "boolean":
      return BOOLEAN_RANGE;
    case "smallint":
      return SMALLINT_RANGE;
    case "integer":
    case "date":
      return INTEGER_RANGE;
    case "bigint":
      return SAFE_RANGE;
    case "timestamp":
    case "timestamptz":
      return TIMESTAMP_RANGE;
    case "time":
      return TIME_RANGE;
    case "decimal":
      return decimalRange(type.precision);
    case "real":
    case "double":
      return DOUBLE_RANGE;
    case "numeric":
    case "text":
    case "interval":
    case "json":
    case "array":
    case "null":
      return undefined;
    default:
      return unreachable(type);
  }
}

const BOOLEAN_RANGE: NumberRange = { low: 0, high: 1, whole: true };
const SMALLINT_RANGE: NumberRange = { low: -32768, high: 32767, whole: true };
const INTEGER_RANGE: NumberRange = { low: -2147483648, high: 2147483647, whole: true };
const SAFE_RANGE: NumberRange = { low: -SAFE, high: SAFE, whole: true };
/** Microseconds of 4714-11-24 BC to 294276-12-31: beyond 2^53 those that a double holds exactly. */
const TIMESTAMP_RANGE: NumberRange = {
  low: -2_440_588 * 86_400_000_000,
  high: 106_762_940 * 86_400_000_000 - 1024,
  whole: true,
};
const TIME_RANGE: NumberRange = { low: 0, high: 86_400_000_000, whole: true };
const DOUBLE_RANGE: NumberRange = { low: -Infinity, high: Infinity, whole: false };
const DECIMAL_RANGES: readonly NumberRange[] = Array.from({ length: 16 }, (_, precision) => {
  const high = 10 ** precision - 1;
  return { low: -high, high, whole: true };
});

function decimalRange(precision: number): NumberRange {
  return DECIMAL_RANGES[precision] ?? SAFE_RANGE;
}

/** Whether `value` is in `range`. NaN is in the range of doubles. */
export function isInRange(range: NumberRange, value: number): boolean {
  if (!range.whole) return true;
  return value >= range.low && value <= range.high && Math.trunc(value) === value;
}

/** Whether a BIGINT or DECIMAL column takes `value`. */
export function isWholeInRange(type: SqlType, value: bigint): boolean {
  if (type.kind === "bigint") return value >= LEAST_BIGINT && value <= GREATEST_BIGINT;
  if (type.kind !== "decimal") return false;
  const limit = 10n ** BigInt(type.precision);
  return value < limit && -value < limit;
}

/**
 * `value` in the form in which it is stored. Throws {@linkcode SchemaError} `not-null-violation` or
 * `invalid-input` with table, column, row and value.
 */
export function acceptDatum(site: ValueSite, value: Datum, row: number): Datum {
  if (value === null) {
    if (!site.column.nullable) throw nullError(site, row);
    return null;
  }
  const { type } = site.column;
  switch (typeof value) {
    case "number":
      return acceptNumber(site, value, row);
    case "string":
      if (type.kind === "text" || type.kind === "json") return acceptText(site, value, row);
      break;
    case "boolean":
      if (type.kind === "boolean") return value;
      break;
    case "bigint":
      if (isWholeInRange(type, value)) return Number.isSafeInteger(Number(value)) ? Number(value) : value;
      break;
    default:
      if (type.kind === "numeric" || type.kind === "interval" || type.kind === "array") return value;
  }
  throw valueError(site, value, row);
}

function acceptNumber(site: ValueSite, value: number, row: number): Datum {
  const { type } = site.column;
  const range = numberRange(type);
  if (range === undefined || !isInRange(range, value)) throw valueError(site, value, row);
  return type.kind === "real" ? Math.fround(value) : value;
}

/** Text cut to the column's length where only blanks are lost; other excess is an error, as in SQL. */
export function acceptText(site: ValueSite, text: string, row: number): string {
  const { type } = site.column;
  // UTF-16 units are never fewer than characters.
  if (type.kind !== "text" || type.maxLength === undefined || text.length <= type.maxLength) return text;
  if (countCharacters(text) <= type.maxLength) return text;
  const cut = [...text].slice(0, type.maxLength).join("");
  if (text.slice(cut.length).trimEnd() !== "") throw lengthError(site, text, row);
  return cut;
}

/** The error for NULL in a NOT NULL column. */
export function nullError(site: ValueSite, row: number): SchemaError {
  const { table, column } = site;
  return new SchemaError(
    "not-null-violation",
    `Column ${column.name} of table ${table} must not be NULL: received NULL in row ${row}`,
    {
      details: { table, column: column.name, row },
      hint: "give a value, or declare the column without NOT NULL",
    },
  );
}

/** The error for a value outside the column's type. */
export function valueError(site: ValueSite, value: unknown, row: number): SchemaError {
  const { table, column } = site;
  return new SchemaError(
    "invalid-input",
    `Column ${column.name} of table ${table} takes ${typeName(column.type)}: received ${
      show(value)
    } in row ${row}`,
    {
      details: { table, column: column.name, row, value },
      hint: "the value is of another type or out of range",
    },
  );
}

function lengthError(site: ValueSite, text: string, row: number): SchemaError {
  const { table, column } = site;
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  return new SchemaError(
    "invalid-input",
    `Column ${column.name} of table ${table} takes ${typeName(column.type)}: ` +
      `received ${countCharacters(text)} characters in row ${row}, ${JSON.stringify(shown)}`,
    {
      details: { table, column: column.name, row, value: text },
      hint: "shorten the text or widen the column",
    },
  );
}

/** A value for a message. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) {
    return JSON.stringify(value, (_key, part) => typeof part === "bigint" ? String(part) : part);
  }
  return String(value);
}
