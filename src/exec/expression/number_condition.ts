/**
 * Conditions on one number: what `column operator constant` and IN lists of constants come down to.
 *
 * A condition is stated in the units of the column, so that it applies to stored arrays and to vectors as
 * they are. Whole numbers only need closed ranges: `x > 2.5` is `3 <= x`, in the column's unit.
 *
 * @module
 */
import { unreachable } from "../../base/assert.ts";
import { isNumberKind } from "../../query/functions/cast.ts";
import { numberToDouble, numberToNumeric } from "../../query/functions/compare.ts";
import { powerOfTen } from "../../query/functions/numeric_value.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import { isFloatType, isWholeType, scaleOf } from "./number_vector.ts";

export type ComparisonOperator = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** Which numbers pass. NULL never does. */
export type NumberCondition =
  /** low <= x <= high; NaN does not pass. */
  | { readonly kind: "range"; readonly low: number; readonly high: number }
  | { readonly kind: "unequal"; readonly value: number }
  /** x >= low, or x is NaN, the greatest number. */
  | { readonly kind: "atLeast"; readonly low: number }
  /** low <= x <= high, and the byte of x in `table`, which starts at low, is 1. */
  | { readonly kind: "table"; readonly low: number; readonly high: number; readonly table: Uint8Array }
  | { readonly kind: "set"; readonly values: ReadonlySet<number> }
  | { readonly kind: "none" }
  | { readonly kind: "every" };

const NONE: NumberCondition = { kind: "none" };
const EVERY: NumberCondition = { kind: "every" };

/** Whether `name` is a comparison. */
export function isComparison(name: string): name is ComparisonOperator {
  return name === "=" || name === "<>" || name === "<" || name === "<=" || name === ">" || name === ">=";
}

const MIRRORED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  "=": "=",
  "<>": "<>",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/** The operator that says the same with its sides exchanged. */
export function mirrored(operator: ComparisonOperator): ComparisonOperator {
  return MIRRORED[operator];
}

/**
 * The condition of `x * factor operator constant`, for values x of a column of `type`; undefined when it
 * is none that this module can state. `factor` is for casts that multiply, as from DATE to TIMESTAMP.
 */
export function comparisonCondition(
  type: SqlType,
  operator: ComparisonOperator,
  constant: Datum,
  constantType: SqlType,
  factor = 1n,
): NumberCondition | undefined {
  if (constant === null) return NONE;
  if (isFloatType(type) && isNumberKind(constantType.kind)) {
    return doubleCondition(operator, numberToDouble(constant, constantType));
  }
  if (isWholeType(type)) {
    if (!isNumberKind(constantType.kind) || isFloatType(constantType)) return undefined;
    const { coefficient, scale, special } = numberToNumeric(constant, constantType);
    if (special !== undefined) return undefined;
    const unit = powerOfTen(scaleOf(type));
    return wholeCondition(operator, coefficient * unit, powerOfTen(scale) * factor);
  }
  switch (type.kind) {
    case "date":
      if (constantType.kind !== "date" && factor === 1n || typeof constant !== "number") return undefined;
      return Number.isSafeInteger(constant) ? wholeCondition(operator, BigInt(constant), factor) : undefined;
    case "boolean":
      return typeof constant === "boolean" ? wholeCondition(operator, constant ? 1n : 0n, 1n) : undefined;
    case "time":
    case "timestamp":
    case "timestamptz":
      if (constantType.kind !== type.kind || typeof constant !== "number") return undefined;
      return doubleCondition(operator, constant);
    default:
      return undefined;
  }
}

/** x operator numerator / denominator, for whole x within 2^53. The denominator is positive. */
function wholeCondition(
  operator: ComparisonOperator,
  numerator: bigint,
  denominator: bigint,
): NumberCondition {
  const truncated = numerator / denominator;
  const exact = truncated * denominator === numerator;
  const floor = exact || numerator >= 0n ? truncated : truncated - 1n;
  const ceil = exact ? floor : floor + 1n;
  switch (operator) {
    case "=":
      return exact ? range(bound(floor), bound(floor)) : NONE;
    case "<>":
      return exact && isSafe(floor) ? { kind: "unequal", value: Number(floor) } : EVERY;
    case "<":
      return range(-Infinity, bound(ceil - 1n));
    case "<=":
      return range(-Infinity, bound(floor));
    case ">":
      return range(bound(floor + 1n), Infinity);
    case ">=":
      return range(bound(ceil), Infinity);
    default:
      return unreachable(operator);
  }
}

function isSafe(value: bigint): boolean {
  return Number.isSafeInteger(Number(value));
}

function bound(value: bigint): number {
  return isSafe(value) ? Number(value) : value < 0n ? -Infinity : Infinity;
}

/** A range; one that no finite number is in becomes `none`. */
function range(low: number, high: number): NumberCondition {
  return low > high || low === Infinity || high === -Infinity ? NONE : { kind: "range", low, high };
}

function doubleCondition(operator: ComparisonOperator, constant: number): NumberCondition | undefined {
  if (Number.isNaN(constant)) return undefined;
  switch (operator) {
    case "=":
      return { kind: "range", low: constant, high: constant };
    case "<>":
      return { kind: "unequal", value: constant };
    case "<":
      return constant === -Infinity ? NONE : { kind: "range", low: -Infinity, high: -nextUp(-constant) };
    case "<=":
      return { kind: "range", low: -Infinity, high: constant };
    case ">":
      return constant === Infinity ? undefined : { kind: "atLeast", low: nextUp(constant) };
    case ">=":
      return { kind: "atLeast", low: constant };
    default:
      return unreachable(operator);
  }
}

const BITS: DataView = new DataView(new ArrayBuffer(8));

/** The least double above `value`, which is less than Infinity. */
function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  BITS.setFloat64(0, value);
  const bits = BITS.getBigInt64(0);
  BITS.setBigInt64(0, value > 0 ? bits + 1n : bits - 1n);
  return BITS.getFloat64(0);
}

/** Lists of 32-bit numbers up to this span become a table of bytes. */
const TABLE_SPAN_MAX = 1 << 16;

/** The condition of being one of `values`, which are not NULL and of a type that `x` has too. */
export function listCondition(type: SqlType, values: readonly Datum[]): NumberCondition | undefined {
  const numbers: number[] = [];
  for (const value of values) {
    if (typeof value === "boolean") numbers.push(value ? 1 : 0);
    else if (typeof value === "number" && !Number.isNaN(value)) numbers.push(value + 0);
    // A bigint is beyond all values that are kept as numbers.
    else if (typeof value !== "bigint") return undefined;
  }
  if (numbers.length === 0) return NONE;
  const low = Math.min(...numbers);
  const high = Math.max(...numbers);
  if (low === high) return { kind: "range", low, high };
  const fits = low >= -(2 ** 31) && high < 2 ** 31 && high - low < TABLE_SPAN_MAX;
  if (isFloatType(type) || !fits) return { kind: "set", values: new Set(numbers) };
  const table = new Uint8Array(high - low + 1);
  for (const value of numbers) table[value - low] = 1;
  return { kind: "table", low, high, table };
}

/** The condition that both hold, where it is a simple one. */
export function bothConditions(a: NumberCondition, b: NumberCondition): NumberCondition | undefined {
  if (a.kind === "none" || b.kind === "every") return a;
  if (b.kind === "none" || a.kind === "every") return b;
  if (a.kind === "range" && b.kind === "range") {
    return range(Math.max(a.low, b.low), Math.min(a.high, b.high));
  }
  if (a.kind === "range" && b.kind === "atLeast") return range(Math.max(a.low, b.low), a.high);
  if (a.kind === "atLeast" && b.kind === "range") return bothConditions(b, a);
  return undefined;
}

/** Whether numbers between `min` and `max`, which may be NaN as the greatest number, pass. */
export function conditionOnBounds(
  condition: NumberCondition,
  min: number,
  max: number,
): "none" | "some" | "all" {
  switch (condition.kind) {
    case "none":
      return "none";
    case "every":
      return "all";
    case "range":
      if (max < condition.low || min > condition.high || Number.isNaN(min)) return "none";
      return min >= condition.low && max <= condition.high ? "all" : "some";
    case "atLeast":
      if (max < condition.low) return "none";
      return min < condition.low ? "some" : "all";
    case "unequal":
      if (min === condition.value && max === condition.value) return "none";
      return condition.value < min || condition.value > max ? "all" : "some";
    case "table":
      return max < condition.low || min > condition.high ? "none" : "some";
    case "set":
      return "some";
    default:
      return unreachable(condition);
  }
}
