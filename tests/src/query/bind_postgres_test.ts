/**
 * Names and types of output columns, and which statements are errors, compared with PostgreSQL itself (PGlite).
 *
 * @module
 */
import { PGlite } from "@electric-sql/pglite";
import { assertEquals } from "@std/assert";
import { after, before, describe, it } from "node:test";
import { QueryError } from "../../../src/base/error.ts";
import type { SqlType } from "../../../src/storage/sql_type.ts";
import { statement } from "./bind_fixture.ts";
import { CHANGES, DIFFERENCES, QUERIES } from "./bind_postgres_statements.ts";

/** PostgreSQL's type numbers as our kinds; all text types are one, and so are DECIMAL and NUMERIC. */
const KINDS: Readonly<Record<number, string>> = {
  16: "boolean",
  20: "bigint",
  21: "smallint",
  23: "integer",
  25: "text",
  18: "text",
  19: "text",
  1042: "text",
  1043: "text",
  700: "real",
  701: "double",
  1700: "numeric",
  1082: "date",
  1083: "time",
  1114: "timestamp",
  1184: "timestamptz",
  1186: "interval",
  114: "json",
  3802: "json",
  1000: "boolean[]",
  1005: "smallint[]",
  1007: "integer[]",
  1009: "text[]",
  1015: "text[]",
  1016: "bigint[]",
  1022: "double[]",
  1231: "numeric[]",
};

function kindOf(type: SqlType): string {
  if (type.kind === "array") return `${kindOf(type.element)}[]`;
  return type.kind === "decimal" ? "numeric" : type.kind;
}

function ours(sql: string): string {
  try {
    const bound = statement(sql);
    const columns = bound.kind === "select" ? bound.query.columns : bound.returning?.items ?? [];
    return columns.map(({ name, type }) => `${name} ${kindOf(type)}`).join(", ");
  } catch (error) {
    if (error instanceof QueryError) return "error";
    throw error;
  }
}

describe("bindStatement() against PostgreSQL", () => {
  let postgres: PGlite;
  before(async () => {
    postgres = new PGlite();
    await postgres.exec(`
      CREATE TABLE customers (id BIGINT PRIMARY KEY, name TEXT NOT NULL, country VARCHAR(2), born DATE);
      CREATE TABLE orders (
        id BIGINT PRIMARY KEY, customer_id BIGINT NOT NULL, placed TIMESTAMP NOT NULL,
        price DECIMAL(15,2) NOT NULL, quantity INTEGER NOT NULL DEFAULT 1, note TEXT, tags TEXT[], extra JSONB);
      CREATE TABLE events (at TIMESTAMP, kind TEXT, value DOUBLE PRECISION, customer_id BIGINT);`);
  });
  after(() => postgres.close());

  async function theirs(sql: string): Promise<string> {
    let fields;
    try {
      fields = (await postgres.describeQuery(sql)).resultFields;
    } catch {
      return "error";
    }
    return fields.map(({ name, dataTypeID }) => `${name} ${KINDS[dataTypeID] ?? dataTypeID}`).join(", ");
  }

  for (const [subject, statements] of Object.entries({ queries: QUERIES, changes: CHANGES })) {
    it(`gives the columns or the error that PostgreSQL gives for ${statements.length} ${subject}`, async () => {
      for (const sql of statements) {
        if (DIFFERENCES[sql] === undefined) assertEquals(ours(sql), await theirs(sql), sql);
      }
    });
  }

  it("differs on purpose where it says so", async () => {
    for (const [sql, reason] of Object.entries(DIFFERENCES)) {
      assertEquals(ours(sql) === await theirs(sql), false, `No difference any more (${reason}): ${sql}`);
    }
  });
});
