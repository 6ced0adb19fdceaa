/**
 * Vectors made from datums: constants, NULLs, results of row-wise functions, rows of VALUES.
 *
 * The physical kind follows from the type, and for BIGINT and DECIMAL from the values too: one value beyond
 * 2^53 makes the whole vector `big`. O(n).
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";
import type { LazyVector, NullBytes, Vector } from "../storage/vector.ts";

/** A vector that holds its values. */
export type DenseVector = Exclude<Vector, LazyVector>;

/** How vectors of a type are held while nothing asks for more: no `big`, `code` or `lazy`. */
export type PlainKind = "i32" | "f64" | "bool" | "str" | "object";

/** The kind of a vector of `type` whose values are ordinary. O(1). */
export function plainKind(type: SqlType): PlainKind {
  switch (type.kind) {
    case "smallint":
    case "integer":
    case "date":
      return "i32";
    case "bigint":
    case "decimal":
    case "real":
    case "double":
    case "time":
    case "timestamp":
    case "timestamptz":
      return "f64";
    case "boolean":
      return "bool";
    case "text":
    case "json":
      return "str";
    case "numeric":
    case "interval":
    case "array":
    case "null":
      return "object";
    default:
      return unreachable(type);
  }
}

/** The first `size` of `values` as a new vector. */
export function vectorFromDatums(type: SqlType, values: readonly Datum[], size: number): DenseVector {
  const nulls = nullBytesOf(values, size);
  const kind = plainKind(type);
  switch (kind) {
    case "i32":
      return { kind, values: fillNumbers(new Int32Array(size), values, size), nulls };
    case "f64": {
      if ((type.kind === "bigint" || type.kind === "decimal") && hasBigint(values, size)) {
        return { kind: "big", values: toBigints(values, size), nulls };
      }
      return { kind, values: fillNumbers(new Float64Array(size), values, size), nulls };
    }
    case "bool":
      return { kind, values: fillNumbers(new Uint8Array(size), values, size), nulls };
    case "str":
      return { kind, values: toStrings(values, size), nulls };
    case "object":
      return { kind, values: values.slice(0, size), nulls };
    default:
      return unreachable(kind);
  }
}

/** `size` NULLs. */
export function nullVector(type: SqlType, size: number): DenseVector {
  return constantVector(type, null, size);
}

/** `size` times `value`. */
export function constantVector(type: SqlType, value: Datum, size: number): DenseVector {
  return vectorFromDatums(type, new Array<Datum>(size).fill(value), size);
}

function nullBytesOf(values: readonly Datum[], size: number): NullBytes {
  let nulls: Uint8Array | null = null;
  for (let i = 0; i < size; i++) {
    if (values[i] === null) (nulls ??= new Uint8Array(size))[i] = 1;
  }
  return nulls;
}

function hasBigint(values: readonly Datum[], size: number): boolean {
  for (let i = 0; i < size; i++) if (typeof values[i] === "bigint") return true;
  return false;
}

function fillNumbers<Out extends Int32Array | Float64Array | Uint8Array>(
  out: Out,
  values: readonly Datum[],
  size: number,
): Out {
  // Number(null) is 0, Number(true) is 1: what vectors hold.
  for (let i = 0; i < size; i++) out[i] = Number(values[i]);
  return out;
}

function toBigints(values: readonly Datum[], size: number): bigint[] {
  const out = new Array<bigint>(size);
  for (let i = 0; i < size; i++) {
    const value = values[i];
    out[i] = typeof value === "bigint" ? value : BigInt(Number(value ?? 0));
  }
  return out;
}

function toStrings(values: readonly Datum[], size: number): string[] {
  const out = new Array<string>(size);
  for (let i = 0; i < size; i++) out[i] = String(values[i] ?? "");
  return out;
}
