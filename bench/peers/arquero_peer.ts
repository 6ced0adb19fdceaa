/**
 * arquero as a bench peer: data frames in JavaScript, for the tiles that it can express.
 *
 * @module
 */
import * as aq from "arquero";
import { generateTpch } from "../../examples/tpch/mod.ts";
import type { BatchColumn } from "../../src/storage/column_batch.ts";
import { measure, option, report } from "../measurement.ts";

const subject = "arquero";
const scaleFactor = Number(option("sf", "0.1"));
const runs = Number(option("runs", "3"));
const only = option("only", "");

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  nation: ["n_nationkey", "n_name"],
  customer: ["c_custkey", "c_nationkey", "c_mktsegment"],
  orders: ["o_custkey", "o_orderdate", "o_totalprice", "o_orderstatus"],
  lineitem: [
    "l_shipdate",
    "l_commitdate",
    "l_receiptdate",
    "l_extendedprice",
    "l_discount",
    "l_quantity",
    "l_shipmode",
    "l_shipinstruct",
    "l_returnflag",
  ],
};

/** Batches of one column, put together: numbers as one Float64Array, text as strings. */
function whole(parts: readonly BatchColumn[]): Float64Array | string[] {
  const first = parts[0]!;
  if (first.kind === "codes") {
    return parts.flatMap((part) =>
      part.kind === "codes" ? Array.from(part.codes, (code) => part.dictionary[code]!) : []
    );
  }
  const arrays = parts.map((part) => part.kind === "numbers" ? part.values : new Float64Array());
  const all = new Float64Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

const parts = new Map<string, BatchColumn[]>();
for (const { table, batch } of generateTpch({ scaleFactor })) {
  for (const name of NEEDED[table] ?? []) {
    const list = parts.get(name) ?? [];
    list.push(batch.columns[name]!);
    parts.set(name, list);
  }
}
const start = performance.now();
const table = (name: string) =>
  aq.table(Object.fromEntries(NEEDED[name]!.map((column) => [column, whole(parts.get(column)!)])));
const nation = table("nation");
const customer = table("customer");
const orders = table("orders");
const lineitem = table("lineitem");
report({ kind: "figure", subject, name: "load", value: Math.round(performance.now() - start), unit: "ms" });

/** Days since 1970 -> month since 1970, computed once a row as arquero users would. */
const monthOf = (day: number): number => {
  const date = new Date(day * 86_400_000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};
const DAY_1998_07_03 = 10_410;
const DAY_1996 = 9_496;
const DAY_1997 = 9_862;
const { op } = aq;

const TILES: Readonly<Record<string, () => aq.ColumnTable>> = {
  orders_by_day_30: () =>
    orders.filter(aq.escape((d: { o_orderdate: number }) => d.o_orderdate > DAY_1998_07_03))
      .groupby("o_orderdate").rollup({ orders: op.count(), revenue: op.sum("o_totalprice") }).orderby(
        "o_orderdate",
      ),
  revenue_by_nation: () =>
    orders.join(customer, ["o_custkey", "c_custkey"]).join(nation, ["c_nationkey", "n_nationkey"])
      .groupby("n_name").rollup({ revenue: op.sum("o_totalprice"), orders: op.count() }).orderby(
        aq.desc("revenue"),
      ),
  distinct_customers_by_month: () =>
    orders.derive({ month: aq.escape((d: { o_orderdate: number }) => monthOf(d.o_orderdate)) })
      .groupby("month").rollup({ customers: op.distinct("o_custkey") }).orderby("month"),
  top_10_customers: () =>
    orders.groupby("o_custkey").rollup({ revenue: op.sum("o_totalprice") })
      .orderby(aq.desc("revenue"), "o_custkey").slice(0, 10),
  p95_price_by_month: () =>
    orders.derive({ month: aq.escape((d: { o_orderdate: number }) => monthOf(d.o_orderdate)) })
      .groupby("month").rollup({ p95: op.quantile("o_totalprice", 0.95) }).orderby("month"),
  revenue_moving_7_days: () =>
    orders.groupby("o_orderdate").rollup({ revenue: op.sum("o_totalprice") }).orderby("o_orderdate")
      .derive({ moving: aq.rolling((d: { revenue: number }) => op.sum(d.revenue), [-6, 0]) }),
  filter_by_five_dimensions: () =>
    lineitem.filter(aq.escape((
      d: {
        l_shipmode: string;
        l_shipinstruct: string;
        l_returnflag: string;
        l_quantity: number;
        l_shipdate: number;
      },
    ) =>
      (d.l_shipmode === "AIR" || d.l_shipmode === "RAIL") && d.l_shipinstruct === "DELIVER IN PERSON" &&
      d.l_returnflag !== "R" && d.l_quantity >= 1000 && d.l_quantity <= 3000 && d.l_shipdate >= DAY_1996
    )).groupby("l_returnflag").rollup({ lines: op.count(), revenue: op.sum("l_extendedprice") }).orderby(
      "l_returnflag",
    ),
  revenue_by_ship_month: () =>
    lineitem.derive({
      month: aq.escape((d: { l_shipdate: number }) => monthOf(d.l_shipdate)),
      net: aq.escape((d: { l_extendedprice: number; l_discount: number }) =>
        d.l_extendedprice * (100 - d.l_discount)
      ),
    }).groupby("month").rollup({ revenue: op.sum("net") }).orderby("month"),
  status_by_segment: () =>
    orders.join(customer, ["o_custkey", "c_custkey"]).groupby("c_mktsegment", "o_orderstatus")
      .rollup({ orders: op.count(), mean: op.mean("o_totalprice") }).orderby("c_mktsegment", "o_orderstatus"),
  late_share_by_mode: () =>
    lineitem.filter(aq.escape((d: { l_shipdate: number }) => d.l_shipdate >= DAY_1997))
      .derive({
        late: aq.escape((d: { l_receiptdate: number; l_commitdate: number }) =>
          d.l_receiptdate > d.l_commitdate ? 1 : 0
        ),
      })
      .groupby("l_shipmode").rollup({ lines: op.count(), late: op.sum("late") }).orderby("l_shipmode"),
};

for (const [name, run] of Object.entries(TILES)) {
  if (only !== "" && !only.split(",").includes(name)) continue;
  await measure(subject, name, runs, () => {
    const answer = run().reify();
    return Promise.resolve(() => answer.objects().map((row) => Object.values(row)));
  });
}
