/**
 * LIKE, ILIKE and SIMILAR TO as predicates over text, compiled once per pattern.
 *
 * Most LIKE patterns are a plain text with `%` at one or both ends: those become string comparisons. Other
 * patterns become a regular expression. Compiled patterns are kept, so a constant pattern costs one map
 * access a row.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { regexFromPostgres } from "./regex_translate.ts";

/** Whether a text matches. */
export type TextPredicate = (text: string) => boolean;

const CACHE_MAX = 1000;

class PredicateCache {
  readonly #predicates = new Map<string, TextPredicate>();

  get(key: string, make: () => TextPredicate): TextPredicate {
    let predicate = this.#predicates.get(key);
    if (predicate === undefined) {
      predicate = make();
      if (this.#predicates.size >= CACHE_MAX) this.#predicates.clear();
      this.#predicates.set(key, predicate);
    }
    return predicate;
  }
}

const LIKE_CACHE = new PredicateCache();
const SIMILAR_CACHE = new PredicateCache();

type LikePart = { readonly kind: "text"; readonly text: string } | { readonly kind: "any" | "one" };

/** Checks that an ESCAPE is one character or empty. */
export function checkedEscape(escape: string): string {
  if (Array.from(escape).length > 1) {
    throw new QueryError("invalid-value", `ESCAPE takes one character: received ${JSON.stringify(escape)}`, {
      details: { escape },
      hint: "write ESCAPE '' to switch escaping off",
    });
  }
  return escape;
}

function likeParts(pattern: string, escape: string): LikePart[] {
  const parts: LikePart[] = [];
  let text = "";
  const flush = (): void => {
    if (text !== "") parts.push({ kind: "text", text });
    text = "";
  };
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    if (character === escape) {
      const next = characters[++i];
      if (next === undefined) {
        throw new QueryError(
          "invalid-value",
          `LIKE pattern must not end with its escape character: received ${JSON.stringify(pattern)}`,
          { details: { pattern }, hint: "double the escape character to match it as it is" },
        );
      }
      text += next;
    } else if (character === "%") {
      flush();
      if (parts.at(-1)?.kind !== "any") parts.push({ kind: "any" });
    } else if (character === "_") {
      flush();
      parts.push({ kind: "one" });
    } else {
      text += character;
    }
  }
  flush();
  return parts;
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function compileLike(pattern: string, escape: string): TextPredicate {
  const parts = likeParts(pattern, escape);
  const shape = parts.map((part) => part.kind).join(" ");
  const texts = parts.flatMap((part) => part.kind === "text" ? [part.text] : []);
  const [first = "", second = ""] = texts;
  switch (shape) {
    case "":
      return (text) => text === "";
    case "text":
      return (text) => text === first;
    case "any":
      return () => true;
    case "text any":
      return (text) => text.startsWith(first);
    case "any text":
      return (text) => text.endsWith(first);
    case "any text any":
      return (text) => text.includes(first);
    case "text any text":
      return (text) =>
        text.length >= first.length + second.length && text.startsWith(first) && text.endsWith(second);
    case "any text any text any":
      return (text) => {
        const at = text.indexOf(first);
        return at >= 0 && text.includes(second, at + first.length);
      };
  }
  const source = parts.map((part) =>
    part.kind === "text" ? escapeRegex(part.text) : part.kind === "any" ? ".*" : "."
  );
  const regex = new RegExp(`^${source.join("")}$`, "su");
  return (text) => regex.test(text);
}

/** The predicate of `LIKE pattern ESCAPE escape`. Without escape the backslash is it; "" means none. */
export function likePredicate(pattern: string, escape = "\\", ignoreCase = false): TextPredicate {
  return LIKE_CACHE.get(`${ignoreCase ? "i" : "c"}${escape}\0${pattern}`, () => {
    checkedEscape(escape);
    if (!ignoreCase) return compileLike(pattern, escape);
    const predicate = compileLike(pattern.toLowerCase(), escape.toLowerCase());
    return (text) => predicate(text.toLowerCase());
  });
}

/** A SIMILAR TO pattern as one of PostgreSQL's regular expressions, anchored at both ends. */
export function similarToRegex(pattern: string, escape = "\\"): string {
  checkedEscape(escape);
  let source = "";
  let inBrackets = false;
  let separators = 0;
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    if (character === escape) {
      const next = characters[++i];
      if (next === undefined) throw endsWithEscape(pattern);
      if (next === '"' && !inBrackets) {
        separators++;
        // The first separator ends the prefix, the second starts the suffix: what is between is captured.
        source += separators === 1 ? "){1,1}?(" : "){1,1}(?:";
      } else {
        source += `\\${next}`;
      }
    } else if (inBrackets) {
      if (character === "\\") source += "\\\\";
      else source += character;
      if (character === "]") inBrackets = false;
    } else if (character === "[") {
      inBrackets = true;
      source += "[";
    } else if (character === "%") source += ".*";
    else if (character === "_") source += ".";
    else if (character === "(") source += "(?:";
    else if (/[\\.^$]/.test(character)) source += `\\${character}`;
    else source += character;
  }
  return `^(?:${source})$`;
}

function endsWithEscape(pattern: string): QueryError {
  return new QueryError(
    "invalid-value",
    `SIMILAR TO pattern must not end with its escape character: received ${JSON.stringify(pattern)}`,
    { details: { pattern }, hint: "double the escape character to match it as it is" },
  );
}

/** The predicate of `SIMILAR TO pattern ESCAPE escape`. */
export function similarPredicate(pattern: string, escape = "\\"): TextPredicate {
  return SIMILAR_CACHE.get(`${escape}\0${pattern}`, () => {
    const regex = regexFromPostgres(similarToRegex(pattern, escape), "");
    return (text) => regex.test(text);
  });
}
