/**
 * Vectors one after the other, as a new one. O(rows).
 *
 * Parts of one kind keep it; row ids of one stored column stay row ids.
 *
 * @module
 */
import { materialize } from "../exec/materialize.ts";
import { type DenseVector, vectorFromDatums } from "../exec/vector_build.ts";
import { readDatums } from "../exec/vector_read.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";
import type { NullBytes, Vector } from "../storage/vector.ts";

/** The first `size` values of a vector. */
export interface VectorPart {
  readonly vector: Vector;
  readonly size: number;
}

/** See the module header; `parts` are of type `type`. */
export function concatVectors(parts: readonly VectorPart[], type: SqlType): Vector {
  const size = parts.reduce((total, part) => total + part.size, 0);
  const [first] = parts.map(({ vector }) => vector);
  if (first?.kind === "lazy") {
    const { source } = first;
    const rows = parts.flatMap(({ vector, size }) =>
      vector.kind === "lazy" && vector.source === source ? [vector.rows.subarray(0, size)] : []
    );
    if (rows.length === parts.length) {
      return { kind: "lazy", rows: joined(new Int32Array(size), rows), source };
    }
  }
  return concatDense(
    parts.map((part) => ({ ...part, vector: materialize(part.vector, part.size) })),
    size,
    type,
  );
}

function concatDense(
  parts: readonly { readonly vector: DenseVector; readonly size: number }[],
  size: number,
  type: SqlType,
): Vector {
  const nulls = joinedNulls(parts, size);
  const ints: Int32Array[] = [];
  const doubles: Float64Array[] = [];
  const bytes: Uint8Array[] = [];
  const codes: Int32Array[] = [];
  const [first] = parts.map(({ vector }) => vector);
  const dictionary = first?.kind === "code" ? first.dictionary : null;
  for (const { vector, size } of parts) {
    if (vector.kind === "i32") ints.push(vector.values.subarray(0, size));
    else if (vector.kind === "f64") doubles.push(vector.values.subarray(0, size));
    else if (vector.kind === "bool") bytes.push(vector.values.subarray(0, size));
    else if (vector.kind === "code" && vector.dictionary === dictionary) {
      codes.push(vector.values.subarray(0, size));
    }
  }
  const { length } = parts;
  if (ints.length === length) return { kind: "i32", values: joined(new Int32Array(size), ints), nulls };
  if (doubles.length === length) {
    return { kind: "f64", values: joined(new Float64Array(size), doubles), nulls };
  }
  if (bytes.length === length) return { kind: "bool", values: joined(new Uint8Array(size), bytes), nulls };
  if (codes.length === length && dictionary !== null) {
    return { kind: "code", values: joined(new Int32Array(size), codes), dictionary, nulls };
  }
  const datums: Datum[] = [];
  for (const { vector, size } of parts) for (const datum of readDatums(vector, size)) datums.push(datum);
  return vectorFromDatums(type, datums, size);
}

function joined<Values extends Int32Array | Float64Array | Uint8Array>(
  into: Values,
  parts: readonly Values[],
): Values {
  let at = 0;
  for (const part of parts) {
    into.set(part, at);
    at += part.length;
  }
  return into;
}

function joinedNulls(
  parts: readonly { readonly vector: DenseVector; readonly size: number }[],
  size: number,
): NullBytes {
  if (parts.every(({ vector }) => vector.nulls === null)) return null;
  const nulls = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    if (part.vector.nulls !== null) nulls.set(part.vector.nulls.subarray(0, part.size), at);
    at += part.size;
  }
  return nulls;
}
