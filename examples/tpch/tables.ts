/**
 * The eight TPC-H tables: columns, types, keys, row counts, and the CREATE TABLE statements made from them.
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1, section 1.4 (table layouts), clause 4.2.5
 * (cardinalities).
 *
 * @module
 */

import { QueryError } from "../../src/base/error.ts";

/** A table of the benchmark. */
export type TpchTable =
  | "region"
  | "nation"
  | "supplier"
  | "customer"
  | "part"
  | "partsupp"
  | "orders"
  | "lineitem";

/** A column: its SQL type, and how its storage values are to be read. */
export interface TpchColumn {
  readonly name: string;
  readonly type: string;
  /** `integer` as it is, `decimal` scaled by 100, `date` as days since 1970-01-01, `text`. */
  readonly values: "integer" | "decimal" | "date" | "text";
  /** The referenced table, for a foreign key of one column. */
  readonly references?: TpchTable;
}

/** A table with its columns and keys. */
export interface TpchTableLayout {
  readonly columns: readonly TpchColumn[];
  readonly primaryKey: readonly string[];
}

/** All tables, each after those it refers to. */
export const TPCH_TABLES: readonly TpchTable[] = [
  "region",
  "nation",
  "supplier",
  "customer",
  "part",
  "partsupp",
  "orders",
  "lineitem",
];

/** Columns and keys by table. */
export const TPCH_LAYOUT: Readonly<Record<TpchTable, TpchTableLayout>> = {
  region: layout("r_regionkey", [integer("r_regionkey"), char("r_name", 25), varchar("r_comment", 152)]),
  nation: layout("n_nationkey", [
    integer("n_nationkey"),
    char("n_name", 25),
    integer("n_regionkey", "region"),
    varchar("n_comment", 152),
  ]),
  supplier: layout("s_suppkey", [
    integer("s_suppkey"),
    char("s_name", 25),
    varchar("s_address", 40),
    integer("s_nationkey", "nation"),
    char("s_phone", 15),
    decimal("s_acctbal"),
    varchar("s_comment", 101),
  ]),
  customer: layout("c_custkey", [
    integer("c_custkey"),
    varchar("c_name", 25),
    varchar("c_address", 40),
    integer("c_nationkey", "nation"),
    char("c_phone", 15),
    decimal("c_acctbal"),
    char("c_mktsegment", 10),
    varchar("c_comment", 117),
  ]),
  part: layout("p_partkey", [
    integer("p_partkey"),
    varchar("p_name", 55),
    char("p_mfgr", 25),
    char("p_brand", 10),
    varchar("p_type", 25),
    integer("p_size"),
    char("p_container", 10),
    decimal("p_retailprice"),
    varchar("p_comment", 23),
  ]),
  partsupp: layout("ps_partkey ps_suppkey", [
    integer("ps_partkey", "part"),
    integer("ps_suppkey", "supplier"),
    integer("ps_availqty"),
    decimal("ps_supplycost"),
    varchar("ps_comment", 199),
  ]),
  orders: layout("o_orderkey", [
    { name: "o_orderkey", type: "BIGINT", values: "integer" },
    integer("o_custkey", "customer"),
    char("o_orderstatus", 1),
    decimal("o_totalprice"),
    date("o_orderdate"),
    char("o_orderpriority", 15),
    char("o_clerk", 15),
    integer("o_shippriority"),
    varchar("o_comment", 79),
  ]),
  lineitem: layout("l_orderkey l_linenumber", [
    { name: "l_orderkey", type: "BIGINT", values: "integer", references: "orders" },
    integer("l_partkey", "part"),
    integer("l_suppkey", "supplier"),
    integer("l_linenumber"),
    decimal("l_quantity"),
    decimal("l_extendedprice"),
    decimal("l_discount"),
    decimal("l_tax"),
    char("l_returnflag", 1),
    char("l_linestatus", 1),
    date("l_shipdate"),
    date("l_commitdate"),
    date("l_receiptdate"),
    char("l_shipinstruct", 25),
    char("l_shipmode", 10),
    varchar("l_comment", 44),
  ]),
};

/** The CREATE TABLE statement of a table. */
export function tpchSchema(table: TpchTable): string {
  const { columns, primaryKey } = TPCH_LAYOUT[table];
  const lines = columns.map(({ name, type, references }) => {
    const line = `  ${name} ${type} NOT NULL`;
    return references === undefined
      ? line
      : `${line} REFERENCES ${references} (${TPCH_LAYOUT[references].primaryKey[0]})`;
  });
  lines.push(`  PRIMARY KEY (${primaryKey.join(", ")})`);
  return `CREATE TABLE ${table} (\n${lines.join(",\n")}\n)`;
}

/** The CREATE TABLE statements of all tables, in an order that foreign keys allow. */
export const TPCH_DDL: readonly string[] = TPCH_TABLES.map(tpchSchema);

/** Number of rows by table; lineitem has one to seven for each order, so it is not among them. */
export type TpchRowCounts = Readonly<Record<Exclude<TpchTable, "lineitem">, number>>;

const SMALLEST_SCALE_FACTOR = 0.01;
// Order keys and prices have to fit 32 bits.
const LARGEST_SCALE_FACTOR = 300;

/** The row counts at a scale factor. Throws a QueryError for one that has no valid data. */
export function tpchRowCounts(scaleFactor: number): TpchRowCounts {
  if (!(scaleFactor >= SMALLEST_SCALE_FACTOR && scaleFactor <= LARGEST_SCALE_FACTOR)) {
    throw new QueryError("invalid-parameter", `Scale factor ${scaleFactor} is out of range`, {
      hint: `choose one from ${SMALLEST_SCALE_FACTOR} to ${LARGEST_SCALE_FACTOR}`,
      details: { scaleFactor },
    });
  }
  const scaled = (rows: number): number => Math.round(rows * scaleFactor);
  const supplier = scaled(10_000);
  if (repeatsSupplier(supplier)) {
    throw new QueryError(
      "invalid-parameter",
      `Scale factor ${scaleFactor} gives some parts a supplier twice`,
      {
        hint: "choose a power of ten or a whole number",
        details: { scaleFactor, suppliers: supplier },
      },
    );
  }
  const part = scaled(200_000);
  return {
    region: 5,
    nation: 25,
    supplier,
    customer: scaled(150_000),
    part,
    partsupp: part * SUPPLIERS_PER_PART,
    orders: scaled(1_500_000),
  };
}

/** Every part has this many rows in partsupp. */
export const SUPPLIERS_PER_PART = 4;

/** The supplier number `place` (0 to 3) of a part. */
export function supplierOfPart(partKey: number, place: number, suppliers: number): number {
  const step = Math.floor(suppliers / SUPPLIERS_PER_PART) + Math.floor((partKey - 1) / suppliers);
  return (partKey + place * step) % suppliers + 1;
}

function repeatsSupplier(suppliers: number): boolean {
  for (let partKey = 1; partKey <= 20 * suppliers; partKey += suppliers) {
    const first = supplierOfPart(partKey, 0, suppliers);
    for (let place = 1; place < SUPPLIERS_PER_PART; place++) {
      if (supplierOfPart(partKey, place, suppliers) === first) return true;
    }
  }
  return false;
}

function layout(primaryKey: string, columns: readonly TpchColumn[]): TpchTableLayout {
  return { columns, primaryKey: primaryKey.split(" ") };
}

function integer(name: string, references?: TpchTable): TpchColumn {
  const column: TpchColumn = { name, type: "INTEGER", values: "integer" };
  return references === undefined ? column : { ...column, references };
}

function decimal(name: string): TpchColumn {
  return { name, type: "DECIMAL(15,2)", values: "decimal" };
}

function date(name: string): TpchColumn {
  return { name, type: "DATE", values: "date" };
}

function char(name: string, length: number): TpchColumn {
  return { name, type: `CHAR(${length})`, values: "text" };
}

function varchar(name: string, length: number): TpchColumn {
  return { name, type: `VARCHAR(${length})`, values: "text" };
}
