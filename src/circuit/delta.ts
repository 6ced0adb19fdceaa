/**
 * Deltas: the change of a relation as a Z-set in columns.
 *
 * A row of weight +1 came, one of weight -1 went; the same row may stand in a delta several times, and what
 * counts is the sum. {@linkcode consolidated} makes each row distinct and drops those whose weights cancel out.
 * Theory: Budiu et al., "DBSP: Automatic Incremental View Maintenance for Rich Query Languages", VLDB 2023.
 *
 * @module
 */
import { concatVectors } from "../exec/concat_vectors.ts";
import { gatherVector } from "../exec/gather_vector.ts";
import { materialize } from "../exec/materialize.ts";
import { vectorFromDatums } from "../exec/vector_build.ts";
import { readDatums } from "../exec/vector_read.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";
import type { Vector } from "../storage/vector.ts";
import { identifyRows } from "./rows/row_identity.ts";
import type { WeightedRow } from "./zset.ts";

/** A change; its arrays may be longer than `size`. */
export interface Delta {
  readonly size: number;
  /** One vector for each column of the relation. */
  readonly columns: readonly Vector[];
  readonly weights: Int32Array;
}

/** Deltas of so many rows are compared row with row. */
const PAIRED_ROWS = 4;
const FEW_ROWS = 8;
const FEW_SIGNS: readonly Int32Array[] = Array.from(
  { length: (FEW_ROWS + 1) ** 2 },
  (_, i) => newSigns(Math.floor(i / (FEW_ROWS + 1)), i % (FEW_ROWS + 1)),
);

/** The weights of rows that go, and then of rows that come; nobody writes to them. */
export function signs(goneCount: number, comeCount: number): Int32Array {
  if (goneCount <= FEW_ROWS && comeCount <= FEW_ROWS) {
    return FEW_SIGNS[goneCount * (FEW_ROWS + 1) + comeCount]!;
  }
  return newSigns(goneCount, comeCount);
}

function newSigns(goneCount: number, comeCount: number): Int32Array {
  const weights = new Int32Array(goneCount + comeCount);
  for (let i = 0; i < weights.length; i++) weights[i] = i < goneCount ? -1 : 1;
  return weights;
}

/**
 * The places that an operator has for the rows of its output, numbered from 0 on. A place holds one row at a time.
 * From time to time those in use are numbered anew, from 0 on.
 */
export class PlaceSpace {
  /** Grows with every new numbering. */
  generation = 0;
  /** The places of the generation before that are the places from 0 on in this one. */
  kept: Int32Array = new Int32Array(0);

  /** Gives the places `kept` the numbers from 0 on; nothing is in the others. */
  renumber(kept: Int32Array): void {
    this.generation++;
    this.kept = kept;
  }
}

/** The places that the rows of a delta leave and take, one for each row. */
export interface Places {
  readonly space: PlaceSpace;
  /** Of the numbers. */
  readonly generation: number;
  readonly of: Int32Array;
}

/** A change in which no row stands twice. A copy of it with other columns is none. */
class DistinctDelta implements Delta {
  readonly size: number;
  readonly columns: readonly Vector[];
  readonly weights: Int32Array;
  readonly places: Places | undefined;
  /** No other object passes for one. */
  readonly #isDistinct = true;

  constructor(size: number, columns: readonly Vector[], weights: Int32Array, places: Places | undefined) {
    this.size = size;
    this.columns = columns;
    this.weights = weights;
    this.places = places;
  }

  static is(delta: Delta): delta is DistinctDelta {
    return #isDistinct in delta;
  }
}

/** Says of a delta that no row stands in it twice, nor has the weight 0; then consolidating it is free. */
export function distinctDelta({ size, columns, weights }: Delta): Delta {
  return new DistinctDelta(size, columns, weights, undefined);
}

/** As {@linkcode distinctDelta}, of rows that have places; all have the weight 1 or -1. */
export function placedDelta({ size, columns, weights }: Delta, places: Places): Delta {
  return new DistinctDelta(size, columns, weights, places);
}

/** The places of the rows, where they have any. */
export function placesOf(delta: Delta): Places | undefined {
  return DistinctDelta.is(delta) ? delta.places : undefined;
}

/** `source` with columns that tell its rows apart as well: what holds for its rows holds for these. */
export function withColumns(source: Delta, columns: readonly Vector[]): Delta {
  const { size, weights } = source;
  if (!DistinctDelta.is(source)) return { size, columns, weights };
  return new DistinctDelta(size, columns, weights, source.places);
}

/** No change of a relation with these columns. */
export function emptyDelta(types: readonly SqlType[]): Delta {
  return {
    size: 0,
    columns: types.map((type) => vectorFromDatums(type, [], 0)),
    weights: new Int32Array(0),
  };
}

/** Rows that all have the same weight. */
export function uniformDelta(columns: readonly Vector[], size: number, weight: number): Delta {
  return { size, columns, weights: new Int32Array(size).fill(weight) };
}

/** A delta of datums. */
export function deltaOfRows(rows: readonly WeightedRow[], types: readonly SqlType[]): Delta {
  const size = rows.length;
  return {
    size,
    columns: types.map((type, j) => vectorFromDatums(type, rows.map(({ row }) => row[j]!), size)),
    weights: Int32Array.from(rows, ({ weight }) => weight),
  };
}

/** The rows of a delta as datums. */
export function rowsOfDelta({ size, columns, weights }: Delta): WeightedRow[] {
  const values = columns.map((column) => readDatums(materialize(column, size), size));
  return Array.from({ length: size }, (_, i) => ({
    row: values.map((column): Datum => column[i]!),
    weight: weights[i]!,
  }));
}

/** The sum of deltas of one relation. */
export function sumOfDeltas(deltas: readonly Delta[], types: readonly SqlType[]): Delta {
  const parts = deltas.filter((delta) => delta.size > 0);
  if (parts.length === 0) return emptyDelta(types);
  if (parts.length === 1) return parts[0]!;
  const weights = new Int32Array(parts.reduce((total, { size }) => total + size, 0));
  let at = 0;
  for (const part of parts) {
    weights.set(part.weights.subarray(0, part.size), at);
    at += part.size;
  }
  const columns = types.map((type, j) =>
    concatVectors(parts.map((part) => ({ vector: part.columns[j]!, size: part.size })), type)
  );
  return { size: at, columns, weights };
}

/** The delta with opposite weights. */
export function negated(delta: Delta): Delta {
  return { ...delta, weights: delta.weights.subarray(0, delta.size).map((weight) => -weight) };
}

/** Rows `rows[0 .. count]` of a delta, each at most once. */
export function selectDelta(delta: Delta, rows: Int32Array, count: number): Delta {
  const weights = picked(delta.weights, rows, count);
  const columns = delta.columns.map((column) => gatherVector(column, rows, count));
  if (!DistinctDelta.is(delta)) return { size: count, columns, weights };
  const { places } = delta;
  return new DistinctDelta(
    count,
    columns,
    weights,
    places === undefined ? undefined : { ...places, of: picked(places.of, rows, count) },
  );
}

function picked(values: Int32Array, rows: Int32Array, count: number): Int32Array {
  const all = new Int32Array(count);
  for (let i = 0; i < count; i++) all[i] = values[rows[i]!]!;
  return all;
}

/** Each row once, with the sum of its weights, where that is not 0. O(rows * columns). */
export function consolidated(delta: Delta, types: readonly SqlType[]): Delta {
  if (DistinctDelta.is(delta)) return delta;
  const { size, columns, weights } = delta;
  if (size === 0 || types.length === 0) return summed(delta);
  if (size === 1) return delta;
  if (size <= PAIRED_ROWS && differPairwise(delta)) return distinctDelta(delta);
  const ids = new Int32Array(size);
  const distinct = identifyRows(columns.map((column) => materialize(column, size)), types, size, ids);
  const sums = new Int32Array(distinct);
  const rows = new Int32Array(distinct).fill(-1);
  for (let i = 0; i < size; i++) {
    const id = ids[i]!;
    sums[id]! += weights[i]!;
    if (rows[id] === -1) rows[id] = i;
  }
  let count = 0;
  for (let id = 0; id < distinct; id++) {
    if (sums[id] === 0) continue;
    rows[count] = rows[id]!;
    sums[count++] = sums[id]!;
  }
  if (count === size) return distinctDelta(delta);
  const distinctColumns = columns.map((column) => gatherVector(column, rows, count));
  return new DistinctDelta(count, distinctColumns, sums.slice(0, count), undefined);
}

/** Whether numbers or texts tell all rows of a small delta apart, and none has the weight 0; false where others may. */
function differPairwise({ size, columns, weights }: Delta): boolean {
  for (let i = 0; i < size; i++) {
    if (weights[i] === 0) return false;
    for (let j = 0; j < i; j++) if (!differ(columns, i, j)) return false;
  }
  return true;
}

function differ(columns: readonly Vector[], i: number, j: number): boolean {
  for (let k = 0; k < columns.length; k++) {
    const vector = columns[k]!;
    if (vector.kind === "lazy" || vector.kind === "object") continue;
    const { values, nulls } = vector;
    const isNull = nulls !== null && nulls[i] === 1;
    if (isNull !== (nulls !== null && nulls[j] === 1)) return true;
    // NaN differs from itself, and rows with it may be the same.
    if (!isNull && values[i] !== values[j] && values[i] === values[i]) return true;
  }
  return false;
}

/** Rows without columns are all the same row. */
function summed(delta: Delta): Delta {
  if (delta.size < 2) return delta;
  let weight = 0;
  for (let i = 0; i < delta.size; i++) weight += delta.weights[i]!;
  return { size: weight === 0 ? 0 : 1, columns: delta.columns, weights: Int32Array.of(weight) };
}

/** Rows with as many copies as their weight says; those of negative weight count as their opposite. */
export function repeated(delta: Delta): { readonly columns: readonly Vector[]; readonly size: number } {
  const { size, columns, weights } = delta;
  let total = 0;
  for (let i = 0; i < size; i++) total += Math.abs(weights[i]!);
  if (total === size) return { columns, size };
  const rows = new Int32Array(total);
  let count = 0;
  for (let i = 0; i < size; i++) {
    for (let copies = Math.abs(weights[i]!); copies > 0; copies--) rows[count++] = i;
  }
  return { columns: columns.map((column) => gatherVector(column, rows, total)), size: total };
}
