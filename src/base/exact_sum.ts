/**
 * Sums of doubles that are exact: rounded once, when they are read, so that the result does not depend on
 * order, batching or history, and adding and then removing a value leaves no trace.
 *
 * A sum is kept as four doubles. A value runs through them by TwoSum: each slot takes the rounded sum and
 * hands on the rounding error, which is itself a double. What is left after the fourth slot (rare: the
 * values must span more than about 200 bits) goes into a bigint that counts units of 2^-1074, and so do
 * values and slots near the limits of the exponent, where TwoSum is not exact. NaN and infinities are
 * counted.
 *
 * ```
 * value -> [slot 0] -> error -> [slot 1] -> error -> [slot 2] -> error -> [slot 3] -> error -> bigint
 * ```
 *
 * Adding costs O(1), some nanoseconds; reading costs O(1), and O(bits) after a spill.
 *
 * @module
 */

const SLOTS = 4;
/** Beyond this size a slot or a value is kept as bigint, so that no partial sum overflows. */
const HUGE = 2 ** 1000;
const UNIT_EXPONENT = 1074;

const DOUBLE = new Float64Array(1);
const WORDS = new Uint32Array(DOUBLE.buffer);

/** A finite double as a whole number of units of 2^-1074; exact. */
export function unitsOf(value: number): bigint {
  DOUBLE[0] = value;
  const high = WORDS[1]!;
  const exponent = (high >>> 20) & 2047;
  const mantissa = (BigInt((high & 0xfffff) | (exponent === 0 ? 0 : 0x100000)) << 32n) | BigInt(WORDS[0]!);
  const size = exponent === 0 ? mantissa : mantissa << BigInt(exponent - 1);
  return high >>> 31 === 1 ? -size : size;
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0]!, 16)));
}

/** `value * 2^exponent` by two factors, each within range. The product must be representable or overflow. */
function scaleByPowerOfTwo(value: number, exponent: number): number {
  if (exponent > 1000) return value * 2 ** 1000 * 2 ** (exponent - 1000);
  if (exponent < -1074) return value * 2 ** -1074 * 2 ** (exponent + 1074);
  return value * 2 ** exponent;
}

/**
 * The double nearest to `numerator / denominator * 2^exponent`, ties to even; an infinity when the value is
 * beyond the range. The denominator is positive.
 */
export function nearestDouble(numerator: bigint, denominator: bigint, exponent: number): number {
  if (numerator === 0n) return 0;
  const negative = numerator < 0n;
  const size = negative ? -numerator : numerator;
  // The quotient gets at least 55 bits: 53 to keep, one to round, and the rest decides ties.
  let shift = 55 - (bitLength(size) - bitLength(denominator));
  // Fewer bits are kept below the normal range: the last kept bit is then 2^-1074.
  const top = shift >= 0 ? size << BigInt(shift) : size;
  const bottom = shift >= 0 ? denominator : denominator << BigInt(-shift);
  let quotient = top / bottom;
  const exact = quotient * bottom === top;
  const unit = exponent - shift;
  const drop = Math.max(bitLength(quotient) - 53, -UNIT_EXPONENT - unit, 0);
  const kept = quotient >> BigInt(drop);
  const rest = quotient - (kept << BigInt(drop));
  shift = unit + drop;
  quotient = kept;
  if (drop > 0) {
    const half = 1n << BigInt(drop - 1);
    if (rest > half || (rest === half && (!exact || (kept & 1n) === 1n))) quotient += 1n;
  }
  const result = scaleByPowerOfTwo(Number(quotient), shift);
  return negative ? -result : result;
}

/** Partial sums that do not overlap, from the least to the greatest, while one sum is read. */
const PARTIALS = new Float64Array(SLOTS);

/** Adds a double to the first `count` partials and returns their new number (Shewchuk's grow-expansion). */
function growPartials(count: number, value: number): number {
  let x = value;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    let y = PARTIALS[i]!;
    if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
    const sum = x + y;
    const error = y - (sum - x);
    if (error !== 0) PARTIALS[kept++] = error;
    x = sum;
  }
  PARTIALS[kept++] = x;
  return kept;
}

/** The exact sum of four doubles, rounded once. */
function roundSlots(slots: Float64Array, at: number): number {
  if (slots[at + 1] === 0 && slots[at + 2] === 0 && slots[at + 3] === 0) return slots[at]!;
  let n = 0;
  for (let i = 0; i < SLOTS; i++) n = growPartials(n, slots[at + i]!);
  let sum = PARTIALS[--n]!;
  let error = 0;
  while (n > 0 && error === 0) {
    const before = sum;
    const part = PARTIALS[--n]!;
    sum = before + part;
    error = part - (sum - before);
  }
  // A tie was rounded to even, but what is below may break it.
  if (n > 0 && ((error < 0 && PARTIALS[n - 1]! < 0) || (error > 0 && PARTIALS[n - 1]! > 0))) {
    const doubled = error * 2;
    const candidate = sum + doubled;
    if (doubled === candidate - sum) return candidate;
  }
  return sum;
}

/** What one group has besides its slots. */
class Spill {
  units = 0n;
  nan = 0;
  positive = 0;
  negative = 0;

  isEmpty(): boolean {
    return this.units === 0n && this.nan === 0 && this.positive === 0 && this.negative === 0;
  }
}

/** Exact sums of many groups, in flat arrays. Groups are numbered from 0. */
export class ExactSums {
  #slots: Float64Array;
  /** Only the groups that needed it. */
  readonly #spills = new Map<number, Spill>();

  /** Sums of groups 0 to `groupCount - 1`, all 0. */
  constructor(groupCount = 1) {
    this.#slots = new Float64Array(Math.max(1, groupCount) * SLOTS);
  }

  /** Makes room for groups 0 to `groupCount - 1`; new groups are 0. */
  ensure(groupCount: number): void {
    if (groupCount * SLOTS <= this.#slots.length) return;
    const grown = new Float64Array(Math.max(groupCount, this.#slots.length / 2) * SLOTS);
    grown.set(this.#slots);
    this.#slots = grown;
  }

  /** Adds `value` to a group. */
  add(group: number, value: number): void {
    const rest = addToSlots(this.#slots, group * SLOTS, value);
    if (rest !== 0) this.#spill(group, value, rest, 1);
  }

  /** Takes away a value that was added before. */
  remove(group: number, value: number): void {
    const rest = addToSlots(this.#slots, group * SLOTS, -value);
    if (rest !== 0) this.#spill(group, value, rest, -1);
  }

  /** Adds `values[i]` to `groups[i]` for all i below `count`. */
  addRows(groups: Int32Array | Uint32Array, values: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const rest = addToSlots(this.#slots, groups[i]! * SLOTS, values[i]!);
      if (rest !== 0) this.#spill(groups[i]!, values[i]!, rest, 1);
    }
  }

  /** Adds the sum of `group` of `other` to group `into`. */
  merge(into: number, other: ExactSums, group: number): void {
    for (let i = 0; i < SLOTS; i++) this.add(into, other.#slots[group * SLOTS + i]!);
    const spill = other.#spills.get(group);
    if (spill === undefined) return;
    const own = this.#spillOf(into);
    own.units += spill.units;
    own.nan += spill.nan;
    own.positive += spill.positive;
    own.negative += spill.negative;
  }

  /** Sets a group back to 0. */
  clear(group: number): void {
    this.#slots.fill(0, group * SLOTS, (group + 1) * SLOTS);
    this.#spills.delete(group);
  }

  /** The sum, rounded once; an infinity when it is beyond the range. Never -0. */
  value(group: number): number {
    const spill = this.#spills.get(group);
    if (spill === undefined) return roundSlots(this.#slots, group * SLOTS) + 0;
    if (spill.nan > 0 || (spill.positive > 0 && spill.negative > 0)) return NaN;
    if (spill.positive > 0) return Infinity;
    if (spill.negative > 0) return -Infinity;
    return nearestDouble(this.units(group), 1n, -UNIT_EXPONENT);
  }

  /** The sum divided by a positive whole number below 2^52, rounded once. Never -0 for a sum of 0. */
  quotient(group: number, divisor: number): number {
    if (this.hasSpecial(group)) return this.value(group);
    const at = group * SLOTS;
    if (this.#slots[at + 2] === 0 && this.#slots[at + 3] === 0 && !this.#spills.has(group)) {
      const near = quotientOfPair(this.#slots[at]!, this.#slots[at + 1]!, divisor);
      if (!Number.isNaN(near)) return near;
    }
    return nearestDouble(this.units(group), BigInt(divisor), -UNIT_EXPONENT);
  }

  /** Whether a NaN or an infinity is in the sum. */
  hasSpecial(group: number): boolean {
    const spill = this.#spills.get(group);
    return spill !== undefined && (spill.nan > 0 || spill.positive > 0 || spill.negative > 0);
  }

  /** Whether an infinity of either sign is in the sum. */
  hasInfinity(group: number): boolean {
    const spill = this.#spills.get(group);
    return spill !== undefined && (spill.positive > 0 || spill.negative > 0);
  }

  /** The exact sum of the finite values, in units of 2^-1074. */
  units(group: number): bigint {
    let units = this.#spills.get(group)?.units ?? 0n;
    for (let i = 0; i < SLOTS; i++) units += unitsOf(this.#slots[group * SLOTS + i]!);
    return units;
  }

  #spillOf(group: number): Spill {
    let spill = this.#spills.get(group);
    if (spill === undefined) this.#spills.set(group, spill = new Spill());
    return spill;
  }

  /** `rest` is what the slots did not take: NaN when they took nothing. */
  #spill(group: number, value: number, rest: number, sign: 1 | -1): void {
    const spill = this.#spillOf(group);
    if (!Number.isNaN(rest)) spill.units += unitsOf(rest);
    else if (Number.isNaN(value)) spill.nan += sign;
    else if (value === Infinity) spill.positive += sign;
    else if (value === -Infinity) spill.negative += sign;
    else {
      spill.units += unitsOf(sign * value);
      for (let i = group * SLOTS; i < (group + 1) * SLOTS; i++) {
        spill.units += unitsOf(this.#slots[i]!);
        this.#slots[i] = 0;
      }
    }
    if (spill.isEmpty()) this.#spills.delete(group);
  }
}

/**
 * Adds a value to the four slots from `at` on and returns what is left over. Returns NaN and changes nothing
 * when the value is not finite, or when it or the sum is so great that an addition could overflow.
 */
function addToSlots(slots: Float64Array, at: number, value: number): number {
  let a = slots[at]!;
  let sum = a + value;
  if (!(sum < HUGE && sum > -HUGE && value < HUGE && value > -HUGE)) return NaN;
  let part = sum - a;
  let rest = (a - (sum - part)) + (value - part);
  slots[at] = sum;
  if (rest === 0) return 0;
  a = slots[at + 1]!;
  sum = a + rest;
  part = sum - a;
  rest = (a - (sum - part)) + (rest - part);
  slots[at + 1] = sum;
  if (rest === 0) return 0;
  a = slots[at + 2]!;
  sum = a + rest;
  part = sum - a;
  rest = (a - (sum - part)) + (rest - part);
  slots[at + 2] = sum;
  if (rest === 0) return 0;
  a = slots[at + 3]!;
  sum = a + rest;
  part = sum - a;
  rest = (a - (sum - part)) + (rest - part);
  slots[at + 3] = sum;
  return rest;
}

/** Between these sizes the products below are exact. */
const QUOTIENT_MAX = 2 ** 900;
const QUOTIENT_MIN = 2 ** -900;
/** Less than 1 by more than what the rounding of a remainder can be off. */
const SAFE_PART = 1 - 2 ** -40;

/**
 * `(a + b) / divisor`, rounded once; NaN where it takes more than doubles to say which of two doubles is nearer.
 *
 * The quotient of the rounded sum is the nearest double, or next to it. Its remainder is a multiple of its last
 * bit and below the divisor times two of those, so a double holds it exactly.
 */
function quotientOfPair(a: number, b: number, divisor: number): number {
  const sum = a + b;
  const part = sum - a;
  const rest = (a - (sum - part)) + (b - part);
  const quotient = sum / divisor;
  if (rest === 0) return sum === 0 ? 0 : quotient;
  const size = Math.abs(quotient);
  if (!(size < QUOTIENT_MAX && size > QUOTIENT_MIN)) return NaN;
  if (isPowerOfTwo(quotient)) return NaN;
  const unit = 2 ** (((WORDS[1]! >>> 20) & 2047) - 1075);
  const half = divisor * unit / 2;
  const off = remainder(sum, quotient, divisor) + rest;
  if (Math.abs(off) < half * SAFE_PART) return quotient;
  const next = quotient + (off > 0 ? unit : -unit);
  const left = remainder(sum, next, divisor) + rest;
  return Math.abs(left) < half * SAFE_PART && !isPowerOfTwo(next) ? next : NaN;
}

/** Whether the double before is nearer than the one behind. Leaves the number in `WORDS`. */
function isPowerOfTwo(value: number): boolean {
  DOUBLE[0] = value;
  return WORDS[0] === 0 && (WORDS[1]! & 0xfffff) === 0;
}

/** `sum - quotient * divisor`, exact. */
function remainder(sum: number, quotient: number, divisor: number): number {
  const product = quotient * divisor;
  const splitQuotient = quotient * SPLITTER;
  const highQuotient = splitQuotient - (splitQuotient - quotient);
  const lowQuotient = quotient - highQuotient;
  const splitDivisor = divisor * SPLITTER;
  const highDivisor = splitDivisor - (splitDivisor - divisor);
  const lowDivisor = divisor - highDivisor;
  const error = lowQuotient * lowDivisor -
    (((product - highQuotient * highDivisor) - lowQuotient * highDivisor) - highQuotient * lowDivisor);
  return (sum - product) - error;
}

/** One exact sum. */
export class ExactSum {
  readonly #sums = new ExactSums(1);

  /** Adds a value. */
  add(value: number): void {
    this.#sums.add(0, value);
  }

  /** Takes away a value that was added before. */
  remove(value: number): void {
    this.#sums.remove(0, value);
  }

  /** Adds all that `other` holds. */
  merge(other: ExactSum): void {
    this.#sums.merge(0, other.#sums, 0);
  }

  /** The sum, rounded once. */
  value(): number {
    return this.#sums.value(0);
  }

  /** The sum divided by a positive whole number below 2^52, rounded once. */
  quotient(divisor: number): number {
    return this.#sums.quotient(0, divisor);
  }

  /** Whether a NaN or an infinity is in the sum. */
  hasSpecial(): boolean {
    return this.#sums.hasSpecial(0);
  }

  /** Whether an infinity of either sign is in the sum. */
  hasInfinity(): boolean {
    return this.#sums.hasInfinity(0);
  }

  /** The exact sum of the finite values, in units of 2^-1074. */
  units(): bigint {
    return this.#sums.units(0);
  }
}

const SPLITTER = 134217729;
const PRODUCT_MAX = 2 ** 450;
const PRODUCT_MIN = 2 ** -450;

/** An exact sum of products of two doubles. */
export class ExactProductSum {
  readonly #sum = new ExactSum();
  /** Products whose rounding error may not be a double, in units of 2^-2148. */
  #units = 0n;

  /** Adds `sign * a * b`; both are finite. */
  add(a: number, b: number, sign: 1 | -1): void {
    const product = a * b;
    if (product === 0 && (a === 0 || b === 0)) return;
    if (!isModerate(a) || !isModerate(b)) {
      this.#units += BigInt(sign) * unitsOf(a) * unitsOf(b);
      return;
    }
    const splitA = a * SPLITTER;
    const highA = splitA - (splitA - a);
    const lowA = a - highA;
    const splitB = b * SPLITTER;
    const highB = splitB - (splitB - b);
    const lowB = b - highB;
    const error = lowA * lowB - (((product - highA * highB) - lowA * highB) - highA * lowB);
    this.#sum.add(sign * product);
    if (error !== 0) this.#sum.add(sign * error);
  }

  /** Adds all that `other` holds. */
  merge(other: ExactProductSum): void {
    this.#sum.merge(other.#sum);
    this.#units += other.#units;
  }

  /** The exact sum in units of 2^-2148. */
  units(): bigint {
    return (this.#sum.units() << BigInt(UNIT_EXPONENT)) + this.#units;
  }
}

function isModerate(value: number): boolean {
  const size = Math.abs(value);
  return size < PRODUCT_MAX && size > PRODUCT_MIN;
}
