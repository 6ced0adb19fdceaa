import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { createDatabase, materializedViews, QueryError } from "../../../mod.ts";
import { parseRefreshHours, waitForHours } from "../../../plugins/materialized_views/refresh_hours.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function waitMinutes(hours: string, now: string): number {
  return waitForHours(parseRefreshHours(hours), Date.parse(now)) / MINUTE_MS;
}

describe("waitForHours()", () => {
  it("is nothing within the hours, and the time to their beginning outside", () => {
    assertEquals(waitMinutes("08:00-17:30", "2024-05-01T08:00:00Z"), 0);
    assertEquals(waitMinutes("08:00-17:30", "2024-05-01T17:29:59Z"), 0);
    assertEquals(waitMinutes("08:00-17:30", "2024-05-01T17:30:00Z"), 14.5 * 60);
    assertEquals(waitMinutes("08:00-17:30", "2024-05-01T07:45:00Z"), 15);
  });

  it("goes over midnight", () => {
    assertEquals(waitMinutes("22:00-06:00", "2024-05-01T23:10:00Z"), 0);
    assertEquals(waitMinutes("22:00-06:00", "2024-05-01T05:59:00Z"), 0);
    assertEquals(waitMinutes("22:00-06:00", "2024-05-01T06:00:00Z"), 16 * 60);
    assertEquals(waitMinutes("20:00-24:00", "2024-05-01T23:59:00Z"), 0);
    assertEquals(waitMinutes("20:00-24:00", "2024-05-02T00:00:00Z"), 20 * 60);
  });

  it("is by the wall clock of the zone, over a change of the clock too", () => {
    assertEquals(waitMinutes("22:00-06:00 Europe/Berlin", "2024-05-01T19:30:00Z"), 30);
    // The night is an hour shorter: 23:00 to 04:00 are four hours.
    assertEquals(waitMinutes("04:00-05:00 Europe/Berlin", "2024-03-30T22:00:00Z"), 4 * 60);
  });

  it("refuses what are no hours", () => {
    for (const text of ["", "22:00", "25:00-06:00", "08:61-09:00", "08:00-08:00", "8-9", 5]) {
      assertThrows(() => parseRefreshHours(text), QueryError, "refresh_hours");
    }
    assertThrows(() => parseRefreshHours("08:00-09:00 Mars/Base"), QueryError, "Mars/Base");
  });
});

describe("refresh_hours", () => {
  async function open(clock: ManualClock) {
    const db = createDatabase({ plugins: [materializedViews()], clock });
    await db.exec("CREATE TABLE t (v INTEGER)");
    const counted = async () => {
      await db.plugins.materializedViews.runDue();
      return (await db.query("SELECT n FROM counted")).column("n")[0];
    };
    return { db, counted, [Symbol.asyncDispose]: () => db.close() };
  }

  it("keep the timer to the hours, and nobody who asks", async () => {
    const clock = new ManualClock(Date.parse("2024-05-01T10:00:00Z"));
    await using desk = await open(clock);
    const { db, counted } = desk;
    await db.exec(`CREATE MATERIALIZED VIEW counted WITH (interval = '1 hour', refresh_hours = '22:00-23:30')
      AS SELECT count(*) AS n FROM t`);
    assertEquals(db.plugins.materializedViews.status("counted").refreshHours, "22:00-23:30");
    await db.insert("t", [{ v: 1 }]);
    clock.advance(11 * HOUR_MS);
    assertEquals(await counted(), 0);
    clock.advance(HOUR_MS);
    assertEquals(await counted(), 1);
    await db.insert("t", [{ v: 2 }]);
    clock.advance(HOUR_MS);
    assertEquals(await counted(), 2);
    await db.insert("t", [{ v: 3 }]);
    clock.advance(HOUR_MS);
    assertEquals(await counted(), 2);
    await db.exec("REFRESH MATERIALIZED VIEW counted");
    assertEquals(await counted(), 3);
  });

  it("are not drawn in by views of the same target lag", async () => {
    const clock = new ManualClock(Date.parse("2024-05-01T10:00:00Z"));
    await using desk = await open(clock);
    const { db, counted } = desk;
    await db.exec(`
      CREATE MATERIALIZED VIEW counted WITH (target_lag = '1 minute', refresh_hours = '22:00-23:30')
        AS SELECT count(*) AS n FROM t;
      CREATE MATERIALIZED VIEW beside WITH (target_lag = '1 minute') AS SELECT count(*) AS n FROM t`);
    await db.insert("t", [{ v: 1 }]);
    clock.advance(2 * MINUTE_MS);
    assertEquals(await counted(), 0);
    assertEquals((await db.query("SELECT n FROM beside")).column("n")[0], 1);
  });

  it("belong to views with an interval or a target lag", async () => {
    await using desk = await open(new ManualClock());
    await assertRejects(
      () =>
        desk.db.exec("CREATE MATERIALIZED VIEW w WITH (refresh_hours = '22:00-23:30') AS SELECT v FROM t"),
      QueryError,
      "has no refresh_hours",
    );
  });
});

describe("isDue()", () => {
  it("tells whether runDue() has something to do", async () => {
    const clock = new ManualClock();
    await using db = createDatabase({ plugins: [materializedViews()], clock });
    const views = db.plugins.materializedViews;
    await db.exec("CREATE TABLE t (v INTEGER)");
    assertEquals(views.isDue(), false);
    await db.exec("CREATE MATERIALIZED VIEW m WITH (interval = '1 minute') AS SELECT count(*) AS n FROM t");
    await db.insert("t", [{ v: 1 }]);
    assertEquals(views.isDue(), false);
    clock.advance(MINUTE_MS);
    assertEquals(views.isDue(), true);
    await views.runDue();
    assertEquals(views.isDue(), false);
    assertEquals((await db.query("SELECT n FROM m")).column("n"), [1]);
  });
});

describe("a refresh of a view over several that move with the clock", () => {
  it("is published with views that only the first run of the circuit touched", async () => {
    const clock = new ManualClock();
    await using db = createDatabase({ plugins: [materializedViews()], clock });
    await db.exec(`CREATE TABLE t (v INTEGER); INSERT INTO t VALUES (1);
      CREATE MATERIALIZED VIEW f AS SELECT v, extract(epoch from now()) AS e FROM t;
      CREATE MATERIALIZED VIEW g AS SELECT v, extract(epoch from now()) AS e FROM t;
      CREATE MATERIALIZED VIEW only_f AS SELECT e FROM f;
      CREATE MATERIALIZED VIEW all_of AS SELECT e FROM only_f UNION ALL SELECT e FROM g`);
    clock.advance(HOUR_MS);
    await db.exec("REFRESH MATERIALIZED VIEW all_of");
    assertEquals((await db.query("SELECT e FROM only_f")).column("e"), [clock.now() / 1000]);
    assertEquals(
      new Set((await db.query("SELECT e FROM all_of")).column("e")),
      new Set([clock.now() / 1000]),
    );
  });
});
