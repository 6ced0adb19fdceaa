/**
 * Quotients of whole numbers as NUMERIC, worked out in doubles: what an average takes, without a bigint a digit.
 *
 * ```
 * 15 000 / 10^2 by 7      21.4285714285714286      whole part, then up to seven digits at a time by long division
 * ```
 *
 * Every step is exact: sizes stay below 2^53. O(digits).
 *
 * @module
 */
import type { Numeric } from "../../storage/sql_type.ts";
import { NUMERIC_MAX_SCALE, powerOfTen, scaleOfQuotient } from "./numeric_value.ts";

const DIVIDEND_MAX = 2 ** 50;
/** Times {@linkcode STEP} it is below 2^53. */
const DIVISOR_MAX = 2 ** 26;
const STEP_DIGITS = 7;
/** Digits behind the first ones that fit a double. */
const LOW_DIGITS_MAX = 14;
const POWERS: readonly number[] = Array.from({ length: 17 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * `dividend / 10^scale` divided by a positive `divisor`, at the scale that PostgreSQL selects; undefined where doubles
 * do not hold the numbers.
 */
export function divideWhole(dividend: number, scale: number, divisor: number): Numeric | undefined {
  const size = Math.abs(dividend);
  if (!(size < DIVIDEND_MAX) || !(divisor < DIVISOR_MAX) || scale > NUMERIC_MAX_SCALE) return undefined;
  const top = leadingDigit(size, scale);
  const bottom = leadingDigit(divisor, 0);
  const quotientScale = scaleOfQuotient(top, bottom, scale);
  let rest = quotientScale - scale;
  if (rest > STEP_DIGITS + LOW_DIGITS_MAX) return undefined;
  let high = quotient(size, divisor);
  let remainder = size - high * divisor;
  let low = 0;
  let lowDigits = 0;
  while (rest > 0) {
    const digits = Math.min(rest, STEP_DIGITS);
    const power = POWERS[digits]!;
    const scaled = remainder * power;
    const next = quotient(scaled, divisor);
    remainder = scaled - next * divisor;
    if (lowDigits === 0 && high < DIVIDEND_MAX / power) high = high * power + next;
    else if (lowDigits + digits > LOW_DIGITS_MAX) return undefined;
    else {
      low = low * power + next;
      lowDigits += digits;
    }
    rest -= digits;
  }
  // Half away from zero.
  if (remainder * 2 >= divisor) low++;
  const coefficient = lowDigits === 0
    ? BigInt(high + low)
    : BigInt(high) * powerOfTen(lowDigits) + BigInt(low);
  return { coefficient: dividend < 0 ? -coefficient : coefficient, scale: quotientScale };
}

/** Weight and value of the first nonzero digit in base 10,000 of a whole number in units of 10^-scale. */
function leadingDigit(size: number, scale: number): { weight: number; digit: number } {
  if (size === 0) return { weight: 0, digit: 0 };
  let digits = 1;
  while (size >= POWERS[digits]!) digits++;
  const exponent = digits - 1 - scale;
  const weight = Math.floor(exponent / 4);
  const width = exponent - weight * 4 + 1;
  const digit = digits >= width ? quotient(size, POWERS[digits - width]!) : size * POWERS[width - digits]!;
  return { weight, digit };
}

/** The whole part of a quotient; the division may have rounded it up. */
function quotient(dividend: number, divisor: number): number {
  const guess = Math.floor(dividend / divisor);
  return guess * divisor > dividend ? guess - 1 : guess;
}
