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
  /** Sets whose groups are complete. */
  #prepared = 0;

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

  finish(budget: RowBudget): boolean {
    const { sets } = this.#options;
    while (this.#prepared < sets.length) {
      const set = sets[this.#prepared]!;
      if (!set.program.prepare(groupCount(set), budget)) return false;
      this.#prepared++;
    }
    return true;
  }

  #add(set: GroupingSet, keys: readonly DenseVector[], scalars: readonly Vector[], size: number): void {
    if (set.table === null) return set.program.add(null, 1, scalars, size);
    const own = set.keys.map((index) => keys[index]!);
    set.table.assign(own, size, this.#ids);
    set.program.add(this.#ids, set.table.count, scalars, size);
  }
}

function groupCount(set: GroupingSet): number {
  return set.table === null ? 1 : set.table.count;
}

/** Reads the groups of each set in turn; they are complete when reading starts. */
export class GroupSource implements Source {
  readonly #options: AggregateOptions;
  readonly #positions: readonly number[];
  #set = 0;
  #at = 0;

  /** `positions`: which of keys, aggregates and GROUPING columns to give. */
  constructor(options: AggregateOptions, positions: readonly number[]) {
    this.#options = options;
    this.#positions = positions;
  }

  next(budget: RowBudget): Chunk | null {
    const { sets } = this.#options;
    while (this.#set < sets.length) {
      const set = sets[this.#set]!;
      const from = this.#at;
      const to = Math.min(from + CHUNK_ROWS, groupCount(set));
      if (from < to) {
        this.#at = to;
        budget.rows -= to - from;
        return this.#groups(set, from, to);
      }
      this.#set++;
      this.#at = 0;
    }
    return null;
  }

  #groups(set: GroupingSet, from: number, to: number): Chunk {
    const size = to - from;
    const keys = set.table?.keySlice(from, to) ?? [];
    const { keyTypes, groupingTypes } = this.#options;
    const columns: Vector[] = keyTypes.map((type, index) => {
      const at = set.keys.indexOf(index);
      return at < 0 ? nullVector(type, size) : keys[at]!;
    });
    columns.push(...set.program.results(from, to));
    groupingTypes.forEach((type, j) => columns.push(constantVector(type, set.grouping[j]!, size)));
    return { size, columns: this.#positions.map((position) => columns[position]!) };
  }
}
