import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Clock, ManualClock } from "../../../src/base/clock.ts";
import { LiveViewError } from "../../../src/base/error.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

const GROUPS = "SELECT k, sum(v) AS total, max(v) AS top FROM t GROUP BY k";

/** A clock on which every reading takes `stepMs`. */
class SteppingClock implements Clock {
  stepMs = 0;
  #time = 0;

  now(): number {
    return this.#time;
  }

  monotonic(): number {
    return this.#time += this.stepMs;
  }
}

async function open(clock: Clock, rows = 0): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()], clock });
  await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER);
    INSERT INTO t SELECT i, i % 10, i FROM generate_series(1, ${rows}) g(i)`);
  return db;
}

async function show(db: ViewDatabase, sql: string): Promise<readonly string[]> {
  return (await db.query(sql)).rows().map(String).sort();
}

function last(db: ViewDatabase, name = "m"): readonly unknown[] {
  const { mode, decision } = db.plugins.materializedViews.history(name).at(-1)!;
  return [mode, decision];
}

describe("adaptive refreshes", () => {
  it("apply few changes, and recompute when nearly all rows changed", async () => {
    await using db = await open(new ManualClock(), 20_000);
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${GROUPS}`);
    await db.update("t", { id: 7, v: 5 });
    await db.plugins.materializedViews.refresh("m");
    assertEquals(last(db), ["incremental", "incremental"]);
    await db.exec("UPDATE t SET v = v + 1");
    await db.plugins.materializedViews.refresh("m");
    assertEquals(last(db), ["full", "recompute"]);
    const { estimateIncrementalMs, estimateFullMs, rowsIn, rowsOut } = db.plugins.materializedViews
      .history("m").at(-1)!;
    assert(estimateIncrementalMs! > estimateFullMs!);
    assertEquals([rowsIn, rowsOut], [40_000, 20]);
    assertEquals(await show(db, "SELECT * FROM m"), await show(db, GROUPS));
  });

  it("make the state again for small changes", async () => {
    await using db = await open(new ManualClock(), 20_000);
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${GROUPS}`);
    await db.exec("UPDATE t SET v = v + 1");
    await db.plugins.materializedViews.refresh("m");
    assertEquals(db.plugins.materializedViews.status("m").stateBytes, 0);
    const decisions: unknown[] = [];
    for (let id = 1; id <= 10 && decisions.at(-1) !== "incremental"; id++) {
      await db.update("t", { id, v: -id });
      await db.plugins.materializedViews.refresh("m");
      decisions.push(last(db)[1]);
      assertEquals(await show(db, "SELECT * FROM m"), await show(db, GROUPS));
    }
    assertEquals(decisions.slice(-3), ["recompute", "rebuild", "incremental"]);
  });

  it("give an incremental run up that has cost more than all rows would", async () => {
    const clock = new SteppingClock();
    await using db = await open(clock, 100);
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${GROUPS}`);
    await db.update("t", { id: 7, v: 500 });
    clock.stepMs = 100;
    await db.plugins.materializedViews.refresh("m");
    clock.stepMs = 0;
    assertEquals(last(db), ["full", "incremental"]);
    assertEquals(await show(db, "SELECT * FROM m"), await show(db, GROUPS));
    await db.update("t", { id: 7, v: 50 });
    await db.plugins.materializedViews.refresh("m");
    assertEquals(last(db)[0], "full");
    assertEquals(await show(db, "SELECT * FROM m"), await show(db, GROUPS));
  });

  it("give a run up between any two of its operators", async () => {
    const sql = `SELECT n, count(*) AS groups FROM (${GROUPS}) x JOIN (SELECT k AS n FROM t) y ON x.k = y.n
      GROUP BY n`;
    for (const stepMs of [1, 3, 10, 30]) {
      const clock = new SteppingClock();
      await using db = await open(clock, 100);
      await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${sql}`);
      for (let id = 1; id <= 6; id++) {
        await db.update("t", { id, v: 500, k: id + 3 });
        clock.stepMs = id % 2 === 0 ? stepMs : 0;
        await db.plugins.materializedViews.refresh("m");
        clock.stepMs = 0;
        assertEquals(await show(db, "SELECT * FROM m"), await show(db, sql), `step of ${stepMs} ms`);
      }
    }
  });

  it("start anew after a run that was given up where the clock needs the operators", async () => {
    const clock = new SteppingClock();
    const sql = "SELECT k, count(*) AS n FROM t WHERE now() > to_timestamp(v) GROUP BY k";
    await using db = await open(clock, 100);
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${sql}`);
    await db.update("t", { id: 7, v: -1 });
    clock.stepMs = 100;
    await db.plugins.materializedViews.refresh("m");
    clock.stepMs = 0;
    assertEquals(last(db)[0], "full");
    assertEquals(await show(db, "SELECT * FROM m"), await show(db, sql));
  });

  it("let an eager view start anew when a commit changes far more than is worth following", async () => {
    const clock = new SteppingClock();
    await using db = await open(clock, 6_000);
    await db.exec(`CREATE MATERIALIZED VIEW m AS ${GROUPS}`);
    clock.stepMs = 0.5;
    // Learns what a rebuild costs, and that many changes cost much more.
    await db.plugins.materializedViews.refresh("m", { full: true });
    clock.stepMs = 200;
    await db.exec("UPDATE t SET v = v + 1");
    assertEquals(last(db), ["incremental", "incremental"]);
    await db.exec("UPDATE t SET v = v + 1");
    assertEquals(last(db), ["full", "rebuild"]);
    assertEquals(await show(db, "SELECT * FROM m"), await show(db, GROUPS));
    await db.update("t", { id: 1, v: 0 });
    assertEquals(last(db), ["incremental", "incremental"]);
    assertEquals(await show(db, "SELECT * FROM m"), await show(db, GROUPS));
  });

  it("show their decisions in liveview.refresh_history", async () => {
    await using db = await open(new ManualClock(), 10);
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${GROUPS}`);
    await db.delete("t", { id: 7 });
    await db.plugins.materializedViews.refresh("m");
    const result = await db.query(`SELECT mode, decision, estimate_incremental_ms < estimate_full_ms
      FROM liveview.refresh_history`);
    assertEquals(result.rows(), [["full", null, null], ["incremental", "incremental", true]]);
  });
});

describe("refresh_mode", () => {
  it("= 'full' recomputes always, without state", async () => {
    for (const refresh of ["eager", "manual"]) {
      await using db = await open(new ManualClock(), 100);
      await db.exec(
        `CREATE MATERIALIZED VIEW m WITH (refresh = ${refresh}, refresh_mode = 'full') AS ${GROUPS}`,
      );
      for (let id = 1; id <= 3; id++) {
        await db.update("t", { id, v: -id });
        if (refresh === "manual") await db.plugins.materializedViews.refresh("m");
        assertEquals(last(db), ["full", "recompute"]);
        assertEquals(await show(db, "SELECT * FROM m"), await show(db, GROUPS));
      }
      const { stateBytes, refreshMode, refreshModeReason, requestedRefreshMode } = db.plugins
        .materializedViews.status("m");
      assertEquals([stateBytes, refreshMode, refreshModeReason, requestedRefreshMode], [
        0,
        "full",
        "refresh_mode = 'full'",
        "full",
      ]);
    }
  });

  it("= 'incremental' follows changes of any size", async () => {
    await using db = await open(new ManualClock(), 20_000);
    await db.plugins.materializedViews.create({
      name: "m",
      query: GROUPS,
      refresh: "manual",
      refreshMode: "incremental",
    });
    await db.exec("UPDATE t SET v = v + 1");
    await db.plugins.materializedViews.refresh("m");
    assertEquals(last(db), ["incremental", "incremental"]);
  });

  it("= 'incremental' names the construct that stands against it", async () => {
    await using db = await open(new ManualClock());
    const sql = "CREATE MATERIALIZED VIEW m WITH (refresh_mode = incremental) AS SELECT random() AS x FROM t";
    const error = await assertRejects(() => db.exec(sql), LiveViewError);
    assertEquals([error.code, error.details["construct"]], [
      "unsupported",
      "function random()",
    ]);
    assertEquals(db.plugins.materializedViews.names(), []);
  });

  it("is altered, or stays when it cannot be", async () => {
    await using db = await open(new ManualClock(), 100);
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${GROUPS};
      CREATE MATERIALIZED VIEW r WITH (refresh = manual, refresh_mode = full) AS
        SELECT count(*) AS n FROM t WHERE random() >= 0`);
    const mode = (name: string) => db.plugins.materializedViews.status(name).refreshMode;
    await db.exec("ALTER MATERIALIZED VIEW m SET (refresh_mode = full)");
    assertEquals(mode("m"), "full");
    await db.plugins.materializedViews.alter("m", { refresh: "eager", refreshMode: "incremental" });
    assertEquals(mode("m"), "incremental");
    await db.update("t", { id: 1, v: -1 });
    assertEquals(last(db), ["incremental", "incremental"]);
    const alter = "ALTER MATERIALIZED VIEW r SET (refresh = eager, refresh_mode = incremental)";
    await assertRejects(() => db.exec(alter), LiveViewError, "random()");
    assertEquals(db.plugins.materializedViews.status("r").requestedRefreshMode, "full");
    await db.plugins.materializedViews.refresh("r");
    assertEquals(await show(db, "SELECT * FROM r"), ["100"]);
  });

  it("is one of three", async () => {
    await using db = await open(new ManualClock());
    const sql = `CREATE MATERIALIZED VIEW m WITH (refresh_mode = 'often') AS ${GROUPS}`;
    await assertRejects(() => db.exec(sql), LiveViewError, "one of auto, incremental, full");
  });
});

describe("views under switches of mode and runs that are given up", () => {
  it("equal their queries", async () => {
    const seed = Number(globalThis.Deno?.env.get("LIVEVIEW_SEED") ?? 11);
    const random = new SeededRandom(seed);
    const clock = new SteppingClock();
    await using db = await open(clock, 30);
    const queries = {
      a: GROUPS,
      b: "SELECT x.id, y.v FROM t x JOIN t y ON x.k = y.id",
      c: "SELECT id, row_number() OVER (PARTITION BY k ORDER BY v, id) AS n FROM t",
      d: "SELECT max(total) AS top, count(*) AS n FROM a",
      e: "SELECT DISTINCT k FROM t WHERE v > 3",
    };
    for (const [name, sql] of Object.entries(queries)) {
      await db.exec(`CREATE MATERIALIZED VIEW ${name} WITH (refresh = manual) AS ${sql}`);
    }
    const names = ["a", "b", "c", "d", "e"] as const;
    const runs = Number(globalThis.Deno?.env.get("LIVEVIEW_RUNS") ?? 1);
    for (let step = 0; step < 100 * runs; step++) {
      const id = random.integer(1, 40);
      if (random.next() < 0.3) await db.delete("t", { id });
      else {
        await db.query("INSERT INTO t VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET k = $2, v = $3", {
          params: [id, random.integer(1, 4), random.integer(1, 9)],
        });
      }
      const name = random.pick(names);
      clock.stepMs = random.pick([0, 0.1, 1, 20]);
      const dice = random.next();
      if (dice < 0.1) {
        await db.plugins.materializedViews.alter(name, {
          refreshMode: random.pick(["auto", "incremental", "full"] as const),
        });
      }
      await db.plugins.materializedViews.refresh(name, { full: dice > 0.95 });
      clock.stepMs = 0;
      assertEquals(
        await show(db, `SELECT * FROM ${name}`),
        await show(db, queries[name]),
        `${name}, seed ${seed}`,
      );
    }
    const decisions = new Set(
      names.flatMap((name) =>
        db.plugins.materializedViews.history(name).map(({ mode, decision }) => `${mode} ${decision}`)
      ),
    );
    for (
      const expected of ["incremental incremental", "full recompute", "full rebuild", "full incremental"]
    ) {
      assert(decisions.has(expected), `${expected}, seed ${seed}`);
    }
  });
});
