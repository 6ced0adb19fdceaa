import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER, s TEXT);
    CREATE TABLE u (id INTEGER PRIMARY KEY, k INTEGER, w INTEGER);
    INSERT INTO t SELECT i, i % 1000, i * 7 % 997, 'text ' || i % 500 FROM generate_series(1, 10000) g(i);
    INSERT INTO u SELECT i, i % 1000, i % 100 FROM generate_series(1, 2000) g(i)`);
  return db;
}

const STATEFUL = [
  "SELECT k, count(*) AS n FROM t GROUP BY k",
  "SELECT k, sum(v) AS x, avg(v) AS y, max(s) AS z FROM t GROUP BY k",
  "SELECT k, count(DISTINCT v) AS n FROM t GROUP BY k",
  "SELECT k, array_agg(v) AS x FROM t GROUP BY k",
  "SELECT k, string_agg(s, ',' ORDER BY id) AS x FROM t GROUP BY k",
  "SELECT k, percentile_cont(0.5) WITHIN GROUP (ORDER BY v) AS x FROM t GROUP BY k",
  "SELECT k, s, sum(v) AS x FROM t GROUP BY ROLLUP (k, s)",
  "SELECT DISTINCT k, v FROM t",
  "SELECT DISTINCT ON (k) k, v, s FROM t ORDER BY k, v, id",
  "SELECT id, row_number() OVER (PARTITION BY k ORDER BY v, id) AS n FROM t",
  "SELECT t.id, u.w FROM t JOIN u ON t.k + 1 = u.id * 2",
  "SELECT t.id, u.w FROM t LEFT JOIN (SELECT * FROM u WHERE w > 3) u ON t.k = u.id",
  "SELECT id, v FROM t ORDER BY v DESC, id LIMIT 10",
  "SELECT k FROM t UNION SELECT w FROM u",
  "SELECT k, v FROM t EXCEPT ALL SELECT k, w FROM u",
  "WITH RECURSIVE r AS (SELECT id, k FROM u WHERE id < 900 UNION SELECT u.id, u.k FROM u JOIN r ON u.k = r.id) SELECT * FROM r",
];

const STATELESS = [
  "SELECT id, v + 1 AS x FROM t WHERE k > 7",
  "SELECT t.id, u.w FROM t JOIN u ON t.k = u.id JOIN u x ON u.k = x.id",
  "SELECT t.id, u.w FROM t LEFT JOIN u ON t.k = u.id",
  "SELECT k FROM t UNION ALL SELECT w FROM u",
];

describe("estimateStateBytes()", () => {
  for (const query of STATEFUL) {
    it(`is within a factor of 4 of the state of ${query}`, async () => {
      await using db = await open();
      await db.exec(`CREATE MATERIALIZED VIEW m AS ${query}`);
      const { stateBytes, stateBytesEstimate } = db.plugins.materializedViews.status("m");
      assert(stateBytes > 0);
      assert(
        stateBytesEstimate < 4 * stateBytes && stateBytes < 4 * stateBytesEstimate,
        `${stateBytesEstimate} expected, ${stateBytes} taken`,
      );
    });
  }

  for (const query of STATELESS) {
    it(`is nothing for ${query}`, async () => {
      await using db = await open();
      await db.exec(`CREATE MATERIALIZED VIEW m AS ${query}`);
      const { stateBytes, stateBytesEstimate } = db.plugins.materializedViews.status("m");
      assertEquals([stateBytes, stateBytesEstimate], [0, 0]);
    });
  }
});
