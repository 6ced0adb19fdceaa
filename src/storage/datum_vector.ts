/**
 * Vectors from and to single datums: the slow, general way, for small numbers of rows. O(rows).
 *
 * @module
 */
import type { Dictionary } from "./dictionary.ts";
import { narrowBigint } from "./datum_order.ts";
import { type DenseVector, readDatum } from "./gather.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import { unreachable } from "../base/assert.ts";
import type { NullBytes, Vector } from "./vector.ts";

/** Element `i` of a vector. */
export function vectorDatum(vector: Vector, i: number): Datum {
  if (vector.kind === "lazy") return readDatum(vector.source, vector.rows[i]);
  return vector.nulls !== null && vector.nulls[i] === 1 ? null : presentDatum(vector, i);
}

/** Whether elements `i` and `j` look the same; false also where that would cost more to find out. */
export function sameAt(vector: DenseVector, i: number, j: number): boolean {
  const { nulls, values } = vector;
  const isNull = nulls !== null && nulls[i] === 1;
  if (isNull !== (nulls !== null && nulls[j] === 1)) return false;
  return isNull || Object.is(values[i], values[j]);
}

/** The value of a row that is not NULL. */
export function presentDatum(vector: DenseVector, i: number): Datum {
  switch (vector.kind) {
    case "i32":
    case "f64":
    case "str":
    case "object":
      return vector.values[i];
    case "bool":
      return vector.values[i] === 1;
    case "big":
      return narrowBigint(vector.values[i]);
    case "code":
      return vector.dictionary.strings[vector.values[i]];
    default:
      return unreachable(vector);
  }
}

/** `values` of `type` as a vector; text as codes when `dictionary` has every value. */
export function vectorOfDatums(
  type: SqlType,
  values: readonly Datum[],
  dictionary?: Dictionary,
): DenseVector {
  const nulls = nullsOf(values);
  switch (type.kind) {
    case "smallint":
    case "integer":
    case "date":
      return { kind: "i32", values: numbersInto(new Int32Array(values.length), values), nulls };
    case "boolean":
      return { kind: "bool", values: numbersInto(new Uint8Array(values.length), values), nulls };
    case "bigint":
    case "decimal":
    case "time":
    case "timestamp":
    case "timestamptz":
    case "real":
    case "double":
      if (!hasBigint(values)) {
        return { kind: "f64", values: numbersInto(new Float64Array(values.length), values), nulls };
      }
      return { kind: "big", values: values.map(toBigint), nulls };
    case "text":
    case "json":
      return textVector(values, nulls, dictionary);
    case "numeric":
    case "interval":
    case "array":
    case "null":
      return { kind: "object", values, nulls };
    default:
      return unreachable(type);
  }
}

function nullsOf(values: readonly Datum[]): NullBytes {
  let nulls: NullBytes = null;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === null) (nulls ??= new Uint8Array(values.length))[i] = 1;
  }
  return nulls;
}

/** Number(null) is 0, Number(true) is 1: what vectors hold. */
function numbersInto<Numbers extends Int32Array | Float64Array | Uint8Array>(
  numbers: Numbers,
  values: readonly Datum[],
): Numbers {
  for (let i = 0; i < values.length; i++) numbers[i] = Number(values[i]);
  return numbers;
}

function hasBigint(values: readonly Datum[]): boolean {
  for (let i = 0; i < values.length; i++) if (typeof values[i] === "bigint") return true;
  return false;
}

function toBigint(value: Datum): bigint {
  return typeof value === "bigint" || typeof value === "number" ? BigInt(value) : 0n;
}

function textVector(values: readonly Datum[], nulls: NullBytes, dictionary?: Dictionary): DenseVector {
  if (dictionary !== undefined) {
    const codes = Int32Array.from(values, (value) => typeof value === "string" ? dictionary.find(value) : 0);
    if (!codes.includes(-1)) return { kind: "code", values: codes, dictionary, nulls };
  }
  return { kind: "str", values: values.map((value) => typeof value === "string" ? value : ""), nulls };
}
