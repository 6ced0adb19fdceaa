/**
 * Rows picked out of a chunk, with the row ids of lazy columns picked once for all columns of a table.
 *
 * @module
 */
import type { Chunk, Vector } from "../../storage/vector.ts";
import { unreachable } from "../../base/assert.ts";
import { gatherVector } from "../gather_vector.ts";

/** Rows `selection[0 .. count]` of the columns at hand. */
export function selectColumns(columns: readonly Vector[], selection: Int32Array, count: number): Vector[] {
  let from: Int32Array | null = null;
  let picked: Int32Array | null = null;
  return columns.map((vector) => {
    if (vector.kind !== "lazy") return gatherVector(vector, selection, count);
    if (picked === null || vector.rows !== from) {
      from = vector.rows;
      picked = pickRows(vector.rows, selection, count);
    }
    return { kind: "lazy", rows: picked, source: vector.source };
  });
}

/** Rows `selection[0 .. count]` of `chunk`. */
export function selectRows(chunk: Chunk, selection: Int32Array, count: number): Chunk {
  return { size: count, columns: selectColumns(chunk.columns, selection, count) };
}

function pickRows(rows: Int32Array, selection: Int32Array, count: number): Int32Array {
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) out[i] = rows[selection[i]!]!;
  return out;
}

/** Rows [from, to) of the columns at `positions`; shares memory where the kind allows. */
export function chunkSlice(chunk: Chunk, positions: readonly number[], from: number, to: number): Chunk {
  return {
    size: to - from,
    columns: positions.map((position) => sliceVector(chunk.columns[position]!, from, to)),
  };
}

/** Values [from, to) of a vector; shares memory where the kind allows. */
export function sliceVector(vector: Vector, from: number, to: number): Vector {
  if (vector.kind === "lazy") return { ...vector, rows: vector.rows.subarray(from, to) };
  const nulls = vector.nulls === null ? null : vector.nulls.subarray(from, to);
  switch (vector.kind) {
    case "i32":
      return { kind: "i32", values: vector.values.subarray(from, to), nulls };
    case "f64":
      return { kind: "f64", values: vector.values.subarray(from, to), nulls };
    case "bool":
      return { kind: "bool", values: vector.values.subarray(from, to), nulls };
    case "code":
      return { ...vector, values: vector.values.subarray(from, to), nulls };
    case "big":
      return { kind: "big", values: vector.values.slice(from, to), nulls };
    case "str":
      return { kind: "str", values: vector.values.slice(from, to), nulls };
    case "object":
      return { kind: "object", values: vector.values.slice(from, to), nulls };
    default:
      return unreachable(vector);
  }
}
