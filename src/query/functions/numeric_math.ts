/**
 * Roots, logarithms and powers of {@linkcode Numeric} values, with the scales that PostgreSQL selects.
 *
 * Values are computed in fixed point with guard digits and rounded once: square roots by integer Newton
 * iteration, logarithms by the series of atanh after repeated square roots, exponentials by Taylor's series
 * after halving. Cost: O(sqrt(d)) multiplications of d-digit bigints.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { Numeric } from "../../storage/sql_type.ts";
import {
  compareNumeric,
  decimalExponent,
  divideRounded,
  divideToScale,
  divisionByZero,
  multiplyNumeric,
  NUMERIC_INFINITY,
  NUMERIC_MAX_SCALE,
  NUMERIC_NAN,
  NUMERIC_ONE,
  NUMERIC_ZERO,
  numericOf,
  numericOverflow,
  numericToDouble,
  parseNumeric,
  powerOfTen,
  rescale,
  roundNumeric,
  signOf,
  subtractNumeric,
  truncateNumeric,
} from "./numeric_value.ts";

const SIGNIFICANT_DIGITS = 16;
const GUARD_DIGITS = 12;
const LOG10_E = 0.434294481903252;
/** e^x beyond this overflows NUMERIC in PostgreSQL, and vanishes below its negative. */
const EXPONENT_MAX = 6000;

function limitScale(scale: number): number {
  return Math.min(Math.max(scale, 0), NUMERIC_MAX_SCALE);
}

/** Weight of the first digit in base 10,000. */
function base10000Weight(value: Numeric): number {
  return Math.floor(decimalExponent(value) / 4);
}

/** The greatest whole number whose square is not above `value`. */
function integerSquareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

function domainError(name: string, received: string): QueryError {
  return new QueryError("invalid-value", `Cannot take ${name}: received ${received}`, {
    details: { value: received },
    hint: "filter such values out, or use NULLIF and GREATEST to replace them",
  });
}

/** The square root. */
export function sqrtNumeric(value: Numeric): Numeric {
  if (signOf(value) < 0) throw domainError("the square root of a negative number", describe(value));
  if (value.special !== undefined) return value;
  const weight = base10000Weight(value);
  const whole = weight >= 0 ? Math.trunc((weight * 4) / 2) + 1 : 1 - Math.trunc((1 - weight * 4) / 2);
  return sqrtToScale(value, limitScale(Math.max(SIGNIFICANT_DIGITS - whole, value.scale)));
}

/** The square root of a finite value that is not negative, rounded to `scale` digits. */
export function sqrtToScale(value: Numeric, scale: number): Numeric {
  const digits = 2 * (scale + 2) - value.scale;
  const shifted = digits >= 0
    ? value.coefficient * powerOfTen(digits)
    : value.coefficient / powerOfTen(-digits);
  return numericOf(rescale(integerSquareRoot(shifted), scale + 2, scale), scale);
}

function describe(value: Numeric): string {
  return value.special ?? String(numericToDouble(value));
}

/** ln of `x / 10^digits`, 10^-1 < value < 10, in units of 10^-digits. */
function lnNearOne(x: bigint, digits: number): bigint {
  const unit = powerOfTen(digits);
  let halvings = 0;
  let root = x;
  // Each square root halves the logarithm and with it the number of terms.
  while (halvings < 8) {
    root = integerSquareRoot(root * unit);
    halvings++;
  }
  const y = ((root - unit) * unit) / (root + unit);
  const square = (y * y) / unit;
  let term = y;
  let sum = y;
  for (let k = 3n; term !== 0n; k += 2n) {
    term = (term * square) / unit;
    sum += term / k;
  }
  return (sum * 2n) << BigInt(halvings);
}

const LN_TEN = new Map<number, bigint>();

function lnTen(digits: number): bigint {
  let value = LN_TEN.get(digits);
  if (value === undefined) {
    // ln 10 = 2 ln 2 + ln 2.5; both are near one.
    const unit = powerOfTen(digits);
    value = 2n * lnNearOne(2n * unit, digits) + lnNearOne((5n * unit) / 2n, digits);
    if (LN_TEN.size > 100) LN_TEN.clear();
    LN_TEN.set(digits, value);
  }
  return value;
}

/** ln of a positive value, correct to about `digits` digits after the point. */
function lnFixed(value: Numeric, digits: number): bigint {
  const working = digits + GUARD_DIGITS;
  const exponent = decimalExponent(value);
  const mantissa = rescale(value.coefficient, value.scale + exponent, working);
  const ln = lnNearOne(mantissa, working) + BigInt(exponent) * lnTen(working);
  return divideRounded(ln, powerOfTen(GUARD_DIGITS));
}

/** Rough position of the first digit of ln(value), as PostgreSQL estimates it. */
function estimateLnWeight(value: Numeric): number {
  if (signOf(value) <= 0) return 0;
  if (
    compareNumeric(value, numericOf(9n, 1)) >= 0 && compareNumeric(value, numericOf(11n, 1)) <= 0
  ) {
    const x = subtractNumeric(value, NUMERIC_ONE);
    return x.coefficient === 0n ? 0 : decimalExponent(x);
  }
  return Math.trunc(Math.log10(Math.abs(lnDouble(value))));
}

function lnDouble(value: Numeric): number {
  const exponent = decimalExponent(value);
  const mantissa = numericToDouble(numericOf(value.coefficient, value.scale + exponent));
  return Math.log(mantissa) + exponent * Math.LN10;
}

function checkLogarithm(value: Numeric): void {
  const sign = signOf(value);
  if (sign === 0) throw domainError("the logarithm of zero", "0");
  if (sign < 0) throw domainError("the logarithm of a negative number", describe(value));
}

/** The natural logarithm. */
export function lnNumeric(value: Numeric): Numeric {
  checkLogarithm(value);
  if (value.special !== undefined) return value;
  const scale = limitScale(Math.max(SIGNIFICANT_DIGITS - estimateLnWeight(value), value.scale));
  return numericOf(divideRounded(lnFixed(value, scale + 4), powerOfTen(4)), scale);
}

/** The logarithm to a base. */
export function logNumeric(base: Numeric, value: Numeric): Numeric {
  checkLogarithm(base);
  checkLogarithm(value);
  if (base.special !== undefined || value.special !== undefined) {
    if (base.special === "NaN" || value.special === "NaN") return NUMERIC_NAN;
    if (base.special === undefined) return NUMERIC_INFINITY;
    return value.special === undefined ? NUMERIC_ZERO : NUMERIC_NAN;
  }
  const weightBase = estimateLnWeight(base);
  const weight = estimateLnWeight(value) - weightBase;
  const scale = limitScale(Math.max(SIGNIFICANT_DIGITS - weight, base.scale, value.scale));
  const digits = scale + Math.abs(weight) + Math.abs(weightBase) + 8;
  const lnBase = lnFixed(base, digits);
  if (lnBase === 0n) throw divisionByZero();
  return divideToScale(numericOf(lnFixed(value, digits), digits), numericOf(lnBase, digits), scale);
}

/** e^x in units of 10^-digits, for x in units of 10^-digits. */
function expFixed(x: bigint, digits: number): bigint {
  const unit = powerOfTen(digits);
  const halvings = 16;
  const reduced = x >> BigInt(halvings);
  let term = unit;
  let sum = unit;
  for (let k = 1n; term !== 0n; k++) {
    term = (term * reduced) / (unit * k);
    sum += term;
    if (term === -1n) break;
  }
  for (let i = 0; i < halvings; i++) sum = (sum * sum) / unit;
  return sum;
}

/** e^(x), rounded to `scale`; x is in units of 10^-digits with enough digits for the result. */
function expToScale(x: bigint, digits: number, scale: number): Numeric {
  const ten = lnTen(digits);
  const exponent = Number(x / ten);
  const rest = x - BigInt(exponent) * ten;
  return numericOf(rescale(expFixed(rest, digits), digits - exponent, scale), scale);
}

/** e^value. */
export function expNumeric(value: Numeric): Numeric {
  if (value.special === "-Infinity") return NUMERIC_ZERO;
  if (value.special !== undefined) return value;
  const weight = Math.max(-2000, Math.min(numericToDouble(value) * LOG10_E, 2000));
  const scale = limitScale(Math.max(SIGNIFICANT_DIGITS - Math.trunc(weight), value.scale));
  const size = numericToDouble(value);
  if (size >= EXPONENT_MAX) throw numericOverflow(`exp(${size})`);
  if (size <= -EXPONENT_MAX) return numericOf(0n, scale);
  const digits = scale + Math.abs(Math.trunc(size * LOG10_E)) + GUARD_DIGITS + 8;
  return expToScale(rescale(value.coefficient, value.scale, digits), digits, scale);
}

/** base^exponent. */
export function powerNumeric(base: Numeric, exponent: Numeric): Numeric {
  if (base.special !== undefined || exponent.special !== undefined) return powerSpecial(base, exponent);
  const sign = signOf(base);
  if (sign === 0 && signOf(exponent) < 0) {
    throw new QueryError("invalid-value", "Zero raised to a negative power is undefined: received base 0", {
      hint: "exclude zero with NULLIF(base, 0)",
    });
  }
  const whole = truncateNumeric(exponent);
  if (compareNumeric(whole, exponent) === 0 && Math.abs(Number(whole.coefficient)) < 2147483648) {
    return powerWhole(base, Number(whole.coefficient), exponent.scale);
  }
  if (sign < 0) {
    throw new QueryError(
      "invalid-value",
      `A negative number raised to a fraction is no real number: received base ${describe(base)}`,
      { hint: "raise ABS(base), or round the exponent" },
    );
  }
  if (sign === 0) return numericOf(0n, SIGNIFICANT_DIGITS);
  const estimate = lnDouble(base) * numericToDouble(exponent);
  if (estimate > 1.0034 * EXPONENT_MAX) throw numericOverflow("a power beyond all digits");
  const weight = estimate * LOG10_E;
  const scale = limitScale(Math.max(SIGNIFICANT_DIGITS - Math.trunc(weight), base.scale, exponent.scale));
  if (estimate < -1.0034 * EXPONENT_MAX) return numericOf(0n, NUMERIC_MAX_SCALE);
  const digits = scale + Math.abs(Math.trunc(weight)) + Math.max(0, decimalExponent(exponent)) +
    GUARD_DIGITS + 8;
  const product = multiplyNumeric(numericOf(lnFixed(base, digits), digits), exponent);
  return expToScale(rescale(product.coefficient, product.scale, digits), digits, scale);
}

/** Digits up to which a whole power is computed exactly. */
const EXACT_DIGITS_MAX = 400_000;

function powerWhole(base: Numeric, exponent: number, exponentScale: number): Numeric {
  const weight = base.coefficient === 0n
    ? 0
    : exponent * (lnDouble(numericOf(absolute(base.coefficient), base.scale)) * Math.LOG10E);
  if (weight > 131072 + 4) throw numericOverflow("a power beyond all digits");
  if (weight + 1 < -NUMERIC_MAX_SCALE) return numericOf(0n, NUMERIC_MAX_SCALE);
  const scale = limitScale(
    Math.max(SIGNIFICANT_DIGITS - Math.trunc(weight), base.scale, exponentScale),
  );
  if (exponent === 0) return numericOf(powerOfTen(scale), scale);
  const size = Math.abs(exponent);
  const digits = absolute(base.coefficient).toString().length * size;
  if (digits > EXACT_DIGITS_MAX) return powerByLogarithm(base, exponent, { weight, scale });
  const coefficient = base.coefficient ** BigInt(size);
  const baseScale = base.scale * size;
  if (exponent > 0) return roundNumeric(numericOf(coefficient, baseScale), scale);
  return divideToScale(NUMERIC_ONE, numericOf(coefficient, baseScale), scale);
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function powerByLogarithm(
  base: Numeric,
  exponent: number,
  target: { readonly weight: number; readonly scale: number },
): Numeric {
  const digits = target.scale + Math.abs(Math.trunc(target.weight)) + 12 + GUARD_DIGITS;
  const ln = lnFixed(numericOf(absolute(base.coefficient), base.scale), digits);
  const result = expToScale(ln * BigInt(exponent), digits, target.scale);
  return base.coefficient < 0n && exponent % 2 !== 0 ? numericOf(-result.coefficient, result.scale) : result;
}

function powerSpecial(base: Numeric, exponent: Numeric): Numeric {
  if (compareNumeric(base, NUMERIC_ONE) === 0) return NUMERIC_ONE;
  if (exponent.special === undefined && exponent.coefficient === 0n) return NUMERIC_ONE;
  if (base.special === "NaN" || exponent.special === "NaN") return NUMERIC_NAN;
  return parseNumeric(String(numericToDouble(base) ** numericToDouble(exponent))) ?? NUMERIC_NAN;
}

/** n! */
export function factorial(n: number): Numeric {
  if (n < 0) throw domainError("the factorial of a negative number", String(n));
  if (n > 32177) throw numericOverflow(`factorial(${n})`);
  let result = 1n;
  for (let i = 2; i <= n; i++) result *= BigInt(i);
  return numericOf(result, 0);
}

/** The greatest common divisor of two values at the greater of both scales. */
export function gcdNumeric(a: Numeric, b: Numeric): Numeric {
  if (a.special !== undefined || b.special !== undefined) return NUMERIC_NAN;
  const scale = Math.max(a.scale, b.scale);
  return numericOf(
    gcdBigint(rescale(a.coefficient, a.scale, scale), rescale(b.coefficient, b.scale, scale)),
    scale,
  );
}

/** The greatest common divisor; 0 only for two zeros. */
export function gcdBigint(a: bigint, b: bigint): bigint {
  let x = absolute(a);
  let y = absolute(b);
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** The least common multiple at the greater of both scales. */
export function lcmNumeric(a: Numeric, b: Numeric): Numeric {
  if (a.special !== undefined || b.special !== undefined) return NUMERIC_NAN;
  const scale = Math.max(a.scale, b.scale);
  const left = absolute(rescale(a.coefficient, a.scale, scale));
  const right = absolute(rescale(b.coefficient, b.scale, scale));
  if (left === 0n || right === 0n) return numericOf(0n, scale);
  return numericOf((left / gcdBigint(left, right)) * right, scale);
}
