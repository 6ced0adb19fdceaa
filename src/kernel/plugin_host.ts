/**
 * What a plugin may reach of the kernel. Everything else is private to it.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { ExecutionEnvironment } from "../exec/execution.ts";
import type { Query } from "../query/ast.ts";
import type { Catalog } from "../query/catalog.ts";
import type { FunctionRegistry } from "../query/function_registry.ts";
import type { BoundQuery, Plan, Scalar } from "../query/plan.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { Store } from "../storage/store.ts";
import type { TableSnapshot } from "../storage/table_view.ts";
import type { Transaction } from "../storage/transaction.ts";
import type { KernelCatalog } from "./catalog.ts";
import type { CatalogChange } from "./hooks.ts";
import type { Limits } from "./limits.ts";
import type { QueryContext } from "./query_context.ts";

/**
 * See the module header. Members work from the first call of a hook on; `clock` and `limits` in `setup` too.
 * Internal members reach into storage and execution: the plugins that come with the engine use them, and they
 * may change in any release.
 */
export interface PluginHost {
  /** The source of time. */
  readonly clock: Clock;
  /** The source of random numbers. */
  readonly random: Random;
  /** The limits of the database. */
  readonly limits: Limits;
  /**
   * Tables, versions and change log.
   *
   * @internal
   */
  readonly store: Store;
  /**
   * Relations by name.
   *
   * @internal
   */
  readonly catalog: KernelCatalog;
  /**
   * Functions by name.
   *
   * @internal
   */
  readonly functions: FunctionRegistry;
  /**
   * Runs tasks in slices.
   *
   * @internal
   */
  readonly scheduler: Scheduler;
  /** Binds a query; the plan is as written, or as plugins rewrite it for `context`. */
  bind(query: Query, context?: QueryContext): BoundQuery;
  /** Binds and optimizes a query, as plugins rewrite it for `context`. Keeps the plan with the AST. */
  plan(query: Query, context?: QueryContext): BoundQuery;
  /**
   * The query with the values of its parameters, those of `context`, as typed literals.
   *
   * @throws {QueryError} `invalid-parameter`, and what a value does not fit
   */
  withValues(query: Query, context: QueryContext): Query;
  /**
   * Rows that plans are expected to give, by the statistics of now.
   *
   * @internal
   */
  estimator(): (plan: Plan) => number;
  /** True when the value of `scalar` follows from its columns alone. */
  isImmutable(scalar: Scalar): boolean;
  /**
   * The environment for executing a plan over the given tables.
   *
   * @internal
   */
  environment(snapshot: (table: string, version?: number) => TableSnapshot): ExecutionEnvironment;
  /**
   * Runs `write` in a transaction of its own, after those under way, and commits it.
   *
   * @internal
   */
  write<Result>(write: (transaction: Transaction) => Result): Promise<Result>;
  /**
   * Calls `run`, whose writes nobody waits for inside a transaction: they begin after it. Without this a write in
   * the callback of `db.transaction` is refused, since it would wait for itself.
   *
   * @internal
   */
  detached<Result>(run: () => Result): Result;
  /** Whether `query` fails under the catalogue `after`, or gives other columns than now and than at its definition. */
  breaksUnder(after: Catalog, query: Query, defined: BoundQuery["columns"]): boolean;
  /**
   * Names of the views, plain and materialized, that read the relation `name`, at any depth; those alone that would
   * break under the catalogue `after`, where it is given.
   */
  dependentsOf(name: string, after?: Catalog): readonly string[];
  /** Tells the catalogue and all plugins of a change. */
  catalogChanged(change: CatalogChange): void;
}
