/**
 * How many requests may be under way at once; streams hold their place until they end.
 *
 * @module
 */
import { LimitError } from "../../../src/base/error.ts";

/** See the module header. */
export class ConnectionLimit {
  readonly #max: number;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Those under way. */
  get count(): number {
    return this.#count;
  }

  /**
   * Takes a place; gives what gives it back, which may be called more than once.
   *
   * @throws {LimitError} `connection-limit`
   */
  acquire(): () => void {
    if (this.#count >= this.#max) {
      throw new LimitError("connection-limit", `${this.#count} requests are under way`, {
        details: { limit: this.#max, actual: this.#count },
        hint: "try again in some seconds",
      });
    }
    this.#count++;
    let held = true;
    return () => {
      if (held) this.#count--;
      held = false;
    };
  }
}
