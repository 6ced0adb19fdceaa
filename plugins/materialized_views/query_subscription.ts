/**
 * Subscriptions to queries: each is answered by a temporary view, which equal queries share.
 *
 * ```
 * subscribe("SELECT ...") ─► bind now: errors are thrown at once
 *                         ─► key of the plan ─► known? share the view : create it, after the writers under way
 * last subscriber closes  ─► the view is dropped
 * ```
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { Change, SubscribeOptions } from "../../src/kernel/hooks.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import { changesData } from "../../src/kernel/run_write.ts";
import type { Query } from "../../src/query/ast.ts";
import type { BoundQuery } from "../../src/query/plan.ts";
import { planKey } from "../../src/query/plan_key.ts";
import { parseStatements } from "../../src/sql/parse.ts";
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

/** Text that is a query, and not the name of a view. */
const QUERY = /^[\s(]*(select|with|values|from|table)\b/i;

/** See the module header. */
export class QuerySubscriptions {
  readonly #host: PluginHost;
  readonly #views: ViewSet;
  readonly #shared = new Map<string, SharedView>();
  #count = 0;
  #isClosed = false;

  constructor(host: PluginHost, views: ViewSet) {
    this.#host = host;
    this.#views = views;
  }

  /** Subscriptions that are still being opened end at once. */
  close(): void {
    this.#isClosed = true;
  }

  /** The changes of a query, a table or a plain view; undefined when the text is none of them. */
  subscribe(target: string, options: SubscribeOptions): AsyncIterable<Change> | undefined {
    const query = QUERY.test(target) ? parseQuery(target) : this.#allOf(target);
    if (query === undefined) return undefined;
    const bound = this.#bind(query, target);
    const key = `${JSON.stringify(bound.columns.map(({ name, type }) => [name, type]))} ${
      planKey(bound.plan)
    }`;
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = { view: this.#create(query), holders: 0 };
      this.#shared.set(key, shared);
    }
    shared.holders++;
    return new QuerySubscription(this.#open(key, shared, options));
  }

  /** `SELECT * FROM` a table or a plain view. */
  #allOf(name: string): Query | undefined {
    const { catalog, store } = this.#host;
    if (store.table(name) === undefined && catalog.view(name) === undefined) return undefined;
    return {
      kind: "query",
      body: {
        kind: "select",
        items: [{ expression: { kind: "star", table: [] } }],
        from: [{ kind: "table", name: name.split(".").map((part) => ({ name: part })) }],
      },
    };
  }

  /** Undefined when the database was closed meanwhile. */
  async #open(
    key: string,
    shared: SharedView,
    options: SubscribeOptions,
  ): Promise<Subscription | undefined> {
    let view: MaintainedView;
    const release = (): void => {
      if (--shared.holders > 0) return;
      if (this.#shared.get(key) === shared) this.#shared.delete(key);
      if (view !== undefined) this.#drop(view);
    };
    try {
      view = await shared.view;
      return this.#isClosed ? undefined : view.subscribe(options, release);
    } catch (error) {
      release();
      if (this.#isClosed) return undefined;
      throw error;
    }
  }

  #create(query: Query): Promise<MaintainedView> {
    // A subscription inside a transaction begins after it.
    return this.#host.detached(() =>
      this.#views.create({
        name: `liveview.query_${++this.#count}`,
        query,
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

  #bind(query: Query, sql: string): BoundQuery {
    let bound: BoundQuery;
    try {
      bound = this.#host.bind(query);
    } catch (error) {
      throw error instanceof QueryError ? withSource(error, sql) : error;
    }
    requirePresent(bound);
    if (bound.parameters.length === 0) return bound;
    throw new QueryError("invalid-parameter", "A subscribed query takes no parameters", {
      details: { parameters: bound.parameters.length },
      hint: "write the values into the query",
    });
  }
}

const END = { done: true, value: undefined } as const;

/** The changes of a view that is still being made. */
class QuerySubscription implements AsyncIterableIterator<Change> {
  readonly #opening: Promise<Subscription | undefined>;

  constructor(opening: Promise<Subscription | undefined>) {
    this.#opening = opening;
    // Who reads gets the error; who does not read has no use for it.
    opening.catch(() => {});
  }

  async next(): Promise<IteratorResult<Change>> {
    return await (await this.#opening)?.next() ?? END;
  }

  async return(): Promise<IteratorResult<Change>> {
    const subscription = await this.#opening.catch(() => undefined);
    return await subscription?.return() ?? END;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function parseQuery(sql: string): Query {
  const [statement, ...others] = parseStatements(sql);
  if (statement?.kind === "query" && others.length === 0 && !changesData(statement)) return statement;
  throw new QueryError("invalid-statement", "db.subscribe takes a view or one query that changes nothing", {
    details: { statements: others.length + 1, kind: statement?.kind },
    hint: "write the change as a statement of its own",
  });
}
