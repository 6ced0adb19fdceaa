/**
 * DISTINCT: accumulators see a row of a group when its count leaves 0 and when it is 0 again.
 *
 * Whole numbers are counted by themselves (pair_counts.ts), other rows under ids (grouped_rows.ts).
 *
 * @module
 */
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import type { DenseVector } from "../../exec/vector_build.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { GroupAccumulator } from "./group_accumulator.ts";
import { GroupedRows, idsOf } from "./grouped_rows.ts";
import { PairCounts } from "./pair_counts.ts";

/** See the module header. */
export class DistinctRows implements GroupAccumulator {
  /** What sees the distinct rows. */
  readonly inner: GroupAccumulator[] = [];
  readonly #types: readonly SqlType[];
  /** Counts of whole numbers; instead of them `#rows`. */
  #numbers: PairCounts | undefined;
  /** By group: how often NULL is there, beside the numbers. */
  #nulls: Int32Array | undefined;
  #rows: GroupedRows | undefined;
  #groupCount = 0;
  #pairs: Int32Array = new Int32Array(0);
  #crossed: Int32Array = new Int32Array(0);
  #crossings: Int32Array = new Int32Array(0);

  constructor(types: readonly SqlType[]) {
    this.#types = types;
    if (types.length === 1 && isWhole(types[0]!)) this.#numbers = new PairCounts();
    else this.#rows = new GroupedRows(types, false);
  }

  get stateBytes(): number {
    const own = (this.#numbers?.stateBytes ?? 0) + (this.#nulls?.byteLength ?? 0) +
      (this.#rows?.stateBytes ?? 0);
    return this.inner.reduce((bytes, each) => bytes + each.stateBytes, own);
  }

  get examined(): number {
    return this.inner.reduce((items, each) => items + each.examined, 0);
  }

  reserve(groupCount: number): void {
    this.#groupCount = groupCount;
    for (const each of this.inner) each.reserve(groupCount);
  }

  add(ids: Int32Array, args: readonly DenseVector[], weights: Int32Array, size: number): void {
    if (this.#crossed.length < size) {
      this.#pairs = new Int32Array(size);
      this.#crossed = new Int32Array(size);
      this.#crossings = new Int32Array(size);
    }
    const { kind } = args[0]!;
    if (this.#numbers !== undefined && kind !== "i32" && kind !== "f64") this.#toRows(this.#numbers);
    const count = this.#numbers === undefined
      ? this.#countRows(this.#rows!, ids, args, weights, size)
      : this.#countNumbers(this.#numbers, ids, args[0]!, weights, size);
    if (count > 0) {
      const crossed = this.#crossed;
      const groups = new Int32Array(count);
      for (let i = 0; i < count; i++) groups[i] = ids[crossed[i]!]!;
      // Rows picked from a dense vector are a dense vector.
      const picked = args.map((vector) => gatherVector(vector, crossed, count) as DenseVector);
      for (const each of this.inner) each.add(groups, picked, this.#crossings, count);
    }
    if (this.#rows?.isSparse === true) this.#rows.keep(this.#rows.live(), (group) => group);
  }

  /** The counts of its rows are 0 already. */
  clear(group: number): void {
    for (const each of this.inner) each.clear(group);
  }

  renumber(groups: Int32Array): void {
    this.#groupCount = groups.length;
    this.#rows?.keep(this.#rows.live(), idsOf(groups));
    this.#numbers?.renumber(idsOf(groups));
    const nulls = this.#nulls;
    if (nulls !== undefined) this.#nulls = groups.map((group) => nulls[group] ?? 0);
    for (const each of this.inner) each.renumber(groups);
  }

  /** Counts rows; gives the number of those whose count left 0 or came back to it. */
  #countRows(
    rows: GroupedRows,
    ids: Int32Array,
    args: readonly DenseVector[],
    weights: Int32Array,
    size: number,
  ): number {
    rows.assign(ids, args, size, this.#pairs);
    let count = 0;
    for (let i = 0; i < size; i++) {
      const before = rows.add(this.#pairs[i]!, weights[i]!);
      count = this.#cross(count, i, Math.sign(before + weights[i]!) - Math.sign(before));
    }
    return count;
  }

  #countNumbers(
    numbers: PairCounts,
    ids: Int32Array,
    { values, nulls }: DenseVector,
    weights: Int32Array,
    size: number,
  ): number {
    // Of kinds that hold numbers.
    const from = values as Int32Array | Float64Array;
    const doubles = from instanceof Float64Array ? from : Float64Array.from(from.subarray(0, size));
    if (nulls === null) {
      return numbers.addAll({ groups: ids, values: doubles, weights }, size, this.#crossed, this.#crossings);
    }
    const present = this.#pairs;
    let count = 0;
    for (let i = 0; i < size; i++) if (nulls[i] === 0) present[count++] = i;
    const rows = present.subarray(0, count);
    const crossed = numbers.addAll(
      {
        groups: rows.map((row) => ids[row]!),
        values: Float64Array.from(rows, (row) => doubles[row]!),
        weights: rows.map((row) => weights[row]!),
      },
      count,
      this.#crossed,
      this.#crossings,
    );
    for (let i = 0; i < crossed; i++) this.#crossed[i] = rows[this.#crossed[i]!]!;
    return count === size ? crossed : this.#countNulls(crossed, ids, nulls, weights, size);
  }

  /** Counts the rows with NULL, of which those that cross are written from `count` on. */
  #countNulls(
    count: number,
    ids: Int32Array,
    nulls: Uint8Array,
    weights: Int32Array,
    size: number,
  ): number {
    const counts = this.#nulls = grownInt32(this.#nulls ?? new Int32Array(0), this.#groupCount);
    let end = count;
    for (let i = 0; i < size; i++) {
      if (nulls[i] === 0) continue;
      const group = ids[i]!;
      const before = counts[group]!;
      counts[group] = before + weights[i]!;
      end = this.#cross(end, i, Math.sign(before + weights[i]!) - Math.sign(before));
    }
    return end;
  }

  /** Notes that a row crosses 0, if it does; gives the number of those that do. */
  #cross(count: number, row: number, crossing: number): number {
    this.#crossed[count] = row;
    this.#crossings[count] = crossing;
    return count + Number(crossing !== 0);
  }

  /** A whole number beyond 2^53 has come. */
  #toRows(numbers: PairCounts): void {
    const rows = this.#rows = new GroupedRows(this.#types, false);
    this.#numbers = undefined;
    const put = (groups: Int32Array, vector: DenseVector, counts: Int32Array) => {
      const size = groups.length;
      const pairs = new Int32Array(size);
      rows.assign(groups, [vector], size, pairs);
      for (let i = 0; i < size; i++) rows.add(pairs[i]!, counts[i]!);
    };
    const { groups, values, counts } = numbers.pairs();
    if (groups.length > 0) put(groups, { kind: "f64", values, nulls: null }, counts);
    const nulls = this.#nulls;
    this.#nulls = undefined;
    if (nulls === undefined) return;
    const withNull = Int32Array.from(nulls.keys()).filter((group) => nulls[group] !== 0);
    const none = new Float64Array(withNull.length);
    const vector: DenseVector = { kind: "f64", values: none, nulls: new Uint8Array(none.length).fill(1) };
    if (none.length > 0) put(withNull, vector, withNull.map((group) => nulls[group]!));
  }
}

/** Whether values are whole numbers, most of which a double holds. */
function isWhole({ kind }: SqlType): boolean {
  switch (kind) {
    case "smallint":
    case "integer":
    case "bigint":
    case "decimal":
    case "date":
    case "timestamp":
    case "timestamptz":
      return true;
    default:
      return false;
  }
}
