/** Subqueries wherever a statement that writes may hold one, against PostgreSQL. */
import { after, before, describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { PGlite } from "@electric-sql/pglite";
import { QueryError } from "../../../src/base/error.ts";
import { createDatabase } from "../../../src/kernel/database.ts";

const TABLES = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER);
  INSERT INTO t VALUES (1, 10), (2, 20), (3, 30);
  CREATE TABLE s (id INTEGER, w INTEGER);
  INSERT INTO s VALUES (1, 100), (2, 200), (9, 900);
`;

const STATEMENTS = [
  "INSERT INTO t VALUES ((SELECT max(id) + 1 FROM t), 5), (8, (SELECT w FROM s WHERE id = 9)) RETURNING id, v",
  "INSERT INTO t VALUES (7, 1) RETURNING (SELECT count(*)::int FROM t), v",
  "INSERT INTO t VALUES (7, 1), (0, 2) RETURNING id, (SELECT max(w) FROM s WHERE s.id < t.id)",
  "INSERT INTO t SELECT id + 1, w FROM s WHERE id > 2 RETURNING EXISTS (SELECT 1 FROM s WHERE s.id = t.id - 1), id IN (SELECT id FROM s)",
  "INSERT INTO t VALUES (50, 1), (51, 2) RETURNING v = ANY (SELECT 1), (id, v) IN (SELECT 50, 1), ARRAY(SELECT w FROM s ORDER BY w)",
  "INSERT INTO t VALUES (1, 1), (4, 2) ON CONFLICT (id) DO UPDATE SET v = (SELECT max(w) FROM s) RETURNING id, v",
  "INSERT INTO t VALUES (1, 1), (4, 2), (3, 3) ON CONFLICT (id) DO UPDATE SET v = (SELECT w FROM s WHERE s.id = t.id) + excluded.v RETURNING id, v",
  "INSERT INTO t VALUES (1, 1), (3, 1) ON CONFLICT (id) DO UPDATE SET v = 5 WHERE EXISTS (SELECT 1 FROM s WHERE s.id = excluded.id) RETURNING id, v",
  "INSERT INTO t VALUES (1, 1), (3, 1) ON CONFLICT (id) DO UPDATE SET v = excluded.v + (SELECT count(*)::int FROM t) WHERE t.id NOT IN (SELECT id FROM s) RETURNING id, (SELECT sum(x.v)::int FROM t x)",
  "WITH n AS (INSERT INTO s VALUES (4, 4) RETURNING id) INSERT INTO t SELECT id, 0 FROM n RETURNING (SELECT count(*)::int FROM s), (SELECT min(id) FROM n)",
  "UPDATE t SET v = (SELECT w FROM s WHERE s.id = t.id) RETURNING id, v",
  "UPDATE t SET v = 0 WHERE id IN (SELECT id FROM s) RETURNING id, (SELECT sum(w)::int FROM s WHERE s.id = t.id)",
  "UPDATE t SET v = s.w FROM s WHERE s.id = t.id RETURNING t.id, s.w, (SELECT max(x.w) FROM s x WHERE x.w < s.w)",
  "UPDATE t SET (v, id) = (SELECT w, s.id + 10 FROM s WHERE s.id = t.id) WHERE id = 1 RETURNING id, v",
  "UPDATE t SET v = 1 WHERE id = (SELECT 2) OR v > ALL (SELECT v FROM t WHERE id < 3) RETURNING id",
  "DELETE FROM t WHERE EXISTS (SELECT 1 FROM s WHERE s.id = t.id) RETURNING id, (SELECT count(*)::int FROM t)",
  "DELETE FROM t WHERE v > (SELECT avg(v) FROM t) RETURNING id",
  "DELETE FROM t USING s WHERE s.id = t.id RETURNING s.w, (SELECT min(x.v) FROM t x WHERE x.id > t.id)",
  "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND s.w > (SELECT min(w) FROM s) THEN UPDATE SET v = (SELECT max(w) FROM s) WHEN NOT MATCHED THEN INSERT VALUES (s.id, (SELECT count(*)::int FROM s)) RETURNING t.id, t.v",
  "MERGE INTO t USING s ON t.id = (SELECT s.id) WHEN MATCHED THEN DELETE RETURNING t.id, s.w, (SELECT sum(v)::int FROM t x)",
  "MERGE INTO t USING (SELECT id, (SELECT max(v) FROM t) AS top FROM s) s ON t.id = s.id AND t.v < (SELECT avg(v) FROM t) WHEN MATCHED THEN UPDATE SET v = top WHEN NOT MATCHED THEN DO NOTHING RETURNING t.id, v",
];

describe("subqueries in statements that write", () => {
  let postgres: PGlite;
  before(async () => {
    postgres = new PGlite();
    await postgres.exec(TABLES);
  });
  after(() => postgres.close());

  for (const sql of STATEMENTS) {
    it(`agrees with PostgreSQL on ${sql}`, async () => {
      await postgres.exec("BEGIN");
      const expected = (await postgres.query(sql, [], { rowMode: "array" })).rows;
      const contents =
        (await postgres.query("SELECT id, v FROM t ORDER BY id", [], { rowMode: "array" })).rows;
      await postgres.exec("ROLLBACK");
      await using db = createDatabase();
      await db.exec(TABLES);
      assertEquals(sorted((await db.query(sql)).rows()), sorted(expected));
      assertEquals((await db.query("SELECT id, v FROM t ORDER BY id")).rows(), contents);
    });
  }
});

function sorted(rows: readonly unknown[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

describe("RETURNING with a subquery", () => {
  it("keeps the order of the rows", async () => {
    await using db = createDatabase();
    await db.exec(TABLES);
    const result = await db.query(
      "INSERT INTO t SELECT 100 - i, i FROM generate_series(1, 50) AS g(i) RETURNING id, (SELECT w FROM s WHERE s.id = t.v)",
    );
    assertEquals(result.column("id"), Array.from({ length: 50 }, (_, i) => 99 - i));
  });

  it("takes parameters and runs again with others", async () => {
    await using db = createDatabase();
    await db.exec(TABLES);
    const sql = "INSERT INTO t VALUES ($1, 0) RETURNING (SELECT sum(w) FROM s WHERE s.w > $2 + t.v) AS w";
    assertEquals((await db.query(sql, { params: [40, 100] })).column("w"), [1100]);
    assertEquals((await db.query(sql, { params: [41, 500] })).column("w"), [900]);
  });

  it("undoes the statement when the subquery fails", async () => {
    await using db = createDatabase();
    await db.exec(TABLES);
    await assertRejects(
      () => db.query("INSERT INTO t VALUES (7, 1) RETURNING (SELECT id FROM s)"),
      QueryError,
    );
    assertEquals((await db.query("SELECT count(*) AS n FROM t")).column("n"), [3]);
  });
});

describe("ON CONFLICT DO UPDATE with a subquery", () => {
  it("refuses a key that the statement gives twice", async () => {
    await using db = createDatabase();
    await db.exec(TABLES);
    const error = await assertRejects(
      () =>
        db.query(
          "INSERT INTO t VALUES (1, 1), (1, 2) ON CONFLICT (id) DO UPDATE SET v = (SELECT max(w) FROM s)",
        ),
      QueryError,
    );
    assertEquals(error.code, "cardinality-violation");
    assertEquals((await db.query("SELECT v FROM t WHERE id = 1")).column("v"), [10]);
  });
});
