/**
 * How long to wait before the next try: twice as long each time, with full jitter, so that the clients of a server
 * that comes back do not come all at once.
 *
 * @module
 */

/** Options of {@linkcode Backoff}. */
export interface BackoffOptions {
  /** Of the first wait; 250 ms by default. */
  readonly startMs?: number;
  /** Of every wait; 10 s by default. */
  readonly maxMs?: number;
  /** In [0, 1); that of the platform by default. */
  readonly random?: () => number;
}

/** See the module header. */
export class Backoff {
  readonly #startMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor({ startMs = 250, maxMs = 10_000, random = platformRandom }: BackoffOptions = {}) {
    this.#startMs = startMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Milliseconds to wait after another failure: a half to all of the step, and `leastMs` to half as much again. */
  next(leastMs = 0): number {
    const step = Math.min(this.#maxMs, this.#startMs * 2 ** Math.min(30, this.#failures++));
    const chance = this.#random();
    return Math.max(step * (1 + chance) / 2, leastMs * (1 + chance / 2));
  }
}

/** Waits; returns early when the signal fires. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener("abort", wake, { once: true });
  });
}

function platformRandom(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32;
}
