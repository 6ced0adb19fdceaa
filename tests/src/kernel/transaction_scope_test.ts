import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { LiveViewError } from "../../../src/base/error.ts";
import { createDatabase, type Database, type DatabaseTransaction, materializedViews } from "../../../mod.ts";
import { SynchronousContext, TransactionScope } from "../../../src/kernel/transaction_scope.ts";
import { WriterLock } from "../../../src/kernel/writer_lock.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER);
    CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS SELECT sum(v) AS s FROM t`);
  return db;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

const CALLS: Readonly<Record<string, (db: ViewDatabase) => Promise<unknown>>> = {
  "insert()": (db) => db.insert("t", [{ id: 9, v: 9 }]),
  "update()": (db) => db.update("t", { id: 1, v: 9 }),
  "exec() of a write": (db) => db.exec("DELETE FROM t"),
  "exec() of a definition": (db) => db.exec("CREATE TABLE other (x INTEGER)"),
  "exec() of BEGIN": (db) => db.exec("BEGIN"),
  "transaction()": (db) => db.transaction(() => {}),
  "create()": (db) => db.plugins.materializedViews.create({ name: "n", query: "SELECT 1 AS x" }),
  "refresh()": (db) => db.plugins.materializedViews.refresh("m"),
  "alter()": (db) => db.plugins.materializedViews.alter("m", { refresh: "eager" }),
  "rename()": (db) => db.plugins.materializedViews.rename("m", "n"),
  "drop()": (db) => db.plugins.materializedViews.drop("m"),
};

describe("inside the callback of a transaction", () => {
  for (const [name, call] of Object.entries(CALLS)) {
    it(`${name} of the database is an error, before and after an await`, async () => {
      await using db = await open();
      const tried = async (tx: DatabaseTransaction, wait: boolean) => {
        await tx.insert("t", [{ id: 1, v: 2 }]);
        if (wait) await pause();
        const error = await assertRejects(() => call(db), LiveViewError);
        assertEquals(error.code, "would-wait-for-itself");
        await tx.insert("t", [{ id: 2, v: 2 }]);
      };
      for (const wait of [false, true]) {
        await db.transaction((tx) => tried(tx, wait));
        assertEquals((await db.query("DELETE FROM t")).changeCount, 2);
      }
      await call(db);
    });
  }

  it("reads of the database see what is committed", async () => {
    await using db = await open();
    await db.transaction(async (tx) => {
      await tx.insert("t", [{ id: 1, v: 2 }]);
      assertEquals((await db.query("SELECT v FROM t")).rowCount, 0);
    });
  });

  it("writes of others wait, and those of another database do not", async () => {
    await using db = await open();
    await using other = await open();
    let go = () => {};
    const gate = new Promise<void>((resolve) => go = resolve);
    const first = db.transaction(async (tx) => {
      await gate;
      await other.insert("t", [{ id: 1, v: 1 }]);
      await tx.insert("t", [{ id: 1, v: 1 }]);
    });
    const second = db.insert("t", [{ id: 2, v: 1 }]);
    const third = db.plugins.materializedViews.refresh("m");
    go();
    await Promise.all([first, second, third]);
    assertEquals((await db.query("SELECT s FROM m")).rows(), [[2]]);
  });

  it("a subscription begins after the transaction, and so does what is written after it", async () => {
    await using db = await open();
    let changes: AsyncIterator<{ readonly inserted: readonly unknown[] }> | undefined;
    let later: Promise<void> | undefined;
    await db.transaction(async (tx) => {
      await tx.insert("t", [{ id: 1, v: 1 }]);
      changes = db.subscribe("SELECT v FROM t")[Symbol.asyncIterator]();
      later = pause().then(pause).then(async () => void await db.insert("t", [{ id: 2, v: 2 }]));
    });
    const first = await changes!.next();
    assertEquals(first.value.inserted, [{ v: 1 }]);
    await later;
    await changes!.return?.();
  });
});

describe("after BEGIN", () => {
  it("calls of the view API are an error, as its statements are", async () => {
    await using db = await open();
    await db.exec("BEGIN");
    const error = await assertRejects(() => db.plugins.materializedViews.refresh("m"), LiveViewError);
    assertEquals(error.code, "would-wait-for-itself");
    await db.exec("COMMIT");
    await db.plugins.materializedViews.refresh("m");
  });
});

describe("where the runtime does not follow asynchronous context", () => {
  it("the synchronous part of the callback is followed", async () => {
    const lock = new WriterLock(10, new TransactionScope(() => new SynchronousContext()));
    lock.acquire();
    let waiting: Promise<void> | undefined;
    await lock.callbacks.run(async () => {
      assertThrows(() => lock.acquire(), LiveViewError, "wait");
      lock.callbacks.outside(() => waiting = lock.acquire());
      assertThrows(() => lock.acquire(), LiveViewError, "wait");
      await pause();
      assertEquals(lock.callbacks.isInside, false);
    });
    lock.release();
    await waiting;
  });
});
