import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import { createDatabase, LiveViewError, materializedViews } from "../../../../mod.ts";
import { requireMaintainedView } from "../../../support/maintained_changes.ts";
import { changeTables, createTables, multiset } from "./join_tables.ts";

/** Each over tables, filtered tables and groups: found by an index and arranged. */
const VIEWS: Readonly<Record<string, string>> = {
  left: "SELECT a.id, b.id AS b, b.t FROM a LEFT JOIN b ON a.k = b.k",
  left_filtered: "SELECT a.id, b.id AS b FROM a LEFT JOIN b ON a.k = b.k AND b.v > 6",
  left_of_filtered: "SELECT x.id, b.id AS b FROM (SELECT * FROM a WHERE v > 3) x LEFT JOIN b ON x.k = b.k",
  left_to_key: "SELECT a.id, b.v FROM a LEFT JOIN b ON a.v = b.id",
  left_two_keys: "SELECT a.id, b.id AS b FROM a LEFT JOIN b ON a.v = b.v AND a.k = b.k",
  left_groups: "SELECT a.id, g.n FROM a LEFT JOIN (SELECT k, count(*) AS n FROM b GROUP BY k) g ON g.k = a.k",
  groups_left:
    "SELECT g.k, g.n, b.id FROM (SELECT k, count(*) AS n FROM a GROUP BY k) g LEFT JOIN b ON g.k = b.k",
  left_expressions: "SELECT a.id, b.id AS b FROM a LEFT JOIN b ON a.k + 1 = b.v",
  left_widths: "SELECT a.id, b.id AS b FROM a LEFT JOIN b ON a.wide = b.k",
  left_always: "SELECT a.id, g.n FROM a LEFT JOIN (SELECT max(v) AS n FROM b HAVING max(v) > 10) g ON true",
  right: "SELECT a.id, b.id AS b, b.t FROM a RIGHT JOIN b ON a.k = b.k",
  full: "SELECT a.id, b.id AS b FROM a FULL JOIN b ON a.k = b.k",
  full_groups: `SELECT g.k, g.n, h.m FROM (SELECT k, count(*) AS n FROM a GROUP BY k) g
     FULL JOIN (SELECT v, count(*) AS m FROM b GROUP BY v) h ON g.k = h.v`,
  full_duplicates: "SELECT x.k, y.v FROM (SELECT k FROM a) x FULL JOIN (SELECT k, v FROM b) y ON x.k = y.k",
  full_texts: "SELECT a.id, b.id AS b FROM a FULL JOIN b ON a.t = b.t",
  semi: "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k)",
  semi_filtered: "SELECT id FROM a WHERE v > 2 AND k IN (SELECT k FROM b WHERE v > 6)",
  semi_always: "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE v = 11)",
  anti: "SELECT id, t FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.k = a.k)",
  anti_doubles: "SELECT id, d FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.d = a.d)",
  mark: "SELECT id, EXISTS (SELECT 1 FROM b WHERE b.v = a.v) AS found FROM a",
  mark_of_keys: "SELECT id, id IN (SELECT id FROM b) AS found FROM a",
  not_in: "SELECT id FROM a WHERE k NOT IN (SELECT k FROM b WHERE v > 9)",
  not_in_shown: "SELECT id, k IN (SELECT k FROM b WHERE v > 9) AS found FROM a",
  not_in_groups:
    "SELECT s, s IN (SELECT v FROM b WHERE id > 30) AS f FROM (SELECT sum(v) AS s FROM a GROUP BY k) x",
  single: "SELECT id, v - (SELECT avg(v) FROM b) AS off FROM a",
  single_keyed: "SELECT id, (SELECT b.v FROM b WHERE b.id = a.k) AS other FROM a",
  correlated: "SELECT id, (SELECT count(*) FROM b WHERE b.k = a.k) AS n FROM a",
  null_is_key:
    "SELECT a.id, g.n FROM a LEFT JOIN (SELECT k, count(*) AS n FROM b GROUP BY k) g ON g.k IS NOT DISTINCT FROM a.k",
  self: "SELECT x.id, y.id AS y FROM a x LEFT JOIN a y ON x.k = y.v",
  chain: "SELECT a.id, b.id AS b, c.id AS c FROM a LEFT JOIN b ON a.k = b.k LEFT JOIN a c ON c.v = b.v",
};

describe("MatchJoinNode", () => {
  for (const [name, sql] of Object.entries(VIEWS)) {
    it(`maintains ${name.replaceAll("_", " ")}`, async () => {
      const seed = Number(process.env["LIVEVIEW_SEED"] ?? 5);
      const random = new SeededRandom(seed);
      await using db = await createTables(30, random);
      const tables = ["a", "b"];
      const change = (count: number) => changeTables(db, random, count);
      await requireMaintainedView(db, sql, { random, seed, tables, change });
    });
  }

  it("fails when a subquery as a value finds a second row", async () => {
    await using db = createDatabase({ plugins: [materializedViews()] });
    await db.exec("CREATE TABLE a (id INTEGER, k INTEGER); CREATE TABLE b (k INTEGER, v INTEGER)");
    await db.exec("INSERT INTO a VALUES (1, 1), (2, 2); INSERT INTO b VALUES (1, 10), (3, 1), (3, 2)");
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT id, (SELECT v FROM b WHERE b.k = a.k) AS v FROM a");
    const failing = async (sql: string): Promise<void> => {
      const error = await assertRejects(() => db.exec(sql), LiveViewError);
      assertEquals(error.code, "cardinality-violation");
    };
    await failing("INSERT INTO b VALUES (1, 11)");
    await failing("UPDATE a SET k = 3 WHERE id = 2");
    await db.exec("INSERT INTO b VALUES (2, 12)");
    assertEquals(await multiset(db, "SELECT * FROM m"), ['["1","10"]', '["2","12"]']);
  });
});

describe("memory of joins by keys", () => {
  for (
    const [name, sql] of Object.entries({
      counted: "SELECT a.id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.v > 0)",
      looked_up: "SELECT a.id, b.id AS b FROM a LEFT JOIN b ON a.k = b.k",
      not_in: "SELECT a.id FROM a WHERE k NOT IN (SELECT k FROM b WHERE v > 0)",
    })
  ) {
    it(`comes back after many rows, ${name.replaceAll("_", " ")}`, async () => {
      await using db = createDatabase({ plugins: [materializedViews()] });
      await db.exec(
        "CREATE TABLE a (id INTEGER, k INTEGER); CREATE TABLE b (id INTEGER, k INTEGER, v INTEGER)",
      );
      await db.exec("INSERT INTO a VALUES (1, 3), (2, 70000), (3, NULL)");
      await db.exec(`CREATE MATERIALIZED VIEW m AS ${sql}`);
      const status = () => db.plugins.materializedViews.status("m");
      // More rows than scratch arrays are kept for.
      const rows = Array.from({ length: 70_000 }, (_, id) => ({ id, k: id * 3, v: 1 }));
      const bytes: number[] = [];
      for (let round = 0; round < 2; round++) {
        await db.insert("b", rows);
        assertEquals(await multiset(db, "SELECT * FROM m"), await multiset(db, sql));
        await db.exec("DELETE FROM b WHERE k > 10");
        assertEquals(await multiset(db, "SELECT * FROM m"), await multiset(db, sql));
        await db.exec("DELETE FROM b");
        bytes.push(status().stateBytes);
      }
      assertEquals(bytes[0], bytes[1]);
      assert(bytes[0]! < 65_536, `${bytes[0]} bytes`);
    });
  }
});

/** Rows that a view looks at for one-row changes of both tables, and its state before and after. */
async function workOf(sql: string, size: number): Promise<{ examined: number; state: readonly number[] }> {
  await using db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`CREATE TABLE a (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER);
     CREATE TABLE b (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER)`);
  // One key of b has a tenth of all rows.
  await db.insert("a", Array.from({ length: size }, (_, id) => ({ id, k: id, v: id % 7 })));
  await db.insert(
    "b",
    Array.from({ length: size }, (_, id) => ({ id, k: id % 10 === 0 ? 0 : 2 * id, v: id % 5 })),
  );
  await db.exec(`CREATE MATERIALIZED VIEW m AS ${sql}`);
  const status = () => db.plugins.materializedViews.status("m");
  const first = status().stateBytes;
  const before = status().examinedRows;
  await db.exec("INSERT INTO b VALUES (-1, 5, 4); INSERT INTO b VALUES (-2, 0, 4)");
  await db.exec("UPDATE b SET v = 4 WHERE id = -2; DELETE FROM b WHERE id < 0");
  await db.exec(
    "INSERT INTO a VALUES (-1, 3, 1); UPDATE a SET k = 8 WHERE id = -1; DELETE FROM a WHERE id = -1",
  );
  const examined = status().examinedRows - before;
  assertEquals(await multiset(db, "SELECT * FROM m"), await multiset(db, sql));
  return { examined, state: [first, status().stateBytes] };
}

describe("work and state of joins by keys", () => {
  const cases: Readonly<Record<string, string>> = {
    left: "SELECT a.id, b.id AS b FROM a LEFT JOIN b ON a.k = b.k",
    semi: "SELECT a.id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k)",
    anti: "SELECT a.id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.v > 3)",
    not_in: "SELECT a.id FROM a WHERE k NOT IN (SELECT k FROM b WHERE v > 3)",
  };
  for (const [name, sql] of Object.entries(cases)) {
    it(`are bounded for ${name.replace("_", " ")}`, async () => {
      const small = await workOf(sql, 1000);
      const large = await workOf(sql, 10_000);
      assertEquals(small.examined, large.examined);
      assert(large.examined < 100, `${large.examined} rows`);
      // Tables are looked up by their indexes; what is counted grows by doubling.
      if (name === "left" || name === "semi") assertEquals(large.state, [0, 0]);
      else assert(large.state[1]! <= large.state[0]! * 2, `${large.state} bytes`);
    });
  }
});
