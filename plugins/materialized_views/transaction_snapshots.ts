/**
 * Reading tables as a transaction sees them, and letting go of them afterwards: a snapshot that stays open makes
 * every later write copy what it touches.
 *
 * @module
 */
import type { TableSnapshot } from "../../src/storage/table_view.ts";
import type { Transaction } from "../../src/storage/transaction.ts";

/** Gives `read` a way to open tables; what it returns must not depend on them. */
export function readTables<Result>(
  transaction: Transaction,
  read: (snapshot: (table: string) => TableSnapshot) => Result,
): Result {
  const opened: TableSnapshot[] = [];
  try {
    return read((table) => {
      const snapshot = transaction.snapshot(table);
      opened.push(snapshot);
      return snapshot;
    });
  } finally {
    for (const snapshot of opened) snapshot.release();
  }
}
