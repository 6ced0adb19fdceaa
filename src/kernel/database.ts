/**
 * The public face: `createDatabase` and what it gives.
 *
 * Everything is asynchronous here and synchronous inside. Text is parsed once and kept, so a repeated
 * statement costs neither parsing nor planning.
 *
 * @module
 */
import { type Clock, systemClock } from "../base/clock.ts";
import { LiveViewError, PluginError, QueryError } from "../base/error.ts";
import { type Random, SeededRandom } from "../base/random.ts";
import type { Query, Statement } from "../query/ast.ts";
import type { Catalog } from "../query/catalog.ts";
import { locate, withSource } from "../sql/sql_error.ts";
import type { ReferenceViolation } from "../storage/reference_check.ts";
import type { ChangeStream, SubscribeOptions } from "./hooks.ts";
import { type InputRows, insertRows } from "./insert.ts";
import { Kernel } from "./kernel.ts";
import { deleteByKey, type KeyedRows, updateByKey } from "./keyed_write.ts";
import { DEFAULT_LIMITS, type Limits, withoutStackOverflow } from "./limits.ts";
import { type Lineage, lineageOf } from "./lineage.ts";
import { ParsedStatements } from "./parsed_statements.ts";
import type { ApisOf, ExtensionPoint, Plugin } from "./plugin.ts";
import type { QueryOptions } from "./query_context.ts";
import type { QueryResult } from "./query_result.ts";
import { explainQuery, type Explanation } from "./run_explain.ts";
import { QueryContext } from "./query_context.ts";
import { runStatement } from "./run_statement.ts";
import { Session } from "./session.ts";
import { type StatementReads, statementReads } from "./statement_reads.ts";

/** Options of {@linkcode createDatabase}. */
export interface DatabaseOptions<Plugins extends readonly Plugin[]> {
  /** Loaded in list order; each one's API is at `db.plugins.<name>`. */
  readonly plugins?: Plugins;
  /** IANA name of the time zone in which dates are cut; UTC by default. */
  readonly timeZone?: string;
  /** The machine's clock by default. */
  readonly clock?: Clock;
  /** For random(), sampling and keys; seeded from the clock by default. */
  readonly random?: Random;
  /** Each limit has a default; see {@linkcode Limits}. */
  readonly limits?: Partial<Limits>;
}

/** What a statement may be given as: SQL text, or the AST that text, builder and JSON become. */
export type StatementInput = string | Query;

/** What can be asked inside and outside of a transaction. */
export interface Queryable {
  /** Runs one statement. */
  query(statement: StatementInput, options?: QueryOptions): Promise<QueryResult>;
  /** Runs the statements of `script` one after the other; gives the last result. */
  exec(script: string, options?: QueryOptions): Promise<QueryResult>;
  /** Inserts rows; gives their number. */
  insert(table: string, rows: InputRows): Promise<number>;
  /** Changes rows by primary key; gives how many were found. */
  update(table: string, rows: KeyedRows): Promise<number>;
  /** Deletes rows by primary key; gives how many were found. */
  delete(table: string, keys: KeyedRows): Promise<number>;
}

/** A transaction of {@linkcode Database.transaction}: reads its own writes. */
export type DatabaseTransaction = Queryable;

/** Memory in use. */
export interface MemoryReport {
  /** Bytes of all tables, indexes and logs. */
  readonly totalBytes: number;
  /** Each table with its bytes and its live rows. */
  readonly tables: readonly { readonly name: string; readonly bytes: number; readonly rowCount: number }[];
}

/**
 * Creates an empty database.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { createDatabase } from "./database.ts";
 *
 * await using db = createDatabase();
 * await db.exec("CREATE TABLE sale (day DATE, amount DECIMAL(10,2)); INSERT INTO sale VALUES ('2024-05-01', 9.5)");
 * const result = await db.query("SELECT sum(amount) AS total FROM sale");
 * assert(result.objects()[0]?.total === 9.5);
 * ```
 */
export function createDatabase<const Plugins extends readonly Plugin[] = readonly []>(
  options: DatabaseOptions<Plugins> = {},
): Database<Plugins> {
  return new Database(options);
}

/** A database in memory. Close it, or declare it with `await using`. */
export class Database<const Plugins extends readonly Plugin[] = readonly []>
  implements Queryable, AsyncDisposable {
  readonly #kernel: Kernel;
  readonly #session: Session;
  readonly #parsed: ParsedStatements;

  /** As {@linkcode createDatabase}. */
  constructor(options: DatabaseOptions<Plugins>) {
    const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
    const clock = options.clock ?? systemClock;
    this.#kernel = new Kernel({
      clock,
      random: options.random ?? new SeededRandom(clock.now()),
      timeZone: options.timeZone ?? "UTC",
      limits,
      plugins: options.plugins ?? [],
    });
    this.#session = this.#kernel.session;
    this.#parsed = new ParsedStatements(limits);
  }

  /** The APIs of the plugins, by plugin name. */
  get plugins(): ApisOf<Plugins> {
    // The hook table was built from this very list.
    return this.#kernel.hooks.apis as ApisOf<Plugins>;
  }

  /** Tables and views. */
  get catalog(): Catalog {
    return this.#kernel.catalog;
  }

  /** IANA name of the time zone in which dates are cut. */
  get timeZone(): string {
    return this.#kernel.timeZone;
  }

  /** The version of the last commit. */
  get version(): number {
    return this.#kernel.store.version;
  }

  /**
   * What the plugins added to an extension point, in the order of the list: how an adapter finds the points that
   * it defines.
   *
   * @example
   * ```ts
   * import { assert } from "@std/assert";
   * import { createDatabase, definePlugin, ExtensionPoint } from "../../mod.ts";
   *
   * const greetings = new ExtensionPoint<string>("greetings");
   * const polite = definePlugin({ name: "polite", setup: () => ({ api: {}, provides: [greetings.of("hello")] }) });
   * await using db = createDatabase({ plugins: [polite] });
   * assert(db.extensions(greetings)[0] === "hello");
   * ```
   */
  extensions<Value>(point: ExtensionPoint<Value>): readonly Value[] {
    return this.#kernel.hooks.values(point);
  }

  /** Names of functions, for completion. */
  functionNames(): readonly string[] {
    return this.#kernel.functions.names();
  }

  /**
   * Runs one statement.
   *
   * @example
   * ```ts
   * import { assert } from "@std/assert";
   * import { createDatabase } from "./database.ts";
   *
   * await using db = createDatabase();
   * const result = await db.query("SELECT $1 + 1 AS next", { params: [41] });
   * assert(result.column("next")[0] === 42);
   * ```
   */
  query(statement: StatementInput, options: QueryOptions = {}): Promise<QueryResult> {
    return this.#query(statement, options, this.#session);
  }

  /**
   * Runs the statements of `script` one after the other; gives the last result. Stops at the first error; what
   * the statements before it did stays, unless the script opened a transaction.
   *
   * @example
   * ```ts
   * import { assert } from "@std/assert";
   * import { createDatabase } from "./database.ts";
   *
   * await using db = createDatabase();
   * const result = await db.exec("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2); SELECT sum(a) AS s FROM t");
   * assert(result.column("s")[0] === 3);
   * ```
   */
  exec(script: string, options: QueryOptions = {}): Promise<QueryResult> {
    return this.#exec(script, options, this.#session);
  }

  /**
   * Inserts rows: objects, one row, columns by name, or a batch in storage units. Gives the number of rows.
   *
   * @throws {SchemaError} naming row, column and value; nothing is inserted then
   *
   * @example
   * ```ts
   * import { assert } from "@std/assert";
   * import { createDatabase } from "./database.ts";
   *
   * await using db = createDatabase();
   * await db.exec("CREATE TABLE reading (sensor TEXT, value DOUBLE)");
   * await db.insert("reading", [{ sensor: "a", value: 1.5 }]);
   * await db.insert("reading", { sensor: ["b", "c"], value: Float64Array.of(2, 2.5) });
   * assert((await db.query("SELECT sum(value) AS s FROM reading")).column("s")[0] === 6);
   * ```
   */
  async insert(table: string, rows: InputRows): Promise<number> {
    this.#kernel.requireOpen();
    return await insertRows(this.#kernel, this.#session, table, rows);
  }

  /**
   * Changes rows by primary key: each object holds the key and the columns to change.
   *
   * @example
   * ```ts
   * import { assert } from "@std/assert";
   * import { createDatabase } from "./database.ts";
   *
   * await using db = createDatabase();
   * await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); INSERT INTO t VALUES (1, 10), (2, 20)");
   * assert(await db.update("t", { id: 1, v: 11 }) === 1);
   * assert(await db.delete("t", { id: 2 }) === 1);
   * assert((await db.query("SELECT v FROM t")).column("v")[0] === 11);
   * ```
   */
  async update(table: string, rows: KeyedRows): Promise<number> {
    this.#kernel.requireOpen();
    return await updateByKey(this.#kernel, this.#session, table, rows);
  }

  /** Deletes rows by primary key; see {@linkcode Database.update}. */
  async delete(table: string, keys: KeyedRows): Promise<number> {
    this.#kernel.requireOpen();
    return await deleteByKey(this.#kernel, this.#session, table, keys);
  }

  /**
   * Runs `body` in a transaction: all of its writes are published together when it returns, and none when it
   * throws. Transactions run one after the other. In `body` write with its parameter: a write of the database
   * itself would wait for the transaction to end.
   *
   * @throws {InvariantError} `would-wait-for-itself` from such a write
   * @throws {LiveViewError} `transaction-closed` from a call that comes after the end
   *
   * @example
   * ```ts
   * import { assert } from "@std/assert";
   * import { createDatabase } from "./database.ts";
   *
   * await using db = createDatabase();
   * await db.exec("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER CHECK (balance >= 0))");
   * await db.insert("account", [{ id: 1, balance: 10 }, { id: 2, balance: 0 }]);
   * await db.transaction(async (tx) => {
   *   await tx.query("UPDATE account SET balance = balance - 4 WHERE id = 1");
   *   await tx.query("UPDATE account SET balance = balance + 4 WHERE id = 2");
   * });
   * assert((await db.query("SELECT balance FROM account ORDER BY id")).column("balance").join() === "6,4");
   * ```
   */
  async transaction<Result>(
    body: (transaction: DatabaseTransaction) => Promise<Result> | Result,
  ): Promise<Result> {
    this.#kernel.requireOpen();
    const session = new Session(this.#kernel);
    await session.begin();
    let open = true;
    const requireActive = () => {
      if (!open) {
        throw new LiveViewError("transaction-closed", "The transaction has ended", {
          hint: "await every call inside the callback",
        });
      }
    };
    try {
      const tx: DatabaseTransaction = {
        query: (statement, options = {}) => (requireActive(), this.#query(statement, options, session)),
        exec: (script, options = {}) => (requireActive(), this.#exec(script, options, session)),
        insert: (table, rows) => (requireActive(), insertRows(this.#kernel, session, table, rows)),
        update: (table, rows) => (requireActive(), updateByKey(this.#kernel, session, table, rows)),
        delete: (table, keys) => (requireActive(), deleteByKey(this.#kernel, session, table, keys)),
      };
      const result = await this.#kernel.writerLock.callbacks.run(() => body(tx));
      open = false;
      if (session.transaction !== undefined) session.commit();
      return result;
    } catch (error) {
      open = false;
      if (session.transaction !== undefined) session.rollback();
      throw error;
    }
  }

  /**
   * The changes of a view, a query or a table, as they are committed; a plugin provides it. The target is a name, SQL
   * text or an AST; a query may have parameters. The first change carries the contents, unless `snapshot` is false.
   * It ends by its signal, when the database is closed, and when what it reads is dropped or replaced.
   *
   * @throws {PluginError} `plugin-missing` when no plugin knows `target`
   *
   * @example
   * ```ts
   * import { assert } from "@std/assert";
   * import { createDatabase, materializedViews } from "../../mod.ts";
   *
   * await using db = createDatabase({ plugins: [materializedViews()] });
   * await db.exec("CREATE TABLE t (v INTEGER); CREATE MATERIALIZED VIEW total AS SELECT sum(v) AS s FROM t");
   * await db.insert("t", [{ v: 2 }]);
   * for await (const change of db.subscribe("total")) {
   *   assert(change.snapshot && change.inserted[0]?.s === 2);
   *   break;
   * }
   * ```
   */
  subscribe(target: StatementInput, options: SubscribeOptions = {}): ChangeStream {
    this.#kernel.requireOpen();
    const context = new QueryContext(
      typeof target === "string" ? { sql: target, options } : { statement: target, options },
    );
    const changes = this.#kernel.hooks.first("subscribe", target, options, context);
    if (changes !== undefined) return changes;
    const name = typeof target === "string" ? JSON.stringify(target) : "of a query";
    throw new PluginError("plugin-missing", `Nothing answers db.subscribe(${name})`, {
      hint: "load the materializedViews() plugin and subscribe to one of its views",
    });
  }

  /**
   * The plan of a query; runs it with `analyze`.
   *
   * @example
   * ```ts
   * import { assert } from "@std/assert";
   * import { createDatabase } from "./database.ts";
   *
   * await using db = createDatabase();
   * await db.exec("CREATE TABLE t (v INTEGER)");
   * const explanation = await db.explain("SELECT count(*) FROM t");
   * assert(explanation.toString().includes("t"));
   * ```
   */
  async explain(
    sql: StatementInput,
    options: QueryOptions & { readonly analyze?: boolean } = {},
  ): Promise<Explanation> {
    this.#kernel.requireOpen();
    const [statement] = typeof sql === "string" ? this.#parsed.get(sql) : [sql];
    if (statement?.kind !== "query") {
      throw new QueryError("invalid-statement", "db.explain takes one query", {
        hint: "use EXPLAIN in SQL for writes",
      });
    }
    return await positioned(sql, statement, async () => {
      const context = new QueryContext({ statement, options });
      return await explainQuery(this.#kernel, statement, options.analyze ?? false, context, this.#session);
    });
  }

  /**
   * What a statement would read, without running it: an answer to it holds as long as the tables that it reads
   * have not changed.
   *
   * @example
   * ```ts
   * import { assert } from "@std/assert";
   * import { createDatabase } from "./database.ts";
   *
   * await using db = createDatabase();
   * await db.exec("CREATE TABLE a (v INTEGER); CREATE TABLE b (v INTEGER)");
   * const before = db.reads("SELECT sum(v) FROM a");
   * await db.insert("b", [{ v: 1 }]);
   * assert(db.reads("SELECT sum(v) FROM a").version === before.version);
   * await db.insert("a", [{ v: 1 }]);
   * assert(db.reads("SELECT sum(v) FROM a").version === db.version);
   * ```
   */
  reads(input: StatementInput, options: QueryOptions = {}): StatementReads {
    this.#kernel.requireOpen();
    const statement = typeof input === "string" ? this.#single(input) : input;
    const context = new QueryContext({ statement, options });
    try {
      return statementReads(this.#kernel, statement, context);
    } catch (error) {
      throw positionedError(error, input, statement);
    }
  }

  /**
   * What a table or view is made from, and what is made from it.
   *
   * @throws {SchemaError} `unknown-object`
   *
   * @example
   * ```ts
   * import { assert } from "@std/assert";
   * import { createDatabase } from "./database.ts";
   *
   * await using db = createDatabase();
   * await db.exec("CREATE TABLE sale (amount INTEGER); CREATE VIEW large AS SELECT * FROM sale WHERE amount > 10");
   * assert(db.lineage("sale").downstream[0]?.reader === "large");
   * ```
   */
  lineage(relation: string): Lineage {
    this.#kernel.requireOpen();
    return lineageOf(this.#kernel, relation);
  }

  /** Memory by table. */
  memory(): MemoryReport {
    const tables = this.#kernel.store.tables().map((table) => ({
      name: table.name,
      bytes: table.memoryBytes,
      rowCount: table.rowCount,
    }));
    return { totalBytes: this.#kernel.store.memoryBytes(), tables };
  }

  /** Foreign keys that do not hold: declared references are checked when asked. */
  checkReferences(table: string): readonly ReferenceViolation[] {
    this.#kernel.requireOpen();
    return this.#kernel.store.checkReferences(table);
  }

  /** Metrics by name, from kernel and plugins; labels follow the name as Prometheus writes them. */
  metrics(): ReadonlyMap<string, number> {
    const metrics = new Map<string, number>([
      ["version", this.version],
      ["tasks", this.#kernel.scheduler.taskCount],
      ["memory_bytes", this.#kernel.store.memoryBytes()],
      ["history_bytes", this.#kernel.store.history.byteLength],
    ]);
    this.#kernel.hooks.notify("collectMetrics", (name, value, labels) => {
      const suffix = labels === undefined
        ? ""
        : `{${Object.entries(labels).map(([key, label]) => `${key}="${escapeLabel(label)}"`).join()}}`;
      metrics.set(name + suffix, value);
    });
    return metrics;
  }

  /** Ends everything under way. The database cannot be used afterwards. */
  close(): Promise<void> {
    this.#kernel.close();
    return Promise.resolve();
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #query(input: StatementInput, options: QueryOptions, session: Session): Promise<QueryResult> {
    this.#kernel.requireOpen();
    if (typeof input !== "string") {
      return await runStatement(this.#kernel, { statement: input, options, session });
    }
    const statement = this.#single(input);
    return await positioned(
      input,
      statement,
      () => runStatement(this.#kernel, { statement, sql: input, options, session }),
    );
  }

  #single(sql: string): Statement {
    const statements = this.#parsed.get(sql);
    const [statement] = statements;
    if (statement !== undefined && statements.length === 1) return statement;
    const message = `db.query takes one statement: received ${statements.length}`;
    const error = new QueryError("invalid-statement", message, { hint: "use db.exec for scripts" });
    throw locate(error, sql, statements[1]?.span ?? { from: 0, to: 0 });
  }

  async #exec(script: string, options: QueryOptions, session: Session): Promise<QueryResult> {
    this.#kernel.requireOpen();
    let result: QueryResult | undefined;
    for (const statement of this.#parsed.get(script)) {
      result = await positioned(
        script,
        statement,
        () => runStatement(this.#kernel, { statement, sql: script, options, session }),
      );
    }
    if (result !== undefined) return result;
    throw noStatement(script);
  }
}

/** As the text format of Prometheus wants it. */
function escapeLabel(label: string): string {
  return label.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function noStatement(script: string): QueryError {
  const error = new QueryError("invalid-statement", "The script contains no statement", {
    hint: "write at least one statement",
  });
  return locate(error, script, { from: 0, to: 0 });
}

/** Adds line, column and caret to errors that carry a span of the statement. */
async function positioned<Result>(
  sql: StatementInput,
  statement: Statement,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw positionedError(error, sql, statement);
  }
}

function positionedError(error: unknown, sql: StatementInput, statement: Statement): unknown {
  if (typeof sql !== "string" || !(error instanceof QueryError)) return withoutStackOverflow(error);
  // A span may be of a definition that the statement only set off: a view kept up to date by a write.
  return contains(statement, error.details["span"]) ? withSource(error, sql) : error;
}

/** True when `part` is an object of the tree below `root`. */
function contains(root: object, part: unknown): boolean {
  const open: object[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node === part) return true;
    for (const child of Object.values(node)) {
      if (typeof child === "object" && child !== null) open.push(child);
    }
  }
  return false;
}
