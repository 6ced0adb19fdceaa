/**
 * The tables of TPC-H with statistics of scale factor 1.
 *
 * @module
 */
import { TPCH_LAYOUT, TPCH_TABLES } from "../../../examples/tpch/tables.ts";
import type { Datum } from "../../../src/storage/sql_type.ts";
import type { TestTable, TestTables } from "./sql_planning.ts";

const ROWS: Readonly<Record<string, number>> = {
  region: 5,
  nation: 25,
  supplier: 10_000,
  customer: 150_000,
  part: 200_000,
  partsupp: 800_000,
  orders: 1_500_000,
  lineitem: 6_001_215,
};

const DISTINCT: Readonly<Record<string, number>> = {
  r_name: 5,
  n_name: 25,
  n_regionkey: 5,
  s_nationkey: 25,
  c_nationkey: 25,
  c_mktsegment: 5,
  c_phone: 150_000,
  c_name: 150_000,
  p_brand: 25,
  p_type: 150,
  p_size: 50,
  p_container: 40,
  p_name: 200_000,
  ps_partkey: 200_000,
  ps_suppkey: 10_000,
  ps_availqty: 9_999,
  ps_supplycost: 99_865,
  o_custkey: 99_996,
  o_orderstatus: 3,
  o_orderdate: 2_406,
  o_orderpriority: 5,
  o_totalprice: 1_464_556,
  o_shippriority: 1,
  l_orderkey: 1_500_000,
  l_partkey: 200_000,
  l_suppkey: 10_000,
  l_linenumber: 7,
  l_quantity: 50,
  l_discount: 11,
  l_returnflag: 3,
  l_linestatus: 2,
  l_shipdate: 2_526,
  l_commitdate: 2_466,
  l_receiptdate: 2_555,
  l_shipinstruct: 4,
  l_shipmode: 7,
};

const BOUNDS: Readonly<Record<string, readonly [Datum, Datum]>> = {
  o_orderdate: [8_035, 10_440],
  l_shipdate: [8_036, 10_561],
  l_commitdate: [8_065, 10_530],
  l_receiptdate: [8_038, 10_591],
  l_quantity: [100, 5_000],
  l_discount: [0, 10],
  p_size: [1, 50],
  c_acctbal: [-99_999, 999_999],
  s_acctbal: [-99_999, 999_999],
  ps_availqty: [1, 9_999],
};

export const TPCH_SF1: TestTables = Object.fromEntries(
  TPCH_TABLES.map((name): [string, TestTable] => {
    const { columns, primaryKey } = TPCH_LAYOUT[name];
    const text = columns.map((column) =>
      `${column.name} ${column.type} ${primaryKey.includes(column.name) ? "key" : "not null"}`
    );
    return [name, {
      columns: text.join(", "),
      rowCount: ROWS[name] ?? 0,
      distinct: DISTINCT,
      bounds: BOUNDS,
    }];
  }),
);
