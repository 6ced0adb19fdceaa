/**
 * Rows picked out of vectors and chunks.
 *
 * Every call makes new arrays, so that the result outlives the chunk it came from. Lazy vectors stay lazy:
 * only their row ids are picked. O(count) for each column.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import type { Chunk, NullBytes, Vector } from "../storage/vector.ts";

/** Row `selection[i]` of `vector` for each i < count. Every selected row exists; see `ColumnBuffer` for -1. */
export function gatherVector(vector: Vector, selection: Int32Array, count: number): Vector {
  switch (vector.kind) {
    case "i32":
      return {
        kind: "i32",
        values: pickInt32(vector.values, selection, count),
        nulls: pickNulls(vector.nulls, selection, count),
      };
    case "f64":
      return {
        kind: "f64",
        values: pickFloat64(vector.values, selection, count),
        nulls: pickNulls(vector.nulls, selection, count),
      };
    case "bool":
      return {
        kind: "bool",
        values: pickUint8(vector.values, selection, count),
        nulls: pickNulls(vector.nulls, selection, count),
      };
    case "code":
      return {
        kind: "code",
        values: pickInt32(vector.values, selection, count),
        dictionary: vector.dictionary,
        nulls: pickNulls(vector.nulls, selection, count),
      };
    case "big":
      return {
        kind: "big",
        values: pickItems(vector.values, selection, count),
        nulls: pickNulls(vector.nulls, selection, count),
      };
    case "str":
      return {
        kind: "str",
        values: pickItems(vector.values, selection, count),
        nulls: pickNulls(vector.nulls, selection, count),
      };
    case "object":
      return {
        kind: "object",
        values: pickItems(vector.values, selection, count),
        nulls: pickNulls(vector.nulls, selection, count),
      };
    case "lazy":
      return { kind: "lazy", rows: pickInt32(vector.rows, selection, count), source: vector.source };
    default:
      return unreachable(vector);
  }
}

/** The selected rows of a chunk, as a new chunk. */
export function compactChunk(chunk: Chunk, selection: Int32Array, count: number): Chunk {
  return { size: count, columns: chunk.columns.map((vector) => gatherVector(vector, selection, count)) };
}

function pickNulls(nulls: NullBytes, selection: Int32Array, count: number): NullBytes {
  return nulls === null ? null : pickUint8(nulls, selection, count);
}

function pickInt32(values: Int32Array, selection: Int32Array, count: number): Int32Array {
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) out[i] = values[selection[i]!]!;
  return out;
}

function pickFloat64(values: Float64Array, selection: Int32Array, count: number): Float64Array {
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) out[i] = values[selection[i]!]!;
  return out;
}

function pickUint8(values: Uint8Array, selection: Int32Array, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i++) out[i] = values[selection[i]!]!;
  return out;
}

function pickItems<Item>(values: readonly Item[], selection: Int32Array, count: number): Item[] {
  const out = new Array<Item>(count);
  for (let i = 0; i < count; i++) out[i] = values[selection[i]!]!;
  return out;
}
