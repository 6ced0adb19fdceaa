/**
 * Type names as written to {@linkcode SqlType}: PostgreSQL's names and aliases, and the few of Snowflake's
 * and DuckDB's that occur in analytics SQL.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import {
  arrayType,
  BIGINT,
  BOOLEAN,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  INTERVAL,
  JSON_TYPE,
  NUMERIC,
  REAL,
  SMALLINT,
  type SqlType,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../storage/sql_type.ts";
import type { TypeName } from "./ast.ts";
import { suggestion } from "./name_suggestion.ts";

/** Types without modifiers, by every name they go by. */
const PLAIN_TYPES: Readonly<Record<string, SqlType>> = {
  boolean: BOOLEAN,
  bool: BOOLEAN,
  smallint: SMALLINT,
  int2: SMALLINT,
  tinyint: SMALLINT,
  smallserial: SMALLINT,
  integer: INTEGER,
  int: INTEGER,
  int4: INTEGER,
  mediumint: INTEGER,
  serial: INTEGER,
  oid: BIGINT,
  bigint: BIGINT,
  int8: BIGINT,
  bigserial: BIGINT,
  real: REAL,
  float4: REAL,
  double: DOUBLE,
  "double precision": DOUBLE,
  float8: DOUBLE,
  text: TEXT,
  string: TEXT,
  name: TEXT,
  uuid: TEXT,
  '"char"': TEXT,
  date: DATE,
  datetime: TIMESTAMP,
  timestamp: TIMESTAMP,
  timestamp_ntz: TIMESTAMP,
  timestamptz: TIMESTAMPTZ,
  timestamp_tz: TIMESTAMPTZ,
  timestamp_ltz: TIMESTAMPTZ,
  time: TIME,
  timetz: TIME,
  interval: INTERVAL,
  json: JSON_TYPE,
  jsonb: JSON_TYPE,
  variant: JSON_TYPE,
  object: JSON_TYPE,
};

const DECIMAL_NAMES: ReadonlySet<string> = new Set(["numeric", "decimal", "dec", "number"]);
const VARCHAR_NAMES: ReadonlySet<string> = new Set([
  "varchar",
  "character varying",
  "char varying",
  "nvarchar",
  "national character varying",
  "national char varying",
]);
const CHAR_NAMES: ReadonlySet<string> = new Set([
  "char",
  "character",
  "nchar",
  "bpchar",
  "national character",
  "national char",
]);
const TEMPORAL_NAMES: ReadonlySet<string> = new Set([
  "timestamp",
  "timestamptz",
  "time",
  "timetz",
  "interval",
]);

/** The type that `written` names. Throws `unknown-type` with the nearest name. */
export function resolveTypeName(written: TypeName): SqlType {
  let type = elementType(written);
  for (let i = 0; i < written.dimensions; i++) type = arrayType(type);
  return type;
}

function elementType(written: TypeName): SqlType {
  const name = canonicalName(written.name);
  const { modifiers } = written;
  if (DECIMAL_NAMES.has(name)) return numericType(written, name);
  if (VARCHAR_NAMES.has(name)) return textType(written, undefined, false);
  if (CHAR_NAMES.has(name)) return textType(written, name === "bpchar" ? undefined : 1, true);
  if (name === "float") return (modifiers[0] ?? 53) <= 24 ? REAL : DOUBLE;
  if (name === "array" || name.startsWith("_")) {
    return arrayType(name === "array" ? JSON_TYPE : elementType({ ...written, name: name.slice(1) }));
  }
  const type = PLAIN_TYPES[name];
  if (type === undefined) throw unknownType(written, name);
  if (modifiers.length > 0 && !TEMPORAL_NAMES.has(name) && name !== "string" && name !== "text") {
    throw new QueryError(
      "unknown-type",
      `Type ${name} takes no modifier: received (${modifiers.join(", ")})`,
      {
        details: detailsOf(written),
        hint: `write ${name}`,
      },
    );
  }
  if (written.withTimeZone === true && type.kind === "timestamp") return TIMESTAMPTZ;
  return type;
}

/** Without schema and quotes: `pg_catalog.int4`, `"MyType"`. `"char"` is a type of its own. */
function canonicalName(name: string): string {
  const last = name.startsWith("pg_catalog.") ? name.slice("pg_catalog.".length) : name;
  if (last === '"char"' || !last.startsWith('"')) return last;
  return last.slice(1, -1).replaceAll('""', '"');
}

function detailsOf(written: TypeName): Record<string, unknown> {
  return written.span === undefined ? { type: written.name } : { type: written.name, span: written.span };
}

function numericType(written: TypeName, name: string): SqlType {
  const [precision, scale = 0] = written.modifiers;
  if (precision === undefined) return NUMERIC;
  if (precision < 1 || precision > 1000 || scale < 0 || scale > precision || written.modifiers.length > 2) {
    const received = `${name}(${written.modifiers.join(",")})`;
    throw new QueryError("unknown-type", `Precision or scale out of range: received ${received}`, {
      details: detailsOf(written),
      hint: "use 1 <= precision <= 1000 and 0 <= scale <= precision",
    });
  }
  return decimalType(precision, scale);
}

function textType(written: TypeName, standardLength: number | undefined, padded: boolean): SqlType {
  const maxLength = written.modifiers[0] ?? standardLength;
  if (maxLength === undefined) return TEXT;
  if (maxLength < 1 || written.modifiers.length > 1) {
    throw new QueryError(
      "unknown-type",
      `Length of ${written.name} must be at least 1: received ${maxLength}`,
      {
        details: detailsOf(written),
      },
    );
  }
  return padded ? { kind: "text", maxLength, padded } : { kind: "text", maxLength };
}

function unknownType(written: TypeName, name: string): QueryError {
  const names = [...Object.keys(PLAIN_TYPES), ...DECIMAL_NAMES, ...VARCHAR_NAMES, ...CHAR_NAMES];
  const hint = suggestion(name, names);
  return new QueryError("unknown-type", `Unknown type: received ${name}`, {
    details: detailsOf(written),
    ...(hint === undefined ? {} : { hint }),
  });
}
