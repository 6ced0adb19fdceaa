/**
 * A failing case as source text: a SQL script with what is expected, ready to be committed to tests/regressions.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { Query } from "../../src/query/ast.ts";
import { printQuery } from "../../src/sql/print.ts";
import type { Outcome } from "./query_peer.ts";
import { createTableSql, insertSql, type RandomTable } from "./random_table.ts";

/** The text of a query in the first dialect that can say all of it; its tree when none can. */
export function ourText(query: Query): string {
  for (const dialect of ["postgresql", "duckdb", "snowflake"] as const) {
    try {
      return printQuery(query, { dialect, exactDivision: dialect !== "postgresql" });
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
    }
  }
  return JSON.stringify(query, (key, value) => key === "span" ? undefined : value);
}

/** An entry of a regression file. `name` says what went wrong. */
export function reproduction(
  name: string,
  tables: readonly RandomTable[],
  query: Query,
  expected: Outcome,
): string {
  const setup = tables.flatMap((table) => [createTableSql(table), insertSql(table) ?? ""]).filter((text) =>
    text !== ""
  );
  const lines = [
    `  {`,
    `    name: ${JSON.stringify(name)},`,
    `    setup: [`,
    ...setup.map((text) => `      ${JSON.stringify(text)},`),
    `    ],`,
    `    query: ${JSON.stringify(ourText(query))},`,
    expected.kind === "rows"
      ? `    rows: ${JSON.stringify(expected.rows)},`
      : `    failure: ${JSON.stringify(expected.kind === "failure" ? expected.class : "statement")},`,
    `  },`,
  ];
  return lines.join("\n");
}
