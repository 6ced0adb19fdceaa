import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Clock } from "../../../src/base/clock.ts";
import { ManualClock } from "../../../src/base/clock.ts";
import { LiveViewError } from "../../../src/base/error.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";
import { RefreshHistory } from "../../../plugins/materialized_views/refresh_history.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(clock: Clock, historyMax = 100): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews({ historyMax })], clock });
  await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)");
  return db;
}

describe("history()", () => {
  it("tells time, versions, mode and rows of every refresh", async () => {
    const clock = new ManualClock(Date.UTC(2024, 4, 1));
    await using db = await open(clock);
    await db.exec(
      "CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS SELECT v, count(*) AS n FROM t GROUP BY v",
    );
    const { version } = db;
    await db.insert("t", [{ id: 1, v: 1 }, { id: 2, v: 1 }, { id: 3, v: 2 }]);
    clock.advance(1_000);
    await db.plugins.materializedViews.refresh("m");
    const { stateBytes, estimateIncrementalMs, estimateFullMs, ...record } = db.plugins.materializedViews
      .history("m").at(-1)!;
    assertEquals(stateBytes, db.plugins.materializedViews.status("m").stateBytes);
    assert(estimateIncrementalMs! > 0 && estimateFullMs! > 0);
    assertEquals(record, {
      view: "m",
      at: new Date(Date.UTC(2024, 4, 1, 0, 0, 1)),
      fromVersion: version,
      toVersion: db.version,
      mode: "incremental",
      decision: "incremental",
      rowsIn: 3,
      rowsOut: 2,
      durationMs: 0,
      error: undefined,
    });
  });

  it("records commits for eager views, and forgets the oldest", async () => {
    await using db = await open(new ManualClock(), 3);
    await db.exec("CREATE MATERIALIZED VIEW e AS SELECT v FROM t");
    for (let id = 0; id < 10; id++) await db.insert("t", [{ id, v: id }]);
    const records = db.plugins.materializedViews.history("e");
    assertEquals(records.map(({ toVersion }) => toVersion), [db.version - 2, db.version - 1, db.version]);
    assertEquals(db.plugins.materializedViews.status("e").refreshCount, 10);
  });

  it("records no commit that was undone, but why", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`CREATE MATERIALIZED VIEW first AS SELECT v FROM t;
      CREATE MATERIALIZED VIEW second AS SELECT 1 / v AS x FROM t`);
    await assertRejects(() => db.insert("t", [{ id: 1, v: 0 }]), LiveViewError);
    const modes = (name: string) => db.plugins.materializedViews.history(name).map(({ mode }) => mode);
    assertEquals([modes("first"), modes("second")], [["full"], ["full", "failed"]]);
    const { state, failureCount } = db.plugins.materializedViews.status("second");
    assertEquals([state, failureCount], ["current", 1]);
  });
});

describe("status()", () => {
  it("tells how stale a view is", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec("CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS SELECT v FROM t");
    const read = () => {
      const { state, stalenessMs } = db.plugins.materializedViews.status("m");
      return [state, stalenessMs];
    };
    clock.advance(500);
    assertEquals(read(), ["current", 0]);
    await db.insert("t", [{ id: 1, v: 1 }]);
    clock.advance(20);
    await db.insert("t", [{ id: 2, v: 1 }]);
    assertEquals(read(), ["behind", 20]);
    await db.plugins.materializedViews.refresh("m");
    assertEquals(read(), ["current", 0]);
  });

  it("sees changes through the views in between", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`CREATE MATERIALIZED VIEW low AS SELECT v FROM t;
      CREATE MATERIALIZED VIEW high WITH (refresh = manual) AS SELECT sum(v) AS s FROM low`);
    await db.insert("t", [{ id: 1, v: 1 }]);
    assertEquals(db.plugins.materializedViews.status("high").state, "behind");
  });

  it("measures durations by the clock of the database", async () => {
    let time = 0;
    // Every reading takes a millisecond.
    await using db = await open({ now: () => time, monotonic: () => time++ });
    await db.exec("CREATE MATERIALIZED VIEW e AS SELECT v FROM t");
    await db.insert("t", [{ id: 1, v: 1 }]);
    const { durationP50Ms, durationP99Ms } = db.plugins.materializedViews.status("e");
    assertEquals(durationP50Ms! > 0 && durationP99Ms! >= durationP50Ms!, true);
  });
});

describe("RefreshHistory", () => {
  it("gives quantiles by nearest rank", () => {
    const history = new RefreshHistory(100);
    assertEquals(history.durationMs(0.5), undefined);
    for (let durationMs = 1; durationMs <= 100; durationMs++) {
      history.push({
        atMs: 0,
        fromVersion: 0,
        toVersion: 1,
        mode: "incremental",
        decision: "incremental",
        estimateIncrementalMs: 1,
        estimateFullMs: 1,
        rowsIn: 0,
        rowsOut: 0,
        durationMs,
        stateBytes: 0,
        error: undefined,
      });
    }
    assertEquals([0.5, 0.99, 1].map((quantile) => history.durationMs(quantile)), [50, 99, 100]);
  });
});

describe("system tables", () => {
  it("liveview.views has a row for every view", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`CREATE MATERIALIZED VIEW e AS SELECT v FROM t;
      CREATE MATERIALIZED VIEW r WITH (interval = '2 seconds') AS SELECT v FROM t WHERE random() < 2`);
    await db.insert("t", [{ id: 1, v: 1 }]);
    const result = await db.query(
      "SELECT name, refresh, interval_ms, refresh_mode, state, row_count, refresh_count FROM liveview.views ORDER BY name",
    );
    assertEquals(result.rows(), [
      ["e", "eager", null, "incremental", "current", 1, 1],
      ["r", "interval", 2_000, "full", "behind", 0, 0],
    ]);
    const columns = (await db.query("SELECT * FROM liveview.views")).columns.map(({ name }) => name);
    for (const field of Object.keys(db.plugins.materializedViews.status("e"))) {
      const column = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      assert(columns.includes(column), `${field} has no column`);
    }
  });

  it("liveview.refresh_history has a row for every refresh that is remembered", async () => {
    const clock = new ManualClock(Date.UTC(2024, 4, 1));
    await using db = await open(clock);
    await db.exec("CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS SELECT 4 / v AS x FROM t");
    await db.insert("t", [{ id: 1, v: 2 }]);
    await db.plugins.materializedViews.refresh("m");
    await db.insert("t", [{ id: 2, v: 0 }]);
    await assertRejects(() => db.plugins.materializedViews.refresh("m"), LiveViewError);
    const result = await db.query(`SELECT view, at, mode, rows_in, rows_out, error LIKE 'division%' AS failed
      FROM liveview.refresh_history`);
    const at = new Date(Date.UTC(2024, 4, 1));
    assertEquals(result.rows(), [
      ["m", at, "full", 0, 0, null],
      ["m", at, "incremental", 1, 1, null],
      ["m", at, "failed", 0, 0, true],
    ]);
  });

  it("are read-only", async () => {
    await using db = await open(new ManualClock());
    await assertRejects(() => db.exec("DELETE FROM liveview.views"), LiveViewError);
  });
});

describe("metrics()", () => {
  it("has the figures of every view", async () => {
    await using db = await open(new ManualClock());
    await db.exec("CREATE MATERIALIZED VIEW e AS SELECT v FROM t");
    await db.insert("t", [{ id: 1, v: 1 }]);
    const metrics = db.metrics();
    assertEquals(metrics.get('view_rows{view="e"}'), 1);
    assertEquals(metrics.get('view_refreshes{view="e"}'), 1);
    assertEquals(metrics.get('view_failures{view="e"}'), 0);
  });
});
