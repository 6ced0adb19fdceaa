/**
 * The TPC-H database as a sequence of column batches, every table after those it refers to.
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1, section 4.2 (database population).
 *
 * @module
 */

import { QueryError } from "../../src/base/error.ts";
import type { ColumnBatch } from "../../src/storage/column_batch.ts";
import { CustomerGenerator, SupplierGenerator } from "./generate_contacts.ts";
import { LAST_ORDER_DAY, OrderGenerator } from "./generate_orders.ts";
import { PartGenerator } from "./generate_part.ts";
import { generateNations, generateRegions } from "./generate_reference.ts";
import { countLines, MOST_LINES } from "./order_keys.ts";
import { SUPPLIERS_PER_PART, TPCH_TABLES, tpchRowCounts, type TpchTable } from "./tables.ts";
import { textPool } from "./text_pool.ts";

/** What is to be generated. */
export interface TpchOptions {
  /** 1 is about one gigabyte of text: 8.66 million rows. From 0.01 to 300. */
  readonly scaleFactor: number;
  /** The most rows of a batch, 65 536 by default. */
  readonly batchRows?: number;
  /** Size of the text pool, 10 MiB by default; OFFICIAL_TEXT_POOL_BYTES gives TPC's own comments. */
  readonly textPoolBytes?: number;
  /** Only these tables; all by default. */
  readonly tables?: readonly TpchTable[];
  /** Moves all dates so that the last possible order date is this day (days since 1970-01-01). */
  readonly shiftDatesTo?: number;
}

/** A batch of rows of one table. */
export interface TpchBatch {
  readonly table: TpchTable;
  readonly batch: ColumnBatch;
  /** Rows of this table so far, with this batch. */
  readonly rowsDone: number;
  readonly rowsTotal: number;
}

const DEFAULT_BATCH_ROWS = 65_536;

/**
 * Generates the database, table by table; parts come out together with their suppliers and orders together
 * with their line items. A batch is independent of those before and after it.
 */
export function* generateTpch(options: TpchOptions): Generator<TpchBatch, void, undefined> {
  const { scaleFactor, batchRows = DEFAULT_BATCH_ROWS, tables = TPCH_TABLES, textPoolBytes } = options;
  const counts = tpchRowCounts(scaleFactor);
  checkBatchRows(batchRows);
  const pool = textPool(textPoolBytes);
  const wanted = new Set(tables);
  const done = new Map<TpchTable, number>();

  function* emit(
    table: TpchTable,
    batch: ColumnBatch,
    rowsTotal: number,
  ): Generator<TpchBatch, void, undefined> {
    if (!wanted.has(table)) return;
    const rowsDone = (done.get(table) ?? 0) + batch.rowCount;
    done.set(table, rowsDone);
    yield { table, batch, rowsDone, rowsTotal };
  }

  if (wanted.has("region")) yield* emit("region", generateRegions(pool), counts.region);
  if (wanted.has("nation")) yield* emit("nation", generateNations(pool), counts.nation);
  if (wanted.has("supplier")) {
    const suppliers = new SupplierGenerator(pool, Math.min(batchRows, counts.supplier));
    for (const [from, rows] of steps(counts.supplier, batchRows)) {
      yield* emit("supplier", suppliers.next(from, rows), counts.supplier);
    }
  }
  if (wanted.has("customer")) {
    const customers = new CustomerGenerator(pool, Math.min(batchRows, counts.customer));
    for (const [from, rows] of steps(counts.customer, batchRows)) {
      yield* emit("customer", customers.next(from, rows), counts.customer);
    }
  }
  if (wanted.has("part") || wanted.has("partsupp")) {
    const batchParts = Math.min(Math.floor(batchRows / SUPPLIERS_PER_PART), counts.part);
    const parts = new PartGenerator(pool, counts.supplier, batchParts);
    for (const [from, rows] of steps(counts.part, batchParts)) {
      const { part, partsupp } = parts.next(from, rows);
      yield* emit("part", part, counts.part);
      yield* emit("partsupp", partsupp, counts.partsupp);
    }
  }
  if (wanted.has("orders") || wanted.has("lineitem")) {
    const batchOrders = Math.min(Math.floor(batchRows / MOST_LINES), counts.orders);
    const dayShift = dayShiftOf(options.shiftDatesTo);
    const lines = countLines(counts.orders);
    const generator = new OrderGenerator({ pool, scaleFactor, counts, dayShift, batchOrders });
    for (const [from, rows] of steps(counts.orders, batchOrders)) {
      const { orders, lineitem } = generator.next(from, rows);
      yield* emit("orders", orders, counts.orders);
      yield* emit("lineitem", lineitem, lines);
    }
  }
}

/** The days to add to all dates so that the last possible order date is `shiftDatesTo`. */
export function dayShiftOf(shiftDatesTo: number | undefined): number {
  if (shiftDatesTo === undefined) return 0;
  if (!Number.isInteger(shiftDatesTo)) {
    throw new QueryError("invalid-parameter", `${shiftDatesTo} is not a day`, {
      hint: "give the whole number of days since 1970-01-01",
      details: { shiftDatesTo },
    });
  }
  return shiftDatesTo - LAST_ORDER_DAY;
}

// The key of the first row and the number of rows of every step; keys begin with 1.
function* steps(total: number, size: number): Generator<[number, number], void, undefined> {
  for (let done = 0; done < total; done += size) yield [done + 1, Math.min(size, total - done)];
}

function checkBatchRows(batchRows: number): void {
  if (Number.isInteger(batchRows) && batchRows >= MOST_LINES && batchRows <= 10_000_000) return;
  throw new QueryError("invalid-parameter", `Batches of ${batchRows} rows are not possible`, {
    hint: `choose a whole number from ${MOST_LINES} to 10000000`,
    details: { batchRows },
  });
}
