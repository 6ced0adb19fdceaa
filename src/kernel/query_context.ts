/**
 * What is known of one query: options, tenant, deadline, and typed slots for plugins.
 *
 * @module
 */
import type { Statement } from "../query/ast.ts";
import type { Datum } from "../storage/sql_type.ts";

/** A typed slot in a {@linkcode QueryContext}; plugins define their own. */
export class ContextKey<Value> {
  /** Ties the key to the type of its value; never read. */
  declare protected readonly valueType: Value;
  /** For messages and debugging; two keys of one name stay two. */
  readonly name: string;

  /** Makes a key that no other has. */
  constructor(name: string) {
    this.name = name;
  }
}

/** Options of `db.query` and `db.exec`. */
export interface QueryOptions {
  /** Values of `$1`, `$2`, ... as an array, or of `:name` as an object. */
  readonly params?: readonly unknown[] | Readonly<Record<string, unknown>>;
  /** Ends the query with `aborted`. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which the query ends with `deadline-exceeded`. */
  readonly deadlineMs?: number;
  /** Higher runs first; 0 by default. */
  readonly priority?: number;
  /** Whose query it is; for plugins that tell tenants apart. */
  readonly tenant?: string;
  /**
   * The answer reflects at least this version, such as that of a write. Stored views that the statement reads and
   * that lag behind it are refreshed first; where that fails it is `stale`, and a version that has not been
   * committed is `version-unavailable` at once.
   */
  readonly minVersion?: number;
  /** Stored views whose oldest unapplied change is older than this are refreshed first, or it is `stale`. */
  readonly maxStalenessMs?: number;
  /**
   * The answer is that of this version, as with AT VERSION at every table and stored view: `version-unavailable`
   * when the commits since then are not kept any more. For queries alone.
   */
  readonly atVersion?: number;
  /** Rows that a result may have; the database's `resultRowsMax` by default. */
  readonly rowsMax?: number;
  /** Statements that write are refused with `access-denied`, whoever would carry them out. */
  readonly readOnly?: boolean;
  /** BIGINT and DECIMAL as bigint and decimal strings, always. */
  readonly exact?: boolean;
  /** DATE and TIMESTAMP as Temporal objects instead of Date. */
  readonly temporal?: boolean;
  /** Slots for plugins. */
  readonly context?: QueryContext;
}

/** Immutable. */
export class QueryContext {
  /** The statement as it came, when it came as text. */
  readonly sql: string | undefined;
  /** The statement as AST. */
  readonly statement: Statement | undefined;
  /** The options it was called with. */
  readonly options: QueryOptions;
  /** The values of the parameters, in storage units, in order of their numbers. */
  readonly parameters: readonly Datum[];
  readonly #values: ReadonlyMap<unknown, unknown>;

  /** A context with the slots of `options.context`, or with `values`. */
  constructor(
    start: {
      readonly sql?: string | undefined;
      readonly statement?: Statement | undefined;
      readonly options?: QueryOptions;
      readonly parameters?: readonly Datum[];
    } = {},
    values?: ReadonlyMap<unknown, unknown>,
  ) {
    this.sql = start.sql;
    this.statement = start.statement;
    this.options = start.options ?? {};
    this.parameters = start.parameters ?? [];
    this.#values = values ?? start.options?.context?.values() ?? new Map();
  }

  /** The value of a slot; `undefined` when nobody set it. */
  get<Value>(key: ContextKey<Value>): Value | undefined {
    // Only `with` fills the map, and it pairs key and value by type.
    return this.#values.get(key) as Value | undefined;
  }

  /** This context with `key` set. */
  with<Value>(key: ContextKey<Value>, value: Value): QueryContext {
    return new QueryContext(this, new Map(this.#values).set(key, value));
  }

  /** All slots. */
  values(): ReadonlyMap<unknown, unknown> {
    return this.#values;
  }
}
