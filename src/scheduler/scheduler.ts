/**
 * The scheduler: cooperative tasks in priority order, cut into slices of about a millisecond.
 *
 * ```
 * run(task) ─► first slice at once ─ done? ─► resolves without a turn of the event loop
 *                     │ no
 *                     ▼
 *             queue by priority ─► turn: slices, highest priority first, round robin among equals,
 *                                  until TURN_MS is used ─► event loop ─► next turn ...
 * ```
 *
 * Each task learns how many rows fit in a slice from the time its last step took, so a slow expression and
 * a fast scan both keep to the quantum. Abort signals and deadlines are looked at before every slice; a turn
 * is short enough for an abort to be seen within a few milliseconds. Choosing the next task is O(tasks).
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { LimitError, type LiveViewError } from "../base/error.ts";
import type { Task } from "./task.ts";
import { createYieldTurn, type YieldTurn } from "./event_loop.ts";

/** Settings of a {@linkcode Scheduler}. */
export interface SchedulerOptions {
  readonly clock: Clock;
  /** Length of a slice in milliseconds; 1 by default. */
  readonly sliceMs?: number;
  /** Work between two turns of the event loop in milliseconds; 5 by default. */
  readonly turnMs?: number;
  /** Tasks that may be under way at once; 10,000 by default. */
  readonly tasksMax?: number;
  /** How to yield; tests pass their own. */
  readonly yieldTurn?: YieldTurn;
}

interface Entry {
  readonly task: Task;
  readonly deadlineAt: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  budget: number;
  /** Sequence number of the last slice, for round robin. */
  lastSlice: number;
}

const BUDGET_FIRST = 16_384;
const BUDGET_MIN = 256;
const BUDGET_MAX = 1 << 22;

/** Runs tasks; see the module header. */
export class Scheduler {
  readonly #clock: Clock;
  readonly #sliceMs: number;
  readonly #turnMs: number;
  readonly #tasksMax: number;
  readonly #yieldTurn: YieldTurn;
  readonly #entries: Entry[] = [];
  #sliceCount = 0;
  #running = false;
  #closed = false;

  constructor(options: SchedulerOptions) {
    this.#clock = options.clock;
    this.#sliceMs = options.sliceMs ?? 1;
    this.#turnMs = options.turnMs ?? 5;
    this.#tasksMax = options.tasksMax ?? 10_000;
    this.#yieldTurn = options.yieldTurn ?? createYieldTurn();
  }

  /** Tasks under way. */
  get taskCount(): number {
    return this.#entries.length;
  }

  /**
   * Runs `task` to its end.
   *
   * @throws {LimitError} `aborted`, `deadline-exceeded`, or `queue-limit` when too many tasks wait.
   */
  run(task: Task): Promise<void> {
    const entry = this.#admit(task);
    // A task that nothing competes with does its first slice here: small queries never wait for a turn.
    if (this.#entries.length === 0 && this.#runSlice(entry)) return Promise.resolve();
    return new Promise<void>((resolve, reject) => {
      this.#entries.push({ ...entry, resolve, reject });
      void this.#drain();
    });
  }

  /** Stops every task with `closed`. */
  close(): void {
    this.#closed = true;
    const error = new LimitError("aborted", "The database was closed while the statement ran");
    for (const entry of this.#entries.splice(0)) {
      entry.task.close?.();
      entry.reject(error);
    }
  }

  #admit(task: Task): Entry {
    if (this.#entries.length >= this.#tasksMax) {
      throw new LimitError(
        "queue-limit",
        `Cannot start ${task.name}: ${this.#tasksMax} tasks are under way`,
        {
          details: { limit: this.#tasksMax },
          hint: "retry later or raise tasksMax",
        },
      );
    }
    const ignore = () => {};
    return {
      task,
      deadlineAt: task.deadlineMs === undefined ? Infinity : this.#clock.monotonic() + task.deadlineMs,
      resolve: ignore,
      reject: ignore,
      budget: BUDGET_FIRST,
      lastSlice: 0,
    };
  }

  /** One slice of `entry`; true when the task is done. Errors close the task and are thrown. */
  #runSlice(entry: Entry): boolean {
    const { task } = entry;
    entry.lastSlice = ++this.#sliceCount;
    try {
      this.#checkStop(entry);
      const start = this.#clock.monotonic();
      let elapsed = 0;
      do {
        if (task.step(entry.budget)) return true;
        const before = elapsed;
        elapsed = this.#clock.monotonic() - start;
        adaptBudget(entry, elapsed - before, this.#sliceMs);
      } while (elapsed < this.#sliceMs);
      return false;
    } catch (error) {
      task.close?.();
      throw error;
    }
  }

  #checkStop(entry: Entry): void {
    if (this.#closed) throw new LimitError("aborted", "The database is closed");
    if (entry.task.signal?.aborted) throw abortError(entry.task);
    if (this.#clock.monotonic() >= entry.deadlineAt) {
      throw new LimitError(
        "deadline-exceeded",
        `The ${entry.task.name} passed its deadline of ${entry.task.deadlineMs} ms`,
        {
          details: { deadlineMs: entry.task.deadlineMs },
          hint: "raise deadlineMs or make the query cheaper",
        },
      );
    }
  }

  async #drain(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#entries.length > 0) {
        await this.#yieldTurn();
        this.#turn();
      }
    } finally {
      this.#running = false;
    }
  }

  #turn(): void {
    const end = this.#clock.monotonic() + this.#turnMs;
    do {
      const entry = this.#next();
      if (entry === undefined) return;
      try {
        if (!this.#runSlice(entry)) continue;
        this.#remove(entry);
        entry.resolve();
      } catch (error) {
        this.#remove(entry);
        entry.reject(error);
      }
    } while (this.#clock.monotonic() < end);
  }

  #next(): Entry | undefined {
    let best: Entry | undefined;
    for (const entry of this.#entries) {
      if (
        best === undefined || entry.task.priority > best.task.priority ||
        (entry.task.priority === best.task.priority && entry.lastSlice < best.lastSlice)
      ) best = entry;
    }
    return best;
  }

  #remove(entry: Entry): void {
    const at = this.#entries.indexOf(entry);
    if (at >= 0) this.#entries.splice(at, 1);
  }
}

/** The error of a task whose signal was aborted; the signal's own reason is kept as cause. */
export function abortError(task: Pick<Task, "name" | "signal">): LiveViewError {
  return new LimitError("aborted", `The ${task.name} was aborted`, { cause: task.signal?.reason });
}

function adaptBudget(entry: Entry, stepMs: number, sliceMs: number): void {
  if (stepMs > sliceMs) {
    entry.budget = Math.max(BUDGET_MIN, Math.floor(entry.budget * Math.max(0.25, sliceMs / stepMs)));
  } else if (stepMs < sliceMs / 2) entry.budget = Math.min(BUDGET_MAX, entry.budget * 2);
}
