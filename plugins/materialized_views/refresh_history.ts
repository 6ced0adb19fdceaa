/**
 * What the refreshes of a view did: the last ones in full, all of them in counts.
 *
 * ```
 * records: ring of `max` entries, oldest overwritten      percentiles: over the ring
 * ```
 *
 * Pushing is O(1); reading is O(max), percentiles sort the ring.
 *
 * @module
 */

import type { RefreshMethod } from "./refresh_cost.ts";

/** How a refresh brought a view to its version. */
export type RefreshMode = "incremental" | "full" | "noData" | "failed";

/** One refresh. */
export interface RefreshRecord {
  /** The view. */
  readonly view: string;
  /** When it ended. */
  readonly at: Date;
  /** The version that the contents reflected before. */
  readonly fromVersion: number;
  /** The version that they reflect now; `fromVersion` when the refresh failed. */
  readonly toVersion: number;
  /** `incremental`, `full`, `noData` when nothing had changed, `failed`. */
  readonly mode: RefreshMode;
  /**
   * How it was to be done, as the cheaper way; a `full` refresh that was decided to be `incremental` was given up on
   * the way. Undefined where there was nothing to do.
   */
  readonly decision: RefreshMethod | undefined;
  /** What the changes were expected to cost when it was decided. */
  readonly estimateIncrementalMs: number | undefined;
  /** What all rows were expected to cost. */
  readonly estimateFullMs: number | undefined;
  /** Changed rows of its sources; 0 where they are not known. */
  readonly rowsIn: number;
  /** Rows of the view that went or came. */
  readonly rowsOut: number;
  /** How long it took, up to the commit. */
  readonly durationMs: number;
  /** Memory of the circuit's state afterwards. */
  readonly stateBytes: number;
  /** Why it failed. */
  readonly error: string | undefined;
}

/** See the module header. */
export class RefreshHistory {
  readonly #max: number;
  readonly #ring: RefreshRecord[] = [];
  readonly #counts: Record<RefreshMode, number> = { incremental: 0, full: 0, noData: 0, failed: 0 };
  #next = 0;

  /** Keeps the last `max` records. */
  constructor(max: number) {
    this.#max = Math.max(1, max);
  }

  /** Refreshes ever, by mode. */
  get counts(): Readonly<Record<RefreshMode, number>> {
    return this.#counts;
  }

  push(record: RefreshRecord): void {
    this.#counts[record.mode]++;
    this.#ring[this.#next] = record;
    this.#next = (this.#next + 1) % this.#max;
  }

  /** What is kept, oldest first. */
  records(): readonly RefreshRecord[] {
    if (this.#ring.length < this.#max) return [...this.#ring];
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }

  /** The duration that the share `quantile` of the kept refreshes did not exceed (nearest rank). */
  durationMs(quantile: number): number | undefined {
    const durations = this.#ring
      .filter(({ mode }) => mode === "incremental" || mode === "full")
      .map((record) => record.durationMs)
      .sort((a, b) => a - b);
    return durations[Math.max(0, Math.ceil(quantile * durations.length) - 1)];
  }
}
