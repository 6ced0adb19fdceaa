/**
 * What a plugin may reach of the kernel. Everything else is private to it.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { ExecutionEnvironment } from "../exec/execution.ts";
import type { Query } from "../query/ast.ts";
import type { FunctionRegistry } from "../query/function_registry.ts";
import type { BoundQuery, Scalar } from "../query/plan.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { Store } from "../storage/store.ts";
import type { TableSnapshot } from "../storage/table_view.ts";
import type { Transaction } from "../storage/transaction.ts";
import type { KernelCatalog } from "./catalog.ts";
import type { CatalogChange } from "./hooks.ts";
import type { Limits } from "./limits.ts";

/** See the module header. Members work from the first call of a hook on; `clock` and `limits` in `setup` too. */
export interface PluginHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  readonly store: Store;
  readonly catalog: KernelCatalog;
  readonly functions: FunctionRegistry;
  readonly scheduler: Scheduler;
  /** Binds a query; the plan is as written. */
  bind(query: Query): BoundQuery;
  /** Binds and optimizes a query. */
  plan(query: Query): BoundQuery;
  /** True when the value of `scalar` follows from its columns alone. */
  isImmutable(scalar: Scalar): boolean;
  /** The environment for executing a plan over the given tables. */
  environment(snapshot: (table: string) => TableSnapshot): ExecutionEnvironment;
  /** Runs `write` in a transaction of its own, after those under way, and commits it. */
  write<Result>(write: (transaction: Transaction) => Result): Promise<Result>;
  /** Names of the views, plain and materialized, that read the relation `name`. */
  dependentsOf(name: string): readonly string[];
  /** Tells the catalogue and all plugins of a change. */
  catalogChanged(change: CatalogChange): void;
}
