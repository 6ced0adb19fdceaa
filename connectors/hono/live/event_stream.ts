/**
 * One subscription as a stream of server-sent events.
 *
 * ```
 * reader takes a chunk ─► pull ─► next part of the change under way, or the next change ─► bytes
 * ```
 *
 * Nothing is encoded before the reader wants it: one chunk waits at most, and what comes meanwhile is merged by the
 * subscription, which holds a bounded number of rows. A reader that takes nothing for `stallMs` is disconnected. The
 * end of the stream, whoever makes it, ends the subscription and its timer.
 *
 * @module
 */
import type { Clock } from "../../../src/base/clock.ts";
import { AccessError, LimitError } from "../../../src/base/error.ts";
import type { ChangeStream, SubscriptionEnd } from "../../../src/kernel/hooks.ts";
import { problemOf } from "../problem.ts";
import type { ChangePart, ChangeTexts } from "./change_text.ts";
import { type EventBytes, eventBytes, HEARTBEAT, retryBytes } from "./event_text.ts";
import { type LiveLimits, tickMsOf } from "./live_limits.ts";
import type { StreamLeases } from "./stream_leases.ts";

/** What a stream is made of. */
export interface EventStreamOptions {
  readonly changes: ChangeStream;
  /** Sent before all changes. */
  readonly first: ChangePart | undefined;
  readonly texts: ChangeTexts;
  readonly bytes: EventBytes;
  readonly limits: LiveLimits;
  readonly leases: StreamLeases;
  readonly clock: Clock;
  /** Wall-clock milliseconds after which the caller has to show credentials again. */
  readonly expiresAt: number | undefined;
  readonly signal: AbortSignal;
  /** Called once at the end. */
  readonly onEnd: () => void;
}

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;

/** The stream; it is open until it is cancelled, the signal fires or the subscription ends. */
export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array<ArrayBuffer>> {
  const source = new LiveSource(options);
  return new ReadableStream({
    start: (controller) => source.start(controller),
    pull: () => source.pull(),
    cancel: () => source.end(),
  });
}

class LiveSource {
  readonly #options: EventStreamOptions;
  #controller: Controller | undefined;
  /** Parts of the change under way. */
  #parts: Iterator<ChangePart>;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Monotonic. While something waits for the reader, nothing more is sent. */
  #sentAt: number;
  #ended = false;
  readonly #onAbort = () => this.#close();

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#parts = (options.first === undefined ? [] : [options.first]).values();
    this.#sentAt = options.clock.monotonic();
  }

  start(controller: Controller): void {
    const { limits, leases, signal } = this.#options;
    this.#controller = controller;
    this.#send(retryBytes(limits.retryMs));
    this.#timer = setInterval(() => this.#tick(), tickMsOf(limits));
    leases.renew(this);
    signal.addEventListener("abort", this.#onAbort, { once: true });
    if (signal.aborted) this.#close();
  }

  async pull(): Promise<void> {
    try {
      const part = await this.#nextPart();
      if (this.#ended) return;
      if (typeof part === "object") this.#send(this.#options.bytes.of(part));
      else this.#finish(part);
    } catch (error) {
      if (!this.#ended) this.#fail(error);
    }
  }

  /** Ends the subscription; the stream is closed already. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.leases.release(this);
    clearInterval(this.#timer);
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    void this.#options.changes.return();
    this.#options.onEnd();
  }

  async #nextPart(): Promise<ChangePart | SubscriptionEnd | undefined> {
    for (;;) {
      const part = this.#parts.next();
      if (!part.done) return part.value;
      const { done, value } = await this.#options.changes.next();
      if (done) return value;
      this.#parts = this.#options.texts.parts(value)[Symbol.iterator]();
    }
  }

  /** A closed database is about to come back, and a client connects again: no event tells it not to. */
  #finish(end: SubscriptionEnd | undefined): void {
    if (end === "dropped" || end === "replaced") this.#send(eventBytes("end", { reason: end }));
    this.#close();
  }

  #fail(error: unknown): void {
    this.#send(eventBytes("error", problemOf(error)));
    this.#close();
  }

  #close(): void {
    if (this.#ended) return;
    this.end();
    this.#controller?.close();
  }

  #tick(): void {
    const { limits, leases, clock, expiresAt } = this.#options;
    leases.renew(this);
    const now = clock.monotonic();
    const isWaiting = (this.#controller?.desiredSize ?? 0) <= 0;
    if (isWaiting && now - this.#sentAt >= limits.stallMs) {
      this.end();
      // What waits in the stream is of no use any more: an error discards it, a close would keep it.
      this.#controller?.error(stalled(limits.stallMs));
      return;
    }
    if (expiresAt !== undefined && clock.now() >= expiresAt) {
      this.#fail(
        new AccessError("unauthenticated", "The credentials of this stream have expired", {
          details: { expiresAt },
          hint: "connect again with a new token",
        }),
      );
      return;
    }
    if (!isWaiting && now - this.#sentAt >= limits.heartbeatMs) this.#send(HEARTBEAT);
  }

  #send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#sentAt = this.#options.clock.monotonic();
    this.#controller?.enqueue(bytes);
  }
}

function stalled(stallMs: number): LimitError {
  return new LimitError("aborted", `The reader took nothing for ${stallMs} ms`, { details: { stallMs } });
}
