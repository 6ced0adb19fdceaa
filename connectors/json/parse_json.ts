/**
 * JSON text to values without losing digits.
 *
 * `JSON.parse` makes doubles of all numbers. Where the text has a number with more digits than a double
 * keeps, whole numbers become bigint; texts without one, which are nearly all, take the fast path.
 *
 * @module
 */
import { SchemaError } from "../../src/base/error.ts";
import { jsonErrorPlace } from "./json_error_place.ts";
import { inputError, type InputPlace, reasonOf } from "../files/input_error.ts";

/** Sixteen digits in a row may be a whole number that a double does not hold. */
const MANY_DIGITS = /\d{16}/;
const WHOLE_NUMBER = /^-?\d+$/;

/** What a reviver is given beside key and value, in runtimes that know it. */
interface SourceContext {
  readonly source?: string;
}

/**
 * The value of `text`.
 *
 * @throws {SchemaError} `invalid-input` at `place`, with the line and the column within the text; a line it names is kept
 */
export function parseJsonText(text: string, place: InputPlace): unknown {
  try {
    if (!MANY_DIGITS.test(text)) return JSON.parse(text);
    return TELLS_SOURCE ? JSON.parse(text, wholeReviver) : parseMarked(text);
  } catch (cause) {
    throw inputError({ ...jsonErrorPlace(text), ...place }, reasonOf(cause), {
      cause,
      hint: "check the syntax; for one JSON value per line use the format ndjson",
    });
  }
}

/** Whether this runtime gives revivers the text of a number. */
const TELLS_SOURCE = tellsSource();

function tellsSource(): boolean {
  let tells = false;
  JSON.parse("1", (_key: string, value: unknown, context?: SourceContext) => {
    tells = context?.source === "1";
    return value;
  });
  return tells;
}

const STRING_OR_LONG_NUMBER = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/**
 * As the reviver, where it is not told the text: long whole numbers are parsed as strings that begin with a control
 * character. Strings hold one only as an escape, so one that the text does not escape marks nothing else. For tests.
 *
 * @internal
 */
export function parseMarked(text: string): unknown {
  // Checked first: marking may hide what is wrong with the text.
  JSON.parse(text);
  let code = 1;
  while (code < 32 && text.toLowerCase().includes(escapeOf(code))) code++;
  if (code === 32) {
    throw new SchemaError("invalid-input", "a text with long numbers may not escape all control characters", {
      hint: "give the numbers as strings",
    });
  }
  const mark = String.fromCharCode(code);
  const marked = text.replace(
    STRING_OR_LONG_NUMBER,
    (token) => token.startsWith('"') ? token : `"${escapeOf(code)}${token}"`,
  );
  return JSON.parse(marked, (_key: string, value: unknown) => {
    if (typeof value !== "string" || !value.startsWith(mark)) return value;
    const number = Number(value.slice(1));
    return Number.isSafeInteger(number) ? number : BigInt(value.slice(1));
  });
}

function escapeOf(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

function wholeReviver(this: unknown, _key: string, value: unknown, context?: SourceContext): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && WHOLE_NUMBER.test(source) ? BigInt(source) : value;
}

/** The kind of a JSON value, for messages. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
