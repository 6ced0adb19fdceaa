/**
 * TO_CHAR and TO_NUMBER of numbers by a template such as `FM999G990D00`.
 *
 * This follows PostgreSQL's own procedure digit by digit, because its results are defined by it: where the
 * sign goes, what becomes a blank, which trailing zeros FM drops. The locale is "C" with `,` for G, `.` for
 * D, and a blank for L.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { type Datum, NUMERIC, type Numeric, type SqlType } from "../../storage/sql_type.ts";
import type { ScalarFunction } from "../function.ts";
import { numberToNumeric } from "./compare.ts";
import { ordinalSuffix } from "./date_template.ts";
import { asNumber, asText } from "./datum.ts";
import { roundHalfEven } from "./interval_value.ts";
import {
  absNumeric,
  decimalExponent,
  formatNumeric,
  numericOf,
  parseNumeric,
  powerOfTen,
  rescale,
  roundNumeric,
  signOf,
} from "./numeric_value.ts";
import { isFloat, simple } from "./signature.ts";

const KEYWORDS: readonly string[] = [
  "EEEE",
  "FM",
  "MI",
  "PL",
  "PR",
  "RN",
  "SG",
  "SP",
  "TH",
  ",",
  ".",
  "0",
  "9",
  "B",
  "C",
  "D",
  "G",
  "L",
  "S",
  "V",
];

type Node = { readonly key: string; readonly written: string } | { readonly text: string };

/** What a template asks for. */
interface Picture {
  readonly nodes: readonly Node[];
  /** Digits before and after the point. */
  pre: number;
  post: number;
  /** Digits after V: the value is multiplied by that power of ten. */
  multi: number;
  leadingSign: "none" | "before" | "after";
  signDigits: number;
  zeroStart: number;
  zeroEnd: number;
  readonly flags: Set<
    "decimal" | "fill" | "zero" | "sign" | "plus" | "minus" | "bracket" | "roman" | "multi" | "exponent"
  >;
}

function templateError(template: string, why: string): QueryError {
  return new QueryError(
    "invalid-value",
    `Invalid number template: ${why}: received ${JSON.stringify(template)}`,
    {
      details: { template },
      hint: "templates look like FM999,990.00",
    },
  );
}

function cut(template: string): Node[] {
  const nodes: Node[] = [];
  for (let at = 0; at < template.length;) {
    if (template[at] === '"') {
      const end = template.indexOf('"', at + 1);
      nodes.push({ text: template.slice(at + 1, end < 0 ? template.length : end) });
      at = end < 0 ? template.length : end + 1;
      continue;
    }
    const key = KEYWORDS.find((word) => {
      const written = template.slice(at, at + word.length);
      return written === word || written === word.toLowerCase();
    });
    if (key === undefined) {
      const character = String.fromCodePoint(template.codePointAt(at)!);
      nodes.push({ text: character });
      at += character.length;
    } else {
      nodes.push({ key, written: template.slice(at, at + key.length) });
      at += key.length;
    }
  }
  return nodes;
}

function readPicture(template: string): Picture {
  const picture: Picture = {
    nodes: cut(template),
    pre: 0,
    post: 0,
    multi: 0,
    leadingSign: "none",
    signDigits: 0,
    zeroStart: 0,
    zeroEnd: 0,
    flags: new Set(),
  };
  for (const node of picture.nodes) {
    if ("key" in node) addKey(picture, node.key, template);
  }
  if (picture.flags.has("roman") && !/^(?:FM)?RN(?:FM)?$/i.test(template)) {
    throw templateError(template, "RN stands alone");
  }
  return picture;
}

function addKey(picture: Picture, key: string, template: string): void {
  const { flags } = picture;
  switch (key) {
    case "9":
      if (flags.has("multi")) picture.multi++;
      else if (flags.has("decimal")) picture.post++;
      else picture.pre++;
      break;
    case "0":
      if (!flags.has("zero") && !flags.has("decimal")) {
        flags.add("zero");
        picture.zeroStart = picture.pre + 1;
      }
      if (flags.has("decimal")) picture.post++;
      else picture.pre++;
      picture.zeroEnd = picture.pre + picture.post;
      break;
    case ".":
    case "D":
      if (flags.has("decimal")) throw templateError(template, "more than one decimal point");
      if (flags.has("multi")) throw templateError(template, "V and a decimal point");
      flags.add("decimal");
      break;
    case "FM":
      flags.add("fill");
      break;
    case "S":
      addSign(picture, template);
      break;
    case "MI":
    case "PL":
    case "SG":
      if (flags.has("sign")) throw templateError(template, "S and another sign");
      if (key !== "PL") flags.add("minus");
      if (key !== "MI") flags.add("plus");
      break;
    case "PR":
      if (flags.has("sign") || flags.has("plus") || flags.has("minus")) {
        throw templateError(template, "PR and another sign");
      }
      flags.add("bracket");
      break;
    case "RN":
      flags.add("roman");
      break;
    case "V":
      if (flags.has("decimal")) throw templateError(template, "V and a decimal point");
      flags.add("multi");
      break;
    case "EEEE":
      flags.add("exponent");
      break;
  }
}

function addSign(picture: Picture, template: string): void {
  const { flags } = picture;
  if (flags.has("sign")) throw templateError(template, "more than one S");
  if (flags.has("plus") || flags.has("minus") || flags.has("bracket")) {
    throw templateError(template, "S and another sign");
  }
  flags.add("sign");
  if (flags.has("decimal")) {
    picture.leadingSign = "after";
  } else {
    picture.leadingSign = "before";
    picture.signDigits = picture.pre;
  }
}

/** Writes one number; the fields are those of PostgreSQL's procedure. */
class NumberWriter {
  readonly #picture: Picture;
  readonly #digits: string;
  readonly #negative: boolean;
  readonly #preSpaces: number;
  readonly #lastRelevant: number | undefined;
  #leadingSign: Picture["leadingSign"];
  #signWritten: boolean;
  #count: number;
  #current = 0;
  /** Index into the digits. */
  #at = 0;
  #inNumber = false;
  #output = "";

  constructor(picture: Picture, digits: string, negative: boolean) {
    this.#picture = picture;
    this.#digits = digits;
    this.#negative = negative;
    const { flags } = picture;
    const point = digits.indexOf(".");
    this.#preSpaces = Math.max(0, picture.pre - (point < 0 ? digits.length : point));
    this.#leadingSign = picture.leadingSign;
    const ownSign = flags.has("plus") || flags.has("minus");
    if (ownSign) {
      this.#signWritten = flags.has("minus");
    } else {
      if (!negative && flags.has("fill")) flags.delete("bracket");
      this.#signWritten = !negative && flags.has("fill") && !flags.has("sign");
      if (this.#leadingSign === "before" && picture.pre === picture.signDigits) this.#leadingSign = "after";
    }
    this.#lastRelevant = flags.has("fill") && flags.has("decimal")
      ? this.#findLastRelevant(point)
      : undefined;
    this.#count = picture.post + picture.pre - 1 + (!this.#signWritten && this.#preSpaces === 0 ? 1 : 0);
  }

  /** Index of the last digit after the point that is no zero, or that a 0 in the template asks for. */
  #findLastRelevant(point: number): number | undefined {
    if (point < 0) return undefined;
    let last = point;
    for (let i = point + 1; i < this.#digits.length; i++) {
      if (this.#digits[i] !== "0") last = i;
    }
    const { zeroEnd } = this.#picture;
    if (zeroEnd > this.#preSpaces) {
      last = Math.max(last, Math.min(this.#digits.length - 1, zeroEnd - this.#preSpaces));
    }
    return last;
  }

  write(): string {
    for (const node of this.#picture.nodes) {
      if ("text" in node) this.#output += node.text;
      else this.#writeKey(node.key, node.written);
    }
    return this.#output;
  }

  #writeKey(key: string, written: string): void {
    const fill = this.#picture.flags.has("fill");
    switch (key) {
      case "9":
      case "0":
      case ".":
      case "D":
        this.#writeDigit(key);
        break;
      case ",":
      case "G":
        if (this.#inNumber) this.#output += ",";
        else if (!fill) this.#output += " ";
        break;
      case "L":
        this.#output += " ";
        break;
      case "TH":
        if (!this.#digits.startsWith("#") && !this.#negative && !this.#picture.flags.has("decimal")) {
          const suffix = ordinalSuffix(this.#digits);
          this.#output += written === "TH" ? suffix : suffix.toLowerCase();
        }
        break;
      case "MI":
        this.#output += this.#negative ? "-" : fill ? "" : " ";
        break;
      case "PL":
        this.#output += this.#negative ? fill ? "" : " " : "+";
        break;
      case "SG":
        this.#output += this.#negative ? "-" : "+";
        break;
    }
  }

  /** A leading 0 before the point is left blank unless the template has a 0. */
  #isBlankZero(): boolean {
    return !this.#picture.flags.has("zero") && this.#at === 0 && this.#digits.startsWith("0") &&
      this.#picture.post !== 0;
  }

  #endsAtPoint(): boolean {
    return this.#lastRelevant !== undefined && this.#digits[this.#lastRelevant] === ".";
  }

  #writeSign(): void {
    const { flags } = this.#picture;
    if (flags.has("sign")) {
      if (this.#leadingSign !== "before") return;
      this.#output += this.#negative ? "-" : "+";
    } else if (flags.has("bracket")) {
      this.#output += this.#negative ? "<" : " ";
    } else if (this.#negative) {
      this.#output += "-";
    } else if (!flags.has("fill")) {
      this.#output += " ";
    }
    this.#signWritten = true;
  }

  #writeDigit(key: string): void {
    const { flags } = this.#picture;
    const zeroStart = Math.max(0, this.#picture.zeroStart - 1);
    const isZero = flags.has("zero");
    this.#inNumber = false;
    if (
      !this.#signWritten &&
      (this.#current >= this.#preSpaces || (isZero && zeroStart === this.#current)) &&
      (!this.#isBlankZero() || this.#endsAtPoint())
    ) this.#writeSign();
    if (this.#current < this.#preSpaces && (zeroStart > this.#current || !isZero)) {
      if (!flags.has("fill")) this.#output += " ";
    } else if (isZero && this.#current < this.#preSpaces && zeroStart <= this.#current) {
      this.#output += "0";
      this.#inNumber = true;
    } else {
      this.#writeOwnDigit(key);
    }
    this.#writeTrailingSign();
    this.#current++;
  }

  #writeOwnDigit(key: string): void {
    const fill = this.#picture.flags.has("fill");
    const digit = this.#digits[this.#at];
    if (digit === ".") {
      if (!this.#endsAtPoint() || fill) this.#output += ".";
    } else if (this.#lastRelevant !== undefined && this.#at > this.#lastRelevant && key !== "0") {
      // FM drops the zeros behind.
    } else if (this.#isBlankZero()) {
      if (!fill) this.#output += " ";
      else if (this.#endsAtPoint()) this.#output += "0";
    } else if (digit !== undefined) {
      this.#output += digit;
      this.#inNumber = true;
    }
    if (digit !== undefined) this.#at++;
  }

  #writeTrailingSign(): void {
    const { flags } = this.#picture;
    let end = this.#count + (this.#preSpaces > 0 ? 1 : 0) + (flags.has("decimal") ? 1 : 0);
    if (this.#lastRelevant !== undefined && this.#lastRelevant === this.#at) end = this.#current;
    if (this.#current + 1 !== end) return;
    if (this.#signWritten && flags.has("bracket")) this.#output += this.#negative ? ">" : " ";
    else if (flags.has("sign") && this.#leadingSign === "after") this.#output += this.#negative ? "-" : "+";
  }
}

const ROMAN: readonly (readonly [number, string])[] = [
  [1000, "M"],
  [900, "CM"],
  [500, "D"],
  [400, "CD"],
  [100, "C"],
  [90, "XC"],
  [50, "L"],
  [40, "XL"],
  [10, "X"],
  [9, "IX"],
  [5, "V"],
  [4, "IV"],
  [1, "I"],
];

/** The rounded value; NaN for what is not finite. */
function wholeOf(value: Numeric): number {
  return value.special === undefined ? Number(roundNumeric(value).coefficient) : NaN;
}

function roman(value: number): string {
  if (!(value >= 1 && value <= 3999)) return "#".repeat(15);
  let rest = value;
  let text = "";
  for (const [size, letters] of ROMAN) {
    for (; rest >= size; rest -= size) text += letters;
  }
  return text;
}

/**
 * C's `%.*f` and `%.*e`: unlike `toFixed` and `toExponential`, which round a tie up, a tie goes to even. A
 * double that lies half-way ends in a 5 and then zeros only.
 */
function tieToEven(text: string, longer: string): string {
  const [mantissa = "", exponent] = text.split("e");
  const [exact = ""] = longer.split("e");
  const size = mantissa.replace("-", "").replace(".", "").length;
  const digits = exact.replace("-", "").replace(".", "");
  const last = mantissa.at(-1)!;
  if (!/^50*$/.test(digits.slice(size)) || Number(last) % 2 === 0) return text;
  const even = mantissa.slice(0, -1) + String(Number(last) - 1);
  return exponent === undefined ? even : `${even}e${exponent}`;
}

function fixedDigits(size: number, post: number): string {
  return tieToEven(size.toFixed(post), size.toFixed(Math.min(100, post + 30)));
}

function scientificDouble(value: number, post: number): string {
  const longer = value.toExponential(Math.min(100, post + 30));
  const [mantissa = "", exponent = ""] = tieToEven(value.toExponential(post), longer).split("e");
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** A mantissa that rounds up to 10 stays so, as in PostgreSQL. */
function scientificExact(value: Numeric, post: number): string {
  const exponent = decimalExponent(value);
  const mantissa = numericOf(rescale(value.coefficient, value.scale + exponent, post), post);
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${formatNumeric(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
}

function scientific(value: Datum, type: SqlType, post: number): string {
  const exact = numberToNumeric(value, type);
  if (exact.special !== undefined) return ` #.${"#".repeat(post + 4)}`;
  const text = isFloat(type) ? scientificDouble(asNumber(value), post) : scientificExact(exact, post);
  return text.startsWith("-") ? text : ` ${text}`;
}

/** Digits of the value with `post` digits after the point; fewer for floating point numbers. */
function digitsOf(value: Datum, type: SqlType, picture: Picture): { digits: string; negative: boolean } {
  if (isFloat(type) && picture.multi === 0) {
    const double = asNumber(value);
    if (!Number.isFinite(double)) return { digits: hashes(picture), negative: double < 0 };
    const limit = type.kind === "real" ? 6 : 15;
    const whole = fixedDigits(Math.abs(double), 0);
    if (whole.length >= limit) picture.post = 0;
    else if (whole.length + picture.post > limit) picture.post = limit - whole.length;
    return { digits: fixedDigits(Math.abs(double), picture.post), negative: double < 0 };
  }
  const exact = numberToNumeric(value, type);
  if (exact.special !== undefined) return { digits: hashes(picture), negative: signOf(exact) < 0 };
  const scaled = picture.multi === 0
    ? exact
    : numericOf(exact.coefficient * powerOfTen(picture.multi), exact.scale);
  const rounded = roundNumeric(scaled, picture.post);
  return { digits: formatNumeric(absNumeric(rounded)), negative: signOf(rounded) < 0 };
}

function hashes(picture: Picture): string {
  return `${"#".repeat(picture.pre)}.${"#".repeat(picture.post)}`;
}

/** TO_CHAR of a number. */
export function formatNumberTemplate(value: Datum, type: SqlType, template: string): string {
  if (template === "") return "";
  const picture = readPicture(template);
  if (picture.flags.has("roman")) {
    const text = roman(
      isFloat(type) ? roundHalfEven(asNumber(value)) : wholeOf(numberToNumeric(value, type)),
    );
    const cased = /RN/.test(template) ? text : text.toLowerCase();
    return picture.flags.has("fill") ? cased : cased.padStart(15);
  }
  if (picture.flags.has("exponent")) return scientific(value, type, picture.post);
  if (picture.flags.has("multi")) picture.pre += picture.multi;
  const { digits, negative } = digitsOf(value, type, picture);
  const point = digits.indexOf(".");
  const overflows = (point < 0 ? digits.length : point) > picture.pre;
  return new NumberWriter(picture, overflows ? hashes(picture) : digits, negative).write();
}

function parseRoman(text: string): Numeric {
  let rest = text.trim().toUpperCase();
  let value = 0;
  for (const [size, letters] of ROMAN) {
    for (; rest.startsWith(letters); rest = rest.slice(letters.length)) value += size;
  }
  if (rest !== "" || value === 0) throw templateError(text, "the text is no Roman number");
  return numericOf(BigInt(value), 0);
}

/** TO_NUMBER: takes the digits, the point and the sign that the template leads to expect. */
export function parseNumberTemplate(text: string, template: string): Numeric {
  const picture = readPicture(template);
  if (picture.flags.has("roman")) return parseRoman(text);
  const negative = /-/.test(text) || (picture.flags.has("bracket") && text.includes("<"));
  const digits = text.replace(/[^\d.]/g, "");
  const [whole = "", fraction = ""] = digits.split(".");
  const kept = fraction.slice(0, picture.post);
  const value = parseNumeric(`${whole === "" ? "0" : whole}.${kept}`);
  if (digits === "" || value === undefined) {
    throw new QueryError("invalid-value", `Invalid number: received ${JSON.stringify(text)}`, {
      details: { value: text, template },
      hint: "the text must follow the template",
    });
  }
  const scaled = picture.multi > 0 ? numericOf(value.coefficient, value.scale + picture.multi) : value;
  return negative ? numericOf(-scaled.coefficient, scaled.scale) : scaled;
}

/** TO_NUMBER; TO_CHAR is in to_char.ts. */
export const TO_NUMBER_FUNCTIONS: readonly ScalarFunction[] = [
  simple(
    "to_number",
    ["text", "text"],
    NUMERIC,
    ([text, template]) => parseNumberTemplate(asText(text), asText(template)),
  ),
];
