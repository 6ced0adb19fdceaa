/**
 * The SQL statements of views: CREATE, REFRESH, ALTER and DROP MATERIALIZED VIEW, and queries that ask for freshness.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import type { QueryContext } from "../../src/kernel/query_context.ts";
import { QueryResult } from "../../src/kernel/query_result.ts";
import { relationName } from "../../src/kernel/relation_name.ts";
import type { StatementSession } from "../../src/kernel/statement_session.ts";
import type {
  AlterView,
  CreateMaterializedView,
  Drop,
  RefreshMaterializedView,
  Statement,
} from "../../src/query/ast.ts";
import { Freshness } from "./freshness.ts";
import { policyOf, propertiesOf } from "./refresh_policy.ts";
import type { ViewSet } from "./view_set.ts";

/** See the module header. */
export class ViewStatements {
  readonly #host: PluginHost;
  readonly #views: ViewSet;
  readonly #freshness: Freshness;

  constructor(host: PluginHost, views: ViewSet) {
    this.#host = host;
    this.#views = views;
    this.#freshness = new Freshness(host, views);
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
        return this.#change(session, "REFRESH MATERIALIZED VIEW", () => this.#refresh(statement));
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
        return this.#freshness.run(statement, context, session);
      case "insert":
      case "update":
      case "delete":
      case "merge":
      case "createTableAs":
        return this.#freshness.run(statement, context, session);
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
      withData: statement.withData,
      temporary: false,
    });
  }

  async #refresh({ name, withData }: RefreshMaterializedView): Promise<void> {
    const view = this.#views.require(relationName(name));
    if (!withData) {
      throw new QueryError("unsupported", "REFRESH MATERIALIZED VIEW ... WITH NO DATA is not supported", {
        details: { name: view.name },
        hint: "use CREATE OR REPLACE MATERIALIZED VIEW ... WITH NO DATA",
      });
    }
    await this.#views.refresh(view);
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
}
