/**
 * One writer at a time: a queue in front of the store's write transaction.
 *
 * @module
 */
import { InvariantError, LimitError } from "../base/error.ts";
import { TransactionScope } from "./transaction_scope.ts";

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  cancelled: boolean;
}

/** First come, first served. `acquire` is synchronous while nobody holds the lock. */
export class WriterLock {
  /** The callbacks of transactions, which hold the lock until they end. */
  readonly callbacks: TransactionScope;
  readonly #waitersMax: number;
  #held = false;
  #waiters: Waiter[] = [];
  #head = 0;

  constructor(waitersMax = 10_000, callbacks: TransactionScope = new TransactionScope()) {
    this.#waitersMax = waitersMax;
    this.callbacks = callbacks;
  }

  /** True while a writer holds the lock. */
  get held(): boolean {
    return this.#held;
  }

  /**
   * Takes the lock, now or when its turn comes.
   *
   * @throws {InvariantError} `would-wait-for-itself` from within the callback that holds the lock
   */
  acquire(signal?: AbortSignal): Promise<void> | undefined {
    if (!this.#held) {
      this.#held = true;
      return undefined;
    }
    if (this.callbacks.isInside) throw waitsForItself();
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

/** What a call that would wait for the transaction it is part of gets. */
export function waitsForItself(): InvariantError {
  return new InvariantError(
    "would-wait-for-itself",
    "The call would wait for the end of the transaction that it is part of",
    {
      hint:
        "inside db.transaction write with its parameter, as in tx.insert(...); call the rest before or after",
    },
  );
}
