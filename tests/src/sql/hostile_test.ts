/**
 * Hostile input: every text ends in statements or in an error with a place, and does so fast.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { LimitError, LiveViewError } from "../../../src/base/error.ts";
import { expectedAt, parseExpression, parseStatements } from "../../../src/sql/parse.ts";
import { printStatement } from "../../../src/sql/print.ts";

const MILLISECONDS_MAX = 2_000;

function withinTime(sql: string): LiveViewError | undefined {
  const start = performance.now();
  try {
    parseStatements(sql);
    return undefined;
  } catch (error) {
    if (!(error instanceof LiveViewError)) throw error;
    return error;
  } finally {
    assert(performance.now() - start < MILLISECONDS_MAX, `${sql.slice(0, 60)} took too long`);
  }
}

describe("limits", () => {
  const nested: Readonly<Record<string, (depth: number) => string>> = {
    "parentheses": (depth) => `SELECT ${"(".repeat(depth)}1${")".repeat(depth)}`,
    "open parentheses": (depth) => `SELECT ${"(".repeat(depth)}`,
    "subqueries": (depth) => `${"SELECT (".repeat(depth)}1${")".repeat(depth)}`,
    "derived tables": (depth) => `${"SELECT * FROM (".repeat(depth)}t`,
    "queries in parentheses": (depth) => `${"(".repeat(depth)}SELECT 1${")".repeat(depth)}`,
    "joins in parentheses": (depth) => `SELECT * FROM ${"(".repeat(depth)}a JOIN b ON c`,
    "joins to the right": (depth) => `SELECT * FROM a ${"JOIN b ".repeat(depth)}${"ON c ".repeat(depth)}`,
    "NOT": (depth) => `SELECT ${"NOT ".repeat(depth)}a`,
    "signs": (depth) => `SELECT ${"- ".repeat(depth)}a`,
    "CASE": (depth) => `SELECT ${"CASE WHEN ".repeat(depth)}a`,
    "calls": (depth) => `SELECT ${"f(".repeat(depth)}a`,
    "arrays": (depth) => `SELECT ARRAY${"[".repeat(depth)}`,
    "lists": (depth) => `SELECT ${"[".repeat(depth)}`,
    "subscripts": (depth) => `SELECT ${"a[".repeat(depth)}`,
    "casts": (depth) => `SELECT ${"CAST(".repeat(depth)}a`,
    "CTEs": (depth) => "WITH a AS (".repeat(depth),
    "grouping sets": (depth) => `SELECT 1 FROM t GROUP BY ${"GROUPING SETS (".repeat(depth)}`,
    "EXPLAIN": (depth) => `${"EXPLAIN ".repeat(depth)}SELECT 1`,
    "COPY": (depth) => "COPY (".repeat(depth),
    "property lists": (depth) => `COPY t TO 'f' (a ${"(".repeat(depth)}`,
    "right-hand operators": (depth) => `SELECT ${"a IS DISTINCT FROM ".repeat(depth)}a`,
    "exponents": (depth) => `SELECT ${"a ^ (".repeat(depth)}a`,
    "set operations": (depth) => `${"SELECT 1 UNION (".repeat(depth)}`,
    "windows": (depth) => `SELECT ${"f() OVER (PARTITION BY ".repeat(depth)}a`,
  };
  for (const [what, text] of Object.entries(nested)) {
    it(`end deep nesting of ${what}`, () => {
      const error = withinTime(text(5_000));
      assert(error !== undefined);
      if (error.code === "depth-limit") {
        assertEquals(typeof error.details["line"], "number");
        assertEquals(typeof error.details["column"], "number");
      } else assertEquals(error.code, "syntax-error");
    });
  }
  it("allow 200 levels", () => {
    for (const what of ["parentheses", "queries in parentheses", "NOT"]) {
      assertEquals(withinTime(nested[what]?.(100) ?? ""), undefined);
    }
  });
  const chains: Readonly<Record<string, string>> = {
    "additions": "SELECT 1" + " + 1".repeat(20_000),
    "AND": "SELECT a" + " AND a".repeat(20_000),
    "casts": "SELECT a" + "::int".repeat(20_000),
    "subscripts": "SELECT a" + "[1]".repeat(20_000),
    "joins": "SELECT * FROM a" + " CROSS JOIN b".repeat(20_000),
    "set operations": "SELECT 1" + " UNION SELECT 1".repeat(20_000),
  };
  for (const [what, sql] of Object.entries(chains)) {
    it(`end long chains of ${what}`, () => assertEquals(withinTime(sql)?.code, "depth-limit"));
  }
  it("end too many tokens", () => assertEquals(withinTime("a ".repeat(300_000))?.code, "token-limit"));
  it("can be set", () => {
    assertThrows(() => parseExpression("((1))", { depthMax: 2 }), LimitError, "deeper than 2 levels");
    assertThrows(
      () => parseExpression("1 + 1 + 1", { chainLengthMax: 1 }),
      LimitError,
      "more than 1 operators",
    );
  });
});

describe("long texts", () => {
  it("of one string of 4 MB", () =>
    assertEquals(withinTime(`SELECT '${"x''".repeat(1_300_000)}'`), undefined));
  it("of wide lists", () => {
    assertEquals(withinTime(`SELECT a IN (${"1, ".repeat(90_000)}1)`), undefined);
    assertEquals(withinTime(`INSERT INTO t VALUES ${"(1, 2), ".repeat(30_000)}(1, 2)`), undefined);
  });
  it("of many statements", () => assertEquals(withinTime("SELECT 1;".repeat(60_000)), undefined));
  it("of nested parentheses in a row", () => {
    assertEquals(
      withinTime(`SELECT ${`${"(".repeat(99)}SELECT 1${")".repeat(99)}, `.repeat(200)}1`),
      undefined,
    );
  });
  it("that break off anywhere", () => {
    const sql =
      "WITH a AS (SELECT 'x', \"y\", $$z$$, /* c */ b[1] FROM t WHERE c LIKE E'\\'' ) SELECT * FROM a";
    for (let end = 0; end < sql.length; end++) {
      withinTime(sql.slice(0, end));
      expectedAt(sql, end);
    }
  });
  it("of random characters", () => {
    let state = 1;
    for (let i = 0; i < 3_000; i++) {
      let sql = "SELECT ";
      for (let j = 0; j < 20; j++) {
        state = Math.imul(state, 1_103_515_245) + 12_345 >>> 0;
        sql += "'\"$/*-+().,:;[]=<>|&a1 \n\\eExXuU@".charAt(state >>> 16) || "é";
      }
      withinTime(sql);
    }
  });
  it("with names of JavaScript's own", () => {
    for (const word of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
      const sql = `SELECT ${word}(${word}::${word}) FROM ${word}`;
      for (const dialect of ["duckdb", "clickhouse", "snowflake"] as const) {
        for (const statement of parseStatements(sql)) printStatement(statement, { dialect });
      }
    }
  });
});
