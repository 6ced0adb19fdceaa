/**
 * Which type may become which: implicit, assignment and explicit casts, and the common type of several.
 *
 * The rules are PostgreSQL's. Numbers widen along smallint, integer, bigint, decimal, numeric, real, double;
 * dates along date, timestamp, timestamptz; the type `null` of bare NULLs and untyped literals becomes
 * anything. All functions are O(depth of the type).
 *
 * @module
 */
import {
  arrayType,
  decimalType,
  NULL_TYPE,
  NUMERIC,
  sameType,
  type SqlType,
  type SqlTypeKind,
  TEXT,
} from "../storage/sql_type.ts";
import { canCast } from "./functions/cast.ts";

/** Groups of types among which an untyped literal is decided. */
export type TypeCategory =
  | "boolean"
  | "number"
  | "string"
  | "datetime"
  | "timespan"
  | "json"
  | "array"
  | "unknown";

const CATEGORIES: Readonly<Record<SqlTypeKind, TypeCategory>> = {
  boolean: "boolean",
  smallint: "number",
  integer: "number",
  bigint: "number",
  decimal: "number",
  numeric: "number",
  real: "number",
  double: "number",
  text: "string",
  date: "datetime",
  time: "datetime",
  timestamp: "datetime",
  timestamptz: "datetime",
  interval: "timespan",
  json: "json",
  array: "array",
  null: "unknown",
};

/** Place in the order of widening; kinds without a place do not widen. */
const NUMBER_RANK: Readonly<Partial<Record<SqlTypeKind, number>>> = {
  smallint: 1,
  integer: 2,
  bigint: 3,
  decimal: 4,
  numeric: 5,
  real: 6,
  double: 7,
};
const DATE_RANK: Readonly<Partial<Record<SqlTypeKind, number>>> = { date: 1, timestamp: 2, timestamptz: 3 };

/** Kinds that win among equals when a call could mean several. */
const PREFERRED: ReadonlySet<SqlTypeKind> = new Set<SqlTypeKind>([
  "boolean",
  "double",
  "text",
  "timestamptz",
  "interval",
]);

/** Decimal digits that hold every value of an integer kind. */
const INTEGER_DIGITS: Readonly<Partial<Record<SqlTypeKind, number>>> = {
  smallint: 5,
  integer: 10,
  bigint: 19,
};

/** DECIMAL's largest precision. */
const PRECISION_MAX = 1000;

/** The category of `kind`. */
export function categoryOf(kind: SqlTypeKind): TypeCategory {
  return CATEGORIES[kind];
}

/** Whether `kind` is the preferred one of its category. */
export function isPreferred(kind: SqlTypeKind): boolean {
  return PREFERRED.has(kind);
}

/** Whether values of the type are numbers. */
export function isNumber(type: SqlType): boolean {
  return CATEGORIES[type.kind] === "number";
}

/** Whether a value of kind `from` becomes one of kind `to` without being asked. Arrays are compared apart. */
export function isImplicitKind(from: SqlTypeKind, to: SqlTypeKind): boolean {
  if (from === to || from === "null") return true;
  const number = NUMBER_RANK[from];
  if (number !== undefined) return (NUMBER_RANK[to] ?? 0) > number;
  const date = DATE_RANK[from];
  if (date !== undefined) return (DATE_RANK[to] ?? 0) > date;
  return from === "time" && to === "interval";
}

/** Whether a cast from `from` to `to` may be inserted anywhere. */
export function isImplicit(from: SqlType, to: SqlType): boolean {
  if (from.kind === "array" && to.kind === "array") {
    return isImplicit(from.element, to.element);
  }
  return isImplicitKind(from.kind, to.kind);
}

/** Whether a value of `from` may be stored in a column of `to`. */
export function isAssignable(from: SqlType, to: SqlType): boolean {
  const cast = canCast(from, to);
  return cast === "implicit" || cast === "assignment";
}

/** Whether `CAST(from AS to)` means anything. */
export function isCastable(from: SqlType, to: SqlType): boolean {
  return canCast(from, to) !== "none";
}

/** DECIMAL(precision, scale), or NUMERIC beyond the largest precision. */
export function decimalOrNumeric(precision: number, scale: number): SqlType {
  return precision > PRECISION_MAX ? NUMERIC : decimalType(Math.max(precision, scale, 1), scale);
}

/** The decimal that holds every value of an integer kind; decimals and others are given back. */
export function asDecimal(type: SqlType): SqlType {
  const digits = INTEGER_DIGITS[type.kind];
  return digits === undefined ? type : decimalType(digits, 0);
}

function widerDecimal(a: SqlType, b: SqlType): SqlType {
  const left = asDecimal(a);
  const right = asDecimal(b);
  if (left.kind !== "decimal" || right.kind !== "decimal") return NUMERIC;
  const scale = Math.max(left.scale, right.scale);
  const whole = Math.max(left.precision - left.scale, right.precision - right.scale);
  return decimalOrNumeric(whole + scale, scale);
}

/**
 * The narrowest type that both become implicitly, or undefined when there is none. The result is `null` only
 * for two types `null`.
 */
export function commonType(a: SqlType, b: SqlType): SqlType | undefined {
  if (sameType(a, b)) return a;
  // An untyped literal beside VARCHAR(n) may be longer than n.
  if (a.kind === "null") return b.kind === "text" ? TEXT : b;
  if (b.kind === "null") return a.kind === "text" ? TEXT : a;
  if (a.kind === "array" && b.kind === "array") {
    const element = commonType(a.element, b.element);
    return element === undefined ? undefined : arrayType(element);
  }
  if (a.kind === "text" && b.kind === "text") return TEXT;
  if (isNumber(a) && isNumber(b)) {
    if (a.kind === "decimal" && NUMBER_RANK[b.kind]! <= 4) return widerDecimal(a, b);
    if (b.kind === "decimal" && NUMBER_RANK[a.kind]! <= 4) return widerDecimal(a, b);
  }
  if (isImplicit(a, b)) return b;
  return isImplicit(b, a) ? a : undefined;
}

/** The common type of all, `null` for none; undefined when two do not meet. */
export function commonTypeOf(types: readonly SqlType[]): SqlType | undefined {
  const [first = NULL_TYPE, ...rest] = types;
  let result: SqlType | undefined = first;
  for (const type of rest) {
    if (result === undefined) return undefined;
    result = commonType(result, type);
  }
  return result;
}

/** The type, or TEXT for the type of untyped literals. */
export function typeOrText(type: SqlType): SqlType {
  return type.kind === "null" ? TEXT : type;
}
