/**
 * Decimal digits of floating point numbers, rounded as C's `printf` and PostgreSQL's shortest output do.
 *
 * JavaScript differs in two details. `toFixed` and `toExponential` round a tie up, `printf` to even. And
 * JavaScript's shortest digits may lie exactly half-way to the neighbouring number, where reading relies on
 * the tie going back to even; PostgreSQL's lie strictly inside. Both only matter where the decimal digits of
 * a binary number end early: from 2^52 on for doubles.
 *
 * @module
 */
import { unitsOf } from "../../base/exact_sum.ts";

/** `text` has been rounded up from a tie when `longer` ends in a 5 and then zeros only. */
function tieToEven(text: string, longer: string): string {
  const [mantissa = "", exponent] = text.split("e");
  const [exact = ""] = longer.split("e");
  const size = mantissa.replace("-", "").replace(".", "").length;
  const digits = exact.replace("-", "").replace(".", "");
  const last = Number(mantissa.at(-1));
  if (last % 2 === 0 || !/^50*$/.test(digits.slice(size))) return text;
  const even = mantissa.slice(0, -1) + String(last - 1);
  return exponent === undefined ? even : `${even}e${exponent}`;
}

/** C's `%.*f` of a finite number below 1e21. */
export function fixedDigits(value: number, fractionDigits: number): string {
  const longer = value.toFixed(Math.min(100, fractionDigits + 30));
  return tieToEven(value.toFixed(fractionDigits), longer);
}

/** C's `%.*e` of a finite number, with JavaScript's exponent: `1.5e+3`. */
export function exponentialDigits(value: number, fractionDigits: number): string {
  const longer = value.toExponential(Math.min(100, fractionDigits + 30));
  return tieToEven(value.toExponential(fractionDigits), longer);
}

const SINGLE = new Float32Array(1);
const SINGLE_BITS = new Int32Array(SINGLE.buffer);
const DOUBLE = new Float64Array(1);
const DOUBLE_BITS = new BigInt64Array(DOUBLE.buffer);

/** The neighbouring 32-bit float, `step` 1 away from zero or -1 towards it; the value is not zero. */
function singleNeighbour(value: number, step: 1 | -1): number {
  SINGLE[0] = value;
  SINGLE_BITS[0]! += step;
  return SINGLE[0]!;
}

/** The neighbouring double. */
function doubleNeighbour(value: number, step: 1 | -1): number {
  DOUBLE[0] = value;
  DOUBLE_BITS[0]! += BigInt(step);
  return DOUBLE[0]!;
}

/** Whether the decimal text lies exactly half-way between two doubles, all given by their size. */
function isHalfway(text: string, a: number, b: number): boolean {
  const [mantissa = "", exponent = "0"] = text.split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const shift = Number(exponent) - fraction.length;
  // Twice the text equals a + b, in units of 2^-1074 and tenths.
  const doubled = BigInt(whole + fraction) << 1075n;
  const sum = unitsOf(a) + unitsOf(b);
  return shift >= 0 ? doubled * 10n ** BigInt(shift) === sum : doubled === sum * 10n ** BigInt(-shift);
}

/** The shortest digits that lie strictly nearer to a double than to any other, with an exponent. */
export function shortestDouble(value: number): string {
  const text = value.toExponential();
  const size = Math.abs(value);
  if (size < 4503599627370496) return text;
  const digits = text.replace("-", "").split("e")[0]!.replace(".", "").length;
  for (let n = digits; n < 17; n++) {
    const candidate = exponentialDigits(value, n - 1);
    const positive = candidate.replace("-", "");
    const isInside = Number(candidate) === value && !isHalfway(positive, size, doubleNeighbour(size, 1)) &&
      !isHalfway(positive, size, doubleNeighbour(size, -1));
    if (isInside) return candidate;
  }
  return value.toExponential(16);
}

/** The shortest digits that lie strictly nearer to a 32-bit float than to any other, with an exponent. */
export function shortestSingle(value: number): string {
  if (value === 0) return value.toExponential();
  const size = Math.abs(value);
  // Half-way points of 32-bit floats are exact doubles.
  const low = (size + singleNeighbour(size, -1)) / 2;
  const high = (size + singleNeighbour(size, 1)) / 2;
  for (let n = 0; n < 8; n++) {
    const candidate = exponentialDigits(value, n);
    const number = Math.abs(Number(candidate));
    if (number > low && number < high) return candidate;
  }
  return value.toExponential(8);
}
