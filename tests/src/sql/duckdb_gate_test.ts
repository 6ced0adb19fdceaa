/**
 * What is printed for DuckDB is accepted by DuckDB's own parser, and means the same where it is run.
 *
 * @module
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { assertEquals } from "@std/assert";
import { describe, it } from "node:test";
import { QueryError } from "../../../src/base/error.ts";
import { parseStatement } from "../../../src/sql/parse.ts";
import { printStatement } from "../../../src/sql/print.ts";
import { EXTENDED, STANDARD } from "./statements.ts";

/** The text for DuckDB, when there is one. */
function printed(sql: string): string | undefined {
  try {
    return printStatement(parseStatement(sql), { dialect: "duckdb", exactDivision: true });
  } catch (error) {
    if (error instanceof QueryError && error.code === "unsupported") return undefined;
    throw error;
  }
}

/** Values that PostgreSQL 18 gives for the same expressions. */
const VALUES: Readonly<Record<string, string>> = {
  "-7 / 2": "-3",
  "7 / -2": "-3",
  "2 ^ 3 ^ 2": "64",
  "5 # 3": "6",
  "@ -3": "3",
  "'abc' ~ 'b'": "true",
  "'a%c' LIKE 'a\\%c'": "true",
  "'abc' LIKE 'a\\%c'": "false",
  "to_char(date '2024-03-09', 'DD.MM.YYYY')": "09.03.2024",
  "TRIM(LEADING 'x' FROM 'xxa')": "a",
  "POSITION('c' IN 'abc')": "3",
  "date '2024-01-01' + INTERVAL '1' QUARTER = date '2024-04-01'": "true",
};

describe("printStatement() for DuckDB, run by DuckDB", () => {
  it("is accepted", async () => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const refused: string[] = [];
    for (const sql of [...STANDARD, ...Object.values(EXTENDED).flat()]) {
      const text = printed(sql);
      if (text === undefined) continue;
      try {
        await connection.extractStatements(text);
      } catch (error) {
        refused.push(`${text}: ${error instanceof Error ? error.message : error}`);
      }
    }
    connection.closeSync();
    assertEquals(refused, []);
  });
  it("gives PostgreSQL's values", async () => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    for (const [expression, value] of Object.entries(VALUES)) {
      const reader = await connection.runAndReadAll(printed(`SELECT ${expression}`) ?? "");
      assertEquals(String(reader.getRows()[0]?.[0]), value, expression);
    }
    connection.closeSync();
  });
});
