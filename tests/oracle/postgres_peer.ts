/**
 * PostgreSQL as an oracle: one PGlite instance, one schema for each set of tables.
 *
 * @module
 */
import { PGlite } from "@electric-sql/pglite";
import { QueryError } from "../../src/base/error.ts";
import type { Query } from "../../src/query/ast.ts";
import { printQuery } from "../../src/sql/print.ts";
import type { Cell, CellType, FailureClass, Outcome, QueryPeer } from "./query_peer.ts";
import { createTableSql, insertSql, type RandomTable } from "./random_table.ts";

const TYPES: Readonly<Record<number, CellType>> = {
  16: "boolean",
  20: "bigint",
  21: "smallint",
  23: "integer",
  25: "text",
  114: "json",
  700: "real",
  701: "double",
  1042: "text",
  1043: "text",
  1082: "date",
  1083: "time",
  1114: "timestamp",
  1184: "timestamptz",
  1186: "interval",
  1700: "numeric",
  3802: "json",
};

const asWritten: Readonly<Record<number, (text: string) => string>> = Object.fromEntries(
  [...Object.keys(TYPES), ...[
    1000,
    1001,
    1005,
    1007,
    1009,
    1015,
    1016,
    1021,
    1022,
    1231,
    1182,
    1115,
    1185,
    1187,
    199,
    3807,
    19,
    18,
    705,
    2249,
    2287,
  ]]
    .map((oid) => [oid, (text: string) => text]),
);

/** The text of a query for PostgreSQL, or the reason why there is none. */
export function postgresText(query: Query): { readonly sql: string } | { readonly refused: string } {
  try {
    return { sql: printQuery(query, { dialect: "postgresql" }) };
  } catch (error) {
    if (error instanceof QueryError && error.code === "unsupported") return { refused: error.message };
    throw error;
  }
}

/** PostgreSQL's error class by SQLSTATE. */
export function postgresFailure(code: string): FailureClass {
  if (code === "22012") return "division-by-zero";
  if (code === "22003" || code === "22008" || code === "22015") return "overflow";
  if (code === "21000") return "cardinality";
  if (code.startsWith("22") || code.startsWith("2201") || code.startsWith("23")) return "value";
  return /^(53|54|57)/.test(code) ? "limit" : "statement";
}

/** See the module header. */
export class PostgresPeer implements QueryPeer {
  readonly name = "postgres";
  readonly #database: PGlite;

  private constructor(database: PGlite) {
    this.#database = database;
  }

  /** Starts an instance; takes some seconds. */
  static async start(): Promise<PostgresPeer> {
    const database = await PGlite.create();
    await database.exec(
      "SET TIME ZONE 'UTC'; SET intervalstyle = 'postgres'; SET client_min_messages = 'error'",
    );
    return new PostgresPeer(database);
  }

  async load(tables: readonly RandomTable[]): Promise<void> {
    const statements = tables.flatMap((table) => [createTableSql(table, "JSONB"), insertSql(table) ?? ""]);
    await this.#database.exec(
      `DROP SCHEMA IF EXISTS fuzz CASCADE; CREATE SCHEMA fuzz; SET search_path = fuzz; ${
        statements.join("; ")
      }`,
    );
  }

  async run(query: Query): Promise<Outcome> {
    const text = postgresText(query);
    if ("refused" in text) return { kind: "refused", reason: text.refused };
    return await this.runText(text.sql);
  }

  /** Runs SQL text. */
  async runText(sql: string): Promise<Outcome> {
    try {
      const result = await this.#database.query<Cell[]>(sql, [], {
        rowMode: "array",
        parsers: { ...asWritten },
      });
      return {
        kind: "rows",
        rows: result.rows,
        types: result.fields.map((field) =>
          TYPES[field.dataTypeID] ?? (field.dataTypeID === 705 ? "unknown" : "array")
        ),
      };
    } catch (error) {
      const { code = "", message } = error as { code?: string; message: string };
      if (code === "0A000") return { kind: "refused", reason: message };
      return { kind: "failure", class: postgresFailure(code), message: `${code} ${message}` };
    }
  }

  /** Runs a script, for histories of writes. */
  async exec(script: string): Promise<void> {
    await this.#database.exec(script);
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}
