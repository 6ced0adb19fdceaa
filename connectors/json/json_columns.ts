/**
 * Columns from JSON objects: the names and types that the values need, and the values in batch columns.
 *
 * A member becomes a column. Numbers are INTEGER, BIGINT, DECIMAL(38,0) or DOUBLE by their values, strings
 * are DATE or TIMESTAMP when all of them are, else TEXT; objects, arrays and mixtures are JSON. A missing
 * member is NULL, as `null` is.
 *
 * @module
 */
import { LiveViewError } from "../../src/base/error.ts";
import { parseDatum } from "../../src/query/functions/text_format.ts";
import type { BatchColumn } from "../../src/storage/column_batch.ts";
import {
  BOOLEAN,
  type Datum,
  DOUBLE,
  JSON_TYPE,
  type SqlType,
  TEXT,
  typeName,
} from "../../src/storage/sql_type.ts";
import { inputError, type InputPlace, reasonOf, shown } from "../files/input_error.ts";
import { jsonText } from "../files/json_text.ts";
import {
  CLASS_DATE,
  CLASS_TIMESTAMP,
  CLASS_TIMESTAMPTZ,
  classFits,
  classifyText,
  TypeEvidence,
} from "../files/value_class.ts";

/** A JSON object as a row. */
export type JsonRow = Readonly<Record<string, unknown>>;

/** A column and whether its type was inferred, so that a misfit is told apart from a wrong value. */
export interface JsonColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly inferred: boolean;
}

const SAW_NUMBER = 1;
const SAW_STRING = 2;
const SAW_BOOLEAN = 4;
const SAW_NESTED = 8;

/** What was seen of one member. */
class MemberEvidence {
  #saw = 0;
  #fraction = false;
  readonly #numbers = new TypeEvidence();
  readonly #strings = new TypeEvidence();

  add(value: unknown): void {
    switch (typeof value) {
      case "number":
        this.#saw |= SAW_NUMBER;
        if (Number.isInteger(value) && Math.abs(value) < 1e15) this.#numbers.addText(String(value));
        else this.#fraction = true;
        break;
      case "bigint":
        this.#saw |= SAW_NUMBER;
        this.#numbers.addText(String(value));
        break;
      case "string":
        this.#saw |= SAW_STRING;
        this.#strings.classes |= classifyText(value);
        break;
      case "boolean":
        this.#saw |= SAW_BOOLEAN;
        break;
      case "object":
        if (value !== null) this.#saw |= SAW_NESTED;
    }
  }

  type(): SqlType {
    switch (this.#saw) {
      case 0:
        return TEXT;
      case SAW_NUMBER:
        return this.#fraction ? DOUBLE : this.#numbers.type();
      case SAW_STRING:
        return (this.#strings.classes & ~(CLASS_DATE | CLASS_TIMESTAMP | CLASS_TIMESTAMPTZ)) === 0
          ? this.#strings.type()
          : TEXT;
      case SAW_BOOLEAN:
        return BOOLEAN;
      default:
        return JSON_TYPE;
    }
  }
}

/** Evidence of all members, in the order in which they were first seen. */
export class JsonEvidence {
  readonly #members = new Map<string, MemberEvidence>();

  add(row: JsonRow): void {
    for (const name in row) {
      let member = this.#members.get(name);
      if (member === undefined) this.#members.set(name, member = new MemberEvidence());
      member.add(row[name]);
    }
  }

  /** The columns; those with a given type have it. */
  columns(types: Readonly<Record<string, SqlType>> = {}): JsonColumn[] {
    return [...this.#members].map(([name, member]) => {
      const given = Object.hasOwn(types, name) ? types[name] : undefined;
      return given === undefined
        ? { name, type: member.type(), inferred: true }
        : { name, type: given, inferred: false };
    });
  }
}

/** The column `column` of `rows`; `placeOf` says where row `i` stands. */
export function jsonColumn(
  rows: readonly JsonRow[],
  column: JsonColumn,
  placeOf: (row: number) => InputPlace,
): BatchColumn {
  const count = rows.length;
  let nulls: Uint8Array | undefined;
  const datums = new Array<Datum>(count);
  let beyond = false;
  for (let row = 0; row < count; row++) {
    const value = rows[row]![column.name];
    if (value === null || value === undefined) {
      (nulls ??= new Uint8Array(count))[row] = 1;
      datums[row] = null;
      continue;
    }
    const datum = jsonDatum(value, column, () => placeOf(row));
    if (typeof datum === "bigint") beyond = true;
    datums[row] = datum;
  }
  return packed(datums, column.type, beyond, nulls === undefined ? {} : { nulls });
}

function packed(
  datums: readonly Datum[],
  type: SqlType,
  beyond: boolean,
  rest: { readonly nulls?: Uint8Array },
): BatchColumn {
  switch (type.kind) {
    case "text":
    case "json":
    case "null":
      // Datums of these types are strings.
      return { kind: "strings", values: datums as readonly (string | null)[], ...rest };
    case "numeric":
    case "interval":
    case "array":
      return { kind: "datums", values: datums, ...rest };
    default:
      return beyond
        // Number datums beside bigints are whole.
        ? { kind: "bigints", values: datums.map((datum) => BigInt((datum ?? 0) as number | bigint)), ...rest }
        : { kind: "numbers", values: Float64Array.from(datums, (datum) => Number(datum)), ...rest };
  }
}

/** One value as a datum of the column's type. */
function jsonDatum(value: unknown, column: JsonColumn, placeOf: () => InputPlace): Datum {
  const { type } = column;
  if (type.kind === "json") return jsonText(value);
  if (typeof value === "string" && type.kind === "text" && type.maxLength === undefined) return value;
  if (typeof value === "number" && isPlain(value, type)) return value;
  if (typeof value === "boolean" && type.kind === "boolean") return value;
  const text = typeof value === "string" ? value : jsonText(value);
  if (column.inferred && !fitsInferred(value, text, type)) throw misfit(text, column, placeOf());
  try {
    return parseDatum(text, type);
  } catch (cause) {
    if (!(cause instanceof LiveViewError)) throw cause;
    throw misfit(text, column, placeOf(), cause);
  }
}

function isPlain(value: number, type: SqlType): boolean {
  switch (type.kind) {
    case "double":
      return true;
    case "integer":
      return value === (value | 0);
    case "bigint":
      return Number.isSafeInteger(value);
    default:
      return false;
  }
}

/** True when the value is of the kind that the column was inferred from. */
function fitsInferred(value: unknown, text: string, type: SqlType): boolean {
  switch (typeof value) {
    case "string":
      return type.kind === "text" ||
        (type.kind !== "double" && !isWholeType(type) && type.kind !== "boolean" &&
          classFits(classifyText(text), type));
    case "number":
    case "bigint":
      return type.kind === "double" || (isWholeType(type) && classFits(classifyText(text), type));
    default:
      return false;
  }
}

function isWholeType(type: SqlType): boolean {
  return type.kind === "integer" || type.kind === "bigint" || type.kind === "decimal";
}

function misfit(text: string, column: JsonColumn, place: InputPlace, cause?: LiveViewError): LiveViewError {
  const type = typeName(column.type);
  return inputError(
    { ...place, column: column.name },
    cause === undefined ? `${shown(text)} is not of type ${type}` : reasonOf(cause),
    {
      hint: column.inferred
        ? "the type was inferred from the rows before; infer from all rows, or give the type"
        : "correct the value, or read the column as JSON",
      details: { value: text, type, inferred: column.inferred },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** An error for a member that the inferred columns do not have. */
export function unknownMember(name: string, place: InputPlace): LiveViewError {
  return inputError({ ...place, column: name }, "the member is missing in the rows before", {
    hint: "infer the columns from all rows",
    details: { inferred: true },
  });
}
