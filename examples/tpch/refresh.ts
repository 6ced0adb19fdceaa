/**
 * The refresh functions: RF1 inserts new orders with their line items, RF2 deletes old ones, each a thousandth
 * of the orders at a time. Together they keep the size of the database.
 *
 * Set n inserts into the unused keys beside those that set n deletes.
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1, section 2.5 (refresh functions).
 *
 * @module
 */

import { QueryError } from "../../src/base/error.ts";
import { dayShiftOf, type TpchOptions } from "./generate.ts";
import { type OrderBatches, OrderGenerator } from "./generate_orders.ts";
import { orderKey } from "./order_keys.ts";
import { tpchRowCounts } from "./tables.ts";
import { textPool } from "./text_pool.ts";

/** Which database the sets belong to. */
export type RefreshOptions = Pick<TpchOptions, "scaleFactor" | "textPoolBytes" | "shiftDatesTo">;

/** The sets are numbered from 1 to this. */
export const REFRESH_SETS = 999;

const INITIAL_SEGMENT = 0;
const REFRESH_SEGMENT = 1;
const ORDERS_PER_REFRESH = 1000;

/** The number of orders that each set inserts and deletes. */
export function refreshOrders(scaleFactor: number): number {
  return Math.floor(tpchRowCounts(scaleFactor).orders / ORDERS_PER_REFRESH);
}

/** RF1: the orders and line items that set number `set` inserts. */
export function refreshInsert(set: number, options: RefreshOptions): OrderBatches {
  checkSet(set);
  const { scaleFactor } = options;
  const counts = tpchRowCounts(scaleFactor);
  const rows = refreshOrders(scaleFactor);
  const done = (set - 1) * rows;
  const generator = new OrderGenerator({
    pool: textPool(options.textPoolBytes),
    scaleFactor,
    counts,
    dayShift: dayShiftOf(options.shiftDatesTo),
    batchOrders: rows,
  }, counts.orders + done);
  return generator.next(done + 1, rows, REFRESH_SEGMENT);
}

/** RF2: the keys of the orders that set number `set` deletes, with all their line items. */
export function refreshDelete(set: number, options: RefreshOptions): Int32Array {
  checkSet(set);
  const rows = refreshOrders(options.scaleFactor);
  const done = (set - 1) * rows;
  return Int32Array.from({ length: rows }, (_, i) => orderKey(done + 1 + i, INITIAL_SEGMENT));
}

function checkSet(set: number): void {
  if (Number.isInteger(set) && set >= 1 && set <= REFRESH_SETS) return;
  throw new QueryError("invalid-parameter", `There is no refresh set ${set}`, {
    hint: `choose a whole number from 1 to ${REFRESH_SETS}`,
    details: { set },
  });
}
