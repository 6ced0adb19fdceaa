/**
 * A subscription: the changes of a view, in order, for one reader.
 *
 * ```
 * push ─► waiting reader? hand over : queue ─► queue full? merge everything that waits into one change
 * ```
 *
 * A reader that is slow, or stops reading, holds at most `queueMax` changes, and at most about twice `rowsMax` rows
 * or one consolidated change, which has no more rows than the contents before and after: it skips intermediate
 * states and misses nothing. With `coalesceMs` changes are held
 * for that long from the first on, and handed over as one; those that cancel out are not handed over at all.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { type WeightedRow, ZSet } from "../../src/circuit/zset.ts";
import type { Change } from "../../src/kernel/hooks.ts";
import { datumToValue } from "../../src/kernel/value_output.ts";
import type { Datum, SqlType } from "../../src/storage/sql_type.ts";
import type { Alarms } from "./alarms.ts";

/** What a subscription is made of. */
export interface SubscriptionOptions {
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
  readonly queueMax: number | undefined;
  /** Rows of changes that wait, before they are merged. */
  readonly rowsMax: number;
  /** Milliseconds for which changes are held and merged. */
  readonly coalesceMs: number | undefined;
  readonly alarms: Alarms;
  readonly signal: AbortSignal | undefined;
  readonly onClose: () => void;
}

interface Pending {
  readonly version: number;
  readonly snapshot: boolean;
  readonly rows: readonly WeightedRow[];
}

const QUEUE_MAX = 64;

/** See the module header. */
export class Subscription implements AsyncIterableIterator<Change> {
  readonly #options: SubscriptionOptions;
  readonly #queueMax: number;
  readonly #onAbort = () => this.close();
  readonly #coalesceMs: number;
  /** Changes that wait for the end of `coalesceMs`. */
  #held: Pending[] = [];
  #heldRows = 0;
  #queue: Pending[] = [];
  /** Rows in the queue, and how many make it merge. */
  #queuedRows = 0;
  #rowsMax: number;
  /** Readers, in the order in which they asked. */
  #waiting: ((result: IteratorResult<Change>) => void)[] = [];
  #closed = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#queueMax = requireCount(options.queueMax ?? QUEUE_MAX);
    this.#rowsMax = options.rowsMax;
    this.#coalesceMs = requireDuration(options.coalesceMs ?? 0);
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (options.signal?.aborted) this.#closed = true;
  }

  /** Whether it has ended. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The whole contents, as the first change. */
  pushSnapshot(version: number, rows: readonly (readonly Datum[])[]): void {
    this.#deliver({ version, snapshot: true, rows: rows.map((row) => ({ row, weight: 1 })) });
  }

  /** One change of the view. */
  push(version: number, rows: readonly WeightedRow[]): void {
    const change = { version, snapshot: false, rows };
    if (this.#coalesceMs === 0) this.#deliver(change);
    else this.#hold(change);
  }

  next(): Promise<IteratorResult<Change>> {
    const [first, ...rest] = this.#queue;
    if (first !== undefined) {
      this.#queue = rest;
      this.#queuedRows -= first.rows.length;
      return Promise.resolve({ done: false, value: this.#toChange(first) });
    }
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<Change>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the subscription; a reader gets what was queued and then the end. */
  close(): void {
    if (this.#closed) return;
    this.#options.alarms.cancel(this);
    this.#flush();
    this.#closed = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#options.onClose();
    for (const resolve of this.#waiting) resolve({ done: true, value: undefined });
    this.#waiting = [];
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #hold(change: Pending): void {
    if (this.#closed) return;
    const { alarms } = this.#options;
    if (this.#held.length === 0) {
      alarms.set(this, alarms.now() + this.#coalesceMs, () => this.#flush());
    }
    this.#held.push(change);
    this.#heldRows += change.rows.length;
    if (this.#held.length <= this.#queueMax && this.#heldRows <= this.#rowsMax) return;
    const merged = this.#merge(this.#held);
    this.#held = [merged];
    this.#heldRows = merged.rows.length;
    this.#rowsMax = Math.max(this.#options.rowsMax, 2 * merged.rows.length);
  }

  #flush(): void {
    const held = this.#held;
    this.#held = [];
    this.#heldRows = 0;
    if (held.length === 0) return;
    const merged = this.#merge(held);
    if (merged.rows.length > 0) this.#deliver(merged);
  }

  #deliver(pending: Pending): void {
    if (this.#closed) return;
    const resolve = this.#waiting.shift();
    if (resolve !== undefined) {
      resolve({ done: false, value: this.#toChange(pending) });
      return;
    }
    this.#queue.push(pending);
    this.#queuedRows += pending.rows.length;
    if (this.#queue.length > this.#queueMax || this.#queuedRows > this.#rowsMax) this.#mergeQueue();
  }

  #mergeQueue(): void {
    if (this.#queue.length < 2) return;
    const merged = this.#merge(this.#queue);
    this.#queue = merged.rows.length > 0 || merged.snapshot ? [merged] : [];
    this.#queuedRows = merged.rows.length;
    // As many rows again may come before the next time: merging costs O(1) a row.
    this.#rowsMax = Math.max(this.#options.rowsMax, 2 * merged.rows.length);
  }

  #merge(queue: readonly Pending[]): Pending {
    const merged = new ZSet(this.#options.columns.map((column) => column.type));
    for (const { rows } of queue) merged.addAll(rows);
    return { version: queue.at(-1)!.version, snapshot: queue[0]!.snapshot, rows: [...merged] };
  }

  #toChange({ version, snapshot, rows }: Pending): Change {
    const inserted: Record<string, unknown>[] = [];
    const deleted: Record<string, unknown>[] = [];
    for (const { row, weight } of rows) {
      for (let i = weight; i > 0; i--) inserted.push(this.#toObject(row));
      for (let i = weight; i < 0; i++) deleted.push(this.#toObject(row));
    }
    return { version, snapshot, inserted, deleted };
  }

  #toObject(row: readonly Datum[]): Record<string, unknown> {
    return Object.fromEntries(
      this.#options.columns.map(({ name, type }, i) => [name, datumToValue(row[i]!, type)]),
    );
  }
}

function requireCount(count: number): number {
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new QueryError("invalid-parameter", `queueMax cannot be ${count}`, {
    details: { queueMax: count },
    hint: "give a number of changes, 1 or more",
  });
}

function requireDuration(ms: number): number {
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new QueryError("invalid-parameter", `coalesceMs cannot be ${ms}`, {
    details: { coalesceMs: ms },
    hint: "give milliseconds, 0 or more",
  });
}
