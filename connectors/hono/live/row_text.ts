/**
 * Rows in storage units as JSON text: arrays in the order of the columns, values as `wire_value.ts` has them.
 *
 * One function a column is chosen once; numbers and texts, which are most values, make no objects on the way.
 *
 * @module
 */
import { converterOf } from "../../../src/kernel/value_output.ts";
import type { Datum, SqlType } from "../../../src/storage/sql_type.ts";
import { wireTyped } from "../wire_value.ts";

/** Writes one row. */
export type RowWriter = (row: readonly Datum[]) => string;

type ValueWriter = (datum: Exclude<Datum, null>) => string;

const DAY_MS = 86_400_000;

/** A writer of rows with these columns. */
export function rowWriter(columns: readonly { readonly sqlType: SqlType }[]): RowWriter {
  const writers = columns.map((column) => valueWriter(column.sqlType));
  return (row) => {
    let text = "[";
    for (let i = 0; i < writers.length; i++) {
      const datum = row[i]!;
      if (i > 0) text += ",";
      text += datum === null ? "null" : writers[i]!(datum);
    }
    return text + "]";
  };
}

function valueWriter(type: SqlType): ValueWriter {
  switch (type.kind) {
    case "boolean":
      return (datum) => datum === true ? "true" : "false";
    case "smallint":
    case "integer":
      return String;
    case "date":
      // The cast: a DATE is stored as days since 1970.
      return (datum) => JSON.stringify(new Date((datum as number) * DAY_MS).toISOString().slice(0, 10));
    case "text":
      return (datum) => JSON.stringify(datum);
    default: {
      const convert = converterOf(type, {});
      return (datum) => JSON.stringify(wireTyped(convert(datum), type));
    }
  }
}
