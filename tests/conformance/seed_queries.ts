/**
 * The SELECT bodies of the seven dynamic tables of the pipeline example, unmodified, and what PostgreSQL needs
 * changed to read them.
 *
 * @module
 */

/** A query of the example. */
export interface SeedQuery {
  readonly name: string;
  readonly sql: string;
  /** The text for PostgreSQL where it does not read `sql`, with the reason. */
  readonly postgres?: { readonly sql: string; readonly reason: string };
}

const WEEKLY_TRENDS = `SELECT 
  DATE_TRUNC('week', order_date) as week_start,
  AVG(order_count) as avg_daily_orders,
  (SUM(revenue) - LAG(SUM(revenue)) OVER (ORDER BY DATE_TRUNC('week', order_date))) / 
   LAG(SUM(revenue)) OVER (ORDER BY DATE_TRUNC('week', order_date)) * 100 as revenue_growth_rate
FROM daily_order_base
GROUP BY DATE_TRUNC('week', order_date)`;

const DATA_QUALITY = `SELECT 
  'ORDERS' as table_name,
  CURRENT_TIMESTAMP() as check_timestamp,
  COUNT(*) as total_records,
  COUNT(*) - COUNT(o_custkey) as null_count,
  COUNT(*) - COUNT(DISTINCT o_orderkey) as duplicate_count,
  CASE 
    WHEN COUNT(*) - COUNT(o_custkey) = 0 AND COUNT(*) - COUNT(DISTINCT o_orderkey) = 0 
    THEN 100.0
    ELSE (COUNT(DISTINCT o_orderkey) * 100.0 / COUNT(*))
  END as quality_score,
  CASE 
    WHEN COUNT(*) - COUNT(o_custkey) > 0 THEN 'WARNING'
    WHEN COUNT(*) - COUNT(DISTINCT o_orderkey) > 0 THEN 'ERROR'
    ELSE 'HEALTHY'
  END as status
FROM orders`;

/** All seven. */
export const SEED_QUERIES: readonly SeedQuery[] = [
  {
    name: "order_analytics_incremental",
    sql: `SELECT 
  o_orderdate,
  COUNT(*) as daily_order_count,
  SUM(o_totalprice) as daily_revenue,
  AVG(o_totalprice) as avg_order_value
FROM orders
WHERE o_orderdate >= CURRENT_DATE - 30
GROUP BY o_orderdate`,
  },
  {
    name: "customer_ltv_incremental",
    sql: `SELECT 
  c.c_custkey,
  c.c_name,
  n.n_name,
  COUNT(o.o_orderkey) as total_orders,
  SUM(o.o_totalprice) as lifetime_value,
  AVG(o.o_totalprice) as avg_order_value,
  MAX(o.o_orderdate) as last_order_date
FROM customer c
JOIN nation n ON c.c_nationkey = n.n_nationkey
LEFT JOIN orders o ON c.c_custkey = o.o_custkey
GROUP BY c.c_custkey, c.c_name, n.n_name`,
  },
  {
    name: "monthly_sales_summary",
    sql: `SELECT 
  TO_CHAR(o.o_orderdate, 'YYYY-MM') as year_month,
  r.r_name as region_name,
  COUNT(DISTINCT o.o_orderkey) as total_orders,
  SUM(o.o_totalprice) as total_revenue,
  COUNT(DISTINCT o.o_custkey) as unique_customers,
  AVG(o.o_totalprice) as avg_order_size
FROM orders o
JOIN customer c ON o.o_custkey = c.c_custkey
JOIN nation n ON c.c_nationkey = n.n_nationkey
JOIN region r ON n.n_regionkey = r.r_regionkey
GROUP BY TO_CHAR(o.o_orderdate, 'YYYY-MM'), r.r_name`,
  },
  {
    name: "product_performance_full",
    sql: `SELECT 
  p.p_partkey,
  p.p_name,
  p.p_mfgr,
  SUM(l.l_quantity) as total_quantity_sold,
  SUM(l.l_extendedprice * (1 - l.l_discount)) as total_revenue,
  AVG(l.l_extendedprice) as avg_price,
  (SELECT s.s_name 
   FROM partsupp ps 
   JOIN supplier s ON ps.ps_suppkey = s.s_suppkey 
   WHERE ps.ps_partkey = p.p_partkey 
   ORDER BY ps.ps_availqty DESC 
   LIMIT 1) as top_supplier_name
FROM part p
JOIN lineitem l ON p.p_partkey = l.l_partkey
GROUP BY p.p_partkey, p.p_name, p.p_mfgr`,
  },
  {
    name: "daily_order_base",
    sql: `SELECT o_orderdate, COUNT(*), SUM(o_totalprice) FROM orders GROUP BY o_orderdate`,
  },
  {
    name: "weekly_trends",
    sql: WEEKLY_TRENDS,
    postgres: {
      sql: WEEKLY_TRENDS.replaceAll("order_date)", "CAST(order_date AS TIMESTAMP))"),
      reason: "DATE_TRUNC of a DATE is a TIMESTAMP, in PostgreSQL one with time zone",
    },
  },
  {
    name: "data_quality_dashboard",
    sql: DATA_QUALITY,
    postgres: {
      sql: DATA_QUALITY.replace("CURRENT_TIMESTAMP()", "CURRENT_TIMESTAMP"),
      reason: "PostgreSQL does not read parentheses behind CURRENT_TIMESTAMP",
    },
  },
];
