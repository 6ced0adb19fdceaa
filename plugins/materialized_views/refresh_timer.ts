/**
 * Refreshes by the clock: of each view that has an interval or a target lag, and of the eager views that the clock
 * alone changes.
 *
 * What is due is refreshed together, in one transaction, so that all of it is at one version.
 *
 * @module
 */
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import type { Alarms } from "./alarms.ts";
import type { MaintainedView } from "./maintained_view.ts";
import type { ViewGraph } from "./view_graph.ts";

/** After an error the timer waits this long for the views that the clock changes. */
const TICK_RETRY_MS = 1_000;

/** What the timer sets off. */
export interface TimedWork {
  /** When the clock changes the next eager view, in microseconds since 1970. */
  dueMicros(): number | undefined;
  /** Brings these eager views along. */
  tick(): Promise<void>;
  /** Refreshes views in one transaction. */
  refresh(views: readonly MaintainedView[]): Promise<void>;
}

/** See the module header. */
export class RefreshTimer {
  readonly #host: PluginHost;
  readonly #alarms: Alarms;
  readonly #graph: ViewGraph;
  readonly #work: TimedWork;

  constructor(
    { host, alarms }: { readonly host: PluginHost; readonly alarms: Alarms },
    graph: ViewGraph,
    work: TimedWork,
  ) {
    this.#host = host;
    this.#alarms = alarms;
    this.#graph = graph;
    this.#work = work;
  }

  /** One alarm for all eager views: at the time when the clock changes the next of them. */
  scheduleTick(delayMs = 0): void {
    const dueMicros = this.#work.dueMicros();
    if (dueMicros === undefined) return;
    const at = this.#alarms.now() + Math.max(delayMs, dueMicros / 1000 - this.#host.clock.now());
    // The next commit or query gets the error, if it stays.
    this.#alarms.set(this, at, () => this.#work.tick().catch(() => this.scheduleTick(TICK_RETRY_MS)));
  }

  /** Sets or cancels the alarm of a view. */
  schedule(view: MaintainedView): void {
    const at = this.#graph.holds(view) ? view.dueAt() : undefined;
    if (at === undefined) this.#alarms.cancel(view);
    else this.#alarms.set(view, at, () => this.#refreshDue(view));
  }

  async #refreshDue(view: MaintainedView): Promise<void> {
    const group = this.#dueWith(view);
    if (group.length === 0) {
      this.schedule(view);
      return;
    }
    try {
      // A refresh in the background starts after the queries that run.
      await this.#host.scheduler.run({ name: "refresh", priority: -1, step: () => true });
      await this.#refreshTogether(group);
    } catch {
      // The view has noted the error and when to try again.
      this.schedule(view);
    }
  }

  /** What is to be refreshed with a view that is due: all that is, and what lags behind with an equal target lag. */
  #dueWith(view: MaintainedView): readonly MaintainedView[] {
    const now = this.#alarms.now();
    const { targetLagMs } = view.policy;
    if (!this.#graph.holds(view) || (view.dueAt() ?? Infinity) > now) return [];
    const due = this.#graph.views.filter((other) =>
      (other.dueAt() ?? Infinity) <= now ||
      (targetLagMs !== undefined && other.policy.targetLagMs === targetLagMs && !other.isRetrying &&
        other.isWithinHours)
    );
    const isIdle = (one: MaintainedView): boolean =>
      !one.isBehind && this.#graph.lagging(one).every((other) => !other.contents.isTimeDependent);
    for (const one of due) {
      if (!isIdle(one) || (one.dueAt() ?? Infinity) > now) continue;
      one.confirm();
      this.schedule(one);
    }
    return due.filter((one) => !isIdle(one));
  }

  /** In one transaction, so that all are at one version; when one of them fails, one by one. */
  async #refreshTogether(group: readonly MaintainedView[]): Promise<void> {
    const present = group.filter((view) => this.#graph.holds(view));
    try {
      await this.#work.refresh(present);
    } catch (error) {
      if (present.length === 1) throw error;
      for (const view of present) if (!view.isRetrying) await this.#work.refresh([view]).catch(() => {});
    }
  }
}
