/**
 * The `regexp_*` functions.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { arrayType, BOOLEAN, type Datum, INTEGER, TEXT } from "../../storage/sql_type.ts";
import type { ScalarFunction } from "../function.ts";
import { characterIndex, codeUnitOffset } from "./code_points.ts";
import { asNumber, asText } from "./datum.ts";
import { similarToRegex } from "./pattern.ts";
import { regexFromPostgres } from "./regex_translate.ts";
import { signature, strict } from "./signature.ts";

function optionalText(value: Datum | undefined): string {
  return value === undefined ? "" : asText(value);
}

function refuseGlobal(flags: string, name: string): string {
  if (flags.includes("g")) {
    throw new QueryError("invalid-value", `${name} has no option g: received "${flags}"`, {
      details: { flags },
      hint: "use regexp_matches for all matches",
    });
  }
  return flags;
}

function positive(name: string, value: number, least = 1): number {
  if (value < least) {
    throw new QueryError("invalid-value", `${name} must be at least ${least}: received ${value}`, {
      details: { [name]: value },
      hint: "positions and occurrences count from 1",
    });
  }
  return value;
}

/** `substring(text from pattern)`: the first group when there is one, else the whole match. */
export function regexSubstring(text: string, pattern: string): Datum {
  const match = regexFromPostgres(pattern, "").exec(text);
  if (match === null) return null;
  return (match.length > 1 ? match[1] : match[0]) ?? null;
}

/** `substring(text similar pattern escape e)`: the part between the two `e"` separators. */
export function similarSubstring(text: string, pattern: string, escape: string): Datum {
  return regexSubstring(text, similarToRegex(pattern, escape));
}

/** The groups of a match, or the whole match when the pattern has none. */
export function matchParts(match: RegExpExecArray): readonly Datum[] {
  if (match.length === 1) return [match[0]];
  return match.slice(1).map((part) => part ?? null);
}

/** All matches, or the first without the option `g`. */
export function* regexMatches(text: string, pattern: string, flags: string): Generator<RegExpExecArray> {
  const rest = flags.replaceAll("g", "");
  if (rest === flags) {
    const match = regexFromPostgres(pattern, flags).exec(text);
    if (match !== null) yield match;
    return;
  }
  yield* allMatches(text, pattern, rest, 0);
}

/** All matches from an offset in code units on. */
function* allMatches(text: string, pattern: string, flags: string, from: number): Generator<RegExpExecArray> {
  const regex = regexFromPostgres(pattern, flags, "g");
  let at = from;
  while (at <= text.length) {
    regex.lastIndex = at;
    const match = regex.exec(text);
    if (match === null) return;
    yield match;
    const end = match.index + match[0].length;
    // An empty match moves on by one character.
    at = match[0] === "" ? end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1) : end;
  }
}

/** PostgreSQL's `\1` to `\9`, `\&` and `\\` in a replacement. */
function expandReplacement(replacement: string, match: RegExpExecArray): string {
  return replacement.replace(/\\([1-9&\\])/g, (_, code: string) => {
    if (code === "\\") return "\\";
    if (code === "&") return match[0];
    return match[Number(code)] ?? "";
  });
}

interface Replacement {
  readonly pattern: string;
  readonly replacement: string;
  readonly flags: string;
  readonly start: number;
  /** Which occurrence, 0 for all. */
  readonly occurrence: number;
}

function regexReplace(text: string, options: Replacement): string {
  const flags = options.flags.replaceAll("g", "");
  let result = "";
  let at = 0;
  let count = 0;
  const from = codeUnitOffset(text, positive("start", options.start) - 1);
  for (const match of allMatches(text, options.pattern, flags, from)) {
    count++;
    if (options.occurrence !== 0 && count !== options.occurrence) continue;
    result += text.slice(at, match.index) + expandReplacement(options.replacement, match);
    at = match.index + match[0].length;
    if (options.occurrence !== 0) break;
  }
  return result + text.slice(at);
}

/** The parts between matches. Empty matches at the ends of the text and after a match do not count. */
export function regexSplit(text: string, pattern: string, flags: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (const match of allMatches(text, pattern, refuseGlobal(flags, "regexp_split"), 0)) {
    const end = match.index + match[0].length;
    if (match[0] === "" && (match.index === start || match.index >= text.length)) continue;
    parts.push(text.slice(start, match.index));
    start = end;
  }
  parts.push(text.slice(start));
  return parts;
}

interface Occurrence {
  readonly start: number;
  readonly occurrence: number;
  readonly flags: string;
}

function nthMatch(text: string, pattern: string, which: Occurrence): RegExpExecArray | undefined {
  const from = codeUnitOffset(text, positive("start", which.start) - 1);
  let left = positive("occurrence", which.occurrence);
  for (const match of allMatches(text, pattern, refuseGlobal(which.flags, "regexp_instr"), from)) {
    if (--left === 0) return match;
  }
  return undefined;
}

function instr(args: readonly Datum[]): Datum {
  const [text, pattern, start = 1, occurrence = 1, end = 0, flags = "", group = 0] = args;
  const match = nthMatch(asText(text), asText(pattern), {
    start: asNumber(start),
    occurrence: asNumber(occurrence),
    flags: asText(flags),
  });
  if (match === undefined) return 0;
  const part = match[asNumber(group)];
  if (part === undefined) return 0;
  const at = match.index + (asNumber(group) === 0 ? 0 : Math.max(0, match[0].indexOf(part)));
  return characterIndex(asText(text), at + (end === 1 ? part.length : 0)) + 1;
}

function regexpSubstr(args: readonly Datum[]): Datum {
  const [text, pattern, start = 1, occurrence = 1, flags = "", group = 0] = args;
  const match = nthMatch(asText(text), asText(pattern), {
    start: asNumber(start),
    occurrence: asNumber(occurrence),
    flags: asText(flags),
  });
  return match?.[asNumber(group)] ?? null;
}

function countMatches(args: readonly Datum[]): number {
  const [text, pattern, start = 1, flags = ""] = args;
  const from = codeUnitOffset(asText(text), positive("start", asNumber(start)) - 1);
  let count = 0;
  for (
    const _ of allMatches(asText(text), asText(pattern), refuseGlobal(asText(flags), "regexp_count"), from)
  ) {
    count++;
  }
  return count;
}

const REPLACE = strict("regexp_replace", [
  signature(
    ["text", "text", "text", "text"],
    TEXT,
    ([text, pattern, replacement, flags]) =>
      regexReplace(asText(text), {
        pattern: asText(pattern),
        replacement: asText(replacement),
        flags: optionalText(flags),
        start: 1,
        occurrence: optionalText(flags).includes("g") ? 0 : 1,
      }),
    { optional: 1 },
  ),
  signature(
    ["text", "text", "text", "integer", "integer", "text"],
    TEXT,
    ([text, pattern, replacement, start, occurrence, flags]) =>
      regexReplace(asText(text), {
        pattern: asText(pattern),
        replacement: asText(replacement),
        flags: optionalText(flags),
        start: asNumber(start),
        occurrence: occurrence === undefined
          ? optionalText(flags).includes("g") ? 0 : 1
          : positive("occurrence", asNumber(occurrence), 0),
      }),
    { optional: 2 },
  ),
]);

/** Regular expression functions. The table forms are in table_functions.ts. */
export const REGEX_FUNCTIONS: readonly ScalarFunction[] = [
  REPLACE,
  strict("regexp_match", [
    signature(["text", "text", "text"], arrayType(TEXT), ([text, pattern, flags]) => {
      const match = regexFromPostgres(asText(pattern), refuseGlobal(optionalText(flags), "regexp_match"))
        .exec(asText(text));
      return match === null ? null : matchParts(match);
    }, { optional: 1 }),
  ]),
  strict("regexp_split_to_array", [
    signature(
      ["text", "text", "text"],
      arrayType(TEXT),
      ([text, pattern, flags]) => regexSplit(asText(text), asText(pattern), optionalText(flags)),
      { optional: 1 },
    ),
  ]),
  strict("regexp_count", [
    signature(["text", "text", "integer", "text"], INTEGER, countMatches, { optional: 2 }),
  ]),
  strict("regexp_instr", [
    signature(
      ["text", "text", "integer", "integer", "integer", "text", "integer"],
      INTEGER,
      instr,
      { optional: 5 },
    ),
  ]),
  strict("regexp_substr", [
    signature(["text", "text", "integer", "integer", "text", "integer"], TEXT, regexpSubstr, { optional: 4 }),
  ]),
  strict("regexp_like", [
    signature(
      ["text", "text", "text"],
      BOOLEAN,
      ([text, pattern, flags]) =>
        regexFromPostgres(asText(pattern), refuseGlobal(optionalText(flags), "regexp_like")).test(
          asText(text),
        ),
      {
        optional: 1,
      },
    ),
  ]),
];
