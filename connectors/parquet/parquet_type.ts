/**
 * Parquet types: the SQL type of a column, and the form in which its values are asked of the decoder.
 *
 * The decoder's own conversions make Date objects, doubles of decimals, and a BigInt for every 64-bit value.
 * So the annotations of a column are replaced before decoding: 64-bit columns pose as timestamps, whose parser
 * the decoder calls once per dictionary entry and which gives a plain number; all others come as they are
 * stored. The SQL type says what the raw numbers mean.
 *
 * @module
 */
import type { SchemaElement, SchemaTree } from "hyparquet";
import {
  BIGINT,
  BOOLEAN,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  JSON_TYPE,
  REAL,
  SMALLINT,
  type SqlType,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../../src/storage/sql_type.ts";
import { inputError } from "../files/input_error.ts";

/** How raw values become storage units. */
export type ParquetForm =
  /** Numbers as they are, times `factor`; below 1 it must divide every value. */
  | { readonly kind: "number"; readonly factor: number }
  /** Unsigned numbers of so many bits, which the decoder takes for signed ones. */
  | { readonly kind: "unsigned"; readonly bits: 32 | 64 }
  | { readonly kind: "boolean" }
  /** UTF-8. */
  | { readonly kind: "text" }
  /** Two's complement in big-endian bytes. */
  | { readonly kind: "decimalBytes" }
  /** Bytes shown as `\x` and hexadecimal digits. */
  | { readonly kind: "hex" }
  /** The decoder's objects as JSON. */
  | { readonly kind: "json" }
  /** 16 bytes. */
  | { readonly kind: "uuid" };

/** A column of a Parquet file. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly form: ParquetForm;
  readonly nullable: boolean;
  /** What stands for the column's element in the schema that the decoder is given. */
  readonly element: SchemaElement;
}

interface Meaning {
  readonly type: SqlType;
  readonly form: ParquetForm;
}

const AS_IT_IS: ParquetForm = { kind: "number", factor: 1 };

/** The column that `node`, a child of the root, stands for. */
export function parquetColumn(node: SchemaTree, file: string): ParquetColumn {
  const { element } = node;
  const nested = node.children.length > 0 || element.repetition_type === "REPEATED";
  const meaning: Meaning = nested ? { type: JSON_TYPE, form: { kind: "json" } } : meaningOf(element, file);
  return {
    name: element.name,
    ...meaning,
    nullable: element.repetition_type !== "REQUIRED",
    element: nested ? element : rawElement(element, meaning.form),
  };
}

/** `element` without annotations, so that values come as they are stored. */
function rawElement(element: SchemaElement, form: ParquetForm): SchemaElement {
  const { converted_type: _converted, logical_type: _logical, ...raw } = element;
  if (form.kind === "text") return { ...raw, logical_type: { type: "STRING" } };
  if (element.type === "INT64") {
    return { ...raw, logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" } };
  }
  return element.logical_type?.type === "FLOAT16" ? element : raw;
}

function meaningOf(element: SchemaElement, file: string): Meaning {
  return annotatedMeaning(element, file) ?? physicalMeaning(element);
}

function physicalMeaning(element: SchemaElement): Meaning {
  switch (element.type) {
    case "BOOLEAN":
      return { type: BOOLEAN, form: { kind: "boolean" } };
    case "INT32":
      return { type: INTEGER, form: AS_IT_IS };
    case "INT64":
      return { type: BIGINT, form: AS_IT_IS };
    case "INT96":
      return { type: TIMESTAMP, form: { kind: "number", factor: 1e-3 } };
    case "FLOAT":
      return { type: REAL, form: AS_IT_IS };
    case "DOUBLE":
      return { type: DOUBLE, form: AS_IT_IS };
    case "FIXED_LEN_BYTE_ARRAY":
      return { type: TEXT, form: { kind: "hex" } };
    // Old writers leave texts without annotation.
    default:
      return { type: TEXT, form: { kind: "text" } };
  }
}

const UNIT_FACTORS = { MILLIS: 1000, MICROS: 1, NANOS: 1e-3 } as const;

function annotatedMeaning(element: SchemaElement, file: string): Meaning | undefined {
  const logical = element.logical_type;
  switch (logical?.type) {
    case "STRING":
    case "ENUM":
      return { type: TEXT, form: { kind: "text" } };
    case "JSON":
      return { type: JSON_TYPE, form: { kind: "text" } };
    case "UUID":
      return { type: TEXT, form: { kind: "uuid" } };
    case "DATE":
      return { type: DATE, form: AS_IT_IS };
    case "TIME":
      return { type: TIME, form: { kind: "number", factor: UNIT_FACTORS[logical.unit] } };
    case "TIMESTAMP":
      return {
        type: logical.isAdjustedToUTC ? TIMESTAMPTZ : TIMESTAMP,
        form: { kind: "number", factor: UNIT_FACTORS[logical.unit] },
      };
    case "DECIMAL":
      return decimalMeaning(element, logical.precision, logical.scale);
    case "INTEGER":
      return integerMeaning(logical.bitWidth, logical.isSigned);
    case "FLOAT16":
      return { type: REAL, form: AS_IT_IS };
    case "BSON":
    case "INTERVAL":
    case "GEOMETRY":
    case "GEOGRAPHY":
    case "VARIANT":
      throw inputError({ file, column: element.name }, `values of type ${logical.type} are not supported`, {
        hint: "leave the column out with the option columns",
      });
    default:
      return convertedMeaning(element);
  }
}

/** The older annotations. */
function convertedMeaning(element: SchemaElement): Meaning | undefined {
  switch (element.converted_type) {
    case "UTF8":
    case "ENUM":
      return { type: TEXT, form: { kind: "text" } };
    case "JSON":
      return { type: JSON_TYPE, form: { kind: "text" } };
    case "DECIMAL":
      return decimalMeaning(element, element.precision ?? 38, element.scale ?? 0);
    case "DATE":
      return { type: DATE, form: AS_IT_IS };
    case "TIME_MILLIS":
      return { type: TIME, form: { kind: "number", factor: 1000 } };
    case "TIME_MICROS":
      return { type: TIME, form: AS_IT_IS };
    case "TIMESTAMP_MILLIS":
      return { type: TIMESTAMPTZ, form: { kind: "number", factor: 1000 } };
    case "TIMESTAMP_MICROS":
      return { type: TIMESTAMPTZ, form: AS_IT_IS };
    case "INT_8":
    case "INT_16":
    case "INT_32":
    case "INT_64":
      return integerMeaning(Number(element.converted_type.slice(4)), true);
    case "UINT_8":
    case "UINT_16":
    case "UINT_32":
    case "UINT_64":
      return integerMeaning(Number(element.converted_type.slice(5)), false);
    default:
      return undefined;
  }
}

function decimalMeaning(element: SchemaElement, precision: number, scale: number): Meaning {
  const bytes = element.type === "BYTE_ARRAY" || element.type === "FIXED_LEN_BYTE_ARRAY";
  return { type: decimalType(precision, scale), form: bytes ? { kind: "decimalBytes" } : AS_IT_IS };
}

function integerMeaning(bits: number, signed: boolean): Meaning {
  if (signed) return { type: bits <= 16 ? SMALLINT : bits <= 32 ? INTEGER : BIGINT, form: AS_IT_IS };
  if (bits <= 8) return { type: SMALLINT, form: AS_IT_IS };
  if (bits <= 16) return { type: INTEGER, form: AS_IT_IS };
  return bits <= 32
    ? { type: BIGINT, form: { kind: "unsigned", bits: 32 } }
    : { type: decimalType(20, 0), form: { kind: "unsigned", bits: 64 } };
}
