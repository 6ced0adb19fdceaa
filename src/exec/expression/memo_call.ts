/**
 * Functions of one text or date, evaluated once for each distinct value.
 *
 * A text that comes as dictionary codes has few distinct values, and so has a date: there are 65,536 days in
 * 180 years. Results are kept in a table by code or day, filled when a value is first seen; a chunk is then
 * one gather from that table.
 *
 * ```
 * codes     [ 2 0 2 1 ]
 * results   { 0: "AIR", 1: -, 2: "SHIP" }      1 is not yet known: evaluate and keep
 * ```
 *
 * @module
 */
import type { Dictionary } from "../../storage/dictionary.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import { type Chunk, CHUNK_ROWS, type NullBytes } from "../../storage/vector.ts";
import { refineCodeInt32, selectCodeInt32 } from "../kernels/filter.gen.ts";
import { refineKnown } from "../kernels/nulls.ts";
import type { DenseVector } from "../vector_build.ts";
import { withSpan } from "./error_span.ts";
import { ResultTable } from "./result_table.ts";
import { callRows, type RowFunction } from "./row_call.ts";
import { type ScalarNode, traitsOf } from "./scalar_node.ts";
import type { SelectiveNode } from "./selective.ts";

/** Days that a table covers, and how far before the first day seen it starts. */
const DAY_COUNT = 65536;
const DAYS_BEFORE = 32768;

/** Calls a function of one argument that is no constant. */
export class MemoCallNode implements ScalarNode {
  readonly type: SqlType;
  readonly columns: ReadonlySet<number>;
  readonly fallible = true;
  readonly volatile: boolean;
  readonly #function: RowFunction;
  readonly #arguments: readonly ScalarNode[];
  /** Index of the argument that varies. */
  readonly #varying: number;
  readonly #byDictionary = new WeakMap<Dictionary, ResultTable>();
  #byDay: ResultTable | null = null;
  #firstDay = 0;
  #keys = new Int32Array(0);

  constructor(rowFunction: RowFunction, args: readonly ScalarNode[], varying: number) {
    const traits = traitsOf(args, true);
    this.type = rowFunction.context.resultType;
    this.columns = traits.columns;
    this.volatile = traits.volatile;
    this.#function = rowFunction;
    this.#arguments = args;
    this.#varying = varying;
  }

  evaluate(chunk: Chunk): DenseVector {
    const vector = this.#arguments[this.#varying]!.evaluate(chunk);
    const keyed = this.#prepare(vector, chunk.size);
    if (keyed !== null) return keyed.table.read(keyed.keys, vector.nulls, chunk.size);
    const vectors = this.#arguments.map((node, i) => i === this.#varying ? vector : node.evaluate(chunk));
    return callRows(this.#function, vectors, chunk.size);
  }

  /** Keys of the values with all their results known; null when values have no keys. */
  #prepare(vector: DenseVector, size: number): Keyed | null {
    if (vector.nulls !== null && !this.#function.strict) return null;
    if (vector.kind === "code") {
      const { dictionary } = vector;
      let table = this.#byDictionary.get(dictionary);
      if (table === undefined) {
        table = new ResultTable(this.type, (code) => this.#evaluate(dictionary.strings[code]!));
        this.#byDictionary.set(dictionary, table);
      }
      table.prepare(vector.values, vector.nulls, size, dictionary.size);
      return { table, keys: vector.values };
    }
    if (vector.kind !== "i32" || this.#arguments[this.#varying]!.type.kind !== "date") return null;
    return this.#prepareDays(vector.values, vector.nulls, size);
  }

  #prepareDays(
    days: Int32Array,
    nulls: NullBytes,
    size: number,
  ): Keyed | null {
    if (this.#byDay === null) {
      this.#firstDay = (nulls === null && size > 0 ? days[0]! : 0) - DAYS_BEFORE;
      this.#byDay = new ResultTable(this.type, (key) => this.#evaluate(key + this.#firstDay));
    }
    if (this.#keys.length < size) this.#keys = new Int32Array(Math.max(size, CHUNK_ROWS));
    if (!offsetKeys(days, nulls, this.#firstDay, size, this.#keys)) return null;
    this.#byDay.prepare(this.#keys, nulls, size, DAY_COUNT);
    return { table: this.#byDay, keys: this.#keys };
  }

  #evaluate(value: Datum): Datum {
    const args = this.#arguments.map((node, i) => i === this.#varying ? value : node.constant ?? null);
    try {
      return this.#function.evaluate(args, this.#function.context);
    } catch (error) {
      throw withSpan(error, this.#function.span);
    }
  }

  /** The keys of a chunk with their results known; null when values have no keys. */
  protected prepareChunk(chunk: Chunk): PreparedChunk | null {
    const vector = this.#arguments[this.#varying]!.evaluate(chunk);
    const keyed = this.#prepare(vector, chunk.size);
    return keyed === null ? null : { ...keyed, nulls: vector.nulls };
  }
}

interface Keyed {
  readonly table: ResultTable;
  readonly keys: Int32Array;
}
interface PreparedChunk extends Keyed {
  readonly nulls: NullBytes;
}

/** A memoised function with a boolean result. */
export class MemoPredicateNode extends MemoCallNode implements SelectiveNode {
  readonly subject: ScalarNode;

  constructor(rowFunction: RowFunction, args: readonly ScalarNode[], varying: number) {
    super(rowFunction, args, varying);
    this.subject = args[varying]!;
  }

  select(chunk: Chunk, rows: Int32Array): number {
    const prepared = this.prepareChunk(chunk);
    if (prepared === null) return -1;
    const count = selectCodeInt32(prepared.keys, 0, chunk.size, prepared.table.booleans, rows);
    return prepared.nulls === null ? count : refineKnown(prepared.nulls, rows, count);
  }

  refine(chunk: Chunk, rows: Int32Array, count: number): number {
    const prepared = this.prepareChunk(chunk);
    if (prepared === null) return -1;
    const kept = refineCodeInt32(prepared.keys, rows, count, prepared.table.booleans);
    return prepared.nulls === null ? kept : refineKnown(prepared.nulls, rows, kept);
  }
}

/** keys[i] = days[i] - first; false when a day is outside of the table. NULL gets key 0. */
function offsetKeys(
  days: Int32Array,
  nulls: NullBytes,
  first: number,
  size: number,
  keys: Int32Array,
): boolean {
  let bits = 0;
  for (let i = 0; i < size; i++) {
    const key = nulls !== null && nulls[i] === 1 ? 0 : days[i]! - first;
    keys[i] = key;
    bits |= key;
  }
  return (bits & ~(DAY_COUNT - 1)) === 0;
}
