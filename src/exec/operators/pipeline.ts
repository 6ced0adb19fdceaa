/**
 * Drives a pipeline: a {@linkcode Chain} pulls chunks through streaming operators, a {@linkcode Pipeline}
 * feeds them to a sink.
 *
 * Stage 0 is the source, stage k the k-th operator. The chain keeps the stage that may still have output,
 * so it resumes where it stopped:
 *
 * ```
 * stage    0         1         2
 *       source -> filter -> join     ask the current stage; null goes one back, a chunk goes one on
 *          ^ first live stage
 * ```
 *
 * When the first live stage has ended, the next one is flushed and becomes the first. Cost per chunk and
 * stage: two calls.
 *
 * @module
 */
import type { Chunk } from "../../storage/vector.ts";
import {
  EMPTY_CHUNK,
  type RowBudget,
  type Sink,
  type Source,
  type StreamOperator,
  type Task,
} from "./operator.ts";

/** A source followed by streaming operators; itself a source. */
export class Chain implements Source {
  readonly #source: Source;
  readonly #operators: readonly StreamOperator[];
  /** Stages before this one have ended. */
  #first = 0;
  /** The stage to ask next, at least `#first`. */
  #stage = 0;

  constructor(source: Source, operators: readonly StreamOperator[]) {
    this.#source = source;
    this.#operators = operators;
  }

  next(budget: RowBudget): Chunk | null {
    const operators = this.#operators;
    while (this.#first <= operators.length) {
      if (budget.rows <= 0) return EMPTY_CHUNK;
      const stage = this.#stage;
      const chunk = stage === 0 ? this.#source.next(budget) : this.#ask(stage, budget);
      if (chunk === null) {
        if (stage > this.#first) this.#stage = stage - 1;
        else this.#endFirst();
        continue;
      }
      if (chunk.size === 0) continue;
      if (stage === operators.length) {
        budget.rows -= chunk.size;
        return chunk;
      }
      operators[stage]!.accept(chunk);
      this.#stage = stage + 1;
    }
    return null;
  }

  close(): void {
    this.#source.close?.();
    for (const operator of this.#operators) operator.close?.();
  }

  #ask(stage: number, budget: RowBudget): Chunk | null {
    const operator = this.#operators[stage - 1]!;
    const chunk = operator.next(budget);
    if (operator.exhausted === true) this.#first = stage;
    return chunk;
  }

  #endFirst(): void {
    this.#first++;
    this.#stage = this.#first;
    if (this.#first <= this.#operators.length) this.#operators[this.#first - 1]!.flush?.();
  }
}

/** Runs a source into a sink. */
export class Pipeline implements Task {
  readonly #source: Source;
  readonly #sink: Sink;
  #ended = false;

  constructor(source: Source, sink: Sink) {
    this.#source = source;
    this.#sink = sink;
  }

  run(budget: RowBudget): boolean {
    while (!this.#ended) {
      if (budget.rows <= 0) return false;
      const chunk = this.#sink.exhausted === true ? null : this.#source.next(budget);
      if (chunk === null) {
        this.#ended = true;
        this.#source.close?.();
      } else if (chunk.size > 0) this.#sink.consume(chunk);
    }
    return this.#sink.finish(budget);
  }

  close(): void {
    this.#source.close?.();
    this.#sink.close?.();
  }
}
