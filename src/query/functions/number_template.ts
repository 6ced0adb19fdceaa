/**
 * TO_CHAR and TO_NUMBER of numbers by a template such as `FM999G990D00`.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { type Datum, NUMERIC, type Numeric, type SqlType } from "../../storage/sql_type.ts";
import type { ScalarFunction } from "../function.ts";
import { numberToNumeric } from "./compare.ts";
import { type Picture, readPicture, templateError } from "./number_picture.ts";
import { NumberWriter } from "./number_writer.ts";
import { exponentialDigits, fixedDigits } from "./float_digits.ts";
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

function scientificDouble(value: number, post: number): string {
  const [mantissa = "", exponent = ""] = exponentialDigits(value, post).split("e");
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
