/**
 * Views that the clock changes: temporal predicates and retention.
 */
import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";
import { nextChange } from "../../support/next_change.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

const START = Date.UTC(2024, 1, 28, 12);
const DAY = 86_400_000;

async function open(clock: ManualClock): Promise<ViewDatabase> {
  const db = createDatabase({ clock, plugins: [materializedViews()] });
  await db.exec("CREATE TABLE e (id INTEGER PRIMARY KEY, at TIMESTAMPTZ, day DATE, v INTEGER)");
  return db;
}

async function texts(db: ViewDatabase, sql: string): Promise<string[]> {
  return (await db.query(sql)).rows().map(String).sort();
}

function at(ms: number): string {
  return new Date(START + ms).toISOString();
}

describe("a view with a temporal predicate", () => {
  const RECENT = "SELECT count(*) AS n, sum(v) AS s FROM e WHERE at > now() - interval '1 hour'";

  it("is incremental, and never older than the clock", async () => {
    const clock = new ManualClock(START);
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW recent AS ${RECENT}`);
    assertEquals(db.plugins.materializedViews.status("recent").refreshMode, "incremental");
    await db.insert("e", [{ id: 1, at: at(0), v: 1 }, { id: 2, at: at(1_800_000), v: 2 }]);
    assertEquals(await texts(db, "SELECT * FROM recent"), ["2,3"]);
    clock.advance(3_599_999);
    assertEquals(await texts(db, "SELECT * FROM recent"), ["2,3"]);
    clock.advance(1);
    assertEquals(await texts(db, "SELECT * FROM recent"), ["1,2"]);
    clock.advance(DAY);
    assertEquals(await texts(db, "SELECT * FROM recent"), ["0,"]);
  });

  it("tells its subscribers when rows leave, and views above it", async () => {
    const clock = new ManualClock(START);
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW recent AS SELECT id FROM e WHERE at > now() - interval '1 hour';
      CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM recent`);
    await db.insert("e", { id: 1, at: at(0), v: 1 });
    const changes = db.subscribe("recent", { snapshot: false })[Symbol.asyncIterator]();
    clock.advance(3_600_000);
    await db.plugins.materializedViews.runDue();
    const { deleted } = await nextChange(changes);
    assertEquals(deleted, [{ id: 1 }]);
    assertEquals(await texts(db, "SELECT * FROM counted"), ["0"]);
    await changes.return?.();
  });

  it("has the rows of its query after any movement of the clock", async () => {
    const seed = Number(process.env["LIVEVIEW_SEED"] ?? 5);
    const random = new SeededRandom(seed);
    const clock = new ManualClock(START);
    await using db = await open(clock);
    const views: Readonly<Record<string, string>> = {
      recent: RECENT,
      today: "SELECT id, v FROM e WHERE day = current_date",
      month: "SELECT day, count(*) AS n FROM e WHERE day >= date_trunc('month', now())::date GROUP BY day",
      ahead: "SELECT id FROM e WHERE at BETWEEN now() AND now() + interval '1 day'",
      joined:
        "SELECT x.id, y.id AS other FROM e x JOIN e y ON x.v = y.v WHERE x.at > now() - interval '2 days'",
      later: "SELECT v, max(at) AS last FROM e WHERE at < now() GROUP BY v",
    };
    for (const [name, sql] of Object.entries(views)) {
      const how = name === "later" ? "WITH (refresh = 'manual')" : "";
      await db.exec(`CREATE MATERIALIZED VIEW ${name} ${how} AS ${sql}`);
    }
    for (let step = 0; step < 80; step++) {
      const id = random.integer(1, 12);
      const moment = clock.now() - START + random.integer(-3 * DAY, 3 * DAY);
      const row = { id, at: at(moment), day: at(moment).slice(0, 10), v: random.integer(1, 3) };
      await db.query("DELETE FROM e WHERE id = $1", { params: [id] });
      if (random.next() < 0.8) await db.insert("e", row);
      const jump = random.pick([0, 1, 60_000, 3_600_000, DAY, 3 * DAY, 40 * DAY, -60_000, -2 * DAY]);
      clock.setNow(clock.now() + jump);
      if (random.next() < 0.3) await db.plugins.materializedViews.runDue();
      await db.plugins.materializedViews.refresh("later");
      for (const [name, sql] of Object.entries(views)) {
        const where = `${name} at step ${step}, LIVEVIEW_SEED=${seed}`;
        assertEquals(await texts(db, `SELECT * FROM ${name}`), await texts(db, sql), where);
      }
    }
    for (const name of Object.keys(views)) {
      const { refreshMode, refreshModeReason } = db.plugins.materializedViews.status(name);
      assertEquals([name, refreshMode, refreshModeReason], [name, "incremental", undefined]);
    }
  });

  it("waits for the clock when it is refreshed with a target lag", async () => {
    const clock = new ManualClock(START);
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW lagged WITH (target_lag = '10 seconds') AS
      SELECT id FROM e WHERE at > now() - interval '1 hour'`);
    await db.insert("e", { id: 1, at: at(0), v: 1 });
    await db.plugins.materializedViews.refresh("lagged");
    assertEquals(db.plugins.materializedViews.status("lagged").state, "current");
    clock.advance(3_600_000);
    assertEquals(db.plugins.materializedViews.status("lagged").state, "behind");
    assertEquals(await texts(db, "SELECT * FROM lagged"), ["1"]);
    clock.advance(10_000);
    await db.plugins.materializedViews.runDue();
    assertEquals(await texts(db, "SELECT * FROM lagged"), []);
  });
});

describe("retention", () => {
  it("lets rows of a view leave when they are too old", async () => {
    const clock = new ManualClock(START);
    await using db = await open(clock);
    await db.exec(`CREATE MATERIALIZED VIEW daily WITH (retention = '7 days') AS
      SELECT day, sum(v) AS s FROM e GROUP BY day`);
    const days = [0, 1, 6, 7, 8].map((back, id) => ({
      id,
      day: at(-back * DAY).slice(0, 10),
      at: at(0),
      v: id,
    }));
    await db.insert("e", days);
    assertEquals((await texts(db, "SELECT s FROM daily")).join(), "0,1,2");
    clock.advance(2 * DAY);
    assertEquals((await texts(db, "SELECT s FROM daily")).join(), "0,1");
    await db.exec("UPDATE e SET v = v + 10");
    assertEquals((await texts(db, "SELECT s FROM daily")).join(), "10,11");
    const status = db.plugins.materializedViews.status("daily");
    assertEquals([status.refreshMode, status.retention], ["incremental", "7 days"]);
  });

  it("is altered with the view", async () => {
    const clock = new ManualClock(START);
    await using db = await open(clock);
    await db.insert(
      "e",
      [0, 5, 20].map((back, id) => ({ id, day: at(-back * DAY).slice(0, 10), at: at(-back * DAY), v: id })),
    );
    await db.exec(`CREATE MATERIALIZED VIEW kept WITH (retention = '10 days', retention_column = 'moment') AS
      SELECT id, at AS moment, day FROM e;
      CREATE MATERIALIZED VIEW upper_view AS SELECT count(*) AS n FROM kept`);
    assertEquals(await texts(db, "SELECT id FROM kept"), ["0", "1"]);
    await db.exec("ALTER MATERIALIZED VIEW kept SET (retention = '30 days')");
    assertEquals(await texts(db, "SELECT id FROM kept"), ["0", "1", "2"]);
    assertEquals(await texts(db, "SELECT n FROM upper_view"), ["3"]);
    await db.exec("ALTER MATERIALIZED VIEW kept SET (retention = '1 day')");
    assertEquals(await texts(db, "SELECT id FROM kept"), ["0"]);
    assertEquals(await texts(db, "SELECT n FROM upper_view"), ["1"]);
  });

  it("is refused where it cannot be told", async () => {
    await using db = await open(new ManualClock(START));
    const create = (properties: string, query = "SELECT id, at, day FROM e") =>
      db.exec(`CREATE MATERIALIZED VIEW x WITH (${properties}) AS ${query}`);
    const cases: Readonly<Record<string, string>> = {
      "retention = '7 days'": "unknown-column",
      "retention = '7 days', retention_column = 'nothing'": "unknown-column",
      "retention = '7 days', retention_column = 'id'": "type-mismatch",
      "retention = '0 days', retention_column = 'at'": "invalid-parameter",
      "retention = 'long', retention_column = 'at'": "invalid-parameter",
      "retention_column = 'at'": "invalid-parameter",
    };
    for (const [properties, code] of Object.entries(cases)) {
      const error = await assertRejects(() => create(properties)) as { readonly code?: string };
      assertEquals(error.code, code, properties);
    }
    assert(!db.plugins.materializedViews.names().includes("x"));
  });
});
