/**
 * From JavaScript values to storage units: rows and columns that users insert, and parameters.
 *
 * The conversions run once, here, at the edge; what comes out is a {@linkcode ColumnBatch} in typed arrays.
 * A value that does not fit is an `invalid-input` error that names row, column and value.
 *
 * @module
 */
import { LiveViewError, messageWithoutHint, SchemaError } from "../base/error.ts";
import type { TextContext } from "../query/functions/date_text.ts";
import { parseDatum } from "../query/functions/text_format.ts";
import type { BatchColumn } from "../storage/column_batch.ts";
import {
  BIGINT,
  BOOLEAN,
  type Datum,
  DOUBLE,
  INTEGER,
  JSON_TYPE,
  type SqlType,
  TIMESTAMPTZ,
  typeName,
} from "../storage/sql_type.ts";
import { plainColumn, scaledNumber } from "./plain_column.ts";

const DAY_MS = 86_400_000;

/** Where a value stands, for error messages. */
export interface ValuePlace {
  readonly table: string;
  readonly column: string;
  /** How text is read. */
  readonly text?: TextContext;
}

/** One JavaScript value as a datum of `type`. Throws without place; callers add it. */
export function valueToDatum(value: unknown, type: SqlType, context: TextContext = {}): Datum {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case "number":
      return numberToDatum(value, type);
    case "string":
      return type.kind === "text" ? value : parseDatum(value, type, context);
    case "bigint":
      return parseDatum(value.toString(), type);
    case "boolean":
      if (type.kind === "boolean") return value;
      if (type.kind === "json") return String(value);
      break;
    case "object":
      return objectToDatum(value, type, context);
  }
  throw misfit(value, type);
}

function numberToDatum(value: number, type: SqlType): Datum {
  switch (type.kind) {
    case "double":
      return value;
    case "real":
      return Math.fround(value);
    case "smallint":
      if (Number.isInteger(value) && value >= -32768 && value <= 32767) return value;
      break;
    case "integer":
      if (Number.isInteger(value) && value >= -2147483648 && value <= 2147483647) return value;
      break;
    case "bigint":
      if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
      break;
    case "decimal": {
      const scaled = scaledNumber(value, 10 ** type.scale, 10 ** type.precision);
      if (scaled === scaled) return scaled;
      return parseDatum(decimalText(value, type), type);
    }
    case "numeric":
      return parseDatum(decimalText(value, type), type);
    case "json":
      return JSON.stringify(value);
    case "text":
      return String(value);
  }
  throw misfit(value, type);
}

/** The shortest decimal text of a finite double, without exponent limits. */
function decimalText(value: number, type: SqlType): string {
  if (!Number.isFinite(value)) throw misfit(value, type);
  return String(value);
}

function objectToDatum(value: object, type: SqlType, context: TextContext): Datum {
  if (type.kind === "json") return JSON.stringify(value);
  if (value instanceof Date) return dateToDatum(value, type);
  if (Array.isArray(value) && type.kind === "array") {
    return value.map((item) => valueToDatum(item, type.element, context));
  }
  if (type.kind === "interval" && "months" in value && "days" in value && "micros" in value) {
    // The shape was just checked; the numbers are checked by the conversion.
    return { months: Number(value.months), days: Number(value.days), micros: Number(value.micros) };
  }
  // Temporal objects and other values with an unambiguous text.
  if (
    type.kind === "date" || type.kind === "timestamp" || type.kind === "timestamptz" ||
    type.kind === "interval"
  ) {
    if (Object.prototype.toString.call(value).startsWith("[object Temporal.")) {
      return parseDatum(String(value).replace(/\[.*\]$/, ""), type, context);
    }
  }
  throw misfit(value, type);
}

function dateToDatum(value: Date, type: SqlType): Datum {
  const ms = value.getTime();
  if (!Number.isNaN(ms)) {
    if (type.kind === "date") return Math.floor(ms / DAY_MS);
    if (type.kind === "timestamp" || type.kind === "timestamptz") return ms * 1000;
    if (type.kind === "text") return value.toISOString();
  }
  throw misfit(value, type);
}

function misfit(value: unknown, type: SqlType): SchemaError {
  return new SchemaError("invalid-input", `Cannot store ${show(value)} as ${typeName(type)}`, {
    details: { type: typeName(type) },
    hint: `give a value that ${typeName(type)} can hold`,
  });
}

/** A value in an error message: short, and never throwing. */
function show(value: unknown): string {
  const text = typeof value === "string"
    ? JSON.stringify(value)
    : typeof value === "object"
    ? describe(value)
    : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function describe(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : value.toISOString();
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** The type of a parameter, judged by its JavaScript value; undefined for null. */
export function typeOfValue(value: unknown): SqlType | undefined {
  switch (typeof value) {
    case "number":
      if (!Number.isInteger(value)) return DOUBLE;
      return Math.abs(value) <= 2147483647 ? INTEGER : BIGINT;
    case "bigint":
      return BIGINT;
    case "boolean":
      return BOOLEAN;
    case "object":
      if (value instanceof Date) return TIMESTAMPTZ;
      if (value === null || Array.isArray(value)) return undefined;
      return JSON_TYPE;
    // A string takes the type that its context asks for, as a literal does.
    default:
      return undefined;
  }
}

/**
 * `values` as a batch column of `type`.
 *
 * @throws {SchemaError} `invalid-input` with `details.row` and `details.column`
 */
export function valuesToColumn(values: ArrayLike<unknown>, type: SqlType, place: ValuePlace): BatchColumn {
  if (values instanceof Int32Array && (type.kind === "integer" || type.kind === "bigint")) {
    return { kind: "numbers", values };
  }
  if (values instanceof Float64Array && type.kind === "double") return { kind: "numbers", values };
  const plain = plainColumn(values, type);
  if (plain !== undefined) return plain;
  const count = values.length;
  let nulls: Uint8Array | undefined;
  const setNull = (row: number) => (nulls ??= new Uint8Array(count))[row] = 1;
  const datums = new Array<Datum>(count);
  let big = false;
  for (let row = 0; row < count; row++) {
    const datum = placedDatum(values[row], type, row, place);
    if (datum === null) setNull(row);
    else if (typeof datum === "bigint") big = true;
    datums[row] = datum;
  }
  return columnOf(datums, type, big, nulls);
}

/** Datums as a batch column. */
export function datumsToColumn(datums: readonly Datum[], type: SqlType): BatchColumn {
  let nulls: Uint8Array | undefined;
  let big = false;
  datums.forEach((datum, row) => {
    if (datum === null) (nulls ??= new Uint8Array(datums.length))[row] = 1;
    else if (typeof datum === "bigint") big = true;
  });
  return columnOf(datums, type, big, nulls);
}

function columnOf(
  datums: readonly Datum[],
  type: SqlType,
  big: boolean,
  nulls: Uint8Array | undefined,
): BatchColumn {
  const rest = nulls === undefined ? {} : { nulls };
  if (type.kind === "text" || type.kind === "json" || type.kind === "null") {
    // Datums of these types are strings.
    return { kind: "strings", values: datums as readonly (string | null)[], ...rest };
  }
  if (type.kind === "numeric" || type.kind === "interval" || type.kind === "array") {
    return { kind: "datums", values: datums, ...rest };
  }
  if (big) {
    // Number datums of BIGINT and DECIMAL are whole.
    return {
      kind: "bigints",
      values: datums.map((datum) => datum === null ? 0n : BigInt(datum as number | bigint)),
      ...rest,
    };
  }
  const numbers = new Float64Array(datums.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = Number(datums[i] ?? 0);
  return { kind: "numbers", values: numbers, ...rest };
}

/** One value as a datum; an error names row, column and value. */
export function placedDatum(value: unknown, type: SqlType, row: number, place: ValuePlace): Datum {
  try {
    return valueToDatum(value, type, place.text);
  } catch (cause) {
    if (!(cause instanceof LiveViewError)) throw cause;
    throw new SchemaError(
      "invalid-input",
      `${messageWithoutHint(cause)}, in row ${row}, column ${place.table}.${place.column}`,
      {
        details: { row, table: place.table, column: place.column, type: typeName(type) },
        hint: cause.hint ?? `give a value of type ${typeName(type)}`,
        cause,
      },
    );
  }
}
