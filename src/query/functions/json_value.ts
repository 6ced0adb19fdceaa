/**
 * JSON values as PostgreSQL's JSONB keeps them, and their canonical text.
 *
 * A JSON datum is the canonical text: keys of an object once each (the last wins), ordered by length and
 * then by bytes, one space after `:` and `,`, numbers as exact decimals that keep their scale. So values
 * that are equal have (up to trailing zeros of numbers) the same text, and a dictionary of texts is one of
 * values. `JSON.parse` would round numbers to doubles, hence a parser of our own, O(length).
 *
 * @module
 */
import type { Numeric } from "../../storage/sql_type.ts";
import { compareText } from "./code_points.ts";
import { invalidText } from "./number_text.ts";
import { compareNumeric, formatNumeric, parseNumeric, trimScale } from "./numeric_value.ts";

/** A parsed JSON value. Numbers are exact. Objects hold their keys in canonical order. */
export type JsonValue =
  | null
  | boolean
  | string
  | Numeric
  | readonly JsonValue[]
  | ReadonlyMap<string, JsonValue>;

/** The kinds of JSON value, named as `json_typeof` does. */
export type JsonKind = "null" | "boolean" | "string" | "number" | "array" | "object";

/** Whether the value is an array. */
export function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Whether the value is an object. */
export function isJsonObject(value: JsonValue): value is ReadonlyMap<string, JsonValue> {
  return value instanceof Map;
}

/** The kind of a value. */
export function jsonKind(value: JsonValue): JsonKind {
  if (value === null) return "null";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "string") return "string";
  if (isJsonArray(value)) return "array";
  return isJsonObject(value) ? "object" : "number";
}

const DEPTH_MAX = 1000;
const ENCODER = new TextEncoder();
const IS_ASCII = /^[\0-\x7f]*$/;

function keyBytes(key: string): number {
  return IS_ASCII.test(key) ? key.length : ENCODER.encode(key).length;
}

/** An object with its keys in canonical order. Of equal keys the last wins. */
export function jsonObject(entries: Iterable<readonly [string, JsonValue]>): ReadonlyMap<string, JsonValue> {
  const map = new Map<string, JsonValue>(entries);
  if (map.size < 2) return map;
  return new Map(
    Array.from(map).sort(([a], [b]) => keyBytes(a) - keyBytes(b) || compareText(a, b)),
  );
}

const SPACE = /[ \t\n\r]*/y;
// deno-lint-ignore no-control-regex
const STRING = /"((?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*)"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\d.a-zA-Z])/y;
const WORD = /true|false|null/y;

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonValue {
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail();
    return value;
  }

  #fail(): never {
    throw invalidText(this.#text, "JSON", `the text is no JSON from character ${this.#at + 1} on`);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  #skipSpace(): void {
    this.#match(SPACE);
  }

  #accept(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #value(depth: number): JsonValue {
    if (depth > DEPTH_MAX) this.#fail();
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return this.#string();
    }
    const word = this.#match(WORD);
    if (word !== null) return word[0] === "null" ? null : word[0] === "true";
    const number = this.#match(NUMBER);
    return (number === null ? undefined : parseNumeric(number[0])) ?? this.#fail();
  }

  #string(): string {
    const match = this.#match(STRING) ?? this.#fail();
    const body = match[1]!;
    if (!body.includes("\\")) return body;
    const text: unknown = JSON.parse(match[0]);
    if (typeof text !== "string" || text.includes("\0")) this.#fail();
    return text;
  }

  #array(depth: number): JsonValue {
    this.#at++;
    const items: JsonValue[] = [];
    if (this.#accept("]")) return items;
    do items.push(this.#value(depth + 1)); while (this.#accept(","));
    if (!this.#accept("]")) this.#fail();
    return items;
  }

  #object(depth: number): JsonValue {
    this.#at++;
    const entries: [string, JsonValue][] = [];
    if (this.#accept("}")) return new Map();
    do {
      this.#skipSpace();
      const key = this.#string();
      if (!this.#accept(":")) this.#fail();
      entries.push([key, this.#value(depth + 1)]);
    } while (this.#accept(","));
    if (!this.#accept("}")) this.#fail();
    return jsonObject(entries);
  }
}

/** Parses JSON text; anything else is an `invalid-value` error. */
export function parseJson(text: string): JsonValue {
  return new JsonReader(text).read();
}

// deno-lint-ignore no-control-regex
const NEEDS_ESCAPE = /["\\\u0000-\u001f]/;

/** A JSON string literal. Only quotes, backslashes and control characters are escaped. */
export function quoteJson(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** The canonical text. */
export function formatJson(value: JsonValue): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quoteJson(value);
  if (isJsonArray(value)) return `[${value.map(formatJson).join(", ")}]`;
  if (isJsonObject(value)) {
    return `{${Array.from(value, ([key, item]) => `${quoteJson(key)}: ${formatJson(item)}`).join(", ")}}`;
  }
  return formatNumeric(value);
}

/** The text that `jsonb_pretty` gives. */
export function formatJsonPretty(value: JsonValue, indent = ""): string {
  const inner = `${indent}    `;
  if (isJsonArray(value)) {
    if (value.length === 0) return `[\n${indent}]`;
    return `[\n${value.map((item) => inner + formatJsonPretty(item, inner)).join(",\n")}\n${indent}]`;
  }
  if (isJsonObject(value)) {
    if (value.size === 0) return `{\n${indent}}`;
    const lines = Array.from(
      value,
      ([key, item]) => `${inner}${quoteJson(key)}: ${formatJsonPretty(item, inner)}`,
    );
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  return formatJson(value);
}

/** A key that is the same exactly for equal values: numbers without trailing zeros. */
export function jsonKey(value: JsonValue): string {
  if (isJsonArray(value)) return `[${value.map(jsonKey).join(",")}]`;
  if (isJsonObject(value)) {
    return `{${Array.from(value, ([key, item]) => `${quoteJson(key)}:${jsonKey(item)}`).join(",")}}`;
  }
  if (jsonKind(value) === "number") return formatNumeric(trimScale(value as Numeric)); // jsonKind said so
  return formatJson(value);
}

const KIND_RANK: Readonly<Record<JsonKind, number>> = {
  null: 0,
  string: 1,
  number: 2,
  boolean: 3,
  array: 4,
  object: 5,
};

/** JSONB's order: Object > Array > Boolean > Number > String > Null, then by size, then by content. */
export function compareJson(a: JsonValue, b: JsonValue): number {
  // PostgreSQL sorts an empty array below everything else, where it is not inside of another value.
  const emptyA = isJsonArray(a) && a.length === 0;
  const emptyB = isJsonArray(b) && b.length === 0;
  if (emptyA !== emptyB) return emptyA ? -1 : 1;
  return compareInner(a, b);
}

function compareInner(a: JsonValue, b: JsonValue): number {
  const kind = jsonKind(a);
  const rank = KIND_RANK[kind] - KIND_RANK[jsonKind(b)];
  if (rank !== 0) return rank;
  if (isJsonArray(a) && isJsonArray(b)) {
    if (a.length !== b.length) return a.length - b.length;
    return firstDifference(a.length, (i) => compareInner(a[i]!, b[i]!));
  }
  if (isJsonObject(a) && isJsonObject(b)) return compareObjects(a, b);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (kind === "number") return compareNumeric(a as Numeric, b as Numeric); // same kind: numbers
  return Number(a) - Number(b);
}

function compareObjects(a: ReadonlyMap<string, JsonValue>, b: ReadonlyMap<string, JsonValue>): number {
  if (a.size !== b.size) return a.size - b.size;
  const left = Array.from(a);
  const right = Array.from(b);
  return firstDifference(left.length, (i) => {
    const [keyA, valueA] = left[i]!;
    const [keyB, valueB] = right[i]!;
    return keyBytes(keyA) - keyBytes(keyB) || compareText(keyA, keyB) || compareInner(valueA, valueB);
  });
}

function firstDifference(length: number, compare: (index: number) => number): number {
  for (let i = 0; i < length; i++) {
    const order = compare(i);
    if (order !== 0) return order;
  }
  return 0;
}
