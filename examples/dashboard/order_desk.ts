/**
 * The data of the dashboard: TPC-H with the time at which each order was placed, the view that the page reads, and
 * a stream of changes.
 *
 * ```text
 * TPC-H at scale 0.01 ─► the last half hour, from existing orders ─► recent_orders, a view that moves with the clock
 * random updates ─ one transaction an order ─► tables ─ inside the commit ─► recent_orders ─► what the page subscribes to
 * ```
 *
 * @module
 */
import type { Clock } from "../../src/base/clock.ts";
import { type Random, SeededRandom } from "../../src/base/random.ts";
import { createDatabase, type Database } from "../../src/kernel/database.ts";
import type { Plugin } from "../../src/kernel/plugin.ts";
import { materializedViews } from "../../plugins/materialized_views/plugin.ts";
import { applyChanges } from "../demo/order_stream.ts";
import { generateTpch } from "../tpch/generate.ts";
import { randomUpdates, type TpchChange } from "../tpch/random_updates.ts";
import { TPCH_TABLES, tpchSchema } from "../tpch/tables.ts";

/** What the desk is made of. */
export interface OrderDeskOptions {
  readonly clock: Clock;
  /** The same seed gives the same orders. */
  readonly seed: number;
  /** New orders a second; changes of other tables come with them. 0 for none. */
  readonly ordersPerSecond: number;
}

/** A database of orders that changes by itself. */
export interface OrderDesk extends AsyncDisposable {
  readonly db: Database<readonly Plugin[]>;
  /** Ends the stream and closes the database. */
  close(): Promise<void>;
}

const SCALE_FACTOR = 0.01;
/** Comments are not shown: a small pool of them is made quickly. */
const TEXT_POOL_BYTES = 1 << 20;
const HISTORY_MINUTES = 30;
const MINUTE_MS = 60_000;
const SECOND_MS = 1000;

/** The view that everything on the page reads. */
const RECENT_ORDERS = `
CREATE MATERIALIZED VIEW recent_orders AS
  SELECT o_orderkey AS order_key, placed_at, o_orderpriority AS priority, o_orderstatus AS status,
    o_totalprice AS price, c_mktsegment AS segment, n_name AS nation
  FROM orders
  JOIN customer ON c_custkey = o_custkey
  JOIN nation ON n_nationkey = c_nationkey
  WHERE placed_at > now() - INTERVAL '${HISTORY_MINUTES} minutes'`;

/** Loads the data and starts the stream. */
export async function openOrderDesk(options: OrderDeskOptions): Promise<OrderDesk> {
  const { clock, seed, ordersPerSecond } = options;
  const db = createDatabase({ plugins: [materializedViews()], clock, random: new SeededRandom(seed) });
  for (const table of TPCH_TABLES) await db.exec(tpchSchema(table));
  for (
    const { table, batch } of generateTpch({ scaleFactor: SCALE_FACTOR, textPoolBytes: TEXT_POOL_BYTES })
  ) {
    await db.insert(table, batch);
  }
  await db.exec("ALTER TABLE orders ADD COLUMN placed_at TIMESTAMPTZ");
  await placeRecently(db, clock, Math.max(1, ordersPerSecond));
  await db.exec(RECENT_ORDERS);
  const ending = new AbortController();
  const streaming = ordersPerSecond > 0 ? stream(db, options, ending.signal) : Promise.resolve();
  const close = async () => {
    ending.abort();
    await streaming;
    await db.close();
  };
  return { db, close, [Symbol.asyncDispose]: close };
}

/** Gives the last orders a time within the half hour before now. */
async function placeRecently(
  db: Database<readonly Plugin[]>,
  clock: Clock,
  ordersPerSecond: number,
): Promise<void> {
  const keys = (await db.query("SELECT o_orderkey FROM orders ORDER BY o_orderkey DESC")).column(
    "o_orderkey",
  );
  const count = Math.min(keys.length, Math.floor(ordersPerSecond * HISTORY_MINUTES * 60));
  const stepMs = HISTORY_MINUTES * MINUTE_MS / count;
  const now = clock.now();
  const rows = keys.slice(0, count).map((o_orderkey, i) => ({
    o_orderkey,
    placed_at: new Date(now - (i + 1) * stepMs + wave(i) * stepMs).toISOString(),
  }));
  // 7 has no factor in common with the number of orders: neighbours in time are no neighbours in the key.
  await db.update("orders", rows.map((row, i) => ({ ...row, o_orderkey: keys[i * 7 % count] })));
}

/** Busy and quiet minutes. */
function wave(order: number): number {
  return 140 * Math.sin(order / 400);
}

/** Commits the changes up to the next order, again and again. */
async function stream(
  db: Database<readonly Plugin[]>,
  { clock, seed, ordersPerSecond }: OrderDeskOptions,
  signal: AbortSignal,
): Promise<void> {
  const source = randomUpdates(seed, { scaleFactor: SCALE_FACTOR, textPoolBytes: TEXT_POOL_BYTES });
  const random = new SeededRandom(seed);
  while (!signal.aborted) {
    const changes = untilNextOrder(source, clock);
    await db.transaction((transaction) => applyChanges(transaction, changes));
    await pause(waitMs(random, ordersPerSecond), signal);
  }
}

/** Orders arrive at random: the time between two is exponential. */
function waitMs(random: Random, ordersPerSecond: number): number {
  return -Math.log(1 - random.next()) * SECOND_MS / ordersPerSecond;
}

/** Changes up to an order with its line items. */
function untilNextOrder(source: Iterator<TpchChange>, clock: Clock): TpchChange[] {
  const changes: TpchChange[] = [];
  let ordered = false;
  for (let next = source.next(); next.done !== true; next = source.next()) {
    const change = next.value;
    const isOrder = change.kind === "insert" && change.table === "orders";
    const placed_at = new Date(clock.now()).toISOString();
    changes.push(isOrder ? { ...change, row: { ...change.row, placed_at } } : change);
    if (ordered && (change.kind !== "insert" || change.table !== "lineitem")) break;
    ordered ||= isOrder;
  }
  return changes;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
