/**
 * Byte accounting: a store has one account with a limit, each table one below it, and whoever allocates for a
 * table reports there. Additions never throw, so that a write is not left half done; the limit is checked
 * between writes. All operations are O(1).
 *
 * @module
 */
import { LimitError } from "../base/error.ts";

/** Bytes in use, with an optional limit, added up into a parent. */
export class MemoryAccount {
  readonly #parent: MemoryAccount | undefined;
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(options: { readonly parent?: MemoryAccount; readonly bytesMax?: number } = {}) {
    this.#parent = options.parent;
    this.#bytesMax = options.bytesMax ?? Infinity;
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds `bytes`, which may be negative. */
  add(bytes: number): void {
    this.#bytes += bytes;
    this.#parent?.add(bytes);
  }

  /** Gives everything back, when the owner is dropped. */
  close(): void {
    this.add(-this.#bytes);
  }

  /** Throws {@linkcode LimitError} `memory-limit` when this account or one above it is over its limit. */
  check(): void {
    if (this.#bytes > this.#bytesMax) {
      throw new LimitError(
        "memory-limit",
        `Cannot store the rows: tables would take ${this.#bytes} bytes and the limit is ${this.#bytesMax}`,
        {
          details: { limit: this.#bytesMax, actual: this.#bytes },
          hint: "delete rows, drop tables or raise memoryBytesMax",
        },
      );
    }
    this.#parent?.check();
  }
}
