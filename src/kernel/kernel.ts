/**
 * The kernel: storage, catalogue, functions, scheduler and plugins of one database, held together.
 *
 * It decides nothing about SQL; the `run_*` modules beside it carry out statements with what they find here.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { InvariantError, QueryError, SchemaError } from "../base/error.ts";
import type { Random } from "../base/random.ts";
import type { ExecutionEnvironment } from "../exec/execution.ts";
import type { RowEnvironment } from "../exec/row_evaluator.ts";
import type { Query } from "../query/ast.ts";
import { mentionedRelations } from "../query/mentioned_relations.ts";
import { type BindEnvironment, bindQuery } from "../query/binder.ts";
import type { Catalog } from "../query/catalog.ts";
import { FunctionRegistry } from "../query/function_registry.ts";
import { isReadAsTime, readsClock } from "../query/functions/date_text.ts";
import { BUILTIN_FUNCTIONS } from "../query/functions/library.ts";
import type { BoundQuery, CallScalar, Plan, Scalar } from "../query/plan.ts";
import { someScalar } from "../query/plan_walk.ts";
import { Cardinality } from "../planner/cardinality.ts";
import { FunctionalDependencies } from "../planner/functional_dependency.ts";
import { Scheduler } from "../scheduler/scheduler.ts";
import { Store } from "../storage/store.ts";
import type { Datum } from "../storage/sql_type.ts";
import type { TableSnapshot } from "../storage/table_view.ts";
import type { Transaction } from "../storage/transaction.ts";
import { KernelCatalog } from "./catalog.ts";
import { breaksUnder } from "./catalog_after.ts";
import { aggregates, scalarFunctions, systemTables, tableFunctions } from "./extension_points.ts";
import { HookTable } from "./hook_table.ts";
import type { CatalogChange, CommitBatch } from "./hooks.ts";
import { bindLimits, type Limits } from "./limits.ts";
import type { Plugin } from "./plugin.ts";
import type { PluginHost } from "./plugin_host.ts";
import { prepareQuery } from "./prepare.ts";
import { QueryContext } from "./query_context.ts";
import { Session } from "./session.ts";
import { createSequenceFunctions } from "./sequence.ts";
import { systemSnapshot } from "./system_table.ts";
import { withValues } from "./value_literal.ts";
import { waitsForItself, WriterLock } from "./writer_lock.ts";

/** What a kernel is made of. */
export interface KernelOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** IANA name of the time zone in which dates are cut and timestamps shown. */
  readonly timeZone: string;
  readonly limits: Limits;
  readonly plugins: readonly Plugin[];
}

/** Parameter values and time of one statement. */
export interface StatementEnvironment {
  readonly parameters: ExecutionEnvironment["parameters"];
  readonly rowsMax?: number | undefined;
  readonly nowMicros?: number;
}

/** See the module header. */
export class Kernel implements PluginHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeZone: string;
  readonly limits: Limits;
  readonly store: Store;
  readonly catalog: KernelCatalog;
  readonly scheduler: Scheduler;
  readonly hooks: HookTable<readonly Plugin[]>;
  readonly functions: FunctionRegistry;
  readonly writerLock = new WriterLock();
  /** That of the calls of the database itself. */
  readonly session: Session = new Session(this);
  #closed = false;
  /** Whether the synchronous call under way is for nobody who waits. */
  #isDetached = false;

  constructor(options: KernelOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.timeZone = options.timeZone;
    this.limits = options.limits;
    this.store = new Store({
      memoryBytesMax: options.limits.memoryBytesMax,
      logRowsMax: options.limits.logRowsMax,
      historyBytesMax: options.limits.historyBytesMax,
    });
    this.catalog = new KernelCatalog(this.store);
    this.scheduler = new Scheduler({ clock: options.clock, tasksMax: options.limits.tasksMax });
    this.hooks = new HookTable(options.plugins, this);
    this.functions = new FunctionRegistry({
      scalars: [
        ...BUILTIN_FUNCTIONS.scalars,
        ...createSequenceFunctions(),
        ...this.hooks.values(scalarFunctions),
      ],
      aggregates: [...BUILTIN_FUNCTIONS.aggregates, ...this.hooks.values(aggregates)],
      windows: BUILTIN_FUNCTIONS.windows,
      tables: [...BUILTIN_FUNCTIONS.tables, ...this.hooks.values(tableFunctions)],
    });
    for (const table of this.hooks.values(systemTables)) this.catalog.addSystemTable(table);
  }

  /** Microseconds since 1970 by the kernel's clock. */
  nowMicros(): number {
    return Math.round(this.clock.now() * 1000);
  }

  environment(
    snapshot: (table: string, version?: number) => TableSnapshot,
    statement: StatementEnvironment = { parameters: [] },
  ): ExecutionEnvironment {
    return {
      snapshot: (name, version) => this.#systemTable(name, version) ?? snapshot(name, version),
      parameters: statement.parameters,
      functions: this.functions,
      nowMicros: statement.nowMicros ?? this.nowMicros(),
      timeZone: this.timeZone,
      random: () => this.random.next(),
      limits: {
        rowsMax: statement.rowsMax ?? this.limits.resultRowsMax,
        memoryBytesMax: this.limits.queryBytesMax,
        joinFanOutMax: this.limits.joinRowsMax,
      },
    };
  }

  /** For binding without parameters. */
  bindEnvironment(): BindEnvironment {
    return {
      catalog: this.catalog,
      functions: this.functions,
      timeZone: this.timeZone,
      limits: bindLimits(this.limits),
    };
  }

  /** For evaluating single rows. */
  rowEnvironment(parameters: readonly Datum[] = []): RowEnvironment {
    return {
      parameters,
      functions: this.functions,
      nowMicros: this.nowMicros(),
      timeZone: this.timeZone,
      random: () => this.random.next(),
    };
  }

  /** True when the value of `scalar` follows from its columns alone. */
  isImmutable(scalar: Scalar): boolean {
    return !someScalar(
      scalar,
      (part) => part.kind === "subquery" || dependsOnMoment(part, this.functions),
    );
  }

  /** Rows that plans are expected to give. */
  estimator(): (plan: Plan) => number {
    const cardinality = new Cardinality(
      this.store.statistics(),
      new FunctionalDependencies(this.catalog, (scalar) => this.isImmutable(scalar)),
    );
    return (plan) => cardinality.estimate(plan).rows;
  }

  bind(query: Query, context?: QueryContext): BoundQuery {
    const bound = bindQuery(query, this.bindEnvironment());
    if (context === undefined) return bound;
    return { ...bound, plan: this.hooks.waterfall("rewritePlan", bound.plan, context) };
  }

  withValues(query: Query, context: QueryContext): Query {
    return withValues(this, query, context);
  }

  breaksUnder(after: Catalog, query: Query, defined: BoundQuery["columns"]): boolean {
    return breaksUnder(after, query, this.bindEnvironment(), defined);
  }

  plan(query: Query, context: QueryContext = new QueryContext()): BoundQuery {
    return prepareQuery(this, query, context).query;
  }

  async write<Result>(write: (transaction: Transaction) => Result): Promise<Result> {
    this.requireOpen();
    // After BEGIN only the session that waits here can COMMIT.
    if (this.session.transaction !== undefined && !this.#isDetached) throw waitsForItself();
    await this.writerLock.acquire();
    try {
      const transaction = this.store.begin();
      try {
        const result = write(transaction);
        this.commit(transaction);
        return result;
      } catch (error) {
        if (transaction.isOpen) transaction.rollback();
        throw error;
      }
    } finally {
      this.writerLock.release();
    }
  }

  detached<Result>(run: () => Result): Result {
    const before = this.#isDetached;
    this.#isDetached = true;
    try {
      return this.writerLock.callbacks.outside(run);
    } finally {
      this.#isDetached = before;
    }
  }

  /**
   * Commits: plugins see the changes first and may add to them, then all of it is published at once.
   * When a plugin throws, everything is rolled back.
   */
  commit(transaction: Transaction): number {
    let version: number;
    try {
      if (this.hooks.handles("commitDelta")) {
        const deltas = transaction.deltas();
        if (deltas.length > 0) {
          const batch: CommitBatch = { version: this.store.version + 1, deltas, transaction };
          this.hooks.notify("commitDelta", batch);
        }
      }
      version = transaction.commit().version;
    } catch (error) {
      if (transaction.isOpen) transaction.rollback();
      throw error;
    }
    this.hooks.notify("published", version);
    return version;
  }

  catalogChanged(change: CatalogChange): void {
    this.catalog.changed();
    this.hooks.notify("catalogChange", change);
  }

  /** Fails when objects depend on `name`; when `after` is given, when they would break under it. */
  requireNoDependents(name: string, action: string, after?: Catalog): void {
    const dependents = this.dependentsOf(name, after);
    if (dependents.length === 0) return;
    const verb = after === undefined ? "depend on it" : "would break";
    throw new SchemaError(
      "dependent-objects",
      `Cannot ${action} "${name}": ${dependents.join(", ")} ${verb}`,
      {
        details: { name, dependents },
        hint: "drop them first, or use CASCADE",
      },
    );
  }

  dependentsOf(name: string, after?: Catalog): readonly string[] {
    const found = new Set(this.#directDependents(name, after));
    // Who reads what breaks, breaks. A set gives what is added while it is walked.
    for (const dependent of found) {
      for (const above of this.#directDependents(dependent, undefined)) found.add(above);
    }
    return [...found];
  }

  /** Names of the views, plain and materialized, whose queries name the relation. */
  readersOf(name: string): readonly string[] {
    return this.#directDependents(name, undefined);
  }

  #directDependents(name: string, after: Catalog | undefined): readonly string[] {
    const views = after === undefined
      ? this.dependentViews(name)
      : this.catalog.views().filter((view) => breaksUnder(after, view.query, this.bindEnvironment()))
        .map((view) => view.name);
    return this.hooks.waterfall("dependents", views, name, after);
  }

  /** Plain views that read the relation `name` directly. */
  dependentViews(name: string): readonly string[] {
    return this.catalog.views().filter((view) =>
      view.name !== name && mentionedRelations(view.query).has(name)
    ).map((
      view,
    ) => view.name);
  }

  /** @throws {InvariantError} `closed` */
  requireOpen(): void {
    if (this.#closed) {
      throw new InvariantError("closed", "The database is closed", {
        hint: "create a new one with createDatabase",
      });
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.hooks.close();
    this.scheduler.close();
  }

  #systemTable(name: string, version: number | undefined): TableSnapshot | undefined {
    const table = this.catalog.systemTable(name);
    if (table === undefined) return undefined;
    if (version === undefined) return systemSnapshot(table);
    throw new QueryError("unsupported", `System table ${name} has no versions`, {
      details: { table: name, version },
      hint: "leave AT VERSION and the option atVersion out",
    });
  }
}

/** True when the value of `part` itself, without its arguments, can be another at another time or by chance. */
export function dependsOnMoment(part: Scalar, functions: FunctionRegistry): boolean {
  return isMovingText(part) ||
    (part.kind === "call" && !isAgeBetween(part) && functions.scalar(part.name)?.volatility !== "immutable");
}

/** `age(a, b)`: that of one argument reads the clock. */
function isAgeBetween({ name, arguments: args }: CallScalar): boolean {
  return name === "age" && args.length === 2;
}

/** A text such as `today`, read as a date or time; also one among others, as in CASE or ARRAY. */
function isMovingText(scalar: Scalar): boolean {
  return scalar.kind === "cast" && isReadAsTime(scalar.type) && someScalar(
    scalar.argument,
    (part) => part.kind === "literal" && readsClock(part.value),
  );
}
