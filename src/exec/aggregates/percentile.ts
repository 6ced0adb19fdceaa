/**
 * Percentiles of numbers with one constant fraction: values by group in one array, and quickselect in each
 * group instead of sorting it.
 *
 * The results are those of the definitions in `query/functions/aggregate_ordered.ts`. O(1) a row to collect,
 * O(group) expected to select.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { compareDatums, numberToDouble } from "../../query/functions/compare.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { RowBudget } from "../operators/operator.ts";
import { type DenseVector, vectorFromDatums } from "../vector_build.ts";
import { readDatums } from "../vector_read.ts";
import { type Accumulator, type GroupRange, grownFloat64, grownInt32 } from "./accumulator.ts";

const SLICE_ROWS = 16384;

/** What a percentile is made of. */
export interface PercentileOptions {
  readonly fraction: number;
  /** Interpolates between neighbours, or picks one. */
  readonly continuous: boolean;
  readonly descending: boolean;
  /** Type of the values. */
  readonly type: SqlType;
  readonly resultType: SqlType;
}

/** A percentile of each group. */
export class PercentileAccumulator implements Accumulator {
  readonly #options: PercentileOptions;
  #values: Float64Array = new Float64Array(1024);
  #ids: Int32Array = new Int32Array(1024);
  #count = 0;
  /** Instead of `#values` once a bigint has come. */
  #whole: Datum[] | null = null;
  #groups: GroupedValues | null = null;
  /** Of the first groups, as far as they are known. */
  readonly #results: Datum[] = [];

  constructor(options: PercentileOptions) {
    this.#options = options;
  }

  get memoryBytes(): number {
    return (this.#values.byteLength + this.#ids.byteLength) * 2;
  }

  reserve(): void {}

  add(ids: Int32Array | null, args: readonly DenseVector[], size: number): void {
    const vector = args[0]!;
    this.#values = grownFloat64(this.#values, this.#count + size);
    this.#ids = grownInt32(this.#ids, this.#count + size);
    if (this.#whole !== null) this.#appendWhole(ids, readDatums(vector, size));
    else if (vector.kind === "f64") this.#append(ids, vector.values, vector.nulls, size);
    else if (vector.kind === "i32") this.#append(ids, Float64Array.from(vector.values), vector.nulls, size);
    else this.#appendWhole(ids, readDatums(vector, size));
  }

  /** Values of which some are bigints: all are kept as datums from now on. */
  #appendWhole(ids: Int32Array | null, values: readonly Datum[]): void {
    this.#whole ??= Array.from(this.#values.subarray(0, this.#count));
    values.forEach((value, i) => {
      if (value === null) return;
      this.#whole!.push(value);
      this.#ids[this.#count++] = ids === null ? 0 : ids[i]!;
    });
  }

  prepare(groupCount: number, budget: RowBudget): boolean {
    if (this.#whole !== null) {
      if (this.#results.length === 0) this.#pickWhole(groupCount);
      return true;
    }
    this.#groups ??= new GroupedValues(this.#values, this.#ids, this.#count, groupCount);
    if (!this.#groups.run(budget)) return false;
    while (this.#results.length < groupCount) {
      if (budget.rows <= 0) return false;
      const group = this.#groups.values(this.#results.length);
      this.#results.push(this.#pick(group.length, (index) => select(group, index)));
      budget.rows -= group.length;
    }
    return true;
  }

  result(from: number, to: number): Vector {
    return vectorFromDatums(this.#options.resultType, this.#results.slice(from, to), to - from);
  }

  #pickWhole(groupCount: number): void {
    const groups = Array.from({ length: groupCount }, (): Datum[] => []);
    this.#whole!.forEach((value, i) => groups[this.#ids[i]!]!.push(value));
    for (const group of groups) {
      group.sort((a, b) => compareDatums(a, b, this.#options.type));
      this.#results.push(this.#pick(group.length, (index) => group[index]!));
    }
  }

  #append(ids: Int32Array | null, values: Float64Array, nulls: Uint8Array | null, size: number): void {
    let count = this.#count;
    for (let i = 0; i < size; i++) {
      this.#values[count] = values[i]!;
      this.#ids[count] = ids === null ? 0 : ids[i]!;
      count += nulls === null ? 1 : nulls[i]! ^ 1;
    }
    this.#count = count;
  }

  /** `ascending`: the value at a place in ascending order. */
  #pick(length: number, ascending: (index: number) => Datum): Datum {
    const { fraction, continuous, descending, type } = this.#options;
    if (length === 0) return null;
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new QueryError("invalid-value", `Percentile must be between 0 and 1: received ${fraction}`, {
        details: { fraction },
        hint: "write 0.95 for the 95th percentile",
      });
    }
    const at = (index: number): Datum => ascending(descending ? length - 1 - index : index);
    if (!continuous) return at(Math.max(0, Math.ceil(fraction * length) - 1));
    const position = fraction * (length - 1);
    const low = Math.floor(position);
    const share = position - low;
    const from = numberToDouble(at(low), type);
    const to = numberToDouble(at(Math.min(length - 1, Math.ceil(position))), type);
    return share === 0 || from === to ? from : from + (to - from) * share;
  }
}

/** Values put together by group, by counting: O(n), in slices. */
class GroupedValues {
  readonly #values: Float64Array;
  readonly #ids: Int32Array;
  readonly #starts: Int32Array;
  readonly #next: Int32Array;
  readonly #grouped: Float64Array;
  #done = 0;

  constructor(values: Float64Array, ids: Int32Array, count: number, groupCount: number) {
    this.#values = values;
    this.#ids = ids;
    const starts = new Int32Array(groupCount + 1);
    for (let i = 0; i < count; i++) starts[ids[i]! + 1]!++;
    for (let id = 0; id < groupCount; id++) starts[id + 1]! += starts[id]!;
    this.#starts = starts;
    this.#next = starts.slice();
    this.#grouped = new Float64Array(count);
  }

  /** Moves values until the budget is used up; true when done. */
  run(budget: RowBudget): boolean {
    const count = this.#grouped.length;
    while (this.#done < count) {
      if (budget.rows <= 0) return false;
      const to = Math.min(count, this.#done + SLICE_ROWS);
      distribute(this.#values, this.#ids, this.#next, this.#grouped, { from: this.#done, to });
      budget.rows -= to - this.#done;
      this.#done = to;
    }
    return true;
  }

  /** The values of a group, to be reordered at will. */
  values(group: number): Float64Array {
    return this.#grouped.subarray(this.#starts[group]!, this.#starts[group + 1]!);
  }
}

function distribute(
  values: Float64Array,
  ids: Int32Array,
  next: Int32Array,
  grouped: Float64Array,
  rows: GroupRange,
): void {
  for (let i = rows.from; i < rows.to; i++) grouped[next[ids[i]!]!++] = values[i]!;
}

/** The value that stands at `k` in ascending order, NaN last; reorders `values` (Hoare's quickselect). */
function select(values: Float64Array, k: number): number {
  let low = 0;
  let high = moveNaNs(values) - 1;
  if (k > high) return NaN;
  while (low < high) {
    const pivot = medianOfThree(values[low]!, values[(low + high) >>> 1]!, values[high]!);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swap = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swap;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k]!;
}

/** Moves NaNs to the end; gives the number of others. */
function moveNaNs(values: Float64Array): number {
  let end = values.length;
  for (let i = 0; i < end; i++) {
    if (values[i] === values[i]) continue;
    end--;
    values[i] = values[end]!;
    values[end] = NaN;
    i--;
  }
  return end;
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
