/**
 * What views share: equal sub-plans are one operator, and a change reaches only the views that it concerns.
 */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT, v INTEGER)");
  const rows = Array.from({ length: 1000 }, (_, id) => ({ id, k: `k${id % 10}`, v: id }));
  await db.insert("t", rows);
  return db;
}

function operators(db: ViewDatabase) {
  return db.plugins.materializedViews.circuit().operators;
}

async function assertRight(db: ViewDatabase, views: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, query] of Object.entries(views)) {
    const rows = async (sql: string) => (await db.query(sql)).rows().map(String).sort();
    assertEquals(await rows(`SELECT * FROM ${name}`), await rows(query), name);
  }
}

describe("shared operators", () => {
  const BIG = "SELECT k, sum(v) AS s FROM t GROUP BY k HAVING sum(v) > 50000";
  const SMALL = "SELECT k AS key, sum(v) AS total FROM t GROUP BY k HAVING sum(v) < 49000";

  it("do the work of equal sub-plans once", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW big AS ${BIG}`);
    const alone = db.plugins.materializedViews.circuit().stateBytes;
    await db.exec(`CREATE MATERIALIZED VIEW small AS ${SMALL}`);
    assertEquals(db.plugins.materializedViews.circuit().stateBytes, alone);
    const groups = operators(db).filter(({ name }) => name === "group");
    assertEquals(groups.map(({ sharedBy }) => sharedBy), [["big", "small"]]);
    await db.exec("UPDATE t SET v = v + 1000 WHERE id < 30");
    await assertRight(db, { big: BIG, small: SMALL });
    const rows = await db.query("SELECT name, shared_by FROM liveview.operators WHERE name = 'group'");
    assertEquals(rows.objects(), [{ name: "group", shared_by: "big, small" }]);
  });

  it("start a later view from their state", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW big AS ${BIG}`);
    const examined = () => operators(db).reduce((sum, operator) => sum + operator.examinedRows, 0);
    const before = examined();
    await db.exec(`CREATE MATERIALIZED VIEW small AS ${SMALL}`);
    assert(examined() - before < 100, `${examined() - before} rows`);
    await assertRight(db, { small: SMALL });
  });

  it("leave with the last view that uses them", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW big AS ${BIG}; CREATE MATERIALIZED VIEW small AS ${SMALL}`);
    await db.exec("DROP MATERIALIZED VIEW big");
    assertEquals(operators(db).find(({ name }) => name === "group")?.sharedBy, ["small"]);
    await db.exec("INSERT INTO t VALUES (5000, 'k1', 7)");
    await assertRight(db, { small: SMALL });
    await db.exec("DROP MATERIALIZED VIEW small");
    assertEquals(operators(db), []);
  });

  it("stay when a view is replaced by one that needs them", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW v AS ${BIG}`);
    const group = operators(db).find(({ name }) => name === "group")!;
    await db.exec(`CREATE OR REPLACE MATERIALIZED VIEW v AS ${SMALL}`);
    const after = operators(db).find(({ name }) => name === "group")!;
    assertEquals([after.id, after.examinedRows, after.sharedBy], [group.id, group.examinedRows, ["v"]]);
    await assertRight(db, { v: SMALL });
  });

  it("are known with and without an order of their rows, and forgotten so", async () => {
    await using db = await open();
    const sql = "SELECT s, count(*) OVER () AS n FROM (SELECT sum(v) AS s FROM t GROUP BY k ORDER BY 1) x";
    const create = (name: string) => db.exec(`CREATE MATERIALIZED VIEW ${name} AS ${sql}`);
    await create("a");
    const before = operators(db).length;
    await create("b");
    assert(operators(db).length <= before + 1);
    await db.exec("DROP MATERIALIZED VIEW a; DROP MATERIALIZED VIEW b");
    assertEquals(operators(db), []);
    await create("c");
    await db.exec("UPDATE t SET v = 5 WHERE id = 7");
    await assertRight(db, { c: sql });
  });

  it("start anew for all views after an error in one of them", async () => {
    await using db = await open();
    const join =
      "FROM (SELECT k, 100 / max(v) AS m FROM t GROUP BY k) x JOIN (SELECT k FROM t WHERE v = 5) y USING (k)";
    const views = { a: `SELECT k, m ${join}`, b: `SELECT m ${join}`, c: "SELECT max(m) AS m FROM a" };
    await db.exec("DELETE FROM t WHERE v = 0");
    for (const [name, query] of Object.entries(views)) {
      await db.exec(`CREATE MATERIALIZED VIEW ${name} AS ${query}`);
    }
    await db.exec("UPDATE t SET v = 0 WHERE k = 'k1'").catch((error) =>
      assertEquals(error.code, "division-by-zero")
    );
    await db.exec("UPDATE t SET v = 5 WHERE id = 7");
    await assertRight(db, views);
    await db.exec("DELETE FROM t WHERE id > 900");
    await assertRight(db, views);
  });

  it("follow a transaction that is undone", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW big AS ${BIG}; CREATE MATERIALIZED VIEW small AS ${SMALL}`);
    await db.exec("CREATE MATERIALIZED VIEW failing AS SELECT id, 10 / (v - 2000) AS q FROM t");
    await db.exec("UPDATE t SET v = 2000 WHERE id = 3").catch((error) =>
      assertEquals(error.code, "division-by-zero")
    );
    await db.exec("UPDATE t SET v = 3000 WHERE id = 4");
    await assertRight(db, { big: BIG, small: SMALL });
  });
});

describe("views of one value each", () => {
  it("are reached by the changes of their value alone", async () => {
    await using db = await open();
    for (let i = 0; i < 10; i++) {
      await db.exec(
        `CREATE MATERIALIZED VIEW tenant${i} AS SELECT count(*) AS n, sum(v) AS s FROM t WHERE k = 'k${i}'`,
      );
    }
    const examined = () => operators(db).map((operator) => operator.examinedRows);
    const before = examined();
    await db.exec("INSERT INTO t VALUES (2000, 'k3', 1)");
    const touched = examined().filter((rows, i) => rows !== before[i]);
    assert(touched.length <= 4, `${touched.length} operators`);
    await db.exec(
      "UPDATE t SET k = 'k7' WHERE id = 2000; UPDATE t SET k = 'other' WHERE id < 5; DELETE FROM t WHERE id = 8",
    );
    const views: Record<string, string> = {};
    for (let i = 0; i < 10; i++) {
      views[`tenant${i}`] = `SELECT count(*) AS n, sum(v) AS s FROM t WHERE k = 'k${i}'`;
    }
    await assertRight(db, views);
  });

  it("are told apart by numbers, dates and truth values", async () => {
    await using db = createDatabase({ plugins: [materializedViews()] });
    await db.exec("CREATE TABLE e (id BIGINT, at DATE, ok BOOLEAN, amount BIGINT)");
    const conditions = [
      "id = 9007199254740993",
      "id = 2",
      "at = DATE '2024-02-29'",
      "ok = true AND amount > 1",
    ];
    const views: Record<string, string> = {};
    for (const [i, condition] of conditions.entries()) {
      views[`v${i}`] = `SELECT id, amount FROM e WHERE ${condition}`;
      await db.exec(`CREATE MATERIALIZED VIEW v${i} AS ${views[`v${i}`]}`);
    }
    await db.exec(
      `INSERT INTO e VALUES (9007199254740993, '2024-02-29', true, 5), (9007199254740992, NULL, NULL, 6),
      (2, '2024-03-01', false, 7), (2, '2024-02-29', true, 1), (NULL, NULL, true, 3)`,
    );
    await assertRight(db, views);
    await db.exec("UPDATE e SET amount = 9 WHERE id = 2; DELETE FROM e WHERE id = 9007199254740993");
    await assertRight(db, views);
  });
});
