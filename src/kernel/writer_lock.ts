/**
 * One writer at a time: a queue in front of the store's write transaction.
 *
 * @module
 */
import { LimitError } from "../base/error.ts";

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  cancelled: boolean;
}

/** First come, first served. `acquire` is synchronous while nobody holds the lock. */
export class WriterLock {
  readonly #waitersMax: number;
  #held = false;
  #waiters: Waiter[] = [];
  #head = 0;

  constructor(waitersMax = 10_000) {
    this.#waitersMax = waitersMax;
  }

  /** True while a writer holds the lock. */
  get held(): boolean {
    return this.#held;
  }

  /** Takes the lock, now or when its turn comes. */
  acquire(signal?: AbortSignal): Promise<void> | undefined {
    if (!this.#held) {
      this.#held = true;
      return undefined;
    }
    if (this.#waiters.length - this.#head >= this.#waitersMax) {
      throw new LimitError("queue-limit", `Cannot wait to write: ${this.#waitersMax} writers already wait`, {
        details: { limit: this.#waitersMax },
        hint: "batch writes in db.transaction",
      });
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject, cancelled: false };
      this.#waiters.push(waiter);
      signal?.addEventListener("abort", () => {
        waiter.cancelled = true;
        reject(new LimitError("aborted", "The write was aborted while it waited", { cause: signal.reason }));
      }, { once: true });
    });
  }

  /** Hands the lock to the next waiter. */
  release(): void {
    while (this.#head < this.#waiters.length) {
      const next = this.#waiters[this.#head++]!;
      // The queue is a moving window: shift would make it quadratic.
      if (this.#head > 1024 && this.#head * 2 > this.#waiters.length) {
        this.#waiters = this.#waiters.slice(this.#head);
        this.#head = 0;
      }
      if (next.cancelled) continue;
      next.resolve();
      return;
    }
    this.#waiters = [];
    this.#head = 0;
    this.#held = false;
  }
}
