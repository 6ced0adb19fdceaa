/**
 * A subscription: the changes of a view, in order, for one reader.
 *
 * ```
 * push ─► waiting reader? hand over : queue ─► queue full? merge everything that waits into one change
 * ```
 *
 * A reader that is slow, or stops reading, holds at most `queueMax` changes, and at most about twice `rowsMax` rows
 * or one consolidated change, which has no more rows than the contents before and after: it skips intermediate
 * states and misses nothing.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { Change, ChangeStream, SubscriptionEnd } from "../../src/kernel/hooks.ts";
import type { ResultColumn } from "../../src/kernel/query_result.ts";
import { ViewChange } from "./view_change.ts";

/** What a subscription is made of. */
export interface SubscriptionOptions {
  readonly columns: readonly ResultColumn[];
  readonly queueMax: number | undefined;
  /** Rows of changes that wait, before they are merged. */
  readonly rowsMax: number;
  readonly signal: AbortSignal | undefined;
  /** Called once, before the end is handed over: what it pushes is the last change. */
  readonly onClose: () => void;
}

type Result = IteratorResult<Change, SubscriptionEnd | undefined>;

const QUEUE_MAX = 64;

/** See the module header. */
export class Subscription implements ChangeStream {
  readonly opened: Promise<readonly ResultColumn[]>;
  readonly #options: SubscriptionOptions;
  readonly #queueMax: number;
  readonly #onAbort = () => this.close();
  #queue: ViewChange[] = [];
  /** Rows in the queue, and how many make it merge. */
  #queuedRows = 0;
  #rowsMax: number;
  /** Readers, in the order in which they asked. */
  #waiting: ((result: Result) => void)[] = [];
  #closed = false;
  #end: SubscriptionEnd | undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#queueMax = requireCount(options.queueMax ?? QUEUE_MAX);
    this.#rowsMax = options.rowsMax;
    this.opened = Promise.resolve(options.columns);
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (options.signal?.aborted) this.#closed = true;
  }

  /** Whether it has ended. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Hands one change over, or lets it wait. */
  push(change: ViewChange): void {
    if (this.#closed) return;
    const resolve = this.#waiting.shift();
    if (resolve !== undefined) {
      resolve({ done: false, value: change });
      return;
    }
    this.#queue.push(change);
    this.#queuedRows += change.rows.length;
    if (this.#queue.length > this.#queueMax || this.#queuedRows > this.#rowsMax) this.#mergeQueue();
  }

  next(): Promise<Result> {
    const [first, ...rest] = this.#queue;
    if (first !== undefined) {
      this.#queue = rest;
      this.#queuedRows -= first.rows.length;
      return Promise.resolve({ done: false, value: first });
    }
    if (this.#closed) return Promise.resolve({ done: true, value: this.#end });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<Change, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the subscription; a reader gets what was queued and then the end. */
  close(end?: SubscriptionEnd): void {
    if (this.#closed) return;
    this.#options.onClose();
    this.#closed = true;
    this.#end = end;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    for (const resolve of this.#waiting) resolve({ done: true, value: end });
    this.#waiting = [];
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #mergeQueue(): void {
    if (this.#queue.length < 2) return;
    const merged = ViewChange.merged(this.#queue);
    this.#queue = merged.isEmpty ? [] : [merged];
    this.#queuedRows = merged.rows.length;
    // As many rows again may come before the next time: merging costs O(1) a row.
    this.#rowsMax = Math.max(this.#options.rowsMax, 2 * merged.rows.length);
  }
}

function requireCount(count: number): number {
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new QueryError("invalid-parameter", `queueMax cannot be ${count}`, {
    details: { queueMax: count },
    hint: "give a number of changes, 1 or more",
  });
}
