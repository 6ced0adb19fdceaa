/**
 * Text of arrays: `{1,2,NULL,"a,b"}`, nested for several dimensions, as PostgreSQL reads and writes them.
 *
 * @module
 */
import type { Datum } from "../../storage/sql_type.ts";
import { invalidText } from "./number_text.ts";

const NEEDS_QUOTES = /[{}",\\\s]/;

/** The text of an array; `format` writes one element that is neither NULL nor an array. */
export function formatArray(array: readonly Datum[], format: (element: Datum) => string): string {
  const items = array.map((element) => {
    if (element === null) return "NULL";
    if (Array.isArray(element)) return formatArray(element, format);
    const text = format(element);
    return text === "" || NEEDS_QUOTES.test(text) || text.toLowerCase() === "null"
      ? `"${text.replace(/["\\]/g, "\\$&")}"`
      : text;
  });
  return `{${items.join(",")}}`;
}

/** Reads an array; `parse` reads one element. */
export function parseArray(text: string, parse: (element: string) => Datum): readonly Datum[] {
  let at = text.length - text.trimStart().length;
  const fail = (): never => {
    throw invalidText(text, "an array", "write it as {a,b,NULL}");
  };
  const skipSpace = (): void => {
    while (at < text.length && /\s/.test(text[at]!)) at++;
  };
  const readElement = (): Datum => {
    skipSpace();
    if (text[at] === "{") return readArray();
    let raw = "";
    let quoted = false;
    let keep = 0;
    for (; at < text.length; at++) {
      const character = text[at]!;
      if (character === "\\") {
        raw += text[++at] ?? fail();
        keep = raw.length;
      } else if (character === '"') {
        quoted = true;
        for (at++; text[at] !== '"'; at++) {
          if (at >= text.length) fail();
          if (text[at] === "\\") at++;
          raw += text[at] ?? "";
        }
        keep = raw.length;
      } else if (character === "," || character === "}") {
        break;
      } else if (character === "{") {
        fail();
      } else {
        raw += character;
        if (!/\s/.test(character)) keep = raw.length;
      }
    }
    const element = raw.slice(0, keep);
    if (element === "" && !quoted) fail();
    return !quoted && element.toLowerCase() === "null" ? null : parse(element);
  };
  const readArray = (): readonly Datum[] => {
    if (text[at] !== "{") fail();
    at++;
    const items: Datum[] = [];
    skipSpace();
    if (text[at] === "}") {
      at++;
      return items;
    }
    for (;;) {
      items.push(readElement());
      skipSpace();
      const next = text[at++];
      if (next === "}") return items;
      if (next !== ",") fail();
    }
  };
  const array = readArray();
  skipSpace();
  if (at < text.length) fail();
  return array;
}
