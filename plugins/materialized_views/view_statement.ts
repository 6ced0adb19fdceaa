/**
 * The SQL statements of views: CREATE, REFRESH, ALTER and DROP MATERIALIZED VIEW, and queries that ask for freshness.
 *
 * @module
 */
import { LimitError, QueryError } from "../../src/base/error.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import type { QueryContext } from "../../src/kernel/query_context.ts";
import { QueryResult } from "../../src/kernel/query_result.ts";
import { relationName } from "../../src/kernel/relation_name.ts";
import type { StatementSession } from "../../src/kernel/statement_session.ts";
import type { AlterView, CreateMaterializedView, Drop, Query, Statement } from "../../src/query/ast.ts";
import { tablesRead } from "../../src/query/plan_walk.ts";
import type { MaintainedView } from "./maintained_view.ts";
import { policyOf, propertiesOf } from "./refresh_policy.ts";
import type { ViewSet } from "./view_set.ts";

/** See the module header. */
export class ViewStatements {
  readonly #host: PluginHost;
  readonly #views: ViewSet;

  constructor(host: PluginHost, views: ViewSet) {
    this.#host = host;
    this.#views = views;
  }

  /** Carries out a statement about views; undefined for all others. */
  run(
    statement: Statement,
    context: QueryContext,
    session: StatementSession,
  ): Promise<QueryResult> | undefined {
    switch (statement.kind) {
      case "createMaterializedView":
        return this.#change(session, "CREATE MATERIALIZED VIEW", () => this.#create(statement));
      case "refreshMaterializedView":
        return this.#change(
          session,
          "REFRESH MATERIALIZED VIEW",
          () => this.#views.refresh(this.#views.require(relationName(statement.name))),
        );
      case "alterView":
        if (!statement.materialized) return undefined;
        return this.#change(session, "ALTER MATERIALIZED VIEW", () => this.#alter(statement));
      case "drop":
        if (statement.object !== "materialized view") return undefined;
        return this.#change(session, "DROP MATERIALIZED VIEW", () => this.#drop(statement));
      case "query":
        if (this.#views.isTickDue && !session.inTransaction) {
          return this.#views.tick().then(() => session.run(statement));
        }
        return context.options.maxStalenessMs === undefined
          ? undefined
          : this.#fresh(statement, context.options.maxStalenessMs, session);
      default:
        return undefined;
    }
  }

  async #change(
    session: StatementSession,
    command: string,
    change: () => Promise<unknown>,
  ): Promise<QueryResult> {
    if (session.inTransaction) {
      throw new QueryError("invalid-statement", `${command} cannot run inside a transaction`, {
        hint: "COMMIT or ROLLBACK first",
      });
    }
    await change();
    return new QueryResult({
      columns: [],
      vectors: [],
      rowCount: 0,
      version: this.#host.store.version,
      command,
    });
  }

  async #create(statement: CreateMaterializedView): Promise<void> {
    const name = relationName(statement.name);
    const policy = policyOf(propertiesOf(statement.properties));
    if (statement.ifNotExists && this.#host.catalog.relation(name) !== undefined) return;
    if (!statement.orReplace || this.#views.get(name) === undefined) this.#host.catalog.requireFree(name);
    await this.#views.create({
      name,
      query: statement.query,
      columns: statement.columns?.map((column) => column.name),
      policy,
      orReplace: statement.orReplace,
      temporary: false,
    });
  }

  async #alter(statement: AlterView): Promise<void> {
    const name = relationName(statement.name);
    if (statement.ifExists && this.#views.get(name) === undefined) return;
    const { action } = statement;
    switch (action.kind) {
      case "rename":
        return await this.#views.rename(name, action.to.name);
      case "setProperties":
        return await this.#views.alter(name, propertiesOf(action.properties));
      case "renameColumn":
        throw new QueryError("unsupported", "A column of a materialized view cannot be renamed", {
          details: { name, column: action.name.name },
          hint: "use CREATE OR REPLACE MATERIALIZED VIEW with a list of columns",
        });
    }
  }

  async #drop(statement: Drop): Promise<void> {
    const how = { ifExists: statement.ifExists, cascade: statement.behavior === "cascade" };
    await this.#views.drop(statement.names.map(relationName), how);
  }

  /** Refreshes the views of a query that are older than `limitMs`, then runs it; undefined when none is. */
  #fresh(query: Query, limitMs: number, session: StatementSession): Promise<QueryResult> | undefined {
    const stale = this.#stale(query, limitMs);
    if (stale.length === 0) return undefined;
    const refresh = async (): Promise<QueryResult> => {
      for (const view of stale) {
        try {
          if (session.inTransaction) {
            throw new QueryError("invalid-statement", "A transaction cannot refresh views", {
              hint: "refresh before the transaction",
            });
          }
          await this.#views.refresh(view);
        } catch (cause) {
          throw new LimitError(
            "stale",
            `View "${view.name}" is ${view.stalenessMs} ms old: at most ${limitMs} ms were asked for`,
            {
              details: { view: view.name, stalenessMs: view.stalenessMs, maxStalenessMs: limitMs },
              hint: "db.plugins.materializedViews.status tells what went wrong",
              cause,
            },
          );
        }
      }
      return await session.run(query);
    };
    return refresh();
  }

  #stale(query: Query, limitMs: number): readonly MaintainedView[] {
    const behind = this.#views.views.filter((view) => view.stalenessMs > limitMs);
    if (behind.length === 0) return [];
    let sources: ReadonlySet<string>;
    try {
      sources = tablesRead(this.#host.bind(query).plan);
    } catch {
      // Parameters leave the types open: the statement itself tells what is wrong, and no view may be too old.
      return behind;
    }
    const read = [...sources].flatMap((name) => this.#views.get(name) ?? []);
    const below = new Set(read.flatMap((view) => this.#views.lagging(view)));
    return behind.filter((view) => below.has(view));
  }
}
