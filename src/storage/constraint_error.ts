/**
 * Errors of keys and checks, with the values that broke them.
 *
 * @module
 */
import { SchemaError } from "../base/error.ts";
import type { Datum } from "./sql_type.ts";
import { columnNames, type IndexDefinition, type TableDefinition } from "./table_definition.ts";
import { show } from "./value_check.ts";

/** A second row with a key; `row` is the index of the row in the statement's input. */
export function duplicateKeyError(
  definition: TableDefinition,
  index: IndexDefinition,
  key: readonly Datum[],
  row: number,
): SchemaError {
  const columns = columnNames(definition, index.ordinals);
  return new SchemaError(
    "duplicate-key",
    `Table ${definition.name} has a row with the key (${columns}) = (${key.map(show).join(", ")}) already: ` +
      `received it in row ${row}`,
    {
      details: { table: definition.name, constraint: index.name, columns, key, row },
      hint: "update the existing row, or use ON CONFLICT",
    },
  );
}

/** A row that a CHECK rejects. */
export function checkViolationError(
  definition: TableDefinition,
  constraint: string,
  values: readonly Datum[],
  row: number,
): SchemaError {
  const shown = values.map((value, ordinal) => `${definition.columns[ordinal].name}=${show(value)}`).join(
    ", ",
  );
  return new SchemaError(
    "check-violation",
    `Check ${constraint} of table ${definition.name} rejects row ${row}: received ${shown}`,
    {
      details: { table: definition.name, constraint, row },
      hint: "change the values or drop the constraint",
    },
  );
}
