/**
 * Columns of a result as JSON texts, by the table in `wire_value.ts`, straight from storage units.
 *
 * One loop a column and one text a value; rows are put together from them. O(values).
 *
 * @module
 */
import { materialize } from "../../../src/exec/materialize.ts";
import { readDatums } from "../../../src/exec/vector_read.ts";
import { datumToValue } from "../../../src/kernel/value_output.ts";
import { formatDatum } from "../../../src/query/functions/text_format.ts";
import type { Datum, SqlType } from "../../../src/storage/sql_type.ts";
import type { Vector } from "../../../src/storage/vector.ts";
import { wireTyped } from "../wire_value.ts";

/** Milliseconds on either side of 1970 that a `Date` holds. */
const DATE_MS_MAX = 8.64e15;

/** The first `rowCount` values of `vector` as JSON texts. */
export function columnTexts(vector: Vector, type: SqlType, rowCount: number, exact: boolean): string[] {
  const datums = readDatums(materialize(vector, rowCount), rowCount);
  const text = valueText(type, exact);
  const texts = new Array<string>(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const datum = datums[row]!;
    texts[row] = datum === null ? "null" : text(datum);
  }
  return texts;
}

// The casts below narrow a Datum to what its SQL type stores; see the table in sql_type.ts.
/** Writes values of `type` other than NULL as JSON. */
export function valueText(type: SqlType, exact: boolean): (datum: Datum) => string {
  switch (type.kind) {
    case "boolean":
      return (datum) => datum === true ? "true" : "false";
    case "smallint":
    case "integer":
      return String;
    case "real":
    case "double":
      return (datum) => Number.isFinite(datum) ? String(datum as number) : `"${datum}"`;
    case "bigint":
      return exact
        ? (datum) => `"${datum}"`
        : (datum) => typeof datum === "number" ? String(datum) : wide(datum);
    case "text":
      return JSON.stringify;
    case "json":
      return (datum) => datum as string;
    case "date":
      return (datum) => dateText(datum as number, type);
    case "timestamp":
    case "timestamptz":
      return (datum) => instantText(datum as number, type);
    default:
      return (datum) => JSON.stringify(wireTyped(datumToValue(datum, type, { exact }), type));
  }
}

/** A whole number beyond 2^53: bare where a double holds it. */
function wide(datum: Datum): string {
  const value = datum as bigint;
  return BigInt(Number(value)) === value ? String(value) : `"${value}"`;
}

function dateText(days: number, type: SqlType): string {
  const ms = days * 86_400_000;
  return Math.abs(ms) > DATE_MS_MAX
    ? JSON.stringify(formatDatum(days, type))
    : `"${new Date(ms).toISOString().split("T", 1)[0]}"`;
}

/** Milliseconds always, microseconds where there are any. */
function instantText(micros: number, type: SqlType): string {
  const ms = Math.floor(micros / 1000);
  if (!(Math.abs(ms) <= DATE_MS_MAX)) return JSON.stringify(formatDatum(micros, type));
  const text = new Date(ms).toISOString();
  const rest = micros - ms * 1000;
  return rest === 0 ? `"${text}"` : `"${text.slice(0, -1)}${String(rest).padStart(3, "0")}Z"`;
}
