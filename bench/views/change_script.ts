/**
 * The rows of the views bench, and the script of changes that every peer gets: inserts, updates and deletes of
 * orders, mixed and seeded, each key at most once in a batch.
 *
 * The script keeps the live rows beside it, so that it can pick keys and so that answers can be judged.
 *
 * @module
 */
import { generateTpch, isoDate, rowsOfBatch } from "../../examples/tpch/mod.ts";
import { SeededRandom } from "../../src/base/random.ts";

/**
 * An order as a client sends it: the price in whole units, the date as ISO text. Rows are type aliases, for
 * `insert` takes what has an index signature.
 */
export type OrderRow = {
  readonly o_orderkey: number;
  readonly o_custkey: number;
  readonly o_orderstatus: string;
  readonly o_totalprice: number;
  readonly o_orderdate: string;
};

/** A customer. */
export type CustomerRow = {
  readonly c_custkey: number;
  readonly c_nationkey: number;
  readonly c_mktsegment: string;
};

/** A nation. */
export type NationRow = {
  readonly n_nationkey: number;
  readonly n_name: string;
};

/** What happens at once: every key is in one list only. */
export interface ChangeBatch {
  readonly inserts: readonly OrderRow[];
  /** The row as it was, for peers that want to know, and as it becomes. */
  readonly updates: readonly { readonly before: OrderRow; readonly after: OrderRow }[];
  readonly deletes: readonly OrderRow[];
}

/** Tables at the start of the bench. */
export interface StartRows {
  readonly orders: readonly OrderRow[];
  readonly customers: readonly CustomerRow[];
  readonly nations: readonly NationRow[];
}

/** The columns that the bench uses, with keys. */
export const VIEW_BENCH_DDL: readonly string[] = [
  "CREATE TABLE nation (n_nationkey INTEGER PRIMARY KEY, n_name TEXT NOT NULL)",
  "CREATE TABLE customer (c_custkey INTEGER PRIMARY KEY, c_nationkey INTEGER NOT NULL, c_mktsegment TEXT NOT NULL)",
  `CREATE TABLE orders (o_orderkey BIGINT PRIMARY KEY, o_custkey INTEGER NOT NULL, o_orderstatus TEXT NOT NULL,
    o_totalprice DECIMAL(15,2) NOT NULL, o_orderdate DATE NOT NULL)`,
];

/** Names of the columns of orders. */
export const ORDER_COLUMNS = [
  "o_orderkey",
  "o_custkey",
  "o_orderstatus",
  "o_totalprice",
  "o_orderdate",
] as const;

const FIRST_DAY = 8_035;
const DAYS = 2_406;
const DATES: readonly string[] = Array.from({ length: DAYS }, (_, day) => isoDate(FIRST_DAY + day));
const CENTS_MIN = 100_000;
const CENTS_MAX = 50_000_000;
const STATUSES = ["O", "F", "P"];

/** Generates the tables at a scale factor. */
export function startRows(scaleFactor: number): StartRows {
  const rows: { orders: OrderRow[]; customers: CustomerRow[]; nations: NationRow[] } = {
    orders: [],
    customers: [],
    nations: [],
  };
  const dates = new Map(DATES.map((date) => [date, date]));
  for (const { table, batch } of generateTpch({ scaleFactor, tables: ["nation", "customer", "orders"] })) {
    for (const row of rowsOfBatch(table, batch)) {
      if (table === "nation") {
        rows.nations.push({ n_nationkey: Number(row.n_nationkey), n_name: String(row.n_name) });
      } else if (table === "customer") {
        rows.customers.push({
          c_custkey: Number(row.c_custkey),
          c_nationkey: Number(row.c_nationkey),
          c_mktsegment: String(row.c_mktsegment),
        });
      } else {
        const date = String(row.o_orderdate);
        rows.orders.push({
          o_orderkey: Number(row.o_orderkey),
          o_custkey: Number(row.o_custkey),
          o_orderstatus: String(row.o_orderstatus),
          o_totalprice: Number(row.o_totalprice),
          o_orderdate: dates.get(date) ?? date,
        });
      }
    }
  }
  return rows;
}

/** See the module header. */
export class ChangeScript {
  readonly #random: SeededRandom;
  readonly #rows: OrderRow[];
  /** The batch that last touched the row at a place. */
  readonly #touched: number[];
  readonly #customers: number;
  #nextKey: number;
  #batch = 0;

  constructor(seed: number, start: StartRows) {
    this.#random = new SeededRandom(seed);
    this.#rows = [...start.orders];
    this.#touched = new Array<number>(this.#rows.length).fill(0);
    this.#customers = start.customers.length;
    this.#nextKey = this.#rows.reduce((most, row) => Math.max(most, row.o_orderkey), 0) + 1;
  }

  /** The orders as they are after the batches given so far. */
  get orders(): readonly OrderRow[] {
    return this.#rows;
  }

  /** The next batch: a third inserts, a third updates, a third deletes. */
  next(size: number): ChangeBatch {
    const batch = ++this.#batch;
    const inserts: OrderRow[] = [];
    const updates: { before: OrderRow; after: OrderRow }[] = [];
    const deletes: OrderRow[] = [];
    for (let i = 0; i < size; i++) {
      const dice = this.#random.integer(0, 2);
      const place = dice === 0 ? -1 : this.#untouched(batch);
      if (place < 0) inserts.push(this.#insert(batch));
      else if (dice === 1) updates.push(this.#update(place, batch));
      else deletes.push(this.#delete(place));
    }
    return { inserts, updates, deletes };
  }

  #insert(batch: number): OrderRow {
    const row = {
      o_orderkey: this.#nextKey++,
      o_custkey: this.#random.integer(1, this.#customers),
      o_orderstatus: this.#random.pick(STATUSES),
      o_totalprice: this.#random.integer(CENTS_MIN, CENTS_MAX) / 100,
      o_orderdate: this.#random.pick(DATES),
    };
    this.#rows.push(row);
    this.#touched.push(batch);
    return row;
  }

  /** Every price changes; one date in four moves, and one customer in ten is another. */
  #update(place: number, batch: number): { before: OrderRow; after: OrderRow } {
    const before = this.#rows[place]!;
    const after = {
      o_orderkey: before.o_orderkey,
      o_custkey: this.#random.next() < 0.1 ? this.#random.integer(1, this.#customers) : before.o_custkey,
      o_orderstatus: before.o_orderstatus,
      o_totalprice: this.#random.integer(CENTS_MIN, CENTS_MAX) / 100,
      o_orderdate: this.#random.next() < 0.25 ? this.#random.pick(DATES) : before.o_orderdate,
    };
    this.#rows[place] = after;
    this.#touched[place] = batch;
    return { before, after };
  }

  #delete(place: number): OrderRow {
    const row = this.#rows[place]!;
    const last = this.#rows.pop()!;
    const lastTouched = this.#touched.pop()!;
    if (place < this.#rows.length) {
      this.#rows[place] = last;
      this.#touched[place] = lastTouched;
    }
    return row;
  }

  /** A random row that this batch has not changed; -1 when a few tries find none. */
  #untouched(batch: number): number {
    for (let tries = 0; tries < 8; tries++) {
      const place = this.#random.integer(0, this.#rows.length - 1);
      if (this.#touched[place] !== batch) return place;
    }
    return -1;
  }
}
