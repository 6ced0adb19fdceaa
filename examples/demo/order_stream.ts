/**
 * A stream of changes to TPC-H in which new orders are placed today, and its application in transactions.
 *
 * Everything else in the stream, such as deleted orders and moved prices, concerns the past as it is.
 *
 * @module
 */
import { unreachable } from "../../src/base/assert.ts";
import type { DatabaseTransaction } from "../../src/kernel/database.ts";
import { isoDate, type TpchRow } from "../tpch/batch_rows.ts";
import { randomUpdates, type TpchChange } from "../tpch/random_updates.ts";

/** What the stream is made of. */
export interface OrderStreamOptions {
  readonly seed: number;
  readonly scaleFactor: number;
  /** The day of new orders: days since 1970-01-01. */
  readonly today: number;
}

const DAY_MS = 86_400_000;
const LINE_DATES: readonly string[] = ["l_shipdate", "l_commitdate", "l_receiptdate"];

/** The endless stream; the same options give the same stream. */
export function* orderStream(options: OrderStreamOptions): Generator<TpchChange, void, undefined> {
  const { seed, scaleFactor, today } = options;
  // The lines of an order follow it, and their dates move with its own.
  let moveDays = 0;
  for (const change of randomUpdates(seed, { scaleFactor })) {
    if (change.kind !== "insert") yield change;
    else if (change.table === "orders") {
      moveDays = today - dayOf(change.row.o_orderdate!);
      yield { ...change, row: moved(change.row, ["o_orderdate"], moveDays) };
    } else if (change.table === "lineitem") {
      yield { ...change, row: moved(change.row, LINE_DATES, moveDays) };
    } else yield change;
  }
}

/** Applies `changes` in their order; neighbours of one kind and table go in one call. */
export async function applyChanges(
  transaction: DatabaseTransaction,
  changes: readonly TpchChange[],
): Promise<void> {
  for (let from = 0; from < changes.length;) {
    const { kind, table } = changes[from]!;
    let to = from + 1;
    while (to < changes.length && changes[to]!.kind === kind && changes[to]!.table === table) to++;
    const rows = changes.slice(from, to).map(rowOf);
    if (kind === "insert") await transaction.insert(table, rows);
    else if (kind === "update") await transaction.update(table, rows);
    else await transaction.delete(table, rows);
    from = to;
  }
}

function rowOf(change: TpchChange): TpchRow {
  switch (change.kind) {
    case "insert":
      return change.row;
    case "update":
      return { ...change.key, ...change.set };
    case "delete":
      return change.key;
    default:
      return unreachable(change);
  }
}

function dayOf(date: string | number): number {
  return Date.parse(String(date)) / DAY_MS;
}

function moved(row: TpchRow, columns: readonly string[], days: number): TpchRow {
  const dates = columns.map((column) => [column, isoDate(dayOf(row[column]!) + days)] as const);
  return { ...row, ...Object.fromEntries(dates) };
}
