/**
 * The engine itself as a peer, through its public face, and the naive reference engine over the same binder.
 *
 * @module
 */
import { ManualClock, systemClock } from "../../src/base/clock.ts";
import { type ErrorCode, LimitError, LiveViewError } from "../../src/base/error.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { materialize } from "../../src/exec/materialize.ts";
import { readDatums } from "../../src/exec/vector_read.ts";
import { createDatabase, type Database } from "../../src/kernel/database.ts";
import type { QueryResult } from "../../src/kernel/query_result.ts";
import type { Query } from "../../src/query/ast.ts";
import { bindQuery } from "../../src/query/binder.ts";
import type { Catalog, CatalogTable } from "../../src/query/catalog.ts";
import { FunctionRegistry } from "../../src/query/function_registry.ts";
import { BUILTIN_FUNCTIONS } from "../../src/query/functions/library.ts";
import { formatDatum } from "../../src/query/functions/text_format.ts";
import type { Datum, SqlType } from "../../src/storage/sql_type.ts";
import { postgresText } from "./postgres_peer.ts";
import type { Cell, CellType, FailureClass, Outcome, QueryPeer } from "./query_peer.ts";
import { createTableSql, insertSql, type RandomTable } from "./random_table.ts";
import { evaluateQuery } from "./reference_engine.ts";

/** The statement's time in every engine peer: queries that ask for it are not compared with others. */
const NOW_MS = Date.UTC(2024, 4, 17, 12);

const CLASSES: Readonly<Partial<Record<ErrorCode, FailureClass>>> = {
  "division-by-zero": "division-by-zero",
  "numeric-overflow": "overflow",
  "invalid-value": "value",
  "invalid-cast": "value",
  "cardinality-violation": "cardinality",
  "not-null-violation": "value",
  "check-violation": "value",
  "duplicate-key": "value",
  "memory-limit": "limit",
  "row-limit": "limit",
  "fan-out-limit": "limit",
  "depth-limit": "limit",
  "token-limit": "limit",
  "deadline-exceeded": "limit",
  "invariant": "crash",
  "closed": "crash",
};

/** An error of the engine as an outcome; what is no LiveViewError is a crash. */
export function engineFailure(error: unknown): Outcome {
  if (!(error instanceof LiveViewError)) {
    const message = error instanceof Error ? error.stack ?? error.message : String(error);
    return { kind: "failure", class: "crash", message };
  }
  const message = `${error.code} ${error.message}`;
  return { kind: "failure", class: CLASSES[error.code] ?? "statement", message };
}

/** How values of a type compare. */
export function cellType(type: SqlType): CellType {
  if (type.kind === "decimal") return "numeric";
  return type.kind === "null" ? "text" : type.kind;
}

/** A value as a cell. */
export function cellOf(value: Datum, type: SqlType): Cell {
  if (value === null) return null;
  if (type.kind === "boolean") return value === true ? "t" : "f";
  return formatDatum(value, type);
}

/** A result as an outcome. */
export function outcomeOf(result: QueryResult): Outcome {
  const columns = result.columns.map(({ sqlType }, i) =>
    readDatums(materialize(result.vector(i), result.rowCount), result.rowCount).map((datum) =>
      cellOf(datum, sqlType)
    )
  );
  return {
    kind: "rows",
    types: result.columns.map(({ sqlType }) => cellType(sqlType)),
    rows: Array.from({ length: result.rowCount }, (_, row) => columns.map((column) => column[row]!)),
  };
}

/** See the module header. */
export class EnginePeer implements QueryPeer {
  readonly name = "engine";
  #database: Database = createDatabase();

  async load(
    tables: readonly RandomTable[],
    time: "fixed time" | "system clock" = "fixed time",
  ): Promise<void> {
    await this.#database.close();
    const clock = time === "fixed time" ? new ManualClock(NOW_MS) : systemClock;
    this.#database = createDatabase({ clock, random: new SeededRandom(1) });
    for (const table of tables) {
      await this.#database.exec(createTableSql(table));
      const insert = insertSql(table);
      if (insert !== undefined) await this.#database.exec(insert);
      await this.#leaveHoles(table);
    }
  }

  /** Inserts and deletes rows, so that scans meet dead slots. Every other table stays dense. */
  async #leaveHoles(table: RandomTable): Promise<void> {
    const [row] = table.rows;
    const [first] = table.columns;
    if (!table.keyed || row === undefined || first === undefined || table.rows.length % 2 === 0) return;
    const extra = [1000001, 1000002, 1000003].map((key) => [key, ...row.slice(1)]);
    await this.#database.exec(insertSql({ ...table, rows: extra })!);
    await this.#database.exec(`DELETE FROM ${table.name} WHERE ${first.name} > 1000000`);
  }

  async run(query: Query): Promise<Outcome> {
    const text = postgresText(query);
    try {
      return outcomeOf(await this.#database.query("sql" in text ? text.sql : query));
    } catch (error) {
      return engineFailure(error);
    }
  }

  /** Runs SQL text. */
  async runText(sql: string): Promise<Outcome> {
    try {
      return outcomeOf(await this.#database.exec(sql));
    } catch (error) {
      return engineFailure(error);
    }
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}

/** The naive engine, over datums. */
export class ReferencePeer implements QueryPeer {
  readonly name = "reference";
  readonly #functions: FunctionRegistry = new FunctionRegistry(BUILTIN_FUNCTIONS);
  #tables: ReadonlyMap<string, RandomTable> = new Map();
  #catalog: Catalog = { relation: () => undefined, relationNames: () => [] };

  load(tables: readonly RandomTable[]): Promise<void> {
    this.#tables = new Map(tables.map((table) => [table.name, table]));
    const relations = new Map(tables.map((table) => [table.name, catalogTable(table)]));
    this.#catalog = { relation: (name) => relations.get(name), relationNames: () => [...relations.keys()] };
    return Promise.resolve();
  }

  run(query: Query): Promise<Outcome> {
    try {
      const bound = bindQuery(query, { catalog: this.#catalog, functions: this.#functions, timeZone: "UTC" });
      const rows = evaluateQuery(bound, {
        parameters: [],
        functions: this.#functions,
        nowMicros: NOW_MS * 1000,
        timeZone: "UTC",
        random: () => 0.5,
        table: (name) => this.#tables.get(name)!.rows,
      });
      const types = bound.columns.map((column) => column.type);
      return Promise.resolve({
        kind: "rows",
        types: types.map(cellType),
        rows: rows.map((row) => row.map((value, i) => cellOf(value, types[i]!))),
      });
    } catch (error) {
      // The other oracles need not look at every row for every row.
      if (error instanceof LimitError && error.code === "fan-out-limit") {
        return Promise.resolve({ kind: "refused", reason: error.message });
      }
      return Promise.resolve(engineFailure(error));
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function catalogTable(table: RandomTable): CatalogTable {
  return {
    kind: "table",
    name: table.name,
    columns: table.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    primaryKey: table.keyed ? [table.columns[0]!.name] : [],
    uniqueKeys: [],
    checks: [],
  };
}
