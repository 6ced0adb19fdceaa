/**
 * All views of a database: definition, commits, refreshes and the order among them.
 *
 * ```
 * commit ─► maintain: eager views in order of creation, inside the transaction ┐
 * refresh ─► advance: upstream views first, then the view, one transaction     ├─► published: all at one version
 * ```
 *
 * A view only reads what existed before it, so the order of creation is a topological order. Eager views read
 * tables and eager views alone: whatever is eager is at the version of the store.
 *
 * @module
 */
import { InvariantError, QueryError, SchemaError } from "../../src/base/error.ts";
import { Circuit, type OperatorStatus } from "../../src/circuit/circuit.ts";
import type { CircuitEnvironment } from "../../src/circuit/compile_circuit.ts";
import type { Delta } from "../../src/circuit/delta.ts";
import { LiveTables } from "../../src/circuit/live_tables.ts";
import { CatalogAfter } from "../../src/kernel/catalog_after.ts";
import type { CatalogChange, CommitBatch } from "../../src/kernel/hooks.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import type { Query } from "../../src/query/ast.ts";
import type { Catalog } from "../../src/query/catalog.ts";
import type { Transaction } from "../../src/storage/transaction.ts";
import { ChangeEpoch } from "./epochs.ts";
import { changesOperators, MaintainedView, type ViewEnvironment } from "./maintained_view.ts";
import { policyOf, type RefreshPolicy, type ViewProperties } from "./refresh_policy.ts";

/** A view to be made. */
export interface ViewCreation {
  readonly name: string;
  readonly query: Query;
  readonly columns: readonly string[] | undefined;
  readonly policy: RefreshPolicy;
  readonly orReplace: boolean;
  readonly temporary: boolean;
  /** False for WITH NO DATA: the first refresh fills it. */
  readonly withData: boolean;
}

/** What a transaction does to views, until it is published. */
interface ViewCommit {
  readonly transaction: Transaction;
  /** The version that it will have. */
  version: number;
  /** Views that it writes, and whose readers know. */
  readonly views: Set<MaintainedView>;
  /** The changes that are on their way through the circuit. */
  epoch: ChangeEpoch | undefined;
  /** Views that do not follow it, though a table below them changes. */
  readonly touched: MaintainedView[];
}

/** Commits from this number of changed rows on may be more than all rows of an eager view are worth. */
const LARGE_COMMIT_ROWS = 10_000;
/** After an error the timer waits this long for the views that the clock changes. */
const TICK_RETRY_MS = 1_000;

/** See the module header. */
export class ViewSet {
  readonly #environment: ViewEnvironment;
  readonly #viewsMax: number;
  readonly #views = new Map<string, MaintainedView>();
  /** Tables below each view, found when first asked for. */
  readonly #bases = new Map<MaintainedView, readonly string[]>();
  /** Made when it is needed: in the set-up of plugins there are no functions yet. */
  #circuit: Circuit | undefined;
  #operatorCount = 0;
  #commit: ViewCommit | undefined;
  /** When the part of a run began that ends with the next output, monotonic. */
  #startMs = 0;

  constructor(
    environment: Omit<ViewEnvironment, "sharedCircuit" | "newCircuit" | "receive">,
    viewsMax: number,
  ) {
    this.#environment = {
      ...environment,
      sharedCircuit: () => this.circuit,
      newCircuit: () => new Circuit(circuitEnvironment(environment.host), () => ++this.#operatorCount),
      receive: (view, change) => this.#receive(view, change),
    };
    this.#viewsMax = viewsMax;
  }

  /** The circuit of the eager views. */
  get circuit(): Circuit {
    return this.#circuit ??= this.#environment.newCircuit();
  }

  /** In order of creation. */
  get views(): readonly MaintainedView[] {
    return [...this.#views.values()];
  }

  get(name: string): MaintainedView | undefined {
    return this.#views.get(name);
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

  /** Before a commit is published: eager views follow in the same transaction. */
  maintain(batch: CommitBatch): void {
    if (this.#views.size === 0) return;
    const commit = this.#begin(batch.transaction, batch.version);
    // Who reads the views that were refreshed knows already.
    const known = new Set([...commit.views].map((view) => view.name));
    const deltas = known.size === 0 ? batch.deltas : batch.deltas.filter(({ table }) => !known.has(table));
    const epoch = ChangeEpoch.ofCommit(this.#environment.host, deltas);
    for (const view of this.#notFollowing()) {
      if (commit.views.has(view)) continue;
      if (this.#basesOf(view).some((table) => epoch.has(table))) commit.touched.push(view);
    }
    // Large enough that reading all rows may be cheaper.
    if (deltas.reduce((rows, delta) => rows + delta.rowCount, 0) >= LARGE_COMMIT_ROWS) {
      for (const view of this.views) if (view.follows) view.prepare(epoch);
    }
    this.#run(commit, epoch);
  }

  /** Whether the clock alone has changed an eager view. */
  get isTickDue(): boolean {
    return this.#circuit?.isDueAt(this.#environment.host.clock.now() * 1000) ?? false;
  }

  /** Brings eager views along that the clock alone has changed. */
  async tick(): Promise<void> {
    await this.#write((transaction) => {
      if (!this.isTickDue) return;
      const commit = this.#begin(transaction, this.#environment.host.store.version);
      this.#run(commit, new ChangeEpoch(this.#environment.host));
    });
  }

  /** A commit is visible. */
  publish(version: number): void {
    const commit = this.#commit;
    this.#commit = undefined;
    // What a transaction that was rolled back did to views is not published by the next one.
    if (commit === undefined || commit.version !== version) return;
    this.circuit.published(commit.transaction);
    for (const view of commit.views) {
      view.settle(commit.transaction);
      view.published(version);
      if (view.policy.trigger === "interval") this.#schedule(view);
    }
    this.#scheduleTick();
    for (const view of commit.touched) {
      const wasBehind = view.isBehind;
      view.touch(version);
      if (!wasBehind) this.#schedule(view);
    }
  }

  /** Views that read the relation; those alone that would break under the catalogue `after`, where it is given. */
  readersOf(relation: string, after?: Catalog): readonly string[] {
    return this.#readersOf(relation)
      .filter((view) => after === undefined || view.contents.breaksUnder(after))
      .map((view) => view.name);
  }

  /** What was planned over a table may not hold any more. */
  catalogChanged({ kind, object, name, keepsPlans }: CatalogChange): void {
    if (kind !== "altered" || object !== "table" || keepsPlans === true) return;
    this.#circuit?.breakReaders(name);
  }

  async create(creation: ViewCreation): Promise<MaintainedView> {
    const { name } = creation;
    if (this.#views.size >= this.#viewsMax) {
      throw new SchemaError(
        "invalid-input",
        `Cannot create "${name}": there are ${this.#viewsMax} views already`,
        { details: { limit: this.#viewsMax }, hint: "drop a view or raise viewsMax" },
      );
    }
    const replaced = this.#views.get(name);
    let made: MaintainedView | undefined;
    try {
      const view = await this.#write((transaction) => {
        made = this.#build(creation, transaction);
        if (replaced !== undefined) this.#attachReaders(made);
        return made;
      });
      replaced?.close();
      replaced?.contents.table.uninstall();
      this.#schedule(view);
      return view;
    } catch (error) {
      this.#commit = undefined;
      if (made !== undefined) this.#unmake(made, replaced);
      throw error;
    }
  }

  /** Brings a view up to date, the views that it reads first. */
  refresh(view: MaintainedView, full = false): Promise<void> {
    return this.refreshAll([view], full);
  }

  /** Brings views up to date in one transaction, the views that they read first: all are then at one version. */
  async refreshAll(views: readonly MaintainedView[], full = false): Promise<void> {
    let advanced = false;
    try {
      await this.#write((transaction) => {
        for (const view of views) this.#requireSame(view);
        this.#advance(transaction, views, full);
        advanced = true;
      });
    } catch (error) {
      this.#commit = undefined;
      if (advanced) views.forEach((view) => view.failed(error));
      throw error;
    } finally {
      for (const other of new Set(views.flatMap((view) => [view, ...this.lagging(view)]))) {
        this.#schedule(other);
      }
    }
  }

  /** Changes the properties of a view. */
  async alter(name: string, properties: ViewProperties): Promise<void> {
    const view = this.require(name);
    const before = view.policy;
    const policy = policyOf(properties, before);
    try {
      let moved: Transaction | undefined;
      await this.#write((transaction) => {
        this.#requireSame(view);
        if (policy.retention !== before.retention) {
          view.contents.retention = policy.retention;
          this.#advance(transaction, [view], true);
        }
        if (before.trigger !== "eager" && policy.trigger === "eager") {
          this.#requireEagerSources(view);
          this.#advance(transaction, [view], false);
          view.follow(policy, transaction);
          return;
        }
        if (before.trigger !== "eager" && changesOperators(before, policy)) {
          view.reset(policy);
          // What is stored is that of the operators before.
          if (view.isPopulated) this.#advance(transaction, [view], true);
          return;
        }
        if (policy.trigger !== "eager" && before.trigger === "eager") this.#requireNoEagerReaders(view);
        view.follow(policy, transaction);
        moved = transaction;
      });
      if (moved !== undefined) view.settle(moved);
    } catch (error) {
      this.#commit = undefined;
      view.policy = before;
      view.contents.retention = before.retention;
      throw error;
    }
    this.#schedule(view);
  }

  async rename(name: string, to: string): Promise<void> {
    const view = this.require(name);
    const { host } = this.#environment;
    await host.write(() => {
      this.#requireSame(view);
      host.catalog.requireFree(to);
      this.#requireUnread(name, "rename");
      view.rename(to);
      this.#views.delete(name);
      this.#views.set(to, view);
      host.catalogChanged({ kind: "renamed", object: "materialized view", name, to });
    });
  }

  async drop(
    names: readonly string[],
    how: { readonly ifExists: boolean; readonly cascade: boolean },
  ): Promise<void> {
    for (const name of names) if (!how.ifExists) this.require(name);
    await this.#environment.host.write(() => {
      for (const name of names) {
        if (how.cascade) this.dropReaders(name);
        else if (this.#views.has(name)) this.#requireUnread(name, "drop");
        this.remove(name);
      }
    });
  }

  dropReaders(relation: string, among?: readonly string[]): void {
    for (const reader of this.readersOf(relation)) {
      if (among !== undefined && !among.includes(reader)) continue;
      this.dropReaders(reader);
      this.remove(reader);
    }
  }

  /** Takes a view out; nothing may read it. */
  remove(name: string): void {
    const view = this.#views.get(name);
    if (view === undefined) return;
    view.close();
    view.contents.table.uninstall();
    this.#views.delete(name);
    this.#bases.delete(view);
    this.#environment.host.catalogChanged({ kind: "dropped", object: "materialized view", name });
  }

  /** The view and those below it that commits alone do not keep up to date, in order of creation. */
  lagging(view: MaintainedView): readonly MaintainedView[] {
    const below = this.#below(view.sources);
    return this.views.filter((other) => (other === view || below.has(other)) && other.mayLag);
  }

  /** The operators of all circuits. */
  operators(): readonly OperatorStatus[] {
    const circuits = new Set([this.circuit, ...this.views.map((view) => view.circuit)]);
    return [...circuits].flatMap((circuit) => circuit.operators());
  }

  close(): void {
    for (const view of this.#views.values()) view.close();
  }

  #build(creation: ViewCreation, transaction: Transaction): MaintainedView {
    const { name } = creation;
    const { host } = this.#environment;
    const replaced = this.#views.get(name);
    if (!creation.orReplace || replaced === undefined) host.catalog.requireFree(name);
    const view = new MaintainedView(this.#environment, creation);
    if (replaced !== undefined) this.#requireReplaceable(replaced, view);
    if (replaced !== undefined && !creation.withData) this.#requireUnread(name, "replace");
    if (creation.policy.trigger === "eager" && !creation.temporary) this.#requireEagerSources(view);
    const commit = this.#begin(transaction, host.store.version);
    // The old table stays until the new one is committed.
    replaced?.rename(`${name} (replaced)`);
    this.#views.delete(name);
    let installed = false;
    try {
      view.contents.table.install(creation.withData);
      installed = true;
      if (creation.withData) {
        for (const source of this.#below(view.sources)) source.requirePopulated();
        if (!creation.temporary) this.#advanceAll(commit, this.lagging(view));
        view.build(transaction);
      }
    } catch (error) {
      view.contents.release();
      if (installed) view.contents.table.uninstall();
      replaced?.rename(name);
      if (replaced !== undefined) this.#put(replaced);
      throw error;
    }
    if (creation.withData) commit.views.add(view);
    this.#put(view);
    host.catalogChanged({ kind: "created", object: "materialized view", name });
    return view;
  }

  /** The commit of a definition failed. */
  #unmake(view: MaintainedView, replaced: MaintainedView | undefined): void {
    const { name } = view;
    this.remove(name);
    if (replaced === undefined) return;
    replaced.rename(name);
    this.#put(replaced);
    this.#environment.host.catalogChanged({ kind: "created", object: "materialized view", name });
  }

  /** Takes a view in, behind what it reads and before what reads it. */
  #put(view: MaintainedView): void {
    this.#views.set(view.name, view);
    this.#bases.clear();
    if (this.#readersOf(view.name).length === 0) return;
    const views = this.views;
    this.#views.clear();
    const visit = (one: MaintainedView): void => {
      if (this.#views.has(one.name)) return;
      for (const below of views) if (one.sources.includes(below.name)) visit(below);
      this.#views.set(one.name, one);
    };
    views.forEach(visit);
  }

  /** What reads a view that was replaced follows in the same transaction: it starts anew, what is above by changes. */
  #attachReaders(view: MaintainedView): void {
    const readers = this.views.filter((other) => other.isPopulated && this.#below(other.sources).has(view));
    if (readers.length === 0) return;
    const commit = this.#commit!;
    this.circuit.replaced(view.name);
    this.#run(commit, new ChangeEpoch(this.#environment.host));
    const lagging = readers.filter((reader) => !reader.follows).flatMap((reader) => this.lagging(reader));
    // What the new view reads is up to date already.
    const wanted = new Set(lagging.filter((other) => !commit.views.has(other)));
    this.#advanceAll(commit, this.views.filter((other) => wanted.has(other)), [...wanted], true);
  }

  /** Sends changes through the circuit of the eager views. */
  #run(commit: ViewCommit, epoch: ChangeEpoch): void {
    commit.epoch = epoch;
    this.#startMs = this.#environment.alarms.now();
    this.circuit.run(epoch, epoch.relations, commit.transaction);
    commit.epoch = undefined;
  }

  /** A change of its answer has reached an eager view. */
  #receive(view: MaintainedView, change: Delta | undefined): boolean {
    const commit = this.#commit!;
    const epoch = commit.epoch!;
    let written: Delta | "suspended" | undefined;
    try {
      written = view.maintain(commit.transaction, { epoch, change, startMs: this.#startMs });
    } catch (error) {
      this.#commit = undefined;
      view.failed(error);
      throw error;
    }
    this.#startMs = this.#environment.alarms.now();
    if (written === "suspended") {
      this.#suspendReaders(view);
      return false;
    }
    commit.views.add(view);
    if (written === undefined) return false;
    epoch.addView(view.name, written);
    return true;
  }

  /** Who reads a view that stopped following stops too. */
  #suspendReaders(view: MaintainedView): void {
    for (const reader of this.#views.values()) {
      if (!reader.follows || reader.temporary || !reader.sources.includes(view.name)) continue;
      reader.suspend(`it reads "${view.name}", which is suspended`, view.name);
      this.#suspendReaders(reader);
    }
  }

  #notFollowing(): readonly MaintainedView[] {
    return this.views.filter((view) => !view.follows);
  }

  /** Refreshes `targets` with what they read, and eager views that only waited for one of these. */
  #advance(transaction: Transaction, targets: readonly MaintainedView[], full: boolean): void {
    const commit = this.#begin(transaction, this.#environment.host.store.version);
    const wanted = new Set(targets.flatMap((target) => [...this.lagging(target), target]));
    for (const view of this.#views.values()) {
      if (view.suspendedBy === undefined || wanted.has(view)) continue;
      const below = [...this.#below(view.sources)];
      const ready = below.every((other) => other.follows || wanted.has(other));
      if (ready && below.some((other) => wanted.has(other))) wanted.add(view);
    }
    const order = this.views.filter((view) => wanted.has(view));
    this.#advanceAll(commit, order, targets, full);
  }

  #advanceAll(
    commit: ViewCommit,
    views: readonly MaintainedView[],
    targets: readonly MaintainedView[] = [],
    full = false,
  ): void {
    const changes = new Map<string, Delta>();
    for (const view of views) {
      // The view of a definition is built by who defines it.
      if (this.#views.get(view.name) !== view) continue;
      try {
        const change = view.advance(commit.transaction, changes, full && targets.includes(view));
        commit.views.add(view);
        if (change === undefined) continue;
        changes.set(view.name, change);
        const epoch = new ChangeEpoch(this.#environment.host);
        epoch.addView(view.name, change);
        this.#run(commit, epoch);
      } catch (error) {
        this.#commit = undefined;
        view.failed(error);
        // Without it, those that read it cannot be brought up to date.
        for (const target of targets) {
          if (target !== view && this.#below(target.sources).has(view)) target.failed(error);
        }
        throw error;
      }
    }
  }

  /** Runs `body` in a transaction of its own, after the writers under way, and commits it. */
  async #write<Result>(body: (transaction: Transaction) => Result): Promise<Result> {
    const { result, transaction, views } = await this.#environment.host.write((transaction) => {
      const result = body(transaction);
      return { result, transaction, views: this.#commit?.views ?? [] };
    });
    // Where nothing was written there was nothing to publish.
    this.circuit.published(transaction);
    this.#scheduleTick();
    for (const view of views) view.settle(transaction);
    return result;
  }

  #begin(transaction: Transaction, version: number): ViewCommit {
    if (this.#commit?.transaction !== transaction) {
      this.#commit = { transaction, version, views: new Set(), touched: [], epoch: undefined };
    }
    this.#commit.version = version;
    return this.#commit;
  }

  /** @throws {SchemaError} `unknown-object` when the view was dropped while the writers before were waited for */
  #requireSame(view: MaintainedView): void {
    if (this.require(view.name) === view) return;
    throw new SchemaError("unknown-object", `Materialized view "${view.name}" was replaced meanwhile`, {
      details: { name: view.name },
      hint: "try again with the new one",
    });
  }

  /** One alarm for all eager views: at the time when the clock changes the next of them. */
  #scheduleTick(delayMs = 0): void {
    const dueMicros = this.#circuit?.dueMicros;
    if (dueMicros === undefined) return;
    const { alarms, host } = this.#environment;
    const at = alarms.now() + Math.max(delayMs, dueMicros / 1000 - host.clock.now());
    // The next commit or query gets the error, if it stays.
    alarms.set(this, at, () => this.tick().catch(() => this.#scheduleTick(TICK_RETRY_MS)));
  }

  #schedule(view: MaintainedView): void {
    const { alarms } = this.#environment;
    const at = this.#views.get(view.name) === view ? view.dueAt() : undefined;
    if (at === undefined) alarms.cancel(view);
    else alarms.set(view, at, () => this.#refreshDue(view));
  }

  async #refreshDue(view: MaintainedView): Promise<void> {
    const group = this.#dueWith(view);
    if (group.length === 0) {
      this.#schedule(view);
      return;
    }
    try {
      // A refresh in the background starts after the queries that run.
      await this.#environment.host.scheduler.run({ name: "refresh", priority: -1, step: () => true });
      await this.#refreshTogether(group);
    } catch {
      // The view has noted the error and when to try again.
      this.#schedule(view);
    }
  }

  /** What is to be refreshed with a view that is due: all that is, and what lags behind with an equal target lag. */
  #dueWith(view: MaintainedView): readonly MaintainedView[] {
    const now = this.#environment.alarms.now();
    const { targetLagMs } = view.policy;
    if (this.#views.get(view.name) !== view || (view.dueAt() ?? Infinity) > now) return [];
    const due = this.views.filter((other) =>
      (other.dueAt() ?? Infinity) <= now ||
      (targetLagMs !== undefined && other.policy.targetLagMs === targetLagMs && !other.isRetrying)
    );
    const isIdle = (one: MaintainedView): boolean =>
      !one.isBehind && this.lagging(one).every((other) => !other.contents.isTimeDependent);
    for (const one of due) {
      if (!isIdle(one) || (one.dueAt() ?? Infinity) > now) continue;
      one.confirm();
      this.#schedule(one);
    }
    return due.filter((one) => !isIdle(one));
  }

  /** In one transaction, so that all are at one version; when one of them fails, one by one. */
  async #refreshTogether(group: readonly MaintainedView[]): Promise<void> {
    const present = group.filter((view) => this.#views.get(view.name) === view);
    try {
      await this.refreshAll(present);
    } catch (error) {
      if (present.length === 1) throw error;
      for (const view of present) if (!view.isRetrying) await this.refresh(view).catch(() => {});
    }
  }

  #basesOf(view: MaintainedView): readonly string[] {
    let bases = this.#bases.get(view);
    if (bases === undefined) {
      const sources = new Set(view.sources);
      for (const other of this.#below(view.sources)) other.sources.forEach((name) => sources.add(name));
      bases = [...sources].filter((name) => !this.#views.has(name));
      this.#bases.set(view, bases);
    }
    return bases;
  }

  /** All views that can be reached from `sources`. */
  #below(sources: readonly string[]): ReadonlySet<MaintainedView> {
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

  #requireEagerSources(view: MaintainedView): void {
    for (const source of this.#below(view.sources)) {
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

  #requireNoEagerReaders(view: MaintainedView): void {
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
  #requireReplaceable(replaced: MaintainedView, view: MaintainedView): void {
    const { name } = replaced;
    if (view.sources.includes(name) || this.#below(view.sources).has(replaced)) throw circular(name);
    if (view.policy.trigger !== "eager") this.#requireNoEagerReaders(replaced);
    const { host } = this.#environment;
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

  #readersOf(relation: string): readonly MaintainedView[] {
    return this.views.filter((view) => view.sources.includes(relation));
  }

  #requireUnread(name: string, action: string): void {
    const dependents = this.#environment.host.dependentsOf(name);
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

function circuitEnvironment(host: PluginHost): CircuitEnvironment {
  return {
    execution: host.environment(() => {
      throw new InvariantError("invariant", "A circuit reads tables through its epochs");
    }),
    tables: new LiveTables(host.store),
    isDeterministic: (scalar) => host.isImmutable(scalar),
  };
}
