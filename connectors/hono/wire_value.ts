/**
 * Values as plain JSON: what a result's rows, changes and error details look like on the wire.
 *
 * | SQL | JSON |
 * |---|---|
 * | BIGINT, DECIMAL, NUMERIC | number where a double holds it exactly, else string |
 * | REAL, DOUBLE | number; NaN and infinities as `"NaN"`, `"Infinity"`, `"-Infinity"` |
 * | DATE | `"2024-05-01"` |
 * | TIMESTAMP, TIMESTAMPTZ | ISO 8601 in UTC: `"2024-05-01T12:00:00.000Z"` |
 * | INTERVAL | ISO 8601 duration: `"P1DT2H"` |
 * | JSON, arrays | as they are |
 *
 * {@linkcode wireValue} takes JavaScript values, as `objects()` and changes have them, where a DATE is a `Date` at
 * midnight; {@linkcode wireRow} knows the types of the columns and tells the two apart.
 *
 * @module
 */
import type { SqlType } from "../../src/storage/sql_type.ts";

/** `value` as JSON has it. */
export function wireValue(value: unknown): unknown {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case "object":
      return objectToWire(value);
    case "undefined":
    case "function":
    case "symbol":
      return null;
    default:
      return value;
  }
}

function objectToWire(value: object | null): unknown {
  if (value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(wireValue);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, wireValue);
  if ("toJSON" in value && typeof value.toJSON === "function") return wireValue(value.toJSON());
  // Own properties only, into an object without setters: `__proto__` stays a name like any other.
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, wireValue(item)]));
}

/** The columns whose values `wireValue` alone would show as another type has them. */
export interface WireColumn {
  readonly name: string;
  readonly sqlType: SqlType;
}

/** One row as JSON has it, by the types of its columns. */
export function wireRow(
  row: Readonly<Record<string, unknown>>,
  columns: readonly WireColumn[],
): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ name, sqlType }) => [name, wireTyped(row[name], sqlType)]));
}

/** One value of a column of `type` as JSON has it. */
export function wireTyped(value: unknown, type: SqlType): unknown {
  if (type.kind === "date" && value instanceof Date) return value.toISOString().slice(0, 10);
  if (type.kind === "array" && Array.isArray(value)) {
    return value.map((item) => wireTyped(item, type.element));
  }
  return wireValue(value);
}
