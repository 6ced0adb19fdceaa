/**
 * Recursive common table: the base, then rounds of the step over the rows of the round before (semi-naive),
 * until a round gives nothing new.
 *
 * ```
 * delta 0 = base            delta n+1 = step(delta n) minus what is known already (UNION)
 *                                       step(delta n)                             (UNION ALL)
 * ```
 *
 * Every round has pipelines of its own; the build sides of its joins that do not depend on the round are kept
 * by whoever makes the pipelines. O(rows * cost of the step).
 *
 * @module
 */
import { LimitError } from "../../base/error.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import { type Chunk, CHUNK_ROWS } from "../../storage/vector.ts";
import { KeyTable } from "../key_table.ts";
import type { MemoryShare } from "./memory_budget.ts";
import type { RowBudget, Sink, Task } from "./operator.ts";
import { RowStore } from "./row_store.ts";

const ROUNDS_MAX = 1_000_000;

/** Tasks that send rows to a sink. */
export type RoundTasks = (sink: FixpointSink) => readonly Task[];

/** Collects the rows of a round, without those known when duplicates are to go. */
export class FixpointSink implements Sink {
  readonly #fixpoint: Fixpoint;
  readonly #positions: readonly number[];

  constructor(fixpoint: Fixpoint, positions: readonly number[]) {
    this.#fixpoint = fixpoint;
    this.#positions = positions;
  }

  /** The same rows with columns taken from other positions. */
  at(positions: readonly number[]): FixpointSink {
    return new FixpointSink(this.#fixpoint, positions);
  }

  consume(chunk: Chunk): void {
    this.#fixpoint.add({
      size: chunk.size,
      columns: this.#positions.map((position) => chunk.columns[position]!),
    });
  }

  finish(): boolean {
    return true;
  }
}

/** Runs the rounds. */
export class Fixpoint implements Task {
  readonly #types: readonly SqlType[];
  readonly #memory: MemoryShare;
  readonly #known: KeyTable | null;
  readonly #ids: Int32Array = new Int32Array(CHUNK_ROWS);
  readonly #round: RoundTasks;
  #tasks: readonly Task[];
  #current = 0;
  #roundNumber = 0;
  #next: RowStore;
  /** All rows so far. */
  readonly all: RowStore;
  /** The rows of the round before: what the step reads. */
  delta: RowStore;

  constructor(
    options: {
      readonly types: readonly SqlType[];
      readonly keepsDuplicates: boolean;
      readonly memory: MemoryShare;
      readonly base: RoundTasks;
      /** Makes the pipelines of one round. */
      readonly round: RoundTasks;
    },
  ) {
    this.#types = options.types;
    this.#memory = options.memory;
    this.#known = options.keepsDuplicates ? null : new KeyTable(options.types.map((type) => ({ type })));
    this.#round = options.round;
    this.all = new RowStore(options.types);
    this.delta = new RowStore(options.types);
    this.#next = new RowStore(options.types);
    this.#tasks = options.base(new FixpointSink(this, []));
  }

  run(budget: RowBudget): boolean {
    for (;;) {
      while (this.#current < this.#tasks.length) {
        if (!this.#tasks[this.#current]!.run(budget)) return false;
        this.#current++;
      }
      for (const task of this.#tasks) task.close();
      this.#tasks = [];
      if (this.#next.rowCount === 0) return true;
      this.delta = this.#next;
      this.#next = new RowStore(this.#types);
      this.#checkRounds();
      this.#tasks = this.#round(new FixpointSink(this, []));
      this.#current = 0;
      budget.rows -= CHUNK_ROWS;
    }
  }

  close(): void {
    for (const task of this.#tasks) task.close();
    this.#tasks = [];
  }

  /** Adds rows to the round. */
  add(chunk: Chunk): void {
    if (this.#known === null) {
      this.#next.append(chunk.columns, chunk.size);
      this.all.append(chunk.columns, chunk.size);
    } else {
      const added = this.#known.assign(chunk.columns, chunk.size, this.#ids);
      const fresh = this.#known.freshRows;
      this.#next.appendSelected(chunk.columns, fresh, added);
      this.all.appendSelected(chunk.columns, fresh, added);
    }
    this.#memory.set(this.all.memoryBytes + this.#next.memoryBytes + (this.#known?.memoryBytes ?? 0));
  }

  #checkRounds(): void {
    this.#roundNumber++;
    if (this.#roundNumber <= ROUNDS_MAX) return;
    throw new LimitError("depth-limit", `Recursive common table did not end after ${ROUNDS_MAX} rounds`, {
      details: { limit: ROUNDS_MAX, actual: this.#roundNumber },
      hint: "bound the recursion by a condition, or use UNION instead of UNION ALL",
    });
  }
}
