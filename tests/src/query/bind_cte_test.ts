import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "node:test";
import { failure, plan, query, statement } from "./bind_fixture.ts";

describe("WITH", () => {
  it("puts a common table in place that is read once", () => {
    assertEquals(plan("WITH t AS (SELECT id FROM orders) SELECT * FROM t").includes("with"), false);
  });

  it("materialises one that is read twice, asked for, or volatile", () => {
    assertStringIncludes(plan("WITH t AS (SELECT 1 AS x) SELECT * FROM t a, t b"), "scan of table t@1");
    assertStringIncludes(plan("WITH t AS MATERIALIZED (SELECT 1 AS x) SELECT * FROM t"), "scan of table t@1");
    assertStringIncludes(plan("WITH t AS (SELECT random() AS x) SELECT * FROM t"), "scan of table t@1");
  });

  it("binds anew at each place when NOT MATERIALIZED or correlated", () => {
    const { plan: tree } = query("WITH t AS NOT MATERIALIZED (SELECT id FROM orders) SELECT * FROM t a, t b");
    assertEquals(tree.kind, "project");
    const sql = "SELECT (WITH t AS (SELECT c.id AS x) SELECT sum(a.x) FROM t a, t b) FROM customers c";
    assertEquals(plan(sql).includes("with"), false);
  });

  it("checks a common table that nobody reads", () => {
    assertEquals(failure("WITH t AS (SELECT nope FROM orders) SELECT 1").marked, "nope");
  });

  it("sees only common tables before it, but all of them under RECURSIVE", () => {
    assertEquals(
      failure("WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a").code,
      "unknown-table",
    );
    assertEquals(
      query("WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1 AS x) SELECT * FROM a").columns.length,
      1,
    );
  });
});

describe("WITH RECURSIVE", () => {
  it("becomes a fixpoint", () => {
    assertEquals(
      plan("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 10) SELECT * FROM t"),
      [
        "with",
        "  table t@1",
        "    fixpoint all @1 [n]",
        "      project 1 as ?column?",
        "        values [] ()",
        "      project n + 1 as ?column?",
        "        filter n < 10",
        "          scan of table t@1 [n]",
        "  project n",
        "    scan of table t@1 [n]",
      ].join("\n"),
    );
  });

  it("widens the types until they settle", () => {
    const type = (sql: string): string | undefined => query(sql).columns[0]?.type.kind;
    assertEquals(
      type("WITH RECURSIVE t(n) AS (SELECT 1.0 UNION ALL SELECT n * 1.1 FROM t) SELECT * FROM t"),
      "numeric",
    );
    assertEquals(
      type("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1::bigint FROM t) SELECT * FROM t"),
      "bigint",
    );
    assertEquals(
      failure("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT 'a'::text FROM t) SELECT * FROM t").code,
      "type-mismatch",
    );
  });

  it("may read itself once, outside of aggregates, subqueries and missing sides", () => {
    const steps = [
      "SELECT sum(n) FROM t",
      "SELECT a.n FROM t a, t b",
      "SELECT id FROM orders WHERE id IN (SELECT n FROM t)",
      "SELECT id FROM orders LEFT JOIN t ON true",
    ];
    for (const step of steps) {
      const sql = `WITH RECURSIVE t(n) AS (SELECT 1::bigint UNION ALL ${step}) SELECT * FROM t`;
      assertEquals(failure(sql).code, "invalid-statement", step);
    }
  });

  it("keeps the path for CYCLE and SEARCH", () => {
    const sql = `WITH RECURSIVE t(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM t)
      SEARCH DEPTH FIRST BY a SET o CYCLE a SET c USING p SELECT * FROM t`;
    assertEquals(query(sql).columns.map((column) => column.name), ["a", "o", "c", "p"]);
  });
});

describe("data-modifying WITH", () => {
  it("runs before, and is read as a common table", () => {
    const bound = statement("WITH d AS (DELETE FROM orders RETURNING id) SELECT count(*) FROM d");
    assertEquals(bound.before?.map(({ cte, name, statement }) => [cte, name, statement.kind]), [[
      1,
      "d",
      "delete",
    ]]);
  });

  it("must be at the top and have RETURNING where it is read", () => {
    assertEquals(
      failure("SELECT * FROM (WITH d AS (DELETE FROM orders RETURNING id) SELECT * FROM d) x").code,
      "invalid-statement",
    );
    assertStringIncludes(failure("WITH d AS (DELETE FROM orders) SELECT * FROM d").message, "add RETURNING");
  });
});
