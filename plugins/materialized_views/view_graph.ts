/**
 * The views of a database and what they read: names, order, and what may be done to one while others read it.
 *
 * A view only reads what existed before it, or what took the place of that, so the order here is a topological one.
 *
 * @module
 */
import { QueryError, SchemaError } from "../../src/base/error.ts";
import { CatalogAfter } from "../../src/kernel/catalog_after.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import type { MaintainedView } from "./maintained_view.ts";

/** What the name of a view ends with from the time that another takes its place until it is gone. */
export const REPLACED = " (replaced)";

/** See the module header. */
export class ViewGraph {
  readonly #host: PluginHost;
  readonly #views = new Map<string, MaintainedView>();
  /** Them in a list, while it is the same. */
  #list: readonly MaintainedView[] | undefined;
  /** Tables below each view, found when first asked for. */
  readonly #bases = new Map<MaintainedView, readonly string[]>();

  constructor(host: PluginHost) {
    this.#host = host;
  }

  get size(): number {
    return this.#views.size;
  }

  /** What is read before what reads it. */
  get views(): readonly MaintainedView[] {
    return this.#list ??= [...this.#views.values()];
  }

  get(name: string): MaintainedView | undefined {
    return this.#views.get(name);
  }

  /** Whether `view` is the one of its name. */
  holds(view: MaintainedView): boolean {
    return this.#views.get(view.name) === view;
  }

  /** @throws {SchemaError} `unknown-object` */
  require(name: string): MaintainedView {
    const view = this.#views.get(name);
    if (view !== undefined) return view;
    const names = this.views.filter(({ temporary }) => !temporary).map((known) => known.name);
    throw new SchemaError("unknown-object", `There is no materialized view "${name}"`, {
      details: { name },
      hint: names.length === 0
        ? "create one with CREATE MATERIALIZED VIEW"
        : `views are ${names.slice(0, 20).join(", ")}`,
    });
  }

  /** @throws {SchemaError} `unknown-object` when the view was dropped while the writers before were waited for */
  requireSame(view: MaintainedView): void {
    if (this.holds(view)) return;
    const name = view.name.endsWith(REPLACED) ? view.name.slice(0, -REPLACED.length) : view.name;
    this.require(name);
    throw new SchemaError("unknown-object", `Materialized view "${name}" was replaced meanwhile`, {
      details: { name },
      hint: "try again with the new one",
    });
  }

  /** Takes a view in, behind what it reads and before what reads it. */
  put(view: MaintainedView): void {
    this.#views.set(view.name, view);
    this.#list = undefined;
    this.#bases.clear();
    if (this.readersOf(view.name).length === 0) return;
    const views = this.views;
    this.#views.clear();
    const visit = (one: MaintainedView): void => {
      if (this.#views.has(one.name)) return;
      for (const below of views) if (one.sources.includes(below.name)) visit(below);
      this.#views.set(one.name, one);
    };
    views.forEach(visit);
    this.#list = undefined;
  }

  delete(name: string): void {
    const view = this.#views.get(name);
    if (view !== undefined) this.#bases.delete(view);
    this.#views.delete(name);
    this.#list = undefined;
  }

  /** The view and those below it that commits alone do not keep up to date, in order of creation. */
  lagging(view: MaintainedView): readonly MaintainedView[] {
    const below = this.below(view.sources);
    return this.views.filter((other) => (other === view || below.has(other)) && other.mayLag);
  }

  /** Tables below a view. */
  basesOf(view: MaintainedView): readonly string[] {
    let bases = this.#bases.get(view);
    if (bases === undefined) {
      const sources = new Set(view.sources);
      for (const other of this.below(view.sources)) other.sources.forEach((name) => sources.add(name));
      bases = [...sources].filter((name) => !this.#views.has(name));
      this.#bases.set(view, bases);
    }
    return bases;
  }

  /** All views that can be reached from `sources`. */
  below(sources: readonly string[]): ReadonlySet<MaintainedView> {
    const found = new Set<MaintainedView>();
    const visit = (name: string): void => {
      const view = this.#views.get(name);
      if (view === undefined || found.has(view)) return;
      found.add(view);
      view.sources.forEach(visit);
    };
    sources.forEach(visit);
    return found;
  }

  /** @throws {QueryError} `unsupported` when an eager view would read one that is not */
  requireEagerSources(view: MaintainedView): void {
    for (const source of this.below(view.sources)) {
      const { trigger } = source.policy;
      if (trigger === "eager") continue;
      throw new QueryError(
        "unsupported",
        `An eager view cannot read "${source.name}", which has refresh = '${trigger}': "${view.name}" would mix versions`,
        {
          details: { view: view.name, source: source.name, refresh: trigger },
          hint: "give it refresh = 'manual', an interval or a target_lag too",
        },
      );
    }
  }

  /** @throws {SchemaError} `dependent-objects` */
  requireNoEagerReaders(view: MaintainedView): void {
    const dependents = this.views
      .filter((other) => other.policy.trigger === "eager" && !other.temporary)
      .filter((other) => other.sources.includes(view.name))
      .map((other) => other.name);
    if (dependents.length === 0) return;
    throw new SchemaError(
      "dependent-objects",
      `Cannot take refresh = 'eager' from "${view.name}": ${dependents.join(", ")} follow it in every commit`,
      { details: { name: view.name, dependents }, hint: "alter them first" },
    );
  }

  /** @throws {SchemaError} `circular-definition`, `dependent-objects` with what would break */
  requireReplaceable(replaced: MaintainedView, view: MaintainedView): void {
    const { name } = replaced;
    if (view.sources.includes(name) || this.below(view.sources).has(replaced)) throw circular(name);
    if (view.policy.trigger !== "eager") this.requireNoEagerReaders(replaced);
    const host = this.#host;
    const columns = view.contents.table.columns;
    const table = {
      kind: "materializedView",
      name,
      columns,
      primaryKey: [],
      uniqueKeys: [],
      checks: [],
    } as const;
    const dependents = host.dependentsOf(name, new CatalogAfter(host.catalog, name, table));
    if (dependents.length === 0) return;
    throw new SchemaError(
      "dependent-objects",
      `Cannot replace "${name}": ${dependents.join(", ")} would break`,
      {
        details: { name, dependents },
        hint: "keep the names and types of the columns that they read, or drop them first",
      },
    );
  }

  /** Views that read a relation themselves. */
  readersOf(relation: string): readonly MaintainedView[] {
    // What a subscription asked stays as it was when it began, whatever becomes of the plain views that it named.
    return this.views.filter((view) =>
      view.sources.includes(relation) || (!view.temporary && view.contents.mentions(relation))
    );
  }

  /** @throws {SchemaError} `dependent-objects` */
  requireUnread(name: string, action: string): void {
    const dependents = this.#host.dependentsOf(name);
    if (dependents.length === 0) return;
    throw new SchemaError(
      "dependent-objects",
      `Cannot ${action} "${name}": ${dependents.join(", ")} depend on it`,
      { details: { name, dependents }, hint: "drop them first, or use CASCADE" },
    );
  }
}

function circular(name: string): SchemaError {
  return new SchemaError("circular-definition", `Materialized view "${name}" would read itself`, {
    details: { name },
    hint: "define it over other relations",
  });
}
