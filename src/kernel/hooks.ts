/**
 * Every hook the kernel calls, with when it is called and how often.
 *
 * @module
 */
import type { Query, Statement } from "../query/ast.ts";
import type { Catalog } from "../query/catalog.ts";
import type { BoundQuery, Plan } from "../query/plan.ts";
import type { Admission, Task } from "../scheduler/task.ts";
import type { Datum } from "../storage/sql_type.ts";
import type { TableDelta } from "../storage/delta.ts";
import type { Transaction } from "../storage/transaction.ts";
import type { First, Notify, Waterfall } from "./plugin.ts";
import type { QueryContext, QueryOptions } from "./query_context.ts";
import type { QueryResult, ResultColumn, ResultFreshness } from "./query_result.ts";
import type { StatementSession } from "./statement_session.ts";

/** What one commit changed, before it is published. */
export interface CommitBatch {
  /** The version that the commit will have. */
  readonly version: number;
  /** One delta for each table that the commit changed. */
  readonly deltas: readonly TableDelta[];
  /**
   * Writes made through it are part of the same commit: this is how maintained views are updated.
   *
   * @internal
   */
  readonly transaction: Transaction;
}

/** What happened to the catalogue. */
export interface CatalogChange {
  /** What happened to the object. */
  readonly kind: "created" | "dropped" | "altered" | "renamed";
  /** What kind of object it is. */
  readonly object: "table" | "view" | "materialized view" | "index";
  /** Its name; the old one, for `renamed`. */
  readonly name: string;
  /** The new name, for `renamed`. */
  readonly to?: string;
  /** What was planned before still holds: a column was added, or a default changed. */
  readonly keepsPlans?: true;
}

/** A row of a change in storage units, in the order of the columns. */
export interface ChangeRow {
  /** Its values. */
  readonly row: readonly Datum[];
  /** How often it came; negative when it went. Never 0. */
  readonly weight: number;
}

/**
 * One change of a subscribed view or query. Subscribers that get the same change get the same object, so what is
 * made of it can be kept in a WeakMap and shared.
 */
export interface Change {
  /** The version of the commit. */
  readonly version: number;
  /** The first change of a subscription carries the whole contents. */
  readonly snapshot: boolean;
  /** The columns of its rows: the same array for every change of a subscription. */
  readonly columns: readonly ResultColumn[];
  /** What came and went in storage units, for adapters that write rows without making objects. */
  readonly rows: readonly ChangeRow[];
  /** Rows that came, as objects by column name. */
  readonly inserted: readonly Readonly<Record<string, unknown>>[];
  /** Rows that went, with the values they had. */
  readonly deleted: readonly Readonly<Record<string, unknown>>[];
}

/** Why a subscription has ended: its view is gone, has another definition, or the database was closed. */
export type SubscriptionEnd = "dropped" | "replaced" | "closed";

/** What `db.subscribe` gives: changes in order, and at the end the reason, unless the reader ended it. */
export interface ChangeStream extends AsyncIterableIterator<Change, SubscriptionEnd | undefined, undefined> {
  /** Resolves with the columns when it has begun; rejects with what stands against it, as the first `next` does. */
  readonly opened: Promise<readonly ResultColumn[]>;
  /** Ends the subscription. */
  return(): Promise<IteratorResult<Change, undefined>>;
}

/**
 * Options of `db.subscribe`. `params`, `tenant` and `context` mean what they mean for `db.query`: values are bound
 * once, when the subscription begins, and plugins see the context as that of a query.
 */
export interface SubscribeOptions extends Pick<QueryOptions, "params" | "tenant" | "context"> {
  /** Ends the subscription. */
  readonly signal?: AbortSignal;
  /** Begin with the whole contents; true by default. */
  readonly snapshot?: boolean;
  /** Changes kept for a subscriber that does not read, before they are merged into one; 64 by default. */
  readonly queueMax?: number;
  /**
   * Begin after this version: with the changes since, where they are still kept, and with the whole contents
   * otherwise.
   */
  readonly fromVersion?: number;
  /** Milliseconds for which changes are held and merged into one; 0 by default. */
  readonly coalesceMs?: number;
}

/** The hooks, by name. */
export interface KernelHooks {
  /** Once per statement that the kernel does not carry out itself: DDL of a plugin. */
  readonly statement: First<
    [statement: Statement, context: QueryContext, session: StatementSession],
    Promise<QueryResult>
  >;
  /** Once per query, after binding: row policies, view matching. */
  readonly rewritePlan: Waterfall<Plan, [context: QueryContext]>;
  /** Once per query: an answer from a cache or a view instead of execution. */
  readonly answerQuery: First<[query: BoundQuery, context: QueryContext], QueryResult>;
  /** Once per query that is executed: how far the stored views among the tables that it reads are behind. */
  readonly freshness: Waterfall<ResultFreshness, [tables: readonly string[]]>;
  /** Once per task, before it may start. */
  readonly admitTask: First<[task: Task], Admission>;
  /** Once per commit, before publication. Throwing rolls the whole commit back. */
  readonly commitDelta: Notify<[batch: CommitBatch]>;
  /** Once per commit, after publication. */
  readonly published: Notify<[version: number]>;
  /**
   * Before an object is dropped or altered: names of the objects that read it; those alone that would break under
   * the catalogue `after`, where it is given.
   */
  readonly dependents: Waterfall<readonly string[], [relation: string, after: Catalog | undefined]>;
  /** CASCADE: drop what depends on the relation; of what reads it directly, those in `among` alone. */
  readonly dropDependents: Notify<[relation: string, among: readonly string[] | undefined]>;
  /** After a change of the catalogue. */
  readonly catalogChange: Notify<[change: CatalogChange]>;
  /** Once per `db.subscribe`; the target is a name, SQL text or a query as AST. */
  readonly subscribe: First<
    [target: string | Query, options: SubscribeOptions, context: QueryContext],
    ChangeStream
  >;
  /** Per EXPLAIN: further lines below the plan. */
  readonly explainPlan: Waterfall<readonly string[], [plan: Plan, context: QueryContext]>;
  /** When metrics are read: adds values by name. */
  readonly collectMetrics: Notify<
    [add: (name: string, value: number, labels?: Readonly<Record<string, string>>) => void]
  >;
}
