/**
 * A token bucket: so many messages a second, twice as many at once.
 *
 * @module
 */
import type { Clock } from "../../../src/base/clock.ts";

/** See the module header. */
export class MessageRate {
  readonly #clock: Clock;
  readonly #perSecond: number;
  #tokens: number;
  #at: number;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#tokens = 2 * perSecond;
    this.#at = clock.monotonic();
  }

  /** Takes one; otherwise milliseconds until there is one. */
  take(): number | undefined {
    const now = this.#clock.monotonic();
    const gained = (now - this.#at) * this.#perSecond / 1000;
    this.#tokens = Math.min(2 * this.#perSecond, this.#tokens + gained);
    this.#at = now;
    if (this.#tokens < 1) return Math.ceil((1 - this.#tokens) * 1000 / this.#perSecond);
    this.#tokens--;
    return undefined;
  }
}
