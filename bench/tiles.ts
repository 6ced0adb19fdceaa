/**
 * Ten tiles of a business dashboard over TPC-H: the questions that are asked again and again.
 *
 * @module
 */

/** A tile: its name and its question in SQL that every peer understands. */
export interface Tile {
  readonly name: string;
  readonly sql: string;
}

/** The tiles, in the order in which a dashboard shows them. */
export const TILES: readonly Tile[] = [
  {
    name: "orders_by_day_30",
    sql: `SELECT o_orderdate, count(*) AS orders, sum(o_totalprice) AS revenue FROM orders
      WHERE o_orderdate > DATE '1998-07-03' GROUP BY o_orderdate ORDER BY o_orderdate`,
  },
  {
    name: "revenue_by_nation",
    sql: `SELECT n_name, sum(o_totalprice) AS revenue, count(*) AS orders
      FROM orders JOIN customer ON o_custkey = c_custkey JOIN nation ON c_nationkey = n_nationkey
      GROUP BY n_name ORDER BY revenue DESC`,
  },
  {
    name: "distinct_customers_by_month",
    sql: `SELECT date_trunc('month', o_orderdate) AS month, count(DISTINCT o_custkey) AS customers
      FROM orders GROUP BY 1 ORDER BY 1`,
  },
  {
    name: "top_10_customers",
    sql: `SELECT o_custkey, sum(o_totalprice) AS revenue FROM orders GROUP BY o_custkey
      ORDER BY revenue DESC, o_custkey LIMIT 10`,
  },
  {
    name: "p95_price_by_month",
    sql: `SELECT date_trunc('month', o_orderdate) AS month,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY CAST(o_totalprice AS DOUBLE PRECISION)) AS p95
      FROM orders GROUP BY 1 ORDER BY 1`,
  },
  {
    name: "revenue_moving_7_days",
    sql:
      `SELECT o_orderdate, sum(revenue) OVER (ORDER BY o_orderdate ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving
      FROM (SELECT o_orderdate, sum(o_totalprice) AS revenue FROM orders GROUP BY o_orderdate) AS daily
      ORDER BY o_orderdate`,
  },
  {
    name: "filter_by_five_dimensions",
    sql: `SELECT l_returnflag, count(*) AS lines, sum(l_extendedprice) AS revenue FROM lineitem
      WHERE l_shipmode IN ('AIR', 'RAIL') AND l_shipinstruct = 'DELIVER IN PERSON' AND l_returnflag <> 'R'
        AND l_quantity BETWEEN 10 AND 30 AND l_shipdate >= DATE '1996-01-01'
      GROUP BY l_returnflag ORDER BY l_returnflag`,
  },
  {
    name: "revenue_by_ship_month",
    sql: `SELECT date_trunc('month', l_shipdate) AS month, sum(l_extendedprice * (1 - l_discount)) AS revenue
      FROM lineitem GROUP BY 1 ORDER BY 1`,
  },
  {
    name: "status_by_segment",
    sql: `SELECT c_mktsegment, o_orderstatus, count(*) AS orders, avg(o_totalprice) AS mean
      FROM orders JOIN customer ON o_custkey = c_custkey
      GROUP BY c_mktsegment, o_orderstatus ORDER BY c_mktsegment, o_orderstatus`,
  },
  {
    name: "late_share_by_mode",
    sql: `SELECT l_shipmode, count(*) AS lines,
        sum(CASE WHEN l_receiptdate > l_commitdate THEN 1 ELSE 0 END) AS late
      FROM lineitem WHERE l_shipdate >= DATE '1997-01-01' GROUP BY l_shipmode ORDER BY l_shipmode`,
  },
];
