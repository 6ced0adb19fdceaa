/**
 * Alarms: work that is due at a time of the injected clock.
 *
 * One timer of the runtime, or what the caller has in its place, waits for the earliest alarm; what is due is
 * decided by the clock alone, so a test moves the clock and calls `runDue`. Times are monotonic: a wall clock that
 * jumps moves no alarm. The timer does not keep a process alive. Setting and cancelling are O(1), finding the
 * earliest is O(alarms).
 *
 * @module
 */
import type { Clock } from "../../src/base/clock.ts";

/** What an alarm runs. It reports its own errors. */
type Work = () => Promise<void> | void;

interface Alarm {
  readonly at: number;
  readonly work: Work;
}

/** Asked to have `runDue` called in `delayMs`; a later call replaces an earlier one. */
export type WakeUp = (delayMs: number) => void;

/** Runtimes cannot wait longer in one timer. */
const DELAY_MAX_MS = 2 ** 31 - 1;

/** See the module header. */
export class Alarms {
  readonly #clock: Clock;
  readonly #alarms = new Map<object, Alarm>();
  readonly #wakeUp: WakeUp | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;
  #closed = false;

  /** With `wakeUp` there is no timer: it is told when `runDue` is wanted. */
  constructor(clock: Clock, wakeUp?: WakeUp) {
    this.#clock = clock;
    this.#wakeUp = wakeUp;
  }

  /** The time that alarms are set by. */
  now(): number {
    return this.#clock.monotonic();
  }

  /** Runs `work` at `at`, once; an owner has one alarm. */
  set(owner: object, at: number, work: Work): void {
    if (this.#closed) return;
    this.#alarms.set(owner, { at, work });
    if (at < this.#timerAt) this.#arm(at);
  }

  cancel(owner: object): void {
    this.#alarms.delete(owner);
    if (this.#alarms.size === 0) this.#disarm();
  }

  /** Whether `runDue` has something to do. */
  isDue(): boolean {
    const now = this.now();
    for (const { at } of this.#alarms.values()) if (at <= now) return true;
    return false;
  }

  /** Runs what is due; resolves when all of it is done. */
  async runDue(): Promise<void> {
    const now = this.now();
    const due = [...this.#alarms].filter(([, { at }]) => at <= now);
    for (const [owner] of due) this.#alarms.delete(owner);
    due.sort(([, a], [, b]) => a.at - b.at);
    for (const [, { work }] of due) await work();
    if (this.#wakeUp !== undefined) this.#armNext();
  }

  close(): void {
    this.#closed = true;
    this.#alarms.clear();
    this.#disarm();
  }

  #arm(at: number): void {
    this.#disarm();
    this.#timerAt = at;
    const delay = Math.min(Math.max(1, Math.ceil(at - this.now())), DELAY_MAX_MS);
    if (this.#wakeUp !== undefined) return this.#wakeUp(delay);
    this.#timer = setTimeout(() => void this.#wake(), delay);
    release(this.#timer);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  async #wake(): Promise<void> {
    this.#disarm();
    await this.runDue();
    this.#armNext();
  }

  #armNext(): void {
    if (this.#wakeUp !== undefined) this.#disarm();
    let next = Infinity;
    for (const { at } of this.#alarms.values()) next = Math.min(next, at);
    if (next < this.#timerAt) this.#arm(next);
  }
}

/** Lets the process end while the timer waits: Node and Bun have a method, Deno a function. */
function release(timer: unknown): void {
  if (typeof timer === "number") {
    // The type adds an optional function to the global object, and says nothing that is not checked.
    const { Deno } = globalThis as { readonly Deno?: { unrefTimer?(id: number): void } };
    Deno?.unrefTimer?.(timer);
  } else if (typeof timer === "object" && timer !== null && "unref" in timer) {
    if (typeof timer.unref === "function") timer.unref();
  }
}
