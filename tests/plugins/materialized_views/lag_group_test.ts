import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(clock: ManualClock): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()], clock });
  await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)");
  return db;
}

function versions(db: ViewDatabase, names: readonly string[]): number[] {
  return names.map((name) => db.plugins.materializedViews.status(name).asOf);
}

function refreshes(db: ViewDatabase, name: string): number {
  const { refreshCount, noDataCount } = db.plugins.materializedViews.status(name);
  return refreshCount + noDataCount;
}

describe("views of equal target lag", () => {
  it("are refreshed in one transaction, so that a query over them sees one version", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec(`CREATE TABLE u (id INTEGER PRIMARY KEY, v INTEGER);
      CREATE MATERIALIZED VIEW low WITH (target_lag = '10 seconds') AS SELECT v FROM t;
      CREATE MATERIALIZED VIEW sums WITH (target_lag = '10 seconds') AS SELECT sum(v) AS s FROM low;
      CREATE MATERIALIZED VIEW counts WITH (target_lag = '10 seconds') AS SELECT count(*) AS n FROM t;
      CREATE MATERIALIZED VIEW others WITH (target_lag = '10 seconds') AS SELECT count(*) AS n FROM u`);
    const names = ["low", "sums", "counts", "others"];
    let seen = 0;
    for (let id = 1; id <= 60; id++) {
      await db.transaction(async (tx) => {
        await tx.insert("t", [{ id, v: 1 }]);
        if (id % 3 === 0) await tx.insert("u", [{ id, v: 1 }]);
      });
      clock.advance(730);
      await db.plugins.materializedViews.runDue();
      const [row] = (await db.query("SELECT s, counts.n, others.n AS m FROM sums, counts, others")).objects();
      assertEquals([row!["s"] ?? 0, row!["m"]], [row!["n"], Math.floor(Number(row!["n"]) / 3)]);
      assert(id - Number(row!["n"]) <= 14);
      if (row!["n"] !== seen) assertEquals(new Set(versions(db, names)).size, 1);
      seen = Number(row!["n"]);
      for (const name of names) assert(db.plugins.materializedViews.status(name).stalenessMs <= 10_000);
    }
    assert(seen > 40 && refreshes(db, "counts") < 12);
  });

  it("meet those of a longer lag on their grid", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW fast WITH (target_lag = 1000) AS SELECT count(*) AS n FROM t;
      CREATE MATERIALIZED VIEW slow WITH (target_lag = 8000) AS SELECT count(*) AS n FROM t`);
    let met = 0;
    let before = 0;
    for (let id = 1; id <= 400; id++) {
      await db.insert("t", [{ id, v: 1 }]);
      clock.advance(100);
      await db.plugins.materializedViews.runDue();
      const count = refreshes(db, "slow");
      if (count > before && new Set(versions(db, ["fast", "slow"])).size === 1) met++;
      before = count;
    }
    assertEquals(met, before);
    assert(before >= 4 && refreshes(db, "fast") >= 40);
  });

  it("do not wait for one that fails", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW bad WITH (target_lag = 1000) AS SELECT 1 / v AS x FROM t;
      CREATE MATERIALIZED VIEW above WITH (target_lag = 1000) AS SELECT count(*) AS n FROM bad;
      CREATE MATERIALIZED VIEW good WITH (target_lag = 1000) AS SELECT count(*) AS n FROM t`);
    await db.insert("t", [{ id: 1, v: 0 }]);
    clock.advance(1_000);
    await db.plugins.materializedViews.runDue();
    const states = () =>
      ["bad", "above", "good"].map((name) => db.plugins.materializedViews.status(name).state);
    assertEquals(states(), ["stale", "stale", "current"]);
    await db.update("t", { id: 1, v: 1 });
    for (let i = 0; i < 3; i++) {
      clock.advance(1_000);
      await db.plugins.materializedViews.runDue();
    }
    assertEquals(states(), ["current", "current", "current"]);
  });

  it("cost nothing while nothing changes", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW a WITH (target_lag = 1000) AS SELECT count(*) AS n FROM t;
      CREATE MATERIALIZED VIEW b WITH (target_lag = 1000) AS SELECT max(n) AS n FROM a`);
    const before = [refreshes(db, "a"), refreshes(db, "b")];
    for (let i = 0; i < 10; i++) {
      clock.advance(1_000);
      await db.plugins.materializedViews.runDue();
    }
    assertEquals([refreshes(db, "a"), refreshes(db, "b")], before);
  });
});

describe("a cascade of views that are not eager", () => {
  it("is at one version after the refresh of its top", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW a WITH (refresh = manual) AS SELECT id % 3 AS k, v FROM t;
      CREATE MATERIALIZED VIEW b WITH (interval = '1 hour') AS SELECT k, sum(v) AS s FROM a GROUP BY k;
      CREATE MATERIALIZED VIEW c WITH (target_lag = '1 hour') AS SELECT max(s) AS m FROM b`);
    for (let id = 1; id <= 9; id++) await db.insert("t", [{ id, v: id }]);
    await db.plugins.materializedViews.refresh("c");
    assertEquals(new Set(versions(db, ["a", "b", "c"])).size, 1);
    const [row] =
      (await db.query("SELECT (SELECT max(s) FROM b) AS s, m, (SELECT count(*) FROM a) AS n FROM c"))
        .objects();
    assertEquals(row, { s: 18, m: 18, n: 9 });
  });
});
