import { assertEquals } from "@std/assert";
import { describe, it } from "node:test";
import { planToText } from "../../../src/query/plan_text.ts";
import { query } from "./bind_fixture.ts";

describe("planToText()", () => {
  it("writes one node a line, columns with their ids", () => {
    assertEquals(
      planToText(query("SELECT country, count(*) FROM customers WHERE born IS NULL GROUP BY country").plan),
      [
        "project country#3, count#5",
        "  aggregate by country#3: count(*) as count#5",
        "    filter born#4 is null",
        "      scan customers [id#1, name#2, country#3, born#4]",
      ].join("\n"),
    );
  });

  it("writes every kind of node", () => {
    const sql = `WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t)
      SELECT DISTINCT n, rank() OVER (ORDER BY n), unnest(ARRAY[n])
      FROM t LEFT JOIN (VALUES (1), (2)) v(m) ON n = m
      UNION SELECT 1, 2, id::int FROM orders TABLESAMPLE SYSTEM (5) ORDER BY 1 LIMIT 3 OFFSET 1`;
    const kinds = planToText(query(sql).plan, { ids: false }).split("\n").map((line) =>
      line.trim().split(" ")[0]
    );
    assertEquals(
      new Set(kinds),
      new Set([
        "with",
        "table",
        "fixpoint",
        "project",
        "values",
        "scan",
        "limit",
        "sort",
        "union",
        "distinct",
        "call",
        "window",
        "left",
        "sample",
      ]),
    );
  });

  it("quotes literals and puts operands in parentheses", () => {
    assertEquals(
      planToText(
        query("SELECT (1 + 2) * 3, 'it''s', NOT (true AND false), DATE '2024-01-01', NULL::int").plan,
        { ids: false },
      ),
      "project (1 + 2) * 3 as ?column?, 'it''s' as ?column?, not (true and false) as ?column?, " +
        "date '2024-01-01' as date, null as int4\n  values [] ()",
    );
  });
});
