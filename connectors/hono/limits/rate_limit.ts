/**
 * Rates: a token bucket a caller, in a table that is bounded.
 *
 * ```
 * burst ─► [ tokens ] ─ a request takes one ─► none left: 429 with the time until the next
 *             ▲ perSecond
 * ```
 *
 * A bucket is two numbers, filled by the time that has passed when it is looked at. When the table is full, the
 * bucket that was not looked at for longest goes: a caller that was forgotten begins with a full bucket. O(1).
 *
 * @module
 */
import type { Clock } from "../../../src/base/clock.ts";
import { LimitError } from "../../../src/base/error.ts";

/** How often a caller may ask. */
export interface RateLimitOptions {
  /** Requests a second in the long run. */
  readonly perSecond: number;
  /** Requests at once; `perSecond` by default. */
  readonly burst?: number;
  /** Callers that are told apart; 10,000 by default. */
  readonly callersMax?: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

const CALLERS_MAX = 10_000;

/** See the module header. */
export class RateLimit {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #callersMax: number;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: RateLimitOptions, clock: Clock) {
    this.#perMs = options.perSecond / 1000;
    this.#burst = Math.max(1, options.burst ?? options.perSecond);
    this.#callersMax = options.callersMax ?? CALLERS_MAX;
    this.#clock = clock;
  }

  /** Callers that are told apart now. */
  get callerCount(): number {
    return this.#buckets.size;
  }

  /** Takes one request of `caller`. @throws {LimitError} `rate-limit` with `details.retryAfterMs` */
  take(caller: string): void {
    const bucket = this.#fill(caller);
    if (bucket.tokens < 1) throw this.#exceeded(bucket);
    bucket.tokens -= 1;
  }

  /** Refuses `caller` when it has nothing left, and takes nothing. @throws {LimitError} `rate-limit` */
  check(caller: string): void {
    const known = this.#buckets.has(caller);
    if (!known) return;
    const bucket = this.#fill(caller);
    if (bucket.tokens < 1) throw this.#exceeded(bucket);
  }

  #fill(caller: string): Bucket {
    const now = this.#clock.monotonic();
    let bucket = this.#buckets.get(caller);
    if (bucket === undefined) bucket = { tokens: this.#burst, at: now };
    else this.#buckets.delete(caller);
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (now - bucket.at) * this.#perMs);
    bucket.at = now;
    // Re-inserting keeps the map in order of use.
    this.#buckets.set(caller, bucket);
    if (this.#buckets.size > this.#callersMax) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    return bucket;
  }

  #exceeded({ tokens }: Bucket): LimitError {
    const retryAfterMs = Math.ceil((1 - tokens) / this.#perMs);
    return new LimitError("rate-limit", `More than ${this.#perMs * 1000} requests a second`, {
      details: { limit: this.#perMs * 1000, burst: this.#burst, retryAfterMs },
      hint: `wait ${retryAfterMs} ms`,
    });
  }
}
