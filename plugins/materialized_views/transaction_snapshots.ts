/**
 * Reading tables as a transaction sees them, and letting go of them afterwards: a snapshot that stays open makes
 * every later write copy what it touches.
 *
 * @module
 */
import { rowsOfQuery } from "../../src/circuit/batch_template.ts";
import type { Delta } from "../../src/circuit/delta.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import type { Plan, PlanColumn } from "../../src/query/plan.ts";
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

/** All rows of a query over `snapshot`, however many, each of weight 1. */
export function allRows(
  host: PluginHost,
  query: { readonly plan: Plan; readonly columns: readonly PlanColumn[] },
  snapshot: (table: string) => TableSnapshot,
): Delta {
  const environment = host.environment(snapshot);
  return rowsOfQuery(query, { ...environment, limits: { ...environment.limits, rowsMax: Infinity } });
}
