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
  /** Memory of the circuit's state afterwards; of small ones in a row, as one of the last few left it. */
  readonly stateBytes: number;
  /** Why it failed. */
  readonly error: string | undefined;
}

/** A refresh as it is noted. */
export interface RefreshNote extends Omit<RefreshRecord, "at" | "view"> {
  /** When it ended, in milliseconds since 1970. */
  readonly atMs: number;
}

type Entry = { -readonly [Key in keyof RefreshNote]: RefreshNote[Key] };

/** See the module header. */
export class RefreshHistory {
  readonly #max: number;
  /** Entries are used again: they live long, and there are many. */
  readonly #ring: Entry[] = [];
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

  push(note: RefreshNote): void {
    this.#counts[note.mode]++;
    const entry = this.#ring[this.#next];
    if (entry === undefined) this.#ring.push({ ...note });
    else overwrite(entry, note);
    this.#next = (this.#next + 1) % this.#max;
  }

  /** What is kept of the view of that name, oldest first; the last one has left `stateBytes`. */
  records(view: string, stateBytes: number): readonly RefreshRecord[] {
    const start = this.#ring.length < this.#max ? 0 : this.#next;
    const entries = [...this.#ring.slice(start), ...this.#ring.slice(0, start)];
    return entries.map(({ atMs, ...record }, i) => {
      const isLast = i === entries.length - 1;
      return { view, at: new Date(atMs), ...record, stateBytes: isLast ? stateBytes : record.stateBytes };
    });
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

function overwrite(entry: Entry, note: RefreshNote): void {
  entry.atMs = note.atMs;
  entry.fromVersion = note.fromVersion;
  entry.toVersion = note.toVersion;
  entry.mode = note.mode;
  entry.decision = note.decision;
  entry.estimateIncrementalMs = note.estimateIncrementalMs;
  entry.estimateFullMs = note.estimateFullMs;
  entry.rowsIn = note.rowsIn;
  entry.rowsOut = note.rowsOut;
  entry.durationMs = note.durationMs;
  entry.stateBytes = note.stateBytes;
  entry.error = note.error;
}
