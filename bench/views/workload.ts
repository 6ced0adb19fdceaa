/**
 * What the views bench maintains: each workload in SQL, and its answer worked out from the plain rows by a few
 * lines of JavaScript, which judges every peer.
 *
 * @module
 */
import type { CustomerRow, NationRow, OrderRow } from "./change_script.ts";

/** Names of the workloads. */
export type WorkloadName =
  | "daily_revenue"
  | "revenue_by_nation"
  | "customer_lifetime_value"
  | "customers_by_month"
  | "top_10_orders"
  | "moving_7_days"
  | "min_max_by_day"
  | "cascade_3_tiers";

/** The rows that an answer is worked out from. */
export interface ReferenceRows {
  readonly orders: readonly OrderRow[];
  readonly customers: readonly CustomerRow[];
  readonly nations: readonly NationRow[];
}

/** An answer: rows of values in the order of the columns. */
export type Answer = readonly (readonly unknown[])[];

/** One workload. */
export interface Workload {
  readonly name: WorkloadName;
  /** The views, each after those that it reads; the answer is that of the last one. */
  readonly views: readonly { readonly name: string; readonly sql: string }[];
  /** The answer, in any order. */
  readonly reference: (rows: ReferenceRows) => Answer;
}

const DAILY = `SELECT o_orderdate, count(*) AS orders, sum(o_totalprice) AS revenue, avg(o_totalprice) AS mean
  FROM orders GROUP BY o_orderdate`;

/** All workloads, in the order of the table. */
export const WORKLOADS: readonly Workload[] = [
  {
    name: "daily_revenue",
    views: [{ name: "daily_revenue", sql: DAILY }],
    reference: ({ orders }) =>
      [...groups(orders, (order) => order.o_orderdate)].map(([day, group]) => {
        const sum = cents(group);
        return [day, group.length, sum / 100, sum / 100 / group.length];
      }),
  },
  {
    name: "revenue_by_nation",
    views: [{
      name: "revenue_by_nation",
      sql: `SELECT n_name, count(*) AS orders, sum(o_totalprice) AS revenue
        FROM orders JOIN customer ON o_custkey = c_custkey JOIN nation ON c_nationkey = n_nationkey
        GROUP BY n_name`,
    }],
    reference: ({ orders, customers, nations }) => {
      const nameOf = new Map(nations.map((nation) => [nation.n_nationkey, nation.n_name]));
      const nationOf = new Map(
        customers.map((customer) => [customer.c_custkey, nameOf.get(customer.c_nationkey)]),
      );
      return [...groups(orders, (order) => nationOf.get(order.o_custkey))]
        .map(([nation, group]) => [nation, group.length, cents(group) / 100]);
    },
  },
  {
    name: "customer_lifetime_value",
    views: [{
      name: "customer_lifetime_value",
      sql: `SELECT c_custkey, count(o_orderkey) AS orders, sum(o_totalprice) AS revenue
        FROM customer LEFT JOIN orders ON c_custkey = o_custkey GROUP BY c_custkey`,
    }],
    reference: ({ orders, customers }) => {
      const byCustomer = groups(orders, (order) => order.o_custkey);
      return customers.map(({ c_custkey }) => {
        const group = byCustomer.get(c_custkey);
        return [c_custkey, group?.length ?? 0, group === undefined ? null : cents(group) / 100];
      });
    },
  },
  {
    name: "customers_by_month",
    views: [{
      name: "customers_by_month",
      sql: `SELECT date_trunc('month', o_orderdate) AS month, count(DISTINCT o_custkey) AS customers
        FROM orders GROUP BY 1`,
    }],
    reference: ({ orders }) =>
      [...groups(orders, (order) => monthOf(order.o_orderdate))]
        .map(([month, group]) => [month, new Set(group.map((order) => order.o_custkey)).size]),
  },
  {
    name: "top_10_orders",
    views: [{
      name: "top_10_orders",
      sql: `SELECT o_orderkey, o_custkey, o_totalprice FROM orders
        ORDER BY o_totalprice DESC, o_orderkey LIMIT 10`,
    }],
    reference: ({ orders }) =>
      orders.toSorted(byPrice).slice(0, 10).map((
        order,
      ) => [order.o_orderkey, order.o_custkey, order.o_totalprice]),
  },
  {
    name: "moving_7_days",
    views: [{
      name: "moving_7_days",
      sql: `SELECT o_orderdate, revenue,
          sum(revenue) OVER (ORDER BY o_orderdate ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving
        FROM (SELECT o_orderdate, sum(o_totalprice) AS revenue FROM orders GROUP BY o_orderdate) AS daily`,
    }],
    reference: ({ orders }) => {
      const days = [...groups(orders, (order) => order.o_orderdate)]
        .map(([day, group]): [string, number] => [day, cents(group)]).sort(byFirst);
      return movingSums(days).map(([day, sum, moving]) => [day, sum / 100, moving / 100]);
    },
  },
  {
    name: "min_max_by_day",
    views: [{
      name: "min_max_by_day",
      sql: `SELECT o_orderdate, min(o_totalprice) AS least, max(o_totalprice) AS most
        FROM orders GROUP BY o_orderdate`,
    }],
    reference: ({ orders }) =>
      [...groups(orders, (order) => order.o_orderdate)].map(([day, group]) => {
        const prices = group.map((order) => order.o_totalprice);
        return [day, Math.min(...prices), Math.max(...prices)];
      }),
  },
  {
    name: "cascade_3_tiers",
    views: [
      { name: "daily", sql: DAILY },
      {
        name: "monthly",
        sql: `SELECT date_trunc('month', o_orderdate) AS month, sum(orders) AS orders, sum(revenue) AS revenue
          FROM daily GROUP BY 1`,
      },
      {
        name: "yearly",
        sql: `SELECT date_trunc('year', month) AS year, sum(orders) AS orders, sum(revenue) AS revenue
          FROM monthly GROUP BY 1`,
      },
    ],
    reference: ({ orders }) =>
      [...groups(orders, (order) => yearOf(order.o_orderdate))]
        .map(([year, group]) => [year, group.length, cents(group) / 100]),
  },
];

/** The workload of a name. */
export function workloadOf(name: string): Workload {
  const workload = WORKLOADS.find((candidate) => candidate.name === name);
  if (workload === undefined) throw new RangeError(`There is no workload ${name}`);
  return workload;
}

/** The first day of the month of an ISO date. */
export function monthOf(date: string): string {
  return `${date.slice(0, 7)}-01`;
}

/** The first day of the year of an ISO date. */
export function yearOf(date: string): string {
  return `${date.slice(0, 4)}-01-01`;
}

/** Most expensive first, then by key. */
export function byPrice(left: OrderRow, right: OrderRow): number {
  return right.o_totalprice - left.o_totalprice || left.o_orderkey - right.o_orderkey;
}

/** Sums over the row and the six before it: day, own sum, moving sum. */
export function movingSums(days: readonly (readonly [string, number])[]): [string, number, number][] {
  let moving = 0;
  return days.map(([day, sum], i) => {
    moving += sum - (i >= 7 ? days[i - 7]![1] : 0);
    return [day, sum, moving];
  });
}

function byFirst(left: readonly [string, number], right: readonly [string, number]): number {
  return left[0] < right[0] ? -1 : 1;
}

function groups<Key>(orders: readonly OrderRow[], keyOf: (order: OrderRow) => Key): Map<Key, OrderRow[]> {
  return Map.groupBy(orders, keyOf);
}

/** Whole cents, so that the reference has no rounding of its own. */
function cents(orders: readonly OrderRow[]): number {
  return orders.reduce((sum, order) => sum + Math.round(order.o_totalprice * 100), 0);
}
