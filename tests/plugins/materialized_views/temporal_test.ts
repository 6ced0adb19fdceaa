/**
 * Views that depend on the time, by the database alone: whatever the clock does, they have the rows of their query.
 */
import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { QueryError } from "../../../src/base/error.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";
import {
  DAY,
  EVENT_COLUMNS,
  HOUR,
  microsOf,
  MOMENTS,
  randomEvent,
  SECOND,
  TEMPORAL_QUERIES,
} from "../../src/circuit/time/temporal_queries.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(clock: ManualClock, timeZone: string): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()], clock, timeZone });
  await db.exec(`CREATE TABLE event (${EVENT_COLUMNS})`);
  return db;
}

async function multiset(db: ViewDatabase, sql: string): Promise<string[]> {
  return (await db.query(sql, { exact: true })).rows().map((row) => JSON.stringify(row.map(String))).sort();
}

/** Some events come, some go. */
async function change(db: ViewDatabase, random: SeededRandom, nowMicros: number): Promise<void> {
  await db.transaction(async (tx) => {
    for (let i = random.integer(1, 3); i > 0; i--) {
      if (random.next() < 0.4) {
        await tx.query("DELETE FROM event WHERE id = $1", { params: [random.integer(1, 50)] });
      } else {
        const [id, k, ts, local, d, ms, until] = randomEvent(random, nowMicros);
        const date = (value: unknown): Date | null =>
          typeof value === "number" ? new Date(value / 1000) : null;
        const day = typeof d === "number" ? new Date(d * DAY / 1000) : null;
        await tx.insert("event", [
          { id, k, ts: date(ts), local: date(local), d: day, ms, until: date(until) },
        ]);
      }
    }
  });
}

describe("views that depend on the time", () => {
  for (const [z, zone] of ["UTC", "Europe/Berlin", "America/New_York"].entries()) {
    it(`have the rows of their queries whatever the clock does, in ${zone}`, async () => {
      const seed = Number(process.env["LIVEVIEW_SEED"] ?? 1) * 10 + z;
      const random = new SeededRandom(seed);
      const clock = new ManualClock(microsOf(random.pick(MOMENTS)) / 1000);
      await using db = await open(clock, zone);
      for (let i = 0; i < 8; i++) await change(db, random, clock.now() * 1000);
      const views = TEMPORAL_QUERIES.map((sql, i) => ({ name: `v${i}`, sql }));
      for (const { name, sql } of views) await db.exec(`CREATE MATERIALIZED VIEW ${name} AS ${sql}`);
      const steps = 15 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);
      for (let step = 0; step < steps; step++) {
        for (const { name, sql } of views) {
          assertEquals(
            await multiset(db, `SELECT * FROM ${name}`),
            await multiset(db, sql),
            `${sql}, step ${step}, seed ${seed}`,
          );
        }
        const kind = random.next();
        if (kind < 0.5) clock.advance(random.integer(0, 30) * random.pick([SECOND, HOUR, DAY]) / 1000);
        else if (kind < 0.6) clock.setNow(clock.now() - random.integer(0, 10) * HOUR / 1000);
        else await change(db, random, clock.now() * 1000);
      }
    });
  }

  it("give the changes that the clock makes to subscribers and to the views above", async () => {
    const clock = new ManualClock(microsOf("2024-05-01T12:00:00Z") / 1000);
    await using db = await open(clock, "UTC");
    await db.insert("event", [{ id: 1, k: 5, ts: new Date(clock.now()) }]);
    await db.exec(`CREATE MATERIALIZED VIEW recent AS
        SELECT id, k FROM event WHERE ts > now() - interval '1 hour';
      CREATE MATERIALIZED VIEW total AS SELECT count(*) AS n, sum(k) AS s FROM recent`);
    const changes = db.subscribe("total", { snapshot: false })[Symbol.asyncIterator]();
    clock.advance(3_600_000);
    assertEquals(await multiset(db, "SELECT * FROM total"), ['["0","null"]']);
    const { value } = await changes.next();
    assert(typeof value === "object");
    assertEquals([value.inserted.length, value.deleted.length], [1, 1]);
    await changes.return?.();
  });

  it("cost no more than what the clock moves", async () => {
    const clock = new ManualClock(microsOf("2024-05-01T12:00:00Z") / 1000);
    await using db = await open(clock, "UTC");
    const rows = Array.from(
      { length: 3000 },
      (_, id) => ({ id, k: 1, ts: new Date(clock.now() + id * 1000) }),
    );
    await db.insert("event", rows);
    await db.exec("CREATE MATERIALIZED VIEW come AS SELECT id FROM event WHERE ts <= now()");
    const examined = () => db.plugins.materializedViews.status("come").examinedRows;
    const before = examined();
    clock.advance(10_000);
    assertEquals((await multiset(db, "SELECT * FROM come")).length, 11);
    assert(examined() - before < 50, `${examined() - before} rows`);
  });

  it("read no text as a date that moves, unless they say so", async () => {
    const clock = new ManualClock(Date.UTC(2024, 4, 1, 12));
    await using db = createDatabase({ plugins: [materializedViews()], clock });
    await db.exec("CREATE TABLE t (id INTEGER, s TEXT, ts TIMESTAMP)");
    const moving = [
      "SELECT id, 'today'::date AS d FROM t",
      "SELECT id, (CASE WHEN id = 1 THEN 'today' ELSE 'tomorrow' END)::date AS d FROM t",
      "SELECT id FROM t WHERE ts = ANY (ARRAY['now', '2024-05-01']::timestamp[])",
    ];
    for (const [i, sql] of moving.entries()) {
      await db.exec(`CREATE MATERIALIZED VIEW v${i} AS ${sql}`);
      assertEquals(db.plugins.materializedViews.status(`v${i}`).refreshMode, "full", sql);
    }
    const casts = ["s::date", "try_cast(s AS timestamp)", "cast(ARRAY[s] AS date[])"];
    for (const [i, cast] of casts.entries()) {
      const sql = `SELECT id, ${cast} AS d FROM t`;
      await db.exec(`CREATE MATERIALIZED VIEW w${i} AS ${sql}`);
      assertEquals(db.plugins.materializedViews.status(`w${i}`).refreshMode, "incremental");
      await db.query("INSERT INTO t VALUES (1, '2024-05-01')");
      assertEquals(await multiset(db, `SELECT * FROM w${i}`), await multiset(db, sql));
      // The row could not go with another value than it came with.
      await assertRejects(
        () => db.query("INSERT INTO t VALUES (2, 'Today')"),
        QueryError,
        "refresh_mode = 'full'",
      );
      await db.exec(`DROP MATERIALIZED VIEW w${i}`);
    }
    await db.query("INSERT INTO t VALUES (3, 'yesterday')");
    await db.exec(
      "CREATE MATERIALIZED VIEW full_one WITH (refresh_mode = full) AS SELECT id, s::date AS d FROM t",
    );
    assertEquals(
      await multiset(db, "SELECT * FROM full_one"),
      await multiset(db, "SELECT id, s::date AS d FROM t"),
    );
  });
});
