/**
 * Every construct of SQL as a maintained view: after each random change it must have the rows of its query.
 */
import process from "node:process";
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../src/base/random.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

const CONSTRUCTS: Readonly<Record<string, string>> = {
  // Joins
  left_join: "SELECT a.id, b.v FROM a LEFT JOIN b ON a.k = b.k AND b.v > 1",
  right_join: "SELECT a.id, b.v FROM a RIGHT JOIN b ON a.k = b.k",
  full_join: "SELECT a.id, b.id AS other FROM a FULL JOIN b ON a.k = b.k",
  cross_join: "SELECT a.id, b.id AS other FROM a CROSS JOIN b WHERE a.v > 3",
  non_equi_join: "SELECT a.id, b.id AS other FROM a JOIN b ON a.v < b.v",
  left_non_equi: "SELECT a.id, b.id AS other FROM a LEFT JOIN b ON a.v < b.v",
  self_join: "SELECT x.id, y.id AS other FROM a x JOIN a y ON x.k = y.k AND x.id <> y.id",
  three_way: "SELECT a.id, b.id AS b, c.id AS c FROM a JOIN b ON a.k = b.k LEFT JOIN a c ON c.v = b.v",
  lateral: "SELECT a.id, x.top FROM a, LATERAL (SELECT max(b.v) AS top FROM b WHERE b.k = a.k) x",
  lateral_rows: "SELECT a.id, x.v FROM a LEFT JOIN LATERAL (SELECT b.v FROM b WHERE b.v > a.v) x ON true",
  using_join: "SELECT k, a.v, b.v AS w FROM a JOIN b USING (k)",
  asof: "SELECT a.id, b.id AS other FROM a ASOF JOIN b ON a.k = b.k AND a.id >= b.id",
  // Subqueries
  exists: "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.v > a.v)",
  not_exists: "SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.k = a.k)",
  in_list: "SELECT id FROM a WHERE k IN (SELECT k FROM b WHERE v > 2)",
  not_in: "SELECT id FROM a WHERE k NOT IN (SELECT k FROM b WHERE v > 3)",
  any_of: "SELECT id FROM a WHERE v > ANY (SELECT v FROM b WHERE b.k = a.k)",
  all_of: "SELECT id FROM a WHERE v >= ALL (SELECT v FROM b)",
  scalar: "SELECT id, v - (SELECT avg(v) FROM b) AS off FROM a",
  correlated: "SELECT id, (SELECT count(*) FROM b WHERE b.k = a.k) AS n FROM a",
  exists_value: "SELECT id, EXISTS (SELECT 1 FROM b WHERE b.v = a.v) AS found FROM a",
  // Aggregates
  no_groups: "SELECT count(*) AS n, sum(v) AS s, min(d) AS low, max(t) AS high, avg(v) AS mean FROM a",
  groups: "SELECT k, count(*) AS n, count(v) AS values, sum(d) AS s, avg(d) AS mean FROM a GROUP BY k",
  distinct_aggregates: "SELECT k, count(DISTINCT v) AS n, sum(DISTINCT v) AS s FROM a GROUP BY k",
  filtered: "SELECT k, count(*) FILTER (WHERE v > 2) AS n, bool_or(v > 4) AS any FROM a GROUP BY k",
  moments: "SELECT k, stddev_samp(v) AS sd, var_pop(v) AS var, corr(v, id) AS r FROM a GROUP BY k",
  ordered:
    "SELECT k, string_agg(t, ',' ORDER BY id) AS texts, array_agg(v ORDER BY id DESC) AS all FROM a GROUP BY k",
  percentiles:
    "SELECT k, percentile_cont(0.5) WITHIN GROUP (ORDER BY v) AS median, mode() WITHIN GROUP (ORDER BY v) AS most FROM a GROUP BY k",
  arg_extremes: "SELECT k, max_by(id, id) AS last FROM a GROUP BY k",
  having: "SELECT k FROM a GROUP BY k HAVING sum(v) > 5",
  rollup: "SELECT k, day, count(*) AS n, grouping(k, day) AS g FROM a GROUP BY ROLLUP (k, day)",
  cube: "SELECT k, day, sum(v) AS s FROM a GROUP BY CUBE (k, day)",
  sets: "SELECT k, day, sum(v) AS s FROM a GROUP BY GROUPING SETS ((k), (day), ())",
  group_of_groups:
    "SELECT n, count(*) AS groups FROM (SELECT k, count(*) AS n FROM a GROUP BY k) x GROUP BY n",
  // Sets
  distinct: "SELECT DISTINCT k, v FROM a",
  distinct_on: "SELECT DISTINCT ON (k) k, id FROM a ORDER BY k, id DESC",
  union: "SELECT k FROM a UNION SELECT k FROM b",
  union_all: "SELECT k, v FROM a UNION ALL SELECT k, v FROM b",
  intersect: "SELECT k FROM a INTERSECT SELECT k FROM b",
  intersect_all: "SELECT k FROM a INTERSECT ALL SELECT k FROM b",
  except: "SELECT k FROM a EXCEPT SELECT k FROM b",
  except_all: "SELECT k FROM a EXCEPT ALL SELECT k FROM b",
  // Order and windows
  top: "SELECT id, v FROM a ORDER BY v DESC NULLS LAST, id LIMIT 3",
  offset: "SELECT id FROM a ORDER BY id OFFSET 2 LIMIT 4",
  ties: "SELECT v FROM a ORDER BY v FETCH FIRST 3 ROWS WITH TIES",
  row_number: "SELECT id, row_number() OVER (PARTITION BY k ORDER BY v, id) AS n FROM a",
  ranks:
    "SELECT id, rank() OVER w AS r, dense_rank() OVER w AS d FROM a WINDOW w AS (PARTITION BY k ORDER BY v)",
  neighbours:
    "SELECT id, lag(v) OVER (PARTITION BY k ORDER BY id) AS p, lead(v, 2, 0) OVER (PARTITION BY k ORDER BY id) AS q FROM a",
  moving:
    "SELECT id, sum(v) OVER (PARTITION BY k ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM a",
  shares: "SELECT id, v, sum(v) OVER (PARTITION BY k) AS s, count(*) OVER () AS n FROM a",
  qualify: "SELECT k, id FROM a QUALIFY row_number() OVER (PARTITION BY k ORDER BY v DESC, id) = 1",
  // Common tables and functions
  common_table:
    "WITH x AS (SELECT k, sum(v) AS s FROM a GROUP BY k) SELECT p.k, p.s, q.s AS other FROM x p JOIN x q ON p.s <= q.s",
  nested_common_table: `SELECT k FROM a UNION SELECT s FROM
    (WITH x AS (SELECT k, sum(v) AS s FROM a GROUP BY k) SELECT p.s FROM x p JOIN x q ON p.s < q.s) z`,
  common_rows: "WITH x AS (SELECT * FROM a) SELECT x.id, y.id AS other FROM x LEFT JOIN x y ON x.k = y.v",
  never: "SELECT count(*) AS n FROM a WHERE false",
  recursive:
    "WITH RECURSIVE r AS (SELECT id, k FROM a WHERE k = 1 UNION SELECT a.id, a.k FROM a JOIN r ON a.k = r.k + 1) SELECT * FROM r",
  unnest: "SELECT id, x FROM a, unnest(ARRAY[v, id]) AS u(x)",
  series: "SELECT id, n FROM a, generate_series(1, v) AS s(n)",
  values: "SELECT a.id, x.label FROM a JOIN (VALUES (1, 'one'), (2, 'two')) AS x(k, label) ON a.k = x.k",
  constant: "SELECT 1 AS one",
  case_text: "SELECT id, CASE WHEN v > 3 THEN upper(t) ELSE t || '-' END AS label FROM a WHERE t LIKE '%a%'",
};

async function multiset(db: ViewDatabase, sql: string): Promise<string[]> {
  return (await db.query(sql, { exact: true })).rows().map((row) => JSON.stringify(row.map(String))).sort();
}

async function change(db: ViewDatabase, random: SeededRandom): Promise<void> {
  const maybe = (value: number | string) => random.next() < 0.12 ? null : value;
  await db.transaction(async (tx) => {
    for (let i = random.integer(1, 3); i > 0; i--) {
      const table = random.pick(["a", "a", "b"]);
      const id = random.integer(1, 14);
      await tx.delete(table, { id });
      if (random.next() < 0.35) continue;
      await tx.insert(table, [{
        id,
        k: maybe(random.integer(1, 4)),
        v: maybe(random.integer(0, 6)),
        d: maybe(random.pick([0.1, 1e16, -1e16, 2.5])),
        t: maybe(random.pick(["a", "ba", "c", "é"])),
        day: maybe(`2024-03-0${random.integer(1, 4)}`),
      }]);
    }
  });
}

describe("materialized views over every construct", () => {
  for (const [name, sql] of Object.entries(CONSTRUCTS)) {
    it(`maintains ${name.replaceAll("_", " ")}`, async () => {
      const seed = Number(process.env["LIVEVIEW_SEED"] ?? 7);
      const random = new SeededRandom(seed);
      await using db: ViewDatabase = createDatabase({ plugins: [materializedViews()] });
      for (const table of ["a", "b"]) {
        await db.exec(`CREATE TABLE ${table}
          (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER, d DOUBLE PRECISION, t TEXT, day DATE)`);
      }
      for (let i = 0; i < 8; i++) await change(db, random);
      await db.exec(`CREATE MATERIALIZED VIEW maintained AS ${sql}`);
      const { refreshMode, refreshModeReason } = db.plugins.materializedViews.status("maintained");
      assertEquals([refreshMode, refreshModeReason], ["incremental", undefined]);
      const steps = 25 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);
      for (let step = 0; step <= steps; step++) {
        assertEquals(
          await multiset(db, "SELECT * FROM maintained"),
          await multiset(db, sql),
          `step ${step}, seed ${seed}`,
        );
        await change(db, random);
      }
      await db.exec("DELETE FROM a; DELETE FROM b");
      assertEquals(await multiset(db, "SELECT * FROM maintained"), await multiset(db, sql), "when empty");
    });
  }
});
