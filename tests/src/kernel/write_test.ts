import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { LiveViewError } from "../../../src/base/error.ts";
import { createDatabase, type Database } from "../../../src/kernel/database.ts";

async function open(): Promise<Database> {
  const db = createDatabase();
  await db.exec(`
    CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER NOT NULL DEFAULT 0, note TEXT);
    INSERT INTO stock VALUES ('a', 1, 'x'), ('b', 2, NULL);
    CREATE TABLE delivery (sku TEXT, qty INTEGER);
    INSERT INTO delivery VALUES ('b', 10), ('c', 5);
  `);
  return db;
}

async function stock(db: Database): Promise<unknown[][]> {
  return (await db.query("SELECT sku, qty, note FROM stock ORDER BY sku")).rows();
}

describe("INSERT", () => {
  it("fills in defaults and returns rows", async () => {
    await using db = await open();
    const result = await db.query(
      "INSERT INTO stock (sku) VALUES ('c'), ('d') RETURNING sku, qty + 1 AS next",
    );
    assertEquals(result.objects(), [{ sku: "c", next: 1 }, { sku: "d", next: 1 }]);
    assertEquals(result.changeCount, 2);
  });

  it("takes rows from a query", async () => {
    await using db = await open();
    await db.query("INSERT INTO stock (sku, qty) SELECT sku || '2', qty * 2 FROM delivery");
    assertEquals((await stock(db)).slice(-1), [["c2", 10, null]]);
  });

  it("does nothing on conflict, or updates", async () => {
    await using db = await open();
    await db.query("INSERT INTO stock VALUES ('a', 9, 'y') ON CONFLICT DO NOTHING");
    await db.query(`INSERT INTO stock VALUES ('b', 5, 'z'), ('e', 1, 'n')
      ON CONFLICT (sku) DO UPDATE SET qty = stock.qty + excluded.qty, note = excluded.note`);
    assertEquals(await stock(db), [["a", 1, "x"], ["b", 7, "z"], ["e", 1, "n"]]);
  });

  it("mixes values with defaults of every type", async () => {
    await using db = createDatabase();
    await db.exec(`CREATE TABLE t (id INTEGER, p DECIMAL(10,2) DEFAULT 1.5, d DATE DEFAULT DATE '2024-01-02',
      ts TIMESTAMP DEFAULT TIMESTAMP '2024-01-02 03:04:05', n NUMERIC DEFAULT 1.25, i INTERVAL DEFAULT '1 day')`);
    const given = { p: 2.5, d: "2024-05-06", ts: "2024-05-06", n: 7, i: "2 days" };
    await db.insert("t", Array.from({ length: 20 }, (_, id) => id % 2 === 0 ? { id } : { id, ...given }));
    const result = await db.query(
      "SELECT DISTINCT id % 2, p, d::text, ts::text, n::text, i FROM t ORDER BY 1",
    );
    assertEquals(result.rows(), [
      [0, 1.5, "2024-01-02", "2024-01-02 03:04:05", "1.25", "P1D"],
      [1, 2.5, "2024-05-06", "2024-05-06 00:00:00", "7", "P2D"],
    ]);
  });

  it("takes objects with dates, decimals and NULLs", async () => {
    await using db = createDatabase();
    await db.exec("CREATE TABLE t (d DATE, ts TIMESTAMP, n DECIMAL(10,3), j JSON, l INTEGER[], i INTERVAL)");
    await db.insert("t", [
      {
        d: new Date(Date.UTC(2024, 1, 29)),
        ts: "2024-02-29 12:30:00.5",
        n: 0.1,
        j: { a: [1] },
        l: [1, null],
        i: "1 day 02:00",
      },
      { d: null, n: "12345.678", j: null },
    ]);
    const { rows } = JSON.parse(JSON.stringify(await db.query("SELECT * FROM t")));
    assertEquals(rows, [
      ["2024-02-29T00:00:00.000Z", "2024-02-29T12:30:00.500Z", 0.1, { a: [1] }, [1, null], "P1DT2H"],
      [null, null, 12345.678, null, null, null],
    ]);
  });
});

describe("UPDATE", () => {
  it("changes what matches and returns the new rows", async () => {
    await using db = await open();
    const result = await db.query(
      "UPDATE stock SET qty = qty * 10, note = NULL WHERE qty > 1 RETURNING sku, qty",
    );
    assertEquals(result.rows(), [["b", 20]]);
  });

  it("joins with FROM", async () => {
    await using db = await open();
    await db.query("UPDATE stock SET qty = stock.qty + d.qty FROM delivery d WHERE d.sku = stock.sku");
    assertEquals(await stock(db), [["a", 1, "x"], ["b", 12, null]]);
  });

  it("moves keys through each other", async () => {
    await using db = createDatabase();
    await db.exec(
      "CREATE TABLE k (id INTEGER PRIMARY KEY); INSERT INTO k VALUES (1), (2), (3); UPDATE k SET id = id + 1",
    );
    assertEquals((await db.query("SELECT id FROM k ORDER BY id")).column("id"), [2, 3, 4]);
  });
});

describe("DELETE", () => {
  it("removes what matches, by subquery too", async () => {
    await using db = await open();
    const result = await db.query("DELETE FROM stock WHERE sku IN (SELECT sku FROM delivery) RETURNING *");
    assertEquals(result.rows(), [["b", 2, null]]);
    assertEquals(await stock(db), [["a", 1, "x"]]);
  });
});

describe("MERGE", () => {
  it("updates, deletes and inserts in one statement", async () => {
    await using db = await open();
    const result = await db.query(`
      MERGE INTO stock s USING delivery d ON s.sku = d.sku
      WHEN MATCHED AND d.qty > 100 THEN DELETE
      WHEN MATCHED THEN UPDATE SET qty = s.qty + d.qty
      WHEN NOT MATCHED THEN INSERT (sku, qty) VALUES (d.sku, d.qty)`);
    assertEquals(result.changeCount, 2);
    assertEquals(await stock(db), [["a", 1, "x"], ["b", 12, null], ["c", 5, null]]);
  });

  it("refuses to change a row twice", async () => {
    await using db = await open();
    await db.query("INSERT INTO delivery VALUES ('b', 1)");
    const sql =
      "MERGE INTO stock s USING delivery d ON s.sku = d.sku WHEN MATCHED THEN UPDATE SET qty = d.qty";
    const error = await assertRejects(() => db.query(sql), LiveViewError);
    assertEquals(error.code, "cardinality-violation");
    assertEquals((await stock(db))[1], ["b", 2, null]);
  });
});

describe("parameters", () => {
  it("are taken by number and by name", async () => {
    await using db = await open();
    const byNumber = await db.query("SELECT sku FROM stock WHERE qty >= $1 AND sku <> $2", {
      params: [1, "a"],
    });
    const byName = await db.query("SELECT sku FROM stock WHERE qty >= :low AND sku <> :not", {
      params: { low: 1, not: "a" },
    });
    assertEquals([byNumber.column("sku"), byName.column("sku")], [["b"], ["b"]]);
  });

  it("keep fractions where a whole number was expected", async () => {
    await using db = await open();
    assertEquals((await db.query("SELECT sku FROM stock WHERE qty > $1", { params: [1.5] })).column("sku"), [
      "b",
    ]);
  });

  it("cannot smuggle SQL in", async () => {
    await using db = await open();
    const text = "x'; DROP TABLE stock; --";
    await db.query("UPDATE stock SET note = $1 WHERE sku = 'a'", { params: [text] });
    assertEquals(
      (await db.query("SELECT sku FROM stock WHERE note = $1", { params: [text] })).column("sku"),
      ["a"],
    );
  });
});

describe("IDENTITY and SERIAL", () => {
  it("takes one object as one row", async () => {
    await using db = createDatabase();
    await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, tags JSON)");
    assertEquals(await db.insert("t", { id: 1, v: "two letters", tags: ["x"] }), 1);
    assertEquals(await db.insert("t", { tags: ["x", "y"], id: 2, v: "b" }), 1);
    assertEquals((await db.query("SELECT count(*) AS n FROM t")).objects(), [{ n: 2 }]);
  });

  it("number rows, by SQL and by objects", async () => {
    await using db = createDatabase();
    await db.exec(
      "CREATE TABLE t (id INTEGER GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, s SERIAL, v TEXT)",
    );
    await db.exec("INSERT INTO t (v) VALUES ('a'), ('b')");
    await db.insert("t", [{ v: "c" }]);
    assertEquals((await db.query("SELECT * FROM t ORDER BY id")).rows(), [[1, 1, "a"], [2, 2, "b"], [
      3,
      3,
      "c",
    ]]);
  });
});

describe("WITH that changes data", () => {
  it("hands its rows on, and all parts read the tables as they were", async () => {
    await using db = await open();
    const moved = await db.query(`
      WITH gone AS (DELETE FROM delivery WHERE qty > 5 RETURNING sku, qty),
           added AS (INSERT INTO stock SELECT 'new ' || sku, qty, 'moved' FROM gone RETURNING sku)
      SELECT added.sku, (SELECT count(*) FROM delivery) AS before FROM added`);
    assertEquals(moved.rows(), [["new b", 2]]);
    assertEquals((await db.query("SELECT count(*) AS n FROM delivery")).column("n"), [1]);
    assertEquals((await stock(db)).at(-1), ["new b", 10, "moved"]);
  });
});

describe("missing parameters", () => {
  it("are an error that counts them", async () => {
    await using db = await open();
    await assertRejects(
      () => db.query("SELECT $1::integer + $2::integer", { params: [1] }),
      LiveViewError,
      "2 parameters",
    );
  });
});
