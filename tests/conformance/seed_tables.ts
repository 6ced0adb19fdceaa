/**
 * Small random tables of the pipeline example: TPC-H's, with NULLs and duplicates where the queries look for them.
 *
 * @module
 */
import type { SeededRandom } from "../../src/base/random.ts";
import {
  BIGINT,
  DATE,
  type Datum,
  decimalType,
  INTEGER,
  type SqlType,
  TEXT,
} from "../../src/storage/sql_type.ts";
import type { Family, RandomTable } from "../oracle/random_table.ts";

const PRICE = decimalType(15, 2);
const FAMILIES: Readonly<Partial<Record<SqlType["kind"], Family>>> = {
  bigint: "whole",
  integer: "whole",
  decimal: "decimal",
  date: "date",
  text: "text",
};

function table(
  name: string,
  columns: readonly (readonly [name: string, type: SqlType])[],
  rows: readonly (readonly Datum[])[],
): RandomTable {
  return {
    name,
    keyed: false,
    rows,
    columns: columns.map(([column, type]) => ({
      name: column,
      type,
      family: FAMILIES[type.kind] ?? "text",
      nullable: true,
    })),
  };
}

function times<Item>(count: number, make: (index: number) => Item): Item[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** The tables of all queries; dates lie around day number `today`. */
export function seedTables(random: SeededRandom, today: number): readonly RandomTable[] {
  const price = (): Datum => random.next() < 0.1 ? null : random.integer(-5_000, 50_000_000);
  const customers = random.integer(1, 12);
  const orders = random.next() < 0.15 ? 0 : random.integer(1, 60);
  const duplicates = random.next() < 0.5;
  const nulls = random.next() < 0.6;
  return [
    table("region", [["r_regionkey", BIGINT], ["r_name", TEXT]], times(3, (i) => [i, `region ${i}`])),
    table(
      "nation",
      [["n_nationkey", BIGINT], ["n_name", TEXT], ["n_regionkey", BIGINT]],
      times(6, (i) => [i, `nation ${i}`, random.integer(0, 3)]),
    ),
    table(
      "customer",
      [["c_custkey", BIGINT], ["c_name", TEXT], ["c_nationkey", BIGINT]],
      times(customers, (i) => [i, `customer ${i % 7}`, random.next() < 0.1 ? null : random.integer(0, 6)]),
    ),
    table(
      "orders",
      [["o_orderkey", BIGINT], ["o_custkey", BIGINT], ["o_totalprice", PRICE], ["o_orderdate", DATE]],
      times(orders, (i) => [
        duplicates ? random.integer(0, orders) : i,
        nulls && random.next() < 0.2 ? null : random.integer(0, customers),
        price(),
        today - random.integer(0, 45),
      ]),
    ),
    table(
      "part",
      [["p_partkey", BIGINT], ["p_name", TEXT], ["p_mfgr", TEXT]],
      times(8, (i) => [i, `part ${i % 5}`, `maker ${i % 3}`]),
    ),
    table("supplier", [["s_suppkey", BIGINT], ["s_name", TEXT]], times(5, (i) => [i, `supplier ${i}`])),
    table(
      "partsupp",
      [["ps_partkey", BIGINT], ["ps_suppkey", BIGINT], ["ps_availqty", INTEGER]],
      // No two quantities are alike: the best supplier of a part is one.
      times(random.integer(0, 20), (i) => [random.integer(0, 8), random.integer(0, 5), (i * 37) % 101]),
    ),
    table(
      "lineitem",
      [
        ["l_partkey", BIGINT],
        ["l_quantity", PRICE],
        ["l_extendedprice", PRICE],
        ["l_discount", PRICE],
      ],
      times(random.integer(0, 40), () => [
        random.integer(0, 8),
        random.integer(1, 50) * 100,
        price(),
        random.integer(0, 10),
      ]),
    ),
    table(
      "daily_order_base",
      [["order_date", DATE], ["order_count", INTEGER], ["revenue", PRICE]],
      times(random.integer(0, 40), (i) => [today - i, random.integer(1, 30), random.integer(100, 9_000_000)]),
    ),
  ];
}
