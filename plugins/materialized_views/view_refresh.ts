/**
 * How a view is brought up to date: by the changes, or from all rows, whichever is expected to cost less, and within
 * the limits of its policy.
 *
 * What was done is written in the transaction at hand and given back as an {@linkcode Attempt}; whether it is
 * published is not known here. Each attempt is measured, and {@linkcode RefreshCost} learns from it.
 *
 * An eager view only has a choice before a commit that is large: within the commit its operators work for other
 * views too, so it starts anew where that is cheaper by far than the changes, gives up the operators of its own
 * alone, and is never without state.
 *
 * @module
 */
import { LimitError, messageWithoutHint, QueryError } from "../../src/base/error.ts";
import type { Circuit } from "../../src/circuit/circuit.ts";
import type { Receiver } from "../../src/circuit/circuit_vertex.ts";
import { type Delta, emptyDelta } from "../../src/circuit/delta.ts";
import { isRowError } from "../../src/circuit/quarantine.ts";
import type { Transaction } from "../../src/storage/transaction.ts";
import type { Alarms } from "./alarms.ts";
import type { ChangeEpoch } from "./epochs.ts";
import { type RefreshChoice, RefreshCost, type RefreshMethod, type RefreshWork } from "./refresh_cost.ts";
import type { RefreshMode } from "./refresh_history.ts";
import type { RefreshPolicy } from "./refresh_policy.ts";
import type { OperatorOptions, ViewContents } from "./view_contents.ts";

/** What was done to a view in a transaction. */
export interface Attempt {
  readonly mode: RefreshMode;
  readonly rowsIn: number;
  readonly durationMs: number;
  readonly change: Delta | undefined;
  readonly choice?: RefreshChoice | undefined;
}

/** The changes of a commit on their way through the circuit. */
export interface CommitRun {
  readonly transaction: Transaction;
  readonly epoch: ChangeEpoch;
  /** When the part began that ends with the next view, monotonic. */
  startMs: number;
}

/** A refresh that was carried out. */
interface Refreshed {
  readonly method: RefreshMethod;
  readonly change: Delta;
}

/** The view of a {@linkcode ViewRefresh}. */
export interface RefreshedView extends Receiver {
  readonly policy: RefreshPolicy;
  readonly contents: ViewContents;
  /** The circuit that its query is in. */
  readonly circuit: Circuit;
}

/** Why the query of a view has no operators although it could. */
export const FULL_BY_PROPERTY = "refresh_mode = 'full'";
/** Times its limit that the state may be expected to take before the view is refused unseen. */
const ESTIMATE_MARGIN = 4;

/** Nothing had changed. */
export const NO_DATA: Attempt = { mode: "noData", rowsIn: 0, durationMs: 0, change: undefined };

/** See the module header. */
export class ViewRefresh {
  readonly #view: RefreshedView;
  readonly #alarms: Alarms;
  readonly #cost = new RefreshCost();
  /** What the view's own circuit gives in the run under way. */
  #captured: { change: Delta | undefined } | undefined;

  constructor(view: RefreshedView, alarms: Alarms) {
    this.#view = view;
    this.#alarms = alarms;
  }

  /** Takes a change of the answer when the run is that of the view's own circuit; tells whether it is. */
  capture(change: Delta | undefined): boolean {
    if (this.#captured === undefined) return false;
    this.#captured.change = change;
    return true;
  }

  /** The operators have lost their state. */
  lost(): void {
    this.#cost.lost();
  }

  /** Fills the view for the first time. */
  build(transaction: Transaction): Attempt {
    const startMs = this.#alarms.now();
    const change = this.start(transaction, (bytes) => this.#requireEstimateWithin(bytes));
    this.requireMode();
    this.#requireStateWithin();
    const method = this.#view.contents.notIncremental === undefined ? "rebuild" : "recompute";
    return this.#written({ method, change }, transaction, this.#workOf(undefined), startMs);
  }

  /** Gives up the state of an eager view when starting anew is by far cheaper than to follow this change. */
  prepare(epoch: ChangeEpoch): void {
    const { policy, contents } = this.#view;
    if (policy.refreshMode !== "auto" || !contents.canFollow) return;
    if (this.#cost.prefersRebuild(this.#workOf(epoch))) contents.invalidate();
  }

  /**
   * Applies the change that a commit made of the query's answer, undefined to start anew.
   *
   * @throws {LimitError} naming the view when its state is larger than allowed
   */
  maintain(run: CommitRun, followed: Delta | undefined): Attempt {
    const { transaction } = run;
    const refreshed: Refreshed = followed === undefined || this.#view.policy.refreshMode === "full"
      ? this.#restarted(transaction)
      : { method: "incremental", change: followed };
    this.#requireStateWithin();
    const work = this.#workOf(run.epoch);
    const choice = this.#cost.forced(refreshed.method, work, false);
    const { startMs } = run;
    run.startMs = this.#write(refreshed, transaction);
    return this.#learned(refreshed, work, run.startMs - startMs, choice);
  }

  /** Brings the view to the state of its sources by `epoch`, or from all rows where it is not known. */
  advance(transaction: Transaction, epoch: ChangeEpoch | undefined, startMs: number): Attempt {
    const work = this.#workOf(epoch);
    const choice = this.#choose(work, epoch !== undefined);
    const refreshed = this.#refresh(choice, { work, epoch, transaction });
    this.#requireStateWithin();
    return this.#written(refreshed, transaction, work, startMs, choice);
  }

  /** What a refresh is faced with; without an epoch the changes are not known. */
  #workOf(epoch: ChangeEpoch | undefined): RefreshWork {
    const { sources, sourceRows } = this.#view.contents;
    if (epoch === undefined) return { relation: "", changedRows: 0, sourceRows };
    return { relation: epoch.mostChanged(sources), changedRows: epoch.rowCount(sources), sourceRows };
  }

  #choose(work: RefreshWork, isKnown: boolean): RefreshChoice {
    const { notIncremental, canFollow } = this.#view.contents;
    if (!canFollow && this.#view.contents.hasOperators) this.#cost.lost();
    const mayDrop = this.#mayDrop;
    if (notIncremental !== undefined) return this.#cost.forced("recompute", work, true);
    if (!isKnown) return this.#cost.forced("rebuild", work, mayDrop);
    if (this.#view.policy.refreshMode === "full") return this.#cost.forced("rebuild", work, mayDrop);
    if (this.#view.policy.refreshMode === "auto") {
      return this.#cost.choose(work, { hasState: canFollow, mayDrop });
    }
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
    const { notIncremental } = this.#view.contents;
    if (choice.method === "incremental" && epoch !== undefined) {
      const { change, spentMs } = this.#followed(epoch, transaction, this.#budgetMs(choice, work));
      if (change !== undefined) return { method: "incremental", change };
      if (spentMs !== undefined) this.#cost.gaveUp(work, spentMs);
      if (spentMs === undefined || !this.#mayDrop) return this.#restarted(transaction);
    } else if (choice.method === "rebuild" || notIncremental !== undefined) {
      return this.#restarted(transaction);
    }
    return { method: "recompute", change: this.#view.contents.recompute(transaction) };
  }

  /**
   * Whether it can be without operators for a while: not where a limit of their state is to be kept, nor where they
   * leave rows out.
   */
  get #mayDrop(): boolean {
    const { stateBytesMax, onError } = this.#view.policy;
    return this.#view.contents.mayDrop && stateBytesMax === undefined && onError === "fail";
  }

  #restarted(transaction: Transaction): Refreshed {
    const onState = (bytes: number): void => this.#requireStateWithin(bytes);
    const how = { ...operatorOptions(this.#view.policy), onState };
    const change = this.#explained(() =>
      this.#view.contents.restart(transaction, this.#view.circuit, this.#view, how)
    );
    this.requireMode();
    return { method: this.#view.contents.notIncremental === undefined ? "rebuild" : "recompute", change };
  }

  #budgetMs(choice: RefreshChoice, work: RefreshWork): number {
    return this.#view.policy.refreshMode === "auto" ? this.#cost.budgetMs(choice, work) : Infinity;
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
    const alarms = this.#alarms;
    const captured: { change: Delta | undefined } = {
      change: emptyDelta(this.#view.contents.table.columns.map((column) => column.type)),
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
      this.#view.circuit.run(epoch, epoch.relations, transaction, shouldStop);
      return { change: captured.change, spentMs };
    } finally {
      this.#captured = undefined;
    }
  }

  /** Puts the query into its circuit; gives all rows. */
  start(transaction: Transaction, onEstimate?: (bytes: number) => void): Delta {
    const onState = (bytes: number): void => this.#requireStateWithin(bytes);
    const how = { ...operatorOptions(this.#view.policy), onEstimate, onState };
    return this.#explained(() => this.#view.contents.start(transaction, this.#view.circuit, this.#view, how));
  }

  /** Says of an error in the data why it is one although rows are to be left out. */
  #explained(start: () => Delta): Delta {
    try {
      return start();
    } catch (error) {
      if (this.#view.policy.onError === "fail" || !isRowError(error)) throw error;
      throw new QueryError(error.code, messageWithoutHint(error), {
        details: { ...error.details, view: this.#view.name },
        hint: "on_error = 'quarantine' leaves rows out; no single row is to blame for this error",
        cause: error,
      });
    }
  }

  /** Writes what a refresh found, and learns what it cost. */
  #written(
    refreshed: Refreshed,
    transaction: Transaction,
    work: RefreshWork,
    startMs: number,
    choice?: RefreshChoice,
  ): Attempt {
    return this.#learned(refreshed, work, this.#write(refreshed, transaction) - startMs, choice);
  }

  /** Gives the time after it, monotonic. */
  #write({ change }: Refreshed, transaction: Transaction): number {
    this.#view.contents.write(transaction, change);
    return this.#alarms.now();
  }

  #learned(
    { method, change }: Refreshed,
    work: RefreshWork,
    durationMs: number,
    choice: RefreshChoice | undefined,
  ): Attempt {
    // What a run that was given up has cost before is no cost of the way taken then.
    if (choice?.method !== "incremental" || method === "incremental") {
      this.#cost.observe(method, work, durationMs);
    }
    const mode = method === "incremental" ? "incremental" : "full";
    return { mode, rowsIn: work.changedRows, durationMs, change, choice };
  }

  /** @throws {QueryError} `unsupported` when only incremental refreshes are allowed, and there are none */
  requireMode(): void {
    const { notIncremental } = this.#view.contents;
    if (this.#view.policy.refreshMode !== "incremental" || notIncremental === undefined) return;
    throw new QueryError(
      "unsupported",
      `View "${this.#view.name}" cannot have refresh_mode = 'incremental': its query has ${notIncremental}`,
      {
        details: { view: this.#view.name, construct: notIncremental },
        hint: "leave refresh_mode out, or write the query without it",
      },
    );
  }

  #requireStateWithin(bytes?: number): void {
    const { policy: { stateBytesMax }, contents } = this.#view;
    if (stateBytesMax === undefined) return;
    const actual = bytes ?? contents.stateBytes;
    if (actual > stateBytesMax) throw this.#stateLimit(actual);
  }

  /** Estimates may be wrong: what is expected to take a little more than the limit is tried. */
  #requireEstimateWithin(estimate: number): void {
    const limit = this.#view.policy.stateBytesMax ?? Infinity;
    if (estimate <= ESTIMATE_MARGIN * limit) return;
    throw new LimitError(
      "memory-limit",
      `The state of view "${this.#view.name}" is expected to take ${estimate} bytes: the limit is ${limit}`,
      {
        details: { view: this.#view.name, limit, estimate },
        hint: "raise state_bytes_max, keep fewer rows, or use refresh_mode = 'full', which has no state",
      },
    );
  }

  #stateLimit(actual: number): LimitError {
    const limit = this.#view.policy.stateBytesMax;
    return new LimitError(
      "memory-limit",
      `The state of view "${this.#view.name}" takes ${actual} bytes: the limit is ${limit}`,
      {
        details: { view: this.#view.name, limit, actual },
        hint: "raise state_bytes_max with ALTER MATERIALIZED VIEW, then REFRESH it",
      },
    );
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
