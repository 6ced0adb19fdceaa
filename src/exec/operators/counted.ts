/**
 * Counts what goes through a source, an operator or a sink, and times it when there is a clock.
 *
 * The cost is a call a chunk.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import type { Chunk } from "../../storage/vector.ts";
import type { RowBudget, RowCounts, Sink, Source, StreamOperator } from "./operator.ts";

/** A source with counters. */
export class CountedSource implements Source {
  readonly #inner: Source;
  readonly #counts: RowCounts;
  readonly #clock: Clock | undefined;

  constructor(inner: Source, counts: RowCounts, clock: Clock | undefined) {
    this.#inner = inner;
    this.#counts = counts;
    this.#clock = clock;
  }

  next(budget: RowBudget): Chunk | null {
    const start = this.#clock?.monotonic() ?? 0;
    const chunk = this.#inner.next(budget);
    if (chunk !== null) this.#counts.rowsOut += chunk.size;
    if (this.#clock !== undefined) this.#counts.timeMs += this.#clock.monotonic() - start;
    return chunk;
  }

  close(): void {
    this.#inner.close?.();
  }
}

/** An operator with counters. */
export class CountedOperator implements StreamOperator {
  readonly #inner: StreamOperator;
  readonly #counts: RowCounts;
  readonly #clock: Clock | undefined;

  constructor(inner: StreamOperator, counts: RowCounts, clock: Clock | undefined) {
    this.#inner = inner;
    this.#counts = counts;
    this.#clock = clock;
  }

  get exhausted(): boolean {
    return this.#inner.exhausted === true;
  }

  accept(chunk: Chunk): void {
    const start = this.#clock?.monotonic() ?? 0;
    this.#counts.rowsIn += chunk.size;
    this.#inner.accept(chunk);
    if (this.#clock !== undefined) this.#counts.timeMs += this.#clock.monotonic() - start;
  }

  next(budget: RowBudget): Chunk | null {
    const start = this.#clock?.monotonic() ?? 0;
    const chunk = this.#inner.next(budget);
    if (chunk !== null) this.#counts.rowsOut += chunk.size;
    if (this.#clock !== undefined) this.#counts.timeMs += this.#clock.monotonic() - start;
    return chunk;
  }

  flush(): void {
    this.#inner.flush?.();
  }

  close(): void {
    this.#inner.close?.();
  }
}

/** A sink with counters. */
export class CountedSink implements Sink {
  readonly #inner: Sink;
  readonly #counts: RowCounts;
  readonly #clock: Clock | undefined;

  constructor(inner: Sink, counts: RowCounts, clock: Clock | undefined) {
    this.#inner = inner;
    this.#counts = counts;
    this.#clock = clock;
  }

  get exhausted(): boolean {
    return this.#inner.exhausted === true;
  }

  consume(chunk: Chunk): void {
    const start = this.#clock?.monotonic() ?? 0;
    this.#counts.rowsIn += chunk.size;
    this.#inner.consume(chunk);
    if (this.#clock !== undefined) this.#counts.timeMs += this.#clock.monotonic() - start;
  }

  finish(budget: RowBudget): boolean {
    const start = this.#clock?.monotonic() ?? 0;
    const done = this.#inner.finish(budget);
    if (this.#clock !== undefined) this.#counts.timeMs += this.#clock.monotonic() - start;
    return done;
  }

  close(): void {
    this.#inner.close?.();
  }
}
