/**
 * The change of one relation in an epoch, as many operators read it: each its own columns, and some only the rows
 * that have one value in one column.
 *
 * A column is put together once, and rows are sorted by a column's values once, however many operators ask. An
 * update that leaves all columns of a reader as they were is no change for it: old and new row are told by their
 * row id. O(rows) for each column and each order, once; O(rows of the slice) for a reader of one value.
 *
 * @module
 */
import { concatVectors } from "../exec/concat_vectors.ts";
import { materialize } from "../exec/materialize.ts";
import { datumAt } from "../exec/vector_read.ts";
import type { TableDelta } from "../storage/delta.ts";
import type { DenseVector } from "../storage/gather.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";
import type { Vector } from "../storage/vector.ts";
import { type Delta, selectDelta } from "./delta.ts";

/** Rows with `value` in column `ordinal`. */
export interface Route {
  readonly ordinal: number;
  /** As {@linkcode routeValue} gives it. */
  readonly value: unknown;
}

/** Distinct values of a column. */
export interface RouteValues extends Iterable<unknown> {
  readonly size: number;
  has(value: unknown): boolean;
}

/** Rows of a change that were written together. */
interface Part {
  readonly size: number;
  readonly columns: readonly Vector[];
}

/** Positions of old and new row of updates. */
interface Pairs {
  readonly old: Int32Array;
  readonly fresh: Int32Array;
}

/** A datum as routes are told apart by it. */
export function routeValue(datum: Datum): unknown {
  if (typeof datum !== "bigint") return datum;
  const number = Number(datum);
  return Number.isSafeInteger(number) ? number : datum;
}

/** See the module header. */
export class RelationChange {
  readonly size: number;
  readonly #types: readonly SqlType[];
  readonly #parts: readonly Part[];
  readonly #weights: Int32Array;
  readonly #pairs: Pairs;
  readonly #columns: (Vector | undefined)[] = [];
  readonly #slices = new Map<number, Map<unknown, number[]>>();

  private constructor(
    types: readonly SqlType[],
    rows: { readonly parts: readonly Part[]; readonly weights: Int32Array; readonly pairs: Pairs },
  ) {
    this.size = rows.weights.length;
    this.#types = types;
    this.#parts = rows.parts;
    this.#weights = rows.weights;
    this.#pairs = rows.pairs;
  }

  /**
   * The change that commits have made of a relation with columns of `types`, the oldest first, and then the
   * transaction under way.
   */
  static of(
    types: readonly SqlType[],
    deltas: readonly TableDelta[],
    underWay: readonly Delta[] = [],
  ): RelationChange {
    const parts: Part[] = [];
    const pairs: Pairs[] = [];
    const rowCount = deltas.reduce((rows, delta) => rows + delta.rowCount, 0);
    const weights = new Int32Array(underWay.reduce((rows, delta) => rows + delta.size, rowCount));
    let size = 0;
    for (const delta of deltas) {
      const start = size;
      const rowIds = new Int32Array(delta.rowCount);
      for (const chunk of delta.chunks()) {
        parts.push(chunk);
        weights.set(chunk.weights.subarray(0, chunk.size), size);
        rowIds.set(chunk.rowIds.subarray(0, chunk.size), size - start);
        size += chunk.size;
      }
      pairs.push(pairsOf(rowIds, weights.subarray(start, size), start));
    }
    for (const delta of underWay) {
      parts.push(delta);
      weights.set(delta.weights.subarray(0, delta.size), size);
      size += delta.size;
    }
    return new RelationChange(types, { parts, weights, pairs: joined(pairs) });
  }

  /** The changed rows in the columns `ordinals`: all, or those on a route. */
  select(ordinals: readonly number[], route?: Route): Delta {
    const columns = ordinals.map((ordinal) => this.#column(ordinal));
    const all: Delta = { size: this.size, columns, weights: this.#weights };
    if (route !== undefined) {
      const rows = Int32Array.from(this.#slicesBy(route.ordinal).get(route.value) ?? []);
      return selectDelta(all, rows, rows.length);
    }
    return this.#withoutSame(all, this.#pairs);
  }

  /** The values that changed rows have in a column. */
  values(ordinal: number): RouteValues {
    const slices = this.#slicesBy(ordinal);
    return { size: slices.size, has: (value) => slices.has(value), [Symbol.iterator]: () => slices.keys() };
  }

  #column(ordinal: number): Vector {
    let column = this.#columns[ordinal];
    if (column !== undefined) return column;
    const parts = this.#parts.map(({ columns, size }) => ({ vector: columns[ordinal]!, size }));
    column = concatVectors(parts, this.#types[ordinal]!);
    this.#columns[ordinal] = column;
    return column;
  }

  #slicesBy(ordinal: number): Map<unknown, number[]> {
    let slices = this.#slices.get(ordinal);
    if (slices !== undefined) return slices;
    slices = new Map();
    const vector = materialize(this.#column(ordinal), this.size);
    for (let i = 0; i < this.size; i++) {
      const value = routeValue(datumAt(vector, i));
      const rows = slices.get(value);
      if (rows === undefined) slices.set(value, [i]);
      else rows.push(i);
    }
    this.#slices.set(ordinal, slices);
    return slices;
  }

  /** Without the updates that leave all these columns as they were. */
  #withoutSame(delta: Delta, { old, fresh }: Pairs): Delta {
    const pairCount = old.length;
    if (pairCount === 0) return delta;
    const same = new Uint8Array(pairCount).fill(1);
    let sameCount = pairCount;
    for (const column of delta.columns) {
      if (sameCount === 0) return delta;
      // The values of now, wherever old and new row have one id.
      if (column.kind === "lazy") continue;
      const vector = column;
      for (let k = 0; k < pairCount; k++) {
        if (same[k] === 0 || isSame(vector, old[k]!, fresh[k]!)) continue;
        same[k] = 0;
        sameCount--;
      }
    }
    if (sameCount === 0) return delta;
    const dropped = new Uint8Array(delta.size);
    for (let k = 0; k < pairCount; k++) if (same[k] === 1) dropped[old[k]!] = dropped[fresh[k]!] = 1;
    const rows = new Int32Array(delta.size - 2 * sameCount);
    let count = 0;
    for (let i = 0; i < delta.size; i++) if (dropped[i] === 0) rows[count++] = i;
    return selectDelta(delta, rows, count);
  }
}

/** Old rows come first, and both old and new ones in the order of their ids. */
function pairsOf(rowIds: Int32Array, weights: Int32Array, offset: number): Pairs {
  let oldCount = 0;
  while (oldCount < weights.length && weights[oldCount]! < 0) oldCount++;
  const countMax = Math.min(oldCount, weights.length - oldCount);
  const old = new Int32Array(countMax);
  const fresh = new Int32Array(countMax);
  let count = 0;
  for (let i = 0, j = oldCount; i < oldCount && j < rowIds.length;) {
    const difference = rowIds[i]! - rowIds[j]!;
    if (difference === 0) {
      old[count] = offset + i;
      fresh[count++] = offset + j;
    }
    if (difference <= 0) i++;
    if (difference >= 0) j++;
  }
  return { old: old.subarray(0, count), fresh: fresh.subarray(0, count) };
}

function joined(pairs: readonly Pairs[]): Pairs {
  if (pairs.length === 1) return pairs[0]!;
  const count = pairs.reduce((sum, { old }) => sum + old.length, 0);
  const all = { old: new Int32Array(count), fresh: new Int32Array(count) };
  let from = 0;
  for (const { old, fresh } of pairs) {
    all.old.set(old, from);
    all.fresh.set(fresh, from);
    from += old.length;
  }
  return all;
}

/** Whether two rows look the same; false also where that would cost more to find out. */
function isSame(vector: DenseVector, i: number, j: number): boolean {
  const { nulls, values } = vector;
  const isNull = nulls !== null && nulls[i] === 1;
  if (isNull !== (nulls !== null && nulls[j] === 1)) return false;
  return isNull || Object.is(values[i], values[j]);
}
