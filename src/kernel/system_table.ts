/**
 * Snapshots of system tables: their rows are put into a table of their own when a query reads them.
 *
 * @module
 */
import { Store } from "../storage/store.ts";
import type { TableSnapshot } from "../storage/table_view.ts";
import type { SystemTable } from "./extension_points.ts";
import { valuesToColumn } from "./value_input.ts";

/** The rows of `table` as they are now. */
export function systemSnapshot(table: SystemTable): TableSnapshot {
  const store = new Store({});
  store.createTable({
    name: table.name,
    kind: "table",
    columns: table.columns.map((column) => ({ ...column, nullable: true })),
    primaryKey: [],
    uniqueKeys: [],
    references: [],
  });
  const rows = table.rows();
  const transaction = store.begin();
  transaction.insert(table.name, {
    rowCount: rows.length,
    columns: Object.fromEntries(table.columns.map(({ name, type }) => [
      name,
      valuesToColumn(rows.map((row) => row[name]), type, { table: table.name, column: name }),
    ])),
  });
  transaction.commit();
  return store.begin().snapshot(table.name);
}
