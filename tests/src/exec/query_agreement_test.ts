/** Operators that few queries need, against PostgreSQL. */
import { after, before, describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { PGlite } from "@electric-sql/pglite";
import { LimitError } from "../../../src/base/error.ts";
import { createDatabase, type Database } from "../../../src/kernel/database.ts";
import { physicalTableSql } from "./physical_table.ts";

const RECURSIVE = [
  "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 50) SELECT count(*)::int, sum(i)::int FROM n",
  "WITH RECURSIVE n AS (SELECT 1 AS i UNION SELECT i * 3 % 101 FROM n) SELECT i FROM n ORDER BY i",
  `WITH RECURSIVE reach AS (SELECT id, u8 FROM p WHERE id = 1
     UNION SELECT q.id, q.u8 FROM reach r JOIN p q ON q.u16 % 53 = r.id % 53 AND q.id < 400)
   SELECT count(*)::int, sum(id)::int FROM reach`,
  `WITH RECURSIVE walk(id, path, depth) AS (SELECT 1, ARRAY[1], 0
     UNION ALL SELECT q.id, path || q.id, depth + 1 FROM walk JOIN p q ON q.id BETWEEN walk.id * 2 AND walk.id * 2 + 1
     WHERE depth < 5)
   SELECT depth, count(*)::int, min(path)::text, max(id) FROM walk GROUP BY depth ORDER BY depth`,
  "WITH RECURSIVE t AS (SELECT NULL::int AS a UNION SELECT coalesce(a, 0) + 1 FROM t WHERE a IS NULL OR a < 4) SELECT a FROM t ORDER BY a",
  "WITH RECURSIVE e AS (SELECT id FROM p WHERE id < 0 UNION ALL SELECT id + 1 FROM e) SELECT count(*)::int FROM e",
  "SELECT p.id, r.c FROM p, LATERAL (WITH RECURSIVE k AS (SELECT p.id AS c UNION ALL SELECT c / 2 FROM k WHERE c > 1) SELECT c FROM k) r WHERE p.id < 20 ORDER BY 1, 2",
];

const LIMITED = [
  "SELECT count(*)::int FROM (SELECT id FROM p LIMIT 2500 OFFSET 7) q",
  "SELECT count(*)::int FROM (SELECT id FROM p OFFSET 2100) q",
  "SELECT count(*)::int FROM (SELECT id FROM p LIMIT 0) q",
  "SELECT count(*)::int FROM (SELECT id FROM p WHERE id > 2000 LIMIT 10000 OFFSET 100) q",
  "SELECT p.id, q.v FROM p, LATERAL (SELECT b.id AS v FROM p b WHERE b.id > p.id ORDER BY b.id LIMIT 2 OFFSET 1) q WHERE p.id < 5 ORDER BY 1, 2",
  "SELECT id FROM p ORDER BY id LIMIT (SELECT 3) OFFSET 2 + 2",
  "SELECT u8, id FROM p ORDER BY u8 DESC NULLS LAST, id FETCH FIRST 100 ROWS ONLY",
  "SELECT u8::int FROM p WHERE u8 IS NOT NULL ORDER BY u8 OFFSET 5 FETCH NEXT 30 ROWS WITH TIES",
  "SELECT flag FROM p ORDER BY flag FETCH FIRST ROW WITH TIES",
  `SELECT DISTINCT ON (code COLLATE "C") code, id FROM p ORDER BY code COLLATE "C", dbl DESC NULLS LAST, id`,
];

const AGGREGATES = [
  "SELECT sum(big)::text, sum(-big)::text, sum(big * 2)::text FROM p WHERE big BETWEEN -4000000000000000000 AND 4000000000000000000",
  "SELECT id % 3 AS g, sum(f53 * 900)::text, sum(f53)::text FROM p GROUP BY 1 ORDER BY 1",
  "SELECT sum(wide)::text, sum(wide * wide)::text, avg(wide)::text FROM p",
  "SELECT sum(DISTINCT u8)::text, avg(DISTINCT i8)::text FROM p",
  "SELECT id % 5 AS g, string_agg(code, ',' ORDER BY id DESC), array_agg(u8 ORDER BY i16, id)::text FROM p WHERE id < 60 GROUP BY 1 ORDER BY 1",
  "SELECT percentile_cont(ARRAY[0, 0.25, 1]) WITHIN GROUP (ORDER BY u16)::text, mode() WITHIN GROUP (ORDER BY flag) FROM p",
  "SELECT u8 % 2 AS a, flag, grouping(u8 % 2, flag), count(*)::int FROM p GROUP BY CUBE (u8 % 2, flag) ORDER BY 3, 1, 2",
  "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY day) FILTER (WHERE flag)::text FROM p WHERE id < 0",
  "SELECT sum(u8) FILTER (WHERE flag)::int, count(*) FILTER (WHERE i8 > 0 AND code = 'elm')::int FROM p",
];

describe("rare operators", () => {
  let postgres: PGlite;
  let db: Database;
  before(async () => {
    const sql = physicalTableSql();
    postgres = new PGlite();
    db = createDatabase();
    await Promise.all([postgres.exec(sql), db.exec(sql)]);
  });
  after(async () => {
    await postgres.close();
    await db.close();
  });

  async function agree(ours: string, theirs = ours): Promise<void> {
    const expected = await postgres.query(theirs, [], { rowMode: "array" });
    assertEquals((await db.query(ours)).rows(), expected.rows);
  }

  for (
    const sql of [
      ...RECURSIVE,
      ...LIMITED,
      ...AGGREGATES,
    ]
  ) {
    it(sql.replace(/\s+/g, " ").slice(0, 120), () => agree(sql));
  }

  for (const [word, pad] of [["", "JOIN"], ["LEFT", "LEFT JOIN"]] as const) {
    for (const [operator, order] of [[">=", "DESC"], [">", "DESC"], ["<=", "ASC"], ["<", "ASC"]] as const) {
      it(`ASOF ${word} JOIN by ${operator} takes the nearest row`, () =>
        agree(
          `SELECT a.id, b.ts::text FROM (SELECT * FROM p WHERE id < 200) a ASOF ${word} JOIN p b
             ON a.code = b.code AND a.ts ${operator} b.ts ORDER BY a.id`,
          `SELECT a.id, b.ts::text FROM (SELECT * FROM p WHERE id < 200) a ${pad} LATERAL
             (SELECT ts FROM p b WHERE a.code = b.code AND a.ts ${operator} b.ts ORDER BY ts ${order} LIMIT 1) b
             ON true ORDER BY a.id`,
        ));
    }
  }

  it("ASOF JOIN without an equality looks at all rows", () =>
    agree(
      "SELECT a.id, b.u16 FROM p a ASOF JOIN (SELECT DISTINCT u16 FROM p) b ON a.i16 >= b.u16 ORDER BY 1",
      "SELECT a.id, b.u16 FROM p a, LATERAL (SELECT u16 FROM p b WHERE a.i16 >= b.u16 ORDER BY 1 DESC LIMIT 1) b ORDER BY 1",
    ));

  it("TABLESAMPLE keeps about its share, the same rows for one seed", async () => {
    const sampled = async (how: string) =>
      (await db.query(`SELECT id FROM p TABLESAMPLE ${how} ORDER BY id`)).column("id");
    assertEquals((await sampled("BERNOULLI (100)")).length, 2600);
    assertEquals(await sampled("BERNOULLI (0)"), []);
    const half = await sampled("BERNOULLI (50) REPEATABLE (3)");
    // Five standard deviations around 1300.
    assert(Math.abs(half.length - 1300) < 130, `kept ${half.length}`);
    assertEquals(await sampled("BERNOULLI (50) REPEATABLE (3)"), half);
  });

  it("a recursion without end meets the limit of memory", async () => {
    await using small = createDatabase({ limits: { queryBytesMax: 2e6 } });
    await assertRejects(
      () =>
        small.query(
          "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        ),
      LimitError,
    );
  });
});
