/**
 * Declared references, checked on demand: each row's key must be found in the referenced table.
 *
 * O(rows), with one index look-up a row.
 *
 * @module
 */
import { SchemaError } from "../base/error.ts";
import type { Datum } from "./sql_type.ts";
import type { Table } from "./table.ts";
import type { Reference } from "./table_definition.ts";

/** A row that refers to nothing. */
export interface ReferenceViolation {
  /** The table with the reference. */
  readonly table: string;
  /** The name of the constraint. */
  readonly reference: string;
  /** The row id of the offending row. */
  readonly row: number;
  /** Its key, in storage units. */
  readonly key: readonly Datum[];
}

/** The first `limit` rows of `table` whose references find no row. Keys with a NULL refer to nothing, rightly. */
export function findReferenceViolations(
  table: Table,
  tableOf: (name: string) => Table | undefined,
  limit: number,
): ReferenceViolation[] {
  const violations: ReferenceViolation[] = [];
  for (const reference of table.definition.references ?? []) {
    const find = finderOf(table, reference, tableOf);
    for (const rows of table.liveRows()) {
      for (const row of rows) {
        const key = reference.ordinals.map((ordinal) => table.get(row, ordinal));
        if (key.includes(null) || find(key)) continue;
        violations.push({ table: table.name, reference: reference.name, row, key });
        if (violations.length === limit) return violations;
      }
    }
  }
  return violations;
}

function finderOf(
  table: Table,
  reference: Reference,
  tableOf: (name: string) => Table | undefined,
): (key: readonly Datum[]) => boolean {
  const target = tableOf(reference.table);
  const ordinals = reference.targetOrdinals ?? target?.definition.primaryKey ?? [];
  const index = target?.indexes.find(({ definition }) =>
    definition.unique && definition.ordinals.length === ordinals.length &&
    definition.ordinals.every((ordinal, i) => ordinal === ordinals[i])
  );
  if (index !== undefined) return (key) => index.find(key) >= 0;
  throw new SchemaError(
    "foreign-key-violation",
    `Reference ${reference.name} of table ${table.name} needs a unique key of table ${reference.table}`,
    {
      details: { table: table.name, reference: reference.name },
      hint: "declare a PRIMARY KEY or UNIQUE there",
    },
  );
}
