/**
 * GROUP BY: keys to dense group ids, then accumulators in arrays by id.
 *
 * With grouping sets there is one key table and one set of accumulators for each; the input is read once.
 * The empty set has one group, also without input. O(sets * (keys + aggregates)) a row.
 *
 * @module
 */
import type { SqlType } from "../../storage/sql_type.ts";
import type { Chunk, Vector } from "../../storage/vector.ts";
import type { AggregateProgram } from "../aggregates/aggregate_program.ts";
import type { ProjectionEvaluator } from "../expression/compile.ts";
import type { KeyTable } from "../key_table.ts";
import { materialize } from "../materialize.ts";
import { constantVector, type DenseVector, nullVector } from "../vector_build.ts";
import type { MemoryShare } from "./memory_budget.ts";
import type { RowBudget, Sink, Source } from "./operator.ts";
import { chunkSlice } from "./select_rows.ts";
import { CHUNK_ROWS } from "../../storage/vector.ts";

/** One grouping set with its state. */
export interface GroupingSet {
  /** Indexes of the keys in the set. */
  readonly keys: readonly number[];
  /** `null` for the empty set. */
  readonly table: KeyTable | null;
  readonly program: AggregateProgram;
  /** Values of the GROUPING columns. */
  readonly grouping: readonly number[];
}

/** What an aggregation is made of. */
export interface AggregateOptions {
  /** Types of all keys. */
  readonly keyTypes: readonly SqlType[];
  readonly groupingTypes: readonly SqlType[];
  readonly sets: readonly GroupingSet[];
  /** The keys, and then the scalars of the program. */
  readonly projection: ProjectionEvaluator;
  readonly memory: MemoryShare;
}

/** Groups and aggregates its input. */
export class AggregateSink implements Sink {
  readonly #options: AggregateOptions;
  #ids: Int32Array = new Int32Array(CHUNK_ROWS);
  /** The finished rows of each set. */
  readonly results: Chunk[] = [];

  constructor(options: AggregateOptions) {
    this.#options = options;
  }

  consume(chunk: Chunk): void {
    const { keyTypes, sets, projection, memory } = this.#options;
    const { size } = chunk;
    const vectors = projection.evaluate(chunk);
    const keys = vectors.slice(0, keyTypes.length).map((vector) => materialize(vector, size));
    const scalars = vectors.slice(keyTypes.length);
    if (this.#ids.length < size) this.#ids = new Int32Array(size);
    let bytes = 0;
    for (const set of sets) {
      this.#add(set, keys, scalars, size);
      bytes += (set.table?.memoryBytes ?? 0) + set.program.memoryBytes;
    }
    memory.set(bytes);
  }

  finish(_budget: RowBudget): boolean {
    const set = this.#options.sets[this.results.length];
    if (set === undefined) return true;
    this.results.push(this.#result(set));
    return this.results.length === this.#options.sets.length;
  }

  #add(set: GroupingSet, keys: readonly DenseVector[], scalars: readonly Vector[], size: number): void {
    if (set.table === null) return set.program.add(null, 1, scalars, size);
    const own = set.keys.length === keys.length ? keys : set.keys.map((index) => keys[index]!);
    set.table.assign(own, size, this.#ids);
    set.program.add(this.#ids, set.table.count, scalars, size);
  }

  #result(set: GroupingSet): Chunk {
    const size = set.table === null ? 1 : set.table.count;
    const own = set.table === null ? [] : set.table.keys();
    const { keyTypes, groupingTypes } = this.#options;
    const columns: Vector[] = keyTypes.map((type, index) => {
      const at = set.keys.indexOf(index);
      return at < 0 ? nullVector(type, size) : own[at]!;
    });
    columns.push(...set.program.results(size));
    groupingTypes.forEach((type, j) => columns.push(constantVector(type, set.grouping[j]!, size)));
    return { size, columns };
  }
}

/** Reads finished rows; they are complete when reading starts. */
export class ResultSource implements Source {
  readonly #results: () => readonly Chunk[];
  readonly #positions: readonly number[];
  #index = 0;
  #at = 0;

  /** `positions`: which columns to give. */
  constructor(results: () => readonly Chunk[], positions: readonly number[]) {
    this.#results = results;
    this.#positions = positions;
  }

  next(_budget: RowBudget): Chunk | null {
    const results = this.#results();
    while (this.#index < results.length) {
      const whole = results[this.#index]!;
      if (this.#at >= whole.size) {
        this.#index++;
        this.#at = 0;
        continue;
      }
      const from = this.#at;
      this.#at = Math.min(from + CHUNK_ROWS, whole.size);
      return chunkSlice(whole, this.#positions, from, this.#at);
    }
    return null;
  }
}
