/**
 * Text of whole numbers and floating point numbers, exactly as PostgreSQL reads and writes them.
 *
 * Doubles print as the shortest digits that read back to the same value; from 1e15 on and below 1e-4 with
 * an exponent of at least two digits. A REAL does the same for 32-bit floats, from 1e6 on.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { wholeFromBigint, type WholeNumber } from "./datum.ts";
import { shortestDouble, shortestSingle } from "./float_digits.ts";
import { numericOverflow } from "./numeric_value.ts";

/** The error for text that a type cannot read. */
export function invalidText(text: string, target: string, hint?: string): QueryError {
  return new QueryError("invalid-value", `Invalid input for ${target}: received ${JSON.stringify(text)}`, {
    details: { value: text, type: target },
    hint: hint ?? "correct the value, or use TRY_CAST to get NULL instead",
  });
}

function trimZeros(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

function formatFloat(value: number, exponential: string, exponentLimit: number): string {
  const marker = exponential.indexOf("e");
  const exponent = Number(exponential.slice(marker + 1));
  if (exponent < -4 || exponent >= exponentLimit) {
    const size = Math.abs(exponent).toString().padStart(2, "0");
    return `${trimZeros(exponential.slice(0, marker))}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (Object.is(value, -0)) return "-0";
  return String(Number(exponential));
}

/** The text of a DOUBLE PRECISION. */
export function formatDouble(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return formatFloat(value, shortestDouble(value), 15);
}

/** The text of a REAL. */
export function formatReal(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return formatFloat(value, shortestSingle(value), 6);
}

const FLOAT_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const FLOAT_SPECIAL = /^([+-]?)(nan|inf|infinity)$/i;

/** Reads a DOUBLE PRECISION. */
export function parseDouble(text: string, target = "DOUBLE PRECISION"): number {
  const trimmed = text.trim();
  if (FLOAT_TEXT.test(trimmed)) {
    const value = Number(trimmed);
    if (!Number.isFinite(value) || (value === 0 && /[1-9]/.test(trimmed.split(/e/i)[0]!))) {
      throw numericOverflow(trimmed, target);
    }
    return value;
  }
  const special = FLOAT_SPECIAL.exec(trimmed);
  if (special === null) throw invalidText(text, target);
  if (special[2]!.toLowerCase() === "nan") return NaN;
  return special[1] === "-" ? -Infinity : Infinity;
}

/** The nearest REAL; out of range is an error. */
export function toReal(value: number): number {
  const real = Math.fround(value);
  if ((!Number.isFinite(real) && Number.isFinite(value)) || (real === 0 && value !== 0)) {
    throw numericOverflow(value, "REAL");
  }
  return real;
}

const INTEGER_TEXT = /^([+-]?)(0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*)$/;

/** Reads a whole number of any size, or gives undefined. */
export function parseWhole(text: string): WholeNumber | undefined {
  const match = INTEGER_TEXT.exec(text.trim());
  if (match === null) return undefined;
  const digits = match[2]!;
  if (digits.includes("_")) {
    const body = /^0[xXoObB]/.test(digits) ? digits.slice(2).replace(/^_/, "") : digits;
    if (body.startsWith("_") || body.endsWith("_") || body.includes("__")) return undefined;
  }
  const value = BigInt(digits.replaceAll("_", "").toLowerCase());
  return wholeFromBigint(match[1] === "-" ? -value : value);
}

/** Least and greatest value of the whole number types. */
export const INTEGER_RANGES: Readonly<
  Record<"smallint" | "integer" | "bigint", { readonly min: bigint; readonly max: bigint }>
> = {
  smallint: { min: -32768n, max: 32767n },
  integer: { min: -2147483648n, max: 2147483647n },
  bigint: { min: -9223372036854775808n, max: 9223372036854775807n },
};

/** Checks that a whole number fits its type. */
export function checkedInteger(value: WholeNumber, kind: "smallint" | "integer" | "bigint"): WholeNumber {
  if (typeof value === "number") {
    if (kind === "bigint") {
      if (Number.isSafeInteger(value)) return value + 0;
    } else if (kind === "integer") {
      if (value >= -2147483648 && value <= 2147483647) return value + 0;
    } else if (value >= -32768 && value <= 32767) return value + 0;
  } else {
    const { min, max } = INTEGER_RANGES[kind];
    if (value >= min && value <= max) return wholeFromBigint(value);
  }
  throw numericOverflow(value, kind.toUpperCase());
}
