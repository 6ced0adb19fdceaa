/**
 * Accumulators that several aggregates share: exact sums of each kind of number, and moments.
 *
 * All of them can remove what was added, exactly, whatever was added in between.
 *
 * @module
 */
import { ExactProductSum, ExactSum, nearestDouble } from "../../base/exact_sum.ts";
import type { Numeric, SqlType } from "../../storage/sql_type.ts";
import { addWhole, subtractWhole, type WholeNumber } from "./datum.ts";
import {
  NUMERIC_INFINITY,
  NUMERIC_NAN,
  NUMERIC_NEGATIVE_INFINITY,
  numericOf,
  powerOfTen,
} from "./numeric_value.ts";

/** Count and sum of whole numbers. */
export class WholeSum {
  /** Number of values. */
  count = 0;
  /** Their exact sum. */
  sum: WholeNumber = 0;

  /** Adds a value. */
  add(value: WholeNumber): void {
    this.count++;
    this.sum = addWhole(this.sum, value);
  }

  /** Takes away a value that was added before. */
  remove(value: WholeNumber): void {
    this.count--;
    this.sum = subtractWhole(this.sum, value);
  }

  /** Adds all that `other` holds. */
  merge(other: WholeSum): void {
    this.count += other.count;
    this.sum = addWhole(this.sum, other.sum);
  }
}

interface ScaleSums {
  count: number;
  sum: bigint;
  squares: bigint;
}

/** Sum, and sum of squares, of exact decimals whose scale varies: one pair of sums a scale. */
export class NumericSum {
  /** Number of values. */
  count = 0;
  #nan = 0;
  #positive = 0;
  #negative = 0;
  readonly #scales = new Map<number, ScaleSums>();

  /** Adds a value. */
  add(value: Numeric): void {
    this.#change(value, 1);
  }

  /** Takes away a value that was added before. */
  remove(value: Numeric): void {
    this.#change(value, -1);
  }

  #change(value: Numeric, sign: 1 | -1): void {
    this.count += sign;
    if (value.special === "NaN") this.#nan += sign;
    else if (value.special === "Infinity") this.#positive += sign;
    else if (value.special === "-Infinity") this.#negative += sign;
    else {
      const weight = BigInt(sign);
      const { coefficient } = value;
      this.#changeScale(value.scale, sign, weight * coefficient, weight * coefficient * coefficient);
    }
  }

  #changeScale(scale: number, count: number, sum: bigint, squares: bigint): void {
    const sums = this.#scales.get(scale) ?? { count: 0, sum: 0n, squares: 0n };
    sums.count += count;
    sums.sum += sum;
    sums.squares += squares;
    if (sums.count === 0) this.#scales.delete(scale);
    else this.#scales.set(scale, sums);
  }

  /** Adds all that `other` holds. */
  merge(other: NumericSum): void {
    this.count += other.count;
    this.#nan += other.#nan;
    this.#positive += other.#positive;
    this.#negative += other.#negative;
    for (const [scale, sums] of other.#scales) this.#changeScale(scale, sums.count, sums.sum, sums.squares);
  }

  /** The greatest scale of the values. */
  scale(): number {
    let scale = 0;
    for (const key of this.#scales.keys()) scale = Math.max(scale, key);
    return scale;
  }

  /** NaN or an infinity when the values hold one. */
  special(): Numeric | undefined {
    if (this.#nan > 0 || (this.#positive > 0 && this.#negative > 0)) return NUMERIC_NAN;
    if (this.#positive > 0) return NUMERIC_INFINITY;
    return this.#negative > 0 ? NUMERIC_NEGATIVE_INFINITY : undefined;
  }

  /** The sum at the greatest scale of the values. */
  sum(): Numeric {
    const scale = this.scale();
    let total = 0n;
    for (const [key, sums] of this.#scales) total += sums.sum * powerOfTen(scale - key);
    return this.special() ?? numericOf(total, scale);
  }

  /** The sum of the squares, at twice the greatest scale. */
  squares(): Numeric {
    const scale = this.scale();
    let total = 0n;
    for (const [key, sums] of this.#scales) total += sums.squares * powerOfTen(2 * (scale - key));
    return numericOf(total, 2 * scale);
  }
}

/** Count and exact sum of doubles. */
export class DoubleSum {
  /** Number of values. */
  count = 0;
  /** Their exact sum. */
  readonly sum: ExactSum = new ExactSum();

  /** Adds a value. */
  add(value: number): void {
    this.count++;
    this.sum.add(value);
  }

  /** Takes away a value that was added before. */
  remove(value: number): void {
    this.count--;
    this.sum.remove(value);
  }

  /** Adds all that `other` holds. */
  merge(other: DoubleSum): void {
    this.count += other.count;
    this.sum.merge(other.sum);
  }
}

/**
 * Exact moments of pairs of doubles, for variances, covariances and regression. Where only x matters, y is
 * left out.
 */
export class DoubleMoments {
  /** Number of pairs. */
  count = 0;
  readonly #x = new ExactSum();
  readonly #y = new ExactSum();
  readonly #xx = new ExactProductSum();
  readonly #yy = new ExactProductSum();
  readonly #xy = new ExactProductSum();

  /** Adds (`sign` 1) or removes (-1) a pair. */
  change(x: number, y: number, sign: 1 | -1): void {
    this.count += sign;
    if (sign === 1) {
      this.#x.add(x);
      this.#y.add(y);
    } else {
      this.#x.remove(x);
      this.#y.remove(y);
    }
    if (Number.isFinite(x)) this.#xx.add(x, x, sign);
    if (Number.isFinite(y)) this.#yy.add(y, y, sign);
    if (Number.isFinite(x) && Number.isFinite(y)) this.#xy.add(x, y, sign);
  }

  /** Adds all that `other` holds. */
  merge(other: DoubleMoments): void {
    this.count += other.count;
    this.#x.merge(other.#x);
    this.#y.merge(other.#y);
    this.#xx.merge(other.#xx);
    this.#yy.merge(other.#yy);
    this.#xy.merge(other.#xy);
  }

  /** (n * sum(ab) - sum(a) * sum(b)) / (n * divisor), rounded once; NaN when a value is not finite. */
  #centered(a: ExactSum, b: ExactSum, products: ExactProductSum, divisor: number): number {
    if (a.hasSpecial() || b.hasSpecial()) return NaN;
    const n = BigInt(this.count);
    const numerator = n * products.units() - a.units() * b.units();
    return nearestDouble(numerator, n * BigInt(divisor), -2148);
  }

  /** Sum of squared deviations of x, divided by `divisor`. */
  sxx(divisor = 1): number {
    return this.#centered(this.#x, this.#x, this.#xx, divisor);
  }

  /** Sum of squared deviations of y, divided by `divisor`. */
  syy(divisor = 1): number {
    return this.#centered(this.#y, this.#y, this.#yy, divisor);
  }

  /** Sum of products of deviations, divided by `divisor`. */
  sxy(divisor = 1): number {
    return this.#centered(this.#x, this.#y, this.#xy, divisor);
  }

  /** Mean of x, rounded once. */
  averageX(): number {
    return averageOf(this.#x, this.count);
  }

  /** Mean of y, rounded once. */
  averageY(): number {
    return averageOf(this.#y, this.count);
  }
}

/** An exact sum divided by a count, rounded once. */
export function averageOf(sum: ExactSum, count: number): number {
  return sum.quotient(count);
}

/** The scale of an exact type: that of a DECIMAL, 0 for whole numbers. */
export function scaleOf(type: SqlType): number {
  return type.kind === "decimal" ? type.scale : 0;
}
