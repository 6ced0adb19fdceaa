/**
 * Rows in storage units as JSON text: arrays in the order of the columns, values as `wire_value.ts` has them.
 *
 * One function a column is chosen once; numbers and texts, which are most values, make no objects on the way.
 *
 * @module
 */
import type { Datum, SqlType } from "../../../src/storage/sql_type.ts";
import { valueText } from "../answer/json_text.ts";

/** Writes one row. */
export type RowWriter = (row: readonly Datum[]) => string;

/** A writer of rows with these columns. */
export function rowWriter(columns: readonly { readonly sqlType: SqlType }[]): RowWriter {
  const writers = columns.map((column) => valueText(column.sqlType, false));
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
