/**
 * ORDER BY with LIMIT: keeps the first k rows only.
 *
 * Rows are collected until there are twice as many as wanted, then sorted and cut to k; from then on the first
 * key of the last row kept is a threshold that most rows fail before anything of them is copied, and the whole row
 * one for the others. O(n) plus O(k log k) for every k rows that pass. Of rows that are equal in everything those
 * that come first are taken.
 *
 * @module
 */
import type { Dictionary } from "../../storage/dictionary.ts";
import { type Chunk, CHUNK_ROWS, type Vector } from "../../storage/vector.ts";
import { compareDatums } from "../../query/functions/compare.ts";
import type { Datum } from "../../storage/sql_type.ts";
import { materialize } from "../materialize.ts";
import type { DenseVector } from "../vector_build.ts";
import { datumAt } from "../vector_read.ts";
import type { RowBudget, Sink } from "./operator.ts";
import { RowStore } from "./row_store.ts";
import { rowNumbers, type SortOptions } from "./sort.ts";
import { MergeSort, rowComparator, type SortDirection } from "./sort_order.ts";
import { compareTied, withTies } from "./tie_order.ts";

const SPARE_ROWS = 4096;

/** The bound on the first key: rows beyond it cannot be among the first k. */
type Threshold =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "rank"; readonly value: number; readonly dictionary: Dictionary };

/** Keeps the first k rows of an order. */
export class TopKSink implements Sink {
  readonly #options: SortOptions;
  readonly #count: number;
  rows: RowStore;
  #keys: RowStore;
  #sort: MergeSort | null = null;
  #threshold: Threshold | null = null;
  /** The keys and the ties of the last of the first k rows. */
  #last: { readonly keys: readonly Datum[]; readonly ties: readonly Datum[] } | null = null;
  #order: Int32Array = new Int32Array(0);
  readonly #selection: Int32Array = new Int32Array(CHUNK_ROWS);

  /** `count`: how many rows to keep. */
  constructor(options: SortOptions, count: number) {
    this.#options = options;
    this.#count = count;
    this.rows = new RowStore(options.types);
    this.#keys = new RowStore(options.directions.map((direction) => direction.type));
  }

  /** Row numbers in order, at most k, once finished. */
  get order(): Int32Array {
    return this.#order;
  }

  consume(chunk: Chunk): void {
    const keys = this.#options.keys.evaluate(chunk).map((vector) => materialize(vector, chunk.size));
    const selected = this.#selectCandidates(keys[0]!, chunk.size);
    const kept = this.#selectBefore(chunk, keys, selected);
    if (kept === 0) return;
    if (kept === chunk.size) {
      this.rows.append(chunk.columns, kept);
      this.#keys.append(keys, kept);
    } else {
      this.rows.appendSelected(chunk.columns, this.#selection, kept);
      this.#keys.appendSelected(keys, this.#selection, kept);
    }
    if (this.rows.rowCount >= this.#count * 2 + SPARE_ROWS) this.#cut();
    this.#options.memory.set(this.rows.memoryBytes + this.#keys.memoryBytes);
  }

  finish(budget: RowBudget): boolean {
    this.#sort ??= this.#newSort();
    if (!this.#sort.run(budget)) return false;
    this.#order = this.#sort.order.subarray(0, Math.min(this.#count, this.rows.rowCount));
    return true;
  }

  #newSort(): MergeSort {
    const { rowCount } = this.rows;
    const vectors = this.#keys.vectors().map((vector) => materialize(vector, rowCount));
    const compare = rowComparator(vectors, this.#options.directions, rowCount);
    return new MergeSort(
      rowNumbers(rowCount),
      withTies(compare, this.#options.ties, (position) => this.rows.column(position)),
    );
  }

  /** Drops all rows but the first k, which are then in order. */
  #cut(): void {
    const sort = this.#newSort();
    sort.run({ rows: Infinity });
    const order = sort.order.subarray(0, this.#count);
    const rows = new RowStore(this.#options.types);
    const keys = new RowStore(this.#options.directions.map((direction) => direction.type));
    copyRows(this.rows, order, rows);
    copyRows(this.#keys, order, keys);
    this.rows = rows;
    this.#keys = keys;
    const last = this.#count - 1;
    this.#threshold = thresholdOf(keys.column(0), this.#options.directions[0]!, last);
    this.#last = {
      keys: keys.vectors().map((vector) => datumAt(vector, last)),
      ties: this.#options.ties.map(({ position }) => datumAt(rows.column(position), last)),
    };
  }

  /** Of the first `count` rows of `#selection` keeps those that come before the last row of the first k. */
  #selectBefore(chunk: Chunk, keys: readonly DenseVector[], count: number): number {
    const last = this.#last;
    if (last === null) return count;
    const { directions, ties } = this.#options;
    const selection = this.#selection;
    const columns: (DenseVector | undefined)[] = [];
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = count === chunk.size ? i : selection[i]!;
      let order = 0;
      for (let j = 0; order === 0 && j < keys.length; j++) {
        order = compareByKey(datumAt(keys[j]!, row), last.keys[j]!, directions[j]!);
      }
      for (let j = 0; order === 0 && j < ties.length; j++) {
        const { position, type } = ties[j]!;
        const column = columns[j] ??= materialize(chunk.columns[position]!, chunk.size);
        order = compareTied(datumAt(column, row), last.ties[j]!, type);
      }
      selection[kept] = row;
      // Of two rows that are equal in everything the one that came first is taken.
      kept += Number(order < 0);
    }
    return kept;
  }

  /** Writes the rows that may be among the first k to `#selection`; gives their count. */
  #selectCandidates(first: DenseVector, size: number): number {
    const threshold = this.#threshold;
    const [direction] = this.#options.directions;
    const selection = this.#selection;
    if (threshold === null || first.nulls !== null) return size;
    // A row that equals the last one in the only key came later, and loses.
    const strict = this.#options.directions.length === 1 && this.#options.ties.length === 0;
    const { descending } = direction!;
    if (threshold.kind === "number" && (first.kind === "f64" || first.kind === "i32")) {
      const { value } = threshold;
      const test = { descending, strict };
      return first.kind === "f64"
        ? selectFloat64(first.values, size, value, test, selection)
        : selectInt32(first.values, size, value, test, selection);
    }
    if (threshold.kind === "rank" && first.kind === "code" && first.dictionary === threshold.dictionary) {
      const ranks = first.dictionary.ranks();
      let count = 0;
      for (let i = 0; i < size; i++) {
        const rank = ranks[first.values[i]!]!;
        selection[count] = i;
        const better = descending ? rank > threshold.value : rank < threshold.value;
        if (better || (!strict && rank === threshold.value)) count++;
      }
      return count;
    }
    return size;
  }
}

/** The order of two values of one sort key. */
function compareByKey(a: Datum, b: Datum, { type, descending, nullsFirst }: SortDirection): number {
  if (a === null || b === null) return (Number(a === null) - Number(b === null)) * (nullsFirst ? -1 : 1);
  return compareDatums(a, b, type) * (descending ? -1 : 1);
}

interface ThresholdTest {
  readonly descending: boolean;
  readonly strict: boolean;
}

function copyRows(from: RowStore, order: Int32Array, into: RowStore): void {
  const positions = from.vectors().map((_, index) => index);
  into.append(from.gather(positions, order, order.length), order.length);
}

/** JSON has none: the ranks of its dictionary are the order of texts. */
function thresholdOf(keys: Vector, { type }: SortDirection, row: number): Threshold | null {
  if (type.kind === "json") return null;
  if (keys.kind === "lazy" || (keys.nulls !== null && keys.nulls[row] === 1)) return null;
  if (keys.kind === "f64" || keys.kind === "i32") {
    const value = keys.values[row]!;
    return Number.isNaN(value) ? null : { kind: "number", value };
  }
  if (keys.kind !== "code") return null;
  return { kind: "rank", value: keys.dictionary.ranks()[keys.values[row]!]!, dictionary: keys.dictionary };
}

// NaN is the greatest number, so in descending order it is always kept: `!(value < threshold)` holds for it.

function selectFloat64(
  values: Float64Array,
  size: number,
  threshold: number,
  { descending, strict }: ThresholdTest,
  selection: Int32Array,
): number {
  let count = 0;
  if (descending) {
    for (let i = 0; i < size; i++) {
      const value = values[i]!;
      selection[count] = i;
      if (!(value < threshold) && !(strict && value === threshold)) count++;
    }
    return count;
  }
  for (let i = 0; i < size; i++) {
    const value = values[i]!;
    selection[count] = i;
    if (value < threshold || (!strict && value === threshold)) count++;
  }
  return count;
}

function selectInt32(
  values: Int32Array,
  size: number,
  threshold: number,
  { descending, strict }: ThresholdTest,
  selection: Int32Array,
): number {
  const sign = descending ? -1 : 1;
  const limit = threshold * sign + (strict ? 0 : 1);
  let count = 0;
  for (let i = 0; i < size; i++) {
    selection[count] = i;
    if (values[i]! * sign < limit) count++;
  }
  return count;
}
