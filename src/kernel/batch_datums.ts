/**
 * The values of a batch column as datums, for what goes row by row. O(values).
 *
 * @module
 */
import { wholeFromBigint } from "../query/functions/datum.ts";
import type { BatchColumn } from "../storage/column_batch.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";

const DECODER = new TextDecoder();

/** The values of a batch column as datums. */
export function columnDatums(column: BatchColumn, type: SqlType): Datum[] {
  const values = plainDatums(column, type);
  const { nulls } = column;
  return nulls === undefined ? values : values.map((value, i) => nulls[i] === 1 ? null : value);
}

function plainDatums(column: BatchColumn, type: SqlType): Datum[] {
  switch (column.kind) {
    case "numbers":
      return Array.from(column.values, (value): Datum => type.kind === "boolean" ? value === 1 : value);
    case "bigints":
      return Array.from(column.values, wholeFromBigint);
    case "datums":
    case "strings":
      return [...column.values];
    case "codes":
      return Array.from(column.codes, (code) => column.dictionary[code] ?? null);
    case "utf8": {
      const { bytes, offsets } = column;
      return Array.from(
        { length: offsets.length - 1 },
        (_, i) => DECODER.decode(bytes.subarray(offsets[i], offsets[i + 1])),
      );
    }
  }
}
