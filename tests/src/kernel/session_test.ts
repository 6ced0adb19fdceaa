import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { LiveViewError } from "../../../src/base/error.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { createDatabase, type Database } from "../../../src/kernel/database.ts";

const TABLE =
  "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER UNIQUE); INSERT INTO t VALUES (1, 10), (2, 20);";

async function contents(db: Database): Promise<unknown> {
  return (await db.query("SELECT id, v FROM t ORDER BY id")).rows();
}

async function codeOf(db: Database, sql: string): Promise<string> {
  return (await assertRejects(() => db.exec(sql), LiveViewError)).code;
}

describe("SAVEPOINT", () => {
  it("is rolled back to, and the transaction goes on", async () => {
    await using db = createDatabase();
    await db.exec(`${TABLE}
      BEGIN;
      INSERT INTO t VALUES (3, 30);
      SAVEPOINT s;
      UPDATE t SET v = v + 1; DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (4, 40);
      ROLLBACK TO SAVEPOINT s;
      INSERT INTO t VALUES (5, 20 + 30);
      COMMIT;`);
    assertEquals(await contents(db), [[1, 10], [2, 20], [3, 30], [5, 50]]);
  });

  it("stays after ROLLBACK TO, and those set after it go", async () => {
    await using db = createDatabase();
    await db.exec(
      `${TABLE} BEGIN; SAVEPOINT a; DELETE FROM t; SAVEPOINT b; ROLLBACK TO a; DELETE FROM t; ROLLBACK TO a`,
    );
    assertEquals(await contents(db), [[1, 10], [2, 20]]);
    assertEquals(await codeOf(db, "ROLLBACK TO b"), "unknown-object");
  });

  it("shadows an earlier one of its name until it is released", async () => {
    await using db = createDatabase();
    await db.exec(
      `${TABLE} BEGIN; SAVEPOINT a; UPDATE t SET v = v + 1; SAVEPOINT a; UPDATE t SET v = v + 1; ROLLBACK TO a`,
    );
    assertEquals(await contents(db), [[1, 11], [2, 21]]);
    await db.exec("RELEASE SAVEPOINT a; ROLLBACK TO a");
    assertEquals(await contents(db), [[1, 10], [2, 20]]);
  });

  it("keeps the writes after RELEASE", async () => {
    await using db = createDatabase();
    await db.exec(`${TABLE} BEGIN; SAVEPOINT a; DELETE FROM t WHERE id = 1; RELEASE a; COMMIT`);
    assertEquals(await contents(db), [[2, 20]]);
  });

  it("needs an open transaction and a known name", async () => {
    await using db = createDatabase();
    assertEquals(await codeOf(db, "SAVEPOINT a"), "transaction-closed");
    assertEquals(await codeOf(db, "RELEASE a"), "transaction-closed");
    assertEquals(await codeOf(db, "ROLLBACK TO a"), "transaction-closed");
    assertEquals(await codeOf(db, "BEGIN; SAVEPOINT a; RELEASE b"), "unknown-object");
    assertEquals(await codeOf(db, "COMMIT; BEGIN; ROLLBACK TO a"), "unknown-object");
  });

  it("restores what the table held, whatever came after", async () => {
    const random = new SeededRandom(Number(Deno.env.get("LIVEVIEW_SEED") ?? 5));
    await using db = createDatabase();
    await db.exec(`${TABLE} BEGIN`);
    const held: unknown[] = [];
    for (let step = 0; step < 60; step++) {
      const id = random.integer(1, 9);
      if (step % 10 === 0) {
        held.push(await contents(db));
        await db.exec(`SAVEPOINT s${held.length}`);
      }
      await db.exec(random.pick([
        `INSERT INTO t VALUES (${id}, ${step + 100}) ON CONFLICT (id) DO UPDATE SET v = excluded.v`,
        `DELETE FROM t WHERE id = ${id}`,
        `UPDATE t SET v = -v WHERE id < ${id}`,
      ]));
    }
    for (let i = held.length; i > 0; i -= 2) {
      await db.exec(`ROLLBACK TO s${i}`);
      assertEquals(await contents(db), held[i - 1]);
    }
  });
});

describe("SET", () => {
  it("names the way out", async () => {
    await using db = createDatabase();
    const error = await assertRejects(() => db.exec("SET TIME ZONE 'UTC'"), LiveViewError);
    assertEquals([error.code, error.hint], ["unsupported", "give timeZone and limits to createDatabase"]);
  });
});

describe("SHOW", () => {
  it("gives a setting, or all", async () => {
    await using db = createDatabase({ timeZone: "Asia/Tokyo", limits: { tasksMax: 7 } });
    assertEquals((await db.query("SHOW TIME ZONE")).rows(), [["Asia/Tokyo"]]);
    const all = (await db.query("SHOW ALL")).rows();
    assertEquals(all.filter(([name]) => name === "tasksMax"), [["tasksMax", "7"]]);
  });
});

describe("a definition with a subquery", () => {
  for (
    const sql of [
      "CREATE TABLE z (a INTEGER DEFAULT (SELECT 1))",
      "CREATE TABLE z (a INTEGER CHECK (a > (SELECT 1)))",
      "CREATE TABLE z (a INTEGER, b INTEGER GENERATED ALWAYS AS (a + (SELECT 1)) STORED)",
      "ALTER TABLE t ADD COLUMN y INTEGER DEFAULT (SELECT 1)",
      "ALTER TABLE t ALTER COLUMN v SET DEFAULT (SELECT 1)",
      "ALTER TABLE t ALTER COLUMN v TYPE TEXT USING (SELECT 'a')",
      "ALTER TABLE t ADD CONSTRAINT c CHECK (id < (SELECT 5))",
    ]
  ) {
    it(`is refused: ${sql}`, async () => {
      await using db = createDatabase();
      await db.exec(TABLE);
      assertEquals(await codeOf(db, sql), "unsupported");
    });
  }
});

describe("the session's time zone", () => {
  const MOMENT = "2024-07-01 12:00:00-04";

  async function zoned(): Promise<Database> {
    const db = createDatabase({ timeZone: "America/New_York" });
    await db.exec("CREATE TABLE e (id INTEGER PRIMARY KEY, ts TIMESTAMP, tz TIMESTAMPTZ)");
    return db;
  }

  async function moments(db: Database): Promise<unknown[]> {
    return (await db.query("SELECT DISTINCT tz::text AS tz FROM e")).column("tz");
  }

  it("holds for functions of a constant as for those of a column", async () => {
    await using db = await zoned();
    await db.exec(`INSERT INTO e VALUES (1, NULL, '${MOMENT}')`);
    const of = (at: string) => `date_trunc('day', ${at})::text, extract(hour from ${at})::text`;
    const [row] = (await db.query(`SELECT ${of(`TIMESTAMPTZ '${MOMENT}'`)}, ${of("tz")} FROM e`)).rows();
    assertEquals(row!.slice(0, 2), row!.slice(2));
  });

  it("holds for casts of a row as for casts of a column", async () => {
    await using db = await zoned();
    const casts =
      "ts::timestamptz::text AS a, tz::timestamp::text AS b, tz::date::text AS c, DATE '2024-07-01'::timestamptz::text AS d";
    const row = await db.query(
      `INSERT INTO e VALUES (1, '2024-07-01 12:00', '2024-07-01 22:00') RETURNING ${casts}`,
    );
    const column = await db.query(`SELECT ${casts} FROM e WHERE id > 0`);
    assertEquals(row.rows(), [[MOMENT, "2024-07-01 22:00:00", "2024-07-01", "2024-07-01 00:00:00-04"]]);
    assertEquals(column.rows(), row.rows());
  });

  it("holds for text in parameters, inserted rows and keyed updates", async () => {
    await using db = await zoned();
    const tz = "2024-07-01 12:00";
    await db.query("INSERT INTO e (id, tz) VALUES (1, $1)", { params: [tz] });
    await db.insert("e", [{ id: 2, tz }]);
    await db.insert("e", Array.from({ length: 20 }, (_, i) => ({ id: 10 + i, tz })));
    await db.insert("e", { id: [50], tz: [tz] });
    await db.insert("e", [{ id: 60 }]);
    await db.update("e", { id: 60, tz });
    assertEquals(await moments(db), [MOMENT]);
    const found = await db.query("SELECT count(*) AS n FROM e WHERE tz = $1", { params: [tz] });
    assertEquals(found.column("n"), [24]);
  });

  it("holds for defaults and changes of type", async () => {
    await using db = await zoned();
    await db.exec(`ALTER TABLE e ADD COLUMN at TIMESTAMPTZ DEFAULT TIMESTAMP '2024-07-01 12:00';
      INSERT INTO e (id, ts) VALUES (1, '2024-07-01 12:00');
      ALTER TABLE e ALTER COLUMN ts TYPE TIMESTAMPTZ`);
    await db.insert("e", [{ id: 2, ts: new Date(Date.UTC(2024, 6, 1, 16)) }]);
    const result = await db.query("SELECT at::text, ts::text FROM e");
    assertEquals(result.rows(), [[MOMENT, MOMENT], [MOMENT, MOMENT]]);
  });
});
