/**
 * Materialized views: queries whose answers are kept up to date, and subscriptions to their changes.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { OperatorStatus } from "../../src/circuit/circuit.ts";
import { systemTables } from "../../src/kernel/extension_points.ts";
import { definePlugin, type Plugin } from "../../src/kernel/plugin.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import type { Query } from "../../src/query/ast.ts";
import { parseStatements } from "../../src/sql/parse.ts";
import { Alarms } from "./alarms.ts";
import { freshnessOf } from "./freshness.ts";
import type { MaintainedView } from "./maintained_view.ts";
import { QuerySubscriptions } from "./query_subscription.ts";
import type { RefreshRecord } from "./refresh_history.ts";
import { policyOf, type ViewProperties } from "./refresh_policy.ts";
import { ViewSet } from "./view_set.ts";
import { ViewStatements } from "./view_statement.ts";
import type { ViewStatus } from "./view_status.ts";
import { operatorsTable, refreshHistoryTable, viewErrorsTable, viewsTable } from "./view_tables.ts";

/** Limits of the plugin. */
export interface MaterializedViewsOptions {
  /** Views that may exist; 10,000 by default. */
  readonly viewsMax?: number;
  /** Refreshes that each view remembers; 100 by default. */
  readonly historyMax?: number;
  /** Rows of changes that a view with subscribers keeps for those that come back; 10,000 by default. */
  readonly retainedRowsMax?: number;
  /**
   * Called in the place of a timer: `runDue` is wanted in `delayMs` milliseconds, which replaces what was said before.
   * For runtimes that sleep between events and wake up by alarms of their own. A timer by default.
   */
  readonly wakeUp?: (delayMs: number) => void;
}

/** A view for {@linkcode MaterializedViewsApi.create}. */
export interface ViewDeclaration extends ViewProperties {
  /** Its name. */
  readonly name: string;
  /** What it keeps: SQL text or AST. */
  readonly query: string | Query;
  /** Names of its columns; those of the query by default. */
  readonly columns?: readonly string[];
  /** Replace a view of that name. */
  readonly orReplace?: boolean;
  /** Fill it now; true by default. Otherwise the first refresh does, and before that reading it is an error. */
  readonly withData?: boolean;
}

/** The operators of all views. */
export interface CircuitStatus {
  /** Inputs before what reads them, within each circuit. */
  readonly operators: readonly OperatorStatus[];
  /** Memory of all state. */
  readonly stateBytes: number;
}

/** `db.plugins.materializedViews`. */
export interface MaterializedViewsApi {
  /** Names of the views, in the order of their creation; those of subscribed queries are left out. */
  names(): readonly string[];
  /**
   * How a view is doing.
   *
   * @throws {SchemaError} `unknown-object`
   */
  status(name: string): ViewStatus;
  /**
   * The last refreshes of a view, oldest first.
   *
   * @throws {SchemaError} `unknown-object`
   */
  history(name: string): readonly RefreshRecord[];
  /**
   * Makes a view, as CREATE MATERIALIZED VIEW does.
   *
   * @throws {QueryError} `invalid-parameter` for a property, and what the query does not allow
   * @throws {SchemaError} `duplicate-object`, `circular-definition`, `dependent-objects`
   */
  create(view: ViewDeclaration): Promise<void>;
  /**
   * Brings a view up to date, and first the views that it reads. By changes where that is possible; an eager view
   * is up to date already and is recomputed, and so is every view with `full`.
   *
   * @throws {LiveViewError} what went wrong; the view is then as it was, and marked as stale
   */
  refresh(name: string, options?: { readonly full?: boolean }): Promise<void>;
  /**
   * Changes properties of a view; those that are left out stay.
   *
   * @throws {QueryError} `invalid-parameter`, `unsupported` when an eager view would read one that is not
   */
  alter(name: string, properties: ViewProperties): Promise<void>;
  /**
   * Gives a view another name.
   *
   * @throws {SchemaError} `dependent-objects` when something reads it; `duplicate-object`
   */
  rename(name: string, to: string): Promise<void>;
  /**
   * Drops a view.
   *
   * @throws {SchemaError} `unknown-object`; `dependent-objects` when views read it and `cascade` is not set
   */
  drop(name: string, options?: { readonly cascade?: boolean }): Promise<void>;
  /** The operators that keep the views up to date, with their state and the views that share them. */
  circuit(): CircuitStatus;
  /**
   * Refreshes and hands over what is due by the clock of the database. A timer calls it; where timers do not run,
   * as between the requests of an edge isolate, and with a clock that is moved by hand, the caller does.
   */
  runDue(): Promise<void>;
  /** Whether {@linkcode MaterializedViewsApi.runDue} has something to do now. */
  isDue(): boolean;
}

const VIEWS_MAX = 10_000;
const HISTORY_MAX = 100;
const RETAINED_ROWS_MAX = 10_000;

/**
 * The plugin.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { createDatabase, materializedViews } from "../../mod.ts";
 *
 * await using db = createDatabase({ plugins: [materializedViews()] });
 * await db.exec("CREATE TABLE t (k INTEGER, v INTEGER)");
 * await db.exec("CREATE MATERIALIZED VIEW s AS SELECT k, sum(v) AS total FROM t GROUP BY k");
 * await db.insert("t", [{ k: 1, v: 2 }, { k: 1, v: 3 }]);
 * assert((await db.query("SELECT total FROM s")).column("total")[0] === 5);
 * assert(db.plugins.materializedViews.status("s").refreshMode === "incremental");
 * ```
 */
export function materializedViews(
  options: MaterializedViewsOptions = {},
): Plugin<"materializedViews", MaterializedViewsApi> {
  return definePlugin({
    name: "materializedViews",
    setup: (host) => {
      const alarms = new Alarms(host.clock, options.wakeUp);
      const views = new ViewSet({
        host,
        alarms,
        historyMax: options.historyMax ?? HISTORY_MAX,
        retainedRowsMax: options.retainedRowsMax ?? RETAINED_ROWS_MAX,
      }, options.viewsMax ?? VIEWS_MAX);
      const statements = new ViewStatements(host, views);
      const queries = new QuerySubscriptions(host, views);
      return {
        api: apiOf(host, views, alarms),
        hooks: {
          statement: (statement, context, session) => statements.run(statement, context, session),
          freshness: (freshness, tables) => freshnessOf(views, freshness, tables),
          commitDelta: (batch) => views.maintain(batch),
          published: (version) => views.publish(version),
          dependents: (names, relation, after) => [...names, ...views.readersOf(relation, after)],
          dropDependents: (relation, among) => views.dropReaders(relation, among),
          catalogChange: (change) => {
            views.catalogChanged(change);
            queries.catalogChanged(change);
          },
          subscribe: (target, subscribeOptions, context) =>
            queries.subscribe(target, subscribeOptions, context),
          collectMetrics: (add) => views.views.forEach((view) => addMetrics(view, add)),
        },
        provides: [
          systemTables.of(viewsTable(() => views.views.map((view) => view.status()))),
          systemTables.of(
            viewErrorsTable(() =>
              views.views.flatMap((view) =>
                view.contents.rowErrors().map((error) => ({ view: view.name, error }))
              )
            ),
          ),
          systemTables.of(operatorsTable(() => views.operators())),
          systemTables.of(
            refreshHistoryTable(() => views.views.flatMap((view) => view.records())),
          ),
        ],
        close: () => {
          queries.close();
          views.close();
          alarms.close();
        },
      };
    },
  });
}

function apiOf(host: PluginHost, views: ViewSet, alarms: Alarms): MaterializedViewsApi {
  return {
    names: () => views.views.filter((view) => !view.temporary).map((view) => view.name),
    status: (name) => views.require(name).status(),
    history: (name) => views.require(name).records(),
    create: async ({ name, query, columns, orReplace = false, withData = true, ...properties }) => {
      const policy = policyOf(properties);
      if (!orReplace || views.get(name) === undefined) host.catalog.requireFree(name);
      const parsed = typeof query === "string" ? parseQuery(query) : query;
      await views.create({ name, query: parsed, columns, policy, orReplace, temporary: false, withData });
    },
    refresh: async (name, { full = false } = {}) => await views.refresh(views.require(name), full),
    alter: (name, properties) => views.alter(name, properties),
    rename: (name, to) => views.rename(name, to),
    drop: (name, { cascade = false } = {}) => views.drop([name], { ifExists: false, cascade }),
    circuit: () => {
      const operators = views.operators();
      return { operators, stateBytes: operators.reduce((bytes, operator) => bytes + operator.stateBytes, 0) };
    },
    runDue: () => alarms.runDue(),
    isDue: () => alarms.isDue(),
  };
}

function parseQuery(sql: string): Query {
  const [statement, ...others] = parseStatements(sql);
  if (statement?.kind === "query" && others.length === 0) return statement;
  throw new QueryError("invalid-statement", "A view is made from one query", {
    details: { kind: statement?.kind, statements: others.length + 1 },
    hint: "give a SELECT",
  });
}

function addMetrics(
  view: MaintainedView,
  add: (name: string, value: number, labels?: Readonly<Record<string, string>>) => void,
): void {
  const status = view.status();
  const labels = { view: status.name };
  add("view_rows", status.rowCount, labels);
  add("view_state_bytes", status.stateBytes, labels);
  add("view_staleness_ms", status.stalenessMs, labels);
  add("view_refreshes", status.refreshCount, labels);
  add("view_failures", status.failureCount, labels);
  add("view_error_rows", status.errorRowCount, labels);
  add("view_subscribers", status.subscriberCount, labels);
}
