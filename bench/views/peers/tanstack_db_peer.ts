/**
 * TanStack DB in the views bench: live queries over collections that a sync source writes.
 *
 * Rows carry month and year beside the date, because the query builder has no functions of dates.
 *
 * @module
 */
import {
  avg,
  BTreeIndex,
  type Collection,
  count,
  createCollection,
  createLiveQueryCollection,
  eq,
  max,
  min,
  sum,
} from "@tanstack/db";
import type { ChangeBatch, CustomerRow, NationRow, OrderRow, StartRows } from "../change_script.ts";
import { runPeer, Unable, type ViewPeer } from "../run_workload.ts";
import { type Answer, monthOf, type Workload, type WorkloadName, yearOf } from "../workload.ts";

interface DatedOrder extends OrderRow {
  readonly month: string;
  readonly year: string;
}

interface Tables {
  readonly orders: Collection<DatedOrder, number>;
  readonly customers: Collection<CustomerRow, number>;
  readonly nations: Collection<NationRow, number>;
}

/** A live query, and the columns of its answer. */
interface LiveQuery {
  readonly collection: { preload(): Promise<void>; readonly toArray: readonly object[] };
  readonly columns: readonly string[];
  /** Columns whose sum is 0 where SQL's is NULL: over no rows. */
  readonly zeroIsNull?: string;
}

/** What the sync source of a collection may do. */
interface Feed<Row extends object> {
  begin(): void;
  write(change: { readonly type: "insert" | "update" | "delete"; readonly value: Row }): void;
  commit(): void;
}

function daily(orders: Tables["orders"]) {
  return createLiveQueryCollection((q) =>
    q.from({ o: orders }).groupBy(({ o }) => [o.o_orderdate, o.month, o.year]).select(({ o }) => ({
      o_orderdate: o.o_orderdate,
      month: o.month,
      year: o.year,
      orders: count(o.o_orderkey),
      revenue: sum(o.o_totalprice),
      mean: avg(o.o_totalprice),
    }))
  );
}

const QUERIES: Readonly<Record<WorkloadName, (tables: Tables) => LiveQuery>> = {
  daily_revenue: ({ orders }) => ({
    collection: createLiveQueryCollection((q) =>
      q.from({ o: orders }).groupBy(({ o }) => o.o_orderdate).select(({ o }) => ({
        o_orderdate: o.o_orderdate,
        orders: count(o.o_orderkey),
        revenue: sum(o.o_totalprice),
        mean: avg(o.o_totalprice),
      }))
    ),
    columns: ["o_orderdate", "orders", "revenue", "mean"],
  }),
  revenue_by_nation: ({ orders, customers, nations }) => ({
    collection: createLiveQueryCollection((q) =>
      q.from({ o: orders })
        .innerJoin({ c: customers }, ({ o, c }) => eq(o.o_custkey, c.c_custkey))
        .innerJoin({ n: nations }, ({ c, n }) => eq(c.c_nationkey, n.n_nationkey))
        .groupBy(({ n }) => n.n_name)
        .select(({ o, n }) => ({
          n_name: n.n_name,
          orders: count(o.o_orderkey),
          revenue: sum(o.o_totalprice),
        }))
    ),
    columns: ["n_name", "orders", "revenue"],
  }),
  customer_lifetime_value: ({ orders, customers }) => ({
    collection: createLiveQueryCollection((q) =>
      q.from({ c: customers })
        .leftJoin({ o: orders }, ({ o, c }) => eq(c.c_custkey, o.o_custkey))
        .groupBy(({ c }) => c.c_custkey)
        .select(({ c, o }) => ({
          c_custkey: c.c_custkey,
          orders: count(o.o_orderkey),
          revenue: sum(o.o_totalprice),
        }))
    ),
    columns: ["c_custkey", "orders", "revenue"],
    zeroIsNull: "revenue",
  }),
  customers_by_month: ({ orders }) => ({
    collection: createLiveQueryCollection((q) => {
      // distinct() knows rows by hashes of 32 bits and miscounts so many; groups are exact.
      const pairs = q.from({ o: orders }).groupBy(({ o }) => [o.month, o.o_custkey])
        .select(({ o }) => ({ month: o.month, customer: o.o_custkey, orders: count(o.o_orderkey) }));
      return q.from({ p: pairs }).groupBy(({ p }) => p.month)
        .select(({ p }) => ({ month: p.month, customers: count(p.customer) }));
    }),
    columns: ["month", "customers"],
  }),
  top_10_orders: ({ orders }) => ({
    collection: createLiveQueryCollection((q) =>
      q.from({ o: orders })
        .orderBy(({ o }) => o.o_totalprice, "desc").orderBy(({ o }) => o.o_orderkey).limit(10)
        .select(({ o }) => ({
          o_orderkey: o.o_orderkey,
          o_custkey: o.o_custkey,
          o_totalprice: o.o_totalprice,
        }))
    ),
    columns: ["o_orderkey", "o_custkey", "o_totalprice"],
  }),
  moving_7_days: () => {
    throw new Unable("It has no window functions");
  },
  min_max_by_day: ({ orders }) => ({
    collection: createLiveQueryCollection((q) =>
      q.from({ o: orders }).groupBy(({ o }) => o.o_orderdate).select(({ o }) => ({
        o_orderdate: o.o_orderdate,
        least: min(o.o_totalprice),
        most: max(o.o_totalprice),
      }))
    ),
    columns: ["o_orderdate", "least", "most"],
  }),
  cascade_3_tiers: ({ orders }) => {
    const days = daily(orders);
    const months = createLiveQueryCollection((q) =>
      q.from({ d: days }).groupBy(({ d }) => [d.month, d.year])
        .select(({ d }) => ({ month: d.month, year: d.year, orders: sum(d.orders), revenue: sum(d.revenue) }))
    );
    const years = createLiveQueryCollection((q) =>
      q.from({ m: months }).groupBy(({ m }) => m.year)
        .select(({ m }) => ({ year: m.year, orders: sum(m.orders), revenue: sum(m.revenue) }))
    );
    return { collection: years, columns: ["year", "orders", "revenue"] };
  },
};

class TanStackDbPeer implements ViewPeer {
  #orders: Feed<DatedOrder> | undefined;
  #query: LiveQuery | undefined;

  async start(workload: Workload, rows: StartRows): Promise<void> {
    const tables: Tables = {
      orders: fed(rows.orders.map(dated), (row) => row.o_orderkey, (feed) => this.#orders = feed),
      customers: fed(rows.customers, (row) => row.c_custkey),
      nations: fed(rows.nations, (row) => row.n_nationkey),
    };
    this.#query = QUERIES[workload.name](tables);
    await this.#query.collection.preload();
  }

  apply({ inserts, updates, deletes }: ChangeBatch): void {
    const feed = this.#orders!;
    feed.begin();
    for (const row of deletes) feed.write({ type: "delete", value: dated(row) });
    for (const { after } of updates) feed.write({ type: "update", value: dated(after) });
    for (const row of inserts) feed.write({ type: "insert", value: dated(row) });
    feed.commit();
  }

  answer(): Answer {
    const { collection, columns, zeroIsNull } = this.#query!;
    return collection.toArray.map((row) =>
      columns.map((column) => {
        const value: unknown = Reflect.get(row, column);
        return column === zeroIsNull && value === 0 ? null : value;
      })
    );
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function dated(row: OrderRow): DatedOrder {
  return { ...row, month: monthOf(row.o_orderdate), year: yearOf(row.o_orderdate) };
}

/** A collection that holds `rows` and follows the feed. */
function fed<Row extends object>(
  rows: readonly Row[],
  getKey: (row: Row) => number,
  take: (feed: Feed<Row>) => void = () => {},
): Collection<Row, number> {
  return createCollection<Row, number>({
    getKey,
    startSync: true,
    gcTime: 0,
    autoIndex: "eager",
    defaultIndexType: BTreeIndex,
    sync: {
      sync: ({ begin, write, commit, markReady }) => {
        begin();
        for (const value of rows) write({ type: "insert", value });
        commit();
        markReady();
        take({ begin, write, commit });
      },
    },
  });
}

await runPeer("tanstack_db", new TanStackDbPeer());
