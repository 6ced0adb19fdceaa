/**
 * Time as a dependency: the kernel reads time only through a {@linkcode Clock}, so tests can move it.
 *
 * @module
 */

/** The source of time. */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970-01-01 UTC. May jump. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. For durations and deadlines. */
  monotonic(): number;
}

const wallClock = globalThis.Date;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => wallClock.now(),
  monotonic: () => performance.now(),
};

/** A clock that moves only when told to. */
export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;

  /** `startMs` is the first reading of `now()`; `monotonic()` starts at 0. */
  constructor(startMs = 0) {
    this.#now = startMs;
  }

  /** The wall-clock reading in milliseconds since 1970-01-01 UTC. */
  now(): number {
    return this.#now;
  }

  /** Milliseconds advanced so far. */
  monotonic(): number {
    return this.#monotonic;
  }

  /** Moves both readings forward by `ms`. */
  advance(ms: number): void {
    this.#now += ms;
    this.#monotonic += ms;
  }

  /** Sets the wall clock alone, as an operator or a time server would. */
  setNow(ms: number): void {
    this.#now = ms;
  }
}
