import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { QueryError } from "../../../src/base/error.ts";
import { parseStatement } from "../../../src/sql/parse.ts";
import { type PrintOptions, printStatement } from "../../../src/sql/print.ts";

function printed(sql: string, options: PrintOptions): string {
  return printStatement(parseStatement(sql), options);
}

function refuses(sql: string, options: PrintOptions, feature: string): void {
  const error = assertThrows(() => printed(sql, options), QueryError, feature);
  assertEquals((error as QueryError).code, "unsupported");
}

describe("printStatement() for PostgreSQL", () => {
  const options = { dialect: "postgresql" } as const;
  it("turns QUALIFY into a subquery", () => {
    assertEquals(
      printed("SELECT a, rank() OVER (ORDER BY b) AS r FROM t QUALIFY r <= 3 ORDER BY a LIMIT 1", options),
      "SELECT a, r FROM (SELECT a AS a, rank() OVER (ORDER BY b) AS r, rank() OVER (ORDER BY b) <= 3 AS qualified " +
        "FROM t) AS qualify_input WHERE qualified ORDER BY a LIMIT 1",
    );
  });
  it("turns QUALIFY in a set operation into a subquery", () => {
    assertEquals(
      printed("SELECT a FROM t QUALIFY rank() OVER w = 1 WINDOW w AS (ORDER BY a) UNION SELECT 2", options),
      "(SELECT a FROM (SELECT a AS a, rank() OVER w = 1 AS qualified FROM t WINDOW w AS (ORDER BY a)) " +
        "AS qualify_input WHERE qualified) UNION SELECT 2",
    );
  });
  it("refuses QUALIFY where the rewrite would change the columns", () => {
    refuses("SELECT * FROM t QUALIFY rank() OVER (ORDER BY a) = 1", options, "QUALIFY with *");
    refuses(
      "SELECT a FROM t QUALIFY rank() OVER (ORDER BY a) = 1 ORDER BY b",
      options,
      "QUALIFY with ORDER BY",
    );
  });
  it("refuses what PostgreSQL lacks", () => {
    refuses("SELECT a FROM t GROUP BY ALL", options, "GROUP BY ALL");
    refuses("SELECT * FROM a ASOF JOIN b USING (k)", options, "ASOF JOIN");
    refuses("SELECT TRY_CAST(a AS int)", options, "TRY_CAST");
    refuses("SELECT lag(a) IGNORE NULLS OVER (ORDER BY a) FROM t", options, "IGNORE NULLS");
    refuses("SELECT :name", options, "A named parameter");
    refuses("CREATE DYNAMIC TABLE d LAG = '1 minute' AS SELECT 1", options, "A dynamic table");
  });
  it("quotes names that are keywords", () => {
    assertEquals(
      printed('SELECT "select", "Left", "between" FROM "user"', options),
      'SELECT "select", "Left", "between" FROM "user"',
    );
  });
  it("puts units that PostgreSQL lacks into the string", () => {
    assertEquals(
      printed("SELECT INTERVAL 2 WEEK, INTERVAL '1' QUARTER", options),
      "SELECT INTERVAL '2 week', INTERVAL '3 month'",
    );
  });
});

describe("printStatement() for DuckDB", () => {
  const options = { dialect: "duckdb" } as const;
  it("makes the order of NULLs explicit", () => {
    assertEquals(
      printed("SELECT a FROM t ORDER BY a DESC, b", options),
      "SELECT a FROM t ORDER BY a DESC NULLS FIRST, b",
    );
  });
  it("divides integers as integers", () => {
    assertEquals(printed("SELECT 7 / 2, 7.0 / 2", options), "SELECT ((7) // (2)), 7.0 / 2");
  });
  it("refuses a division that may be of integers, unless told", () => {
    refuses("SELECT a / b FROM t", options, "may be integers");
    assertEquals(printed("SELECT a / b FROM t", { ...options, exactDivision: true }), "SELECT a / b FROM t");
  });
  it("matches regular expressions anywhere", () => {
    assertEquals(
      printed("SELECT a ~ 'x', a !~* 'y'", options),
      "SELECT regexp_matches(a, 'x'), (NOT regexp_matches(a, 'y', 'i'))",
    );
  });
  it("gives LIKE the escape character of PostgreSQL", () => {
    assertEquals(
      printed("SELECT a LIKE 'x\\%', a LIKE 'x%'", options),
      "SELECT a LIKE 'x\\%' ESCAPE '\\', a LIKE 'x%'",
    );
  });
  it("translates to_char patterns that it knows", () => {
    assertEquals(
      printed("SELECT to_char(a, 'YYYY-MM-DD HH24:MI')", options),
      "SELECT strftime(a, '%Y-%m-%d %H:%M')",
    );
    refuses("SELECT to_char(a, '999D9')", options, "to_char pattern");
    refuses("SELECT to_char(a, b)", options, "to_char without a literal pattern");
  });
  it("refuses what DuckDB lacks", () => {
    refuses("SELECT a SIMILAR TO 'x%'", options, "SIMILAR TO");
    refuses("SELECT a FROM t FETCH FIRST 1 ROW WITH TIES", options, "FETCH WITH TIES");
    refuses("WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", options, "A data change in WITH");
  });
});

describe("printStatement() for other dialects", () => {
  it("writes ClickHouse's names, types and functions", () => {
    assertEquals(
      printed("SELECT CAST(\"a`b\" AS bigint), date '2024-01-01', array_agg(c), d + INTERVAL '1 day'", {
        dialect: "clickhouse",
      }),
      "SELECT CAST(`a\\`b` AS Int64), toDate32('2024-01-01'), groupArray(c), d + INTERVAL 1 DAY",
    );
  });
  it("quotes no lower-case name for Snowflake, which folds to upper case", () => {
    assertEquals(printed('SELECT "a", "B" FROM t', { dialect: "snowflake" }), 'SELECT a, "B" FROM t');
  });
  it("keeps dynamic tables for Snowflake", () => {
    const sql = "CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' WAREHOUSE = wh AS SELECT 1";
    assertEquals(printed(sql, { dialect: "snowflake" }), sql);
  });
  it("refuses FETCH WITH TIES for Materialize", () => {
    refuses("SELECT a FROM t FETCH FIRST 1 ROW WITH TIES", { dialect: "materialize" }, "FETCH WITH TIES");
  });
});
