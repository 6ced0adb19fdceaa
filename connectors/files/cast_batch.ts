/**
 * Batches of a file for a table whose columns have other types: each value is cast as in an assignment.
 *
 * Types that store values in the same way need no work.
 *
 * @module
 */
import { LiveViewError } from "../../src/base/error.ts";
import { castDatum } from "../../src/query/functions/cast.ts";
import { columnDatums } from "../../src/kernel/batch_datums.ts";
import { datumsToColumn } from "../../src/kernel/value_input.ts";
import type { BatchColumn } from "../../src/storage/column_batch.ts";
import { type Datum, sameType, type SqlType } from "../../src/storage/sql_type.ts";
import { inputError, reasonOf } from "./input_error.ts";

/** `column` of type `from` as type `to`. `rowStart` and `place` are for errors. */
export function castColumn(
  column: BatchColumn,
  from: SqlType,
  to: SqlType,
  place: { readonly file: string; readonly column: string; readonly rowStart: number },
): BatchColumn {
  if (storedAlike(from, to)) return column;
  const datums = columnDatums(column, from);
  const cast = datums.map((datum, i): Datum => {
    if (datum === null) return null;
    try {
      return castDatum(datum, from, to, false);
    } catch (cause) {
      if (!(cause instanceof LiveViewError)) throw cause;
      throw inputError(
        { file: place.file, column: place.column, row: place.rowStart + i + 1 },
        reasonOf(cause),
        { cause },
      );
    }
  });
  return datumsToColumn(cast, to);
}

/** True when every value of `from` is the same value of `to` in storage. */
function storedAlike(from: SqlType, to: SqlType): boolean {
  if (sameType(from, to)) return true;
  switch (to.kind) {
    case "integer":
      return from.kind === "smallint";
    case "bigint":
      return from.kind === "smallint" || from.kind === "integer";
    case "double":
      return from.kind === "smallint" || from.kind === "integer" || from.kind === "real";
    case "text":
      return from.kind === "text" && to.maxLength === undefined;
    case "decimal":
      return from.kind === "decimal" && from.scale === to.scale && from.precision <= to.precision;
    default:
      return false;
  }
}
