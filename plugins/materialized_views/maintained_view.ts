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
 * @module
 */
import { LimitError, LiveViewError, SchemaError } from "../../src/base/error.ts";
import type { Circuit } from "../../src/circuit/circuit.ts";
import type { Receiver } from "../../src/circuit/circuit_vertex.ts";
import type { Delta } from "../../src/circuit/delta.ts";
import type { SubscribeOptions, SubscriptionEnd } from "../../src/kernel/hooks.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import { formatInterval } from "../../src/query/functions/interval_text.ts";
import type { LogConsumer } from "../../src/storage/change_log.ts";
import type { Transaction } from "../../src/storage/transaction.ts";
import type { Alarms } from "./alarms.ts";
import type { EarlierRuns } from "./earlier_runs.ts";
import { ChangeEpoch } from "./epochs.ts";
import { RefreshHistory, type RefreshRecord } from "./refresh_history.ts";
import { waitForHours } from "./refresh_hours.ts";
import type { RefreshPolicy } from "./refresh_policy.ts";
import type { Subscription } from "./subscription.ts";
import { StateMeter } from "./state_meter.ts";
import { ViewContents, type ViewDefinition } from "./view_contents.ts";
import {
  type Attempt,
  changesOperators,
  type CommitRun,
  FULL_BY_PROPERTY,
  NO_DATA,
  ViewRefresh,
} from "./view_refresh.ts";
import type { ViewStatus } from "./view_status.ts";
import { ViewSubscribers } from "./view_subscribers.ts";

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

interface Failure {
  readonly error: unknown;
  readonly count: number;
  /** Monotonic. */
  readonly retryAt: number;
}

/** When a commit becomes visible. */
export interface PublishTime {
  readonly monotonicMs: number;
  /** Since 1970. */
  readonly wallMs: number;
}

const FAILED: Attempt = { mode: "failed", rowsIn: 0, durationMs: 0, change: undefined };
const UNPOPULATED = "it was made WITH NO DATA: REFRESH fills it";
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
  readonly #subscribers: ViewSubscribers;
  readonly #refresh: ViewRefresh;
  #name: string;
  /** Keeps the changes that a view which is not eager has yet to apply. */
  #consumer: LogConsumer | undefined;
  #attempt: Attempt | undefined;
  /** The circuit of a view that is not eager. */
  #own: Circuit | undefined;
  #asOf: number;
  /** When the first change came that is not applied, monotonic. */
  #pendingSince: number | undefined;
  /** The version of that change. */
  #pendingVersion = Infinity;
  #lastRefreshAt: number;
  #failure: Failure | undefined;
  readonly #meter: StateMeter;
  #suspended: { readonly reason: string; readonly upstream: string | undefined } | undefined;

  constructor(environment: ViewEnvironment, options: ViewOptions) {
    this.#environment = environment;
    this.#host = environment.host;
    this.#name = options.name;
    this.temporary = options.temporary;
    this.policy = options.policy;
    this.contents = new ViewContents(environment.host, options);
    this.#subscribers = new ViewSubscribers(this.contents.table, environment);
    this.#refresh = new ViewRefresh(this, environment.alarms);
    this.history = new RefreshHistory(environment.historyMax);
    this.#meter = new StateMeter(() => this.contents.stateBytes);
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

  /** Its last refreshes, oldest first. */
  records(): readonly RefreshRecord[] {
    return this.history.records(this.#name, this.contents.stateBytes);
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
    return !this.#refresh.capture(change) && this.#environment.receive(this, change);
  }

  rename(name: string): void {
    this.contents.table.rename(name);
    this.#subscribers.renamed();
    this.#name = name;
  }

  /** Fills the view for the first time. */
  build(transaction: Transaction): void {
    this.#attempt = this.#refresh.build(transaction);
  }

  /** Gives up the state of an eager view when starting anew is by far cheaper than to follow this change. */
  prepare(epoch: ChangeEpoch): void {
    this.#refresh.prepare(epoch);
  }

  /**
   * Applies the change that a commit made of the query's answer; gives the change of the view, or that it had to be
   * suspended. An undefined change starts anew.
   */
  maintain(run: CommitRun, change: Delta | undefined): Delta | "suspended" | undefined {
    try {
      this.#attempt = this.#refresh.maintain(run, change);
      return changeOf(this.#attempt);
    } catch (error) {
      if (!(error instanceof LimitError) || error.details["view"] !== this.name) throw error;
      this.suspend(error.message);
      return "suspended";
    }
  }

  /** What the last run did, which is not what is published alone: another one follows in the same transaction. */
  takeAttempt(): Attempt | undefined {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    return attempt;
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
    const isSame = epoch !== undefined && epoch.rowCount(this.sources) === 0 && !isDue;
    this.#attempt = isSame ? NO_DATA : this.#refresh.advance(transaction, epoch, startMs);
    return changeOf(this.#attempt);
  }

  /** What its own circuit has seen of `transaction` is committed. */
  settle(transaction: Transaction): void {
    this.#own?.published(transaction);
  }

  /**
   * What was attempted is visible, at `version` and the time `now`: note it and tell the subscribers. `earlier` are the
   * runs of the transaction before the last one.
   */
  published(version: number, now: PublishTime, earlier?: EarlierRuns<MaintainedView>): void {
    const last = this.takeAttempt();
    const { columns } = this.contents.table;
    const attempt = earlier === undefined ? last : earlier.total(this, last, columns.map(({ type }) => type));
    this.#failure = undefined;
    this.#suspended = undefined;
    this.contents.table.populated();
    this.#pendingSince = undefined;
    this.#pendingVersion = Infinity;
    this.#lastRefreshAt = now.monotonicMs;
    const before = this.#asOf;
    this.#asOf = version;
    this.#keepLog(version);
    if (attempt === undefined) return;
    this.#record(attempt, before, now.wallMs);
    const { change } = attempt;
    if (change === undefined || change.size === 0) return;
    this.#subscribers.push(version, change);
  }

  /** A refresh that finds nothing changed, without a transaction. */
  confirm(): void {
    this.#attempt = NO_DATA;
    this.published(this.#host.store.version, this.#publishTime());
  }

  /** The attempt was undone: the contents stay as they were. */
  failed(error: unknown): void {
    const { monotonicMs: startMs, wallMs } = this.#publishTime();
    this.#attempt = undefined;
    this.#record(FAILED, this.asOf, wallMs, error);
    if (this.follows) return;
    const count = (this.#failure?.count ?? 0) + 1;
    const delay = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** (count - 1));
    this.#failure = { error, count, retryAt: startMs + delay };
    // The state of a circuit that has seen what was undone would only take memory.
    this.#refresh.lost();
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
    this.#refresh.lost();
    this.contents.release();
    this.touch(this.#asOf + 1);
    this.#record(FAILED, this.#asOf, this.#publishTime().wallMs, reason);
  }

  /** From eager to not eager, or back: the view is at the version of the store, and its query changes circuits. */
  follow(policy: RefreshPolicy, transaction: Transaction): void {
    const before = this.policy;
    this.#asOf = this.asOf;
    this.policy = policy;
    if (this.suspended) return;
    const moves = (before.trigger === "eager") !== (policy.trigger === "eager") ||
      changesOperators(before, policy);
    if (moves) this.#refresh.start(transaction);
    try {
      this.#refresh.requireMode();
    } catch (error) {
      this.policy = before;
      if (moves) this.#refresh.start(transaction);
      throw error;
    }
    this.#keepLog(this.#asOf);
  }

  /** Gives the operators up: the view gets those of `policy` in its next refresh. */
  reset(policy: RefreshPolicy): void {
    this.policy = policy;
    this.#refresh.lost();
    this.contents.release();
  }

  /** Monotonic time at which the timer is to refresh the view; undefined for never. */
  dueAt(): number | undefined {
    const at = this.#dueByPolicy();
    if (at === undefined || this.policy.refreshHours === undefined) return at;
    const soonest = Math.max(at, this.#environment.alarms.now());
    return soonest + this.#hoursWaitMs(soonest);
  }

  /** Whether the timer may refresh it now: its hours have begun. */
  get isWithinHours(): boolean {
    return this.#hoursWaitMs(this.#environment.alarms.now()) === 0;
  }

  /** Milliseconds from the monotonic time `at` to the hours of the view. */
  #hoursWaitMs(at: number): number {
    const { refreshHours } = this.policy;
    if (refreshHours === undefined) return 0;
    const { alarms } = this.#environment;
    return waitForHours(refreshHours, this.#host.clock.now() + at - alarms.now());
  }

  #dueByPolicy(): number | undefined {
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
  subscribe(options: SubscribeOptions, onClose?: () => void): Subscription {
    this.requirePopulated();
    return this.#subscribers.subscribe(options, onClose);
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
    const { trigger, intervalMs, targetLagMs, refreshHours, refreshMode, onError, stateBytesMax, retention } =
      this.policy;
    const fullReason = this.contents.notIncremental ??
      (refreshMode === "full" ? FULL_BY_PROPERTY : undefined);
    const { incremental, full, noData, failed } = this.history.counts;
    return {
      name: this.name,
      temporary: this.temporary,
      refresh: trigger,
      intervalMs,
      targetLagMs,
      refreshHours: refreshHours?.text,
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
      subscriberCount: this.#subscribers.count,
    };
  }

  /** Gives up what it holds; subscriptions end for this reason. */
  close(end: SubscriptionEnd): void {
    this.contents.release();
    this.#consumer?.close();
    this.#consumer = undefined;
    this.#environment.alarms.cancel(this);
    this.#subscribers.close(end);
  }

  #state(): ViewStatus["state"] {
    if (!this.isPopulated) return "unpopulated";
    if (this.#suspended !== undefined) return "suspended";
    if (this.#failure !== undefined) return "stale";
    return this.#behindSince === undefined ? "current" : "behind";
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

  #publishTime(): PublishTime {
    return { monotonicMs: this.#environment.alarms.now(), wallMs: this.#host.clock.now() };
  }

  #record(attempt: Attempt, fromVersion: number, atMs: number, error?: unknown): void {
    const { mode, choice, rowsIn, change } = attempt;
    this.history.push({
      atMs,
      fromVersion,
      toVersion: mode === "failed" ? fromVersion : this.#asOf,
      mode,
      decision: choice?.method,
      estimateIncrementalMs: choice?.incrementalMs,
      estimateFullMs: choice?.fullMs,
      rowsIn,
      rowsOut: change === undefined ? 0 : weightOf(change),
      durationMs: attempt.durationMs,
      stateBytes: this.#meter.after(mode, rowsIn),
      error: error === undefined ? undefined : messageOf(error),
    });
  }
}

/** Undefined when nothing has changed. */
function changeOf({ change }: Attempt): Delta | undefined {
  return change === undefined || change.size === 0 ? undefined : change;
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
