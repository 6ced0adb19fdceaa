import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { LiveViewError } from "../../../src/base/error.ts";
import { createDatabase, type Database, materializedViews, type QueryOptions } from "../../../mod.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(clock = new ManualClock()): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()], clock });
  await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER);
    CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS SELECT sum(v) AS s FROM t`);
  return db;
}

async function ask(db: ViewDatabase, sql: string, options: QueryOptions = {}): Promise<unknown> {
  return (await db.query(sql, options)).rows()[0]![0];
}

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(run, LiveViewError)).code;
}

describe("minVersion", () => {
  it("refreshes a view that lacks a change up to that version, and no other", async () => {
    await using db = await open();
    const before = db.version;
    await db.insert("t", [{ id: 1, v: 2 }]);
    const { version } = db;
    assertEquals(await ask(db, "SELECT s FROM m", { minVersion: before }), null);
    assertEquals(await ask(db, "SELECT s FROM m", { minVersion: version }), 2);
    await db.insert("t", [{ id: 2, v: 5 }]);
    assertEquals(await ask(db, "SELECT s FROM m", { minVersion: version }), 2);
  });

  it("leaves a view alone whose tables did not change", async () => {
    await using db = await open();
    await db.exec("CREATE TABLE other (x INTEGER); INSERT INTO other VALUES (1)");
    assertEquals(await ask(db, "SELECT s FROM m", { minVersion: db.version }), null);
    assertEquals(db.plugins.materializedViews.history("m").length, 1);
  });

  it("reaches the views behind views, plain and stored, of queries and of writes", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW high WITH (refresh = manual) AS SELECT s * 10 AS s FROM m;
      CREATE VIEW plain AS SELECT s FROM public.high; CREATE TABLE copy (s BIGINT)`);
    await db.insert("t", [{ id: 1, v: 2 }]);
    const fresh = () => ({ minVersion: db.version });
    assertEquals(await ask(db, "WITH x AS (SELECT * FROM plain) SELECT s FROM x", fresh()), 20);
    await db.insert("t", [{ id: 2, v: 1 }]);
    await db.query("INSERT INTO copy SELECT s FROM plain WHERE s > $1", { ...fresh(), params: [0] });
    assertEquals(await ask(db, "SELECT s FROM copy"), 30);
    await db.insert("t", [{ id: 3, v: 1 }]);
    await db.query("CREATE TABLE later AS SELECT (SELECT s FROM m) AS s", fresh());
    assertEquals(await ask(db, "SELECT s FROM later"), 4);
  });

  it("refuses a version that has not been committed, at once", async () => {
    await using db = await open();
    const ahead = db.version + 1;
    for (const minVersion of [ahead, NaN]) {
      for (const sql of ["SELECT 1", "SELECT s FROM m", "INSERT INTO t VALUES (1, 1)"]) {
        assertEquals(await codeOf(() => db.query(sql, { minVersion })), "version-unavailable", sql);
      }
    }
    assertEquals(await ask(db, "SELECT count(*) FROM t"), 0);
  });

  it("is an error when the refresh fails, and in a transaction", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW f WITH (refresh = manual) AS SELECT 1 / v AS x FROM t");
    await db.insert("t", [{ id: 1, v: 0 }]);
    const { version } = db;
    const asked = { minVersion: version };
    const error = await assertRejects(() => db.query("SELECT x FROM f", asked), LiveViewError);
    assertEquals([error.code, error.details["view"], error.details["minVersion"]], ["stale", "f", version]);
    await db.transaction(async (tx) => {
      assertEquals(await codeOf(() => tx.query("SELECT s FROM m", asked)), "stale");
      assertEquals((await tx.query("SELECT v FROM t", asked)).rows(), [[0]]);
    });
  });

  it("holds beside maxStalenessMs", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.insert("t", [{ id: 1, v: 2 }]);
    const { version } = db;
    clock.advance(50);
    assertEquals(await ask(db, "SELECT s FROM m", { minVersion: version - 1, maxStalenessMs: 50 }), null);
    assertEquals(await ask(db, "SELECT s FROM m", { minVersion: version, maxStalenessMs: 1_000 }), 2);
    await db.insert("t", [{ id: 2, v: 2 }]);
    clock.advance(50);
    assertEquals(await ask(db, "SELECT s FROM m", { minVersion: version, maxStalenessMs: 49 }), 4);
  });

  it("gives all views of a query one version", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW n WITH (refresh = manual) AS SELECT count(*) AS n FROM t");
    for (let id = 1; id <= 20; id++) {
      await db.insert("t", [{ id, v: 1 }]);
      const [asked] = await Promise.all([
        db.query("SELECT s, n FROM m, n", { minVersion: db.version }),
        db.insert("t", [{ id: 100 + id, v: 1 }]),
      ]);
      const [s, n] = asked.rows()[0]!;
      assertEquals(s, n);
    }
  });
});

describe("maxStalenessMs", () => {
  it("comes to an end where time alone makes a view old", async () => {
    let now = 0;
    // Every look at the clock takes time.
    const clock = { now: () => now++, monotonic: () => now++ };
    await using db = createDatabase({ plugins: [materializedViews()], clock });
    await db.exec("CREATE MATERIALIZED VIEW e WITH (refresh = manual) AS SELECT now()::text AS x");
    assertEquals((await db.query("SELECT x FROM e", { maxStalenessMs: 0 })).rowCount, 1);
  });

  it("is a number of milliseconds", async () => {
    await using db = await open();
    for (const maxStalenessMs of [-1, NaN]) {
      const run = () => db.query("SELECT s FROM m", { maxStalenessMs });
      assertEquals(await codeOf(run), "invalid-parameter");
    }
  });
});

describe("WITH NO DATA", () => {
  it("leaves a view that cannot be read before the first REFRESH", async () => {
    await using db = await open();
    await db.insert("t", [{ id: 1, v: 2 }]);
    for (const refresh of ["manual", "eager"]) {
      const name = `${refresh}_view`;
      await db.exec(
        `CREATE MATERIALIZED VIEW ${name} WITH (refresh = ${refresh}) AS SELECT sum(v) AS s FROM t WITH NO DATA`,
      );
      await db.insert("t", [{ id: db.version, v: 2 }]);
      const reads = [
        () => db.query(`SELECT * FROM ${name}`),
        () => db.query(`INSERT INTO t SELECT s FROM ${name}`),
        () => db.transaction((tx) => tx.query(`SELECT 1 WHERE EXISTS (SELECT FROM ${name})`)),
        () => db.exec(`CREATE MATERIALIZED VIEW above WITH (refresh = manual) AS SELECT * FROM ${name}`),
        // deno-lint-ignore require-await
        async () => db.subscribe(name),
        () => db.subscribe(`SELECT s FROM ${name}`)[Symbol.asyncIterator]().next(),
      ];
      for (const read of reads) {
        const error = await assertRejects(read, LiveViewError);
        assertEquals([error.code, error.details["view"]], ["not-populated", name], read.toString());
      }
      const { state, rowCount } = db.plugins.materializedViews.status(name);
      assertEquals([state, rowCount], ["unpopulated", 0]);
      await db.exec(`REFRESH MATERIALIZED VIEW ${name}`);
      assertEquals(db.plugins.materializedViews.status(name).state, "current");
      assertEquals(await ask(db, `SELECT s FROM ${name}`), await ask(db, "SELECT sum(v) FROM t"));
    }
    await db.insert("t", [{ id: 1_000, v: 2 }]);
    assertEquals(await ask(db, "SELECT s FROM eager_view"), await ask(db, "SELECT sum(v) FROM t"));
  });

  it("is populated by a query that asks for freshness, and with what reads it", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW low WITH (refresh = manual) AS SELECT v FROM t WITH NO DATA;
      CREATE MATERIALIZED VIEW high WITH (refresh = manual) AS SELECT count(*) AS n FROM low WITH NO DATA`);
    await db.insert("t", [{ id: 1, v: 2 }]);
    assertEquals(await ask(db, "SELECT n FROM high", { minVersion: 0 }), 1);
    assertEquals(await ask(db, "SELECT v FROM low"), 2);
  });

  it("stays unpopulated when the first refresh fails", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW f AS SELECT 1 / v AS x FROM t WITH NO DATA");
    await db.insert("t", [{ id: 1, v: 0 }]);
    assertEquals(await codeOf(() => db.exec("REFRESH MATERIALIZED VIEW f")), "division-by-zero");
    assertEquals(await codeOf(() => db.query("SELECT x FROM f")), "not-populated");
    await db.update("t", { id: 1, v: 1 });
    await db.exec("REFRESH MATERIALIZED VIEW f; ALTER MATERIALIZED VIEW f RENAME TO g");
    assertEquals(await ask(db, "SELECT x FROM g"), 1);
    assertEquals(await codeOf(() => db.exec("REFRESH MATERIALIZED VIEW g WITH NO DATA")), "unsupported");
  });

  it("is option withData of the API", async () => {
    await using db = await open();
    const { create } = db.plugins.materializedViews;
    await create({ name: "x", query: "SELECT v FROM t", withData: false });
    assertEquals(db.plugins.materializedViews.status("x").state, "unpopulated");
    await db.exec("CREATE OR REPLACE MATERIALIZED VIEW x AS SELECT v FROM t");
    assertEquals((await db.query("SELECT v FROM x")).rowCount, 0);
  });
});

describe("dataVersion and stalenessMs of a result", () => {
  it("tell how far the views that it read were behind", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec("CREATE MATERIALIZED VIEW e AS SELECT count(*) AS n FROM t");
    const of = async (sql: string, options: QueryOptions = {}) => {
      const { version, dataVersion, stalenessMs } = await db.query(sql, options);
      return [version, dataVersion, stalenessMs];
    };
    const { version } = db;
    assertEquals(await of("SELECT s FROM m"), [version, version, 0]);
    await db.insert("t", [{ id: 1, v: 2 }]);
    clock.advance(20);
    await db.insert("t", [{ id: 2, v: 2 }]);
    clock.advance(5);
    assertEquals(await of("SELECT s, n FROM m, e"), [version + 2, version, 25]);
    assertEquals(await of("SELECT n FROM e, t WHERE t.id = 1"), [version + 2, version + 2, 0]);
    assertEquals(await of("SELECT s FROM m", { atVersion: version }), [version, version, 0]);
    assertEquals(await of("SELECT s FROM m", { minVersion: version + 1 }), [version + 3, version + 3, 0]);
  });

  it("go back no further than the failure that keeps a view behind", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec("CREATE MATERIALIZED VIEW f WITH (interval = 1000) AS SELECT 1 / v AS x FROM t");
    await db.insert("t", [{ id: 1, v: 0 }]);
    const { version } = db;
    clock.advance(1_500);
    await db.plugins.materializedViews.runDue();
    const { dataVersion, stalenessMs, rowCount } = await db.query("SELECT x FROM f");
    assertEquals([dataVersion, stalenessMs, rowCount], [version - 1, 1_500, 0]);
  });
});

describe("AT VERSION", () => {
  it("reads a view as it was stored, and does not stand in a maintained query", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW e AS SELECT count(*) AS n FROM t");
    await db.insert("t", [{ id: 1, v: 2 }]);
    await db.insert("t", [{ id: 2, v: 2 }]);
    assertEquals(await ask(db, `SELECT n FROM e AT VERSION ${db.version - 1}`), 1);
    const past = `SELECT n FROM e AT VERSION ${db.version}`;
    assertEquals(await codeOf(() => db.exec(`CREATE MATERIALIZED VIEW p AS ${past}`)), "unsupported");
    assertEquals(assertThrows(() => db.subscribe(past), LiveViewError).code, "unsupported");
  });
});
