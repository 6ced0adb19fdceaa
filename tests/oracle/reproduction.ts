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

/** The text of a query in our dialect. */
export function ourText(query: Query): string {
  try {
    return printQuery(query, { dialect: "postgresql" });
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return printQuery(query, { dialect: "duckdb", exactDivision: true });
  }
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
