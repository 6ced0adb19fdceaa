import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { LiveViewError } from "../../../src/base/error.ts";
import { createDatabase, type Database } from "../../../src/kernel/database.ts";

async function open(): Promise<Database> {
  const db = createDatabase();
  await db.exec(
    "CREATE TABLE a (id INTEGER PRIMARY KEY, v INTEGER); CREATE TABLE b (id INTEGER PRIMARY KEY, v INTEGER)",
  );
  await db.exec("INSERT INTO a VALUES (1, 10), (2, 20); INSERT INTO b VALUES (1, 100)");
  return db;
}

async function rowsOf(db: { query: Database["query"] }, table: string): Promise<unknown[][]> {
  return (await db.query(`SELECT id, v FROM ${table} ORDER BY id`)).rows();
}

describe("db.transaction()", () => {
  it("publishes the writes of several tables together", async () => {
    await using db = await open();
    const before = db.version;
    await db.transaction(async (tx) => {
      await tx.query("UPDATE a SET v = v - 5 WHERE id = 1");
      await tx.query("UPDATE b SET v = v + 5 WHERE id = 1");
      assertEquals(await rowsOf(db, "a"), [[1, 10], [2, 20]]);
    });
    assertEquals(db.version, before + 1);
    assertEquals([await rowsOf(db, "a"), await rowsOf(db, "b")], [[[1, 5], [2, 20]], [[1, 105]]]);
  });

  it("reads its own writes", async () => {
    await using db = await open();
    await db.transaction(async (tx) => {
      await tx.insert("a", [{ id: 3, v: 30 }]);
      await tx.query("DELETE FROM a WHERE id = 1");
      assertEquals(await rowsOf(tx, "a"), [[2, 20], [3, 30]]);
    });
    assertEquals(await rowsOf(db, "a"), [[2, 20], [3, 30]]);
  });

  it("takes everything back when the callback throws", async () => {
    await using db = await open();
    const before = db.version;
    await assertRejects(() =>
      db.transaction(async (tx) => {
        await tx.query("DELETE FROM a");
        await tx.insert("b", [{ id: 2, v: 1 }]);
        throw new RangeError("no");
      }), RangeError);
    assertEquals(db.version, before);
    assertEquals([await rowsOf(db, "a"), await rowsOf(db, "b")], [[[1, 10], [2, 20]], [[1, 100]]]);
  });

  it("keeps what went before a statement that failed", async () => {
    await using db = await open();
    await db.transaction(async (tx) => {
      await tx.query("INSERT INTO a VALUES (3, 30)");
      await assertRejects(() => tx.query("INSERT INTO a VALUES (4, 40), (1, 0)"), LiveViewError);
      assertEquals(await rowsOf(tx, "a"), [[1, 10], [2, 20], [3, 30]]);
    });
    assertEquals(await rowsOf(db, "a"), [[1, 10], [2, 20], [3, 30]]);
  });

  it("runs transactions one after the other", async () => {
    await using db = await open();
    const increment = () =>
      db.transaction(async (tx) => {
        const [v] = (await tx.query("SELECT v FROM a WHERE id = 1")).column("v");
        await new Promise((resolve) => setTimeout(resolve, 1));
        await tx.query("UPDATE a SET v = $1 WHERE id = 1", { params: [Number(v) + 1] });
      });
    await Promise.all(Array.from({ length: 10 }, increment));
    assertEquals((await db.query("SELECT v FROM a WHERE id = 1")).column("v"), [20]);
  });

  it("refuses use after its end", async () => {
    await using db = await open();
    let kept: { query: Database["query"] } | undefined;
    await db.transaction((tx) => {
      kept = tx;
    });
    await assertRejects(async () => await kept?.query("SELECT 1"), LiveViewError, "ended");
  });
});

describe("BEGIN, COMMIT and ROLLBACK", () => {
  it("commit and roll back", async () => {
    await using db = await open();
    await db.exec("BEGIN; UPDATE a SET v = 0; ROLLBACK");
    assertEquals(await rowsOf(db, "a"), [[1, 10], [2, 20]]);
    await db.exec("BEGIN; UPDATE a SET v = 0; COMMIT");
    assertEquals(await rowsOf(db, "a"), [[1, 0], [2, 0]]);
  });

  it("refuse to nest, and to end what is not open", async () => {
    await using db = await open();
    await assertRejects(() => db.exec("COMMIT"), LiveViewError, "no transaction");
    await db.exec("BEGIN");
    await assertRejects(() => db.exec("BEGIN"), LiveViewError, "already open");
    await db.exec("ROLLBACK");
  });
});

describe("a query under way", () => {
  it("sees one version while writes are committed", async () => {
    await using db = createDatabase();
    await db.exec("CREATE TABLE t (a INTEGER); INSERT INTO t SELECT 1 FROM generate_series(1, 400000)");
    const slow = db.query("SELECT sum(x.a) AS s FROM t x, generate_series(1, 20) g(i)");
    await db.query("UPDATE t SET a = 2");
    assertEquals((await slow).column("s"), [8_000_000]);
    assertEquals((await db.query("SELECT sum(a) AS s FROM t")).column("s"), [800_000]);
  });
});
