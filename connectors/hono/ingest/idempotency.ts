/**
 * Ingests that are sent again: one `Idempotency-Key` is carried out once.
 *
 * ```
 * new ─► running ─┬─ answered ─► the same answer to everyone who sends the key again
 *                 └─ broken off ─► the next attempt goes on after the rows that are committed
 * ```
 *
 * Whoever sends a key that is being carried out waits for its end. The memory is bounded; the key that was used
 * longest ago is forgotten, and would be carried out anew. Restarts forget all of them, with the rows.
 *
 * @module
 */
import { QueryError } from "../../../src/base/error.ts";

/** An answer that can be given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** One key. */
export interface IdempotentIngest {
  /** What the key stands for: another request may not use it. */
  readonly request: string;
  /** Rows of the body that are done. */
  recordCount: number;
  answer: KeptAnswer | undefined;
  /** Settled when the attempt under way ends. */
  running: Promise<void> | undefined;
  /** Ends the attempt under way. */
  end: () => void;
}

const KEY_LENGTH_MAX = 255;

/** See the module header. */
export class IdempotencyMemory {
  readonly #keysMax: number;
  readonly #ingests = new Map<string, IdempotentIngest>();

  constructor(keysMax: number) {
    this.#keysMax = keysMax;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#ingests.size;
  }

  /**
   * The ingest of `key`: with its answer, or begun, and then to be ended by `end`.
   *
   * @throws {QueryError} `idempotency-conflict` when the key stands for another request
   */
  async open(caller: string, key: string, request: string): Promise<IdempotentIngest> {
    if (key.length > KEY_LENGTH_MAX || !/^[\x21-\x7e]+$/.test(key)) {
      throw new QueryError(
        "invalid-parameter",
        "Idempotency-Key must be 1 to 255 printable ASCII characters",
        {
          details: { length: key.length },
          hint: "use a UUID",
        },
      );
    }
    const id = `${caller}\n${key}`;
    for (;;) {
      const known = this.#ingests.get(id);
      if (known === undefined) return this.#remember(id, request);
      if (known.request !== request) {
        throw new QueryError("idempotency-conflict", "The Idempotency-Key was used for another request", {
          details: { request: known.request },
          hint: "use a new key for each request",
        });
      }
      if (known.running === undefined) {
        // Re-inserting keeps the map in order of use.
        this.#ingests.delete(id);
        this.#ingests.set(id, known);
        return begun(known);
      }
      await known.running;
    }
  }

  #remember(id: string, request: string): IdempotentIngest {
    const ingest = begun({ request, recordCount: 0, answer: undefined, running: undefined, end: () => {} });
    this.#ingests.set(id, ingest);
    if (this.#ingests.size > this.#keysMax) {
      for (const [oldest, { running }] of this.#ingests) {
        if (running !== undefined) continue;
        this.#ingests.delete(oldest);
        break;
      }
    }
    return ingest;
  }
}

/** `ingest` with an attempt under way, unless it has been answered. */
function begun(ingest: IdempotentIngest): IdempotentIngest {
  if (ingest.answer !== undefined) return ingest;
  ingest.running = new Promise((resolve) => {
    ingest.end = () => {
      ingest.running = undefined;
      resolve();
    };
  });
  return ingest;
}
