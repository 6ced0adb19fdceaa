/**
 * TanStack db-ivm in the views bench: a differential dataflow over objects, its graphs written by hand.
 *
 * @module
 */
import {
  D2,
  groupBy,
  groupByOperators,
  type IStreamBuilder,
  join,
  type KeyValue,
  map,
  type MultiSetArray,
  output,
  reduce,
  type RootStreamBuilder,
  topKWithFractionalIndex,
} from "@tanstack/db-ivm";
import type { ChangeBatch, CustomerRow, NationRow, OrderRow, StartRows } from "../change_script.ts";
import { runPeer, type ViewPeer } from "../run_workload.ts";
import {
  type Answer,
  byPrice,
  monthOf,
  movingSums,
  type Workload,
  type WorkloadName,
  yearOf,
} from "../workload.ts";

const { avg, count, max, min, sum } = groupByOperators;

interface Inputs {
  readonly orders: IStreamBuilder<OrderRow>;
  readonly customers: IStreamBuilder<CustomerRow>;
  readonly nations: IStreamBuilder<NationRow>;
}

/** Answers arrive as pairs of a key and the values of its row. */
type Rows = IStreamBuilder<KeyValue<unknown, readonly unknown[]>>;

interface DailyRow {
  readonly day: string;
  readonly orders: number;
  readonly revenue: number;
  readonly mean: number;
}

interface PeriodRow {
  readonly period: string;
  readonly orders: number;
  readonly revenue: number;
}

const price = (order: OrderRow): number => order.o_totalprice;

function daily(orders: IStreamBuilder<OrderRow>): IStreamBuilder<KeyValue<string, DailyRow>> {
  return orders.pipe(groupBy((order) => ({ day: order.o_orderdate }), {
    orders: count<OrderRow>(),
    revenue: sum(price),
    mean: avg(price),
  }));
}

function byPeriod(
  rows: IStreamBuilder<KeyValue<string, { readonly orders: number; readonly revenue: number }>>,
  periodOf: (row: never) => string,
): IStreamBuilder<KeyValue<string, PeriodRow>> {
  type Row = KeyValue<string, { readonly orders: number; readonly revenue: number }>;
  return rows.pipe(groupBy(([, row]: Row) => ({ period: periodOf(row as never) }), {
    orders: sum(([, row]: Row) => row.orders),
    revenue: sum(([, row]: Row) => row.revenue),
  }));
}

const GRAPHS: Readonly<Record<WorkloadName, (inputs: Inputs) => Rows>> = {
  daily_revenue: ({ orders }) =>
    daily(orders).pipe(map(([key, row]) => [key, [row.day, row.orders, row.revenue, row.mean]])),
  revenue_by_nation: ({ orders, customers, nations }) => {
    const nationOfCustomer = customers.pipe(
      map((customer): KeyValue<number, number> => [customer.c_nationkey, customer.c_custkey]),
      join(nations.pipe(map((nation): KeyValue<number, string> => [nation.n_nationkey, nation.n_name]))),
      map(([, [customer, name]]): KeyValue<number, string> => [customer!, name!]),
    );
    return orders.pipe(
      map((order): KeyValue<number, number> => [order.o_custkey, order.o_totalprice]),
      join(nationOfCustomer),
      map(([, [total, name]]) => ({ name: name!, total: total! })),
      groupBy((row) => ({ name: row.name }), {
        orders: count<{ total: number }>(),
        revenue: sum((row: { total: number }) => row.total),
      }),
      map(([key, row]) => [key, [row.name, row.orders, row.revenue]]),
    );
  },
  customer_lifetime_value: ({ orders, customers }) =>
    customers.pipe(
      map((customer): KeyValue<number, number> => [customer.c_custkey, customer.c_custkey]),
      join(
        orders.pipe(map((order): KeyValue<number, number> => [order.o_custkey, order.o_totalprice])),
        "left",
      ),
      map(([customer, [, total]]) => ({ customer, total })),
      groupBy((row) => ({ customer: row.customer }), {
        orders: count((row: { total: number | null }) => row.total),
        revenue: sum((row: { total: number | null }) => row.total ?? 0),
      }),
      map(([key, row]) => [key, [row.customer, row.orders, row.orders === 0 ? null : row.revenue]]),
    ),
  // Its distinct operator knows rows by hashes of 32 bits and miscounts so many; groups are exact.
  customers_by_month: ({ orders }) =>
    orders.pipe(
      groupBy((order) => ({ month: monthOf(order.o_orderdate), customer: order.o_custkey })),
      groupBy(([, pair]) => ({ month: pair.month }), { customers: count() }),
      map(([key, row]) => [key, [row.month, row.customers]]),
    ),
  top_10_orders: ({ orders }) =>
    orders.pipe(
      map((order): KeyValue<number, OrderRow> => [order.o_orderkey, order]),
      topKWithFractionalIndex(byPrice, { limit: 10 }),
      map(([key, [order]]) => [key, [order.o_orderkey, order.o_custkey, order.o_totalprice]]),
    ),
  // It has no windows: one group holds all days, and its sums are made anew.
  moving_7_days: ({ orders }) =>
    daily(orders).pipe(
      map(([, row]): KeyValue<number, readonly [string, number]> => [0, [row.day, row.revenue]]),
      reduce((days: [readonly [string, number], number][]) =>
        movingSums(days.map(([day]) => day).sort((left, right) => left[0] < right[0] ? -1 : 1))
          .map((row): [readonly unknown[], number] => [row, 1])
      ),
      map(([, row]) => [row[0], row]),
    ),
  min_max_by_day: ({ orders }) =>
    orders.pipe(
      groupBy((order) => ({ day: order.o_orderdate }), { least: min(price), most: max(price) }),
      map(([key, row]) => [key, [row.day, row.least, row.most]]),
    ),
  cascade_3_tiers: ({ orders }) => {
    const monthly = byPeriod(daily(orders), (row: DailyRow) => monthOf(row.day));
    return byPeriod(monthly, (row: PeriodRow) => yearOf(row.period))
      .pipe(map(([key, row]) => [key, [row.period, row.orders, row.revenue]]));
  },
};

class DbIvmPeer implements ViewPeer {
  readonly #answer = new Map<unknown, readonly unknown[]>();
  #graph: D2 | undefined;
  #orders: RootStreamBuilder<OrderRow> | undefined;

  start(workload: Workload, rows: StartRows): Promise<void> {
    const graph = new D2();
    const orders = graph.newInput<OrderRow>();
    const customers = graph.newInput<CustomerRow>();
    const nations = graph.newInput<NationRow>();
    GRAPHS[workload.name]({ orders, customers, nations }).pipe(
      output((changes) => this.#take(changes.getInner())),
    );
    graph.finalize();
    nations.sendData(rows.nations.map((row) => [row, 1]));
    customers.sendData(rows.customers.map((row) => [row, 1]));
    orders.sendData(rows.orders.map((row) => [row, 1]));
    graph.run();
    this.#graph = graph;
    this.#orders = orders;
    return Promise.resolve();
  }

  apply({ inserts, updates, deletes }: ChangeBatch): void {
    const changes: MultiSetArray<OrderRow> = [];
    for (const row of deletes) changes.push([row, -1]);
    for (const { before, after } of updates) changes.push([before, -1], [after, 1]);
    for (const row of inserts) changes.push([row, 1]);
    this.#orders!.sendData(changes);
    this.#graph!.run();
  }

  answer(): Answer {
    return [...this.#answer.values()];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** A key may come and go several times in one message, in any order. */
  #take(changes: MultiSetArray<KeyValue<unknown, readonly unknown[]>>): void {
    const weights = new Map<unknown, number>();
    const coming = new Map<unknown, readonly unknown[]>();
    for (const [[key, row], weight] of changes) {
      weights.set(key, (weights.get(key) ?? 0) + weight);
      if (weight > 0) coming.set(key, row);
    }
    for (const [key, weight] of weights) {
      if (weight + (this.#answer.has(key) ? 1 : 0) <= 0) this.#answer.delete(key);
      else if (coming.has(key)) this.#answer.set(key, coming.get(key)!);
    }
  }
}

await runPeer("db_ivm", new DbIvmPeer());
