/**
 * Values of Vega's expressions as SQL, with JavaScript's rules for null and mixed types.
 *
 * JavaScript takes null for 0 in arithmetic and order, and comparisons are never unknown; SQL takes NULL for
 * unknown. So every comparison here gives true or false, and a column that may be NULL counts as 0 where a number
 * is wanted. A quotient by zero, and a root or logarithm that does not exist, are NULL instead of NaN or infinity:
 * neither is drawn.
 *
 * @module
 */
import { call, literal, Scalar } from "../../src/query/builder.ts";
import type { SqlType } from "../../src/storage/sql_type.ts";
import { choose } from "../charts/bin.ts";
import { cast, wallClock } from "../charts/time_unit.ts";
import { unsupported } from "./spec_shape.ts";

/** What JavaScript sees. `time` is a TIMESTAMP: a wall clock. */
export type ValueKind = "number" | "text" | "boolean" | "time" | "null";

/** A value with its kind. */
export interface TypedValue {
  readonly kind: ValueKind;
  readonly value: Scalar;
  /** The value as it stands in the spec, for literals. */
  readonly constant?: string | number | boolean | null;
  /** The time with its zone, for columns that have one. */
  readonly instant?: Scalar;
  /** True when it can be NULL. */
  readonly nullable: boolean;
}

/** A literal of the spec. */
export function constantValue(constant: string | number | boolean | null): TypedValue {
  const kind = constant === null
    ? "null"
    : typeof constant === "number"
    ? "number"
    : typeof constant === "string"
    ? "text"
    : "boolean";
  return { kind, value: literal(constant), constant, nullable: constant === null };
}

/** A computed value. */
export function computed(kind: ValueKind, value: Scalar, nullable = false): TypedValue {
  return { kind, value, nullable };
}

/** A column as JavaScript sees it; times become wall clocks of `zone`. */
export function columnValue(
  value: Scalar,
  type: SqlType | undefined,
  zone: string,
  path: string,
): TypedValue {
  switch (type?.kind) {
    case "smallint":
    case "integer":
    case "bigint":
    case "decimal":
    case "numeric":
    case "real":
    case "double":
      return computed("number", value, true);
    case "text":
      return computed("text", value, true);
    case "boolean":
      return computed("boolean", value, true);
    case "date":
    case "timestamp":
      return computed("time", wallClock(value, type, zone), true);
    case "timestamptz":
      return { kind: "time", value: wallClock(value, type, zone), instant: value, nullable: true };
    default:
      throw unsupported(path, `A value of type ${type?.kind ?? "unknown"} has no place in an expression`);
  }
}

/** The value as JavaScript's Number() has it, in DOUBLE PRECISION. */
export function numberOf(value: TypedValue, path: string): Scalar {
  if (typeof value.constant === "number") return value.value;
  const known = (scalar: Scalar) => value.nullable ? call("coalesce", scalar, literal(0)) : scalar;
  switch (value.kind) {
    case "number":
      return known(cast(value.value, "double precision"));
    case "boolean":
      return cast(cast(knownBoolean(value), "integer"), "double precision");
    case "time":
      return known(milliseconds(value.value));
    case "null":
      return literal(0);
    case "text":
      throw unsupported(path, "A text stands where a number is wanted");
  }
}

/** Milliseconds since 1970 of a wall clock. */
export function milliseconds(clock: Scalar): Scalar {
  return cast(call("date_part", "epoch", clock), "double precision").times(1000);
}

/** The value as JavaScript's String() has it. */
export function textOf(value: TypedValue): Scalar {
  if (typeof value.constant === "string") return value.value;
  if (value.constant !== undefined) return literal(String(value.constant));
  return call("coalesce", value.kind === "text" ? value.value : cast(value.value, "text"), "null");
}

/** Whether JavaScript takes the value for true. */
export function truthOf(value: TypedValue): Scalar {
  switch (value.kind) {
    case "boolean":
      return knownBoolean(value);
    case "number":
      return call("coalesce", value.value.ne(0), false);
    case "text":
      return call("coalesce", value.value.ne(""), false);
    case "time":
      return value.value.isNotNull();
    case "null":
      return literal(false);
  }
}

/** `left === right`, or `==` when `loose`: never unknown. */
export function equality(left: TypedValue, right: TypedValue, loose: boolean, path: string): Scalar {
  if (left.kind === "null") return right.kind === "null" ? literal(true) : right.value.isNull();
  if (right.kind === "null") return left.value.isNull();
  if (left.kind === right.kind) return same(left.value, right.value, left.nullable || right.nullable);
  if (left.kind === "time" || right.kind === "time") {
    const other = left.kind === "time" ? right : left;
    if (other.kind === "number") return numberOf(left, path).eq(numberOf(right, path));
  }
  if (!loose) return literal(false);
  throw unsupported(path, `== compares a ${left.kind} with a ${right.kind}`);
}

/** `left < right` and its kin: never unknown. */
export function order(
  operator: "<" | "<=" | ">" | ">=",
  left: TypedValue,
  right: TypedValue,
  path: string,
): Scalar {
  const compare = (a: Scalar, b: Scalar) =>
    new Scalar({ kind: "binary", operator, left: a.expression, right: b.expression });
  if (left.kind === "text" || right.kind === "text") {
    if (left.kind !== right.kind) {
      throw unsupported(path, `${operator} compares a ${left.kind} with a ${right.kind}`);
    }
    return call("coalesce", compare(left.value, right.value), false);
  }
  if (left.kind === "time" && right.kind === "time") {
    return call("coalesce", compare(left.value, right.value), false);
  }
  if (left.kind === "number" && right.kind === "number") {
    return compare(plainNumber(left), plainNumber(right));
  }
  return compare(numberOf(left, path), numberOf(right, path));
}

/** Numbers compare in their own types: a cast would keep an index from being used. */
function plainNumber(value: TypedValue): Scalar {
  return value.nullable ? call("coalesce", value.value, literal(0)) : value.value;
}

/** `test ? then : otherwise` of values of one kind. */
export function conditional(test: Scalar, then: TypedValue, otherwise: TypedValue, path: string): TypedValue {
  const kind = then.kind === "null" ? otherwise.kind : then.kind;
  if (otherwise.kind !== "null" && otherwise.kind !== kind) {
    throw unsupported(path, `The value is a ${then.kind} or a ${otherwise.kind}`);
  }
  return computed(kind, choose([[test, then.value]], otherwise.value), then.nullable || otherwise.nullable);
}

function same(left: Scalar, right: Scalar, nullable: boolean): Scalar {
  if (!nullable) return left.eq(right);
  return call("coalesce", left.eq(right), left.isNull().and(right.isNull()));
}

function knownBoolean(value: TypedValue): Scalar {
  return value.nullable ? call("coalesce", value.value, false) : value.value;
}
