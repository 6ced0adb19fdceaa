/**
 * Queries that ask for freshness: `minVersion` and `maxStalenessMs`.
 *
 * ```
 * query ─► views that it reads, and those below ─► too old? refresh them all in one transaction ─► run the query
 * ```
 *
 * Views that follow every commit need nothing. A view that does not is old enough for `minVersion` n when the first
 * change that it has not applied came after n: then its contents are those of n too. What cannot be refreshed is an
 * error, so that an answer is never silently older than asked. O(AST + views).
 *
 * @module
 */
import { LimitError, QueryError } from "../../src/base/error.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import type { QueryContext, QueryOptions } from "../../src/kernel/query_context.ts";
import type { QueryResult, ResultFreshness } from "../../src/kernel/query_result.ts";
import type { StatementSession } from "../../src/kernel/statement_session.ts";
import type { Statement } from "../../src/query/ast.ts";
import type { MaintainedView } from "./maintained_view.ts";
import type { ViewSet } from "./view_set.ts";

/** What a query asks for. */
interface FreshnessDemand {
  readonly minVersion: number | undefined;
  readonly maxStalenessMs: number | undefined;
}

/** See the module header. */
export class Freshness {
  readonly #host: PluginHost;
  readonly #views: ViewSet;

  constructor(host: PluginHost, views: ViewSet) {
    this.#host = host;
    this.#views = views;
  }

  /** Refreshes what `statement` reads and is too old, then runs it; undefined when nothing is. */
  run(
    statement: Statement,
    { options }: QueryContext,
    session: StatementSession,
  ): Promise<QueryResult> | undefined {
    if (options.atVersion !== undefined) return undefined;
    if (options.minVersion === undefined && options.maxStalenessMs === undefined) return undefined;
    const stale = this.#stale(statement, demandOf(options));
    return stale.length === 0 ? undefined : this.#refreshed(stale, statement, options, session);
  }

  async #refreshed(
    stale: readonly MaintainedView[],
    statement: Statement,
    options: QueryOptions,
    session: StatementSession,
  ): Promise<QueryResult> {
    try {
      if (session.inTransaction) {
        throw new QueryError("invalid-statement", "A transaction cannot refresh views", {
          hint: "refresh before the transaction",
        });
      }
      await this.#views.refreshAll(stale);
    } catch (cause) {
      throw tooOld(stale, demandOf(options), cause);
    }
    // Asked again, a view that depends on time would be older than 0 ms forever.
    const { maxStalenessMs: _, ...rest } = options;
    return await session.run(statement, rest);
  }

  #stale(statement: Statement, demand: FreshnessDemand): readonly MaintainedView[] {
    const old = this.#views.views.filter((view) => isOlder(view, demand));
    if (old.length === 0) return [];
    const read = this.#viewsOf(statement);
    const needed = new Set(read.flatMap((view) => this.#views.lagging(view)));
    return old.filter((view) => needed.has(view));
  }

  /** The maintained views that stand in `statement`, also behind plain views. */
  #viewsOf(statement: Statement): readonly MaintainedView[] {
    const { catalog } = this.#host;
    const found = new Set<MaintainedView>();
    const expanded = new Set<string>();
    const open: object[] = [statement];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      const name = tableNameOf(node);
      if (name !== undefined) {
        for (const view of this.#views.views) if (isMeant(name, view.name)) found.add(view);
        for (const view of catalog.views()) {
          if (expanded.has(view.name) || !isMeant(name, view.name)) continue;
          expanded.add(view.name);
          open.push(view.query);
        }
      }
      for (const child of Object.values(node)) {
        if (typeof child === "object" && child !== null) open.push(child);
      }
    }
    return [...found];
  }
}

/** How far an answer from `tables` is behind. O(tables). */
export function freshnessOf(
  views: ViewSet,
  freshness: ResultFreshness,
  tables: readonly string[],
): ResultFreshness {
  let { dataVersion, stalenessMs } = freshness;
  for (const name of tables) {
    const view = views.get(name);
    if (view === undefined || !view.mayLag) continue;
    if (!view.reflects(dataVersion)) dataVersion = Math.min(dataVersion, view.reflectedVersion);
    stalenessMs = Math.max(stalenessMs, view.stalenessMs);
  }
  return stalenessMs === freshness.stalenessMs && dataVersion === freshness.dataVersion
    ? freshness
    : { dataVersion, stalenessMs };
}

function isOlder(view: MaintainedView, { minVersion, maxStalenessMs }: FreshnessDemand): boolean {
  return (maxStalenessMs !== undefined && view.stalenessMs > maxStalenessMs) ||
    (minVersion !== undefined && !view.reflects(minVersion));
}

function demandOf({ minVersion, maxStalenessMs }: QueryOptions): FreshnessDemand {
  if (maxStalenessMs === undefined || maxStalenessMs >= 0) return { minVersion, maxStalenessMs };
  throw new QueryError("invalid-parameter", `maxStalenessMs cannot be ${maxStalenessMs}`, {
    details: { maxStalenessMs },
    hint: "give milliseconds, 0 or more",
  });
}

function tooOld(stale: readonly MaintainedView[], demand: FreshnessDemand, cause: unknown): LimitError {
  const view = stale.find((one) => one.error !== undefined) ?? stale[0]!;
  const details = {
    view: view.name,
    asOf: view.asOf,
    stalenessMs: view.stalenessMs,
    ...demand,
  };
  const asked = demand.minVersion !== undefined && !view.reflects(demand.minVersion)
    ? `is at version ${view.asOf}: version ${demand.minVersion} was asked for`
    : `is ${view.stalenessMs} ms old: at most ${demand.maxStalenessMs} ms were asked for`;
  return new LimitError("stale", `View "${view.name}" ${asked}`, {
    details,
    hint: "db.plugins.materializedViews.status tells what went wrong",
    cause,
  });
}

/** The name in a reference to a table, in parts. */
function tableNameOf(node: object): readonly string[] | undefined {
  if (!("kind" in node) || node.kind !== "table" || !("name" in node) || !Array.isArray(node.name)) {
    return undefined;
  }
  return node.name.map((part: unknown) =>
    typeof part === "object" && part !== null && "name" in part ? String(part.name) : ""
  );
}

/** Whether a reference may mean the relation `name`: a schema that is searched may stand before it, or be left out. */
function isMeant(parts: readonly string[], name: string): boolean {
  return parts.join(".") === name || parts.at(-1) === name || name.endsWith(`.${parts.at(-1)}`);
}
