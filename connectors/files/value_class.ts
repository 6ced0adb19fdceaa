/**
 * Type inference: what kind of value a text is, and the type that a column of such texts needs.
 *
 * A text is put into one class by its bytes alone. A column collects the classes as bits, with the digits of
 * its numbers, and the type is decided from the bits at the end, so the order of rows does not matter and
 * evidence from parts of a file can be joined.
 *
 * Inference loses nothing: a text becomes a number only if the number has all that the text says. Numbers
 * with leading zeros (postal codes) stay text, and so do timestamps with more than six digits of a second.
 *
 * Cost: O(length) per text, no allocation.
 *
 * @module
 */
import {
  BIGINT,
  BOOLEAN,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  type SqlType,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../../src/storage/sql_type.ts";

/** Classes of texts, one bit each. */
export const CLASS_INTEGER = 1;
/** A whole number beyond 32 bits, within 64. */
export const CLASS_BIGINT = 2;
/** A whole number beyond 64 bits. */
export const CLASS_HUGE = 4;
/** Digits around a point. */
export const CLASS_FRACTION = 8;
/** With an exponent, or NaN or Infinity. */
export const CLASS_FLOAT = 16;
export const CLASS_DATE = 32;
export const CLASS_TIMESTAMP = 64;
/** A timestamp with Z or an offset. */
export const CLASS_TIMESTAMPTZ = 128;
export const CLASS_BOOLEAN = 256;
export const CLASS_TEXT = 512;

const WHOLE = CLASS_INTEGER | CLASS_BIGINT | CLASS_HUGE;
const NUMBER = WHOLE | CLASS_FRACTION | CLASS_FLOAT;

const ZERO = 48;
const MINUS = 45;
const PLUS = 43;
const POINT = 46;

/** Which type a column of fractions gets. */
export type FractionType = "double" | "decimal";

/** What was seen of one column. */
export class TypeEvidence {
  classes = 0;
  /** Most digits before and after the point among the numbers. */
  wholeDigits = 0;
  scale = 0;
  nullCount = 0;
  valueCount = 0;

  /** Takes in the text `bytes[from .. to]`. */
  addBytes(bytes: Uint8Array, from: number, to: number): void {
    const found = classifyBytes(bytes, from, to);
    this.classes |= found;
    this.valueCount++;
    if ((found & (WHOLE | CLASS_FRACTION)) !== 0) this.#addDigits(bytes, from, to);
  }

  /** Takes in a short text. */
  addText(text: string): void {
    const { written } = ENCODER.encodeInto(text, SCRATCH);
    this.addBytes(SCRATCH, 0, written);
  }

  /** The narrowest type that holds all texts seen; text when there was none. */
  type(fractions: FractionType = "double"): SqlType {
    const { classes } = this;
    if (classes === 0 || (classes & CLASS_TEXT) !== 0) return TEXT;
    if (classes === CLASS_BOOLEAN) return BOOLEAN;
    if (classes === CLASS_DATE) return DATE;
    if ((classes & ~(CLASS_DATE | CLASS_TIMESTAMP)) === 0) return TIMESTAMP;
    if (classes === CLASS_TIMESTAMPTZ) return TIMESTAMPTZ;
    return (classes & ~NUMBER) === 0 ? this.#numberType(fractions) : TEXT;
  }

  #numberType(fractions: FractionType): SqlType {
    const { classes } = this;
    if (classes === CLASS_INTEGER) return INTEGER;
    if ((classes & ~(CLASS_INTEGER | CLASS_BIGINT)) === 0) return BIGINT;
    const digits = this.wholeDigits + this.scale;
    if ((classes & ~WHOLE) === 0) return digits <= DECIMAL_DIGITS ? decimalType(DECIMAL_DIGITS, 0) : TEXT;
    if ((classes & CLASS_FLOAT) !== 0) return DOUBLE;
    if (fractions === "double") return DOUBLE;
    return digits <= DECIMAL_DIGITS ? decimalType(Math.max(18, digits), this.scale) : TEXT;
  }

  #addDigits(bytes: Uint8Array, from: number, to: number): void {
    let point = to;
    for (let i = from; i < to; i++) if (bytes[i] === POINT) point = i;
    const first = bytes[from] === MINUS || bytes[from] === PLUS ? from + 1 : from;
    this.wholeDigits = Math.max(this.wholeDigits, point - first);
    if (point < to) this.scale = Math.max(this.scale, to - point - 1);
  }
}

const DECIMAL_DIGITS = 38;
const SCRATCH = new Uint8Array(64);
const ENCODER = new TextEncoder();

/** The class of a string. */
export function classifyText(text: string): number {
  if (text.length > 40) return CLASS_TEXT;
  const { written, read } = ENCODER.encodeInto(text, SCRATCH);
  return read === text.length ? classifyBytes(SCRATCH, 0, written) : CLASS_TEXT;
}

/** True when a text of class `found` keeps its meaning as a value of `type`. */
export function classFits(found: number, type: SqlType): boolean {
  switch (type.kind) {
    case "integer":
      return found === CLASS_INTEGER;
    case "bigint":
      return (found & (CLASS_INTEGER | CLASS_BIGINT)) !== 0;
    case "decimal":
      return (found & (type.scale === 0 ? WHOLE : WHOLE | CLASS_FRACTION)) !== 0;
    case "double":
      return (found & NUMBER) !== 0;
    case "date":
      return found === CLASS_DATE;
    case "timestamp":
      return (found & (CLASS_DATE | CLASS_TIMESTAMP)) !== 0;
    case "timestamptz":
      return found === CLASS_TIMESTAMPTZ;
    case "boolean":
      return found === CLASS_BOOLEAN;
    default:
      return true;
  }
}

/** The class of the text `bytes[from .. to]`. */
export function classifyBytes(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length === 0 || length > 400) return CLASS_TEXT;
  const first = bytes[from]!;
  if (isDigit(first) || first === MINUS || first === PLUS || first === POINT) {
    if (length >= 10 && bytes[from + 4] === MINUS && isDigit(first)) return classifyDate(bytes, from, to);
    return classifyNumber(bytes, from, to);
  }
  return classifyWord(bytes, from, to);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= 57;
}

function classifyNumber(bytes: Uint8Array, from: number, to: number): number {
  let p = bytes[from] === MINUS || bytes[from] === PLUS ? from + 1 : from;
  const whole = p;
  while (p < to && isDigit(bytes[p])) p++;
  const wholeDigits = p - whole;
  if (wholeDigits > 1 && bytes[whole] === ZERO) return CLASS_TEXT;
  if (p === to) {
    return wholeDigits === 0 ? specialFloat(bytes, whole, to) : wholeClass(bytes, from, to, wholeDigits);
  }
  let fractionDigits = 0;
  if (bytes[p] === POINT) {
    const fraction = ++p;
    while (p < to && isDigit(bytes[p])) p++;
    fractionDigits = p - fraction;
  }
  if (wholeDigits + fractionDigits === 0) return specialFloat(bytes, whole, to);
  if (p === to) return fractionDigits > 0 && wholeDigits > 0 ? CLASS_FRACTION : CLASS_FLOAT;
  if ((bytes[p]! | 32) !== 101) return CLASS_TEXT;
  p++;
  if (bytes[p] === MINUS || bytes[p] === PLUS) p++;
  const exponent = p;
  while (p < to && isDigit(bytes[p])) p++;
  return p === to && p > exponent && p - exponent < 4 ? CLASS_FLOAT : CLASS_TEXT;
}

function wholeClass(bytes: Uint8Array, from: number, to: number, digits: number): number {
  if (digits <= 9) return CLASS_INTEGER;
  if (digits <= 18 && digits > 10) return CLASS_BIGINT;
  if (digits > 19) return CLASS_HUGE;
  const value = BigInt(asciiText(bytes, bytes[from] === PLUS ? from + 1 : from, to));
  if (value === BigInt.asIntN(32, value)) return CLASS_INTEGER;
  return value === BigInt.asIntN(64, value) ? CLASS_BIGINT : CLASS_HUGE;
}

function asciiText(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

function specialFloat(bytes: Uint8Array, from: number, to: number): number {
  return to - from >= 3 && to - from <= 8 && isSpecialFloat(asciiText(bytes, from, to).toLowerCase())
    ? CLASS_FLOAT
    : CLASS_TEXT;
}

function isSpecialFloat(word: string): boolean {
  return word === "nan" || word === "inf" || word === "infinity";
}

function classifyWord(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length < 3 || length > 8) return CLASS_TEXT;
  // Most words are ruled out by their first letter: f, i, n, t.
  const letter = bytes[from]! | 32;
  if (letter !== 102 && letter !== 105 && letter !== 110 && letter !== 116) return CLASS_TEXT;
  const word = asciiText(bytes, from, to).toLowerCase();
  if (word === "true" || word === "false") return CLASS_BOOLEAN;
  return isSpecialFloat(word) ? CLASS_FLOAT : CLASS_TEXT;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 100;
}

/** `YYYY-MM-DD`, alone or with a time of day and an offset. */
function classifyDate(bytes: Uint8Array, from: number, to: number): number {
  const century = twoDigits(bytes, from);
  const year = twoDigits(bytes, from + 2);
  const month = twoDigits(bytes, from + 5);
  const day = twoDigits(bytes, from + 8);
  if (century > 99 || year > 99 || month < 1 || month > 12 || day < 1 || bytes[from + 7] !== MINUS) {
    return CLASS_TEXT;
  }
  if (day > monthDays(century * 100 + year, month) || century + year === 0) return CLASS_TEXT;
  if (to - from === 10) return CLASS_DATE;
  const separator = bytes[from + 10]!;
  if ((separator !== 32 && (separator | 32) !== 116) || to - from < 16) return CLASS_TEXT;
  return classifyClock(bytes, from + 11, to);
}

function monthDays(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function classifyClock(bytes: Uint8Array, from: number, to: number): number {
  let p = from + 5;
  if (twoDigits(bytes, from) > 23 || bytes[from + 2] !== 58 || twoDigits(bytes, from + 3) > 59) {
    return CLASS_TEXT;
  }
  if (p + 3 <= to && bytes[p] === 58) {
    if (twoDigits(bytes, p + 1) > 59) return CLASS_TEXT;
    p += 3;
    if (p < to && bytes[p] === POINT) {
      const fraction = ++p;
      while (p < to && isDigit(bytes[p])) p++;
      if (p === fraction || p - fraction > 6) return CLASS_TEXT;
    }
  }
  if (p === to) return CLASS_TIMESTAMP;
  if (bytes[p] === 90 && p + 1 === to) return CLASS_TIMESTAMPTZ;
  if (bytes[p] !== PLUS && bytes[p] !== MINUS) return CLASS_TEXT;
  const offset = to - p - 1;
  if (twoDigits(bytes, p + 1) > 15) return CLASS_TEXT;
  if (offset === 2) return CLASS_TIMESTAMPTZ;
  const minutes = offset === 4 ? p + 3 : offset === 5 && bytes[p + 3] === 58 ? p + 4 : -1;
  return minutes > 0 && twoDigits(bytes, minutes) <= 59 ? CLASS_TIMESTAMPTZ : CLASS_TEXT;
}
