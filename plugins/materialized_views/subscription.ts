/**
 * A subscription: the changes of a view, in order, for one reader.
 *
 * ```
 * push ─► waiting reader? hand over : queue ─► queue full? merge everything that waits into one change
 * ```
 *
 * A reader that is slow, or stops reading, holds at most `queueMax` changes, and when they are merged at most
 * one consolidated change: it skips intermediate states and misses nothing. With `coalesceMs` changes are held
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
  #queue: Pending[] = [];
  #waiting: ((result: IteratorResult<Change>) => void) | undefined;
  #closed = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#queueMax = Math.max(1, options.queueMax ?? QUEUE_MAX);
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
      return Promise.resolve({ done: false, value: this.#toChange(first) });
    }
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting = resolve);
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
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = undefined;
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
    if (this.#held.length > this.#queueMax) this.#held = [this.#merge(this.#held)];
  }

  #flush(): void {
    const held = this.#held;
    this.#held = [];
    if (held.length === 0) return;
    const merged = this.#merge(held);
    if (merged.rows.length > 0) this.#deliver(merged);
  }

  #deliver(pending: Pending): void {
    if (this.#closed) return;
    if (this.#waiting !== undefined) {
      const resolve = this.#waiting;
      this.#waiting = undefined;
      resolve({ done: false, value: this.#toChange(pending) });
      return;
    }
    this.#queue.push(pending);
    if (this.#queue.length > this.#queueMax) this.#queue = [this.#merge(this.#queue)];
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

function requireDuration(ms: number): number {
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new QueryError("invalid-parameter", `coalesceMs cannot be ${ms}`, {
    details: { coalesceMs: ms },
    hint: "give milliseconds, 0 or more",
  });
}
