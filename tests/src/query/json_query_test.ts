import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { LimitError, QueryError } from "../../../src/base/error.ts";
import { queryFromJson } from "../../../src/query/json_query.ts";
import { parseStatement } from "../../../src/sql/parse.ts";

/** The AST of `sql` without places in the text, as JSON would carry it. */
function jsonOf(sql: string): unknown {
  return JSON.parse(JSON.stringify(parseStatement(sql), (key, value) => key === "span" ? undefined : value));
}

describe("queryFromJson()", () => {
  const queries = [
    "SELECT 1",
    "SELECT a, b AS c, count(*) FROM t WHERE a > 1 AND b IN (1, 2) GROUP BY a, b HAVING count(*) > 1 ORDER BY 1 DESC LIMIT 3",
    "WITH x AS (SELECT 1) SELECT * FROM x LEFT JOIN y USING (a) WHERE EXISTS (SELECT 1 FROM z WHERE z.a = y.a)",
    "SELECT sum(a) FILTER (WHERE b) OVER (PARTITION BY c ORDER BY d ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
    "SELECT CASE WHEN a IS NULL THEN 'x' ELSE b::text END, INTERVAL '1 day', DATE '2024-01-01' FROM t",
    "SELECT a FROM t UNION ALL SELECT b FROM u ORDER BY 1",
    "SELECT * FROM generate_series(1, 3) AS g(i), LATERAL (SELECT i + 1) AS s(j)",
    "SELECT DISTINCT ON (a) * FROM t TABLESAMPLE bernoulli (10) GROUP BY ROLLUP (a, b)",
  ];
  for (const sql of queries) {
    it(`gives back ${sql.slice(0, 40)}`, () => {
      assertEquals<unknown>(queryFromJson(jsonOf(sql)), jsonOf(sql));
    });
  }

  it("names the path of a field that does not fit", () => {
    const error = assertThrows(
      () =>
        queryFromJson({
          kind: "query",
          body: { kind: "select", items: [{ expression: { kind: "nope" } }], from: [] },
        }),
      QueryError,
    );
    assertEquals(error.details.path, "body.items.0.expression.kind");
  });

  it("refuses unknown fields", () => {
    assertThrows(
      () => queryFromJson({ kind: "query", body: { kind: "values", rows: [] }, extra: 1 }),
      QueryError,
      "extra",
    );
  });

  it("refuses nesting beyond the limit", () => {
    let expression: unknown = { kind: "null" };
    for (let i = 0; i < 5000; i++) expression = { kind: "not", argument: expression };
    const query = { kind: "query", body: { kind: "select", items: [{ expression }], from: [] } };
    assertThrows(() => queryFromJson(query), LimitError);
  });
});
