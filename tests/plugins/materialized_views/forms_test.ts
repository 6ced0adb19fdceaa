/**
 * Values that are equal and look different (0 and -0, 1.5 and 1.50, a day and 24 hours): a view shows the form
 * that its query shows.
 */
import process from "node:process";
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../src/base/random.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

/** Forms of the same values: rows with an even id have the left ones, rows with an odd id the right ones. */
const FORMS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "DOUBLE PRECISION": [["0", "-0"], ["1.5", "1.5"]],
  "NUMERIC": [["1.5", "1.50"], ["2", "2.000"]],
  "INTERVAL": [["1 day", "24 hours"], ["1 month", "30 days"]],
  "JSON": [["[1, 2]", "[1,2]"], ['{"a": 1.0}', '{"a": 1}']],
  "DOUBLE PRECISION[]": [["{0,1}", "{-0,1}"], ["{NULL}", "{NULL}"]],
};

/** Which form stands for a group depends on the rows there are. */
const PICKING: Readonly<Record<string, string>> = {
  group: "SELECT x, count(*) AS n FROM t GROUP BY x",
  groups: "SELECT x, k, count(*) AS n FROM t GROUP BY x, k",
  extremes: "SELECT k, min(x) AS low, max(x) AS high FROM t GROUP BY k",
  distinct: "SELECT DISTINCT x, k FROM t",
  listed: "SELECT k, array_agg(DISTINCT x) AS all FROM t GROUP BY k",
  union: "SELECT x FROM t UNION SELECT x FROM u",
  except: "SELECT x FROM t EXCEPT ALL SELECT x FROM u",
  top: "SELECT x FROM t ORDER BY x FETCH FIRST 2 ROWS WITH TIES",
};

/** Every row shows its own form. */
const PLAIN: Readonly<Record<string, string>> = {
  rows: "SELECT x FROM t",
  join: "SELECT t.id, u.x, t.x AS y FROM t JOIN u ON t.x = u.x",
  left_join: "SELECT t.id, u.x, t.x AS y FROM t LEFT JOIN u ON t.x = u.x AND t.k = u.k",
  counts: "SELECT k, count(DISTINCT x) AS n FROM t GROUP BY k",
  window: "SELECT id, x, count(*) OVER (PARTITION BY x) AS n FROM t",
  exists: "SELECT id, x FROM t WHERE x IN (SELECT x FROM u)",
};

const SUMS: Readonly<Record<string, string>> = {
  sums: "SELECT k, sum(x) AS s, avg(x) AS a FROM t GROUP BY k",
  distinct_sums: "SELECT k, sum(DISTINCT x) AS s FROM t GROUP BY k",
};

function constructsFor(type: string, kind: "plain" | "picking"): Readonly<Record<string, string>> {
  const orderless = type === "JSON";
  const constructs = kind === "picking" ? PICKING : {
    ...PLAIN,
    ...(type === "NUMERIC" || type === "DOUBLE PRECISION" ? { sums: SUMS.sums! } : {}),
  };
  const all = kind === "picking" && (type === "NUMERIC" || type === "DOUBLE PRECISION")
    ? { ...constructs, distinct_sums: SUMS.distinct_sums! }
    : constructs;
  const { extremes: _, ...others } = all as Readonly<Record<string, string>>;
  return orderless || type.endsWith("[]") ? others : all;
}

function show(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return `[${Array.from(value as unknown[], show)}]`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

async function multiset(db: ViewDatabase, sql: string): Promise<string[]> {
  return (await db.query(sql, { exact: true })).rows().map((row) => row.map(show).join("|")).sort();
}

/** Rows of one parity come or go. */
async function change(db: ViewDatabase, random: SeededRandom, type: string): Promise<void> {
  await db.transaction(async (tx) => {
    for (let i = random.integer(1, 4); i > 0; i--) {
      const table = random.pick(["t", "t", "u"]);
      const id = random.integer(0, 11);
      await tx.query(`DELETE FROM ${table} WHERE id = ${id}`);
      if (random.next() < 0.3) continue;
      const form = random.pick(FORMS[type]!)[id % 2]!;
      await tx.query(`INSERT INTO ${table} VALUES (${id}, ${random.integer(1, 2)}, '${form}')`);
    }
  });
}

describe("forms of equal values in views", () => {
  for (const type of Object.keys(FORMS)) {
    it(`are those of the query for ${type}`, async () => {
      const seed = Number(process.env["LIVEVIEW_SEED"] ?? 5);
      const random = new SeededRandom(seed);
      await using db: ViewDatabase = createDatabase({ plugins: [materializedViews()] });
      for (const table of ["t", "u"]) {
        await db.exec(`CREATE TABLE ${table} (id INTEGER PRIMARY KEY, k INTEGER, x ${type})`);
      }
      const plain = constructsFor(type, "plain");
      const picking = constructsFor(type, "picking");
      for (const [name, sql] of Object.entries({ ...plain, ...picking })) {
        await db.exec(`CREATE MATERIALIZED VIEW v_${name} AS ${sql}`);
      }
      const check = async (constructs: Readonly<Record<string, string>>, when: string): Promise<void> => {
        for (const [name, sql] of Object.entries(constructs)) {
          const expected = await multiset(db, sql);
          assertEquals(
            await multiset(db, `SELECT * FROM v_${name}`),
            expected,
            `${name} ${when}, seed ${seed}`,
          );
        }
      };
      const rounds = 5 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);
      for (let round = 0; round < rounds; round++) {
        for (let step = 0; step < 5; step++) {
          await change(db, random, type);
          await check(plain, `after step ${step} of round ${round}`);
        }
        await db.exec(`DELETE FROM t WHERE id % 2 = ${round % 2}; DELETE FROM u WHERE id % 2 = ${round % 2}`);
        await check({ ...plain, ...picking }, `with one form after round ${round}`);
      }
    });
  }
});
