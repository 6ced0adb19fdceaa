/**
 * The subscribers of a view that want their changes held for the same time: they get the same merged changes.
 *
 * ```
 * change ─► held from the first on for coalesceMs ─► merged once ─► every member
 * ```
 *
 * Who joins gets the contents of now, so what is held is handed over first; who leaves takes what is held along.
 * Without a time to hold, a change goes straight to every member. O(members) a change, O(rows) a merge.
 *
 * @module
 */
import type { Alarms } from "./alarms.ts";
import type { Subscription } from "./subscription.ts";
import { ViewChange } from "./view_change.ts";

/** Changes that are held, before they are merged. */
const HELD_MAX = 64;

/** See the module header. */
export class SubscriberGroup {
  readonly #coalesceMs: number;
  /** Rows that are held, before they are merged. */
  readonly #rowsMin: number;
  readonly #alarms: Alarms;
  readonly #members = new Set<Subscription>();
  #held: ViewChange[] = [];
  #heldRows = 0;
  #rowsMax: number;

  constructor(
    how: { readonly coalesceMs: number; readonly rowsMax: number; readonly alarms: Alarms },
  ) {
    this.#coalesceMs = how.coalesceMs;
    this.#rowsMin = how.rowsMax;
    this.#rowsMax = how.rowsMax;
    this.#alarms = how.alarms;
  }

  get size(): number {
    return this.#members.size;
  }

  push(change: ViewChange): void {
    if (this.#coalesceMs === 0) {
      for (const member of this.#members) member.push(change);
      return;
    }
    if (this.#held.length === 0) {
      this.#alarms.set(this, this.#alarms.now() + this.#coalesceMs, () => this.flush());
    }
    this.#held.push(change);
    this.#heldRows += change.rows.length;
    if (this.#held.length <= HELD_MAX && this.#heldRows <= this.#rowsMax) return;
    const merged = ViewChange.merged(this.#held);
    this.#held = [merged];
    this.#heldRows = merged.rows.length;
    // As many rows again may come before the next time: merging costs O(1) a row.
    this.#rowsMax = Math.max(this.#rowsMin, 2 * merged.rows.length);
  }

  /** Hands over what is held. */
  flush(): void {
    const held = this.#held;
    if (held.length === 0) return;
    this.#alarms.cancel(this);
    this.#held = [];
    this.#heldRows = 0;
    const merged = ViewChange.merged(held);
    if (merged.isEmpty) return;
    for (const member of this.#members) member.push(merged);
  }

  /** From now on the subscription gets changes; those that are held are in what it has. */
  join(subscription: Subscription): void {
    this.flush();
    this.#members.add(subscription);
  }

  /** The subscription gets what is held, and nothing more. */
  leave(subscription: Subscription): void {
    if (!this.#members.delete(subscription)) return;
    if (this.#held.length > 0) {
      const merged = ViewChange.merged(this.#held);
      if (!merged.isEmpty) subscription.push(merged);
    }
    if (this.#members.size > 0) return;
    this.#alarms.cancel(this);
    this.#held = [];
    this.#heldRows = 0;
  }

  [Symbol.iterator](): IterableIterator<Subscription> {
    return this.#members.values();
  }
}
