import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { LiveViewError } from "../../../src/base/error.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()], clock: new ManualClock() });
  await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER, note TEXT);
    INSERT INTO t SELECT i, i % 10, i, 'n' || i FROM generate_series(1, 100) AS x(i)`);
  return db;
}

async function rows(db: ViewDatabase, sql: string): Promise<string[]> {
  return (await db.query(sql)).rows().map(String).sort();
}

async function refused(db: ViewDatabase, sql: string): Promise<unknown> {
  const error = await assertRejects(() => db.exec(sql), LiveViewError);
  assertEquals(error.code, "dependent-objects", sql);
  const dependents = error.details["dependents"];
  assert(Array.isArray(dependents) && dependents.every((name) => error.message.includes(String(name))));
  return dependents.toSorted();
}

const GROUPS = "SELECT k, sum(v) AS total FROM t GROUP BY k";

describe("CREATE OR REPLACE over a view that others read", () => {
  const READERS = `CREATE MATERIALIZED VIEW big AS SELECT k FROM m WHERE total > 400;
    CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM big;
    CREATE MATERIALIZED VIEW joined AS SELECT m.k, t.id FROM m JOIN t USING (k) WHERE t.v = m.total - 400;
    CREATE MATERIALIZED VIEW one AS SELECT total FROM m WHERE k = 3;
    CREATE MATERIALIZED VIEW late WITH (refresh = manual) AS SELECT max(total) AS x FROM m;
    CREATE MATERIALIZED VIEW later WITH (refresh = manual) AS SELECT n, x FROM counted, late;
    CREATE VIEW plain AS SELECT k AS key FROM m`;
  const QUERIES: Readonly<Record<string, string>> = {
    big: "SELECT k FROM m WHERE total > 400",
    counted: "SELECT count(*) AS n FROM m WHERE total > 400",
    joined: "SELECT m.k, t.id FROM m JOIN t USING (k) WHERE t.v = m.total - 400",
    one: "SELECT total FROM m WHERE k = 3",
    late: "SELECT max(total) AS x FROM m",
    later: "SELECT (SELECT count(*) FROM m WHERE total > 400), max(total) FROM m",
    plain: "SELECT k FROM m",
  };

  async function check(db: ViewDatabase): Promise<void> {
    for (const [name, query] of Object.entries(QUERIES)) {
      assertEquals(await rows(db, `SELECT * FROM ${name}`), await rows(db, query), name);
    }
  }

  it("brings them up to date in the same transaction, and they follow the new one", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW m AS ${GROUPS}; ${READERS}`);
    await check(db);
    for (
      const query of [
        `${GROUPS} HAVING sum(v) > 430`,
        "SELECT 1 AS extra, max(v) * 10::bigint AS total, k FROM t GROUP BY k",
        `WITH other AS (SELECT k + 1 AS k, total + 7 AS total FROM (${GROUPS}) g) SELECT * FROM other`,
      ]
    ) {
      const { version } = db;
      await db.exec(`CREATE OR REPLACE MATERIALIZED VIEW m AS ${query}`);
      assertEquals(db.version, version + 1);
      await check(db);
      await db.query("UPDATE t SET v = v + 11 WHERE id % 7 = 3");
      await db.query("DELETE FROM t WHERE id % 9 = 2");
      await db.plugins.materializedViews.refresh("later");
      await check(db);
    }
    assertEquals(db.memory().tables.filter(({ name }) => name.includes("replaced")), []);
  });

  it("brings views of their own time up to date too", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS ${GROUPS};
      CREATE MATERIALIZED VIEW a WITH (refresh = manual) AS SELECT sum(total) AS s FROM m;
      CREATE MATERIALIZED VIEW b WITH (refresh = manual) AS SELECT s + 1 AS s FROM a`);
    await db.query("UPDATE t SET v = v + 1");
    await db.exec(`CREATE OR REPLACE MATERIALIZED VIEW m WITH (refresh = manual) AS ${GROUPS} HAVING k > 3`);
    const expected = await rows(db, "SELECT sum(v) + 1 FROM t WHERE k > 3");
    assertEquals(await rows(db, "SELECT s FROM b"), expected);
    await db.query("UPDATE t SET v = v + 1");
    await db.plugins.materializedViews.refresh("b");
    assertEquals(await rows(db, "SELECT s FROM b"), await rows(db, "SELECT sum(v) + 1 FROM t WHERE k > 3"));
  });

  it("is refused with what would break, and then nothing has changed", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW m AS ${GROUPS}; ${READERS}`);
    const replace = (query: string) => refused(db, `CREATE OR REPLACE MATERIALIZED VIEW m AS ${query}`);
    const fewer = await replace("SELECT k FROM t GROUP BY k");
    assertEquals(fewer, ["big", "counted", "joined", "late", "later", "one"]);
    const asText = await replace("SELECT sum(v) AS total, k::text AS k FROM t GROUP BY k");
    assertEquals(asText, ["big", "counted", "joined", "later", "one", "plain"]);
    await refused(db, `CREATE OR REPLACE MATERIALIZED VIEW m WITH (refresh = manual) AS ${GROUPS}`);
    await refused(db, `CREATE OR REPLACE MATERIALIZED VIEW m AS ${GROUPS} WITH NO DATA`);
    const circle = "CREATE OR REPLACE MATERIALIZED VIEW m AS SELECT k, 1::bigint AS total FROM big";
    assertEquals((await assertRejects(() => db.exec(circle), LiveViewError)).code, "circular-definition");
    await db.query("UPDATE t SET v = v + 1");
    await db.plugins.materializedViews.refresh("later");
    await check(db);
  });

  it("leaves everything as it was when a reader cannot take the new contents", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW m AS ${GROUPS};
      CREATE MATERIALIZED VIEW inverse AS SELECT k, 1000 / total AS x FROM m;
      CREATE MATERIALIZED VIEW late WITH (refresh = manual) AS SELECT 1000 / total AS x FROM m`);
    const before = await rows(db, "SELECT * FROM inverse");
    for (const zero of ["SELECT k, sum(v) - sum(v) AS total FROM t GROUP BY k"]) {
      const sql = `CREATE OR REPLACE MATERIALIZED VIEW m AS ${zero}`;
      assertEquals((await assertRejects(() => db.exec(sql), LiveViewError)).code, "division-by-zero");
    }
    assertEquals(await rows(db, "SELECT * FROM inverse"), before);
    await db.query("UPDATE t SET v = v + 1");
    assertEquals(await rows(db, "SELECT * FROM m"), await rows(db, GROUPS));
    assertEquals(await rows(db, "SELECT * FROM inverse"), await rows(db, "SELECT k, 1000 / total FROM m"));
    await db.exec("DROP MATERIALIZED VIEW inverse");
    await assertRejects(
      () =>
        db.exec(
          "CREATE OR REPLACE MATERIALIZED VIEW m AS SELECT k, sum(v) - sum(v) AS total FROM t GROUP BY k",
        ),
      LiveViewError,
    );
    await db.exec("DROP MATERIALIZED VIEW late");
    assertEquals(await rows(db, "SELECT * FROM m"), await rows(db, GROUPS));
  });

  it("keeps the state of the sub-plans that stay: another HAVING does not read the table again", async () => {
    await using db = await open();
    await db.exec("INSERT INTO t SELECT i, i % 10, i FROM generate_series(1000, 20000) AS x(i)");
    await db.exec(`CREATE MATERIALIZED VIEW m AS ${GROUPS} HAVING sum(v) > 0`);
    const examined = () =>
      db.plugins.materializedViews.circuit().operators.reduce(
        (sum, { examinedRows }) => sum + examinedRows,
        0,
      );
    const before = examined();
    await db.exec(`CREATE OR REPLACE MATERIALIZED VIEW m AS ${GROUPS} HAVING sum(v) > 100`);
    assert(examined() - before < 200, `${examined() - before} rows`);
    assertEquals(await rows(db, "SELECT * FROM m"), await rows(db, GROUPS));
    await db.query("UPDATE t SET v = v + 1 WHERE id = 5");
    assertEquals(await rows(db, "SELECT * FROM m"), await rows(db, GROUPS));
  });
});

describe("a change of a table that views read", () => {
  const VIEWS = `CREATE MATERIALIZED VIEW sums AS ${GROUPS};
    CREATE MATERIALIZED VIEW top AS SELECT max(total) AS x FROM sums;
    CREATE MATERIALIZED VIEW late WITH (refresh = manual) AS SELECT count(*) AS n FROM t WHERE v > 50;
    CREATE VIEW plain AS SELECT k FROM t; CREATE VIEW above AS SELECT k AS key FROM plain`;

  it("names all that would break, and nothing else, before it is applied", async () => {
    await using db = await open();
    await db.exec(VIEWS);
    const all = ["above", "late", "plain", "sums", "top"];
    const expected: Readonly<Record<string, readonly string[]>> = {
      "DROP TABLE t": all,
      "ALTER TABLE t RENAME TO u": all,
      "ALTER TABLE t DROP COLUMN v": ["late", "sums", "top"],
      "ALTER TABLE t RENAME COLUMN k TO kk": ["above", "plain", "sums", "top"],
      "ALTER TABLE t ALTER COLUMN v TYPE DOUBLE PRECISION": ["sums", "top"],
      "ALTER TABLE t ADD COLUMN added INTEGER, DROP COLUMN k": ["above", "plain", "sums", "top"],
    };
    for (const [sql, dependents] of Object.entries(expected)) {
      assertEquals(await refused(db, sql), dependents, sql);
    }
    assertEquals((await db.query("SELECT * FROM t LIMIT 1")).columns.map(({ name }) => name), [
      "id",
      "k",
      "v",
      "note",
    ]);
  });

  it("leaves alone what does not use the column", async () => {
    await using db = await open();
    await db.exec(`${VIEWS}; CREATE MATERIALIZED VIEW every AS SELECT * FROM (SELECT k, v FROM t) x`);
    const check = async () => {
      await db.query("UPDATE t SET v = v + 3 WHERE id % 3 = 0");
      await db.plugins.materializedViews.refresh("late");
      assertEquals(await rows(db, "SELECT * FROM sums"), await rows(db, GROUPS));
      assertEquals(await rows(db, "SELECT * FROM every"), await rows(db, "SELECT k, v FROM t"));
      assertEquals(
        await rows(db, "SELECT * FROM late"),
        await rows(db, "SELECT count(*) FROM t WHERE v > 50"),
      );
    };
    await db.exec("ALTER TABLE t RENAME COLUMN note TO remark");
    await check();
    await db.exec("ALTER TABLE t DROP COLUMN remark");
    await check();
    await db.exec("ALTER TABLE t ADD COLUMN more INTEGER DEFAULT 4");
    await check();
    await db.exec("ALTER TABLE t ALTER COLUMN id TYPE BIGINT");
    await check();
  });

  it("drops with CASCADE what would break, and nothing else", async () => {
    await using db = await open();
    await db.exec(`${VIEWS}; CREATE MATERIALIZED VIEW keys AS SELECT DISTINCT k FROM t`);
    await db.exec("ALTER TABLE t DROP COLUMN v CASCADE");
    assertEquals(db.plugins.materializedViews.names(), ["keys"]);
    await db.insert("t", [{ id: 700, k: 77 }]);
    assertEquals(await rows(db, "SELECT * FROM keys"), await rows(db, "SELECT DISTINCT k FROM t"));
    assertEquals(await rows(db, "SELECT count(*) FROM above"), ["101"]);
    await db.exec("CREATE MATERIALIZED VIEW again AS SELECT count(*) AS n FROM above; DROP TABLE t CASCADE");
    assertEquals([db.plugins.materializedViews.names(), db.catalog.relationNames().includes("above")], [
      [],
      false,
    ]);
  });

  it("ADD COLUMN breaks none, not even SELECT *, before or after another column goes", async () => {
    await using db = await open();
    await db.exec(`CREATE TABLE u (gone INTEGER, id INTEGER); INSERT INTO u VALUES (9, 1), (9, 2);
      CREATE MATERIALIZED VIEW star AS SELECT t.*, u.id AS other FROM t JOIN u ON u.id = t.id;
      CREATE MATERIALIZED VIEW late WITH (refresh = manual) AS SELECT * FROM t`);
    await db.exec("ALTER TABLE t ADD COLUMN w INTEGER; ALTER TABLE u DROP COLUMN gone");
    await db.insert("t", [{ id: 500, k: 1, v: 5, w: 3 }]);
    await db.insert("u", [{ id: 500 }]);
    await db.plugins.materializedViews.refresh("late");
    assertEquals(await rows(db, "SELECT * FROM star WHERE other = 500"), ["500,1,5,,500"]);
    assertEquals(await rows(db, "SELECT * FROM late WHERE id = 500"), ["500,1,5,"]);
    await db.exec("ALTER TABLE t DROP COLUMN w");
    await db.query("UPDATE t SET v = 6 WHERE id = 500");
    assertEquals(await rows(db, "SELECT v FROM star WHERE other = 500"), ["6"]);
  });

  it("that takes NOT NULL or a key away makes views plan anew", async () => {
    await using db = await open();
    await db.exec(`CREATE TABLE n (id INTEGER, x INTEGER NOT NULL); CREATE UNIQUE INDEX n_id ON n (id);
      INSERT INTO n VALUES (1, 1);
      CREATE MATERIALIZED VIEW c AS SELECT count(x) AS n, count(*) AS all_rows FROM n;
      CREATE MATERIALIZED VIEW d AS SELECT DISTINCT id FROM n`);
    await db.exec("ALTER TABLE n ALTER COLUMN x DROP NOT NULL; DROP INDEX n_id");
    await db.exec("INSERT INTO n VALUES (1, NULL), (2, NULL)");
    assertEquals(await rows(db, "SELECT * FROM c"), ["1,3"]);
    assertEquals(await rows(db, "SELECT * FROM d"), ["1", "2"]);
  });
});
