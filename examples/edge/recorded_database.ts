/**
 * A database that remembers what a snapshot has to hold: the text of every definition, and which tables changed.
 *
 * A statement is kept once it has run, as its own text, so a definition that fails leaves nothing behind and the scripts
 * run again in the order in which they ran. Statements that are no definitions cost one test of their text.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { Database, type DatabaseOptions, type StatementInput } from "../../src/kernel/database.ts";
import { definePlugin, type Plugin } from "../../src/kernel/plugin.ts";
import type { QueryOptions } from "../../src/kernel/query_context.ts";
import type { QueryResult } from "../../src/kernel/query_result.ts";
import type { Statement } from "../../src/query/ast.ts";
import { parseStatements } from "../../src/sql/parse.ts";
import { splitStatements } from "../../connectors/shell/statement_split.ts";

/** What changed since the last snapshot. */
export interface ChangedTables {
  /** Tables whose rows or columns changed. */
  readonly names: ReadonlySet<string>;
  /** Tables that are gone. */
  readonly dropped: ReadonlySet<string>;
  /** Rows that came and went. */
  readonly rowCount: number;
}

/** `db.plugins.tableChanges`. */
export interface TableChangesApi {
  /** What changed since the last call. */
  take(): ChangedTables;
  /** Undoes `take`, for a snapshot that failed. */
  giveBack(changed: ChangedTables): void;
}

/** Notes which tables change. `onChange` is told after every commit and definition, with the rows since `take`. */
export function tableChanges(onChange: (rowCount: number) => void): Plugin<"tableChanges", TableChangesApi> {
  return definePlugin({
    name: "tableChanges",
    setup: (host) => {
      let names = new Set<string>();
      let dropped = new Set<string>();
      let rowCount = 0;
      return {
        api: {
          take: () => {
            const taken = { names, dropped, rowCount };
            names = new Set();
            dropped = new Set();
            rowCount = 0;
            return taken;
          },
          giveBack: (changed) => {
            for (const name of changed.dropped) if (!names.has(name)) dropped.add(name);
            for (const name of changed.names) if (!dropped.has(name)) names.add(name);
            rowCount += changed.rowCount;
          },
        },
        hooks: {
          commitDelta: ({ deltas }) => {
            for (const delta of deltas) {
              // Views are computed again from the tables.
              if (host.catalog.relation(delta.table)?.kind !== "table") continue;
              names.add(delta.table);
              rowCount += delta.rowCount;
            }
          },
          // A commit that wrote nothing, such as that of a reading transaction, needs no snapshot.
          published: () => void (rowCount > 0 && onChange(rowCount)),
          catalogChange: ({ kind, object, name, to }) => {
            if (object !== "table") return;
            if (kind === "dropped" || kind === "renamed") {
              names.delete(name);
              dropped.add(name);
            } else names.add(name);
            if (to !== undefined) names.add(to);
            onChange(rowCount);
          },
        },
      };
    },
  });
}

/** Kinds of statements that change the catalogue and nothing else that a snapshot keeps. */
const DEFINITIONS: ReadonlySet<Statement["kind"]> = new Set<Statement["kind"]>([
  "createTable",
  "createTableAs",
  "alterTable",
  "createView",
  "alterView",
  "createMaterializedView",
  "createIndex",
  "createDynamicTable",
  "alterDynamicTable",
  "drop",
]);

/** See the module header. */
export class RecordedDatabase<const Plugins extends readonly Plugin[]> extends Database<Plugins> {
  readonly #record: (sql: string) => void;

  /** `record` gets the text of every definition that has run. */
  constructor(options: DatabaseOptions<Plugins>, record: (sql: string) => void) {
    super(options);
    this.#record = record;
  }

  override async query(statement: StatementInput, options: QueryOptions = {}): Promise<QueryResult> {
    const result = await super.query(statement, options);
    if (typeof statement === "string" && isDefinition(statement)) this.#record(statement);
    return result;
  }

  override async exec(script: string, options: QueryOptions = {}): Promise<QueryResult> {
    const { statements, rest } = splitStatements(script);
    let last: QueryResult | undefined;
    for (const statement of rest.trim() === "" ? statements : [...statements, rest]) {
      last = await this.query(statement, options);
    }
    if (last !== undefined) return last;
    throw new QueryError("invalid-statement", "The script has no statement", { hint: "give at least one" });
  }

  /** Runs definitions that are recorded already. */
  async replay(scripts: readonly string[]): Promise<void> {
    for (const script of scripts) await super.query(script);
  }
}

function isDefinition(sql: string): boolean {
  if (!/\b(create|alter|drop)\b/i.test(sql)) return false;
  const [statement] = parseStatements(sql);
  return statement !== undefined && DEFINITIONS.has(statement.kind);
}
