/**
 * From the deltas of a commit to weighted rows by table, as circuits take them.
 *
 * @module
 */
import { materialize } from "../../src/exec/materialize.ts";
import { readDatums } from "../../src/exec/vector_read.ts";
import type { WeightedRow } from "../../src/circuit/zset.ts";
import type { TableDelta } from "../../src/storage/delta.ts";
import type { Datum } from "../../src/storage/sql_type.ts";

/** The changed rows by table. */
export function changesOf(deltas: readonly TableDelta[]): Map<string, readonly WeightedRow[]> {
  const changes = new Map<string, readonly WeightedRow[]>();
  for (const delta of deltas) {
    const rows: WeightedRow[] = [];
    for (const { size, columns, weights } of delta.chunks()) {
      const values = columns.map((column) => readDatums(materialize(column, size), size));
      for (let i = 0; i < size; i++) {
        const row = values.map((column): Datum => column[i]!);
        rows.push({ row, weight: weights[i]! });
      }
    }
    if (rows.length > 0) changes.set(delta.table, rows);
  }
  return changes;
}
