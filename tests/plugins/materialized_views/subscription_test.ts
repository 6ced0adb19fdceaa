import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { LiveViewError } from "../../../src/base/error.ts";
import { type Change, createDatabase, type Database, materializedViews } from "../../../mod.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(clock = new ManualClock(), retainedRowsMax = 10_000): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews({ retainedRowsMax })], clock });
  await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)");
  return db;
}

/** One change as text: `=+1,2-` for a snapshot, `+3-1` for a change; `end` after the last. */
async function read(changes: AsyncIterator<Change>): Promise<string> {
  const { done, value } = await changes.next();
  if (done) return "end";
  const show = (rows: Change["inserted"]) => rows.map((row) => Object.values(row).join(":")).sort().join();
  return `${value.snapshot ? "=" : ""}+${show(value.inserted)}-${show(value.deleted)}`;
}

function iterate(changes: AsyncIterable<Change>): AsyncIterator<Change> {
  return changes[Symbol.asyncIterator]();
}

/** Lets what was started without being awaited come to its end. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

describe("fromVersion", () => {
  it("replays the changes since then, one by one", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const first = iterate(db.subscribe("m"));
    await db.insert("t", [{ id: 1, v: 1 }]);
    const { version } = db;
    await first.return?.();
    await db.insert("t", [{ id: 2, v: 2 }]);
    await db.update("t", { id: 1, v: 3 });
    const second = iterate(db.subscribe("m", { fromVersion: version }));
    await db.insert("t", [{ id: 4, v: 4 }]);
    assertEquals([await read(second), await read(second), await read(second)], ["+2-", "+3-1", "+4-"]);
    await second.return?.();
  });

  it("begins with the contents when the changes are gone", async () => {
    await using db = await open(undefined, 2);
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const first = iterate(db.subscribe("m", { snapshot: false }));
    const { version } = db;
    for (let id = 1; id <= 5; id++) await db.insert("t", [{ id, v: id }]);
    const late = iterate(db.subscribe("m", { fromVersion: version, snapshot: false }));
    assertEquals(await read(late), "=+1,2,3,4,5-");
    const recent = iterate(db.subscribe("m", { fromVersion: db.version - 2 }));
    assertEquals([await read(recent), await read(recent)], ["+4-", "+5-"]);
    await Promise.all([first, late, recent].map((changes) => changes.return?.()));
  });

  it("refuses a version that has not been", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    for (const fromVersion of [db.version + 1, NaN]) {
      const error = assertThrows(() => db.subscribe("m", { fromVersion }), LiveViewError);
      assertEquals(error.code, "version-unavailable");
    }
  });
});

describe("coalesceMs", () => {
  it("hands over what happened meanwhile as one change", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT sum(v) AS s FROM t");
    const changes = iterate(db.subscribe("m", { coalesceMs: 100 }));
    assertEquals(await read(changes), "=+-");
    for (let id = 1; id <= 3; id++) {
      await db.insert("t", [{ id, v: 1 }]);
      clock.advance(30);
      await db.plugins.materializedViews.runDue();
    }
    const next = read(changes);
    clock.advance(10);
    await db.plugins.materializedViews.runDue();
    assertEquals(await next, "+3-");
    await changes.return?.();
  });

  it("hands over nothing when the changes cancel out, and what is held at the end", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const changes = iterate(db.subscribe("m", { coalesceMs: 100, snapshot: false }));
    await db.insert("t", [{ id: 1, v: 1 }]);
    await db.delete("t", { id: 1 });
    clock.advance(100);
    await db.plugins.materializedViews.runDue();
    await db.insert("t", [{ id: 2, v: 2 }]);
    await db.exec("DROP MATERIALIZED VIEW m");
    assertEquals([await read(changes), await read(changes)], ["+2-", "end"]);
  });

  it("holds no more than queueMax changes", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM t");
    const changes = iterate(db.subscribe("m", { coalesceMs: 100, snapshot: false, queueMax: 2 }));
    for (let id = 1; id <= 9; id++) await db.insert("t", [{ id, v: 1 }]);
    clock.advance(100);
    await db.plugins.materializedViews.runDue();
    assertEquals(await read(changes), "+9-0");
    await changes.return?.();
  });

  it("is a number of milliseconds", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const error = assertThrows(() => db.subscribe("m", { coalesceMs: -1 }), LiveViewError);
    assertEquals(error.code, "invalid-parameter");
  });
});

describe("a subscriber of a manual view", () => {
  it("gets the change of each refresh", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS SELECT v FROM t");
    const changes = iterate(db.subscribe("m", { snapshot: false }));
    await db.insert("t", [{ id: 1, v: 1 }]);
    await db.insert("t", [{ id: 2, v: 2 }]);
    await db.plugins.materializedViews.refresh("m");
    assertEquals(await read(changes), "+1,2-");
    await changes.return?.();
  });
});

describe("a subscribed query", () => {
  it("gives its contents and then its changes", async () => {
    await using db = await open();
    await db.insert("t", [{ id: 1, v: 1 }]);
    const changes = iterate(db.subscribe("SELECT sum(v) AS s FROM t"));
    assertEquals(await read(changes), "=+1-");
    await db.insert("t", [{ id: 2, v: 2 }]);
    assertEquals(await read(changes), "+3-1");
    await changes.return?.();
  });

  it("shares one temporary view among equal queries, dropped with the last subscriber", async () => {
    await using db = await open();
    const temporary = async () =>
      (await db.query("SELECT subscriber_count FROM liveview.views WHERE temporary")).rows().map(String);
    const first = iterate(db.subscribe("SELECT v FROM t WHERE v > 0"));
    const second = iterate(db.subscribe("select v from t as x where x.v > 0"));
    const other = iterate(db.subscribe("SELECT v FROM t WHERE v > 1"));
    await Promise.all([first, second, other].map(read));
    assertEquals((await temporary()).sort(), ["1", "2"]);
    assertEquals(db.plugins.materializedViews.names(), []);
    await first.return?.();
    await other.return?.();
    await settle();
    assertEquals(await temporary(), ["1"]);
    await db.insert("t", [{ id: 1, v: 5 }]);
    assertEquals(await read(second), "+5-");
    await second.return?.();
    await settle();
    assertEquals(await temporary(), []);
    assertEquals(db.memory().tables.map(({ name }) => name), ["t"]);
  });

  it("ends by its signal, also before it began", async () => {
    await using db = await open();
    const signal = AbortSignal.abort();
    assertEquals(await read(iterate(db.subscribe("SELECT v FROM t", { signal }))), "end");
    const controller = new AbortController();
    const changes = iterate(db.subscribe("SELECT v FROM t", { signal: controller.signal }));
    assertEquals(await read(changes), "=+-");
    controller.abort();
    assertEquals(await read(changes), "end");
    await settle();
    assertEquals((await db.query("SELECT * FROM liveview.views")).rowCount, 0);
  });

  it("waits for the transaction under way, and does not see it before its commit", async () => {
    await using db = await open();
    let changes: AsyncIterator<Change> | undefined;
    await db.transaction(async (tx) => {
      await tx.insert("t", [{ id: 1, v: 1 }]);
      changes = iterate(db.subscribe("SELECT v FROM t"));
    });
    assertEquals(await read(changes!), "=+1-");
    await changes!.return?.();
  });

  it("may read a view that is not eager, and follows its refreshes", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS SELECT v FROM t");
    const changes = iterate(db.subscribe("SELECT v * 2 AS twice FROM m"));
    assertEquals(await read(changes), "=+-");
    await db.insert("t", [{ id: 1, v: 4 }]);
    await db.plugins.materializedViews.refresh("m");
    assertEquals(await read(changes), "+8-");
    await changes.return?.();
  });

  it("is refused at once when it does not bind, changes data or lacks the value of a parameter", async () => {
    await using db = await open();
    const refused: Readonly<Record<string, string>> = {
      "SELECT nothing FROM t": "unknown-column",
      "SELECT FROM WHERE": "syntax-error",
      "SELECT 1; SELECT 2": "invalid-statement",
      "WITH x AS (DELETE FROM t RETURNING v) SELECT * FROM x": "invalid-statement",
      "SELECT v FROM t WHERE v = $1": "invalid-parameter",
    };
    for (const [sql, code] of Object.entries(refused)) {
      assertEquals(assertThrows(() => db.subscribe(sql), LiveViewError).code, code, sql);
    }
    const error = assertThrows(() => db.subscribe("SELECT nothing FROM t"), LiveViewError);
    assert(error.message.includes("line 1"));
  });

  it("gives the reader the error of its first answer", async () => {
    await using db = await open();
    await db.insert("t", [{ id: 1, v: 0 }]);
    const changes = iterate(db.subscribe("SELECT 1 / v AS x FROM t"));
    const error = await assertRejects(() => changes.next(), LiveViewError);
    assertEquals(error.code, "division-by-zero");
    await db.update("t", { id: 1, v: 1 });
    const again = iterate(db.subscribe("SELECT 1 / v AS x FROM t"));
    assertEquals(await read(again), "=+1-");
    await again.return?.();
  });
});

describe("a reader that is slow", () => {
  it("holds a bounded number of rows and misses nothing", async () => {
    await using db = await open(undefined, 50);
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT id, v FROM t");
    for (const options of [{}, { coalesceMs: 100_000 }]) {
      await db.exec("DELETE FROM t");
      const changes = iterate(db.subscribe("m", { queueMax: 10_000, ...options }));
      for (let round = 0; round < 40; round++) {
        await db.query(`INSERT INTO t SELECT i, ${round} FROM generate_series(1, 30) AS x(i)
          ON CONFLICT (id) DO UPDATE SET v = excluded.v`);
      }
      await db.query("DELETE FROM t WHERE id > 3");
      await changes.return?.();
      const seen: Change[] = [];
      for (let one = await changes.next(); !one.done; one = await changes.next()) seen.push(one.value);
      assert(seen.length < 10, `${seen.length} changes`);
      const contents = new Set<string>();
      for (const { inserted, deleted } of seen) {
        for (const row of deleted) assert(contents.delete(JSON.stringify(row)));
        for (const row of inserted) contents.add(JSON.stringify(row));
      }
      assertEquals([...contents].sort(), [1, 2, 3].map((id) => JSON.stringify({ id, v: 39 })));
    }
  });

  it("is not told of changes that cancelled out while it did not read", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const changes = iterate(db.subscribe("m", { snapshot: false, queueMax: 1 }));
    await db.insert("t", [{ id: 1, v: 1 }]);
    await db.delete("t", { id: 1 });
    await db.insert("t", [{ id: 2, v: 2 }]);
    assertEquals(await read(changes), "+2-");
    await changes.return?.();
  });

  it("may ask several times at once, and is answered in order", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const changes = iterate(db.subscribe("m", { snapshot: false }));
    const asked = [read(changes), read(changes), read(changes)];
    await db.insert("t", [{ id: 1, v: 1 }]);
    await db.insert("t", [{ id: 2, v: 2 }]);
    await changes.return?.();
    assertEquals(await Promise.all(asked), ["+1-", "+2-", "end"]);
  });

  it("has a queue of at least one change", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    for (const queueMax of [0, NaN, 1.5]) {
      const error = assertThrows(() => db.subscribe("m", { queueMax }), LiveViewError);
      assertEquals(error.code, "invalid-parameter");
    }
  });
});

describe("the end of a subscription", () => {
  it("comes when the database is closed, also while it is being opened", async () => {
    const db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const named = iterate(db.subscribe("m"));
    const query = iterate(db.subscribe("SELECT v + 1 AS w FROM t"));
    assertEquals([await read(named), await read(query)], ["=+-", "=+-"]);
    const late = iterate(db.subscribe("SELECT v + 2 AS w FROM t"));
    const waiting = [named, query, late].map(read);
    await db.close();
    assertEquals(await Promise.all(waiting), ["end", "end", "end"]);
    assertEquals(await read(late), "end");
    await late.return?.();
    assertEquals(assertThrows(() => db.subscribe("m"), LiveViewError).code, "closed");
  });

  it("comes when the database is closed before the first answer, which fails", async () => {
    const db = await open();
    await db.insert("t", [{ id: 1, v: 0 }]);
    const changes = iterate(db.subscribe("SELECT 1 / v AS x FROM t"));
    await db.close();
    assertEquals(await read(changes), "end");
  });

  it("comes once", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const changes = iterate(db.subscribe("m"));
    for (let i = 0; i < 2; i++) assertEquals(await changes.return?.(), { done: true, value: undefined });
    await db.insert("t", [{ id: 1, v: 1 }]);
    assertEquals([await read(changes), await read(changes)], ["=+-", "end"]);
    assertEquals(db.plugins.materializedViews.status("m").subscriberCount, 0);
  });

  it("comes with the drop of the view, or of a table below the query", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const named = iterate(db.subscribe("m"));
    const query = iterate(db.subscribe("SELECT v + 1 AS w FROM t"));
    await Promise.all([read(named), read(query)]);
    await db.insert("t", [{ id: 1, v: 1 }]);
    await db.exec("DROP TABLE t CASCADE");
    assertEquals([await read(named), await read(named)], ["+1-", "end"]);
    assertEquals([await read(query), await read(query)], ["+2-", "end"]);
    await settle();
    assertEquals(db.memory().tables, []);
  });

  it("does not come with a new name, nor with another definition of what the view reads", async () => {
    await using db = await open();
    await db.insert("t", [{ id: 1, v: 1 }, { id: 2, v: 2 }]);
    await db.exec(`CREATE MATERIALIZED VIEW m AS SELECT v FROM t;
      CREATE MATERIALIZED VIEW top AS SELECT max(v) AS v FROM m`);
    const top = iterate(db.subscribe("top"));
    const query = iterate(db.subscribe("SELECT count(*) AS n FROM m"));
    assertEquals([await read(top), await read(query)], ["=+2-", "=+2-"]);
    await db.exec("ALTER MATERIALIZED VIEW top RENAME TO peak");
    await db.exec("CREATE OR REPLACE MATERIALIZED VIEW m AS SELECT v FROM t WHERE v < 2");
    assertEquals([await read(top), await read(query)], ["+1-2", "+1-2"]);
    await db.insert("t", [{ id: 3, v: -5 }]);
    assertEquals(await read(query), "+2-1");
    await Promise.all([top, query].map((changes) => changes.return?.()));
  });

  it("is quiet when it could not begin", async () => {
    await using db = await open();
    await db.insert("t", [{ id: 1, v: 0 }]);
    const changes = iterate(db.subscribe("SELECT 1 / v AS x FROM t"));
    assertEquals(await changes.return?.(), { done: true, value: undefined });
  });
});

describe("a subscribed table or plain view", () => {
  it("gives its rows and their changes", async () => {
    await using db = await open();
    await db.exec("CREATE VIEW p AS SELECT v * 10 AS ten FROM t");
    const table = iterate(db.subscribe("t"));
    const plain = iterate(db.subscribe("p"));
    assertEquals([await read(table), await read(plain)], ["=+-", "=+-"]);
    await db.insert("t", [{ id: 1, v: 1 }]);
    await db.update("t", { id: 1, v: 2 });
    assertEquals([await read(table), await read(plain)], ["+1:1-", "+10-"]);
    assertEquals([await read(table), await read(plain)], ["+1:2-1:1", "+20-10"]);
    await Promise.all([table, plain].map((changes) => changes.return?.()));
    assertEquals(assertThrows(() => db.subscribe("nothing"), LiveViewError).code, "plugin-missing");
  });
});
