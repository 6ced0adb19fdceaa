import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { LiveViewError } from "../../../src/base/error.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { createDatabase, type Database, materializedViews, type QueryOptions } from "../../../mod.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 1);
const RUNS = 3 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(historyBytesMax = 4 * 2 ** 20): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()], limits: { historyBytesMax } });
  await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER, s TEXT)");
  return db;
}

async function rows(db: ViewDatabase, sql: string, options: QueryOptions = {}): Promise<string[]> {
  return (await db.query(sql, options)).rows().map(String).sort();
}

async function errorOf(run: () => Promise<unknown>): Promise<LiveViewError> {
  return await assertRejects(run, LiveViewError);
}

describe("AT VERSION", () => {
  it("reads a table as it was, beside the present", async () => {
    await using db = await open();
    await db.insert("t", [{ id: 1, v: 1, s: "a" }, { id: 2, v: 2, s: "b" }]);
    const { version } = db;
    await db.query("UPDATE t SET v = 10, s = 'x' WHERE id = 1");
    await db.query("DELETE FROM t WHERE id = 2");
    await db.insert("t", [{ id: 3, v: 3, s: "c" }]);
    assertEquals(await rows(db, `SELECT * FROM t AT VERSION ${version}`), ["1,1,a", "2,2,b"]);
    assertEquals(await rows(db, `SELECT * FROM t AT VERSION ${version - 1}`), []);
    assertEquals(await rows(db, `SELECT * FROM t AT VERSION ${version + 2} AS x WHERE x.id = 1`), ["1,10,x"]);
    const changed = `SELECT * FROM t EXCEPT SELECT * FROM t AT VERSION ${version}`;
    assertEquals(await rows(db, changed), ["1,10,x", "3,3,c"]);
    assertEquals(await rows(db, `SELECT n.id FROM t n JOIN t AT VERSION ${version} o USING (id)`), ["1"]);
    assertEquals(await rows(db, `SELECT v FROM t AT VERSION ${version} WHERE id = 2`), ["2"]);
  });

  it("brings deleted rows back by INSERT ... SELECT, also inside a transaction", async () => {
    await using db = await open();
    await db.insert("t", [{ id: 1, v: 1, s: "a" }]);
    const { version } = db;
    await db.query("DELETE FROM t");
    await db.transaction(async (tx) => {
      await tx.insert("t", [{ id: 2, v: 2, s: "b" }]);
      assertEquals((await tx.query(`SELECT id FROM t AT VERSION ${version}`)).rows(), [[1]]);
      assertEquals((await tx.query(`SELECT id FROM t AT VERSION ${version + 1}`)).rows(), []);
      await tx.query(`INSERT INTO t SELECT * FROM t AT VERSION ${version}`);
    });
    assertEquals(await rows(db, "SELECT id FROM t"), ["1", "2"]);
  });

  it("reaches the tables of plain views, and stored views as they were stored", async () => {
    await using db = await open();
    await db.exec(`CREATE VIEW p AS SELECT count(*) AS n FROM t;
      CREATE MATERIALIZED VIEW e AS SELECT count(*) AS n FROM t;
      CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS SELECT count(*) AS n FROM t`);
    await db.insert("t", [{ id: 1 }]);
    await db.insert("t", [{ id: 2 }]);
    await db.plugins.materializedViews.refresh("m");
    const at = (version: number) =>
      rows(
        db,
        `SELECT p.n, e.n, m.n FROM p AT VERSION ${version}, e AT VERSION ${version}, m AT VERSION ${version}`,
      );
    const { version } = db;
    assertEquals([await at(version), await at(version - 1), await at(version - 2)], [["2,2,2"], ["2,2,0"], [
      "1,1,0",
    ]]);
  });

  it("names the oldest version that is there", async () => {
    await using db = await open();
    await db.insert("t", [{ id: 1, v: 1 }]);
    const created = db.version - 1;
    for (const version of [created - 1, db.version + 1]) {
      if (version < 0) continue;
      const error = await errorOf(() => db.query(`SELECT * FROM t AT VERSION ${version}`));
      assertEquals([error.code, error.details["oldestVersion"], error.details["newestVersion"]], [
        "version-unavailable",
        created,
        db.version,
      ]);
    }
    await db.exec("ALTER TABLE t ADD COLUMN w INTEGER");
    const error = await errorOf(() => db.query(`SELECT * FROM t AT VERSION ${db.version - 1}`));
    assertEquals(error.details["oldestVersion"], db.version);
    assertEquals(await rows(db, `SELECT id FROM t AT VERSION ${db.version}`), ["1"]);
  });

  it("ends at a new key, since plans rely on keys", async () => {
    await using db = await open();
    await db.exec("CREATE TABLE u (x INTEGER); INSERT INTO u VALUES (1), (1)");
    const { version } = db;
    await db.exec("DELETE FROM u; CREATE UNIQUE INDEX u_x ON u (x); INSERT INTO u VALUES (1)");
    assertEquals(
      (await errorOf(() => db.query(`SELECT x FROM u AT VERSION ${version}`))).code,
      "version-unavailable",
    );
  });

  it("keeps commits up to historyBytesMax", async () => {
    await using none = await open(0);
    await none.insert("t", [{ id: 1, v: 1 }]);
    assertEquals(await rows(none, `SELECT id FROM t AT VERSION ${none.version}`), ["1"]);
    assertEquals(
      (await errorOf(() => none.query(`SELECT id FROM t AT VERSION ${none.version - 1}`))).code,
      "version-unavailable",
    );
    await using few = await open(10_000);
    for (let id = 0; id < 200; id++) await few.insert("t", [{ id, v: 1 }]);
    assert((few.metrics().get("history_bytes") ?? 0) <= 10_000);
    const { version } = few;
    assertEquals(await rows(few, `SELECT count(*) FROM t AT VERSION ${version - 5}`), ["195"]);
    assertEquals(
      (await errorOf(() => few.query(`SELECT id FROM t AT VERSION ${version - 150}`))).code,
      "version-unavailable",
    );
    await few.exec("DROP TABLE t");
    assertEquals(few.metrics().get("history_bytes"), 0);
  });

  it("does not stand in maintained queries, at common tables and at system tables", async () => {
    await using db = await open();
    const maintained = `SELECT * FROM t AT VERSION ${db.version}`;
    const view = `CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n WHERE EXISTS (${maintained})`;
    assertEquals((await errorOf(() => db.exec(view))).code, "unsupported");
    assertEquals(assertThrows(() => db.subscribe(maintained), LiveViewError).code, "unsupported");
    const refused: Readonly<Record<string, string>> = {
      "WITH x AS (SELECT 1) SELECT * FROM x AT VERSION 0": "invalid-statement",
      "SELECT * FROM liveview.views AT VERSION 0": "unsupported",
      "SELECT * FROM t AT VERSION 1.5": "syntax-error",
      "SELECT * FROM t AT VERSION": "syntax-error",
    };
    for (const [sql, code] of Object.entries(refused)) {
      assertEquals((await errorOf(() => db.query(sql))).code, code, sql);
    }
    assertEquals(await rows(db, "SELECT at.id FROM t at"), []);
  });

  it("can be written as AST and shows in EXPLAIN", async () => {
    await using db = await open();
    const text = (await db.explain(`SELECT id FROM t AT VERSION ${db.version}`)).toString();
    assert(text.includes(`${db.version}`), text);
  });
});

describe("option atVersion", () => {
  it("is for all tables and views of a query", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW e AS SELECT count(*) AS n FROM t");
    await db.insert("t", [{ id: 1, v: 1 }]);
    const { version } = db;
    await db.insert("t", [{ id: 2, v: 2 }]);
    const sql = "SELECT n, (SELECT max(id) FROM t) FROM e";
    const past = await db.query(sql, { atVersion: version });
    assertEquals([past.rows(), past.version], [[[1, 1]], version]);
    assertEquals(await rows(db, sql), ["2,2"]);
    assertEquals(await rows(db, "SELECT v FROM t WHERE id = 2", { atVersion: version }), []);
    const both = `SELECT a.n, b.n FROM e a, e AT VERSION ${version + 1} b`;
    assertEquals(await rows(db, both, { atVersion: version }), ["1,2"]);
  });

  it("is refused for writes, with a greater minVersion, and for what has not been", async () => {
    await using db = await open();
    await db.insert("t", [{ id: 1, v: 1 }]);
    const { version } = db;
    const codes = [
      await errorOf(() => db.query("DELETE FROM t", { atVersion: version })),
      await errorOf(() => db.query("SELECT 1", { atVersion: version - 1, minVersion: version })),
      await errorOf(() => db.query("SELECT id FROM t", { atVersion: version + 1 })),
      await errorOf(() => db.query("SELECT id FROM t", { atVersion: NaN })),
    ].map((error) => error.code);
    assertEquals(codes, [
      "invalid-parameter",
      "invalid-parameter",
      "version-unavailable",
      "version-unavailable",
    ]);
  });
});

describe("every version", () => {
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    it(`is as it was, whatever came after it (seed ${seed})`, async () => {
      const random = new SeededRandom(seed);
      const pick = (count: number) => Math.floor(random.next() * count);
      await using db = await open();
      await db.exec(`CREATE TABLE bag (a INTEGER, b TEXT);
        CREATE MATERIALIZED VIEW g AS SELECT v % 7 AS k, count(*) AS n, sum(v) AS total FROM t GROUP BY 1`);
      const relations = ["t", "bag", "g"];
      const known = new Map<string, readonly string[]>();
      const note = async () => {
        for (const name of relations) {
          known.set(`${name} AT VERSION ${db.version}`, await rows(db, `SELECT * FROM ${name}`));
        }
      };
      const change = async (on: Pick<ViewDatabase, "query">) => {
        const from = pick(400);
        const statements = [
          `INSERT INTO t SELECT i, i * 3, 's' || i FROM generate_series(${from}, ${from + pick(60)}) AS x(i)
             ON CONFLICT (id) DO UPDATE SET v = excluded.v + 1, s = 'again'`,
          `UPDATE t SET v = v + 1 WHERE id BETWEEN ${from} AND ${from + 20}`,
          `UPDATE t SET s = 'text ${pick(1e6)}' WHERE id % 5 = ${pick(5)}`,
          `DELETE FROM t WHERE id BETWEEN ${from} AND ${from + 80}`,
          `INSERT INTO bag SELECT i % 3, NULL FROM generate_series(1, ${1 + pick(20)}) AS x(i)`,
          `DELETE FROM bag WHERE a = ${pick(3)}`,
          ...(pick(10) === 0 ? ["TRUNCATE t"] : []),
        ];
        await on.query(statements[pick(statements.length)]!);
      };
      await note();
      for (let step = 0; step < 40; step++) {
        if (pick(4) > 0) await change(db);
        else {
          await db.transaction(async (tx) => {
            for (let i = pick(5); i >= 0; i--) await change(tx);
            if (pick(3) === 0) throw new LiveViewError("aborted", "undone");
          }).catch(() => {});
        }
        await note();
      }
      const check = async () => {
        for (const [relation, expected] of known) {
          assertEquals(await rows(db, `SELECT * FROM ${relation}`), expected, relation);
        }
      };
      await check();
      await db.transaction(async (tx) => {
        await change(tx);
        await change(tx);
        await check();
      });
    });
  }
});
