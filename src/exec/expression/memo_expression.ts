/**
 * Expressions of one text or date column, evaluated once for each distinct value.
 *
 * A text that comes as dictionary codes has few distinct values, and so has a date: there are 65,536 days in
 * 180 years. Results are kept in a table by code or day. The values of a chunk that are not in it yet are
 * evaluated together, as a small chunk of their own; the result is then one gather.
 *
 * ```
 * codes   [ 2 0 2 1 ]     table { 0: TRUE, 1: -, 2: FALSE }
 * new     [ 1 ]           evaluate, keep, gather
 * ```
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { Dictionary } from "../../storage/dictionary.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { Chunk, NullBytes, Vector } from "../../storage/vector.ts";
import { refineCodeInt32, selectCodeInt32 } from "../kernels/filter.gen.ts";
import { refineKnown } from "../kernels/nulls.ts";
import { type DenseVector, vectorFromDatums } from "../vector_build.ts";
import { datumAt, readDatums } from "../vector_read.ts";
import { ResultTable } from "./result_table.ts";
import type { ScalarNode } from "./scalar_node.ts";
import type { SelectiveNode } from "./selective.ts";

/** Days that a table covers, and how far before the first day seen it starts. */
const DAY_COUNT = 65536;
const DAYS_BEFORE = 32768;

/** The parts of a memoised expression. */
export interface MemoParts {
  /** The expression, for vectors without keys. */
  readonly direct: ScalarNode;
  /** The same expression with nodes that nobody else uses, for small chunks of new values. */
  readonly detached: ScalarNode;
  /** The column, and its position in the input. */
  readonly column: ScalarNode;
  readonly position: number;
}

/** Whether values of the type may come as few distinct ones. */
export function isMemorableType(type: SqlType): boolean {
  return type.kind === "text" || type.kind === "json" || type.kind === "date";
}

interface Keyed {
  readonly table: ResultTable;
  readonly keys: Int32Array;
  readonly nulls: NullBytes;
}

/** An expression of one column. */
export class MemoExpressionNode implements ScalarNode {
  readonly type: SqlType;
  readonly columns: ReadonlySet<number>;
  readonly fallible: boolean;
  readonly volatile = false;
  readonly #parts: MemoParts;
  readonly #byDictionary = new WeakMap<Dictionary, ResultTable>();
  #byDay: ResultTable | null = null;
  #firstDay = 0;
  #keys = new Int32Array(0);
  #nullKnown = false;
  #nullResult: Datum | undefined;

  constructor(parts: MemoParts) {
    this.type = parts.direct.type;
    this.columns = parts.direct.columns;
    this.fallible = parts.direct.fallible;
    this.#parts = parts;
  }

  evaluate(chunk: Chunk): DenseVector {
    const keyed = this.prepare(chunk);
    if (keyed === null) return this.#parts.direct.evaluate(chunk);
    return keyed.table.read(keyed.keys, keyed.nulls, chunk.size);
  }

  /** The results for all texts of a dictionary. */
  complete(dictionary: Dictionary): ResultTable {
    const table = this.#dictionaryTable(dictionary);
    table.complete(dictionary.size);
    return table;
  }

  /** The results for `size` values of the column, without keeping them. */
  evaluateValues(values: Vector, size: number): DenseVector {
    return this.#parts.detached.evaluate(this.#chunkOf(values, size));
  }

  /** The keys of a chunk with their results known; null when the values have no keys. */
  protected prepare(chunk: Chunk): Keyed | null {
    const vector = this.#parts.column.evaluate(chunk);
    // NULL has no key, so it must give NULL.
    if (vector.nulls !== null && this.resultOfNull() !== null) return null;
    if (vector.kind === "code") {
      const table = this.#dictionaryTable(vector.dictionary);
      table.prepare(vector.values, vector.nulls, chunk.size, vector.dictionary.size);
      return { table, keys: vector.values, nulls: vector.nulls };
    }
    if (vector.kind === "i32") return this.#prepareDays(vector.values, vector.nulls, chunk.size);
    return null;
  }

  /** The result for NULL; undefined when that is an error. */
  resultOfNull(): Datum | undefined {
    if (this.#nullKnown) return this.#nullResult;
    this.#nullKnown = true;
    const { type } = this.#parts.column;
    try {
      this.#nullResult = datumAt(this.evaluateValues(vectorFromDatums(type, [null], 1), 1), 0);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
    }
    return this.#nullResult;
  }

  #dictionaryTable(dictionary: Dictionary): ResultTable {
    let table = this.#byDictionary.get(dictionary);
    if (table === undefined) {
      table = new ResultTable(
        this.type,
        (codes, count) =>
          this.#evaluateBatch({ kind: "code", values: codes, dictionary, nulls: null }, count),
      );
      this.#byDictionary.set(dictionary, table);
    }
    return table;
  }

  #prepareDays(days: Int32Array, nulls: NullBytes, size: number): Keyed | null {
    if (this.#byDay === null) {
      this.#firstDay = (nulls === null && size > 0 ? days[0]! : 0) - DAYS_BEFORE;
      this.#byDay = new ResultTable(this.type, (keys, count) => {
        const values = keys.slice(0, count).map((key) => key + this.#firstDay);
        return this.#evaluateBatch({ kind: "i32", values, nulls: null }, count);
      });
    }
    if (this.#keys.length < size) this.#keys = new Int32Array(size);
    if (!offsetKeys(days, nulls, this.#firstDay, size, this.#keys)) return null;
    this.#byDay.prepare(this.#keys, nulls, size, DAY_COUNT);
    return { table: this.#byDay, keys: this.#keys, nulls };
  }

  #evaluateBatch(vector: Vector, count: number): readonly Datum[] {
    return readDatums(this.evaluateValues(vector, count), count);
  }

  /** A chunk whose other columns are not there: the expression does not read them. */
  #chunkOf(vector: Vector, size: number): Chunk {
    return { size, columns: new Array<Vector>(this.#parts.position + 1).fill(vector) };
  }
}

/** A memoised condition. */
export class MemoPredicateNode extends MemoExpressionNode implements SelectiveNode {
  readonly subject: ScalarNode;

  constructor(parts: MemoParts) {
    super(parts);
    this.subject = parts.column;
  }

  select(chunk: Chunk, rows: Int32Array): number {
    const keyed = this.prepare(chunk);
    if (keyed === null) return -1;
    const count = selectCodeInt32(keyed.keys, 0, chunk.size, keyed.table.booleans, rows);
    return keyed.nulls === null ? count : refineKnown(keyed.nulls, rows, count);
  }

  refine(chunk: Chunk, rows: Int32Array, count: number): number {
    const keyed = this.prepare(chunk);
    if (keyed === null) return -1;
    const kept = refineCodeInt32(keyed.keys, rows, count, keyed.table.booleans);
    return keyed.nulls === null ? kept : refineKnown(keyed.nulls, rows, kept);
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
