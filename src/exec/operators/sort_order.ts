/**
 * Sort orders: comparators over key columns, and a merge sort of row numbers that works in slices.
 *
 * Text of one dictionary is compared by rank, numbers as they are, everything else as datums. The sort is
 * stable: O(n log n) comparisons, two arrays of row numbers.
 *
 * @module
 */
import { compareDatums } from "../../query/functions/compare.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { NullBytes } from "../../storage/vector.ts";
import type { DenseVector } from "../vector_build.ts";
import { readDatums } from "../vector_read.ts";
import type { RowBudget } from "./operator.ts";

/** How one key is ordered. */
export interface SortDirection {
  readonly type: SqlType;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Negative when row `a` comes before row `b`. */
export type CompareRows = (a: number, b: number) => number;

/** Compares rows by `vectors`, the first key first. */
export function rowComparator(
  vectors: readonly DenseVector[],
  directions: readonly SortDirection[],
  size: number,
): CompareRows {
  const compares = vectors.map((vector, j) => columnComparator(vector, directions[j]!, size));
  if (compares.length === 1) return compares[0]!;
  if (compares.length === 2) {
    const [first, second] = compares as [CompareRows, CompareRows];
    return (a, b) => first(a, b) || second(a, b);
  }
  return (a, b) => {
    for (const compare of compares) {
      const order = compare(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function columnComparator(vector: DenseVector, direction: SortDirection, size: number): CompareRows {
  return withNulls(valueComparator(vector, direction, size), vector.nulls, direction.nullsFirst ? -1 : 1);
}

function valueComparator(vector: DenseVector, direction: SortDirection, size: number): CompareRows {
  // The ranks of a dictionary are the order of texts, which is not the order of JSON.
  if (direction.type.kind === "json") return datumComparator(vector, direction, size);
  const sign = direction.descending ? -1 : 1;
  switch (vector.kind) {
    case "i32":
    case "bool": {
      const { values } = vector;
      return (a, b) => (values[a]! - values[b]!) * sign;
    }
    case "f64": {
      const { values } = vector;
      return (a, b) => compareFloat64(values[a]!, values[b]!) * sign;
    }
    case "code": {
      const { values } = vector;
      const ranks = vector.dictionary.ranks();
      return (a, b) => (ranks[values[a]!]! - ranks[values[b]!]!) * sign;
    }
    default:
      return datumComparator(vector, direction, size);
  }
}

function datumComparator(
  vector: DenseVector,
  { type, descending }: SortDirection,
  size: number,
): CompareRows {
  const sign = descending ? -1 : 1;
  const values = readDatums(vector, size);
  return (a, b) => compareDatums(values[a]!, values[b]!, type) * sign;
}

function compareFloat64(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return (a !== a ? 1 : 0) - (b !== b ? 1 : 0);
}

/** `sign`: where NULLs go. */
function withNulls(compare: CompareRows, nulls: NullBytes, sign: number): CompareRows {
  if (nulls === null) return compare;
  return (a, b) => {
    const order = (nulls[a]! - nulls[b]!) * sign;
    return order !== 0 || nulls[a] === 1 ? order : compare(a, b);
  };
}

const RUN = 16;

/** Sorts row numbers by a comparator, some at a time. */
export class MergeSort {
  readonly #compare: CompareRows;
  #from: Int32Array;
  #to: Int32Array;
  #width = 0;
  #at = 0;

  /** Sorts `rows` in place or not: take `order` when done. */
  constructor(rows: Int32Array, compare: CompareRows) {
    this.#compare = compare;
    this.#from = rows;
    this.#to = rows.length > RUN ? new Int32Array(rows.length) : rows;
  }

  /** The row numbers in order, once `run` has returned true. */
  get order(): Int32Array {
    return this.#from;
  }

  /** Sorts until the budget is used up; true when done. */
  run(budget: RowBudget): boolean {
    const count = this.#from.length;
    while (this.#width === 0 || this.#width < count) {
      if (budget.rows <= 0) return false;
      const step = this.#width === 0 ? RUN : this.#width * 2;
      const end = Math.min(count, this.#at + Math.max(step, 4096));
      for (; this.#at < end; this.#at += step) this.#sortPart(this.#at, Math.min(count, this.#at + step));
      budget.rows -= Math.max(step, 4096);
      if (this.#at < count) continue;
      this.#at = 0;
      if (this.#width > 0) [this.#from, this.#to] = [this.#to, this.#from];
      this.#width = this.#width === 0 ? RUN : this.#width * 2;
    }
    return true;
  }

  #sortPart(from: number, to: number): void {
    if (this.#width === 0) insertionSort(this.#from, from, to, this.#compare);
    else {mergeRuns(
        this.#from,
        this.#to,
        { from, middle: Math.min(to, from + this.#width), to },
        this.#compare,
      );}
  }
}

function insertionSort(rows: Int32Array, from: number, to: number, compare: CompareRows): void {
  for (let i = from + 1; i < to; i++) {
    const row = rows[i]!;
    let j = i - 1;
    while (j >= from && compare(rows[j]!, row) > 0) {
      rows[j + 1] = rows[j]!;
      j--;
    }
    rows[j + 1] = row;
  }
}

function mergeRuns(
  rows: Int32Array,
  into: Int32Array,
  range: { readonly from: number; readonly middle: number; readonly to: number },
  compare: CompareRows,
): void {
  const { from, middle, to } = range;
  let left = from;
  let right = middle;
  if (middle >= to || compare(rows[middle - 1]!, rows[middle]!) <= 0) {
    into.set(rows.subarray(from, to), from);
    return;
  }
  for (let at = from; at < to; at++) {
    const takeLeft = left < middle && (right >= to || compare(rows[left]!, rows[right]!) <= 0);
    into[at] = takeLeft ? rows[left++]! : rows[right++]!;
  }
}
