/**
 * Small tables made by the shell itself, in the form that the table printer takes.
 *
 * @module
 */
import { INTEGER, type SqlType, TEXT, typeName } from "../../src/storage/sql_type.ts";
import type { TableResult } from "./table_text.ts";

/** A table of texts and numbers; a column whose first value is a number is one of numbers. */
export function textResult(
  names: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): TableResult {
  const types = names.map((_, i): SqlType => typeof rows[0]?.[i] === "number" ? INTEGER : TEXT);
  return {
    columns: names.map((name, i) => ({ name, type: typeName(types[i]!), sqlType: types[i]! })),
    rowCount: rows.length,
    vector: (index) => {
      const values = rows.map((row) => row[index] ?? null);
      return { kind: "object", values, nulls: Uint8Array.from(values, (value) => value === null ? 1 : 0) };
    },
  };
}
