import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../src/base/random.ts";
import { placedDelta, type Places, PlaceSpace } from "../../../src/circuit/delta.ts";
import { vectorFromDatums } from "../../../src/exec/vector_build.ts";
import { createDatabase, materializedViews } from "../../../mod.ts";
import { PlacedRows } from "../../../plugins/materialized_views/placed_rows.ts";
import { BIGINT, type Datum, TEXT } from "../../../src/storage/sql_type.ts";
import { Store } from "../../../src/storage/store.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 11);

const QUERIES = {
  groups: "SELECT k, count(*) AS n, sum(v) AS s, max(w) AS w FROM t GROUP BY k",
  kept: "SELECT s, k FROM (SELECT k, sum(v) AS s FROM t GROUP BY k) AS g WHERE s > 0",
  total: "SELECT count(*) AS n, avg(v) AS mean FROM t",
  repeats: "SELECT n FROM (SELECT k, count(*) AS n FROM t GROUP BY k) AS g",
};

async function withViews() {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER, w TEXT)");
  const random = new SeededRandom(SEED);
  const live: number[] = [];
  let next = 0;
  const row = (id: number) => ({
    id,
    k: random.next() < 0.05 ? null : random.integer(0, 3000),
    v: random.integer(-5, 5),
    w: random.next() < 0.2 ? null : `w${random.integer(0, 9)}`,
  });
  return {
    db,
    insert: async (count: number) => {
      const rows = Array.from({ length: count }, () => row(next++));
      rows.forEach(({ id }) => live.push(id));
      await db.insert("t", rows);
    },
    update: (count: number) =>
      db.update("t", Array.from({ length: count }, () => row(live[random.integer(0, live.length - 1)]!))),
    remove: async (count: number) => {
      const gone = Array.from({ length: Math.min(count, live.length) }, () => {
        const [id] = live.splice(random.integer(0, live.length - 1), 1);
        return { id };
      });
      await db.delete("t", gone);
    },
    check: async () => {
      for (const [name, query] of Object.entries(QUERIES)) {
        const rows = async (sql: string) =>
          (await db.query(sql)).rows().map((one) => one.map(String).join("|")).sort();
        assertEquals(await rows(`SELECT * FROM ${name}`), await rows(query), name);
      }
    },
  };
}

describe("stored rows of views by their places", () => {
  it("follow changes of all sizes, groups that come and go, and new numberings of them", async () => {
    const { db, insert, update, remove, check } = await withViews();
    await insert(500);
    for (const [name, query] of Object.entries(QUERIES)) {
      await db.exec(`CREATE MATERIALIZED VIEW ${name} AS ${query}`);
    }
    for (const size of [1, 3, 40, 3000, 2]) {
      await insert(size);
      await check();
      await update(size);
      await check();
    }
    for (let i = 0; i < 4; i++) {
      await remove(700);
      await check();
      await insert(3);
      await update(2);
      await check();
    }
    await remove(5000);
    await check();
    await insert(20);
    await check();
    await db.close();
  });

  it("are found again after a transaction that was undone, and after a refresh from all rows", async () => {
    const { db, insert, update, check } = await withViews();
    await insert(200);
    for (const [name, query] of Object.entries(QUERIES)) {
      await db.exec(`CREATE MATERIALIZED VIEW ${name} AS ${query}`);
    }
    await db.exec("CREATE MATERIALIZED VIEW failing AS SELECT 1 / v AS x FROM t WHERE k = 77777");
    await update(2);
    for (let i = 0; i < 3; i++) {
      const undone = await db.insert("t", [{ id: -1, k: 77777, v: 0, w: null }]).then(
        () => false,
        () => true,
      );
      assert(undone);
      await check();
      await update(3);
      await check();
      await update(30);
      await check();
    }
    await db.plugins.materializedViews.refresh("groups", { full: true });
    await insert(2);
    await check();
    await db.close();
  });

  it("follow a statement after others that were taken back", async () => {
    const { db, insert, check } = await withViews();
    await insert(50);
    for (const [name, query] of Object.entries(QUERIES)) {
      await db.exec(`CREATE MATERIALIZED VIEW ${name} AS ${query}`);
    }
    await db.exec(`BEGIN; SAVEPOINT a; UPDATE t SET v = 77, w = 'x' WHERE id = 3; ROLLBACK TO a;
      UPDATE t SET v = 78 WHERE id = 4; COMMIT`);
    await check();
    await db.exec("BEGIN; UPDATE t SET v = 79 WHERE id = 4; UPDATE t SET w = 'y' WHERE id = 5; COMMIT");
    await check();
    await db.close();
  });
});

describe("placed rows", () => {
  const TYPES = [BIGINT, TEXT];
  const store = new Store();
  const table = store.createTable({
    name: "v",
    kind: "view",
    columns: [{ name: "a", type: BIGINT, nullable: true }, { name: "b", type: TEXT, nullable: true }],
    primaryKey: [],
    uniqueKeys: [],
    references: [],
  });
  const space = new PlaceSpace();
  const delta = (rows: readonly (readonly [place: number, weight: number, a: Datum, b: Datum])[]) => {
    const places: Places = { space, generation: space.generation, of: Int32Array.from(rows, ([at]) => at) };
    const columns = TYPES.map((type, j) =>
      vectorFromDatums(type, rows.map((one) => one[j + 2]!), rows.length)
    );
    const weights = Int32Array.from(rows, ([, weight]) => weight);
    return { places, change: placedDelta({ size: rows.length, columns, weights }, places) };
  };
  const stored = () => {
    const rows: string[] = [];
    for (const ids of table.liveRows()) for (const row of ids) rows.push(table.row(row).join());
    return rows.sort();
  };

  it("tell how many rows were not there, and do not follow other places", () => {
    const first = delta([[3, 1, 1, "x"], [20, 1, 2, null]]);
    const transaction = store.begin();
    const placed = new PlacedRows(
      first.places,
      transaction.insertVectors(table, first.change.columns, 2).rowIds(),
    );
    assert(placed.follows(first.places));
    assertEquals(placed.write(transaction, table, delta([[3, -1, 1, "x"], [9, 1, 4, "y"]]).change), 0);
    assertEquals(stored(), ["2,", "4,y"]);
    assertEquals(placed.write(transaction, table, delta([[99, -1, 1, "x"]]).change), 1);
    const many = Array.from({ length: 40 }, (_, i) => [40 + i, -1, i, "z"] as const);
    assertEquals(placed.write(transaction, table, delta(many).change), 40);
    assert(!placed.follows({ ...first.places, space: new PlaceSpace() }));
    assert(!placed.follows({ ...first.places, generation: 2 }));
    space.renumber(Int32Array.of(20, 9));
    assert(placed.follows(delta([]).places));
    assertEquals(placed.write(transaction, table, delta([[0, -1, 2, null], [0, 1, 5, "v"]]).change), 0);
    assertEquals(stored(), ["4,y", "5,v"]);
    transaction.commit();
  });

  it("are found by value, unless one is missing", () => {
    const found = PlacedRows.find(table, delta([[1, 1, 5, "v"], [2, 1, 4, "y"]]).change);
    assert(found !== undefined);
    assertEquals(PlacedRows.find(table, delta([[1, 1, 5, "v"], [2, 1, 4, null]]).change), undefined);
    assertEquals(PlacedRows.find(table, delta([[1, 1, 5, "v"]]).change), undefined);
    const transaction = store.begin();
    assertEquals(found.write(transaction, table, delta([[1, -1, 5, "v"], [1, 1, 6, "u"]]).change), 0);
    assertEquals(stored(), ["4,y", "6,u"]);
    transaction.commit();
  });
});
