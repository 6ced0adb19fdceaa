/**
 * What a Vega-Lite spec is to the compiler: untrusted plain data, and places in it.
 *
 * A spec is never given a full static type: its schema has 1.8 MB. Every reader takes the fields that it knows,
 * checks their types on the way, and leaves the rest as it is.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";

/** A JSON object. */
export type Spec = Readonly<Record<string, unknown>>;

/** A JSON object with its JSON Pointer. */
export interface Located {
  readonly spec: Spec;
  readonly path: string;
}

/** True for a JSON object. */
export function isSpec(value: unknown): value is Spec {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The items of an array; of anything else, none. */
export function itemsOf(value: unknown): readonly unknown[] {
  // Array.isArray gives any[].
  return Array.isArray(value) ? value as readonly unknown[] : [];
}

/** The JSON Pointer of `keys` below `path`. */
export function pointer(path: string, ...keys: readonly (string | number)[]): string {
  return path + keys.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** What cannot run in the engine: the caller of the compiler sees it in `unsupported`. */
export function unsupported(path: string, reason: string): QueryError {
  return new QueryError("unsupported", reason, { details: { path } });
}

/** A string field, or an error that names its place. */
export function stringAt(spec: Spec, key: string, path: string): string {
  const value = spec[key];
  if (typeof value === "string") return value;
  throw unsupported(pointer(path, key), `"${key}" is no text`);
}

/** An array of strings, or an error that names its place; empty when absent. */
export function stringsAt(spec: Spec, key: string, path: string): readonly string[] {
  const value = spec[key];
  if (value === undefined) return [];
  const items = itemsOf(value);
  if (Array.isArray(value) && items.every((item) => typeof item === "string")) {
    // Every item was checked.
    return items as readonly string[];
  }
  throw unsupported(pointer(path, key), `"${key}" is no list of texts`);
}

/** `spec` without some fields. */
export function omit(spec: Spec, keys: readonly string[]): Spec {
  return Object.fromEntries(Object.entries(spec).filter(([key]) => !keys.includes(key)));
}
