/**
 * Rows of a column batch as datums, for comparison in tests.
 *
 * @module
 */
import type { BatchColumn, ColumnBatch } from "../../../src/storage/column_batch.ts";
import type { Datum } from "../../../src/storage/sql_type.ts";

const decoder = new TextDecoder();

/** All rows, columns in the order of the batch. */
export function batchRows(batch: ColumnBatch): Datum[][] {
  const columns = Object.values(batch.columns);
  return Array.from({ length: batch.rowCount }, (_, row) => columns.map((column) => batchValue(column, row)));
}

/** One value. */
export function batchValue(column: BatchColumn, row: number): Datum {
  if (column.nulls?.[row] === 1) return null;
  switch (column.kind) {
    case "numbers":
    case "bigints":
    case "datums":
    case "strings":
      return column.values[row]!;
    case "codes":
      return column.dictionary[column.codes[row]!]!;
    case "utf8":
      return decoder.decode(column.bytes.subarray(column.offsets[row], column.offsets[row + 1]));
  }
}
