/**
 * Short forms for writing the tables of functions, and the result types that many of them share.
 *
 * @module
 */
import {
  BIGINT,
  decimalType,
  DOUBLE,
  INTEGER,
  NUMERIC,
  REAL,
  type SqlType,
  type SqlTypeKind,
  TEXT,
} from "../../storage/sql_type.ts";
import type { ScalarFunction, ScalarSignature, TypePattern } from "../function.ts";

/** What computes one row. */
export type Evaluate = ScalarSignature["evaluate"];
/** A result type, or how it follows from the argument types. */
export type Returns = ScalarSignature["returns"];

/** One overload. */
export function signature(
  parameters: readonly TypePattern[],
  returns: Returns,
  evaluate: Evaluate,
  options: { readonly optional?: number; readonly variadic?: boolean } = {},
): ScalarSignature {
  return { parameters, returns, evaluate, ...options };
}

/** A function that gives NULL for NULL. */
export function strict(
  name: string,
  signatures: readonly ScalarSignature[],
  volatility: ScalarFunction["volatility"] = "immutable",
): ScalarFunction {
  return { name, signatures, volatility, nulls: "strict" };
}

/** A function that sees NULLs. */
export function called(
  name: string,
  signatures: readonly ScalarSignature[],
  volatility: ScalarFunction["volatility"] = "immutable",
): ScalarFunction {
  return { name, signatures, volatility, nulls: "called" };
}

/** The same function under more names. */
export function aliases(fn: ScalarFunction, ...names: readonly string[]): ScalarFunction[] {
  return [fn, ...names.map((name) => ({ ...fn, name }))];
}

/** A strict function with one overload. */
export function simple(
  name: string,
  parameters: readonly TypePattern[],
  returns: Returns,
  evaluate: Evaluate,
): ScalarFunction {
  return strict(name, [signature(parameters, returns, evaluate)]);
}

const WHOLE_DIGITS: Readonly<Partial<Record<SqlTypeKind, number>>> = { smallint: 5, integer: 10, bigint: 19 };

/** Precision and scale of an exact type, with the whole number types seen as DECIMAL(n, 0). */
export function decimalShape(type: SqlType): { precision: number; scale: number } | undefined {
  if (type.kind === "decimal") return { precision: type.precision, scale: type.scale };
  const precision = WHOLE_DIGITS[type.kind];
  return precision === undefined ? undefined : { precision, scale: 0 };
}

/** Whether the type is REAL or DOUBLE PRECISION. */
export function isFloat(type: SqlType): boolean {
  return type.kind === "real" || type.kind === "double";
}

/** Whether the type is one of the whole number types. */
export function isWhole(type: SqlType): boolean {
  return type.kind === "smallint" || type.kind === "integer" || type.kind === "bigint";
}

/** DECIMAL with its precision limited to 1000; NUMERIC when the scale passes that. */
export function limitedDecimal(precision: number, scale: number): SqlType {
  return scale > 1000 ? NUMERIC : decimalType(Math.min(1000, precision), scale);
}

/** DOUBLE for floating point and whole numbers, NUMERIC for exact decimals: as `sqrt` and `ln`. */
export function doubleUnlessDecimal(types: readonly SqlType[]): SqlType {
  if (types.some(isFloat)) return DOUBLE;
  return types.some((type) => type.kind === "decimal" || type.kind === "numeric") ? NUMERIC : DOUBLE;
}

/** NUMERIC for exact numbers, DOUBLE for floating point numbers: as `avg`. */
export function numericUnlessFloat(types: readonly SqlType[]): SqlType {
  return types.some(isFloat) ? DOUBLE : NUMERIC;
}

/** The type of the first argument that is not a bare NULL, TEXT when there is none. */
export function firstKnown(types: readonly SqlType[]): SqlType {
  return types.find((type) => type.kind !== "null") ?? TEXT;
}

/** The type of the elements of the first argument that is an array. */
export function elementOfFirstArray(types: readonly SqlType[]): SqlType {
  const array = types.find((type) => type.kind === "array");
  return array?.kind === "array" ? array.element : TEXT;
}

/** The wider of two whole number types. */
export function widerWhole(a: SqlType, b: SqlType): SqlType {
  if (a.kind === "bigint" || b.kind === "bigint") return BIGINT;
  if (a.kind === "integer" || b.kind === "integer") return INTEGER;
  return a;
}

/** The type that two numbers share: the wider integer, the covering DECIMAL, NUMERIC, REAL or DOUBLE. */
export function commonNumber(a: SqlType, b: SqlType): SqlType {
  if (a.kind === "null") return b;
  if (b.kind === "null") return a;
  if (a.kind === "real" && b.kind === "real") return REAL;
  if (isFloat(a) || isFloat(b)) return DOUBLE;
  if (a.kind === "numeric" || b.kind === "numeric") return NUMERIC;
  if (isWhole(a) && isWhole(b)) return widerWhole(a, b);
  const left = decimalShape(a);
  const right = decimalShape(b);
  if (left === undefined || right === undefined) return NUMERIC;
  const scale = Math.max(left.scale, right.scale);
  return limitedDecimal(Math.max(left.precision - left.scale, right.precision - right.scale) + scale, scale);
}
