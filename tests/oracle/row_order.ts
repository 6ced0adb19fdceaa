/**
 * Equality and order of rows, as SQL compares them: for the reference engine and the comparison of results.
 *
 * @module
 */
import { compareDatums, datumKey } from "../../src/query/functions/compare.ts";
import type { SortKey } from "../../src/query/plan.ts";
import type { Datum, SqlType } from "../../src/storage/sql_type.ts";

/** Equal for two rows exactly when their values are, NULL being equal to NULL. */
export function rowKey(row: readonly Datum[], types: readonly SqlType[]): string {
  return row.map((value, i) => {
    const key = String(value === null ? "" : datumKey(value, types[i]!));
    return value === null ? "N" : `${key.length}:${key}`;
  }).join("");
}

/** The first of each set of equal rows. */
export function distinctRows(rows: Datum[][], types: readonly SqlType[]): Datum[][] {
  const seen = new Set<string>();
  return rows.filter((row) => seen.size < seen.add(rowKey(row, types)).size);
}

/** The order of two rows by the values of their sort keys. */
export function compareKeys(a: readonly Datum[], b: readonly Datum[], keys: readonly SortKey[]): number {
  for (const [i, key] of keys.entries()) {
    const x = a[i]!;
    const y = b[i]!;
    let order: number;
    if (x === null || y === null) order = Number(x === null) - Number(y === null);
    else order = compareDatums(x, y, key.expression.type);
    if (order === 0) continue;
    const nulls = x === null || y === null;
    return (nulls ? key.nullsFirst : key.descending) ? -order : order;
  }
  return 0;
}

/** Sorts, stably, what carries the values of its sort keys. */
export function sortByKeys<Item extends { readonly keys: readonly Datum[] }>(
  items: readonly Item[],
  keys: readonly SortKey[],
): Item[] {
  return [...items].sort((a, b) => compareKeys(a.keys, b.keys, keys));
}
