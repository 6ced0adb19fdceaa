/**
 * Small tables made by the shell itself, in the form that the table printer takes.
 *
 * @module
 */
import { INTEGER, type SqlType, TEXT, typeName } from "../../src/storage/sql_type.ts";
import type { TableResult } from "./table_text.ts";

/** A table of texts and numbers; names that begin with `>` stand above columns aligned to the right. */
export function textResult(
  titles: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): TableResult {
  const names = titles.map((title) => title.replace(/^>/, ""));
  // The printer aligns by type, and shows what it finds in an INTEGER column as it is.
  const types = titles.map((title): SqlType => title.startsWith(">") ? INTEGER : TEXT);
  return {
    columns: names.map((name, i) => ({ name, type: typeName(types[i]!), sqlType: types[i]! })),
    rowCount: rows.length,
    vector: (index) => {
      const values = rows.map((row) => row[index] ?? null);
      return { kind: "object", values, nulls: Uint8Array.from(values, (value) => value === null ? 1 : 0) };
    },
  };
}
