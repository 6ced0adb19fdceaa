/**
 * Materialized views: queries whose answers are kept up to date inside every commit.
 *
 * @module
 */
import { QueryError, SchemaError } from "../../src/base/error.ts";
import type { CreateMaterializedView, Query, Statement } from "../../src/query/ast.ts";
import type { CommitBatch, SubscribeOptions } from "../../src/kernel/hooks.ts";
import { definePlugin, type Plugin } from "../../src/kernel/plugin.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import { QueryResult } from "../../src/kernel/query_result.ts";
import { relationName } from "../../src/kernel/relation_name.ts";
import type { Transaction } from "../../src/storage/transaction.ts";
import { CommitEpoch } from "./epochs.ts";
import { MaintainedView, type ViewStatus } from "./maintained_view.ts";
import type { Subscription } from "./subscription.ts";

/** Limits of the plugin. */
export interface MaterializedViewsOptions {
  /** Views that may exist; 10,000 by default. */
  readonly viewsMax?: number;
}

/** `db.plugins.materializedViews`. */
export interface MaterializedViewsApi {
  /** Names of the views, in the order of their creation. */
  names(): readonly string[];
  /**
   * How a view is doing.
   *
   * @throws {SchemaError} `unknown-object`
   */
  status(name: string): ViewStatus;
  /** Recomputes a view from its tables; it should change nothing. */
  refresh(name: string): Promise<void>;
  /**
   * Drops a view.
   *
   * @throws {SchemaError} `unknown-object`; `dependent-objects` when views read it and `cascade` is not set
   */
  drop(name: string, options?: { readonly cascade?: boolean }): Promise<void>;
}

const VIEWS_MAX = 10_000;

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
      const views = new ViewSet(host, options.viewsMax ?? VIEWS_MAX);
      return {
        api: {
          names: () => views.names(),
          status: (name) => views.require(name).status(),
          refresh: (name) => views.refresh(name),
          drop: (name, { cascade = false } = {}) => views.drop([name], { ifExists: false, cascade }),
        },
        hooks: {
          statement: (statement) => views.run(statement),
          commitDelta: (batch) => views.maintain(batch),
          published: (version) => views.publish(version),
          dependents: (names, relation) => [...names, ...views.readersOf(relation)],
          dropDependents: (relation) => views.dropReaders(relation),
          subscribe: (target, subscribeOptions) => views.subscribe(target, subscribeOptions),
        },
        close: () => views.close(),
      };
    },
  });
}

/** All views of a database. */
class ViewSet {
  readonly #host: PluginHost;
  readonly #viewsMax: number;
  // Creation order is a topological order: a view only reads what existed before it.
  readonly #views = new Map<string, MaintainedView>();

  constructor(host: PluginHost, viewsMax: number) {
    this.#host = host;
    this.#viewsMax = viewsMax;
  }

  names(): readonly string[] {
    return [...this.#views.keys()];
  }

  require(name: string): MaintainedView {
    const view = this.#views.get(name);
    if (view !== undefined) return view;
    throw new SchemaError("unknown-object", `There is no materialized view "${name}"`, {
      details: { name },
      hint: this.#views.size === 0
        ? "create one with CREATE MATERIALIZED VIEW"
        : `views are ${this.names().join(", ")}`,
    });
  }

  run(statement: Statement): Promise<QueryResult> | undefined {
    switch (statement.kind) {
      case "createMaterializedView":
        return this.#create(statement);
      case "refreshMaterializedView":
        return this.refresh(relationName(statement.name)).then(() =>
          this.#result("REFRESH MATERIALIZED VIEW")
        );
      case "drop": {
        if (statement.object !== "materialized view") return undefined;
        const names = statement.names.map(relationName);
        return this.drop(names, { ifExists: statement.ifExists, cascade: statement.behavior === "cascade" })
          .then(() => this.#result("DROP MATERIALIZED VIEW"));
      }
      default:
        return undefined;
    }
  }

  maintain(batch: CommitBatch): void {
    if (this.#views.size === 0) return;
    const epoch = new CommitEpoch(this.#host, batch.deltas);
    for (const view of this.#views.values()) {
      const change = view.maintain(batch.transaction, epoch);
      if (change !== undefined) epoch.addView(view.name, change);
    }
  }

  publish(version: number): void {
    for (const view of this.#views.values()) view.publish(version);
  }

  readersOf(relation: string): readonly string[] {
    return [...this.#views.values()].filter((view) => view.sources.includes(relation)).map((view) =>
      view.name
    );
  }

  async refresh(name: string): Promise<void> {
    const view = this.require(name);
    await this.#host.write((transaction) => view.refresh(transaction));
  }

  async drop(
    names: readonly string[],
    how: { readonly ifExists: boolean; readonly cascade: boolean },
  ): Promise<void> {
    for (const name of names) if (!how.ifExists) this.require(name);
    await this.#host.write(() => {
      for (const name of names) {
        if (how.cascade) this.dropReaders(name);
        else this.#requireUnread(name);
        this.#remove(name);
      }
    });
  }

  dropReaders(relation: string): void {
    for (const reader of this.readersOf(relation)) {
      this.dropReaders(reader);
      this.#remove(reader);
    }
  }

  subscribe(target: string, options: SubscribeOptions): Subscription | undefined {
    const view = this.#views.get(target);
    return view === undefined ? undefined : view.subscribe(options);
  }

  close(): void {
    for (const view of this.#views.values()) view.close();
  }

  async #create(statement: CreateMaterializedView): Promise<QueryResult> {
    const name = relationName(statement.name);
    const command = "CREATE MATERIALIZED VIEW";
    if (statement.properties.length > 0) {
      throw new QueryError("unsupported", `Views have no property "${statement.properties[0]!.name}"`, {
        hint: "leave out WITH (...): views are updated inside the commit",
      });
    }
    if (this.#host.catalog.relation(name) !== undefined) {
      if (statement.ifNotExists) return this.#result(command);
      if (!statement.orReplace || !this.#views.has(name)) this.#host.catalog.requireFree(name);
    }
    if (this.#views.size >= this.#viewsMax) {
      throw new SchemaError(
        "invalid-input",
        `Cannot create "${name}": there are ${this.#viewsMax} views already`,
        {
          details: { limit: this.#viewsMax },
          hint: "drop a view or raise viewsMax",
        },
      );
    }
    await this.#host.write((transaction) => this.#build(name, statement, transaction));
    return this.#result(command);
  }

  #build(name: string, statement: CreateMaterializedView, transaction: Transaction): void {
    const view = new MaintainedView(this.#host, {
      name,
      query: statement.query,
      columns: statement.columns?.map((column) => column.name),
    });
    if (this.#views.has(name)) {
      if (this.#reads(statement.query, name)) throw circular(name);
      this.#requireUnread(name);
      this.#remove(name);
    }
    view.install();
    try {
      view.build(transaction);
    } catch (error) {
      view.uninstall();
      throw error;
    }
    this.#views.set(name, view);
    this.#host.catalogChanged({ kind: "created", object: "materialized view", name });
  }

  #reads(query: Query, name: string): boolean {
    return new MaintainedView(this.#host, { name, query, columns: undefined }).sources.includes(name);
  }

  #requireUnread(name: string): void {
    const readers = this.#host.dependentsOf(name);
    if (readers.length === 0) return;
    throw new SchemaError("dependent-objects", `Cannot drop "${name}": ${readers.join(", ")} depend on it`, {
      details: { name, dependents: readers },
      hint: "drop them first, or use CASCADE",
    });
  }

  #remove(name: string): void {
    const view = this.#views.get(name);
    if (view === undefined) return;
    view.close();
    view.uninstall();
    this.#views.delete(name);
    this.#host.catalogChanged({ kind: "dropped", object: "materialized view", name });
  }

  #result(command: string): QueryResult {
    return new QueryResult({
      columns: [],
      vectors: [],
      rowCount: 0,
      version: this.#host.store.version,
      command,
    });
  }
}

function circular(name: string): SchemaError {
  return new SchemaError("circular-definition", `Materialized view "${name}" would read itself`, {
    details: { name },
    hint: "define it over other relations",
  });
}
