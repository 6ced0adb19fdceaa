/**
 * Vectors put together, end to end.
 *
 * Vectors of one kind are copied array by array; where kinds differ a column buffer reconciles them. O(rows).
 *
 * @module
 */
import type { SqlType } from "../storage/sql_type.ts";
import type { LazyVector, NullBytes, Vector } from "../storage/vector.ts";
import { ColumnBuffer } from "./column_buffer.ts";
import { materialize } from "./materialize.ts";
import type { DenseVector } from "./vector_build.ts";

/** The first `size` values of a vector. */
export interface VectorPart {
  readonly vector: Vector;
  readonly size: number;
}

/** Below this a loop is cheaper than a view of the array. */
const FEW_ROWS = 16;

/** One vector of all `parts`, in their order. */
export function concatVectors(parts: readonly VectorPart[], type: SqlType): Vector {
  if (parts.length === 1) return parts[0]!.vector;
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const lazy = concatLazy(parts, size);
  if (lazy !== undefined) return lazy;
  const dense = parts.map((part) => ({ vector: materialize(part.vector, part.size), size: part.size }));
  return concatDense(dense, size) ?? reconciled(dense, type);
}

interface DensePart {
  readonly vector: DenseVector;
  readonly size: number;
}

function concatLazy(parts: readonly VectorPart[], size: number): LazyVector | undefined {
  const first = parts[0]?.vector;
  if (first?.kind !== "lazy") return undefined;
  for (const { vector } of parts) {
    if (vector.kind !== "lazy" || !sameSource(vector.source, first.source)) return undefined;
  }
  const rows = new Int32Array(size);
  let at = 0;
  for (const part of parts) {
    // All are lazy: it was checked above.
    const { rows: own } = part.vector as LazyVector;
    if (part.size < FEW_ROWS) { for (let i = 0; i < part.size; i++) rows[at + i] = own[i]!; }
    else rows.set(own.subarray(0, part.size), at);
    at += part.size;
  }
  return { kind: "lazy", rows, source: first.source };
}

/** Undefined when kinds or dictionaries differ, or values are no numbers. */
function concatDense(parts: readonly DensePart[], size: number): Vector | undefined {
  const first = parts[0]?.vector;
  if (first === undefined || !parts.every(({ vector }) => vector.kind === first.kind)) return undefined;
  switch (first.kind) {
    case "i32":
      return { kind: "i32", values: fill(new Int32Array(size), parts), nulls: concatNulls(parts, size) };
    case "f64":
      return { kind: "f64", values: fill(new Float64Array(size), parts), nulls: concatNulls(parts, size) };
    case "bool":
      return { kind: "bool", values: fill(new Uint8Array(size), parts), nulls: concatNulls(parts, size) };
    case "code": {
      const { dictionary } = first;
      if (!parts.every(({ vector }) => vector.kind === "code" && vector.dictionary === dictionary)) {
        return undefined;
      }
      return {
        kind: "code",
        values: fill(new Int32Array(size), parts),
        dictionary,
        nulls: concatNulls(parts, size),
      };
    }
    default:
      return undefined;
  }
}

/** Copies the values of parts whose kind is that of `target`. */
function fill<Values extends Int32Array | Float64Array | Uint8Array>(
  target: Values,
  parts: readonly DensePart[],
): Values {
  let at = 0;
  for (const { vector, size } of parts) {
    // The caller has matched kinds and arrays.
    const values = vector.values as Values;
    if (size < FEW_ROWS) { for (let i = 0; i < size; i++) target[at + i] = values[i]!; }
    else target.set(values.subarray(0, size), at);
    at += size;
  }
  return target;
}

function concatNulls(parts: readonly DensePart[], size: number): NullBytes {
  if (parts.every(({ vector }) => vector.nulls === null)) return null;
  const nulls = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    if (part.vector.nulls !== null) nulls.set(part.vector.nulls.subarray(0, part.size), at);
    at += part.size;
  }
  return nulls;
}

function reconciled(parts: readonly DensePart[], type: SqlType): Vector {
  const buffer = new ColumnBuffer(type);
  for (const { vector, size } of parts) buffer.append(vector, size);
  return buffer.toVector();
}

/** Readers of one column may each have made a list of its segments. */
function sameSource(a: LazyVector["source"], b: LazyVector["source"]): boolean {
  return a === b ||
    (a.segments.length === b.segments.length && a.segments.every((segment, i) => segment === b.segments[i]));
}
