/**
 * The refresh functions and the stream of random changes: key spaces, and that every change can be applied.
 *
 * @module
 */

import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { rowsOfBatch, type TpchRow } from "../../../examples/tpch/batch_rows.ts";
import { generateTpch } from "../../../examples/tpch/generate.ts";
import { OrderGenerator } from "../../../examples/tpch/generate_orders.ts";
import { lineCount } from "../../../examples/tpch/order_keys.ts";
import { randomUpdates, type TpchChange } from "../../../examples/tpch/random_updates.ts";
import { refreshDelete, refreshInsert, refreshOrders } from "../../../examples/tpch/refresh.ts";
import { TPCH_LAYOUT, tpchRowCounts, type TpchTable } from "../../../examples/tpch/tables.ts";
import { textPool } from "../../../examples/tpch/text_pool.ts";
import { QueryError } from "../../../src/base/error.ts";

const OPTIONS = { scaleFactor: 0.01 };

function initialKeys(): Set<number> {
  const keys = new Set<number>();
  for (const { batch } of generateTpch({ ...OPTIONS, tables: ["orders"] })) {
    for (const row of rowsOfBatch("orders", batch)) keys.add(row.o_orderkey as number);
  }
  return keys;
}

describe("the refresh functions", () => {
  it("insert a thousandth of the orders under unused keys", () => {
    const initial = initialKeys();
    const seen = new Set<number>();
    for (const set of [1, 2, 3, 999]) {
      const { orders, lineitem } = refreshInsert(set, OPTIONS);
      assertEquals(orders.rowCount, 15);
      const keys = rowsOfBatch("orders", orders).map((row) => row.o_orderkey as number);
      for (const key of keys) {
        assert(!initial.has(key) && !seen.has(key));
        assertEquals(key % 32 >> 3, 1);
        seen.add(key);
      }
      assertEquals([...new Set(rowsOfBatch("lineitem", lineitem).map((row) => row.l_orderkey))], keys);
    }
    assertEquals(rowsOfBatch("orders", refreshInsert(1, OPTIONS).orders).map((row) => row.o_orderkey), [
      ...[9, 10, 11, 12, 13, 14, 15, 40, 41, 42, 43, 44, 45, 46, 47],
    ]);
  });

  it("delete a thousandth of the orders, beginning with the first", () => {
    const initial = [...initialKeys()];
    assertEquals([...refreshDelete(1, OPTIONS)], initial.slice(0, 15));
    assertEquals([...refreshDelete(2, OPTIONS)], initial.slice(15, 30));
    assertEquals([...refreshDelete(999, OPTIONS)], initial.slice(14_970, 14_985));
    assertEquals(refreshOrders(1), 1500);
  });

  it("go on where the set before ended", () => {
    const counts = tpchRowCounts(OPTIONS.scaleFactor);
    const settings = { pool: textPool(), ...OPTIONS, counts, dayShift: 0, batchOrders: 30 };
    const both = new OrderGenerator(settings, counts.orders).next(1, 30, 1);
    const sets = [refreshInsert(1, OPTIONS), refreshInsert(2, OPTIONS)];
    assertEquals(
      sets.flatMap((set) => rowsOfBatch("orders", set.orders)),
      rowsOfBatch("orders", both.orders),
    );
    assertEquals(
      sets.flatMap((set) => rowsOfBatch("lineitem", set.lineitem)),
      rowsOfBatch("lineitem", both.lineitem),
    );
  });

  it("know no other sets", () => {
    assertThrows(() => refreshInsert(0, OPTIONS), QueryError, "There is no refresh set 0");
    assertThrows(() => refreshDelete(1000, OPTIONS), QueryError, "There is no refresh set 1000");
  });
});

describe("OrderGenerator", () => {
  it("begins with any order of the streams", () => {
    const counts = tpchRowCounts(OPTIONS.scaleFactor);
    const settings = { pool: textPool(), ...OPTIONS, counts, dayShift: 0, batchOrders: 500 };
    const all = new OrderGenerator(settings);
    all.next(1, 500);
    const expected = all.next(501, 100);
    const actual = new OrderGenerator(settings, 500).next(501, 100);
    assertEquals(actual, expected);
  });
});

describe("lineCount", () => {
  it("knows the line items of an order without generating it", () => {
    const counts = new Map<number, number>();
    for (const { batch } of generateTpch({ ...OPTIONS, tables: ["lineitem"] })) {
      for (const { l_orderkey: key } of rowsOfBatch("lineitem", batch)) {
        counts.set(key as number, (counts.get(key as number) ?? 0) + 1);
      }
    }
    assertEquals([...counts.values()], Array.from({ length: 15_000 }, (_, i) => lineCount(i + 1)));
  });
});

/** The keys of all tables, as text, to which changes are applied. */
class KeyStore {
  readonly #keys = new Map<TpchTable, Set<string>>();

  constructor() {
    for (const { table, batch } of generateTpch(OPTIONS)) {
      for (const row of rowsOfBatch(table, batch)) this.#of(table).add(keyText(table, row));
    }
  }

  apply(change: TpchChange): void {
    const keys = this.#of(change.table);
    const columns = TPCH_LAYOUT[change.table].columns;
    if (change.kind === "insert") {
      const key = keyText(change.table, change.row);
      assert(!keys.has(key), `Insert into ${change.table}: key ${key} is taken`);
      keys.add(key);
      assertEquals(Object.keys(change.row), columns.map((column) => column.name));
      for (const column of columns) {
        if (column.references === undefined) continue;
        const parent = String(change.row[column.name]);
        assert(this.#of(column.references).has(parent), `${column.name} ${parent} has no parent`);
      }
      return;
    }
    const key = keyText(change.table, change.key);
    assert(keys.has(key), `${change.kind} in ${change.table}: key ${key} does not exist`);
    assertEquals(Object.keys(change.key), [...TPCH_LAYOUT[change.table].primaryKey]);
    if (change.kind === "delete") keys.delete(key);
    else for (const name of Object.keys(change.set)) assert(columns.some((column) => column.name === name));
  }

  #of(table: TpchTable): Set<string> {
    const keys = this.#keys.get(table) ?? new Set<string>();
    this.#keys.set(table, keys);
    return keys;
  }
}

function keyText(table: TpchTable, row: TpchRow): string {
  return TPCH_LAYOUT[table].primaryKey.map((name) => row[name]).join(" ");
}

describe("randomUpdates", () => {
  it("meets rows that exist and uses keys that are free", () => {
    const store = new KeyStore();
    const kinds = new Set<string>();
    let left = 30_000;
    for (const change of randomUpdates(7, OPTIONS)) {
      store.apply(change);
      kinds.add(`${change.kind} ${change.table}`);
      if (--left === 0) break;
    }
    for (const table of ["supplier", "customer", "part", "partsupp", "orders", "lineitem"]) {
      for (const kind of ["insert", "update", "delete"]) {
        assert(kinds.has(`${kind} ${table}`), `${kind} ${table}`);
      }
    }
    assert(kinds.has("update region") && kinds.has("update nation"));
  });

  it("is the same for the same seed", () => {
    const first = (seed: number): TpchChange[] => randomUpdates(seed, OPTIONS).take(200).toArray();
    assertEquals(first(1), first(1));
    assert(JSON.stringify(first(1)) !== JSON.stringify(first(2)));
  });
});
