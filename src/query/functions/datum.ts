/**
 * Typed access to datums, and the small constructors that keep them canonical.
 *
 * A {@linkcode Datum} is a union, but a signature has fixed the type of each argument before `evaluate`
 * runs, so the accessors here narrow without checking. They are the one place where that is done.
 *
 * @module
 */
import type { Datum, Interval, Numeric, SqlType } from "../../storage/sql_type.ts";
import type { CallContext } from "../function.ts";

/** A whole number as it is kept: a number while it is a safe integer, else a bigint. */
export type WholeNumber = number | bigint;

/** The datum of a TEXT or JSON value. */
export function asText(value: Datum | undefined): string {
  return value as string; // the signature says so
}

/** The datum of a type whose values are always JavaScript numbers. */
export function asNumber(value: Datum | undefined): number {
  return value as number; // the signature says so
}

/** The datum of a BIGINT or DECIMAL. */
export function asWhole(value: Datum | undefined): WholeNumber {
  return value as WholeNumber; // the signature says so
}

/** The datum of a BOOLEAN. */
export function asBoolean(value: Datum | undefined): boolean {
  return value as boolean; // the signature says so
}

/** The datum of a NUMERIC. */
export function asNumeric(value: Datum | undefined): Numeric {
  return value as Numeric; // the signature says so
}

/** The datum of an INTERVAL. */
export function asInterval(value: Datum | undefined): Interval {
  return value as Interval; // the signature says so
}

/** The datum of an array. */
export function asArray(value: Datum | undefined): readonly Datum[] {
  return value as readonly Datum[]; // the signature says so
}

/** The argument at `index`, NULL when it was left out. */
export function argument(args: readonly Datum[], index: number): Datum {
  return args[index] ?? null;
}

/** The type of the argument at `index`, the type of a bare NULL when it was left out. */
export function argumentType(context: CallContext, index: number): SqlType {
  return context.argumentTypes[index] ?? { kind: "null" };
}

/** A number when the value is a safe integer, else the bigint. */
export function wholeFromBigint(value: bigint): WholeNumber {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Sum of two whole numbers, exact. */
export function addWhole(a: WholeNumber, b: WholeNumber): WholeNumber {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return wholeFromBigint(BigInt(a) + BigInt(b));
}

/** Difference of two whole numbers, exact. */
export function subtractWhole(a: WholeNumber, b: WholeNumber): WholeNumber {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return wholeFromBigint(BigInt(a) - BigInt(b));
}

/** Product of two whole numbers, exact. */
export function multiplyWhole(a: WholeNumber, b: WholeNumber): WholeNumber {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    // A product outside the safe range cannot round back into it; adding 0 turns -0 into 0.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return wholeFromBigint(BigInt(a) * BigInt(b));
}

/** The negative of a whole number; never -0. */
export function negateWhole(a: WholeNumber): WholeNumber {
  return typeof a === "number" ? 0 - a : wholeFromBigint(-a);
}
