/**
 * Memory of one execution: breakers report what they hold, and going over the limit is an error.
 *
 * @module
 */
import { LimitError } from "../../base/error.ts";

/** Bytes that the operators of an execution may hold together. */
export class MemoryBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts `bytes` more, or fewer when negative. */
  charge(bytes: number): void {
    this.#bytes += bytes;
    if (bytes > 0 && this.#bytes > this.#bytesMax) {
      throw new LimitError(
        "memory-limit",
        `Query needs more memory than allowed: it holds ${this.#bytes} bytes and the limit is ${this.#bytesMax}`,
        {
          details: { limit: this.#bytesMax, actual: this.#bytes },
          hint: "filter earlier, group by fewer keys or raise queryBytesMax",
        },
      );
    }
  }
}

/** The part of one operator in a {@linkcode MemoryBudget}. */
export class MemoryShare {
  readonly #budget: MemoryBudget;
  #bytes = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** Says that the operator now holds `bytes` in all. */
  set(bytes: number): void {
    const more = bytes - this.#bytes;
    if (more === 0) return;
    this.#bytes = bytes;
    this.#budget.charge(more);
  }
}
