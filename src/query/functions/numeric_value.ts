/**
 * Exact decimal arithmetic on {@linkcode Numeric} and on scaled whole numbers, with PostgreSQL's scales.
 *
 * A NUMERIC is `coefficient / 10^scale`. Sums and products are exact; a quotient gets the scale that
 * PostgreSQL selects: at least 16 significant digits, counted in its base-10,000 digits, and at least the
 * scale of either operand. All rounding is half away from zero. NaN equals itself and is the greatest value.
 *
 * Costs are those of bigint arithmetic: O(d) for sums and O(d^2) for products of d-digit numbers.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { Numeric } from "../../storage/sql_type.ts";
import { wholeFromBigint, type WholeNumber } from "./datum.ts";
import { exponentialDigits } from "./float_digits.ts";

/** The greatest scale that a computed value gets. */
export const NUMERIC_MAX_SCALE = 1000;
const MIN_SIGNIFICANT_DIGITS = 16;
const MAX_EXPONENT = 131072;

/** 0 */
export const NUMERIC_ZERO: Numeric = Object.freeze({ coefficient: 0n, scale: 0 });
/** 1 */
export const NUMERIC_ONE: Numeric = Object.freeze({ coefficient: 1n, scale: 0 });
/** Not a number. */
export const NUMERIC_NAN: Numeric = Object.freeze({ coefficient: 0n, scale: 0, special: "NaN" });
/** Greater than every number. */
export const NUMERIC_INFINITY: Numeric = Object.freeze({ coefficient: 0n, scale: 0, special: "Infinity" });
/** Less than every number. */
export const NUMERIC_NEGATIVE_INFINITY: Numeric = Object.freeze({
  coefficient: 0n,
  scale: 0,
  special: "-Infinity",
});

const POWERS: bigint[] = [1n];

/** 10^exponent. The first 2,000 are kept. */
export function powerOfTen(exponent: number): bigint {
  if (exponent > 2000) return 10n ** BigInt(exponent);
  for (let i = POWERS.length; i <= exponent; i++) POWERS.push(POWERS[i - 1]! * 10n);
  return POWERS[exponent]!;
}

/** Division of bigints that rounds half away from zero. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const remainder = dividend - quotient * divisor;
  const twice = remainder < 0n ? -2n * remainder : 2n * remainder;
  const size = divisor < 0n ? -divisor : divisor;
  if (twice < size) return quotient;
  return (dividend < 0n) === (divisor < 0n) ? quotient + 1n : quotient - 1n;
}

/** A finite NUMERIC. */
export function numericOf(coefficient: bigint, scale: number): Numeric {
  return { coefficient, scale };
}

/** `value / 10^scale` as a NUMERIC. */
export function numericFromWhole(value: WholeNumber, scale = 0): Numeric {
  return { coefficient: BigInt(value), scale };
}

/** The double as PostgreSQL converts it: 15 significant digits, 6 for a REAL. */
export function numericFromDouble(value: number, significantDigits = 15): Numeric {
  if (Number.isNaN(value)) return NUMERIC_NAN;
  if (value === Infinity) return NUMERIC_INFINITY;
  if (value === -Infinity) return NUMERIC_NEGATIVE_INFINITY;
  const text = exponentialDigits(value, significantDigits - 1).replace(/\.?0*e/, "e");
  return parseNumeric(text) ?? NUMERIC_ZERO;
}

/** The nearest double. */
export function numericToDouble(value: Numeric): number {
  if (value.special !== undefined) return Number(value.special);
  const { coefficient, scale } = value;
  if (scale === 0) return Number(coefficient);
  const number = Number(coefficient);
  // Both operands are exact, so the one division rounds once.
  if (scale <= 22 && Number.isSafeInteger(number)) return number / Number(powerOfTen(scale));
  return Number(`${coefficient}e-${scale}`);
}

/** The coefficient at another scale, rounded half away from zero when digits are dropped. */
export function rescale(coefficient: bigint, from: number, to: number): bigint {
  if (to === from) return coefficient;
  if (to > from) return coefficient * powerOfTen(to - from);
  return divideRounded(coefficient, powerOfTen(from - to));
}

const NUMERIC_TEXT = /^\s*([+-]?)(\d[\d_]*)?(?:(\.)(\d[\d_]*)?)?(?:[eE]([+-]?\d[\d_]*))?\s*$/;
const WHOLE_TEXT = /^\s*([+-]?)0([xXoObB])([\da-fA-F_]+)\s*$/;
const SPECIAL_TEXT = /^\s*([+-]?)(nan|inf|infinity)\s*$/i;

function parseSpecial(text: string): Numeric | undefined {
  const match = SPECIAL_TEXT.exec(text);
  if (match === null) return undefined;
  if (match[2]!.toLowerCase() === "nan") return match[1] === "" ? NUMERIC_NAN : undefined;
  return match[1] === "-" ? NUMERIC_NEGATIVE_INFINITY : NUMERIC_INFINITY;
}

function withoutUnderscores(digits: string): string | undefined {
  if (!digits.includes("_")) return digits;
  return /^\d+(?:_\d+)*$/.test(digits) ? digits.replaceAll("_", "") : undefined;
}

/** Reads `12`, `-1.50`, `.5`, `1e-3`, `1_000`, `0xff`, `NaN`, `Infinity`; undefined for anything else. */
export function parseNumeric(text: string): Numeric | undefined {
  const match = NUMERIC_TEXT.exec(text);
  if (match === null) {
    const whole = WHOLE_TEXT.exec(text);
    if (whole === null) return parseSpecial(text);
    try {
      const value = BigInt(`0${whole[2]!.toLowerCase()}${whole[3]!.replaceAll("_", "")}`);
      return numericOf(whole[1] === "-" ? -value : value, 0);
    } catch {
      return undefined;
    }
  }
  const integer = withoutUnderscores(match[2] ?? "");
  const fraction = withoutUnderscores(match[4] ?? "");
  if (integer === undefined || fraction === undefined || integer + fraction === "") return undefined;
  const exponent = Number((match[5] ?? "0").replaceAll("_", ""));
  if (Math.abs(exponent) > MAX_EXPONENT) throw numericOverflow(text.trim());
  let coefficient = BigInt(integer + fraction);
  let scale = fraction.length - exponent;
  if (scale < 0) {
    coefficient *= powerOfTen(-scale);
    scale = 0;
  }
  return numericOf(match[1] === "-" ? -coefficient : coefficient, scale);
}

/** Digits with the point `scale` places from the right. */
export function formatScaled(value: WholeNumber, scale: number): string {
  const text = value.toString();
  if (scale === 0) return text;
  const negative = text.startsWith("-");
  const digits = (negative ? text.slice(1) : text).padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${negative ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** The text of a NUMERIC, with all digits of its scale. */
export function formatNumeric(value: Numeric): string {
  return value.special ?? formatScaled(value.coefficient, value.scale);
}

/** The error for a value outside of a type's range. */
export function numericOverflow(value: unknown, target = "NUMERIC"): QueryError {
  return new QueryError("numeric-overflow", `Value out of range for ${target}: received ${String(value)}`, {
    details: { value: String(value), type: target },
    hint: "use a type with a wider range",
  });
}

/** The error for a division by zero. */
export function divisionByZero(): QueryError {
  return new QueryError("division-by-zero", "Division by zero: received 0 as the divisor", {
    hint: "exclude zero with NULLIF(divisor, 0)",
  });
}

/** -1, 0 or 1; NaN for NaN. */
export function signOf(value: Numeric): number {
  if (value.special !== undefined) {
    return value.special === "NaN" ? NaN : value.special === "Infinity" ? 1 : -1;
  }
  return value.coefficient > 0n ? 1 : value.coefficient < 0n ? -1 : 0;
}

/** Order of two values: negative, 0 or positive. NaN equals NaN and is the greatest. */
export function compareNumeric(a: Numeric, b: Numeric): number {
  if (a.special !== undefined || b.special !== undefined) {
    return specialRank(a) - specialRank(b);
  }
  const scale = Math.max(a.scale, b.scale);
  const left = rescale(a.coefficient, a.scale, scale);
  const right = rescale(b.coefficient, b.scale, scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

function specialRank(value: Numeric): number {
  if (value.special === undefined) return 0;
  return value.special === "NaN" ? 2 : value.special === "Infinity" ? 1 : -1;
}

/** The value without trailing zeros after the point. */
export function trimScale(value: Numeric): Numeric {
  let { coefficient, scale } = value;
  if (coefficient === 0n) return value.special === undefined ? NUMERIC_ZERO : value;
  while (scale > 0 && coefficient % 10n === 0n) {
    coefficient /= 10n;
    scale--;
  }
  return numericOf(coefficient, scale);
}

/** The sum at the greater of both scales. */
export function addNumeric(a: Numeric, b: Numeric): Numeric {
  if (a.special !== undefined || b.special !== undefined) return addSpecial(a, b);
  const scale = Math.max(a.scale, b.scale);
  return numericOf(
    rescale(a.coefficient, a.scale, scale) + rescale(b.coefficient, b.scale, scale),
    scale,
  );
}

function addSpecial(a: Numeric, b: Numeric): Numeric {
  if (a.special === undefined) return b;
  if (b.special === undefined || a.special === b.special) return a;
  return NUMERIC_NAN;
}

/** The value with the opposite sign. */
export function negateNumeric(value: Numeric): Numeric {
  if (value.special === "Infinity") return NUMERIC_NEGATIVE_INFINITY;
  if (value.special === "-Infinity") return NUMERIC_INFINITY;
  return value.special === undefined ? numericOf(-value.coefficient, value.scale) : value;
}

/** The size of the value. */
export function absNumeric(value: Numeric): Numeric {
  return signOf(value) < 0 ? negateNumeric(value) : value;
}

/** The difference at the greater of both scales. */
export function subtractNumeric(a: Numeric, b: Numeric): Numeric {
  return addNumeric(a, negateNumeric(b));
}

function signedInfinity(sign: number): Numeric {
  if (sign === 0 || Number.isNaN(sign)) return NUMERIC_NAN;
  return sign > 0 ? NUMERIC_INFINITY : NUMERIC_NEGATIVE_INFINITY;
}

/** The product, exact at the sum of both scales up to the greatest scale. */
export function multiplyNumeric(a: Numeric, b: Numeric): Numeric {
  if (a.special !== undefined || b.special !== undefined) return signedInfinity(signOf(a) * signOf(b));
  const scale = a.scale + b.scale;
  const coefficient = a.coefficient * b.coefficient;
  if (scale <= 16383) return numericOf(coefficient, scale);
  return numericOf(rescale(coefficient, scale, 16383), 16383);
}

/** Number of decimal digits of the size of a whole number; 1 for 0. */
export function digitCount(value: bigint): number {
  return (value < 0n ? -value : value).toString().length;
}

/** Position of the first digit: the exponent e of `d.ddd * 10^e`; 0 for 0. */
export function decimalExponent(value: Numeric): number {
  return value.coefficient === 0n ? 0 : digitCount(value.coefficient) - 1 - value.scale;
}

/** Weight and value of the first nonzero digit in base 10,000, as PostgreSQL stores it. */
function leadingDigit(value: Numeric): { weight: number; digit: number } {
  if (value.coefficient === 0n) return { weight: 0, digit: 0 };
  const digits = (value.coefficient < 0n ? -value.coefficient : value.coefficient).toString();
  const exponent = digits.length - 1 - value.scale;
  const weight = Math.floor(exponent / 4);
  const width = exponent - weight * 4 + 1;
  return { weight, digit: Number(digits.slice(0, width).padEnd(width, "0")) };
}

/** The scale that PostgreSQL gives a quotient. */
export function selectDivisionScale(dividend: Numeric, divisor: Numeric): number {
  return scaleOfQuotient(
    leadingDigit(dividend),
    leadingDigit(divisor),
    Math.max(dividend.scale, divisor.scale),
  );
}

/** As {@linkcode selectDivisionScale}, from the first digits in base 10,000 and the greater of both scales. */
export function scaleOfQuotient(
  top: { readonly weight: number; readonly digit: number },
  bottom: { readonly weight: number; readonly digit: number },
  scale: number,
): number {
  const weight = top.weight - bottom.weight - (top.digit <= bottom.digit ? 1 : 0);
  return Math.min(Math.max(MIN_SIGNIFICANT_DIGITS - weight * 4, scale, 0), NUMERIC_MAX_SCALE);
}

/** The quotient rounded to `scale` digits after the point. */
export function divideToScale(dividend: Numeric, divisor: Numeric, scale: number): Numeric {
  const shift = scale + divisor.scale - dividend.scale;
  const top = shift >= 0 ? dividend.coefficient * powerOfTen(shift) : dividend.coefficient;
  const bottom = shift >= 0 ? divisor.coefficient : divisor.coefficient * powerOfTen(-shift);
  return numericOf(divideRounded(top, bottom), scale);
}

/** The quotient at the scale that PostgreSQL selects. */
export function divideNumeric(dividend: Numeric, divisor: Numeric): Numeric {
  if (dividend.special !== undefined || divisor.special !== undefined) {
    return divideSpecial(dividend, divisor);
  }
  if (divisor.coefficient === 0n) throw divisionByZero();
  return divideToScale(dividend, divisor, selectDivisionScale(dividend, divisor));
}

function divideSpecial(dividend: Numeric, divisor: Numeric): Numeric {
  if (dividend.special === "NaN" || divisor.special === "NaN") return NUMERIC_NAN;
  if (divisor.special !== undefined) return dividend.special === undefined ? NUMERIC_ZERO : NUMERIC_NAN;
  const sign = signOf(divisor);
  if (sign === 0) throw divisionByZero();
  return signedInfinity(signOf(dividend) * sign);
}

/** The quotient truncated to a whole number (`div`). */
export function divideTruncated(dividend: Numeric, divisor: Numeric): Numeric {
  if (dividend.special !== undefined || divisor.special !== undefined) {
    return divideSpecial(dividend, divisor);
  }
  if (divisor.coefficient === 0n) throw divisionByZero();
  const scale = Math.max(dividend.scale, divisor.scale);
  const top = rescale(dividend.coefficient, dividend.scale, scale);
  return numericOf(top / rescale(divisor.coefficient, divisor.scale, scale), 0);
}

/** The remainder of truncated division, with the dividend's sign, at the greater of both scales. */
export function remainderNumeric(dividend: Numeric, divisor: Numeric): Numeric {
  if (dividend.special !== undefined || divisor.special !== undefined) {
    if (dividend.special !== undefined && signOf(divisor) === 0) throw divisionByZero();
    return dividend.special === undefined && divisor.special !== "NaN" ? dividend : NUMERIC_NAN;
  }
  if (divisor.coefficient === 0n) throw divisionByZero();
  const scale = Math.max(dividend.scale, divisor.scale);
  const top = rescale(dividend.coefficient, dividend.scale, scale);
  return numericOf(top % rescale(divisor.coefficient, divisor.scale, scale), scale);
}

/** Rounds to `digits` after the point (before it, when negative); the result has that scale, at least 0. */
export function roundNumeric(value: Numeric, digits = 0): Numeric {
  if (value.special !== undefined) return value;
  const limited = Math.max(-MAX_EXPONENT, Math.min(digits, 16383));
  if (limited >= 0) return numericOf(rescale(value.coefficient, value.scale, limited), limited);
  const rounded = rescale(value.coefficient, value.scale, limited);
  return numericOf(rounded * powerOfTen(-limited), 0);
}

/** Drops digits beyond `digits` after the point (before it, when negative). */
export function truncateNumeric(value: Numeric, digits = 0): Numeric {
  if (value.special !== undefined) return value;
  const limited = Math.max(-MAX_EXPONENT, Math.min(digits, 16383));
  if (limited >= value.scale) return roundNumeric(value, limited);
  const kept = value.coefficient / powerOfTen(value.scale - limited);
  return limited >= 0 ? numericOf(kept, limited) : numericOf(kept * powerOfTen(-limited), 0);
}

/** The greatest whole number that is not above the value. */
export function floorNumeric(value: Numeric): Numeric {
  const whole = truncateNumeric(value);
  return compareNumeric(whole, value) > 0 ? numericOf(whole.coefficient - 1n, 0) : whole;
}

/** The least whole number that is not below the value. */
export function ceilNumeric(value: Numeric): Numeric {
  const whole = truncateNumeric(value);
  return compareNumeric(whole, value) < 0 ? numericOf(whole.coefficient + 1n, 0) : whole;
}

/** The value as a whole number of units of 10^-scale, rounded. */
export function numericToScaled(value: Numeric, scale: number, target = "DECIMAL"): WholeNumber {
  if (value.special !== undefined) throw numericOverflow(value.special, target);
  return wholeFromBigint(rescale(value.coefficient, value.scale, scale));
}
