import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import { createDatabase, LiveViewError, materializedViews } from "../../../../mod.ts";
import { requireMaintainedView } from "../../../support/maintained_changes.ts";
import { changeTables, createTables, multiset } from "./join_tables.ts";

const VIEWS: Readonly<Record<string, string>> = {
  left: "SELECT a.id, b.id AS b FROM a LEFT JOIN b ON a.k = b.k AND a.v < b.v",
  left_two_keys: "SELECT a.id, b.id AS b FROM a LEFT JOIN b ON a.k = b.k AND a.v = b.v AND a.d <= b.d",
  right_two_keys: "SELECT a.id, b.id AS b FROM a RIGHT JOIN b ON a.v = b.v AND a.k = b.k AND a.d <= b.d",
  left_without_key: "SELECT a.id, b.id AS b FROM a LEFT JOIN b ON a.v < b.v AND b.t = 'a'",
  left_duplicates:
    "SELECT x.k, y.v FROM (SELECT k, v FROM a) x LEFT JOIN (SELECT k, v FROM b) y ON x.k = y.k AND x.v > y.v",
  left_mixed: "SELECT a.id, b.id AS b FROM a LEFT JOIN b ON a.k = b.k AND a.t IS NOT DISTINCT FROM b.t",
  left_texts: "SELECT a.id, b.id AS b FROM a LEFT JOIN b ON a.t = b.t AND a.t || b.t <> 'aa'",
  right: "SELECT a.id, b.id AS b FROM a RIGHT JOIN b ON a.k = b.k AND a.v + b.v > 6",
  full: "SELECT a.id, b.id AS b FROM a FULL JOIN b ON a.k = b.k AND a.v <> b.v",
  full_duplicates:
    "SELECT x.k, y.v FROM (SELECT k, v FROM a) x FULL JOIN (SELECT k, v FROM b) y ON x.k = y.k AND x.v > y.v",
  full_groups: `SELECT g.k, g.n, h.m FROM (SELECT k, count(*) AS n FROM a GROUP BY k) g
     FULL JOIN (SELECT v, count(*) AS m FROM b GROUP BY v) h ON g.k = h.v AND g.n >= h.m`,
  semi: "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.v > a.v)",
  semi_any: "SELECT id FROM a WHERE v > ANY (SELECT v FROM b WHERE b.k = a.k)",
  anti: "SELECT id, t FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.v > a.v)",
  mark: "SELECT id, EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.v > a.v) AS found FROM a",
  mark_all: "SELECT id, v >= ALL (SELECT v FROM b) AS most FROM a",
  mark_any: "SELECT id, v < ANY (SELECT v FROM b WHERE b.id > 20) AS least FROM a",
  mark_keyed: "SELECT id, v < ANY (SELECT v FROM b WHERE b.id = a.id) AS least FROM a",
  not_in_correlated: "SELECT id, k NOT IN (SELECT k FROM b WHERE b.v = a.v) AS missing FROM a",
  not_in_pairs: "SELECT id FROM a WHERE (k, v) NOT IN (SELECT k, v FROM b)",
  in_pairs: "SELECT id, (k, v) IN (SELECT k, v FROM b) AS found FROM a",
  json:
    "SELECT x.j, y.id FROM (SELECT ('[' || k || ']')::json AS j FROM a) x LEFT JOIN b y ON x.j = ('[' || y.k || ' ]')::json",
};

describe("PairJoinNode", () => {
  for (const [name, sql] of Object.entries(VIEWS)) {
    it(`maintains ${name.replaceAll("_", " ")}`, async () => {
      const seed = Number(process.env["LIVEVIEW_SEED"] ?? 5);
      const random = new SeededRandom(seed);
      await using db = await createTables(30, random);
      const tables = ["a", "b"];
      const change = (count: number) => changeTables(db, random, count);
      await requireMaintainedView(db, sql, { random, seed, tables, change });
    });
  }

  it("fails when a subquery as a value finds a second row", async () => {
    await using db = createDatabase({ plugins: [materializedViews()] });
    await db.exec("CREATE TABLE a (id INTEGER, k INTEGER); CREATE TABLE b (k INTEGER, v INTEGER)");
    await db.exec("INSERT INTO a VALUES (1, 1), (2, 2); INSERT INTO b VALUES (1, 10), (3, 10), (3, 20)");
    await db.exec(
      "CREATE MATERIALIZED VIEW m AS SELECT id, (SELECT v FROM b WHERE b.k = a.k AND b.v > a.id) AS v FROM a",
    );
    const failing = async (sql: string): Promise<void> => {
      const error = await assertRejects(() => db.exec(sql), LiveViewError);
      assertEquals(error.code, "cardinality-violation");
    };
    await failing("INSERT INTO b VALUES (1, 11)");
    await failing("UPDATE a SET k = 3 WHERE id = 2");
    await db.exec("INSERT INTO b VALUES (1, 0), (2, 12)");
    assertEquals(await multiset(db, "SELECT * FROM m"), ['["1","10"]', '["2","12"]']);
  });

  it("keeps the counts of rows when those that left are removed", async () => {
    await using db = createDatabase({ plugins: [materializedViews()] });
    await db.exec("CREATE TABLE a (id INTEGER, k INTEGER, v INTEGER); CREATE TABLE b (k INTEGER, v INTEGER)");
    const sql = "SELECT a.id, b.v FROM a FULL JOIN b ON a.k = b.k AND a.v < b.v";
    await db.exec(`CREATE MATERIALIZED VIEW m AS ${sql}`);
    const rows = Array.from({ length: 5000 }, (_, id) => ({ id, k: id % 500, v: id % 7 }));
    await db.insert("a", rows);
    await db.insert("b", rows.map(({ k, v }) => ({ k, v: v + k % 3 })));
    const { stateBytes } = db.plugins.materializedViews.status("m");
    await db.exec("DELETE FROM a WHERE id >= 100; DELETE FROM b WHERE k >= 60");
    assertEquals(await multiset(db, "SELECT * FROM m"), await multiset(db, sql));
    await db.exec("DELETE FROM b WHERE k < 30; INSERT INTO b VALUES (70, 9), (71, 0)");
    assertEquals(await multiset(db, "SELECT * FROM m"), await multiset(db, sql));
    assert(db.plugins.materializedViews.status("m").stateBytes < stateBytes);
  });

  it("keeps what NULL leaves open when rows are removed", async () => {
    await using db = createDatabase({ plugins: [materializedViews()] });
    await db.exec("CREATE TABLE a (id INTEGER, k INTEGER, v INTEGER); CREATE TABLE b (k INTEGER, v INTEGER)");
    const sql = "SELECT id, v < ANY (SELECT v FROM b WHERE b.k = a.k) AS less FROM a";
    await db.exec(`CREATE MATERIALIZED VIEW m AS ${sql}`);
    await db.insert("a", Array.from({ length: 5000 }, (_, id) => ({ id, k: id % 500, v: id % 7 })));
    await db.insert("b", Array.from({ length: 1500 }, (_, i) => ({ k: i % 500, v: i % 3 === 0 ? null : 3 })));
    await db.exec("DELETE FROM a WHERE id >= 100");
    assertEquals(await multiset(db, "SELECT * FROM m"), await multiset(db, sql));
    await db.exec("DELETE FROM b WHERE v IS NOT NULL AND k < 30; UPDATE b SET v = NULL WHERE k = 70");
    assertEquals(await multiset(db, "SELECT * FROM m"), await multiset(db, sql));
  });

  it("looks at the rows of the touched keys alone", async () => {
    const sql = "SELECT a.id, b.id AS b FROM a LEFT JOIN b ON a.k = b.k AND a.v < b.v";
    const examined: number[] = [];
    for (const size of [1000, 10_000]) {
      await using db = createDatabase({ plugins: [materializedViews()] });
      for (const table of ["a", "b"]) {
        await db.exec(`CREATE TABLE ${table} (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER)`);
        await db.insert(table, Array.from({ length: size }, (_, id) => ({ id, k: id >> 1, v: id % 7 })));
      }
      await db.exec(`CREATE MATERIALIZED VIEW m AS ${sql}`);
      const status = () => db.plugins.materializedViews.status("m");
      const before = status().examinedRows;
      await db.exec(
        "UPDATE b SET v = 9 WHERE id = 40; UPDATE a SET k = 7 WHERE id = 8; DELETE FROM b WHERE id = 41",
      );
      examined.push(status().examinedRows - before);
      assertEquals(await multiset(db, "SELECT * FROM m"), await multiset(db, sql));
    }
    assertEquals(examined[0], examined[1]);
    assert(examined[0]! < 60, `${examined[0]} rows`);
  });
});
