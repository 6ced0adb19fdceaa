/**
 * One materialized view: when its contents follow their sources, how that went, and who listens.
 *
 * ```
 *            maintain (eager, in the commit)  ┐
 * attempt ◄─ advance (refresh)                ├─► published: version, history, subscribers
 *            build (definition)               ┘   failed:    stale with the error, retried later
 * ```
 *
 * Contents are written in the transaction of the commit or refresh, so they are published or undone with it. What
 * is known of an attempt is kept apart until one of the two happens.
 *
 * Eager views are in one circuit, in which they share operators. A view with a time of its own has a circuit of its
 * own, which applies the retained changes when the view is refreshed.
 *
 * Each refresh takes the way that is expected to cost less ({@linkcode RefreshCost}). An eager view only has a choice
 * before a commit that is large: within the commit its operators work for other views too, so it starts anew where
 * that is cheaper by far than the changes, gives up the operators of its own alone, and is never without state.
 *
 * @module
 */
import {
  LimitError,
  LiveViewError,
  messageWithoutHint,
  QueryError,
  SchemaError,
} from "../../src/base/error.ts";
import type { Circuit } from "../../src/circuit/circuit.ts";
import type { Receiver } from "../../src/circuit/circuit_vertex.ts";
import { type Delta, emptyDelta, rowsOfDelta } from "../../src/circuit/delta.ts";
import { formatInterval } from "../../src/query/functions/interval_text.ts";
import { isRowError } from "../../src/circuit/quarantine.ts";
import type { SubscribeOptions } from "../../src/kernel/hooks.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import type { LogConsumer } from "../../src/storage/change_log.ts";
import type { Transaction } from "../../src/storage/transaction.ts";
import type { Alarms } from "./alarms.ts";
import { ChangeEpoch } from "./epochs.ts";
import { type RefreshChoice, RefreshCost, type RefreshMethod, type RefreshWork } from "./refresh_cost.ts";
import { RefreshHistory, type RefreshMode, type RefreshRecord } from "./refresh_history.ts";
import type { RefreshPolicy } from "./refresh_policy.ts";
import { RetainedChanges } from "./retained_changes.ts";
import { Subscription } from "./subscription.ts";
import { type OperatorOptions, ViewContents, type ViewDefinition } from "./view_contents.ts";
import type { ViewStatus } from "./view_status.ts";

/** What every view of a database shares. */
export interface ViewEnvironment {
  readonly host: PluginHost;
  readonly alarms: Alarms;
  /** The circuit of all eager views. */
  sharedCircuit(): Circuit;
  newCircuit(): Circuit;
  /** A change of what an eager view reads reached it; undefined: it has to start anew. Tells whether it changed. */
  receive(view: MaintainedView, change: Delta | undefined): boolean;
  /** Refreshes that each view remembers. */
  readonly historyMax: number;
  /** Rows of changes that each view with subscribers keeps for those that come back. */
  readonly retainedRowsMax: number;
}

/** What a view is, besides its query. */
export interface ViewOptions extends ViewDefinition {
  readonly policy: RefreshPolicy;
  /** Made for the subscribers of a query, and dropped with the last of them. */
  readonly temporary: boolean;
  /** Filled at its definition, and not by the first refresh. */
  readonly withData: boolean;
}

interface Attempt {
  readonly mode: RefreshMode;
  readonly rowsIn: number;
  readonly durationMs: number;
  readonly change: Delta | undefined;
  readonly choice?: RefreshChoice | undefined;
}

/** A refresh that was carried out. */
interface Refreshed {
  readonly method: RefreshMethod;
  readonly change: Delta;
}

interface Failure {
  readonly error: unknown;
  readonly count: number;
  /** Monotonic. */
  readonly retryAt: number;
}

const UNPOPULATED = "it was made WITH NO DATA: REFRESH fills it";
/** Why the query of a view has no operators although it could. */
const FULL_BY_PROPERTY = "refresh_mode = 'full'";
/** Times its limit that the state may be expected to take before the view is refused unseen. */
const ESTIMATE_MARGIN = 4;
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 300_000;
/** A refresh for a target lag starts early by this share of the lag, or by what two refreshes take. */
const LAG_MARGIN = 0.1;
/** Refreshes for a target lag are at multiples of the power of two below this share of it. */
const LAG_GRID = 0.25;

/** See the module header. */
export class MaintainedView implements Receiver {
  readonly contents: ViewContents;
  readonly temporary: boolean;
  readonly history: RefreshHistory;
  policy: RefreshPolicy;
  readonly #environment: ViewEnvironment;
  readonly #host: PluginHost;
  readonly #subscriptions = new Set<Subscription>();
  readonly #cost = new RefreshCost();
  #name: string;
  /** Keeps the changes that a view which is not eager has yet to apply. */
  #consumer: LogConsumer | undefined;
  #retained: RetainedChanges | undefined;
  #attempt: Attempt | undefined;
  /** The circuit of a view that is not eager. */
  #own: Circuit | undefined;
  /** What its own circuit gives in the run under way. */
  #captured: { change: Delta | undefined } | undefined;
  #asOf: number;
  /** When the first change came that is not applied, monotonic. */
  #pendingSince: number | undefined;
  /** The version of that change. */
  #pendingVersion = Infinity;
  #lastRefreshAt: number;
  #failure: Failure | undefined;
  #suspended: { readonly reason: string; readonly upstream: string | undefined } | undefined;

  constructor(environment: ViewEnvironment, options: ViewOptions) {
    this.#environment = environment;
    this.#host = environment.host;
    this.#name = options.name;
    this.temporary = options.temporary;
    this.policy = options.policy;
    this.contents = new ViewContents(environment.host, options);
    this.history = new RefreshHistory(environment.historyMax);
    if (!options.withData) this.#suspended = { reason: UNPOPULATED, upstream: undefined };
    this.#asOf = environment.host.store.version;
    this.#lastRefreshAt = environment.alarms.now();
  }

  get name(): string {
    return this.#name;
  }

  /** Tables and views that it reads. */
  get sources(): readonly string[] {
    return this.contents.sources;
  }

  /** Whether every commit brings it along. */
  get follows(): boolean {
    return this.policy.trigger === "eager" && this.#suspended === undefined;
  }

  /** Whether commits alone may leave it behind: it does not follow them, or depends on time. */
  get mayLag(): boolean {
    return !this.follows || this.contents.isTimeDependent;
  }

  /** Whether it stopped following until a refresh. */
  get suspended(): boolean {
    return this.#suspended !== undefined;
  }

  /** The source whose suspension suspended it. */
  get suspendedBy(): string | undefined {
    return this.#suspended?.upstream;
  }

  /** Whether it was filled: at its definition, or by a refresh. */
  get isPopulated(): boolean {
    return this.contents.table.isPopulated;
  }

  /** Whether a change has not been applied, or the last refresh failed. */
  get isBehind(): boolean {
    return this.#behindSince !== undefined || this.#failure !== undefined || this.suspended;
  }

  /** The version that the contents reflect. */
  get asOf(): number {
    return this.follows ? this.#host.store.version : this.#asOf;
  }

  /** The circuit that its query is in. */
  get circuit(): Circuit {
    if (this.policy.trigger === "eager") return this.#environment.sharedCircuit();
    return this.#own ??= this.#environment.newCircuit();
  }

  receive(change: Delta | undefined): boolean {
    if (this.#captured === undefined) return this.#environment.receive(this, change);
    this.#captured.change = change;
    return false;
  }

  rename(name: string): void {
    this.contents.table.rename(name);
    this.#name = name;
  }

  /** Fills the view for the first time. */
  build(transaction: Transaction): void {
    const startMs = this.#environment.alarms.now();
    const change = this.#start(transaction, (bytes) => this.#requireEstimateWithin(bytes));
    this.#requireMode();
    this.#requireStateWithin();
    this.contents.table.write(transaction, change);
    const method = this.contents.notIncremental === undefined ? "rebuild" : "recompute";
    this.#attempt = this.#attempted({ method, change }, this.#workOf(undefined), startMs);
  }

  /** Gives up the state of an eager view when starting anew is by far cheaper than to follow this change. */
  prepare(epoch: ChangeEpoch): void {
    if (this.policy.refreshMode !== "auto" || !this.contents.canFollow) return;
    if (this.#cost.prefersRebuild(this.#workOf(epoch))) this.contents.invalidate();
  }

  /**
   * Applies the change that a commit made of the query's answer; gives the change of the view, or that it had to be
   * suspended. Undefined starts anew.
   */
  maintain(
    transaction: Transaction,
    { epoch, change: followed, startMs }: {
      readonly epoch: ChangeEpoch;
      readonly change: Delta | undefined;
      readonly startMs: number;
    },
  ): Delta | "suspended" | undefined {
    let refreshed: Refreshed;
    try {
      refreshed = followed === undefined || this.policy.refreshMode === "full"
        ? this.#restarted(transaction)
        : { method: "incremental", change: followed };
      this.#requireStateWithin();
    } catch (error) {
      if (!(error instanceof LimitError) || error.details["view"] !== this.name) throw error;
      this.suspend(error.message);
      return "suspended";
    }
    const { change, method } = refreshed;
    this.contents.table.write(transaction, change);
    const work = this.#workOf(epoch);
    const choice = this.#cost.forced(method, work, false);
    this.#attempt = this.#attempted({ method, change }, work, startMs, choice);
    return change.size === 0 ? undefined : change;
  }

  /**
   * Brings the view to the state of its sources in `transaction`, by their changes since its version where the log
   * still has them. `upstream` are the changes of views that the same transaction has refreshed.
   */
  advance(transaction: Transaction, upstream: ReadonlyMap<string, Delta>, full: boolean): Delta | undefined {
    const startMs = this.#environment.alarms.now();
    this.circuit.begin(transaction);
    const epoch = full || this.#consumer === undefined || this.suspended
      ? undefined
      : ChangeEpoch.since(this.#host, this.sources, this.#consumer.asOf, upstream);
    const isDue = this.contents.isTimeDependent || this.#isDueBy(epoch?.nowMicros);
    // Without a change a view that failed, or has no state, is as it was.
    if (epoch !== undefined && epoch.rowCount(this.sources) === 0 && !isDue) {
      this.#attempt = { mode: "noData", rowsIn: 0, durationMs: 0, change: undefined };
      return undefined;
    }
    const work = this.#workOf(epoch);
    const choice = this.#choose(work, epoch !== undefined);
    const refreshed = this.#refresh(choice, { work, epoch, transaction });
    const { change } = refreshed;
    this.#requireStateWithin();
    this.contents.table.write(transaction, change);
    this.#attempt = this.#attempted(refreshed, work, startMs, choice);
    return change.size === 0 ? undefined : change;
  }

  /** What its own circuit has seen of `transaction` is committed. */
  settle(transaction: Transaction): void {
    this.#own?.published(transaction);
  }

  /** What was attempted is visible, at `version`: note it and tell the subscribers. */
  published(version: number): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#failure = undefined;
    this.#suspended = undefined;
    this.contents.table.populated();
    this.#pendingSince = undefined;
    this.#pendingVersion = Infinity;
    this.#lastRefreshAt = this.#environment.alarms.now();
    const before = this.#asOf;
    this.#asOf = version;
    this.#keepLog(version);
    if (attempt === undefined) return;
    this.#record(attempt, before);
    const { change } = attempt;
    if (change === undefined || change.size === 0) return;
    if (this.#subscriptions.size === 0 && this.#retained === undefined) return;
    const rows = rowsOfDelta(change);
    this.#retained?.push({ version, rows });
    for (const subscription of this.#subscriptions) subscription.push(version, rows);
  }

  /** A refresh that finds nothing changed, without a transaction. */
  confirm(): void {
    this.#attempt = { mode: "noData", rowsIn: 0, durationMs: 0, change: undefined };
    this.published(this.#host.store.version);
  }

  /** The attempt was undone: the contents stay as they were. */
  failed(error: unknown): void {
    const startMs = this.#environment.alarms.now();
    this.#attempt = undefined;
    this.#record({ mode: "failed", rowsIn: 0, durationMs: 0, change: undefined }, this.asOf, error);
    if (this.follows) return;
    const count = (this.#failure?.count ?? 0) + 1;
    const delay = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** (count - 1));
    this.#failure = { error, count, retryAt: startMs + delay };
    // The state of a circuit that has seen what was undone would only take memory.
    this.#cost.lost();
    this.contents.release();
  }

  /** A source has changed at `version`, and the view does not follow. */
  touch(version: number): void {
    this.#pendingSince ??= this.#environment.alarms.now();
    this.#pendingVersion = Math.min(this.#pendingVersion, version);
  }

  /** Whether the contents have all changes up to `version`. */
  reflects(version: number): boolean {
    return version < this.#pendingVersion && this.isPopulated;
  }

  /** The last version whose changes the contents have all; the present one is not above it where nothing lacks. */
  get reflectedVersion(): number {
    return Math.min(this.#host.store.version, this.#pendingVersion - 1);
  }

  /** Why it is stale or suspended. */
  get error(): string | undefined {
    if (this.#suspended !== undefined) return this.#suspended.reason;
    return this.#failure === undefined ? undefined : messageOf(this.#failure.error);
  }

  /** Stops following: the contents stay as they are until a refresh. */
  suspend(reason: string, upstream?: string): void {
    this.#asOf = this.asOf;
    this.#suspended = { reason, upstream };
    this.#attempt = undefined;
    this.#cost.lost();
    this.contents.release();
    this.touch(this.#asOf + 1);
    this.#record({ mode: "failed", rowsIn: 0, durationMs: 0, change: undefined }, this.#asOf, reason);
  }

  /** From eager to not eager, or back: the view is at the version of the store, and its query changes circuits. */
  follow(policy: RefreshPolicy, transaction: Transaction): void {
    const before = this.policy;
    this.#asOf = this.asOf;
    this.policy = policy;
    if (this.suspended) return;
    const moves = (before.trigger === "eager") !== (policy.trigger === "eager") ||
      changesOperators(before, policy);
    if (moves) this.#start(transaction);
    try {
      this.#requireMode();
    } catch (error) {
      this.policy = before;
      if (moves) this.#start(transaction);
      throw error;
    }
    this.#keepLog(this.#asOf);
  }

  /** Gives the operators up: the view gets those of `policy` in its next refresh. */
  reset(policy: RefreshPolicy): void {
    this.policy = policy;
    this.#cost.lost();
    this.contents.release();
  }

  /** Monotonic time at which the timer is to refresh the view; undefined for never. */
  dueAt(): number | undefined {
    const { intervalMs, targetLagMs } = this.policy;
    if (intervalMs === undefined && targetLagMs === undefined) return undefined;
    if (this.#failure !== undefined) return this.#failure.retryAt;
    if (intervalMs !== undefined) return this.#lastRefreshAt + intervalMs;
    const lag = targetLagMs ?? 0;
    const since = this.contents.isTimeDependent ? this.#lastRefreshAt : this.#pendingSince ?? this.#changesAt;
    if (since === undefined) return undefined;
    const margin = Math.max(lag * LAG_MARGIN, 2 * (this.history.durationMs(0.99) ?? 0));
    return Math.max(since, alignedDown(since + lag - margin, lag * LAG_GRID));
  }

  /** Whether its last refresh failed, so that it is tried again at a time of its own. */
  get isRetrying(): boolean {
    return this.#failure !== undefined;
  }

  /** How old the oldest change is that has not been applied; time itself changes what depends on it. */
  get stalenessMs(): number {
    const since = this.contents.isTimeDependent ? this.#lastRefreshAt : this.#behindSince;
    return since === undefined ? 0 : this.#environment.alarms.now() - since;
  }

  /** Subscribes; `onClose` is called once at the end. */
  subscribe(options: SubscribeOptions, onClose: () => void = () => {}): Subscription {
    this.requirePopulated();
    const { fromVersion } = options;
    const version = this.#host.store.version;
    if (fromVersion !== undefined && !(fromVersion <= version)) {
      throw new QueryError("version-unavailable", `Cannot subscribe from version ${fromVersion}`, {
        details: { fromVersion, version },
        hint: `the last version is ${version}`,
      });
    }
    const subscription = new Subscription({
      columns: this.contents.table.columns,
      queueMax: options.queueMax,
      rowsMax: this.#environment.retainedRowsMax,
      coalesceMs: options.coalesceMs,
      alarms: this.#environment.alarms,
      signal: options.signal,
      onClose: () => {
        this.#subscriptions.delete(subscription);
        onClose();
      },
    });
    if (subscription.closed) {
      onClose();
      return subscription;
    }
    this.#retained ??= new RetainedChanges(this.#environment.retainedRowsMax, version);
    const missed = fromVersion === undefined ? undefined : this.#retained.since(fromVersion);
    if (missed !== undefined) missed.forEach((change) => subscription.push(change.version, change.rows));
    else if (fromVersion !== undefined || (options.snapshot ?? true)) this.#pushSnapshot(subscription);
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** @throws {SchemaError} `not-populated` */
  requirePopulated(): void {
    if (this.isPopulated) return;
    throw new SchemaError("not-populated", `Materialized view "${this.name}" has not been populated`, {
      details: { view: this.name },
      hint: `use REFRESH MATERIALIZED VIEW ${this.name}`,
    });
  }

  status(): ViewStatus {
    const { trigger, intervalMs, targetLagMs, refreshMode, onError, stateBytesMax, retention } = this.policy;
    const fullReason = this.contents.notIncremental ??
      (refreshMode === "full" ? FULL_BY_PROPERTY : undefined);
    const { incremental, full, noData, failed } = this.history.counts;
    return {
      name: this.name,
      temporary: this.temporary,
      refresh: trigger,
      intervalMs,
      targetLagMs,
      stateBytesMax,
      retention: retention === undefined ? undefined : formatInterval(retention.length),
      requestedRefreshMode: refreshMode,
      refreshMode: fullReason === undefined ? "incremental" : "full",
      refreshModeReason: fullReason,
      onError,
      errorRowCount: this.contents.errorRowCount,
      state: this.#state(),
      error: this.error,
      sources: this.sources,
      rowCount: this.contents.table.rowCount,
      asOf: this.asOf,
      stalenessMs: this.stalenessMs,
      // The build is not a refresh.
      refreshCount: incremental + full - 1,
      noDataCount: noData,
      failureCount: failed,
      durationP50Ms: this.history.durationMs(0.5),
      durationP99Ms: this.history.durationMs(0.99),
      examinedRows: this.contents.examinedRows,
      stateBytes: this.contents.stateBytes,
      stateBytesEstimate: this.contents.stateBytesEstimate,
      subscriberCount: this.#subscriptions.size,
    };
  }

  close(): void {
    this.contents.release();
    this.#consumer?.close();
    this.#consumer = undefined;
    this.#environment.alarms.cancel(this);
    for (const subscription of this.#subscriptions) subscription.close();
  }

  #state(): ViewStatus["state"] {
    if (!this.isPopulated) return "unpopulated";
    if (this.#suspended !== undefined) return "suspended";
    if (this.#failure !== undefined) return "stale";
    return this.#behindSince === undefined ? "current" : "behind";
  }

  /** What a refresh is faced with; without an epoch the changes are not known. */
  #workOf(epoch: ChangeEpoch | undefined): RefreshWork {
    return {
      relation: epoch?.mostChanged(this.sources) ?? "",
      changedRows: epoch?.rowCount(this.sources) ?? 0,
      sourceRows: this.contents.sourceRows,
    };
  }

  #choose(work: RefreshWork, isKnown: boolean): RefreshChoice {
    const { notIncremental, canFollow } = this.contents;
    if (!canFollow && this.contents.hasOperators) this.#cost.lost();
    const mayDrop = this.#mayDrop;
    if (notIncremental !== undefined) return this.#cost.forced("recompute", work, true);
    if (!isKnown) return this.#cost.forced("rebuild", work, mayDrop);
    if (this.policy.refreshMode === "full") return this.#cost.forced("rebuild", work, mayDrop);
    if (this.policy.refreshMode === "auto") return this.#cost.choose(work, { hasState: canFollow, mayDrop });
    return this.#cost.forced(canFollow ? "incremental" : "rebuild", work, mayDrop);
  }

  #refresh(
    choice: RefreshChoice,
    { work, epoch, transaction }: {
      readonly work: RefreshWork;
      readonly epoch: ChangeEpoch | undefined;
      readonly transaction: Transaction;
    },
  ): Refreshed {
    const { notIncremental } = this.contents;
    if (choice.method === "incremental" && epoch !== undefined) {
      const { change, spentMs } = this.#followed(epoch, transaction, this.#budgetMs(choice, work));
      if (change !== undefined) return { method: "incremental", change };
      if (spentMs !== undefined) this.#cost.gaveUp(work, spentMs);
      if (spentMs === undefined || !this.#mayDrop) return this.#restarted(transaction);
    } else if (choice.method === "rebuild" || notIncremental !== undefined) {
      return this.#restarted(transaction);
    }
    return { method: "recompute", change: this.contents.recompute(transaction) };
  }

  /**
   * Whether it can be without operators for a while: not where a limit of their state is to be kept, nor where they
   * leave rows out.
   */
  get #mayDrop(): boolean {
    const { stateBytesMax, onError } = this.policy;
    return this.contents.mayDrop && stateBytesMax === undefined && onError === "fail";
  }

  #restarted(transaction: Transaction): Refreshed {
    const onState = (bytes: number): void => this.#requireStateWithin(bytes);
    const how = { ...operatorOptions(this.policy), onState };
    const change = this.#explained(() => this.contents.restart(transaction, this.circuit, this, how));
    this.#requireMode();
    return { method: this.contents.notIncremental === undefined ? "rebuild" : "recompute", change };
  }

  #budgetMs(choice: RefreshChoice, work: RefreshWork): number {
    return this.policy.refreshMode === "auto" ? this.#cost.budgetMs(choice, work) : Infinity;
  }

  /**
   * The change by the view's own circuit; undefined when it cannot tell, with the time after which it was given up
   * where that was the reason.
   */
  #followed(
    epoch: ChangeEpoch,
    transaction: Transaction,
    budgetMs: number,
  ): { readonly change: Delta | undefined; readonly spentMs: number | undefined } {
    const { alarms } = this.#environment;
    const captured: { change: Delta | undefined } = {
      change: emptyDelta(this.contents.table.columns.map((column) => column.type)),
    };
    this.#captured = captured;
    const startMs = alarms.now();
    let spentMs: number | undefined;
    const shouldStop = (): boolean => {
      const ms = alarms.now() - startMs;
      if (ms > budgetMs) spentMs ??= ms;
      return spentMs !== undefined;
    };
    try {
      this.circuit.run(epoch, epoch.relations, transaction, shouldStop);
      return { change: captured.change, spentMs };
    } finally {
      this.#captured = undefined;
    }
  }

  #start(transaction: Transaction, onEstimate?: (bytes: number) => void): Delta {
    const onState = (bytes: number): void => this.#requireStateWithin(bytes);
    const how = { ...operatorOptions(this.policy), onEstimate, onState };
    return this.#explained(() => this.contents.start(transaction, this.circuit, this, how));
  }

  /** Says of an error in the data why it is one although rows are to be left out. */
  #explained(start: () => Delta): Delta {
    try {
      return start();
    } catch (error) {
      if (this.policy.onError === "fail" || !isRowError(error)) throw error;
      throw new QueryError(error.code, messageWithoutHint(error), {
        details: { ...error.details, view: this.name },
        hint: "on_error = 'quarantine' leaves rows out; no single row is to blame for this error",
        cause: error,
      });
    }
  }

  /** Notes what a refresh did, and learns what it cost. */
  #attempted(
    { method, change }: Refreshed,
    work: RefreshWork,
    startMs: number,
    choice?: RefreshChoice,
  ): Attempt {
    const durationMs = this.#environment.alarms.now() - startMs;
    // What a run that was given up has cost before is no cost of the way taken then.
    if (choice?.method !== "incremental" || method === "incremental") {
      this.#cost.observe(method, work, durationMs);
    }
    const mode = method === "incremental" ? "incremental" : "full";
    return { mode, rowsIn: work.changedRows, durationMs, change, choice };
  }

  /** Whether the clock alone has changed the answer. */
  #isDueBy(nowMicros = this.#host.clock.now() * 1000): boolean {
    return !this.follows && this.circuit.isDueAt(nowMicros);
  }

  /** When the clock alone changes the answer, monotonic; eager views are brought along by others. */
  get #changesAt(): number | undefined {
    const { dueMicros } = this.contents;
    if (dueMicros === undefined || this.follows) return undefined;
    return this.#environment.alarms.now() + dueMicros / 1000 - this.#host.clock.now();
  }

  /** Since when there is a change that is not applied. */
  get #behindSince(): number | undefined {
    return this.#pendingSince ?? (this.#isDueBy() ? this.#changesAt ?? this.#lastRefreshAt : undefined);
  }

  /** Changes after `version` are needed, unless the view follows every commit. */
  #keepLog(version: number): void {
    if (this.policy.trigger !== "eager") {
      this.#consumer ??= this.#host.store.log.register(this.sources, version);
      this.#consumer.advance(version);
    } else {
      this.#consumer?.close();
      this.#consumer = undefined;
    }
  }

  #pushSnapshot(subscription: Subscription): void {
    const snapshot = this.#host.store.snapshot([this.name]);
    try {
      const table = snapshot.table(this.name);
      if (table === undefined) return;
      const rows = rowsOfDelta(this.contents.table.rows(() => table));
      subscription.pushSnapshot(snapshot.version, rows.map(({ row }) => row));
    } finally {
      snapshot.release();
    }
  }

  /** @throws {QueryError} `unsupported` when only incremental refreshes are allowed, and there are none */
  #requireMode(): void {
    const { notIncremental } = this.contents;
    if (this.policy.refreshMode !== "incremental" || notIncremental === undefined) return;
    throw new QueryError(
      "unsupported",
      `View "${this.name}" cannot have refresh_mode = 'incremental': its query has ${notIncremental}`,
      {
        details: { view: this.name, construct: notIncremental },
        hint: "leave refresh_mode out, or write the query without it",
      },
    );
  }

  #requireStateWithin(bytes: number = this.contents.stateBytes): void {
    if (bytes > (this.policy.stateBytesMax ?? Infinity)) throw this.#stateLimit(bytes);
  }

  /** Estimates may be wrong: what is expected to take a little more than the limit is tried. */
  #requireEstimateWithin(estimate: number): void {
    const limit = this.policy.stateBytesMax ?? Infinity;
    if (estimate <= ESTIMATE_MARGIN * limit) return;
    throw new LimitError(
      "memory-limit",
      `The state of view "${this.name}" is expected to take ${estimate} bytes: the limit is ${limit}`,
      {
        details: { view: this.name, limit, estimate },
        hint: "raise state_bytes_max, keep fewer rows, or use refresh_mode = 'full', which has no state",
      },
    );
  }

  #stateLimit(actual: number): LimitError {
    const limit = this.policy.stateBytesMax;
    return new LimitError(
      "memory-limit",
      `The state of view "${this.name}" takes ${actual} bytes: the limit is ${limit}`,
      {
        details: { view: this.name, limit, actual },
        hint: "raise state_bytes_max with ALTER MATERIALIZED VIEW, then REFRESH it",
      },
    );
  }

  #record(attempt: Attempt, fromVersion: number, error?: unknown): void {
    const record: RefreshRecord = {
      view: this.name,
      at: new Date(this.#host.clock.now()),
      fromVersion,
      toVersion: attempt.mode === "failed" ? fromVersion : this.#asOf,
      mode: attempt.mode,
      decision: attempt.choice?.method,
      estimateIncrementalMs: attempt.choice?.incrementalMs,
      estimateFullMs: attempt.choice?.fullMs,
      rowsIn: attempt.rowsIn,
      rowsOut: attempt.change === undefined ? 0 : weightOf(attempt.change),
      durationMs: attempt.durationMs,
      stateBytes: this.contents.stateBytes,
      error: error === undefined ? undefined : messageOf(error),
    };
    this.history.push(record);
  }
}

function operatorOptions({ refreshMode, onError }: RefreshPolicy): OperatorOptions {
  const quarantine = onError === "quarantine";
  // Only operators can leave rows out.
  return { full: refreshMode === "full" && !quarantine ? FULL_BY_PROPERTY : undefined, quarantine };
}

/** Whether a view gets other operators by the new policy. */
export function changesOperators(before: RefreshPolicy, policy: RefreshPolicy): boolean {
  const [a, b] = [before, policy].map(operatorOptions);
  return a!.full !== b!.full || a!.quarantine !== b!.quarantine;
}

function weightOf({ size, weights }: Delta): number {
  let rows = 0;
  for (let i = 0; i < size; i++) rows += Math.abs(weights[i]!);
  return rows;
}

/** The greatest multiple of a power of two up to `length` that is not above `time`: grids of all lengths meet. */
function alignedDown(time: number, length: number): number {
  const step = 2 ** Math.floor(Math.log2(length));
  return Math.floor(time / step) * step;
}

function messageOf(error: unknown): string {
  if (error instanceof LiveViewError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
