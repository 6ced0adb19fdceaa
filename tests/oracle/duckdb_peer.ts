/**
 * DuckDB as an oracle, for what PostgreSQL does not know (QUALIFY, ASOF, GROUP BY ALL, ...) and as a second
 * opinion. Ad hoc SQL only: its prepared statements take types from parameters.
 *
 * @module
 */
import {
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  DuckDBTypeId,
  type DuckDBValue,
} from "@duckdb/node-api";
import { QueryError } from "../../src/base/error.ts";
import type { Query } from "../../src/query/ast.ts";
import { formatArray } from "../../src/query/functions/array_text.ts";
import { formatDatum } from "../../src/query/functions/text_format.ts";
import { printQuery } from "../../src/sql/print.ts";
import {
  DATE,
  type Datum,
  DOUBLE,
  INTERVAL,
  type SqlType,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../../src/storage/sql_type.ts";
import type { Cell, CellType, FailureClass, Outcome, QueryPeer } from "./query_peer.ts";
import { createTableSql, datumLiteral, insertSql, type RandomTable } from "./random_table.ts";

const TYPES: Readonly<Partial<Record<DuckDBTypeId, CellType>>> = {
  [DuckDBTypeId.BOOLEAN]: "boolean",
  [DuckDBTypeId.TINYINT]: "smallint",
  [DuckDBTypeId.SMALLINT]: "smallint",
  [DuckDBTypeId.INTEGER]: "integer",
  [DuckDBTypeId.BIGINT]: "bigint",
  [DuckDBTypeId.HUGEINT]: "numeric",
  [DuckDBTypeId.UBIGINT]: "bigint",
  [DuckDBTypeId.DECIMAL]: "numeric",
  [DuckDBTypeId.FLOAT]: "real",
  [DuckDBTypeId.DOUBLE]: "double",
  [DuckDBTypeId.VARCHAR]: "text",
  [DuckDBTypeId.DATE]: "date",
  [DuckDBTypeId.TIME]: "time",
  [DuckDBTypeId.TIMESTAMP]: "timestamp",
  [DuckDBTypeId.TIMESTAMP_TZ]: "timestamptz",
  [DuckDBTypeId.INTERVAL]: "interval",
  [DuckDBTypeId.LIST]: "array",
};

/** DuckDB reads lists in brackets, and intervals best by their parts. */
function duckdbLiteral(value: Datum, type: SqlType): string {
  if (value === null) return "NULL";
  if (type.kind === "array" && Array.isArray(value)) {
    return `[${value.map((item: Datum) => duckdbLiteral(item, type.element)).join(", ")}]`;
  }
  if (typeof value === "object" && "months" in value) {
    return `INTERVAL '${value.months} months ${value.days} days ${value.micros} microseconds'`;
  }
  return datumLiteral(value, type);
}

function cellOf(value: DuckDBValue): Cell {
  if (value === null) return null;
  switch (typeof value) {
    case "string":
      return value;
    case "boolean":
      return value ? "t" : "f";
    case "bigint":
      return value.toString();
    case "number":
      return formatDatum(value, DOUBLE);
    default:
  }
  if (value instanceof DuckDBDecimalValue) return value.toString();
  if (value instanceof DuckDBDateValue) return formatDatum(value.days, DATE);
  if (value instanceof DuckDBTimeValue) return formatDatum(Number(value.micros), TIME);
  if (value instanceof DuckDBTimestampTZValue) return formatDatum(Number(value.micros), TIMESTAMPTZ);
  if (value instanceof DuckDBTimestampValue) return formatDatum(Number(value.micros), TIMESTAMP);
  if (value instanceof DuckDBIntervalValue) {
    return formatDatum({ months: value.months, days: value.days, micros: Number(value.micros) }, INTERVAL);
  }
  if (value instanceof DuckDBListValue) return formatArray(value.items.map(cellOf), (item) => String(item));
  return String(value);
}

function failureOf(message: string): FailureClass | "refused" {
  if (/^(Out of Range|Conversion) Error.*(overflow|out of range|range)/is.test(message)) return "overflow";
  if (/division by zero/i.test(message)) return "division-by-zero";
  if (/^Conversion Error|^Out of Range Error/i.test(message)) return "value";
  if (/more than one row/i.test(message)) return "cardinality";
  return "refused";
}

/** See the module header. */
export class DuckDbPeer implements QueryPeer {
  readonly name = "duckdb";
  readonly #connection: DuckDBConnection;

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  static async start(): Promise<DuckDbPeer> {
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    return new DuckDbPeer(await instance.connect());
  }

  async load(tables: readonly RandomTable[]): Promise<void> {
    await this.#connection.run("DROP SCHEMA IF EXISTS fuzz CASCADE; CREATE SCHEMA fuzz; SET schema = 'fuzz'");
    for (const table of tables) {
      // The storage's limits on DECIMAL differ: what does not fit is not loaded, and its queries are refused.
      await this.#connection.run(createTableSql(table));
      const insert = insertSql(table, duckdbLiteral);
      if (insert !== undefined) await this.#connection.run(insert);
    }
  }

  async run(query: Query): Promise<Outcome> {
    let sql: string;
    try {
      sql = printQuery(query, { dialect: "duckdb" });
    } catch (error) {
      if (error instanceof QueryError && error.code === "unsupported") {
        return { kind: "refused", reason: error.message };
      }
      throw error;
    }
    return await this.runText(sql);
  }

  /** Runs SQL text. */
  async runText(sql: string): Promise<Outcome> {
    try {
      const reader = await this.#connection.runAndReadAll(sql);
      return {
        kind: "rows",
        rows: reader.getRows().map((row) => row.map(cellOf)),
        types: reader.columnTypes().map((type) =>
          type.alias === "JSON" ? "json" : TYPES[type.typeId] ?? "unknown"
        ),
      };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const failure = failureOf(message);
      return failure === "refused"
        ? { kind: "refused", reason: message }
        : { kind: "failure", class: failure, message };
    }
  }

  close(): Promise<void> {
    this.#connection.closeSync();
    return Promise.resolve();
  }
}
