/** Snapshots of the edge example without a runtime: what is written, what comes back. */
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { DatabaseObject } from "../../../examples/edge/database_object.ts";
import { SqliteStorage } from "./sqlite_storage.ts";

const START = Date.UTC(2024, 4, 1);

function open(storage: SqliteStorage, clock = new ManualClock(START)): Promise<DatabaseObject> {
  return DatabaseObject.open(storage, { clock });
}

async function rows(object: DatabaseObject, sql: string): Promise<unknown[][]> {
  return (await object.db.query(sql, { exact: true })).rows();
}

describe("a snapshot", () => {
  it("gives every type back", async () => {
    const storage = new SqliteStorage();
    const before = await open(storage);
    await before.db.exec(`
      CREATE TABLE every (
        id INTEGER PRIMARY KEY, b BOOLEAN, s SMALLINT, n BIGINT, d DECIMAL(30,4), w NUMERIC, r REAL, f DOUBLE,
        t TEXT NOT NULL DEFAULT '', v VARCHAR(4), day DATE, tod TIME, ts TIMESTAMP, tz TIMESTAMPTZ, span INTERVAL,
        j JSON, a INTEGER[], twice BIGINT GENERATED ALWAYS AS (id * 2) STORED
      );
      INSERT INTO every VALUES
        (1, true, -3, 9223372036854775807, 12345678901234567890.1234, 1.50, 0.1, 'NaN', 'ü''"', 'abcd', '2024-02-29',
          '23:59:59.999999', '1969-12-31 23:59:59.999999', '2024-05-01 12:00:00+02', '1 month -2 days 00:00:00.5',
          '{"k": [1, null]}', ARRAY[1, NULL, 3]),
        (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`);
    await before.snapshot();
    const after = await open(storage);
    const sql = "SELECT * FROM every ORDER BY id";
    assertEquals(await rows(after, sql), await rows(before, sql));
    assertEquals(await rows(after, "SELECT w::text, span::text FROM every WHERE id = 1"), [
      ["1.50", "1 mon -2 days +00:00:00.5"],
    ]);
  });

  it("keeps views, indexes, keys and where identities are", async () => {
    const storage = new SqliteStorage();
    const before = await open(storage);
    await before.db.exec(`
      CREATE TABLE sale (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region TEXT, price DECIMAL(15,2));
      CREATE INDEX sale_region ON sale (region);
      CREATE MATERIALIZED VIEW totals AS SELECT region, sum(price) AS s FROM sale GROUP BY region;
      CREATE VIEW top AS SELECT region FROM totals ORDER BY s DESC LIMIT 1;
      CREATE TABLE gone (v INTEGER);
      DROP TABLE gone`);
    await before.db.query(
      "INSERT INTO sale (region, price) VALUES ('north', 9.5), ('south', 3), ('south', 8)",
    );
    await before.snapshot();
    const after = await open(storage);
    assertEquals(await rows(after, "SELECT * FROM top"), [["south"]]);
    await after.db.query("INSERT INTO sale (region, price) VALUES ('north', 10)");
    assertEquals(await rows(after, "SELECT max(id)::int FROM sale"), [[4]]);
    assertEquals(await rows(after, "SELECT * FROM top"), [["north"]]);
    assertEquals(after.db.catalog.relation("gone"), undefined);
    await assertRejects(() => after.db.query("INSERT INTO sale OVERRIDING SYSTEM VALUE VALUES (1, 'x', 1)"));
  });

  it("cuts what is larger than a value of the storage", async () => {
    const storage = new SqliteStorage();
    const before = await open(storage);
    await before.db.exec("CREATE TABLE big (id INTEGER, note TEXT)");
    const note = Array.from({ length: 40_000 }, (_, i) => `note number ${i} ${"x".repeat(60)}`);
    await before.db.insert("big", { id: note.map((_, i) => i), note });
    await before.snapshot();
    assert(before.storedBytes() > 3_000_000);
    const after = await open(storage);
    const sql = "SELECT count(*), sum(id), max(note), count(DISTINCT note) FROM big";
    assertEquals(await rows(after, sql), await rows(before, sql));
  });

  it("writes the tables that changed", async () => {
    const storage = new SqliteStorage();
    const object = await open(storage);
    await object.db.exec("CREATE TABLE a (v INTEGER); CREATE TABLE b (v INTEGER); INSERT INTO a VALUES (1)");
    await object.snapshot();
    const stored = () =>
      [...storage.sql.exec("SELECT name, row_count FROM snapshot_table ORDER BY name")].map((row) =>
        Object.values(row)
      );
    assertEquals(stored(), [["a", 1], ["b", 0]]);
    storage.sql.exec("UPDATE snapshot_table SET row_count = 99");
    await object.db.exec("INSERT INTO b VALUES (1), (2)");
    await object.snapshot();
    assertEquals(stored(), [["a", 99], ["b", 2]]);
    await object.db.exec("DROP TABLE a");
    await object.snapshot();
    assertEquals(stored(), [["b", 2]]);
  });
});

describe("alarms", () => {
  it("write a snapshot soon after a change, and at once after many", async () => {
    const clock = new ManualClock(START);
    const storage = new SqliteStorage();
    const object = await open(storage, clock);
    assertEquals(storage.alarmAt, undefined);
    await object.db.exec("CREATE TABLE t (v INTEGER)");
    assertEquals(storage.alarmAt, START + 1_000);
    clock.advance(400);
    await object.db.insert("t", [{ v: 1 }]);
    assertEquals(storage.alarmAt, START + 1_000);
    clock.advance(600);
    storage.alarmAt = undefined;
    await object.alarm();
    assertEquals(storage.alarmAt, undefined);
    assertEquals(await rows(await open(storage), "SELECT v FROM t"), [[1]]);
    await object.db.insert("t", { v: Array.from({ length: 10_000 }, (_, i) => i) });
    assertEquals(storage.alarmAt, START + 1_000);
  });

  it("refresh the views that are due", async () => {
    const clock = new ManualClock(START);
    const storage = new SqliteStorage();
    const object = await open(storage, clock);
    await object.db.exec(`CREATE TABLE t (v INTEGER);
      CREATE MATERIALIZED VIEW total WITH (interval = '5 seconds') AS SELECT sum(v) AS s FROM t`);
    await object.db.insert("t", [{ v: 2 }]);
    clock.advance(1_000);
    await object.alarm();
    assertEquals(await rows(object, "SELECT s FROM total"), [[null]]);
    assertEquals(storage.alarmAt, START + 5_000);
    clock.advance(4_000);
    await object.alarm();
    assertEquals(await rows(object, "SELECT s::int FROM total"), [[2]]);
    assertEquals(storage.alarmAt, START + 10_000);
  });

  it("write again what a snapshot that failed did not", async () => {
    const storage = new SqliteStorage();
    const object = await open(storage);
    await object.db.exec("CREATE TABLE t (v INTEGER); INSERT INTO t VALUES (1)");
    storage.failNext = true;
    await assertRejects(() => object.snapshot());
    await object.snapshot();
    assertEquals(await rows(await open(storage), "SELECT v FROM t"), [[1]]);
  });
});
