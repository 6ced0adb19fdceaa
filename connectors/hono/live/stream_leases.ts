/**
 * Streams that say that they are alive, so that those that cannot say that they have ended are found.
 *
 * Some edge runtimes end everything that belongs to a request when its client goes: timers and callbacks of the stream
 * are never called again, while its subscription belongs to the database. Each stream renews its lease by its own
 * timer; whoever opens the next one, or reads metrics, ends those whose lease has run out. O(streams) then.
 *
 * @module
 */
import { systemClock } from "../../../src/base/clock.ts";

/** A stream that holds a lease. */
export interface LeasedStream {
  /** Frees what it holds. */
  end(): void;
}

/** Times that a renewal may be missed. */
const MISSED_MAX = 20;

/** See the module header. Timers run by the machine's clock, and so do leases. */
export class StreamLeases {
  readonly #leaseMs: number;
  readonly #renewedAt = new Map<LeasedStream, number>();

  /** Each stream renews its lease about every `renewMs`. */
  constructor(renewMs: number) {
    this.#leaseMs = MISSED_MAX * renewMs;
  }

  /** Begins a lease, or renews it. */
  renew(stream: LeasedStream): void {
    this.#renewedAt.set(stream, systemClock.monotonic());
  }

  /** The stream has ended by itself. */
  release(stream: LeasedStream): void {
    this.#renewedAt.delete(stream);
  }

  /** Ends the streams whose lease has run out. */
  sweep(): void {
    const now = systemClock.monotonic();
    for (const [stream, at] of this.#renewedAt) {
      if (now - at <= this.#leaseMs) continue;
      this.#renewedAt.delete(stream);
      stream.end();
    }
  }
}
