/**
 * Specs are untrusted JSON: reading them, and saying where a part is.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";

/** An object of a spec. */
export type SpecObject = Readonly<Record<string, unknown>>;

/** Nesting that a spec may have. */
const DEPTH_MAX = 60;

/**
 * A copy of a spec as plain data: functions, accessors and prototypes do not come along.
 *
 * @throws {QueryError} `invalid-parameter` when it is no object, is circular or nests too deep
 */
export function plainSpec(spec: unknown): SpecObject {
  if (!isObject(spec)) {
    throw new QueryError("invalid-parameter", `A chart's spec is an object: received ${describe(spec)}`, {
      hint: "give the spec as JSON object",
    });
  }
  const copy = plainValue(spec, 0);
  return isObject(copy) ? copy : {};
}

function plainValue(value: unknown, depth: number): unknown {
  if (depth > DEPTH_MAX) {
    throw new QueryError("invalid-parameter", `The chart's spec nests deeper than ${DEPTH_MAX} levels`, {
      details: { limit: DEPTH_MAX },
      hint: "rows belong into a table, not into the spec",
    });
  }
  if (Array.isArray(value)) return value.map((item) => plainValue(item, depth + 1));
  if (value instanceof Date) return value.toJSON();
  if (isObject(value)) {
    const entries = Object.entries(value).filter(([key, item]) =>
      key !== "__proto__" && item !== undefined && typeof item !== "function" && typeof item !== "symbol"
    );
    return Object.fromEntries(entries.map(([key, item]) => [key, plainValue(item, depth + 1)]));
  }
  return typeof value === "bigint" ? String(value) : value;
}

/** True for objects that are no arrays. */
export function isObject(value: unknown): value is SpecObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value, or several of them, as a list; `undefined` is none. */
export function listOf(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

/** A JSON Pointer (RFC 6901) from its parts. */
export function pointer(...parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** A value in a message: short, on one line. */
export function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
