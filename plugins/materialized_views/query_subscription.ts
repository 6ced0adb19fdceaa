/**
 * Subscriptions to queries: each is answered by a temporary view, which equal queries share.
 *
 * ```
 * subscribe("SELECT ...") ─► values for parameters; bind now, as plugins rewrite it: errors are thrown at once
 *                         ─► key of the plan ─► known? share the view : create it, after the writers under way
 * last subscriber closes  ─► the view is dropped
 * ```
 *
 * The key is that of the rewritten plan: subscribers whose principals see different rows never share a view.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type {
  CatalogChange,
  Change,
  ChangeStream,
  SubscribeOptions,
  SubscriptionEnd,
} from "../../src/kernel/hooks.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import { changesData } from "../../src/kernel/plan_reads.ts";
import type { QueryContext } from "../../src/kernel/query_context.ts";
import type { ResultColumn } from "../../src/kernel/query_result.ts";
import type { Query, Statement } from "../../src/query/ast.ts";
import type { BoundQuery } from "../../src/query/plan.ts";
import { planKey } from "../../src/query/plan_key.ts";
import { parseStatements } from "../../src/sql/parse.ts";
import { startsAsQuery } from "../../src/sql/query_text.ts";
import { withSource } from "../../src/sql/sql_error.ts";
import type { MaintainedView } from "./maintained_view.ts";
import { policyOf } from "./refresh_policy.ts";
import type { Subscription } from "./subscription.ts";
import { requirePresent } from "./view_contents.ts";
import type { ViewSet } from "./view_set.ts";

/** A view made for subscribers, and how many hold it. */
interface SharedView {
  readonly view: Promise<MaintainedView>;
  holders: number;
}

/** See the module header. */
export class QuerySubscriptions {
  readonly #host: PluginHost;
  readonly #views: ViewSet;
  readonly #shared = new Map<string, SharedView>();
  #count = 0;
  #isClosed = false;
  /** When a plain view was defined last: up to this version a query may have meant something else. */
  #definedAt = -1;

  constructor(host: PluginHost, views: ViewSet) {
    this.#host = host;
    this.#views = views;
  }

  /** Subscriptions that are still being opened end at once. */
  close(): void {
    this.#isClosed = true;
  }

  catalogChanged({ object }: CatalogChange): void {
    if (object === "view") this.#definedAt = this.#host.store.version;
  }

  /** The changes of a view, a query, a table or a plain view; undefined when the text is none of them. */
  subscribe(
    target: string | Query,
    options: SubscribeOptions,
    context: QueryContext,
  ): ChangeStream | undefined {
    const view = typeof target === "string" ? this.#views.get(target) : undefined;
    if (view !== undefined && this.#seesAll(view.name, context)) {
      requireNoValues(options);
      return view.subscribe(options);
    }
    const written = this.#queryOf(target);
    if (written === undefined) return undefined;
    const sql = typeof target === "string" ? target : undefined;
    const { query, bound } = this.#bind(written, sql, context);
    const key = `${JSON.stringify(bound.columns.map(({ name, type }) => [name, type]))} ${
      planKey(bound.plan)
    }`;
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = { view: this.#create(query, context), holders: 0 };
      this.#shared.set(key, shared);
    }
    shared.holders++;
    return new QuerySubscription(this.#open(key, shared, options));
  }

  #queryOf(target: string | Query): Query | undefined {
    if (typeof target !== "string") return requireReading(target, 1);
    if (startsAsQuery(target)) return parseQuery(target);
    const { catalog, store } = this.#host;
    const isKnown = store.table(target) !== undefined || catalog.view(target) !== undefined;
    return isKnown ? allOf(target) : undefined;
  }

  /** Whether plugins leave the view as it is for this caller. */
  #seesAll(name: string, context: QueryContext): boolean {
    const query = allOf(name);
    const { plan } = this.#host.bind(query);
    return planKey(this.#host.bind(query, context).plan) === planKey(plan);
  }

  /** Undefined when the database was closed meanwhile. */
  async #open(
    key: string,
    shared: SharedView,
    options: SubscribeOptions,
  ): Promise<Subscription | undefined> {
    let view: MaintainedView | undefined;
    const release = (): void => {
      if (--shared.holders > 0) return;
      if (this.#shared.get(key) === shared) this.#shared.delete(key);
      if (view !== undefined) this.#drop(view);
    };
    try {
      view = await shared.view;
      return this.#isClosed ? undefined : view.subscribe(this.#sameMeaning(options), release);
    } catch (error) {
      release();
      if (this.#isClosed) return undefined;
      throw error;
    }
  }

  /** Who comes back from before the definition of a plain view gets the contents. */
  #sameMeaning(options: SubscribeOptions): SubscribeOptions {
    if (options.fromVersion === undefined || options.fromVersion > this.#definedAt) return options;
    const { fromVersion: _, ...others } = options;
    return { ...others, snapshot: true };
  }

  #create(query: Query, context: QueryContext): Promise<MaintainedView> {
    // A subscription inside a transaction begins after it.
    return this.#host.detached(() =>
      this.#views.create({
        name: `liveview.query_${++this.#count}`,
        // Plans are kept with the AST: another caller may have another plan.
        query: { ...query },
        context,
        columns: undefined,
        policy: policyOf({}),
        orReplace: false,
        temporary: true,
        withData: true,
      })
    );
  }

  #drop(view: MaintainedView): void {
    // A view that is gone already, and a database that is closed, need nothing more.
    this.#host.detached(() => this.#views.drop([view.name], { ifExists: true, cascade: true }))
      .catch(() => {});
  }

  #bind(
    written: Query,
    sql: string | undefined,
    context: QueryContext,
  ): { readonly query: Query; readonly bound: BoundQuery } {
    try {
      const query = this.#host.withValues(written, context);
      const bound = this.#host.bind(query, context);
      requirePresent(bound);
      return { query, bound };
    } catch (error) {
      throw error instanceof QueryError && sql !== undefined ? withSource(error, sql) : error;
    }
  }
}

const END = { done: true, value: undefined } as const;
const CLOSED = { done: true, value: "closed" } as const;

/** The changes of a view that is still being made. */
class QuerySubscription implements ChangeStream {
  readonly opened: Promise<readonly ResultColumn[]>;
  readonly #opening: Promise<Subscription | undefined>;

  constructor(opening: Promise<Subscription | undefined>) {
    this.#opening = opening;
    this.opened = opening.then((subscription) => subscription?.opened ?? []);
    // Who reads gets the error; who does not read has no use for it.
    this.opened.catch(() => {});
  }

  async next(): Promise<IteratorResult<Change, SubscriptionEnd | undefined>> {
    return await (await this.#opening)?.next() ?? CLOSED;
  }

  async return(): Promise<IteratorResult<Change, undefined>> {
    const subscription = await this.#opening.catch(() => undefined);
    return await subscription?.return() ?? END;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** `SELECT * FROM` a relation. */
function allOf(name: string): Query {
  return {
    kind: "query",
    body: {
      kind: "select",
      items: [{ expression: { kind: "star", table: [] } }],
      from: [{ kind: "table", name: name.split(".").map((part) => ({ name: part })) }],
    },
  };
}

function parseQuery(sql: string): Query {
  const statements = parseStatements(sql);
  return requireReading(statements[0], statements.length);
}

function requireReading(statement: Statement | undefined, count: number): Query {
  if (statement?.kind === "query" && count === 1 && !changesData(statement)) return statement;
  throw new QueryError("invalid-statement", "db.subscribe takes a view or one query that changes nothing", {
    details: { statements: count, kind: statement?.kind },
    hint: "write the change as a statement of its own",
  });
}

function requireNoValues({ params }: SubscribeOptions): void {
  const count = params === undefined ? 0 : Object.keys(params).length;
  if (count === 0) return;
  throw new QueryError("invalid-parameter", `A view takes no parameters: received ${count}`, {
    details: { parameters: count },
    hint: "subscribe to a query that reads the view",
  });
}
