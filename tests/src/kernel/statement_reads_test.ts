/** What statements read, and statements that are refused because they write. */
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { AccessError, createDatabase, definePlugin, materializedViews } from "../../../mod.ts";

async function sample() {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`
    CREATE TABLE a (id INTEGER PRIMARY KEY, v INTEGER);
    CREATE TABLE b (id INTEGER PRIMARY KEY, v INTEGER);
    CREATE TABLE s (id SERIAL, v INTEGER);
    CREATE VIEW merged AS SELECT v FROM a UNION ALL SELECT v FROM b;
    CREATE MATERIALIZED VIEW total AS SELECT sum(v) AS t FROM a;
    INSERT INTO a VALUES (1, 1);
    INSERT INTO b VALUES (1, 1);
  `);
  return db;
}

describe("db.reads()", () => {
  it("gives the tables below views, and the version of the last that changed", async () => {
    await using db = await sample();
    const before = db.reads("SELECT * FROM merged");
    assertEquals([...before.tables].sort(), ["a", "b"]);
    assertEquals(before.version, db.version);
    await db.exec("INSERT INTO s (v) VALUES (1)");
    assertEquals(db.reads("SELECT * FROM merged").version, before.version);
    await db.exec("UPDATE a SET v = 2");
    assertEquals(db.reads("SELECT * FROM merged").version, db.version);
  });

  it("counts a stored view by its own contents", async () => {
    await using db = await sample();
    assertEquals(db.reads("SELECT t FROM total").tables, ["total"]);
    const { version } = db.reads("SELECT t FROM total");
    await db.exec("INSERT INTO b VALUES (2, 2)");
    assertEquals(db.reads("SELECT t FROM total").version, version);
    await db.exec("INSERT INTO a VALUES (2, 2)");
    assertEquals(db.reads("SELECT t FROM total").version, db.version);
  });

  it("sees tables of subqueries", async () => {
    await using db = await sample();
    const { tables } = db.reads("SELECT v FROM a WHERE v > (SELECT avg(v) FROM b)");
    assertEquals([...tables].sort(), ["a", "b"]);
  });

  for (
    const sql of [
      "SELECT now()",
      "SELECT current_date",
      "SELECT random() FROM a",
      "SELECT gen_random_uuid()",
      "SELECT DATE 'today'",
      "SELECT age(TIMESTAMP '2024-01-01')",
      "SELECT * FROM a TABLESAMPLE BERNOULLI (50)",
      "SELECT v FROM a WHERE v IN (SELECT v FROM b TABLESAMPLE BERNOULLI (50))",
      "SELECT v FROM a WHERE v IN (SELECT v FROM b WHERE random() < 0.5)",
      "SELECT * FROM liveview.views",
      "SHOW TABLES",
      "EXPLAIN SELECT 1",
    ]
  ) {
    it(`does not take for repeatable: ${sql}`, async () => {
      await using db = await sample();
      assertEquals(db.reads(sql).isRepeatable, false);
    });
  }

  it("takes for repeatable what follows from rows and parameters", async () => {
    await using db = await sample();
    assert(db.reads("SELECT v + $1, upper($2) FROM a", { params: [1, "x"] }).isRepeatable);
    assert(db.reads("SELECT * FROM generate_series(1, 3)").isRepeatable);
  });

  it("grows its catalogVersion with definitions", async () => {
    await using db = await sample();
    const { catalogVersion } = db.reads("SELECT 1");
    await db.exec("CREATE OR REPLACE VIEW merged AS SELECT v FROM a");
    assert(db.reads("SELECT 1").catalogVersion > catalogVersion);
  });
});

describe("readOnly", () => {
  for (
    const sql of [
      "INSERT INTO a VALUES (9, 9)",
      "UPDATE a SET v = 3",
      "DELETE FROM a",
      "MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE",
      "WITH gone AS (DELETE FROM a RETURNING v) SELECT * FROM gone",
      "CREATE TABLE c (v INTEGER)",
      "CREATE TABLE c AS SELECT 1 AS v",
      "CREATE VIEW c AS SELECT 1 AS v",
      "CREATE INDEX c ON a (v)",
      "CREATE MATERIALIZED VIEW c AS SELECT 1 AS v",
      "REFRESH MATERIALIZED VIEW total",
      "ALTER TABLE a ADD COLUMN w INTEGER",
      "DROP TABLE a",
      "TRUNCATE a",
      "COPY a TO STDOUT",
      "BEGIN",
      "COMMIT",
      "ROLLBACK",
      "SAVEPOINT one",
      "SET time_zone = 'UTC'",
      "ANALYZE",
      "SELECT nextval('s.id')",
      "SELECT v FROM a WHERE v < (SELECT nextval('s.id'))",
      "EXPLAIN ANALYZE SELECT nextval('s.id')",
      "EXPLAIN DELETE FROM a",
    ]
  ) {
    it(`refuses ${sql}`, async () => {
      await using db = await sample();
      const { version } = db;
      const error = await assertRejects(() => db.query(sql, { readOnly: true }), AccessError);
      assertEquals(error.code, "access-denied");
      assertEquals(db.version, version);
      assert(db.reads(sql).writes);
    });
  }

  for (
    const sql of [
      "SELECT sum(v) FROM merged",
      "WITH x AS (SELECT 1 AS v) SELECT * FROM x",
      "EXPLAIN SELECT 1",
      "EXPLAIN ANALYZE SELECT v FROM a",
      "SHOW TABLES",
      "DESCRIBE a",
    ]
  ) {
    it(`allows ${sql}`, async () => {
      await using db = await sample();
      await db.query(sql, { readOnly: true });
      assert(!db.reads(sql).writes);
    });
  }

  it("comes before plugins that take statements", async () => {
    let asked = 0;
    const plugin = definePlugin({
      name: "taker",
      setup: () => ({ api: {}, hooks: { statement: () => (asked++, undefined) } }),
    });
    await using db = createDatabase({ plugins: [plugin] });
    await assertRejects(() => db.query("COPY a TO STDOUT", { readOnly: true }), AccessError);
    assertEquals(asked, 0);
  });
});
