/**
 * Order, equality and hash of single datums, as keys and indexes need them. NULL equals NULL and is the
 * greatest here; whoever follows SQL's rules for NULL decides before asking.
 *
 * Both sides must belong to one type. Numbers and bigints compare exactly; NaN equals NaN and is the greatest
 * number; NUMERIC compares by value, so 1.0 equals 1.00; intervals compare with months of 30 days and days
 * of 24 hours, as PostgreSQL does. O(length of the values).
 *
 * @module
 */
import { combineHashes, hashNumber, hashText } from "../base/hash.ts";
import { compareText } from "./dictionary.ts";
import type { Datum, Interval, Numeric } from "./sql_type.ts";

const HASHED_SCALE = 6;
const POWERS_OF_TEN: readonly bigint[] = Array.from({ length: 40 }, (_, exponent) => 10n ** BigInt(exponent));
const MICROS_A_DAY = 86_400_000_000n;
const SPECIAL_RANK: Readonly<Record<"NaN" | "Infinity" | "-Infinity", number>> = {
  "-Infinity": -1,
  "Infinity": 1,
  "NaN": 2,
};

/** Negative, 0 or positive. */
export function compareDatums(a: Datum, b: Datum): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === "number" && typeof b === "number") return compareNumbers(a, b);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "boolean" || typeof b === "boolean") return Number(a) - Number(b);
  if (typeof a === "object" && typeof b === "object") return compareObjects(a, b);
  // A number and a bigint: JavaScript compares them exactly.
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether {@linkcode compareDatums} gives 0. */
export function equalDatums(a: Datum, b: Datum): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a === "string") return false;
  return compareDatums(a, b) === 0;
}

/** Whether two datums look the same to every reader: 1.0 and 1.00 do not, nor do 0 and -0. */
export function identicalDatums(a: Datum, b: Datum): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isArray(a)) {
    return isArray(b) && a.length === b.length && a.every((item, i) => identicalDatums(item, b[i]));
  }
  if (isArray(b)) return false;
  if (isNumeric(a)) {
    return isNumeric(b) && a.coefficient === b.coefficient && a.scale === b.scale && a.special === b.special;
  }
  return !isNumeric(b) && a.months === b.months && a.days === b.days && a.micros === b.micros;
}

/** A hash that is the same for equal datums. */
export function hashDatum(value: Datum): number {
  if (value === null) return 0x6e756c6c;
  switch (typeof value) {
    case "number":
      return hashNumber(value);
    case "string":
      return hashText(value);
    case "boolean":
      return hashNumber(value ? 1 : 0);
    case "bigint":
      return hashBigint(value);
    default:
      return hashObject(value);
  }
}

/** `value` as a number while that is exact. */
export function narrowBigint(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return (a !== a ? 1 : 0) - (b !== b ? 1 : 0);
}

type ObjectDatum = Numeric | Interval | readonly Datum[];

function compareObjects(a: ObjectDatum, b: ObjectDatum): number {
  if (isArray(a)) return isArray(b) ? compareArrays(a, b) : 1;
  if (isArray(b)) return -1;
  if (isNumeric(a)) return isNumeric(b) ? compareNumerics(a, b) : -1;
  if (isNumeric(b)) return 1;
  const left = spanOf(a);
  const right = spanOf(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareArrays(a: readonly Datum[], b: readonly Datum[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareDatums(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareNumerics(a: Numeric, b: Numeric): number {
  const rank = (a.special === undefined ? 0 : SPECIAL_RANK[a.special]) -
    (b.special === undefined ? 0 : SPECIAL_RANK[b.special]);
  if (rank !== 0 || a.special !== undefined) return rank;
  const scale = Math.max(a.scale, b.scale);
  const left = a.coefficient * 10n ** BigInt(scale - a.scale);
  const right = b.coefficient * 10n ** BigInt(scale - b.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

function hashObject(value: ObjectDatum): number {
  if (isArray(value)) {
    return value.reduce<number>((hash, item) => combineHashes(hash, hashDatum(item)), value.length);
  }
  if (!isNumeric(value)) return hashBigint(spanOf(value));
  if (value.special !== undefined) return hashText(value.special);
  // The first digits after the point tell nearly all values apart, and are the same at every scale.
  const excess = value.scale - HASHED_SCALE;
  if (excess === 0) return hashBigint(value.coefficient);
  return hashBigint(
    excess > 0 ? value.coefficient / powerOfTen(excess) : value.coefficient * powerOfTen(-excess),
  );
}

function powerOfTen(exponent: number): bigint {
  return POWERS_OF_TEN[exponent] ?? 10n ** BigInt(exponent);
}

function hashBigint(value: bigint): number {
  const narrow = narrowBigint(value);
  if (typeof narrow === "number") return hashNumber(narrow);
  let hash = value < 0n ? 1 : 0;
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 32n) {
    hash = combineHashes(hash, Number(rest & 0xffffffffn) | 0);
  }
  return hash;
}

function spanOf(value: Interval): bigint {
  return BigInt(value.months * 30 + value.days) * MICROS_A_DAY + BigInt(value.micros);
}

function isArray(value: ObjectDatum): value is readonly Datum[] {
  return Array.isArray(value);
}

function isNumeric(value: Numeric | Interval): value is Numeric {
  return "coefficient" in value;
}
