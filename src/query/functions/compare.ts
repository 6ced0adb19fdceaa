/**
 * Order, equality and hash keys of datums.
 *
 * The order is total: NaN equals NaN and is the greatest number, -0 equals 0, text compares by code point,
 * intervals by length, arrays element by element with NULL greatest, JSON as JSONB does.
 *
 * @module
 */
import { unreachable } from "../../base/assert.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import { compareText } from "./code_points.ts";
import { asArray, asInterval, asNumber, asNumeric, asText, asWhole, type WholeNumber } from "./datum.ts";
import { compareIntervals, intervalKey } from "./interval_value.ts";
import { compareJson, jsonKey, parseJson } from "./json_value.ts";
import {
  compareNumeric,
  formatNumeric,
  numericFromDouble,
  numericFromWhole,
  numericToDouble,
  trimScale,
} from "./numeric_value.ts";

/** Order of two doubles. */
export function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return (Number.isNaN(a) ? 1 : 0) - (Number.isNaN(b) ? 1 : 0);
}

/** Order of two whole numbers; a number and a bigint compare by value. */
export function compareWhole(a: WholeNumber, b: WholeNumber): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Order of two values of one type: negative, 0 or positive. NULL equals NULL and is the greatest. */
export function compareDatums(a: Datum, b: Datum, type: SqlType): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  switch (type.kind) {
    case "boolean":
      return Number(a) - Number(b);
    case "smallint":
    case "integer":
    case "date":
    case "time":
    case "timestamp":
    case "timestamptz":
      return asNumber(a) - asNumber(b);
    case "bigint":
    case "decimal":
      return compareWhole(asWhole(a), asWhole(b));
    case "numeric":
      return compareNumeric(asNumeric(a), asNumeric(b));
    case "real":
    case "double":
      return compareDoubles(asNumber(a), asNumber(b));
    case "text":
    case "null":
      return compareText(asText(a), asText(b));
    case "json":
      return a === b ? 0 : compareJson(parseJson(asText(a)), parseJson(asText(b)));
    case "interval":
      return compareIntervals(asInterval(a), asInterval(b));
    case "array":
      return compareArrays(asArray(a), asArray(b), type.element);
    default:
      return unreachable(type);
  }
}

/** Order of two values whose type may have dimensions: elements first, then their number and the shape. */
function compareArrays(a: readonly Datum[], b: readonly Datum[], element: SqlType): number {
  if (element.kind !== "array" && (isNested(a) || isNested(b))) {
    return compareArrays(flattened(a), flattened(b), element) || compareShapes(a, b);
  }
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareDatums(a[i]!, b[i]!, element);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Dimensions are not part of an array's type: an element of `integer[]` may itself be an array. */
function isNested(array: readonly Datum[]): boolean {
  return Array.isArray(array[0]);
}

function flattened(array: readonly Datum[]): Datum[] {
  return array.flatMap((item) => Array.isArray(item) ? flattened(item) : [item]);
}

function shapeOf(array: Datum): number[] {
  return Array.isArray(array) && array.length > 0 ? [array.length, ...shapeOf(array[0]!)] : [];
}

function compareShapes(a: readonly Datum[], b: readonly Datum[]): number {
  const left = shapeOf(a);
  const right = shapeOf(b);
  if (left.length !== right.length) return left.length - right.length;
  const at = left.findIndex((length, i) => length !== right[i]);
  return at < 0 ? 0 : left[at]! - right[at]!;
}

/** Order of two numbers of any numeric types, exact unless one is a floating point number. */
export function compareNumbers(a: Datum, typeA: SqlType, b: Datum, typeB: SqlType): number {
  if (typeA.kind === typeB.kind && !(typeA.kind === "decimal" && typeB.kind === "decimal")) {
    return compareDatums(a, b, typeA);
  }
  if (isFloat(typeA) || isFloat(typeB)) return compareDoubles(toDouble(a, typeA), toDouble(b, typeB));
  const scaleA = typeA.kind === "decimal" ? typeA.scale : 0;
  const scaleB = typeB.kind === "decimal" ? typeB.scale : 0;
  if (typeA.kind !== "numeric" && typeB.kind !== "numeric" && scaleA === scaleB) {
    return compareWhole(asWhole(a), asWhole(b));
  }
  const left = typeA.kind === "numeric" ? asNumeric(a) : numericFromWhole(asWhole(a), scaleA);
  const right = typeB.kind === "numeric" ? asNumeric(b) : numericFromWhole(asWhole(b), scaleB);
  return compareNumeric(left, right);
}

function isFloat(type: SqlType): boolean {
  return type.kind === "real" || type.kind === "double";
}

function toDouble(value: Datum, type: SqlType): number {
  if (type.kind === "numeric") return numericToDouble(asNumeric(value));
  if (type.kind === "decimal") return numericToDouble(numericFromWhole(asWhole(value), type.scale));
  return Number(value);
}

const NUMBER_NULL_KEY = "";

/**
 * A key for a Map: equal for two values of one type exactly when they compare as equal. The key of NULL
 * differs from those of all values (it is the number 0 for types whose keys are texts, and else "").
 */
export function datumKey(value: Datum, type: SqlType): string | number | bigint {
  switch (type.kind) {
    case "boolean":
      return value === null ? NUMBER_NULL_KEY : Number(value);
    case "smallint":
    case "integer":
    case "date":
    case "time":
    case "timestamp":
    case "timestamptz":
    case "real":
    case "double":
      return value === null ? NUMBER_NULL_KEY : asNumber(value) + 0;
    case "bigint":
    case "decimal":
      return value === null ? NUMBER_NULL_KEY : asWhole(value);
    case "interval":
      return value === null ? NUMBER_NULL_KEY : intervalKey(asInterval(value));
    case "numeric":
      return value === null ? 0 : formatNumeric(trimScale(asNumeric(value)));
    case "text":
    case "null":
      return value === null ? 0 : asText(value);
    case "json":
      return value === null ? 0 : jsonKey(parseJson(asText(value)));
    case "array":
      return value === null ? 0 : arrayKey(asArray(value), type.element);
    default:
      return unreachable(type);
  }
}

function arrayKey(array: readonly Datum[], element: SqlType): string {
  const keys = array.map((item) => {
    if (item === null) return "N";
    const key = Array.isArray(item) && element.kind !== "array"
      ? arrayKey(item, element)
      : String(datumKey(item, element));
    return `${key.length}:${key}`;
  });
  return keys.join("");
}

/** Whether two values of one type are the same, NULL being equal to NULL. */
export function equalDatums(a: Datum, b: Datum, type: SqlType): boolean {
  return compareDatums(a, b, type) === 0;
}

/** A number of any type as a double. */
export function numberToDouble(value: Datum, type: SqlType): number {
  return toDouble(value, type);
}

/** A number of any type as an exact NUMERIC; floating point numbers as PostgreSQL casts them. */
export function numberToNumeric(value: Datum, type: SqlType): ReturnType<typeof numericFromWhole> {
  switch (type.kind) {
    case "numeric":
      return asNumeric(value);
    case "decimal":
      return numericFromWhole(asWhole(value), type.scale);
    case "real":
      return numericFromDouble(asNumber(value), 6);
    case "double":
      return numericFromDouble(asNumber(value));
    default:
      return numericFromWhole(asWhole(value));
  }
}
