/**
 * Exact sums of whole numbers: SMALLINT, INTEGER, BIGINT and DECIMAL.
 *
 * Each group has a double that is exact while it is a safe integer, and only when a sum would leave that
 * range its value moves to a bigint:
 *
 * ```
 * sum(group) = low[group] + high.get(group)       |low| <= 2^53 - 1; high is absent for nearly all
 * ```
 *
 * A sum of two safe integers that is itself within the range was not rounded, so one comparison a row keeps
 * it exact. O(1) a row.
 *
 * @module
 */
import { assert } from "../../base/assert.ts";
import { wholeFromBigint, type WholeNumber } from "../../query/functions/datum.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { NullBytes, Vector } from "../../storage/vector.ts";
import { type DenseVector, vectorFromDatums } from "../vector_build.ts";
import { type Accumulator, type GroupRange, grownFloat64 } from "./accumulator.ts";
import type { CountAccumulator } from "./count.ts";

const SAFE = Number.MAX_SAFE_INTEGER;

/** Sums by group. Whether a group had a value at all is for a counter to know. */
export class WholeSum implements Accumulator {
  readonly #high = new Map<number, bigint>();
  #low: Float64Array = new Float64Array(16);

  get memoryBytes(): number {
    return this.#low.byteLength + this.#high.size * 100;
  }

  reserve(groupCount: number): void {
    this.#low = grownFloat64(this.#low, groupCount);
  }

  add(ids: Int32Array | null, args: readonly DenseVector[], size: number): void {
    const vector = args[0]!;
    switch (vector.kind) {
      case "i32":
        if (ids === null) {
          return this.#addRest(null, vector, size, sumInt32(this.#low, vector.values, vector.nulls, size));
        }
        if (vector.nulls === null) {
          return this.#addRest(ids, vector, size, addInt32(this.#low, ids, vector.values, size));
        }
        return this.#addRest(
          ids,
          vector,
          size,
          addInt32Nulls(this.#low, ids, vector.values, vector.nulls, size),
        );
      case "f64":
        if (ids === null) {
          return this.#addRest(null, vector, size, sumFloat64(this.#low, vector.values, vector.nulls, size));
        }
        if (vector.nulls === null) {
          return this.#addRest(ids, vector, size, addFloat64(this.#low, ids, vector.values, size));
        }
        return this.#addRest(
          ids,
          vector,
          size,
          addFloat64Nulls(this.#low, ids, vector.values, vector.nulls, size),
        );
      default:
        return this.#addRest(ids, vector, size, 0);
    }
  }

  /** The sum of a group. */
  sum(group: number): WholeNumber {
    const high = this.#high.get(group);
    return high === undefined ? this.#low[group]! + 0 : wholeFromBigint(high + BigInt(this.#low[group]!));
  }

  /** Whether every sum is a safe integer. */
  get isSafe(): boolean {
    return this.#high.size === 0;
  }

  /** Sums as doubles; to be used when {@linkcode isSafe}. */
  get sums(): Float64Array {
    return this.#low;
  }

  result(from: number, to: number): Vector {
    return { kind: "f64", values: this.#low.slice(from, to), nulls: null };
  }

  /** Adds the rows from `from` on one by one. */
  addFrom(from: number, ids: Int32Array, vector: DenseVector, size: number): void {
    this.#addRest(ids, vector, size, from);
  }

  /** The rows from `from` on, of which the first one overflows, or is a bigint. */
  #addRest(ids: Int32Array | null, vector: DenseVector, size: number, from: number): void {
    for (let i = from; i < size; i++) {
      if (vector.nulls !== null && vector.nulls[i] === 1) continue;
      assert(
        vector.kind === "i32" || vector.kind === "f64" || vector.kind === "big" || vector.kind === "bool",
        () => `Only whole numbers have a whole sum: received ${vector.kind}`,
      );
      const group = ids === null ? 0 : ids[i]!;
      const value = vector.values[i]!;
      const sum = this.#low[group]! + Number(value);
      if (sum <= SAFE && sum >= -SAFE && Number.isSafeInteger(Number(value))) {
        this.#low[group] = sum;
      } else {
        const high = this.#high.get(group) ?? 0n;
        this.#high.set(group, high + BigInt(this.#low[group]!) + BigInt(value));
        this.#low[group] = 0;
      }
    }
  }
}

/**
 * Adds to several sums at once: `vectors[j]` to `sums[j]`. Doubles without NULL are added two to four columns a
 * loop, because the additions of one column wait for each other when groups are few, and those of several
 * columns do not.
 */
export function addWholeSums(
  sums: readonly WholeSum[],
  ids: Int32Array,
  vectors: readonly DenseVector[],
  size: number,
): void {
  const fast: number[] = [];
  vectors.forEach((vector, j) => {
    if (vector.kind === "f64" && vector.nulls === null) fast.push(j);
    else sums[j]!.add(ids, [vector], size);
  });
  for (let from = 0; from < fast.length; from += 4) {
    const part = fast.slice(from, from + 4);
    const low = part.map((j) => sums[j]!.sums);
    // The kind was checked above.
    const values = part.map((j) => vectors[j]!.values as Float64Array);
    const [lowA, lowB, lowC, lowD] = low;
    const [a, b, c, d] = values;
    let done = 0;
    if (lowA === undefined || a === undefined) return;
    if (lowD !== undefined && d !== undefined) {
      done = addFour(ids, size, lowA, a, lowB!, b!, lowC!, c!, lowD, d);
    } else if (lowC !== undefined && c !== undefined) done = addThree(ids, size, lowA, a, lowB!, b!, lowC, c);
    else if (lowB !== undefined && b !== undefined) done = addTwo(ids, size, lowA, a, lowB, b);
    else done = addFloat64(lowA, ids, a, size);
    if (done < size) { for (const j of part) sums[j]!.addFrom(done, ids, vectors[j]!, size); }
  }
}

/** sum() as a column: NULL for groups without a value, when a counter says so. */
export function wholeSumVector(
  sum: WholeSum,
  counter: CountAccumulator | null,
  type: SqlType,
  groups: GroupRange,
): Vector {
  const { from, to } = groups;
  const nulls = emptyGroups(counter, groups);
  if (sum.isSafe) return { kind: "f64", values: sum.sums.slice(from, to), nulls };
  const values = new Array<Datum>(to - from);
  for (let group = from; group < to; group++) {
    values[group - from] = nulls !== null && nulls[group - from] === 1 ? null : sum.sum(group);
  }
  return vectorFromDatums(type, values, to - from);
}

/** 1 for groups whose counter is 0; no group is empty without a counter. */
export function emptyGroups(counter: CountAccumulator | null, { from, to }: GroupRange): NullBytes {
  if (counter === null) return null;
  const { counts } = counter;
  let nulls: Uint8Array | null = null;
  for (let group = from; group < to; group++) {
    if (counts[group] === 0) (nulls ??= new Uint8Array(to - from))[group - from] = 1;
  }
  return nulls;
}

// Each loop below gives the row at which it stopped because the sum would leave the safe range, or `size`.

function sumInt32(low: Float64Array, values: Int32Array, nulls: NullBytes, size: number): number {
  let sum = low[0]!;
  // Fewer than 2^21 values below 2^32 stay below 2^53.
  if (Math.abs(sum) > SAFE - size * 2 ** 32) return 0;
  if (nulls === null) { for (let i = 0; i < size; i++) sum += values[i]!; }
  else for (let i = 0; i < size; i++) if (nulls[i] === 0) sum += values[i]!;
  low[0] = sum;
  return size;
}

function sumFloat64(low: Float64Array, values: Float64Array, nulls: NullBytes, size: number): number {
  let sum = low[0]!;
  for (let i = 0; i < size; i++) {
    if (nulls !== null && nulls[i] === 1) continue;
    const next = sum + values[i]!;
    if (!(next <= SAFE && next >= -SAFE)) {
      low[0] = sum;
      return i;
    }
    sum = next;
  }
  low[0] = sum;
  return size;
}

function addInt32(low: Float64Array, ids: Int32Array, values: Int32Array, size: number): number {
  for (let i = 0; i < size; i++) {
    const id = ids[i]!;
    const sum = low[id]! + values[i]!;
    if (!(sum <= SAFE && sum >= -SAFE)) return i;
    low[id] = sum;
  }
  return size;
}

function addInt32Nulls(
  low: Float64Array,
  ids: Int32Array,
  values: Int32Array,
  nulls: Uint8Array,
  size: number,
): number {
  for (let i = 0; i < size; i++) {
    if (nulls[i] === 1) continue;
    const id = ids[i]!;
    const sum = low[id]! + values[i]!;
    if (!(sum <= SAFE && sum >= -SAFE)) return i;
    low[id] = sum;
  }
  return size;
}

function addFloat64(low: Float64Array, ids: Int32Array, values: Float64Array, size: number): number {
  for (let i = 0; i < size; i++) {
    const id = ids[i]!;
    const sum = low[id]! + values[i]!;
    if (!(sum <= SAFE && sum >= -SAFE)) return i;
    low[id] = sum;
  }
  return size;
}

function addFloat64Nulls(
  low: Float64Array,
  ids: Int32Array,
  values: Float64Array,
  nulls: Uint8Array,
  size: number,
): number {
  for (let i = 0; i < size; i++) {
    if (nulls[i] === 1) continue;
    const id = ids[i]!;
    const sum = low[id]! + values[i]!;
    if (!(sum <= SAFE && sum >= -SAFE)) return i;
    low[id] = sum;
  }
  return size;
}

// The loops below stop before a row for which any sum would leave the safe range.

function addTwo(
  ids: Int32Array,
  size: number,
  lowA: Float64Array,
  a: Float64Array,
  lowB: Float64Array,
  b: Float64Array,
): number {
  for (let i = 0; i < size; i++) {
    const id = ids[i]!;
    const sumA = lowA[id]! + a[i]!;
    const sumB = lowB[id]! + b[i]!;
    if (!(sumA <= SAFE && sumA >= -SAFE && sumB <= SAFE && sumB >= -SAFE)) return i;
    lowA[id] = sumA;
    lowB[id] = sumB;
  }
  return size;
}

function addThree(
  ids: Int32Array,
  size: number,
  lowA: Float64Array,
  a: Float64Array,
  lowB: Float64Array,
  b: Float64Array,
  lowC: Float64Array,
  c: Float64Array,
): number {
  for (let i = 0; i < size; i++) {
    const id = ids[i]!;
    const sumA = lowA[id]! + a[i]!;
    const sumB = lowB[id]! + b[i]!;
    const sumC = lowC[id]! + c[i]!;
    if (!(sumA <= SAFE && sumA >= -SAFE && sumB <= SAFE && sumB >= -SAFE)) return i;
    if (!(sumC <= SAFE && sumC >= -SAFE)) return i;
    lowA[id] = sumA;
    lowB[id] = sumB;
    lowC[id] = sumC;
  }
  return size;
}

function addFour(
  ids: Int32Array,
  size: number,
  lowA: Float64Array,
  a: Float64Array,
  lowB: Float64Array,
  b: Float64Array,
  lowC: Float64Array,
  c: Float64Array,
  lowD: Float64Array,
  d: Float64Array,
): number {
  for (let i = 0; i < size; i++) {
    const id = ids[i]!;
    const sumA = lowA[id]! + a[i]!;
    const sumB = lowB[id]! + b[i]!;
    const sumC = lowC[id]! + c[i]!;
    const sumD = lowD[id]! + d[i]!;
    if (!(sumA <= SAFE && sumA >= -SAFE && sumB <= SAFE && sumB >= -SAFE)) return i;
    if (!(sumC <= SAFE && sumC >= -SAFE && sumD <= SAFE && sumD >= -SAFE)) return i;
    lowA[id] = sumA;
    lowB[id] = sumB;
    lowC[id] = sumC;
    lowD[id] = sumD;
  }
  return size;
}
