/**
 * Indexes: hash table, sorted run and ordered list, alone and behind TableIndex.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../src/base/random.ts";
import * as types from "../../../src/storage/sql_type.ts";
import type { Datum } from "../../../src/storage/sql_type.ts";
import { hashNumber, mix32 } from "../../../src/base/hash.ts";
import { ProbeKeys } from "../../../src/storage/probe_keys.ts";
import { RowPairs } from "../../../src/storage/row_pairs.ts";
import { Store } from "../../../src/storage/store.ts";
import type { Table } from "../../../src/storage/table.ts";
import { SEGMENT_ROWS } from "../../../src/storage/table_view.ts";

function tableOf(rows: readonly Datum[][], ordered = false): { store: Store; table: Table } {
  const store = new Store();
  const table = store.createTable({
    name: "t",
    kind: "table",
    columns: [
      { name: "id", type: types.BIGINT, nullable: false },
      { name: "group", type: types.INTEGER, nullable: true },
      { name: "text", type: types.TEXT, nullable: true },
    ],
    primaryKey: [0],
  });
  store.createIndex("t", { name: "by_group", ordinals: [1], unique: false, ordered });
  store.createIndex("t", { name: "by_both", ordinals: [1, 2], unique: false, ordered });
  const transaction = store.begin();
  transaction.insert(table, { rows });
  transaction.commit();
  return { store, table };
}

function findAll(table: Table, index: number, key: readonly Datum[]): number[] {
  const into: number[] = [];
  table.indexes[index].findAll(key, into);
  return into.sort((a, b) => a - b);
}

const ROWS: Datum[][] = [[10, 1, "a"], [20, 1, "b"], [30, null, "a"], [40, 2, null], [50, 1, "a"]];

describe("TableIndex", () => {
  it("takes no memory while keys come in order", () => {
    const { table } = tableOf(ROWS);
    assertEquals(table.indexes[0].byteLength, 0);
    assertEquals([table.findByPrimaryKey([30]), table.findByPrimaryKey([35])], [2, -1]);
    assertEquals(table.indexes[0].byteLength, 0);
  });

  it("becomes a hash table when a key comes out of order", () => {
    const { store, table } = tableOf(ROWS);
    const transaction = store.begin();
    transaction.insertRow(table, [25, 9, null]);
    transaction.commit();
    assert(table.indexes[0].byteLength > 0);
    assertEquals([25, 10, 50].map((id) => table.findByPrimaryKey([id])), [5, 0, 4]);
  });

  for (const ordered of [false, true]) {
    it(`finds all rows of a key, NULL none, ${ordered ? "ordered" : "hashed"}`, () => {
      const { table } = tableOf(ROWS, ordered);
      assertEquals(findAll(table, 1, [1]), [0, 1, 4]);
      assertEquals(findAll(table, 1, [null]), []);
      assertEquals(findAll(table, 2, [1, "a"]), [0, 4]);
      assertEquals(findAll(table, 2, [1, null]), []);
    });

    it(`follows updates and deletes, ${ordered ? "ordered" : "hashed"}`, () => {
      const { store, table } = tableOf(ROWS, ordered);
      assertEquals(findAll(table, 1, [2]), [3]);
      const transaction = store.begin();
      transaction.updateRow(table, 0, [1], [2]);
      transaction.deleteRow(table, 4);
      transaction.updateRow(table, 2, [1], [1]);
      assertEquals([findAll(table, 1, [1]), findAll(table, 1, [2])], [[1, 2], [0, 3]]);
      transaction.rollback();
      assertEquals([findAll(table, 1, [1]), findAll(table, 1, [2])], [[0, 1, 4], [3]]);
    });
  }

  it("finds numbers given as bigints and -0 as 0", () => {
    const { table } = tableOf([[5, 0, "x"], [1, -0, "y"]]);
    assertEquals(table.findByPrimaryKey([5n]), 0);
    assertEquals(findAll(table, 1, [-0]), [0, 1]);
  });

  it("finds text that left its dictionary", () => {
    const rows = Array.from({ length: 6000 }, (_, i): Datum[] => [i, 1, `text é ${i}`]);
    const { table } = tableOf(rows);
    assertEquals(table.segments[0].columns[2].kind, "utf8");
    assertEquals(findAll(table, 2, [1, "text é 4321"]), [4321]);
  });

  it("keeps the run in key order when emptied segments are used again", () => {
    const { store, table } = tableOf(
      Array.from({ length: SEGMENT_ROWS * 2 }, (_, i): Datum[] => [i, i, null]),
    );
    assertEquals(findAll(table, 1, [70_000]), [70_000]);
    let transaction = store.begin();
    transaction.deleteRows(table, Int32Array.from({ length: SEGMENT_ROWS }, (_, i) => i));
    transaction.commit();
    transaction = store.begin();
    const next = SEGMENT_ROWS * 2;
    transaction.insert(table, { rows: Array.from({ length: 500 }, (_, i) => [next + i, next + i, null]) });
    transaction.commit();
    assertEquals(table.segments.length, 2);
    assertEquals(table.indexes[0].byteLength, 0);
    assertEquals([next + 499, 70_000, 5].map((id) => table.findByPrimaryKey([id])), [499, 70_000, -1]);
  });

  it("agrees with a map under random keys", () => {
    const seed = Number(Deno.env.get("LIVEVIEW_SEED") ?? 3);
    const random = new SeededRandom(seed);
    const keys = new Map<number, number>();
    while (keys.size < 20_000) {
      const key = random.integer(-1e6, 1e6);
      if (!keys.has(key)) keys.set(key, keys.size);
    }
    const { store, table } = tableOf([...keys.keys()].map((key) => [key, key % 97, null]));
    const transaction = store.begin();
    for (const [key, row] of keys) {
      if (random.next() < 0.7) continue;
      assert(transaction.deleteRow(table, row));
      keys.set(key, -1);
    }
    for (const [key, row] of keys) {
      assertEquals(table.findByPrimaryKey([key]), row, `seed ${seed}, key ${key}`);
    }
    transaction.commit();
  });
});

describe("IndexView.range()", () => {
  function range(
    values: readonly Datum[],
    lower: Datum | undefined,
    upper: Datum | undefined,
    inclusive: boolean,
  ): Datum[] {
    const { store } = tableOf(values.map((value, i) => [i, value, null]), true);
    const snapshot = store.snapshot().table("t")!;
    const bound = (value: Datum | undefined) => value === undefined ? undefined : { key: [value], inclusive };
    const into: number[] = [];
    snapshot.indexes[1].range?.(bound(lower), bound(upper), into);
    const found = into.map((row) => values[row]);
    snapshot.release();
    return found;
  }

  it("gives rows between bounds in key order", () => {
    assertEquals(range([5, 1, 4, 2, 3], 2, 4, true), [2, 3, 4]);
    assertEquals(range([5, 1, 4, 2, 3], 2, 4, false), [3]);
  });

  it("gives all rows without bounds, NULL last", () => {
    assertEquals(range([5, null, 1], undefined, undefined, true), [1, 5, null]);
  });

  it("orders many rows, added in any order", () => {
    const values = Array.from({ length: 5000 }, (_, i) => i * 7919 % 5000);
    assertEquals(range(values, undefined, undefined, true), values.toSorted((a, b) => a - b));
  });
});

describe("A hash index over whole numbers", () => {
  const columns = [{ name: "id", type: types.BIGINT, nullable: false }];
  const found = (table: Table, keys: readonly number[]): [number, number][] => {
    const probes = new ProbeKeys();
    probes.load([{ kind: "f64", values: Float64Array.from(keys), nulls: null }], keys.length);
    const pairs = new RowPairs();
    table.findByPrimaryKeys(probes, pairs);
    return Array.from({ length: pairs.count }, (_, i) => [pairs.probes[i]!, pairs.rows[i]!]);
  };

  for (const wide of [false, true]) {
    it(`finds them by hash alone while they have 32 bits, ${wide ? "then not" : "all of them"}`, () => {
      const store = new Store();
      const table = store.createTable({ name: "t", kind: "table", columns, primaryKey: [0] });
      const transaction = store.begin();
      const keys = [5, 3, -7, 2 ** 31 - 1, -(2 ** 31)];
      transaction.insert(table, { rows: keys.map((key) => [key]) });
      // Numbers whose hash is that of a number with 32 bits are another key.
      const other = collidingWith(5);
      assertEquals(found(table, [5, other, 4, -7]), [[0, 0], [3, 2]]);
      if (wide) {
        transaction.insert(table, { rows: [[other], [2 ** 40]] });
        assertEquals(found(table, [5, other, 2 ** 40]), [[0, 0], [1, 5], [2, 6]]);
        transaction.deleteRow(table, 0);
        assertEquals(found(table, [5, other]), [[1, 5]]);
      } else {
        assertEquals(transaction.deleteRow(table, 0), true);
        assertEquals(found(table, [5, other]), []);
      }
      transaction.rollback();
    });
  }

  it("loses many rows at once, and gets them back", () => {
    const store = new Store();
    const table = store.createTable({ name: "t", kind: "table", columns, primaryKey: [0] });
    let transaction = store.begin();
    const keys = Array.from({ length: 500 }, (_, i) => (i * 7919) % 500);
    transaction.insert(table, { rows: keys.map((key) => [key]) });
    transaction.commit();
    transaction = store.begin();
    const gone = [...keys.keys()].filter((row) => row % 3 > 0);
    assertEquals(transaction.deleteRows(table, [...gone, gone[0]!, -1, 900]), gone.length);
    assertEquals(transaction.deleteRows(table, gone), 0);
    assertEquals(found(table, keys).length, keys.length - gone.length);
    transaction.rollback();
    assertEquals(found(table, keys), keys.map((_, row) => [row, row]));
  });
});

/** A number without 32 bits that hashes like `key`. */
function collidingWith(key: number): number {
  const wanted = hashNumber(key);
  const words = new Uint32Array(2);
  const float = new Float64Array(words.buffer);
  // Words 0 and 1 are mixed: for each high word there is a low one.
  for (let high = 0x43000000;; high++) {
    words[1] = high;
    words[0] = unmix32(wanted) ^ mix32(high + 0x9e3779b9 | 0);
    if (Number.isSafeInteger(float[0]) && hashNumber(float[0]!) === wanted) return float[0]!;
  }
}

/** The number that is mixed to `hash`. */
function unmix32(hash: number): number {
  let x = hash ^ hash >>> 15 ^ hash >>> 30;
  x = Math.imul(x, inverse(0x735a2d97));
  x ^= x >>> 15 ^ x >>> 30;
  x = Math.imul(x, inverse(0x21f0aaad));
  return x ^ x >>> 16;
}

/** Of an odd number, modulo 2^32. */
function inverse(odd: number): number {
  let x = odd;
  for (let i = 0; i < 5; i++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
}
