/**
 * Tables as a circuit reads them, through the transaction of the commit under way.
 *
 * @module
 */
import type { CircuitTables } from "../../src/circuit/delta_join.ts";
import type { Store } from "../../src/storage/store.ts";
import type { Transaction } from "../../src/storage/transaction.ts";

/** The tables of `transaction`, its own writes included. */
export function transactionTables(transaction: Transaction, store: Store): CircuitTables {
  return {
    find: (table, ordinals, key, into) => transaction.findRows(table, ordinals, key, into),
    row: (table, rowId) => transaction.row(table, rowId),
    rowIds: (table) => rowIdsOf(store, table),
  };
}

function* rowIdsOf(store: Store, table: string): Generator<number> {
  for (const rows of store.table(table)?.liveRows() ?? []) yield* rows;
}
