/**
 * How a view is doing, as data.
 *
 * @module
 */
import type { RefreshModeProperty, RefreshTrigger, RowErrorPolicy } from "./refresh_policy.ts";

/** How a view is doing. */
export interface ViewStatus {
  /** Its name. */
  readonly name: string;
  /** Made for the subscribers of a query, and dropped with the last of them. */
  readonly temporary: boolean;
  /** When it is brought up to date. */
  readonly refresh: RefreshTrigger;
  /** Time between two refreshes. */
  readonly intervalMs: number | undefined;
  /** Age that the oldest change not yet applied may reach. */
  readonly targetLagMs: number | undefined;
  /** Hours in which the timer may refresh it. */
  readonly refreshHours: string | undefined;
  /** Bytes that the state of its circuit may take. */
  readonly stateBytesMax: number | undefined;
  /** How its refreshes may be done, as its definition says. */
  readonly requestedRefreshMode: RefreshModeProperty;
  /** How long rows stay, as an interval; undefined for always. */
  readonly retention: string | undefined;
  /** `incremental`: work follows the change, where that costs less. `full`: recomputed when a source changes. */
  readonly refreshMode: "incremental" | "full";
  /** Why the mode is `full`: the construct. */
  readonly refreshModeReason: string | undefined;
  /**
   * `current`: reflects all commits. `behind`: waits for a refresh. `stale`: the last refresh failed. `suspended`:
   * does not follow until REFRESH, because it grew past its limit or reads a view that did. `unpopulated`: was made
   * WITH NO DATA, and cannot be read before the first REFRESH.
   */
  readonly state: "current" | "behind" | "stale" | "suspended" | "unpopulated";
  /** Why it is stale, suspended or unpopulated. */
  readonly error: string | undefined;
  /** What becomes of rows for which an expression fails. */
  readonly onError: RowErrorPolicy;
  /** Rows that are left out because an expression fails for them. */
  readonly errorRowCount: number;
  /** Tables and views that it reads. */
  readonly sources: readonly string[];
  /** Rows stored. */
  readonly rowCount: number;
  /** The version that the contents reflect. */
  readonly asOf: number;
  /**
   * Age of the oldest change that has not been applied, 0 when there is none; of a view that depends on time, the
   * time since its last refresh.
   */
  readonly stalenessMs: number;
  /** Refreshes since it was created that applied or recomputed something. */
  readonly refreshCount: number;
  /** Refreshes that found nothing changed. */
  readonly noDataCount: number;
  /** Refreshes and commits that failed. */
  readonly failureCount: number;
  /** Half of the remembered refreshes took at most this long. */
  readonly durationP50Ms: number | undefined;
  /** 99 of 100 of the remembered refreshes took at most this long. */
  readonly durationP99Ms: number | undefined;
  /** Rows that the operators of its circuit have looked at. */
  readonly examinedRows: number;
  /** Memory of the circuit's state. */
  readonly stateBytes: number;
  /** What the state was expected to take before it was made last. */
  readonly stateBytesEstimate: number;
  /** Subscriptions that are open. */
  readonly subscriberCount: number;
}
