/**
 * The rows of a batch as plain objects, for clients that insert row by row.
 *
 * Values are as a SQL client binds them: decimals as numbers (exact, for they have at most 2 places), dates as
 * ISO text.
 *
 * @module
 */

import { InvariantError } from "../../src/base/error.ts";
import type { BatchColumn, ColumnBatch } from "../../src/storage/column_batch.ts";
import { TPCH_LAYOUT, type TpchColumn, type TpchTable } from "./tables.ts";

/** Values by column name. */
export type TpchRow = Readonly<Record<string, number | string>>;

const MILLISECONDS_PER_DAY = 86_400_000;
const decoder = new TextDecoder();

/** All rows of a batch of `table`. */
export function rowsOfBatch(table: TpchTable, batch: ColumnBatch): TpchRow[] {
  const rows: Record<string, number | string>[] = Array.from({ length: batch.rowCount }, () => ({}));
  for (const column of TPCH_LAYOUT[table].columns) {
    const data = batch.columns[column.name];
    for (let i = 0; i < rows.length; i++) rows[i]![column.name] = valueOf(column, data, i);
  }
  return rows;
}

/** The ISO date of a day since 1970-01-01. */
export function isoDate(day: number): string {
  return new Date(day * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);
}

function valueOf(column: TpchColumn, data: BatchColumn | undefined, row: number): number | string {
  if (data?.kind === "codes") return data.dictionary[data.codes[row]!]!;
  if (data?.kind === "utf8") {
    return decoder.decode(data.bytes.subarray(data.offsets[row], data.offsets[row + 1]));
  }
  if (data?.kind === "numbers") {
    const value = data.values[row]!;
    if (column.values === "decimal") return value / 100;
    return column.values === "date" ? isoDate(value) : value;
  }
  throw new InvariantError("invariant", `Column ${column.name} has no values that can be read`, {
    details: { column: column.name, kind: data?.kind },
  });
}
