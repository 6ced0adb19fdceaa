/**
 * Calls library functions by name on typed values, for tests.
 *
 * @module
 */
import type { CallContext } from "../../../../src/query/function.ts";
import { FunctionRegistry } from "../../../../src/query/function_registry.ts";
import { castDatum } from "../../../../src/query/functions/cast.ts";
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

const REGISTRY = new FunctionRegistry(BUILTIN_FUNCTIONS);

/** The registry that tests resolve calls with. */
export function builtinRegistry(): FunctionRegistry {
  return REGISTRY;
}

/** Calls a scalar function: overload, implicit casts, NULLs. */
export function callFunction(name: string, args: readonly TypedValue[]): TypedValue {
  const resolved = REGISTRY.resolveScalar(name, args.map((argument) => argument.type));
  const types = resolved.parameterTypes;
  const values = args.map(({ value, type }, i) => castDatum(value, type, types[i]!, false));
  const type = resolved.resultType;
  if (resolved.function.nulls === "strict" && values.includes(null)) return { type, value: null };
  return { type, value: resolved.signature.evaluate(values, contextOf(types, type)) };
}
