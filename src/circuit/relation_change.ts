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
import { sameAt } from "../storage/datum_vector.ts";
import type { DeltaRun, TableDelta } from "../storage/delta.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";
import type { Vector } from "../storage/vector.ts";
import { TransactionDelta } from "../storage/transaction_delta.ts";
import { type Delta, selectDelta, signs } from "./delta.ts";

/** Changes of up to so many rows are read value by value. */
const FEW_ROWS = 8;

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

/** Where the rows of a change are. */
interface ChangeSource {
  readonly size: number;
  weights(): Int32Array;
  /** A column of the relation. */
  column(ordinal: number): Vector;
  pairs(): Pairs;
}

/** A column of a relation. */
interface TypedColumn {
  readonly type: SqlType;
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
  readonly #source: ChangeSource;
  readonly #columns: (Vector | undefined)[] = [];
  #weights: Int32Array | undefined;
  #pairs: Pairs | undefined;
  #slices: Map<number, Map<unknown, number[]>> | undefined;

  private constructor(source: ChangeSource) {
    this.size = source.size;
    this.#source = source;
  }

  /**
   * The change that commits have made of a relation with these columns, the oldest first, and then the transaction
   * under way.
   */
  static of(
    columns: readonly TypedColumn[],
    deltas: readonly TableDelta[],
    underWay: readonly Delta[] = [],
  ): RelationChange {
    const [delta] = deltas;
    if (deltas.length === 0 && underWay.length === 1) return new RelationChange(new WholeDelta(underWay[0]!));
    if (
      deltas.length === 1 && underWay.length === 0 && delta instanceof TransactionDelta &&
      delta.rowCount <= FEW_ROWS
    ) return new RelationChange(new FewRows(delta));
    return new RelationChange(new Runs(columns, deltas, underWay));
  }

  /** The changed rows in the columns `ordinals`: all, or those on a route. */
  select(ordinals: readonly number[], route?: Route): Delta {
    if (route !== undefined) return this.#routed(ordinals, route);
    const columns = new Array<Vector>(ordinals.length);
    for (let i = 0; i < columns.length; i++) columns[i] = this.#column(ordinals[i]!);
    const all: Delta = { size: this.size, columns, weights: this.#weights ??= this.#source.weights() };
    return this.#withoutSame(all, this.#pairs ??= this.#source.pairs());
  }

  #routed(ordinals: readonly number[], { ordinal, value }: Route): Delta {
    const slice = this.#slicesBy(ordinal).get(value) ?? [];
    const rows = new Int32Array(slice.length);
    for (let i = 0; i < rows.length; i++) rows[i] = slice[i]!;
    const columns = new Array<Vector>(ordinals.length);
    for (let i = 0; i < columns.length; i++) columns[i] = this.#denseColumn(ordinals[i]!);
    const weights = this.#weights ??= this.#source.weights();
    return selectDelta({ size: this.size, columns, weights }, rows, rows.length);
  }

  /** Many ask for few rows of it. */
  #denseColumn(ordinal: number): Vector {
    const column = this.#column(ordinal);
    return column.kind === "lazy" ? this.#columns[ordinal] = materialize(column, this.size) : column;
  }

  /** The values that changed rows have in a column. */
  values(ordinal: number): RouteValues {
    const slices = this.#slicesBy(ordinal);
    return { size: slices.size, has: (value) => slices.has(value), [Symbol.iterator]: () => slices.keys() };
  }

  #column(ordinal: number): Vector {
    return this.#columns[ordinal] ??= this.#source.column(ordinal);
  }

  #slicesBy(ordinal: number): Map<unknown, number[]> {
    this.#slices ??= new Map();
    let slices = this.#slices.get(ordinal);
    if (slices !== undefined) return slices;
    slices = new Map();
    const vector = this.#denseColumn(ordinal);
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
    if (pairCount === 1 && anyDiffers(delta.columns, old[0]!, fresh[0]!)) return delta;
    const same = new Uint8Array(pairCount).fill(1);
    let sameCount = pairCount;
    for (const column of delta.columns) {
      if (sameCount === 0) return delta;
      // The values of now, wherever old and new row have one id.
      if (column.kind === "lazy") continue;
      for (let k = 0; k < pairCount; k++) {
        if (same[k] === 0 || sameAt(column, old[k]!, fresh[k]!)) continue;
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

/** A delta as it is, without row ids. */
class WholeDelta implements ChangeSource {
  readonly size: number;
  readonly #delta: Delta;

  constructor(delta: Delta) {
    this.size = delta.size;
    this.#delta = delta;
  }

  weights(): Int32Array {
    return this.#delta.weights;
  }

  column(ordinal: number): Vector {
    return this.#delta.columns[ordinal]!;
  }

  pairs(): Pairs {
    return NO_PAIRS;
  }
}

/** Few rows of a commit. */
class FewRows implements ChangeSource {
  readonly size: number;
  readonly #delta: TransactionDelta;

  constructor(delta: TransactionDelta) {
    this.size = delta.rowCount;
    this.#delta = delta;
  }

  weights(): Int32Array {
    const { removed, added } = this.#delta.rows();
    return signs(removed.length, added.length);
  }

  column(ordinal: number): Vector {
    return this.#delta.column(ordinal);
  }

  pairs(): Pairs {
    const { removed, added } = this.#delta.rows();
    if (removed.length === 0 || added.length === 0) return NO_PAIRS;
    // One row was updated.
    return removed === added && removed.length === 1 ? LONE_PAIR : pairsIn(removed, added, 0);
  }
}

/** Rows that came from one place. */
interface Run {
  readonly size: number;
  /** Of each row. */
  readonly weights: 1 | -1 | Int32Array;
  column(ordinal: number): Vector;
}

/** Rows of any number of deltas, put together when they are asked for. */
class Runs implements ChangeSource {
  readonly size: number;
  readonly #columns: readonly TypedColumn[];
  readonly #runs: readonly Run[];
  /** The runs that have row ids, by delta. */
  readonly #deltas: readonly (readonly DeltaRun[])[];

  constructor(
    columns: readonly TypedColumn[],
    deltas: readonly TableDelta[],
    underWay: readonly Delta[],
  ) {
    const logged = deltas.map((delta) => delta.runs());
    const runs: Run[] = [];
    for (const delta of logged) for (const run of delta) runs.push(runOf(run));
    for (const delta of underWay) {
      runs.push({
        size: delta.size,
        weights: delta.weights,
        column: (ordinal) => delta.columns[ordinal]!,
      });
    }
    this.size = runs.reduce((rows, run) => rows + run.size, 0);
    this.#columns = columns;
    this.#runs = runs;
    this.#deltas = logged;
  }

  weights(): Int32Array {
    const weights = new Int32Array(this.size);
    let at = 0;
    for (const run of this.#runs) {
      if (run.size === 1) weights[at] = typeof run.weights === "number" ? run.weights : run.weights[0]!;
      else if (typeof run.weights === "number") weights.fill(run.weights, at, at + run.size);
      else weights.set(run.weights.subarray(0, run.size), at);
      at += run.size;
    }
    return weights;
  }

  column(ordinal: number): Vector {
    const parts = this.#runs.map((run) => ({ vector: run.column(ordinal), size: run.size }));
    return concatVectors(parts, this.#columns[ordinal]!.type);
  }

  pairs(): Pairs {
    return pairsOf(this.#deltas);
  }
}

function runOf(run: DeltaRun): Run {
  return { size: run.size, weights: run.weight, column: (ordinal) => run.column(ordinal) };
}

/** In a delta old rows come first, and both old and new ones in the order of their ids. */
function pairsOf(deltas: readonly (readonly DeltaRun[])[]): Pairs {
  let start = 0;
  const pairs: Pairs[] = [];
  for (const runs of deltas) {
    const [first, second] = runs;
    if (second === undefined || (runs.length === 2 && first!.weight === second.weight)) {
      start += runs.reduce((rows, { size }) => rows + size, 0);
      continue;
    }
    if (runs.length === 2) {
      pairs.push(pairsIn(first!.rowIds, second.rowIds, start));
      start += first!.size + second.size;
      continue;
    }
    const oldIds = joined(runs.filter(({ weight }) => weight < 0).map(({ rowIds }) => rowIds));
    const freshIds = joined(runs.filter(({ weight }) => weight > 0).map(({ rowIds }) => rowIds));
    pairs.push(pairsIn(oldIds, freshIds, start));
    start += oldIds.length + freshIds.length;
  }
  if (pairs.length <= 1) return pairs[0] ?? NO_PAIRS;
  return { old: joined(pairs.map(({ old }) => old)), fresh: joined(pairs.map(({ fresh }) => fresh)) };
}

const LONE_PAIR: Pairs = { old: Int32Array.of(0), fresh: Int32Array.of(1) };
const NO_PAIRS: Pairs = { old: new Int32Array(0), fresh: new Int32Array(0) };

function pairsIn(oldIds: Int32Array, freshIds: Int32Array, start: number): Pairs {
  const countMax = Math.min(oldIds.length, freshIds.length);
  const old = new Int32Array(countMax);
  const fresh = new Int32Array(countMax);
  let count = 0;
  for (let i = 0, j = 0; i < oldIds.length && j < freshIds.length;) {
    const difference = oldIds[i]! - freshIds[j]!;
    if (difference === 0) {
      old[count] = start + i;
      fresh[count++] = start + oldIds.length + j;
    }
    if (difference <= 0) i++;
    if (difference >= 0) j++;
  }
  if (count === countMax) return { old, fresh };
  return { old: old.subarray(0, count), fresh: fresh.subarray(0, count) };
}

function joined(lists: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

function anyDiffers(vectors: readonly Vector[], i: number, j: number): boolean {
  for (let k = 0; k < vectors.length; k++) {
    const vector = vectors[k]!;
    if (vector.kind !== "lazy" && !sameAt(vector, i, j)) return true;
  }
  return false;
}
