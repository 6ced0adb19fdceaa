/**
 * JSON text to values without losing digits.
 *
 * `JSON.parse` makes doubles of all numbers. Where the text has a number with more digits than a double
 * keeps, whole numbers become bigint; texts without one, which are nearly all, take the fast path.
 *
 * @module
 */
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
    return MANY_DIGITS.test(text) ? JSON.parse(text, wholeReviver) : JSON.parse(text);
  } catch (cause) {
    throw inputError({ ...jsonErrorPlace(text), ...place }, reasonOf(cause), {
      cause,
      hint: "check the syntax; for one JSON value per line use the format ndjson",
    });
  }
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
