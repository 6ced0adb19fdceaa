/**
 * Accumulators over numbers: counts and exact sums. O(1) a row, arrays by group.
 *
 * @module
 */
import { assert } from "../../base/assert.ts";
import { ExactSums } from "../../base/exact_sum.ts";
import { grownFloat64 } from "../../exec/aggregates/accumulator.ts";
import type { DenseVector } from "../../exec/vector_build.ts";
import { wholeFromBigint, type WholeNumber } from "../../query/functions/datum.ts";
import type { NullBytes } from "../../storage/vector.ts";
import type { GroupAccumulator } from "./group_accumulator.ts";

const SAFE = Number.MAX_SAFE_INTEGER;

/** Counts rows, or rows whose argument is not NULL. */
export class RowCount implements GroupAccumulator {
  readonly examined = 0;
  /** By group. */
  counts: Float64Array = new Float64Array(16);

  get stateBytes(): number {
    return this.counts.byteLength;
  }

  reserve(groupCount: number): void {
    this.counts = grownFloat64(this.counts, groupCount);
  }

  add(ids: Int32Array, args: readonly DenseVector[], weights: Int32Array, size: number): void {
    const nulls = args.length === 0 ? null : args[0]!.nulls;
    if (nulls === null) countRows(this.counts, ids, weights, size);
    else countValues(this.counts, ids, nulls, weights, size);
  }

  clear(group: number): void {
    this.counts[group] = 0;
  }

  renumber(groups: Int32Array): void {
    this.counts = pick(this.counts, groups);
  }
}

/** Counts rows whose argument is TRUE, and those for which it is FALSE. */
export class BooleanCounts implements GroupAccumulator {
  readonly examined = 0;
  /** By group. */
  yes: Float64Array = new Float64Array(16);
  /** By group. */
  no: Float64Array = new Float64Array(16);

  get stateBytes(): number {
    return this.yes.byteLength + this.no.byteLength;
  }

  reserve(groupCount: number): void {
    this.yes = grownFloat64(this.yes, groupCount);
    this.no = grownFloat64(this.no, groupCount);
  }

  add(ids: Int32Array, [vector]: readonly DenseVector[], weights: Int32Array, size: number): void {
    assert(vector!.kind === "bool", () => `Not a condition: received ${vector!.kind}`);
    const { values, nulls } = vector!;
    for (let i = 0; i < size; i++) {
      if (nulls !== null && nulls[i] === 1) continue;
      if (values[i] === 1) this.yes[ids[i]!]! += weights[i]!;
      else this.no[ids[i]!]! += weights[i]!;
    }
  }

  clear(group: number): void {
    this.yes[group] = 0;
    this.no[group] = 0;
  }

  renumber(groups: Int32Array): void {
    this.yes = pick(this.yes, groups);
    this.no = pick(this.no, groups);
  }
}

/** Sums of SMALLINT, INTEGER, BIGINT and DECIMAL; exact beyond 2^53 by a bigint where one is needed. */
export class WholeSums implements GroupAccumulator {
  readonly examined = 0;
  #high = new Map<number, bigint>();
  #low: Float64Array = new Float64Array(16);

  get stateBytes(): number {
    return this.#low.byteLength + this.#high.size * 100;
  }

  reserve(groupCount: number): void {
    this.#low = grownFloat64(this.#low, groupCount);
  }

  add(ids: Int32Array, [vector]: readonly DenseVector[], weights: Int32Array, size: number): void {
    const { kind, nulls } = vector!;
    assert(kind === "i32" || kind === "f64" || kind === "big", () => `Not a whole number: received ${kind}`);
    let from = 0;
    if (kind === "i32") from = addInt32(this.#low, ids, vector!.values as Int32Array, nulls, weights, size);
    if (kind === "f64") {
      from = addFloat64(this.#low, ids, vector!.values as Float64Array, nulls, weights, size);
    }
    const values = vector!.values as ArrayLike<WholeNumber>;
    for (let i = from; i < size; i++) {
      if (nulls === null || nulls[i] === 0) this.#addOne(ids[i]!, values[i]!, weights[i]!);
    }
  }

  /** The sum of a group. */
  sum(group: number): WholeNumber {
    const high = this.#high.get(group);
    return high === undefined ? this.#low[group]! + 0 : wholeFromBigint(high + BigInt(this.#low[group]!));
  }

  /** The sums by group, while all are safe integers. */
  get safeSums(): Float64Array | null {
    return this.#high.size === 0 ? this.#low : null;
  }

  clear(group: number): void {
    this.#low[group] = 0;
    this.#high.delete(group);
  }

  renumber(groups: Int32Array): void {
    this.#low = pick(this.#low, groups);
    const high = new Map<number, bigint>();
    groups.forEach((group, id) => {
      const value = this.#high.get(group);
      if (value !== undefined) high.set(id, value);
    });
    this.#high = high;
  }

  /** A value that is a bigint, or whose sum leaves the safe range. */
  #addOne(group: number, value: WholeNumber, weight: number): void {
    const high = (this.#high.get(group) ?? 0n) + BigInt(this.#low[group]!) + BigInt(value) * BigInt(weight);
    this.#low[group] = 0;
    if (high >= -BigInt(SAFE) && high <= BigInt(SAFE)) {
      this.#high.delete(group);
      this.#low[group] = Number(high);
    } else this.#high.set(group, high);
  }
}

/** Sums of the squares of whole numbers. */
export class SquareSums extends WholeSums {
  override add(ids: Int32Array, [vector]: readonly DenseVector[], weights: Int32Array, size: number): void {
    super.add(ids, [squared(vector!, size)], weights, size);
  }
}

/** The squares of whole numbers, as bigints when one passes 2^53. */
function squared({ kind, values, nulls }: DenseVector, size: number): DenseVector {
  if (kind === "i32" || kind === "f64") {
    const squares = new Float64Array(size);
    let greatest = 0;
    for (let i = 0; i < size; i++) {
      squares[i] = values[i]! * values[i]!;
      if (squares[i]! > greatest) greatest = squares[i]!;
    }
    if (greatest <= SAFE) return { kind: "f64", values: squares, nulls };
  }
  assert(kind === "i32" || kind === "f64" || kind === "big", () => `Not a whole number: received ${kind}`);
  const squares = Array.from({ length: size }, (_, i): bigint => BigInt(values[i]!) ** 2n);
  return { kind: "big", values: squares, nulls };
}

/** Exact sums of DOUBLE and REAL. */
export class DoubleSums implements GroupAccumulator {
  readonly examined = 0;
  /** By group. */
  sums: ExactSums = new ExactSums(16);
  #groupCount = 16;

  get stateBytes(): number {
    return this.#groupCount * 32;
  }

  reserve(groupCount: number): void {
    if (groupCount <= this.#groupCount) return;
    this.#groupCount = Math.max(groupCount, this.#groupCount * 2);
    this.sums.ensure(this.#groupCount);
  }

  add(ids: Int32Array, [vector]: readonly DenseVector[], weights: Int32Array, size: number): void {
    assert(vector!.kind === "f64", () => `Doubles come as f64: received ${vector!.kind}`);
    const { values, nulls } = vector!;
    for (let i = 0; i < size; i++) {
      if (nulls !== null && nulls[i] === 1) continue;
      for (let weight = weights[i]!; weight > 0; weight--) this.sums.add(ids[i]!, values[i]!);
      for (let weight = weights[i]!; weight < 0; weight++) this.sums.remove(ids[i]!, values[i]!);
    }
  }

  clear(group: number): void {
    this.sums.clear(group);
  }

  renumber(groups: Int32Array): void {
    const sums = new ExactSums(Math.max(16, groups.length));
    groups.forEach((group, id) => sums.merge(id, this.sums, group));
    this.sums = sums;
    this.#groupCount = Math.max(16, groups.length);
  }
}

/** The values of `groups`, in their order. */
export function pick(array: Float64Array, groups: Int32Array): Float64Array {
  const picked = new Float64Array(Math.max(16, groups.length));
  for (let id = 0; id < groups.length; id++) picked[id] = array[groups[id]!]!;
  return picked;
}

function countRows(counts: Float64Array, ids: Int32Array, weights: Int32Array, size: number): void {
  for (let i = 0; i < size; i++) counts[ids[i]!]! += weights[i]!;
}

function countValues(
  counts: Float64Array,
  ids: Int32Array,
  nulls: Uint8Array,
  weights: Int32Array,
  size: number,
): void {
  for (let i = 0; i < size; i++) {
    if (nulls[i] === 0) counts[ids[i]!]! += weights[i]!;
  }
}

// Both loops give the row at which they stopped because something would leave the safe range, or `size`.

function addInt32(
  low: Float64Array,
  ids: Int32Array,
  values: Int32Array,
  nulls: NullBytes,
  weights: Int32Array,
  size: number,
): number {
  for (let i = 0; i < size; i++) {
    if (nulls !== null && nulls[i] === 1) continue;
    const term = values[i]! * weights[i]!;
    const sum = low[ids[i]!]! + term;
    if (!(Math.abs(term) <= SAFE && sum <= SAFE && sum >= -SAFE)) return i;
    low[ids[i]!] = sum;
  }
  return size;
}

function addFloat64(
  low: Float64Array,
  ids: Int32Array,
  values: Float64Array,
  nulls: NullBytes,
  weights: Int32Array,
  size: number,
): number {
  for (let i = 0; i < size; i++) {
    if (nulls !== null && nulls[i] === 1) continue;
    const term = values[i]! * weights[i]!;
    const sum = low[ids[i]!]! + term;
    if (!(Math.abs(term) <= SAFE && sum <= SAFE && sum >= -SAFE)) return i;
    low[ids[i]!] = sum;
  }
  return size;
}
