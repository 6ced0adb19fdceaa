/**
 * Whole columns of plain JavaScript values in one loop: what most clients send, without a datum a value.
 *
 * Plain are finite numbers that the type holds exactly, ISO dates, strings for TEXT, and booleans. One value
 * that is not (NULL included) sends the column the general way, which also makes the errors. O(values).
 *
 * @module
 */
import { plainDays } from "../query/functions/date_text.ts";
import type { BatchColumn } from "../storage/column_batch.ts";
import type { SqlType } from "../storage/sql_type.ts";

/** Below this a product that is a whole number but for rounding is that number. */
const SCALED_MAX = 2 ** 45;
const ROUNDING = 1e-3;

/** `values` as a column of `type`; undefined when one of them is not plain. */
export function plainColumn(values: ArrayLike<unknown>, type: SqlType): BatchColumn | undefined {
  if (type.kind === "text") return plainText(values);
  const numbers = plainNumbers(values, type);
  return numbers === undefined ? undefined : { kind: "numbers", values: numbers };
}

/** A number in units of 10^-scale; NaN when it is not one exactly. */
export function scaledNumber(value: number, factor: number, limit: number): number {
  const scaled = value * factor;
  const whole = Math.round(scaled);
  const size = Math.abs(whole);
  return size < SCALED_MAX && Math.abs(scaled - whole) < ROUNDING && size < limit ? whole + 0 : NaN;
}

function plainNumbers(values: ArrayLike<unknown>, type: SqlType): Float64Array | undefined {
  switch (type.kind) {
    case "smallint":
      return wholeNumbers(values, -32_768, 32_767);
    case "integer":
      return wholeNumbers(values, -2_147_483_648, 2_147_483_647);
    case "bigint":
      return wholeNumbers(values, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    case "double":
      return doubles(values);
    case "decimal":
      return decimals(values, 10 ** type.scale, 10 ** type.precision);
    case "date":
      return dates(values);
    case "boolean":
      return booleans(values);
    default:
      return undefined;
  }
}

function wholeNumbers(values: ArrayLike<unknown>, low: number, high: number): Float64Array | undefined {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < numbers.length; i++) {
    const value = values[i];
    if (typeof value !== "number" || Math.trunc(value) !== value || value < low || value > high) {
      return undefined;
    }
    // -0 becomes 0.
    numbers[i] = value + 0;
  }
  return numbers;
}

function doubles(values: ArrayLike<unknown>): Float64Array | undefined {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < numbers.length; i++) {
    const value = values[i];
    if (typeof value !== "number") return undefined;
    numbers[i] = value;
  }
  return numbers;
}

function decimals(values: ArrayLike<unknown>, factor: number, limit: number): Float64Array | undefined {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < numbers.length; i++) {
    const value = values[i];
    if (typeof value !== "number") return undefined;
    const scaled = scaledNumber(value, factor, limit);
    if (scaled !== scaled) return undefined;
    numbers[i] = scaled;
  }
  return numbers;
}

function dates(values: ArrayLike<unknown>): Float64Array | undefined {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < numbers.length; i++) {
    const value = values[i];
    if (typeof value !== "string") return undefined;
    const days = plainDays(value);
    if (days !== days) return undefined;
    numbers[i] = days;
  }
  return numbers;
}

function booleans(values: ArrayLike<unknown>): Float64Array | undefined {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < numbers.length; i++) {
    const value = values[i];
    if (typeof value !== "boolean") return undefined;
    numbers[i] = value ? 1 : 0;
  }
  return numbers;
}

function plainText(values: ArrayLike<unknown>): BatchColumn | undefined {
  for (let i = 0; i < values.length; i++) if (typeof values[i] !== "string") return undefined;
  // Every value is a string.
  const texts = (Array.isArray(values) ? values : Array.from(values)) as readonly string[];
  return { kind: "strings", values: texts };
}
