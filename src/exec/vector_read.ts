/**
 * Reading vectors value by value: the slow way, for row-wise functions, results and tests.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { wholeFromBigint } from "../query/functions/datum.ts";
import type { Datum } from "../storage/sql_type.ts";
import type { Vector } from "../storage/vector.ts";
import { storedDatum } from "./stored_gather.ts";
import type { DenseVector } from "./vector_build.ts";

/** The value of row `i`. O(1). */
export function datumAt(vector: Vector, i: number): Datum {
  if (vector.kind === "lazy") return storedDatum(vector.source, vector.rows[i]!);
  if (vector.nulls !== null && vector.nulls[i] === 1) return null;
  switch (vector.kind) {
    case "i32":
    case "f64":
    case "str":
    case "object":
      return vector.values[i]!;
    case "bool":
      return vector.values[i] === 1;
    case "big":
      return wholeFromBigint(vector.values[i]!);
    case "code":
      return vector.dictionary.strings[vector.values[i]!]!;
    default:
      return unreachable(vector);
  }
}

/** The first `size` values. O(n), one loop for each kind. */
export function readDatums(vector: DenseVector, size: number): Datum[] {
  const out = readValues(vector, size);
  if (vector.nulls !== null) clearNulls(vector.nulls, size, out);
  return out;
}

function readValues(vector: DenseVector, size: number): Datum[] {
  const out = new Array<Datum>(size);
  switch (vector.kind) {
    case "i32":
      return readInt32(vector.values, size, out);
    case "f64":
      return readFloat64(vector.values, size, out);
    case "bool":
      for (let i = 0; i < size; i++) out[i] = vector.values[i] === 1;
      return out;
    case "big":
      for (let i = 0; i < size; i++) out[i] = wholeFromBigint(vector.values[i]!);
      return out;
    case "code": {
      const { strings } = vector.dictionary;
      for (let i = 0; i < size; i++) out[i] = strings[vector.values[i]!] ?? "";
      return out;
    }
    case "str":
    case "object":
      return vector.values.slice(0, size);
    default:
      return unreachable(vector);
  }
}

function readInt32(values: Int32Array, size: number, out: Datum[]): Datum[] {
  for (let i = 0; i < size; i++) out[i] = values[i]!;
  return out;
}

function readFloat64(values: Float64Array, size: number, out: Datum[]): Datum[] {
  for (let i = 0; i < size; i++) out[i] = values[i]!;
  return out;
}

function clearNulls(nulls: Uint8Array, size: number, out: Datum[]): void {
  for (let i = 0; i < size; i++) if (nulls[i] === 1) out[i] = null;
}
