import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { LiveViewError } from "../../../src/base/error.ts";
import { createDatabase, type Database } from "../../../src/kernel/database.ts";

async function rows(db: Database, sql: string): Promise<unknown[][]> {
  return (await db.query(sql)).rows();
}

describe("ALTER TABLE", () => {
  it("adds a column with a default, renames and drops it", async () => {
    await using db = createDatabase();
    await db.exec("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2)");
    await db.exec("ALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT 'x'");
    assertEquals(await rows(db, "SELECT a, b FROM t"), [[1, "x"], [2, "x"]]);
    await db.exec("ALTER TABLE t RENAME COLUMN b TO c; INSERT INTO t (a) VALUES (3)");
    assertEquals(await rows(db, "SELECT c FROM t WHERE a = 3"), [["x"]]);
    await db.exec("ALTER TABLE t DROP COLUMN c");
    assertEquals((await db.query("SELECT * FROM t")).columns.map((column) => column.name), ["a"]);
  });

  it("changes a type, keeping the values", async () => {
    await using db = createDatabase();
    await db.exec(
      "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (NULL); ALTER TABLE t ALTER COLUMN a TYPE DECIMAL(10,2)",
    );
    await db.exec("INSERT INTO t VALUES (2.5)");
    assertEquals(await rows(db, "SELECT a FROM t ORDER BY a"), [[1], [2.5], [null]]);
    await db.exec("ALTER TABLE t ALTER COLUMN a TYPE TEXT USING 'n' || a");
    assertEquals(await rows(db, "SELECT a FROM t ORDER BY a"), [["n1.00"], ["n2.50"], [null]]);
  });

  it("adds constraints, unless the rows are against them", async () => {
    await using db = createDatabase();
    await db.exec("CREATE TABLE t (a INTEGER, b INTEGER); INSERT INTO t VALUES (1, 1), (2, 1)");
    await assertRejects(() => db.exec("ALTER TABLE t ADD CONSTRAINT u UNIQUE (b)"), LiveViewError);
    await assertRejects(() => db.exec("ALTER TABLE t ADD CHECK (a > 1)"), LiveViewError);
    await db.exec("ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0); ALTER TABLE t ADD PRIMARY KEY (a)");
    await assertRejects(() => db.exec("INSERT INTO t VALUES (-1, 0)"), LiveViewError, "positive");
    await assertRejects(() => db.exec("INSERT INTO t VALUES (1, 0)"), LiveViewError);
    await db.exec("ALTER TABLE t DROP CONSTRAINT positive; INSERT INTO t VALUES (-1, 0)");
  });

  it("renames a table", async () => {
    await using db = createDatabase();
    await db.exec(
      "CREATE TABLE t (a INTEGER DEFAULT 7); ALTER TABLE t RENAME TO u; INSERT INTO u DEFAULT VALUES",
    );
    assertEquals(await rows(db, "SELECT a FROM u"), [[7]]);
  });
});

describe("views", () => {
  it("are queries by name, one on another", async () => {
    await using db = createDatabase();
    await db.exec(`
      CREATE TABLE t (a INTEGER, b INTEGER); INSERT INTO t VALUES (1, 2), (3, 4);
      CREATE VIEW v (x) AS SELECT a + b FROM t; CREATE VIEW w AS SELECT sum(x) AS total FROM v;
    `);
    assertEquals(await rows(db, "SELECT * FROM w"), [[10]]);
    await assertRejects(() => db.exec("DROP VIEW v"), LiveViewError, "w");
    await db.exec("DROP VIEW v CASCADE");
    await assertRejects(() => db.query("SELECT * FROM w"), LiveViewError);
  });
});

describe("CREATE TABLE AS", () => {
  it("keeps names and types of the query", async () => {
    await using db = createDatabase();
    await db.exec("CREATE TABLE t AS SELECT 1 AS a, 'x' AS b, 1.50 AS c, DATE '2024-01-01' AS d");
    assertEquals((await db.query("SELECT * FROM t")).columns.map((column) => column.type), [
      "INTEGER",
      "TEXT",
      "DECIMAL(3,2)",
      "DATE",
    ]);
  });
});

describe("SHOW and DESCRIBE", () => {
  it("list relations and columns", async () => {
    await using db = createDatabase();
    await db.exec("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); CREATE VIEW v AS SELECT b FROM t");
    assertEquals(await rows(db, "SHOW TABLES"), [["t", "table", "0"], ["v", "view", null]]);
    assertEquals(await rows(db, "DESCRIBE t"), [
      ["a", "INTEGER", "NO", "PRIMARY KEY", null],
      ["b", "TEXT", "YES", null, null],
    ]);
    assertEquals(await rows(db, "DESCRIBE v"), [["b", "TEXT", "YES", null, null]]);
  });
});

describe("EXPLAIN", () => {
  it("shows the plan, and with ANALYZE what was done", async () => {
    await using db = createDatabase();
    await db.exec("CREATE TABLE t (a INTEGER); INSERT INTO t SELECT x FROM generate_series(1, 1000) g(x)");
    const text = (await rows(db, "EXPLAIN SELECT count(*) FROM t WHERE a > 10")).map(([line]) => line).join(
      "\n",
    );
    assertEquals(/scan t/.test(text), true, text);
    const explanation = await db.explain("SELECT count(*) FROM t WHERE a > 10", { analyze: true });
    assertEquals(explanation.operators.some((one) => one.rowsExamined >= 990), true);
  });
});

describe("indexes", () => {
  it("are created and dropped by name", async () => {
    await using db = createDatabase();
    await db.exec(
      "CREATE TABLE t (a INTEGER, b INTEGER); CREATE INDEX i ON t (a); CREATE UNIQUE INDEX u ON t (b)",
    );
    assertEquals(await rows(db, "SHOW INDEXES"), [["t", "u"], ["t", "i"]]);
    await db.exec("INSERT INTO t VALUES (1, 1)");
    await assertRejects(() => db.exec("INSERT INTO t VALUES (1, 1)"), LiveViewError);
    await db.exec("DROP INDEX u; INSERT INTO t VALUES (1, 1)");
    await assertRejects(() => db.exec("DROP INDEX u"), LiveViewError);
  });
});
