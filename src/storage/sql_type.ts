/**
 * SQL types and the values that the engine computes with.
 *
 * A type is frozen plain data. A {@linkcode Datum} is one value in storage units; the JavaScript values
 * that users see (Date, string decimals, ISO durations) are made from datums only at the edge.
 *
 * | type | datum |
 * |---|---|
 * | boolean | boolean |
 * | smallint, integer | number |
 * | bigint | number while it is a safe integer, else bigint |
 * | decimal(p, s) | the integer value * 10^s: number while safe, else bigint |
 * | numeric (scale varies by value) | {@linkcode Numeric} |
 * | real, double | number; -0 and NaN allowed, NaN is one value and the greatest |
 * | text, json | string |
 * | date | number: days since 1970-01-01 |
 * | time | number: microseconds since midnight |
 * | timestamp, timestamptz | number: microseconds since 1970-01-01 (UTC for timestamptz) |
 * | interval | {@linkcode Interval} |
 * | array | readonly array of datums |
 *
 * @module
 */

/** A SQL type. `null` is the type of a bare NULL or an untyped literal before it meets a context. */
export type SqlType =
  | { readonly kind: "boolean" }
  | { readonly kind: "smallint" }
  | { readonly kind: "integer" }
  | { readonly kind: "bigint" }
  /** Fixed point: every value has `scale` digits after the point. 1 <= precision <= 1000. */
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  /** NUMERIC without scale: each value carries its own, as quotients and averages do in PostgreSQL. */
  | { readonly kind: "numeric" }
  | { readonly kind: "real" }
  | { readonly kind: "double" }
  /** `maxLength` in characters for VARCHAR(n) and CHAR(n); `padded` for CHAR(n). */
  | { readonly kind: "text"; readonly maxLength?: number; readonly padded?: boolean }
  | { readonly kind: "date" }
  | { readonly kind: "time" }
  | { readonly kind: "timestamp" }
  | { readonly kind: "timestamptz" }
  | { readonly kind: "interval" }
  | { readonly kind: "json" }
  | { readonly kind: "array"; readonly element: SqlType }
  | { readonly kind: "null" };

/** The discriminant of {@linkcode SqlType}. */
export type SqlTypeKind = SqlType["kind"];

/** An exact decimal with its own scale: `coefficient / 10^scale`. */
export interface Numeric {
  /** All digits, with the sign. */
  readonly coefficient: bigint;
  /** Digits after the point; negative for trailing zeros before it. */
  readonly scale: number;
  /** Set for the special values of NUMERIC; `coefficient` is then 0. */
  readonly special?: "NaN" | "Infinity" | "-Infinity";
}

/** A span of time as PostgreSQL keeps it: the three parts do not mix. */
export interface Interval {
  /** Years and months, in months. */
  readonly months: number;
  /** Weeks and days, in days. */
  readonly days: number;
  /** Hours and less, in microseconds. */
  readonly micros: number;
}

/** One value in storage units; see the table above. */
export type Datum = null | boolean | number | bigint | string | Numeric | Interval | readonly Datum[];

export const BOOLEAN: SqlType = Object.freeze({ kind: "boolean" });
export const SMALLINT: SqlType = Object.freeze({ kind: "smallint" });
export const INTEGER: SqlType = Object.freeze({ kind: "integer" });
export const BIGINT: SqlType = Object.freeze({ kind: "bigint" });
export const NUMERIC: SqlType = Object.freeze({ kind: "numeric" });
export const REAL: SqlType = Object.freeze({ kind: "real" });
export const DOUBLE: SqlType = Object.freeze({ kind: "double" });
export const TEXT: SqlType = Object.freeze({ kind: "text" });
export const DATE: SqlType = Object.freeze({ kind: "date" });
export const TIME: SqlType = Object.freeze({ kind: "time" });
export const TIMESTAMP: SqlType = Object.freeze({ kind: "timestamp" });
export const TIMESTAMPTZ: SqlType = Object.freeze({ kind: "timestamptz" });
export const INTERVAL: SqlType = Object.freeze({ kind: "interval" });
export const JSON_TYPE: SqlType = Object.freeze({ kind: "json" });
export const NULL_TYPE: SqlType = Object.freeze({ kind: "null" });

/** DECIMAL(precision, scale). */
export function decimalType(precision: number, scale: number): SqlType {
  return { kind: "decimal", precision, scale };
}

/** element[]. */
export function arrayType(element: SqlType): SqlType {
  return { kind: "array", element };
}

/** Structural equality, lengths and scales included. */
export function sameType(a: SqlType, b: SqlType): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === "decimal" && b.kind === "decimal") return a.precision === b.precision && a.scale === b.scale;
  if (a.kind === "array" && b.kind === "array") return sameType(a.element, b.element);
  if (a.kind === "text" && b.kind === "text") {
    return a.maxLength === b.maxLength && (a.padded ?? false) === (b.padded ?? false);
  }
  return true;
}

const SQL_NAMES: Readonly<Record<Exclude<SqlTypeKind, "decimal" | "text" | "array">, string>> = {
  boolean: "BOOLEAN",
  smallint: "SMALLINT",
  integer: "INTEGER",
  bigint: "BIGINT",
  numeric: "NUMERIC",
  real: "REAL",
  double: "DOUBLE PRECISION",
  date: "DATE",
  time: "TIME",
  timestamp: "TIMESTAMP",
  timestamptz: "TIMESTAMP WITH TIME ZONE",
  interval: "INTERVAL",
  json: "JSON",
  null: "UNKNOWN",
};

/** The type as SQL writes it: `DECIMAL(15,2)`, `VARCHAR(10)`, `INTEGER[]`. */
export function typeName(type: SqlType): string {
  switch (type.kind) {
    case "decimal":
      return `DECIMAL(${type.precision},${type.scale})`;
    case "text":
      return type.maxLength === undefined ? "TEXT" : `${type.padded ? "CHAR" : "VARCHAR"}(${type.maxLength})`;
    case "array":
      return `${typeName(type.element)}[]`;
    default:
      return SQL_NAMES[type.kind];
  }
}
