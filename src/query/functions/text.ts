/**
 * Functions on text. Positions and lengths count characters (code points), from 1.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { BOOLEAN, type Datum, INTEGER, TEXT } from "../../storage/sql_type.ts";
import type { CallContext, ScalarFunction } from "../function.ts";
import {
  characterCount,
  characterIndex,
  characters,
  codeUnitOffset,
  sliceCharacters,
} from "./code_points.ts";
import { argumentType, asNumber, asText } from "./datum.ts";
import { numericOverflow } from "./numeric_value.ts";
import { formatDatum } from "./text_format.ts";
import { formatText, quoteIdentifier, quoteLiteral } from "./text_quote.ts";
import { regexSubstring, similarSubstring } from "./regex.ts";
import { aliases, called, signature, simple, strict } from "./signature.ts";

const TEXT_BYTES_MAX = 1 << 28;
const ENCODER = new TextEncoder();

function byteCount(text: string): number {
  return ENCODER.encode(text).length;
}

function checkedSize(count: number): number {
  if (count > TEXT_BYTES_MAX) throw numericOverflow(`${count} characters`, "TEXT");
  return count;
}

/** Upper or lower case, one character for one: `ß` stays, as in PostgreSQL. */
function mapCase(text: string, map: (text: string) => string): string {
  const mapped = map(text);
  if (mapped.length === text.length) return mapped;
  return Array.from(text, (character) => {
    const one = map(character);
    return one.length === character.length ? one : character;
  }).join("");
}

/** The text in upper case. */
export function upper(text: string): string {
  return mapCase(text, (part) => part.toUpperCase());
}

/** The text in lower case. */
export function lower(text: string): string {
  // The one letter whose full mapping has two characters, while its simple one, which SQL takes, has one.
  return mapCase(text.replaceAll("\u0130", "i"), (part) => part.toLowerCase());
}

function initcap(text: string): string {
  return text.replace(/[\p{L}\p{N}]+/gu, (word) => {
    const [first = ""] = word;
    return upper(first) + lower(word.slice(first.length));
  });
}

/** `substring(text from start for length)`: what lies inside of the text, start may be below 1. */
export function substring(text: string, start: number, length?: number): string {
  if (length === undefined) return sliceCharacters(text, Math.max(0, start - 1), text.length);
  if (length < 0) {
    throw new QueryError("invalid-value", `Negative length in substring: received ${length}`, {
      details: { length },
      hint: "use GREATEST(length, 0)",
    });
  }
  const end = Math.max(0, start - 1 + length);
  return sliceCharacters(text, Math.min(Math.max(0, start - 1), end), end);
}

/** The position of `part`, 0 when it does not occur. */
export function position(text: string, part: string): number {
  const at = text.indexOf(part);
  return at < 0 ? 0 : characterIndex(text, at) + 1;
}

function left(text: string, count: number): string {
  const end = count >= 0 ? count : Math.max(0, characterCount(text) + count);
  return sliceCharacters(text, 0, end);
}

function right(text: string, count: number): string {
  const length = characterCount(text);
  return sliceCharacters(
    text,
    count >= 0 ? Math.max(0, length - count) : Math.min(-count, length),
    text.length,
  );
}

function pad(text: string, width: number, fill: string, atStart: boolean): string {
  const length = characterCount(text);
  if (width <= length || fill === "") return sliceCharacters(text, 0, Math.max(0, Math.min(width, length)));
  const missing = checkedSize(width) - length;
  const padding = sliceCharacters(fill.repeat(Math.ceil(missing / characterCount(fill))), 0, missing);
  return atStart ? padding + text : text + padding;
}

function trim(text: string, set: string, atStart: boolean, atEnd: boolean): string {
  const drop = new Set(characters(set));
  const parts = characters(text);
  let from = 0;
  let to = parts.length;
  if (atStart) { while (from < to && drop.has(parts[from]!)) from++; }
  if (atEnd) { while (to > from && drop.has(parts[to - 1]!)) to--; }
  return from === 0 && to === parts.length ? text : parts.slice(from, to).join("");
}

function trimFunction(name: string, atStart: boolean, atEnd: boolean): ScalarFunction {
  return strict(name, [
    signature(
      ["text", "text"],
      TEXT,
      ([text, set]) => trim(asText(text), set === undefined ? " " : asText(set), atStart, atEnd),
      { optional: 1 },
    ),
  ]);
}

function translate(text: string, from: string, to: string): string {
  const targets = characters(to);
  const map = new Map<string, string>();
  characters(from).forEach((character, i) => {
    if (!map.has(character)) map.set(character, targets[i] ?? "");
  });
  return Array.from(text, (character) => map.get(character) ?? character).join("");
}

/** The n-th part between delimiters, from 1; negative counts from the end; "" when there is none. */
export function splitPart(text: string, delimiter: string, index: number): string {
  if (index === 0) {
    throw new QueryError("invalid-value", "Field position of split_part must not be zero: received 0", {
      hint: "fields count from 1, or from -1 at the end",
    });
  }
  const parts = delimiter === "" ? [text] : text.split(delimiter);
  return (index > 0 ? parts[index - 1] : parts[parts.length + index]) ?? "";
}

function overlay(text: string, part: string, start: number, length: number): string {
  if (start <= 0) {
    throw new QueryError("invalid-value", `Start of overlay must be positive: received ${start}`, {
      details: { start },
      hint: "positions count from 1",
    });
  }
  return substring(text, 1, start - 1) + part + substring(text, start + length);
}

function ascii(text: string): number {
  return text.codePointAt(0) ?? 0;
}

function chr(code: number): string {
  if (code <= 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw new QueryError("invalid-value", `No character has this code: received ${code}`, {
      details: { code },
      hint: "codes are 1 to 1114111 without 55296 to 57343",
    });
  }
  return String.fromCodePoint(code);
}

/** The argument as its type writes it: booleans as `t` and `f`. */
function outputText(value: Datum, index: number, context: CallContext): string {
  return formatDatum(value, argumentType(context, index), context);
}

function concat(args: readonly Datum[], context: CallContext, separator: string, from: number): string {
  const parts: string[] = [];
  for (let i = from; i < args.length; i++) {
    if (args[i] !== null) parts.push(outputText(args[i]!, i, context));
  }
  return parts.join(separator);
}

function reverse(text: string): string {
  return characters(text).reverse().join("");
}

function repeat(text: string, count: number): string {
  if (count <= 0) return "";
  checkedSize(text.length * count);
  return text.repeat(count);
}

/** A function from text to text. */
function mapping(name: string, map: (text: string) => string): ScalarFunction {
  return simple(name, ["text"], TEXT, ([text]) => map(asText(text)));
}

const LENGTHS: readonly ScalarFunction[] = [
  ...aliases(
    simple("length", ["text"], INTEGER, ([text]) => characterCount(asText(text))),
    "char_length",
    "character_length",
    "len",
  ),
  simple("octet_length", ["text"], INTEGER, ([text]) => byteCount(asText(text))),
  simple("bit_length", ["text"], INTEGER, ([text]) => byteCount(asText(text)) * 8),
];

const PARTS: readonly ScalarFunction[] = [
  ...aliases(
    strict("substring", [
      signature(
        ["text", "integer", "integer"],
        TEXT,
        ([text, start, length]) =>
          substring(asText(text), asNumber(start), length === undefined ? undefined : asNumber(length)),
        { optional: 1 },
      ),
      signature(["text", "text"], TEXT, ([text, pattern]) => regexSubstring(asText(text), asText(pattern))),
      signature(
        ["text", "text", "text"],
        TEXT,
        ([text, pattern, escape]) => similarSubstring(asText(text), asText(pattern), asText(escape)),
      ),
    ]),
    "substr",
  ),
  strict("position", [
    // POSITION(part IN text) has the part first.
    signature(["text", "text"], INTEGER, ([part, text]) => position(asText(text), asText(part))),
  ]),
  strict("strpos", [
    signature(["text", "text"], INTEGER, ([text, part]) => position(asText(text), asText(part))),
  ]),
  strict("charindex", [
    signature(["text", "text", "integer"], INTEGER, ([part, text, start]) => {
      const from = codeUnitOffset(asText(text), Math.max(0, (start === undefined ? 1 : asNumber(start)) - 1));
      const at = asText(text).indexOf(asText(part), from);
      return at < 0 ? 0 : characterIndex(asText(text), at) + 1;
    }, { optional: 1 }),
  ]),
  strict("instr", [
    signature(["text", "text"], INTEGER, ([text, part]) => position(asText(text), asText(part))),
  ]),
  simple("left", ["text", "integer"], TEXT, ([text, count]) => left(asText(text), asNumber(count))),
  simple("right", ["text", "integer"], TEXT, ([text, count]) => right(asText(text), asNumber(count))),
  simple(
    "split_part",
    ["text", "text", "integer"],
    TEXT,
    ([text, delimiter, index]) => splitPart(asText(text), asText(delimiter), asNumber(index)),
  ),
  ...aliases(
    simple("ends_with", ["text", "text"], BOOLEAN, ([text, end]) => asText(text).endsWith(asText(end))),
    "endswith",
  ),
  simple("contains", ["text", "text"], BOOLEAN, ([text, part]) => asText(text).includes(asText(part))),
];

const CHANGES: readonly ScalarFunction[] = [
  mapping("lower", lower),
  mapping("upper", upper),
  mapping("initcap", initcap),
  mapping("reverse", reverse),
  ...["lpad", "rpad"].map((name) =>
    strict(name, [
      signature(
        ["text", "integer", "text"],
        TEXT,
        ([text, width, fill]) =>
          pad(asText(text), asNumber(width), fill === undefined ? " " : asText(fill), name === "lpad"),
        { optional: 1 },
      ),
    ])
  ),
  trimFunction("ltrim", true, false),
  trimFunction("rtrim", false, true),
  ...aliases(trimFunction("btrim", true, true), "trim"),
  simple(
    "replace",
    ["text", "text", "text"],
    TEXT,
    ([text, from, to]) =>
      from === "" ? asText(text) : asText(text).replaceAll(asText(from), () => asText(to)),
  ),
  simple(
    "translate",
    ["text", "text", "text"],
    TEXT,
    ([text, from, to]) => translate(asText(text), asText(from), asText(to)),
  ),
  simple("repeat", ["text", "integer"], TEXT, ([text, count]) => repeat(asText(text), asNumber(count))),
  simple("space", ["integer"], TEXT, ([count]) => repeat(" ", asNumber(count))),
  strict("overlay", [
    signature(
      ["text", "text", "integer", "integer"],
      TEXT,
      ([text, part, start, length]) =>
        overlay(
          asText(text),
          asText(part),
          asNumber(start),
          length === undefined ? characterCount(asText(part)) : asNumber(length),
        ),
      { optional: 1 },
    ),
  ]),
  simple("ascii", ["text"], INTEGER, ([text]) => ascii(asText(text))),
  ...aliases(simple("chr", ["integer"], TEXT, ([code]) => chr(asNumber(code))), "char"),
  strict("normalize", [
    signature(
      ["text", "text"],
      TEXT,
      ([text, form]) => asText(text).normalize(form === undefined ? "NFC" : normalForm(asText(form))),
      { optional: 1 },
    ),
  ]),
];

function normalForm(form: string): "NFC" | "NFD" | "NFKC" | "NFKD" {
  switch (form.toUpperCase()) {
    case "NFC":
      return "NFC";
    case "NFD":
      return "NFD";
    case "NFKC":
      return "NFKC";
    case "NFKD":
      return "NFKD";
    default:
      throw new QueryError("invalid-value", `Unknown normal form: received ${JSON.stringify(form)}`, {
        details: { form },
        hint: "use NFC, NFD, NFKC or NFKD",
      });
  }
}

/** Levenshtein distance in characters, with unit costs. */
export function levenshtein(a: string, b: string): number {
  const left = characters(a);
  const right = characters(b);
  let row = Array.from({ length: right.length + 1 }, (_, i) => i);
  left.forEach((character, i) => {
    const next = [i + 1];
    for (let j = 0; j < right.length; j++) {
      const change = row[j]! + (character === right[j] ? 0 : 1);
      next.push(Math.min(change, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  });
  return row[right.length]!;
}

function formatArguments(args: readonly Datum[], context: CallContext): Datum {
  const [format] = args;
  if (format === null || format === undefined) return null;
  const texts = args.map((value, i) => value === null || i === 0 ? null : outputText(value, i, context));
  return formatText(asText(format), texts.slice(1));
}

/** `to_hex`, `to_oct`, `to_bin`: the digits of the value as an unsigned number of its width. */
function radixFunction(name: string, radix: number): ScalarFunction {
  return strict(
    name,
    (["integer", "bigint"] as const).map((kind) =>
      signature(
        [kind],
        TEXT,
        ([value]) =>
          BigInt.asUintN(kind === "bigint" ? 64 : 32, BigInt(value as number | bigint)).toString(radix),
      ) // whole
    ),
  );
}

const JOINS: readonly ScalarFunction[] = [
  called("concat", [
    signature(["any"], TEXT, (args, context) => concat(args, context, "", 0), { variadic: true }),
  ]),
  called("concat_ws", [
    signature(
      ["text", "any"],
      TEXT,
      (args, context) => args[0] === null ? null : concat(args, context, asText(args[0]), 1),
      { variadic: true },
    ),
  ]),
  called("format", [signature(["text", "any"], TEXT, formatArguments, { variadic: true })]),
  simple("quote_ident", ["text"], TEXT, ([text]) => quoteIdentifier(asText(text))),
  strict("quote_literal", [
    signature(["text"], TEXT, ([text]) => quoteLiteral(asText(text))),
    signature(
      ["any"],
      TEXT,
      ([value], context) => quoteLiteral(outputText(value!, 0, context)),
    ),
  ]),
  called("quote_nullable", [
    signature(
      ["any"],
      TEXT,
      ([value], context) => value === null ? "NULL" : quoteLiteral(outputText(value!, 0, context)),
    ),
  ]),
  radixFunction("to_hex", 16),
  radixFunction("to_oct", 8),
  radixFunction("to_bin", 2),
  simple("levenshtein", ["text", "text"], INTEGER, ([a, b]) => levenshtein(asText(a), asText(b))),
];

/** Text functions. Regular expressions are in regex.ts, encodings in text_encoding.ts. */
export const TEXT_FUNCTIONS: readonly ScalarFunction[] = [...LENGTHS, ...PARTS, ...CHANGES, ...JOINS];
