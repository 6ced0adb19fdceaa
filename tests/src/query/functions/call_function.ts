/**
 * A tiny resolver for tests: calls a library function by name on typed values, with implicit casts only.
 *
 * @module
 */
import type { CallContext, TypePattern } from "../../../../src/query/function.ts";
import { canCast, castDatum, isNumberKind } from "../../../../src/query/functions/cast.ts";
import { BUILTIN_FUNCTIONS } from "../../../../src/query/functions/library.ts";
import { parseDatum } from "../../../../src/query/functions/text_format.ts";
import {
  arrayType,
  BIGINT,
  BOOLEAN,
  DATE,
  type Datum,
  decimalType,
  DOUBLE,
  INTEGER,
  INTERVAL,
  JSON_TYPE,
  NULL_TYPE,
  NUMERIC,
  REAL,
  SMALLINT,
  type SqlType,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../../../../src/storage/sql_type.ts";

/** A value with its type. */
export interface TypedValue {
  readonly value: Datum;
  readonly type: SqlType;
}

const TYPES: Readonly<Record<string, SqlType>> = {
  boolean: BOOLEAN,
  smallint: SMALLINT,
  integer: INTEGER,
  bigint: BIGINT,
  numeric: NUMERIC,
  real: REAL,
  float8: DOUBLE,
  text: TEXT,
  date: DATE,
  time: TIME,
  timestamp: TIMESTAMP,
  timestamptz: TIMESTAMPTZ,
  interval: INTERVAL,
  jsonb: JSON_TYPE,
  unknown: NULL_TYPE,
};

/** The type of a name such as `integer`, `decimal(10,2)`, `varchar(3)`, `text[]`. */
export function typeOf(name: string): SqlType {
  if (name.endsWith("[]")) return arrayType(typeOf(name.slice(0, -2)));
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(name);
  if (decimal !== null) return decimalType(Number(decimal[1]), Number(decimal[2]));
  const text = /^(varchar|char)\((\d+)\)$/.exec(name);
  if (text !== null) return { kind: "text", maxLength: Number(text[2]), padded: text[1] === "char" };
  const type = TYPES[name];
  if (type === undefined) throw new TypeError(`No type ${name}`);
  return type;
}

/** The context of calls in tests. */
export function contextOf(argumentTypes: readonly SqlType[], resultType: SqlType): CallContext {
  return {
    nowMicros: Date.UTC(2024, 1, 29, 12, 34, 56) * 1000,
    timeZone: "UTC",
    random: () => 0.5,
    argumentTypes,
    resultType,
  };
}

/** Reads `text::type`; the text NULL is a NULL. */
export function literal(written: string): TypedValue {
  const at = written.lastIndexOf("::");
  const type = typeOf(written.slice(at + 2));
  const text = written.slice(0, at);
  return { type, value: text === "NULL" ? null : parseDatum(text, type) };
}

/** 0 for an exact match, more for casts, undefined when the pattern does not accept the type. */
function cost(pattern: TypePattern, type: SqlType): number | undefined {
  if (pattern === "any") return 3;
  if (pattern === "anyelement") return type.kind === "array" ? 4 : 3;
  if (pattern === "anyarray") return type.kind === "array" ? 2 : type.kind === "null" ? 5 : undefined;
  if (type.kind === "null") return 1;
  if (pattern === "number") return isNumberKind(type.kind) ? 1 : undefined;
  if (pattern === type.kind) return 0;
  if (pattern === "array") return undefined;
  const target: SqlType = pattern === "decimal" ? decimalType(38, 0) : { kind: pattern };
  return canCast(type, target) === "implicit" ? 10 : undefined;
}

/** What signatures of all kinds of function share. */
interface Shape {
  readonly parameters: readonly TypePattern[];
  readonly variadic?: boolean;
  readonly optional?: number;
}

function patternAt(signature: Shape, index: number): TypePattern | undefined {
  return signature.parameters[index] ?? (signature.variadic ? signature.parameters.at(-1) : undefined);
}

function signatureCost(signature: Shape, types: readonly SqlType[]): number | undefined {
  const least = signature.parameters.length - (signature.optional ?? 0) - (signature.variadic ? 1 : 0);
  if (types.length < least) return undefined;
  let total = 0;
  const elements: SqlType[] = [];
  for (const [i, type] of types.entries()) {
    const pattern = patternAt(signature, i);
    const one = pattern === undefined ? undefined : cost(pattern, type);
    if (one === undefined) return undefined;
    total += one;
    if (type.kind === "null") continue;
    if (pattern === "anyelement") elements.push(type);
    if (pattern === "anyarray" && type.kind === "array") elements.push(type.element);
  }
  const [first] = elements;
  if (first !== undefined && elements.some((type) => type.kind !== first.kind)) {
    if (!elements.every((type) => isNumberKind(type.kind))) return undefined;
  }
  return total;
}

function coerce(pattern: TypePattern, argument: TypedValue): TypedValue {
  const isKind = pattern !== "any" && pattern !== "anyelement" && pattern !== "anyarray" &&
    pattern !== "number" && pattern !== "array" && pattern !== "decimal";
  if (!isKind || pattern === argument.type.kind) return argument;
  const target: SqlType = { kind: pattern };
  return { type: target, value: castDatum(argument.value, argument.type, target, false) };
}

/** The signature that takes the types with the fewest casts. */
export function resolveSignature<Signature extends Shape>(
  name: string,
  signatures: readonly Signature[],
  types: readonly SqlType[],
): Signature {
  let best: Signature | undefined;
  let bestCost = Infinity;
  for (const signature of signatures) {
    const total = signatureCost(signature, types);
    if (total !== undefined && total < bestCost) [best, bestCost] = [signature, total];
  }
  if (best === undefined) throw new TypeError(`No signature of ${name}`);
  return best;
}

/** Calls the best signature of a scalar function. */
export function callFunction(name: string, args: readonly TypedValue[]): TypedValue {
  const fn = BUILTIN_FUNCTIONS.scalars.find((candidate) => candidate.name === name);
  if (fn === undefined) throw new TypeError(`No function ${name}`);
  const signature = resolveSignature(name, fn.signatures, args.map((argument) => argument.type));
  const coerced = args.map((argument, i) => coerce(patternAt(signature, i)!, argument));
  const types = coerced.map((argument) => argument.type);
  const type = typeof signature.returns === "function" ? signature.returns(types) : signature.returns;
  if (fn.nulls === "strict" && coerced.some((argument) => argument.value === null)) {
    return { type, value: null };
  }
  return {
    type,
    value: signature.evaluate(coerced.map((argument) => argument.value), contextOf(types, type)),
  };
}
