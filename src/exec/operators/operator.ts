/**
 * The parts of a pipeline: a source, streaming operators and a sink, and the task that runs them.
 *
 * ```
 * source -> operator -> operator -> sink
 *   next()    accept()/next()       consume(), then finish()
 * ```
 *
 * Nobody calls back and nobody waits: whoever has more output than one chunk gives one chunk a call and
 * keeps its place in fields, so a pipeline can stop between any two calls and go on later. Work is counted
 * in rows on a {@linkcode RowBudget} that the driver watches.
 *
 * Ownership: a chunk that `next` returns holds until the next call of `next` on the same object. Whoever
 * keeps values copies them.
 *
 * @module
 */
import type { Chunk } from "../../storage/vector.ts";

/** Rows of work that may still be done before the driver must return. */
export class RowBudget {
  /** Falls as rows are examined or produced; at 0 or below the driver stops. */
  rows = 0;
}

/** Gives chunks. A chunk of size 0 means "nothing now, call again"; `null` means the end. */
export interface Source {
  next(budget: RowBudget): Chunk | null;
  /** Frees what it holds. Idempotent. */
  close?(): void;
}

/** Turns chunks into chunks. */
export interface StreamOperator {
  /** Takes a chunk; only called when `next` has returned `null` since the last one. */
  accept(chunk: Chunk): void;
  /** The next output for what was accepted, of size 0 for "call again", or `null` when input is needed. */
  next(budget: RowBudget): Chunk | null;
  /** Called once after the last input; `next` may then give more chunks. */
  flush?(): void;
  /** True once further input cannot change the output: what comes before is then stopped. */
  readonly exhausted?: boolean;
  close?(): void;
}

/** Takes chunks until the end; a breaker of pipelines. */
export interface Sink {
  consume(chunk: Chunk): void;
  /** Called after the last chunk until it returns true; does a slice of work a call. */
  finish(budget: RowBudget): boolean;
  /** True once further input cannot change the result. */
  readonly exhausted?: boolean;
  close?(): void;
}

/** A unit of an execution that runs in slices. */
export interface Task {
  /** Works until the budget is used up; true when done. */
  run(budget: RowBudget): boolean;
  close(): void;
}

/** What one operator did, for EXPLAIN ANALYZE and for tests that count work. */
export interface RowCounts {
  rowsIn: number;
  rowsOut: number;
  /** Stored or buffered rows looked at. */
  rowsExamined: number;
  timeMs: number;
}

/** The chunk that says "nothing now". */
export const EMPTY_CHUNK: Chunk = Object.freeze({ size: 0, columns: [] });
