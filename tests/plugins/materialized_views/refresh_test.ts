import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { LiveViewError } from "../../../src/base/error.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { createDatabase, type Database, definePlugin, type Limits, materializedViews } from "../../../mod.ts";
import { nextChange } from "../../support/next_change.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(clock: ManualClock, limits: Partial<Limits> = {}): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()], clock, limits });
  await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER)");
  return db;
}

async function column(db: ViewDatabase, sql: string): Promise<readonly unknown[]> {
  return (await db.query(sql)).rows().map(([value]) => value);
}

const TOTAL = "SELECT sum(v) AS total FROM t";

describe("refresh = 'manual'", () => {
  it("keeps the contents until REFRESH, and then applies the changes", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = 'manual') AS ${TOTAL}`);
    await db.insert("t", [{ id: 1, v: 2 }]);
    await db.insert("t", [{ id: 2, v: 3 }]);
    assertEquals(await column(db, "SELECT total FROM m"), [null]);
    await db.exec("REFRESH MATERIALIZED VIEW m");
    assertEquals(await column(db, "SELECT total FROM m"), [5]);
    const last = db.plugins.materializedViews.history("m").at(-1)!;
    assertEquals([last.mode, last.rowsIn, last.rowsOut], ["incremental", 2, 2]);
  });

  it("reflects the version of its refresh", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${TOTAL}`);
    const { asOf } = db.plugins.materializedViews.status("m");
    await db.insert("t", [{ id: 1, v: 2 }]);
    assertEquals(db.plugins.materializedViews.status("m").asOf, asOf);
    await db.plugins.materializedViews.refresh("m");
    assertEquals(db.plugins.materializedViews.status("m").asOf, db.version);
  });

  it("records noData when nothing changed", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${TOTAL}`);
    const { version } = db;
    await db.plugins.materializedViews.refresh("m");
    assertEquals(db.plugins.materializedViews.history("m").at(-1)!.mode, "noData");
    assertEquals(db.version, version);
  });

  it("recomputes when the log does not reach back", async () => {
    await using db = await open(new ManualClock(), { logRowsMax: 3 });
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${TOTAL}`);
    for (let id = 0; id < 10; id++) await db.insert("t", [{ id, v: 1 }]);
    await db.plugins.materializedViews.refresh("m");
    assertEquals(db.plugins.materializedViews.history("m").at(-1)!.mode, "full");
    assertEquals(await column(db, "SELECT total FROM m"), [10]);
    await db.insert("t", [{ id: 11, v: 1 }]);
    await db.plugins.materializedViews.refresh("m");
    assertEquals(db.plugins.materializedViews.history("m").at(-1)!.mode, "incremental");
    assertEquals(await column(db, "SELECT total FROM m"), [11]);
  });

  it("recomputes after a column of its source was added, with the columns of its definition", async () => {
    await using db = await open(new ManualClock());
    await db.exec("CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS SELECT * FROM t");
    await db.insert("t", [{ id: 1, k: 1, v: 2 }]);
    await db.exec("ALTER TABLE t ADD COLUMN w INTEGER DEFAULT 7");
    await db.plugins.materializedViews.refresh("m");
    assertEquals((await db.query("SELECT * FROM m")).rows(), [[1, 1, 2]]);
  });

  it("examines the changed rows alone", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`INSERT INTO t SELECT i, i % 10, 1 FROM generate_series(1, 5000) g(i);
      CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS SELECT k, sum(v) AS total FROM t GROUP BY k`);
    const before = db.plugins.materializedViews.status("m").examinedRows;
    await db.update("t", { id: 7, v: 5 });
    await db.plugins.materializedViews.refresh("m");
    assert(db.plugins.materializedViews.status("m").examinedRows - before <= 8);
  });

  it("refreshes the views below it first, at one version", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`
      CREATE MATERIALIZED VIEW sums WITH (refresh = manual) AS SELECT k, sum(v) AS total FROM t GROUP BY k;
      CREATE MATERIALIZED VIEW pair WITH (refresh = manual) AS
        SELECT (SELECT sum(total) FROM sums) AS by_view, (SELECT sum(v) FROM t) AS by_table`);
    await db.insert("t", [{ id: 1, k: 1, v: 2 }]);
    await db.plugins.materializedViews.refresh("sums");
    await db.insert("t", [{ id: 2, k: 1, v: 3 }, { id: 3, k: 2, v: 4 }]);
    await db.plugins.materializedViews.refresh("pair");
    assertEquals((await db.query("SELECT * FROM pair")).rows(), [[9, 9]]);
    const asOf = ["sums", "pair"].map((name) => db.plugins.materializedViews.status(name).asOf);
    assertEquals(asOf, [db.version, db.version]);
  });

  it("equals its query after every refresh, whatever the order", async () => {
    const seed = Number(globalThis.Deno?.env.get("LIVEVIEW_SEED") ?? 7);
    const random = new SeededRandom(seed);
    await using db = await open(new ManualClock(), { logRowsMax: 40 });
    const queries = {
      a: "SELECT k, sum(v) AS s, count(*) AS n FROM t GROUP BY k",
      b: "SELECT x.id, y.v FROM t x LEFT JOIN t y ON x.k = y.id",
      c: "SELECT max(s) AS top, count(*) AS n FROM a",
      d: "SELECT b.id, a.s FROM b JOIN a ON b.v = a.k",
    };
    for (const [name, sql] of Object.entries(queries)) {
      await db.exec(`CREATE MATERIALIZED VIEW ${name} WITH (refresh = manual) AS ${sql}`);
    }
    const runs = Number(globalThis.Deno?.env.get("LIVEVIEW_RUNS") ?? 1);
    for (let step = 0; step < 120 * runs; step++) {
      const id = random.integer(1, 12);
      if (random.next() < 0.3) await db.delete("t", { id });
      else {
        await db.query("INSERT INTO t VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET k = $2, v = $3", {
          params: [id, random.integer(1, 4), random.integer(1, 9)],
        });
      }
      if (random.next() < 0.5) continue;
      const name = random.pick(["a", "b", "c", "d"] as const);
      await db.plugins.materializedViews.refresh(name);
      const show = async (sql: string) => (await db.query(sql)).rows().map(String).sort();
      assertEquals(await show(`SELECT * FROM ${name}`), await show(queries[name]), `${name}, seed ${seed}`);
    }
  });
});

describe("refresh = 'interval'", () => {
  it("refreshes when the clock says so", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW i WITH (interval = '5 seconds') AS ${TOTAL}`);
    await db.insert("t", [{ id: 1, v: 2 }]);
    clock.advance(4_999);
    await db.plugins.materializedViews.runDue();
    assertEquals(await column(db, "SELECT total FROM i"), [null]);
    clock.advance(1);
    await db.plugins.materializedViews.runDue();
    assertEquals(await column(db, "SELECT total FROM i"), [2]);
  });

  it("costs a source that is idle nothing, and records noData", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW i WITH (interval = '5 seconds') AS ${TOTAL}`);
    const { version } = db;
    const { examinedRows } = db.plugins.materializedViews.status("i");
    for (let i = 0; i < 3; i++) {
      clock.advance(5_000);
      await db.plugins.materializedViews.runDue();
    }
    const status = db.plugins.materializedViews.status("i");
    assertEquals([status.noDataCount, status.examinedRows, db.version], [3, examinedRows, version]);
  });

  it("follows time itself", async () => {
    const clock = new ManualClock(Date.UTC(2024, 0, 1));
    await using db = await open(clock);
    await db.exec("CREATE MATERIALIZED VIEW i WITH (interval = '1 day') AS SELECT current_date AS today");
    clock.advance(86_400_000);
    await db.plugins.materializedViews.runDue();
    assertEquals(String((await column(db, "SELECT today::text AS d FROM i"))[0]), "2024-01-02");
  });

  it("does not mind a wall clock that jumps", async () => {
    const clock = new ManualClock(1_000_000_000_000);
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW i WITH (interval = '5 seconds') AS ${TOTAL}`);
    await db.insert("t", [{ id: 1, v: 2 }]);
    clock.setNow(0);
    clock.advance(5_000);
    await db.plugins.materializedViews.runDue();
    assertEquals(await column(db, "SELECT total FROM i"), [2]);
    assertEquals(db.plugins.materializedViews.status("i").stalenessMs, 0);
  });

  it("is not hurried by a wall clock that jumps ahead", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW i WITH (interval = '5 seconds') AS ${TOTAL};
      CREATE MATERIALIZED VIEW f WITH (target_lag = '5 seconds') AS SELECT 1 / v AS x FROM t`);
    await db.insert("t", [{ id: 1, v: 0 }]);
    clock.advance(5_000);
    await db.plugins.materializedViews.runDue();
    const failures = () => db.plugins.materializedViews.status("f").failureCount;
    assertEquals([await column(db, "SELECT total FROM i"), failures()], [[0], 1]);
    clock.setNow(365 * 86_400_000);
    await db.plugins.materializedViews.runDue();
    assertEquals([db.plugins.materializedViews.status("i").noDataCount, failures()], [0, 1]);
    clock.advance(1_000);
    await db.plugins.materializedViews.runDue();
    assertEquals(failures(), 2);
  });

  it("keeps changes from waiting longer than the target lag", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW l WITH (target_lag = '1 minute') AS ${TOTAL}`);
    clock.advance(600_000);
    await db.plugins.materializedViews.runDue();
    assertEquals(db.plugins.materializedViews.status("l").noDataCount, 0);
    await db.insert("t", [{ id: 1, v: 2 }]);
    clock.advance(30_000);
    await db.plugins.materializedViews.runDue();
    assertEquals(db.plugins.materializedViews.status("l").stalenessMs, 30_000);
    clock.advance(29_999);
    await db.plugins.materializedViews.runDue();
    assertEquals(await column(db, "SELECT total FROM l"), [2]);
  });

  it("runs by a timer with the clock of the machine", async () => {
    await using db = createDatabase({ plugins: [materializedViews()] });
    await db.exec("CREATE TABLE t (v INTEGER)");
    await db.plugins.materializedViews.create({ name: "i", query: TOTAL, interval: 2 });
    await db.insert("t", [{ v: 2 }]);
    for (let i = 0; i < 200 && (await column(db, "SELECT total FROM i"))[0] !== 2; i++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    assertEquals(await column(db, "SELECT total FROM i"), [2]);
  });
});

describe("a refresh that fails", () => {
  const INVERSE = "SELECT id, 10 / v AS inverse FROM t";

  it("makes the view stale and not wrong", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${INVERSE}`);
    await db.insert("t", [{ id: 1, v: 2 }]);
    await db.plugins.materializedViews.refresh("m");
    await db.insert("t", [{ id: 2, v: 0 }]);
    const error = await assertRejects(() => db.exec("REFRESH MATERIALIZED VIEW m"), LiveViewError);
    assertEquals(error.code, "division-by-zero");
    assertEquals((await db.query("SELECT * FROM m")).rows(), [[1, 5]]);
    const { state, error: reason, failureCount } = db.plugins.materializedViews.status("m");
    assertEquals([state, failureCount], ["stale", 1]);
    assert(reason?.startsWith("division-by-zero"));
    await db.update("t", { id: 2, v: 5 });
    await db.plugins.materializedViews.refresh("m");
    assertEquals((await db.query("SELECT * FROM m ORDER BY id")).rows(), [[1, 5], [2, 2]]);
    assertEquals(db.plugins.materializedViews.status("m").state, "current");
  });

  it("names the cause in the views above", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`CREATE MATERIALIZED VIEW low WITH (refresh = manual) AS ${INVERSE};
      CREATE MATERIALIZED VIEW high WITH (refresh = manual) AS SELECT count(*) AS n FROM low`);
    await db.insert("t", [{ id: 1, v: 0 }]);
    await assertRejects(() => db.plugins.materializedViews.refresh("high"), LiveViewError);
    for (const name of ["low", "high"]) {
      const { state, error } = db.plugins.materializedViews.status(name);
      assertEquals([state, error?.split(":")[0]], ["stale", "division-by-zero"]);
    }
  });

  it("of a view that was replaced meanwhile says so", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${TOTAL}`);
    const replaced = db.exec(`CREATE OR REPLACE MATERIALIZED VIEW m AS ${TOTAL}`);
    const error = await assertRejects(() => db.plugins.materializedViews.refresh("m"), LiveViewError);
    await replaced;
    assertEquals(error.code, "unknown-object");
  });

  it("of a dropped view says so", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${TOTAL}`);
    const dropped = db.plugins.materializedViews.drop("m");
    const error = await assertRejects(() => db.plugins.materializedViews.refresh("m"), LiveViewError);
    await dropped;
    assertEquals(error.code, "unknown-object");
  });

  it("is tried again after 1, 2, 4, ... seconds", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW i WITH (interval = '1 minute') AS ${INVERSE}`);
    await db.insert("t", [{ id: 1, v: 0 }]);
    const failures: number[] = [];
    for (let second = 1; second <= 70; second++) {
      clock.advance(1_000);
      await db.plugins.materializedViews.runDue();
      if (db.plugins.materializedViews.status("i").failureCount > failures.length) failures.push(second);
    }
    assertEquals(failures, [60, 61, 63, 67]);
    await db.update("t", { id: 1, v: 5 });
    clock.advance(8_000);
    await db.plugins.materializedViews.runDue();
    assertEquals((await db.query("SELECT * FROM i")).rows(), [[1, 2]]);
  });

  it("of a view below leaves all of them as they were", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`CREATE MATERIALIZED VIEW low WITH (refresh = manual) AS SELECT id, v FROM t;
      CREATE MATERIALIZED VIEW high WITH (refresh = manual) AS SELECT id, 10 / v AS inverse FROM low`);
    await db.insert("t", [{ id: 1, v: 0 }]);
    await assertRejects(() => db.plugins.materializedViews.refresh("high"), LiveViewError);
    assertEquals((await db.query("SELECT * FROM low")).rowCount, 0);
    await db.update("t", { id: 1, v: 1 });
    await db.plugins.materializedViews.refresh("high");
    assertEquals((await db.query("SELECT * FROM low")).rows(), [[1, 1]]);
    assertEquals((await db.query("SELECT * FROM high")).rows(), [[1, 10]]);
  });

  it("rolls the commit back for an eager view, which then goes on from before it", async () => {
    await using db = await open(new ManualClock());
    await db.exec(`CREATE TABLE other (x INTEGER);
      CREATE MATERIALIZED VIEW total AS ${TOTAL};
      CREATE MATERIALIZED VIEW inverse AS ${INVERSE}`);
    await db.insert("t", [{ id: 1, v: 2 }]);
    await assertRejects(() => db.insert("t", [{ id: 2, v: 0 }]), LiveViewError);
    // A commit that does not concern the views must not make them trust what was undone.
    await db.insert("other", [{ x: 1 }]);
    await db.insert("t", [{ id: 3, v: 5 }]);
    assertEquals(await column(db, "SELECT total FROM total"), [7]);
    assertEquals(db.plugins.materializedViews.history("inverse").map(({ mode }) => mode), [
      "full",
      "incremental",
      "failed",
      "full",
    ]);
  });
});

describe("state_bytes_max", () => {
  const GROUPS = "SELECT k, sum(v) AS total FROM t GROUP BY k";

  async function grown(db: ViewDatabase): Promise<void> {
    await db.exec("INSERT INTO t SELECT i, i, 1 FROM generate_series(10, 50000) g(i)");
  }

  async function limitFor(db: ViewDatabase): Promise<number> {
    await db.exec(`CREATE MATERIALIZED VIEW probe AS ${GROUPS}`);
    const { stateBytes } = db.plugins.materializedViews.status("probe");
    await db.exec("DROP MATERIALIZED VIEW probe");
    return stateBytes + 1_000;
  }

  it("refuses a view that begins past it", async () => {
    await using db = await open(new ManualClock());
    await grown(db);
    const sql = `CREATE MATERIALIZED VIEW g WITH (state_bytes_max = 1) AS ${GROUPS}`;
    const error = await assertRejects(() => db.exec(sql), LiveViewError);
    assertEquals([error.code, error.details["limit"]], ["memory-limit", 1]);
    assertEquals(db.plugins.materializedViews.names(), []);
    assertEquals(db.catalog.relation("g"), undefined);
  });

  it("refuses a view by the estimate of its state, before any is made", async () => {
    await using db = await open(new ManualClock());
    await grown(db);
    const sql = `CREATE MATERIALIZED VIEW g WITH (state_bytes_max = 100000) AS ${GROUPS}`;
    const error = await assertRejects(() => db.exec(sql), LiveViewError, "is expected to take");
    const { limit, estimate } = error.details;
    assert(limit === 100_000 && Number(estimate) > 1_000_000);
    assertEquals(db.plugins.materializedViews.circuit().operators, []);
  });

  it("stops a build that passes it on the way", async () => {
    await using db = await open(new ManualClock());
    await grown(db);
    const sql = `CREATE MATERIALIZED VIEW g WITH (refresh = manual, state_bytes_max = 1000000) AS
      SELECT total, count(*) AS n FROM (${GROUPS}) x GROUP BY total`;
    const error = await assertRejects(() => db.exec(sql), LiveViewError, "The state of view");
    assertEquals([error.code, error.details["limit"]], ["memory-limit", 1_000_000]);
    assertEquals(db.plugins.materializedViews.circuit().operators, []);
  });

  it("suspends an eager view that passes it when it starts anew", async () => {
    await using db = await open(new ManualClock());
    const max = await limitFor(db);
    await db.exec(`CREATE MATERIALIZED VIEW inverse AS SELECT 1 / v AS x FROM t;
      CREATE MATERIALIZED VIEW g WITH (state_bytes_max = ${max}) AS ${GROUPS}`);
    // What was undone leaves the operators without state that is to be trusted.
    await assertRejects(() => db.insert("t", [{ id: 1, k: 1, v: 0 }]), LiveViewError);
    await grown(db);
    assertEquals(db.plugins.materializedViews.status("g").state, "suspended");
    assertEquals(db.plugins.materializedViews.status("inverse").rowCount, 49_991);
  });

  it("suspends an eager view and what reads it, and lets writers go on", async () => {
    await using db = await open(new ManualClock());
    const max = await limitFor(db);
    await db.exec(`CREATE MATERIALIZED VIEW g WITH (state_bytes_max = ${max}) AS ${GROUPS};
      CREATE MATERIALIZED VIEW above AS SELECT count(*) AS n FROM g`);
    await db.insert("t", [{ id: 1, k: 1, v: 1 }]);
    const { version } = db;
    await grown(db);
    assertEquals((await db.query("SELECT n FROM above")).rows(), [[1]]);
    const status = db.plugins.materializedViews.status("g");
    assertEquals([status.state, status.asOf, status.rowCount], ["suspended", version, 1]);
    assert(status.error?.includes(`the limit is ${max}`) && status.stateBytes < max);
    assert(db.plugins.materializedViews.status("above").error?.includes('"g"'));
    await assertRejects(() => db.plugins.materializedViews.refresh("g"), LiveViewError, "limit");
    await db.exec(`ALTER MATERIALIZED VIEW g SET (state_bytes_max = 100000000); REFRESH MATERIALIZED VIEW g`);
    assertEquals((await db.query("SELECT n FROM above")).rows(), [[49992]]);
    await db.delete("t", { id: 1 });
    assertEquals((await db.query("SELECT n FROM above")).rows(), [[49991]]);
    assertEquals(db.plugins.materializedViews.status("above").state, "current");
  });

  it("fails the refresh of a view that is not eager", async () => {
    await using db = await open(new ManualClock());
    const max = await limitFor(db);
    await db.exec(
      `CREATE MATERIALIZED VIEW g WITH (refresh = manual, state_bytes_max = ${max}) AS ${GROUPS}`,
    );
    await grown(db);
    const error = await assertRejects(() => db.plugins.materializedViews.refresh("g"), LiveViewError);
    assertEquals(error.code, "memory-limit");
    const status = db.plugins.materializedViews.status("g");
    assertEquals([status.state, status.rowCount], ["stale", 0]);
    assert(status.stateBytes < max);
  });
});

describe("maxStalenessMs", () => {
  it("refreshes first what is older", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${TOTAL}`);
    await db.insert("t", [{ id: 1, v: 2 }]);
    clock.advance(100);
    const ask = async (maxStalenessMs: number) =>
      (await db.query("SELECT total FROM m", { maxStalenessMs })).rows()[0]![0];
    assertEquals(await ask(100), null);
    assertEquals(await ask(99), 2);
  });

  it("asks views that depend on time for their age", async () => {
    const clock = new ManualClock(Date.UTC(2024, 0, 1));
    await using db = await open(clock);
    await db.exec("CREATE MATERIALIZED VIEW e AS SELECT current_date::text AS today, count(*) AS n FROM t");
    clock.advance(86_400_000);
    const ask = async (maxStalenessMs: number) =>
      (await db.query("SELECT today FROM e", { maxStalenessMs })).rows()[0]![0];
    assertEquals(await ask(86_400_000), "2024-01-01");
    assertEquals(await ask(1_000), "2024-01-02");
  });

  it("is an error when the refresh fails", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec("CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS SELECT 1 / v AS x FROM t");
    await db.insert("t", [{ id: 1, v: 0 }]);
    clock.advance(1);
    const error = await assertRejects(
      () => db.query("SELECT x FROM m WHERE x > $1", { params: [0], maxStalenessMs: 0 }),
      LiveViewError,
    );
    assertEquals(error.code, "stale");
    await assertRejects(
      () => db.transaction((tx) => tx.query("SELECT x FROM m", { maxStalenessMs: 0 })),
      LiveViewError,
      "old",
    );
  });
});

describe("a commit that fails after the views were written", () => {
  it("leaves views of every mode able to go on", async () => {
    let failing = false;
    const saboteur = definePlugin({
      name: "saboteur",
      setup: () => ({
        api: {},
        hooks: {
          commitDelta: () => {
            if (failing) throw new LiveViewError("invalid-input", "The commit is sabotaged");
          },
        },
      }),
    });
    await using db = createDatabase({ plugins: [materializedViews(), saboteur], clock: new ManualClock() });
    await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER);
      CREATE MATERIALIZED VIEW e AS ${TOTAL};
      CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${TOTAL}`);
    const seen: unknown[] = [];
    const changes = db.subscribe("e", { snapshot: false })[Symbol.asyncIterator]();
    const sabotaged = async (act: () => Promise<unknown>) => {
      failing = true;
      await assertRejects(act, LiveViewError, "sabotaged");
      failing = false;
    };
    await sabotaged(() => db.insert("t", [{ id: 1, v: 1 }]));
    await db.exec("BEGIN; COMMIT");
    await db.insert("t", [{ id: 2, v: 2 }]);
    await sabotaged(() => db.plugins.materializedViews.refresh("m"));
    assertEquals(db.plugins.materializedViews.status("m").state, "stale");
    await db.exec("BEGIN; COMMIT");
    assertEquals(await column(db, "SELECT total FROM m"), [null]);
    await db.plugins.materializedViews.refresh("m");
    await db.insert("t", [{ id: 3, v: 3 }]);
    assertEquals(await column(db, "SELECT total FROM m"), [2]);
    await sabotaged(() => db.plugins.materializedViews.alter("m", { refresh: "eager" }));
    assertEquals(db.plugins.materializedViews.status("m").refresh, "manual");
    await sabotaged(() => db.exec(`CREATE OR REPLACE MATERIALIZED VIEW e AS SELECT v FROM t`));
    await db.insert("t", [{ id: 4, v: 4 }]);
    await db.plugins.materializedViews.refresh("m");
    assertEquals(await column(db, "SELECT total FROM e"), [9]);
    assertEquals(await column(db, "SELECT total FROM m"), [9]);
    for (let i = 0; i < 3; i++) seen.push((await nextChange(changes)).inserted);
    assertEquals(seen, [[{ total: 2 }], [{ total: 5 }], [{ total: 9 }]]);
    await changes.return?.();
  });
});

describe("views of all modes together", () => {
  it("are each equal to their query at their version under random commits, failures and clock", async () => {
    const seed = Number(globalThis.Deno?.env.get("LIVEVIEW_SEED") ?? 11);
    const steps = 150 * Number(globalThis.Deno?.env.get("LIVEVIEW_RUNS") ?? 1);
    const random = new SeededRandom(seed);
    const clock = new ManualClock();
    await using db = await open(clock, { logRowsMax: 30 });
    const queries: Readonly<Record<string, string>> = {
      e1: "SELECT k, sum(v) AS s FROM t GROUP BY k",
      e2: "SELECT id, 10 / v AS x FROM t",
      m1: "SELECT count(*) AS n, sum(s) AS s FROM e1",
      i1: "SELECT k, max(v) AS v FROM t GROUP BY k",
      l1: "SELECT i1.k, i1.v, n FROM i1 CROSS JOIN m1",
    };
    const properties = {
      e1: "eager",
      e2: "eager",
      m1: "manual",
      i1: "interval, interval = 30",
      l1: "interval",
    };
    for (const [name, refresh] of Object.entries(properties)) {
      const lag = name === "l1" ? ", target_lag = 100" : "";
      await db.exec(
        `CREATE MATERIALIZED VIEW ${name} WITH (refresh = ${refresh}${lag}) AS ${queries[name]}`,
      );
    }
    const show = async (sql: string) => (await db.query(sql)).rows().map(String).sort();
    const frozen = new Map<string, readonly string[]>();
    for (const name of Object.keys(queries)) frozen.set(name, await show(`SELECT * FROM ${name}`));
    for (let step = 0; step < steps; step++) {
      const id = random.integer(1, 10);
      // A v of 0 fails e2, and with it the commit.
      const params = [id, random.integer(1, 3), random.integer(0, 6)];
      const write = random.next() < 0.2
        ? db.query("DELETE FROM t WHERE id = $1", { params: [id] })
        : db.query("INSERT INTO t VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET k = $2, v = $3", {
          params,
        });
      await write.catch((error) => assertEquals(error.code, "division-by-zero"));
      clock.advance(random.integer(0, 40));
      if (random.next() < 0.7) await db.plugins.materializedViews.runDue();
      if (random.next() < 0.1) await db.plugins.materializedViews.refresh(random.pick(["m1", "l1", "e1"]));
      for (const [name, sql] of Object.entries(queries)) {
        const { state, stalenessMs } = db.plugins.materializedViews.status(name);
        const rows = await show(`SELECT * FROM ${name}`);
        const when = `${name} at step ${step}, seed ${seed}`;
        if (state === "current") {
          // What the view reads may itself be behind its tables: then the view is too.
          assertEquals(stalenessMs, 0, when);
          if (name !== "l1") assertEquals(rows, await show(sql), when);
          else assertEquals(rows, await show(sql.replace("i1 ", `(${queries.i1}) i1 `)), when);
        } else assertEquals(rows, frozen.get(name), when);
        frozen.set(name, rows);
      }
    }
  });
});
