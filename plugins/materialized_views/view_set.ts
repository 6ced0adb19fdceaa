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
import { SchemaError } from "../../src/base/error.ts";
import { Circuit, type OperatorStatus } from "../../src/circuit/circuit.ts";
import type { Delta } from "../../src/circuit/delta.ts";
import type { CatalogChange, CommitBatch } from "../../src/kernel/hooks.ts";
import type { QueryContext } from "../../src/kernel/query_context.ts";
import type { Query } from "../../src/query/ast.ts";
import type { Catalog } from "../../src/query/catalog.ts";
import type { TableDelta } from "../../src/storage/delta.ts";
import type { Transaction } from "../../src/storage/transaction.ts";
import { circuitEnvironment } from "./circuit_environment.ts";
import { EarlierRuns } from "./earlier_runs.ts";
import { ChangeEpoch } from "./epochs.ts";
import { MaintainedView, type ViewEnvironment } from "./maintained_view.ts";
import { changesOperators, type CommitRun } from "./view_refresh.ts";
import { RefreshTimer } from "./refresh_timer.ts";
import { REPLACED, ViewGraph } from "./view_graph.ts";
import { policyOf, type RefreshPolicy, type ViewProperties } from "./refresh_policy.ts";

/** A view to be made. */
export interface ViewCreation {
  readonly name: string;
  readonly query: Query;
  /** For whom plugins rewrite the query. */
  readonly context?: QueryContext;
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
  run: CommitRun | undefined;
  /** When the last of its runs ended, monotonic. */
  endMs: number | undefined;
  /** What views did in all runs of the circuit but the last; made with the second. */
  earlier: EarlierRuns<MaintainedView> | undefined;
  /** Views that do not follow it, though a table below them changes. */
  readonly touched: MaintainedView[];
}

/** Commits from this number of changed rows on may be more than all rows of an eager view are worth. */
const LARGE_COMMIT_ROWS = 10_000;

/** See the module header. */
export class ViewSet {
  readonly #environment: ViewEnvironment;
  readonly #viewsMax: number;
  readonly #graph: ViewGraph;
  readonly #timer: RefreshTimer;
  /** Made when it is needed: in the set-up of plugins there are no functions yet. */
  #circuit: Circuit | undefined;
  #operatorCount = 0;
  #commit: ViewCommit | undefined;

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
    this.#graph = new ViewGraph(environment.host);
    this.#timer = new RefreshTimer(environment, this.#graph, {
      dueMicros: () => this.#circuit?.dueMicros,
      tick: () => this.tick(),
      refresh: (views) => this.refreshAll(views),
    });
  }

  /** The circuit of the eager views. */
  get circuit(): Circuit {
    return this.#circuit ??= this.#environment.newCircuit();
  }

  /** In order of creation. */
  get views(): readonly MaintainedView[] {
    return this.#graph.views;
  }

  get(name: string): MaintainedView | undefined {
    return this.#graph.get(name);
  }

  /** @throws {SchemaError} `unknown-object` */
  require(name: string): MaintainedView {
    return this.#graph.require(name);
  }

  /** The view and those below it that commits alone do not keep up to date, in order of creation. */
  lagging(view: MaintainedView): readonly MaintainedView[] {
    return this.#graph.lagging(view);
  }

  /** Before a commit is published: eager views follow in the same transaction. */
  maintain(batch: CommitBatch): void {
    if (this.#graph.size === 0) return;
    const commit = this.#begin(batch.transaction, batch.version);
    const deltas = unknownTo(commit.views, batch.deltas);
    const epoch = ChangeEpoch.ofCommit(this.#environment.host, deltas);
    for (const view of this.views) {
      if (view.follows || commit.views.has(view)) continue;
      if (this.#graph.basesOf(view).some((table) => epoch.has(table))) commit.touched.push(view);
    }
    let rows = 0;
    for (const delta of deltas) rows += delta.rowCount;
    // Large enough that reading all rows may be cheaper.
    if (rows >= LARGE_COMMIT_ROWS) { for (const view of this.views) if (view.follows) view.prepare(epoch); }
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
    const { alarms, host } = this.#environment;
    const now = { monotonicMs: commit.endMs ?? alarms.now(), wallMs: host.clock.now() };
    for (const view of commit.views) {
      view.settle(commit.transaction);
      view.published(version, now, commit.earlier);
      if (view.policy.trigger === "interval") this.#timer.schedule(view);
    }
    this.#timer.scheduleTick();
    for (const view of commit.touched) {
      const wasBehind = view.isBehind;
      view.touch(version);
      if (!wasBehind) this.#timer.schedule(view);
    }
  }

  /** Views that read the relation; those alone that would break under the catalogue `after`, where it is given. */
  readersOf(relation: string, after?: Catalog): readonly string[] {
    return this.#graph.readersOf(relation)
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
    if (this.#graph.size >= this.#viewsMax) {
      throw new SchemaError(
        "invalid-input",
        `Cannot create "${name}": there are ${this.#viewsMax} views already`,
        { details: { limit: this.#viewsMax }, hint: "drop a view or raise viewsMax" },
      );
    }
    const replaced = this.#graph.get(name);
    let made: MaintainedView | undefined;
    try {
      const view = await this.#write((transaction) => {
        made = this.#build(creation, transaction);
        if (replaced !== undefined) this.#attachReaders(made);
        return made;
      });
      replaced?.close("replaced");
      replaced?.contents.table.uninstall();
      this.#timer.schedule(view);
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
        for (const view of views) this.#graph.requireSame(view);
        this.#advance(transaction, views, full);
        advanced = true;
      });
    } catch (error) {
      this.#commit = undefined;
      if (advanced) views.forEach((view) => view.failed(error));
      throw error;
    } finally {
      for (const other of new Set(views.flatMap((view) => [view, ...this.lagging(view)]))) {
        this.#timer.schedule(other);
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
        this.#graph.requireSame(view);
        // One advance at most: the next one would bring the same changes again.
        const isOtherQuery = policy.retention !== before.retention;
        if (isOtherQuery) view.contents.retain(policy.retention);
        if (before.trigger !== "eager" && policy.trigger === "eager") {
          this.#graph.requireEagerSources(view);
          this.#advance(transaction, [view], isOtherQuery);
          view.follow(policy, transaction);
          return;
        }
        if (before.trigger !== "eager" && changesOperators(before, policy)) {
          view.reset(policy);
          // What is stored is that of the operators before.
          if (view.isPopulated) this.#advance(transaction, [view], true);
          return;
        }
        if (isOtherQuery) this.#advance(transaction, [view], true);
        if (policy.trigger !== "eager" && before.trigger === "eager") this.#graph.requireNoEagerReaders(view);
        view.follow(policy, transaction);
        moved = transaction;
      });
      if (moved !== undefined) view.settle(moved);
    } catch (error) {
      this.#commit = undefined;
      view.policy = before;
      view.contents.retain(before.retention);
      throw error;
    }
    this.#timer.schedule(view);
  }

  async rename(name: string, to: string): Promise<void> {
    const view = this.require(name);
    const { host } = this.#environment;
    await host.write(() => {
      this.#graph.requireSame(view);
      host.catalog.requireFree(to);
      this.#graph.requireUnread(name, "rename");
      view.rename(to);
      this.#graph.delete(name);
      this.#graph.put(view);
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
        else if (this.#graph.get(name) !== undefined) this.#graph.requireUnread(name, "drop");
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
    const view = this.#graph.get(name);
    if (view === undefined) return;
    view.close("dropped");
    view.contents.table.uninstall();
    this.#graph.delete(name);
    this.#environment.host.catalogChanged({ kind: "dropped", object: "materialized view", name });
  }

  /** The operators of all circuits. */
  operators(): readonly OperatorStatus[] {
    const circuits = new Set([this.circuit, ...this.views.map((view) => view.circuit)]);
    return [...circuits].flatMap((circuit) => circuit.operators());
  }

  close(): void {
    for (const view of this.views) view.close("closed");
  }

  #build(creation: ViewCreation, transaction: Transaction): MaintainedView {
    const { name } = creation;
    const { host } = this.#environment;
    const replaced = this.#graph.get(name);
    if (!creation.orReplace || replaced === undefined) host.catalog.requireFree(name);
    const view = new MaintainedView(this.#environment, creation);
    if (replaced !== undefined) this.#graph.requireReplaceable(replaced, view);
    if (replaced !== undefined && !creation.withData) this.#graph.requireUnread(name, "replace");
    if (creation.policy.trigger === "eager" && !creation.temporary) this.#graph.requireEagerSources(view);
    const commit = this.#begin(transaction, host.store.version);
    // The old table stays until the new one is committed.
    replaced?.rename(`${name}${REPLACED}`);
    this.#graph.delete(name);
    let installed = false;
    try {
      view.contents.table.install(creation.withData);
      installed = true;
      if (creation.withData) {
        for (const source of this.#graph.below(view.sources)) source.requirePopulated();
        if (!creation.temporary) this.#advanceAll(commit, this.lagging(view));
        view.build(transaction);
      }
    } catch (error) {
      view.contents.release();
      if (installed) view.contents.table.uninstall();
      replaced?.rename(name);
      if (replaced !== undefined) this.#graph.put(replaced);
      throw error;
    }
    if (creation.withData) commit.views.add(view);
    this.#graph.put(view);
    host.catalogChanged({ kind: "created", object: "materialized view", name });
    return view;
  }

  /** The commit of a definition failed. */
  #unmake(view: MaintainedView, replaced: MaintainedView | undefined): void {
    const { name } = view;
    this.remove(name);
    if (replaced === undefined) return;
    replaced.rename(name);
    this.#graph.put(replaced);
    this.#environment.host.catalogChanged({ kind: "created", object: "materialized view", name });
  }

  /** What reads a view that was replaced follows in the same transaction: it starts anew, what is above by changes. */
  #attachReaders(view: MaintainedView): void {
    const readers = this.views.filter((other) =>
      other.isPopulated && this.#graph.below(other.sources).has(view)
    );
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
    const { transaction } = commit;
    for (const view of commit.views) this.#keepAttempt(commit, view);
    commit.run = { transaction, epoch, startMs: this.#environment.alarms.now() };
    this.circuit.run(epoch, epoch.relations, transaction);
    commit.endMs = commit.run.startMs;
    commit.run = undefined;
  }

  #keepAttempt(commit: ViewCommit, view: MaintainedView): void {
    // What another transaction attempted, and did not publish, is of no account.
    const attempt = commit.views.has(view) ? view.takeAttempt() : undefined;
    if (attempt === undefined) return;
    commit.earlier ??= new EarlierRuns();
    commit.earlier.keep(view, attempt);
  }

  /** A change of its answer has reached an eager view. */
  #receive(view: MaintainedView, change: Delta | undefined): boolean {
    const commit = this.#commit!;
    const run = commit.run!;
    let written: Delta | "suspended" | undefined;
    try {
      written = view.maintain(run, change);
    } catch (error) {
      this.#commit = undefined;
      view.failed(error);
      throw error;
    }
    if (written === "suspended") {
      run.startMs = this.#environment.alarms.now();
      this.#suspendReaders(view);
      return false;
    }
    commit.views.add(view);
    if (written === undefined) return false;
    run.epoch.addView(view.name, written);
    return true;
  }

  /** Who reads a view that stopped following stops too. */
  #suspendReaders(view: MaintainedView): void {
    for (const reader of this.views) {
      if (!reader.follows || reader.temporary || !reader.sources.includes(view.name)) continue;
      reader.suspend(`it reads "${view.name}", which is suspended`, view.name);
      this.#suspendReaders(reader);
    }
  }

  /** Refreshes `targets` with what they read, and eager views that only waited for one of these. */
  #advance(transaction: Transaction, targets: readonly MaintainedView[], full: boolean): void {
    const commit = this.#begin(transaction, this.#environment.host.store.version);
    const wanted = new Set(targets.flatMap((target) => [...this.lagging(target), target]));
    for (const view of this.views) {
      if (view.suspendedBy === undefined || wanted.has(view)) continue;
      const below = [...this.#graph.below(view.sources)];
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
      if (!this.#graph.holds(view)) continue;
      try {
        this.#keepAttempt(commit, view);
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
          if (target !== view && this.#graph.below(target.sources).has(view)) target.failed(error);
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
    this.#timer.scheduleTick();
    for (const view of views) view.settle(transaction);
    return result;
  }

  #begin(transaction: Transaction, version: number): ViewCommit {
    if (this.#commit?.transaction !== transaction) {
      this.#commit = {
        transaction,
        version,
        views: new Set(),
        earlier: undefined,
        touched: [],
        run: undefined,
        endMs: undefined,
      };
    }
    this.#commit.version = version;
    return this.#commit;
  }
}

/** Who reads the views that were refreshed knows already. */
function unknownTo(
  views: ReadonlySet<MaintainedView>,
  deltas: readonly TableDelta[],
): readonly TableDelta[] {
  if (views.size === 0) return deltas;
  const known = new Set([...views].map((view) => view.name));
  return deltas.filter(({ table }) => !known.has(table));
}
