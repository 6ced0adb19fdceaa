/**
 * Partial results of a join: for each of its rows the number of a row of every input bound so far.
 *
 * ```
 * weight    +1   -1   +1
 * change     0    1    1        positions in the delta
 * orders    17   40   41        row ids
 * customer   -    -    -        not bound yet
 * ```
 *
 * Values are gathered where an expression or the output needs them, and kept while the rows stay the same.
 * Extending costs O(rows * bound inputs), 4 bytes each.
 *
 * @module
 */
import type { Predicate } from "../../exec/expression/predicate.ts";
import type { DenseVector } from "../../exec/vector_build.ts";
import type { RowPairs } from "../../storage/row_pairs.ts";
import type { RowSource } from "./join_source.ts";

/** A column of a join: where it stands in which input. */
export interface ColumnRef {
  readonly input: number;
  readonly position: number;
  /** Its number among the columns of all inputs. */
  readonly slot: number;
}

/** See the module header. */
export class JoinFrontier {
  readonly size: number;
  readonly weights: Int32Array;
  /** By input: row numbers, null for 0, 1, 2, ... */
  readonly #rows: (Int32Array | null)[];
  /** By input; undefined when it is not bound. */
  readonly #sources: (RowSource | undefined)[];
  /** By slot. */
  readonly #values: (DenseVector | undefined)[];

  private constructor(
    weights: Int32Array,
    size: number,
    rows: (Int32Array | null)[],
    sources: (RowSource | undefined)[],
    values: (DenseVector | undefined)[],
  ) {
    this.size = size;
    this.weights = weights;
    this.#rows = rows;
    this.#sources = sources;
    this.#values = values;
  }

  /** The rows of a change of `input`. */
  static start(input: number, source: RowSource, weights: Int32Array, size: number): JoinFrontier {
    const rows: (Int32Array | null)[] = [];
    const sources: (RowSource | undefined)[] = [];
    rows[input] = null;
    sources[input] = source;
    return new JoinFrontier(weights, size, rows, sources, []);
  }

  /** The numbers of the rows of a bound input. */
  rowsOf(input: number): Int32Array {
    return this.#rows[input] ?? Int32Array.from({ length: this.size }, (_, i) => i);
  }

  /** The values of columns whose inputs are bound. */
  columns(refs: readonly ColumnRef[]): DenseVector[] {
    return refs.map(({ input, position, slot }) =>
      this.#values[slot] ??= this.#sources[input]!.column(position, this.#rows[input]!, this.size)
    );
  }

  /** Each row with the rows of `input` that it found; `weightOf` is by row, `factor` for all. */
  extended(
    input: number,
    source: RowSource,
    pairs: RowPairs,
    weightOf: Int32Array | null,
    factor: number,
  ): JoinFrontier {
    const { count, probes, rows } = pairs;
    const weights = weightOf === null
      ? scaledWeights(this.weights, probes, factor, count)
      : weightProducts(this.weights, probes, weightOf, rows, factor, count);
    const isSame = count === this.size && isIdentity(probes, count);
    const bound = isSame ? this.#rows.slice() : this.#rows.map((own) => picked(own, probes, count));
    const sources = this.#sources.slice();
    bound[input] = rows.slice(0, count);
    sources[input] = source;
    return new JoinFrontier(weights, count, bound, sources, isSame ? this.#values.slice() : []);
  }

  /** The rows for which a condition over `refs` holds. */
  filtered(predicate: Predicate, refs: readonly ColumnRef[]): JoinFrontier {
    const { size } = this;
    const selection = new Int32Array(size);
    const count = predicate.select({ size, columns: this.columns(refs) }, selection);
    if (count === size) return this;
    const weights = scaledWeights(this.weights, selection, 1, count);
    return new JoinFrontier(
      weights,
      count,
      this.#rows.map((own) => picked(own, selection, count)),
      this.#sources,
      [],
    );
  }
}

function isIdentity(probes: Int32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (probes[i] !== i) return false;
  return true;
}

function picked(rows: Int32Array | null, probes: Int32Array, count: number): Int32Array {
  if (rows === null) return probes.slice(0, count);
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) out[i] = rows[probes[i]!]!;
  return out;
}

function scaledWeights(weights: Int32Array, probes: Int32Array, factor: number, count: number): Int32Array {
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) out[i] = weights[probes[i]!]! * factor;
  return out;
}

function weightProducts(
  weights: Int32Array,
  probes: Int32Array,
  found: Int32Array,
  rows: Int32Array,
  factor: number,
  count: number,
): Int32Array {
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) out[i] = weights[probes[i]!]! * found[rows[i]!]! * factor;
  return out;
}
