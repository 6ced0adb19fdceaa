/**
 * Functions about types, the session and the system.
 *
 * @module
 */
import { type Datum, type SqlType, type SqlTypeKind, TEXT } from "../../storage/sql_type.ts";
import type { CallContext, ScalarFunction } from "../function.ts";
import { aliases, called, signature, strict } from "./signature.ts";
import { argumentType } from "./datum.ts";

const POSTGRES_NAMES: Readonly<Record<Exclude<SqlTypeKind, "text" | "array">, string>> = {
  boolean: "boolean",
  smallint: "smallint",
  integer: "integer",
  bigint: "bigint",
  decimal: "numeric",
  numeric: "numeric",
  real: "real",
  double: "double precision",
  date: "date",
  time: "time without time zone",
  timestamp: "timestamp without time zone",
  timestamptz: "timestamp with time zone",
  interval: "interval",
  json: "jsonb",
  null: "unknown",
};

/** The type as `pg_typeof` names it. */
export function postgresTypeName(type: SqlType): string {
  if (type.kind === "array") return `${postgresTypeName(type.element)}[]`;
  if (type.kind !== "text") return POSTGRES_NAMES[type.kind];
  if (type.maxLength === undefined) return "text";
  return type.padded === true ? "character" : "character varying";
}

/** A version 4 UUID from the statement's source of random numbers. */
function randomUuid(_: readonly Datum[], context: CallContext): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(context.random() * 16).toString(16));
  digits[12] = "4";
  digits[16] = (8 + Math.floor(context.random() * 4)).toString(16);
  const text = digits.join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join(
    "-",
  );
}

function constant(name: string, text: string): ScalarFunction {
  return strict(name, [signature([], TEXT, () => text)]);
}

/** System functions. */
export const SYSTEM_FUNCTIONS: readonly ScalarFunction[] = [
  ...aliases(
    called("pg_typeof", [
      signature(["any"], TEXT, (_, context) => postgresTypeName(argumentType(context, 0))),
    ]),
    "typeof",
  ),
  ...aliases(
    strict("gen_random_uuid", [signature([], TEXT, randomUuid)], "volatile"),
    "uuid_string",
    "uuid",
  ),
  constant("version", "LiveViewDB (PostgreSQL dialect)"),
  constant("current_schema", "public"),
  constant("current_database", "liveviewdb"),
  constant("current_catalog", "liveviewdb"),
  constant("current_user", "liveviewdb"),
  constant("session_user", "liveviewdb"),
  constant("user", "liveviewdb"),
  strict("current_time_zone", [signature([], TEXT, (_, context) => context.timeZone)], "stable"),
];
