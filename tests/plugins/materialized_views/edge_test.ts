/**
 * Views where two things happen at once, or input is of the wrong kind.
 */
import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { createDatabase, materializedViews, QueryError } from "../../../mod.ts";

function open(clock = new ManualClock(Date.UTC(2024, 0, 1))) {
  return createDatabase({ clock, plugins: [materializedViews()] });
}

describe("views", () => {
  it("apply large updates from the log", async () => {
    await using db = open();
    await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER)");
    await db.insert("t", Array.from({ length: 5_000 }, (_, id) => ({ id, k: id % 7, v: id })));
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = 'manual', refresh_mode = 'incremental') AS
      SELECT k, count(*) AS n, sum(v) AS s FROM t GROUP BY k`);
    await db.exec("UPDATE t SET v = v + 1; UPDATE t SET k = k WHERE id < 9; DELETE FROM t WHERE id % 3 = 0");
    await db.plugins.materializedViews.refresh("m");
    await db.transaction(async (tx) => {
      await tx.query("DELETE FROM t WHERE id = 1");
      await tx.insert("t", Array.from({ length: 5_000 }, (_, id) => ({ id: id + 10_000, k: id % 5, v: 1 })));
    });
    await db.plugins.materializedViews.refresh("m");
    assertEquals(db.plugins.materializedViews.history("m").at(-1)?.mode, "incremental");
    const difference = "SELECT k, count(*) AS n, sum(v) AS s FROM t GROUP BY k EXCEPT SELECT * FROM m";
    assertEquals((await db.query(difference)).rowCount, 0);
  });

  it("are not made when a query without operators fails", async () => {
    await using db = open();
    await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
    const create = () =>
      db.exec("CREATE MATERIALIZED VIEW r AS SELECT 1 / (id - 1) AS q FROM t WHERE random() < 2");
    assertEquals((await assertRejects(create, QueryError)).code, "division-by-zero");
    assertEquals(db.plugins.materializedViews.circuit().operators, []);
    await db.exec("UPDATE t SET id = 3");
    await create();
  });

  it("move once for queries that come together", async () => {
    const clock = new ManualClock(Date.UTC(2024, 0, 1));
    await using db = open(clock);
    await db.exec(`CREATE TABLE e (at TIMESTAMPTZ); INSERT INTO e VALUES ('2024-01-01 00:00:00+00');
      CREATE MATERIALIZED VIEW recent AS SELECT at FROM e WHERE at > now() - interval '1 hour'`);
    clock.advance(3_600_000);
    const answers = await Promise.all([1, 2, 3].map(() => db.query("SELECT count(*) AS n FROM recent")));
    assertEquals(answers.map((answer) => answer.objects()), [[{ n: 0 }], [{ n: 0 }], [{ n: 0 }]]);
  });

  it("leave plain views to the kernel", async () => {
    await using db = open();
    await db.exec("CREATE TABLE t (id INTEGER); CREATE VIEW p AS SELECT id FROM t; ALTER VIEW p RENAME TO q");
    assertEquals((await db.query("SELECT * FROM q")).rowCount, 0);
  });

  it("refuse properties of the wrong kind", async () => {
    await using db = open();
    await db.exec("CREATE TABLE t (at DATE)");
    const query = "SELECT at FROM t";
    // What callers without types may pass.
    const wrong = [{ retention: 5 }, { retention: "1 day", retentionColumn: 5 }] as unknown as {
      retention: string;
    }[];
    for (const properties of wrong) {
      const error = await assertRejects(
        () => db.plugins.materializedViews.create({ name: "x", query, ...properties }),
        QueryError,
      );
      assertEquals(error.code, "invalid-parameter");
    }
  });

  it("show the rows that they leave out", async () => {
    await using db = open();
    await db.exec(`CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (0), (2);
      CREATE MATERIALIZED VIEW q WITH (on_error = 'quarantine') AS SELECT 4 / id AS v FROM t`);
    const errors = await db.query("SELECT * FROM liveview.view_errors");
    const [row] = errors.objects();
    assertEquals([row?.view, row?.code, row?.count, typeof row?.since_version], [
      "q",
      "division-by-zero",
      1,
      "number",
    ]);
  });
});
