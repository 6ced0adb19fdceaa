import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { LiveViewError } from "../../../src/base/error.ts";
import { createDatabase } from "../../../src/kernel/database.ts";
import { systemTables } from "../../../src/kernel/extension_points.ts";
import { definePlugin } from "../../../src/kernel/plugin.ts";

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(run, LiveViewError)).code;
}

describe("db.update() and db.delete()", () => {
  const TABLE =
    "CREATE TABLE t (a INTEGER, b TEXT, v INTEGER, PRIMARY KEY (a, b)); INSERT INTO t VALUES (1, 'x', 5)";

  it("find rows by the whole key, in whatever order it is given", async () => {
    await using db = createDatabase();
    await db.exec(TABLE);
    assertEquals(await db.update("t", [{ b: "x", v: 6, a: 1 }, { a: 2, b: "x", v: 7 }]), 1);
    assertEquals((await db.query("SELECT v FROM t")).column("v"), [6]);
    assertEquals(await db.delete("t", [{ a: 1, b: "y" }, { a: 1, b: "x" }]), 1);
    assertEquals((await db.query("SELECT count(*) AS n FROM t")).column("n"), [0]);
  });

  it("refuse what names no row or no column", async () => {
    await using db = createDatabase();
    await db.exec(`${TABLE}; CREATE TABLE keyless (a INTEGER)`);
    assertEquals(await codeOf(() => db.update("nothing", { a: 1 })), "unknown-object");
    assertEquals(await codeOf(() => db.update("keyless", { a: 1 })), "unknown-object");
    assertEquals(await codeOf(() => db.update("t", { a: 1, b: "x", w: 1 })), "unknown-object");
    assertEquals(await codeOf(() => db.update("t", { a: 1, b: "x" })), "invalid-input");
    assertEquals(await codeOf(() => db.update("t", { a: 1, v: 3 })), "invalid-input");
    assertEquals(await codeOf(() => db.update("t", { a: 1, b: "x", v: "many" })), "invalid-input");
  });

  it("write all rows or none, in a transaction too", async () => {
    await using db = createDatabase();
    await db.exec(`${TABLE}; INSERT INTO t VALUES (2, 'x', 5)`);
    const bad = [{ a: 1, b: "x", v: 9 }, { a: 2, b: "x", v: "no" }];
    await assertRejects(() => db.update("t", bad), LiveViewError);
    await db.transaction(async (tx) => {
      await assertRejects(() => tx.update("t", bad), LiveViewError);
      await tx.delete("t", { a: 2, b: "x" });
    });
    assertEquals((await db.query("SELECT a, v FROM t")).rows(), [[1, 5]]);
  });
});

describe("db.checkReferences()", () => {
  it("gives the rows whose keys are missing, not those with NULL", async () => {
    await using db = createDatabase();
    await db.exec(
      `CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT UNIQUE); INSERT INTO parent VALUES (1, 'a');
      CREATE TABLE child (p INTEGER REFERENCES parent, c TEXT REFERENCES parent (code));
      INSERT INTO child VALUES (1, 'a'), (2, 'a'), (NULL, 'b'), (1, NULL)`,
    );
    const found = db.checkReferences("child").map(({ table, row, key }) => ({ table, row, key }));
    assertEquals(found, [{ table: "child", row: 1, key: [2] }, { table: "child", row: 2, key: ["b"] }]);
    assertEquals(db.checkReferences("parent"), []);
  });

  it("needs a unique key of the referenced table", async () => {
    await using db = createDatabase();
    await db.exec(
      "CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (p INTEGER REFERENCES parent)",
    );
    await db.exec("INSERT INTO child VALUES (1); DROP TABLE parent CASCADE").catch(() => undefined);
    if (db.catalog.relation("parent") !== undefined) return;
    assertEquals(
      assertThrows(() => db.checkReferences("child"), LiveViewError).code,
      "foreign-key-violation",
    );
  });
});

describe("Database", () => {
  it("counts versions, memory and metrics", async () => {
    await using db = createDatabase();
    const { version } = db;
    await db.exec("CREATE TABLE t (a INTEGER); INSERT INTO t SELECT generate_series(1, 1000)");
    assert(db.version > version);
    const [table] = db.memory().tables;
    assertEquals([table?.name, table?.rowCount], ["t", 1000]);
    assert(table!.bytes >= 1000 && db.memory().totalBytes >= table!.bytes);
    assertEquals(db.metrics().get("version"), db.version);
    assertEquals(db.metrics().get("tasks"), 0);
  });

  it("adds the metrics of plugins, with their labels", async () => {
    const meter = definePlugin({
      name: "meter",
      setup: () => ({
        api: {},
        hooks: { collectMetrics: (add) => add("queue", 3, { kind: "fast", zone: "a" }) },
      }),
    });
    await using db = createDatabase({ plugins: [meter] });
    assertEquals(db.metrics().get('queue{kind="fast",zone="a"}'), 3);
  });

  it("reads the system tables of plugins", async () => {
    const plugin = definePlugin({
      name: "moons",
      setup: () => ({
        api: {},
        provides: [systemTables.of({
          name: "moons.known",
          columns: [{ name: "name", type: { kind: "text" } }, { name: "size", type: { kind: "integer" } }],
          rows: () => [{ name: "Io", size: 3643 }, { name: "Titan", size: null }],
        })],
      }),
    });
    await using db = createDatabase({ plugins: [plugin] });
    assertEquals((await db.query("SELECT name, size FROM moons.known ORDER BY name DESC")).rows(), [[
      "Titan",
      null,
    ], ["Io", 3643]]);
  });

  it("refuses scripts without, and queries with several statements", async () => {
    await using db = createDatabase();
    assertEquals(await codeOf(() => db.exec(" -- nothing")), "invalid-statement");
    assertEquals(await codeOf(() => db.query("SELECT 1; SELECT 2")), "invalid-statement");
    assertEquals(await codeOf(() => db.explain("DROP TABLE t")), "invalid-statement");
  });

  it("forgets the texts that were used least recently", async () => {
    await using db = createDatabase({ limits: { planCacheMax: 2 } });
    for (const n of [1, 2, 1, 3, 1, 2]) assertEquals((await db.query(`SELECT ${n} AS n`)).column("n"), [n]);
  });
});

describe("QueryResult", () => {
  const SQL =
    `SELECT 9007199254740993 AS big, 1.50::decimal(20,2) AS d, 12345678901234567.25::decimal(30,2) AS wide,
    1.0 / 3 AS q, DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 10:00:00.5' AS ts, TIME '01:02:03.25' AS tod,
    INTERVAL '1 year -2 days 3.5 seconds' AS i, INTERVAL '0' AS none, '{"a": [1]}'::json AS j, ARRAY[1, NULL] AS l,
    true AS b, NULL::integer AS n`;

  it("gives JavaScript values", async () => {
    await using db = createDatabase();
    assertEquals((await db.query(SQL)).objects(), [{
      big: 9007199254740993n,
      d: 1.5,
      wide: "12345678901234567.25",
      q: 0.3333333333333333,
      day: new Date(Date.UTC(2024, 1, 29)),
      ts: new Date(Date.UTC(2024, 1, 29, 10, 0, 0, 500)),
      tod: "01:02:03.25",
      i: "P1Y-2DT3.5S",
      none: "PT0S",
      j: { a: [1] },
      l: [1, null],
      b: true,
      n: null,
    }]);
  });

  it("gives exact numbers on demand", async () => {
    await using db = createDatabase();
    const [row] = (await db.query(`${SQL}, 7::bigint AS small`, { exact: true })).objects();
    assertEquals([row?.big, row?.small, row?.d], [9007199254740993n, 7n, "1.50"]);
    assertEquals(row?.q, "0.33333333333333333333");
  });

  it("gives Temporal objects on demand", async () => {
    await using db = createDatabase();
    const sql =
      "SELECT DATE '1969-12-31' AS d, TIMESTAMP '2024-01-01 00:00:00.000001' AS t, TIMESTAMPTZ '2024-01-01 00:00+01' AS z";
    const result = await db.query(sql, { temporal: true });
    assertEquals(result.rows()[0]!.map(String), [
      "1969-12-31",
      "2024-01-01T00:00:00.000001",
      "2023-12-31T23:00:00Z",
    ]);
  });

  it("knows its columns by name and index", async () => {
    await using db = createDatabase();
    const result = await db.query("SELECT 1 AS a, 'x' AS __proto__");
    assertEquals(result.column(0), [1]);
    assertEquals(Object.keys(result.objects()[0]!), ["a", "__proto__"]);
    assertEquals(assertThrows(() => result.column("nothing"), LiveViewError).code, "unknown-column");
    assertEquals(result.vector("a").kind, "i32");
  });
});
