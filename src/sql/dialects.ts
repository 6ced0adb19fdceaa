/**
 * The dialects as data: what each lacks, and what each spells differently from PostgreSQL.
 *
 * A feature that is listed as unsupported throws; a call or an operator that is rewritten keeps its meaning.
 *
 * @module
 */
import type { CallRewrite, Dialect, DialectName, Feature, Printer } from "./printer.ts";

function doubled(quote: string): (text: string) => string {
  return (text) => `${quote}${text.replaceAll(quote, quote + quote)}${quote}`;
}
function backslashed(quote: string): (text: string) => string {
  return (text) => `${quote}${text.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`)}${quote}`;
}
function features(...list: readonly Feature[]): ReadonlySet<Feature> {
  return new Set(list);
}

const SNOWFLAKE_ONLY: readonly Feature[] = [
  "A dynamic table",
  "A path in a semi-structured column",
  "MATCH_CONDITION",
];

const POSTGRESQL: Dialect = {
  name: "postgresql",
  title: "PostgreSQL",
  unsupported: features(
    ...SNOWFLAKE_ONLY,
    "QUALIFY",
    "GROUP BY ALL",
    "ORDER BY ALL",
    "UNION BY NAME",
    "ASOF JOIN",
    "SEMI and ANTI JOIN",
    "* EXCLUDE",
    "* RENAME",
    "PIVOT",
    "TRY_CAST",
    "IGNORE NULLS",
    "INSERT OR",
    "OR REPLACE",
    "IF NOT EXISTS of a view",
    "SHOW",
    "DESCRIBE",
    "A named parameter",
  ),
  quote: doubled('"'),
  string: doubled("'"),
  types: {},
  bareTypes: new Set(),
  calls: {},
  operators: {},
  nulls: "postgresql",
  refusedOperators: new Set(),
};

const MATERIALIZE: Dialect = {
  ...POSTGRESQL,
  name: "materialize",
  title: "Materialize",
  unsupported: features(
    ...POSTGRESQL.unsupported,
    "A recursive query",
    "SEARCH and CYCLE",
    "A data change in WITH",
    "MERGE",
    "ON CONFLICT",
    "GROUPING SETS",
    "GROUP BY DISTINCT",
    "TABLESAMPLE",
    "FETCH WITH TIES",
    "GROUPS in a window frame",
    "EXCLUDE in a window frame",
    "WITHIN GROUP",
    "SIMILAR TO",
    "OVERLAPS",
    "OVERLAY",
    "IS JSON",
    "JSON constructors",
    "SELECT INTO",
    "IDENTITY",
    "A deferrable constraint",
    "ORDER BY USING",
    "COPY",
  ),
};

/** Date and time fields of `to_char` patterns, longest first, in `strftime`'s spelling. */
const STRFTIME: readonly (readonly [pattern: string, code: string])[] = [
  ["HH24", "%H"],
  ["YYYY", "%Y"],
  ["HH12", "%I"],
  ["DDD", "%j"],
  ["MI", "%M"],
  ["MM", "%m"],
  ["DD", "%d"],
  ["SS", "%S"],
  ["MS", "%g"],
  ["US", "%f"],
  ["YY", "%y"],
  ["AM", "%p"],
  ["PM", "%p"],
];

/** Translates a literal `to_char` pattern; refuses letters that it does not know. */
function strftimePattern(
  printer: Printer,
  pattern: string,
  changed: Readonly<Record<string, string>>,
): string {
  let text = "";
  for (let at = 0; at < pattern.length;) {
    const field = STRFTIME.find(([name]) => pattern.startsWith(name, at));
    if (field !== undefined) {
      text += changed[field[0]] ?? field[1];
      at += field[0].length;
    } else if (/[-/:., _]/.test(pattern.charAt(at))) text += pattern.charAt(at++);
    else printer.refuse(`The to_char pattern ${JSON.stringify(pattern)}`);
  }
  return text;
}

function toChar(target: string, changed: Readonly<Record<string, string>>): CallRewrite {
  return ({ call, values, printer }) => {
    const pattern = call.arguments[1]?.value;
    if (pattern?.kind !== "string") return printer.refuse("to_char without a literal pattern", call);
    return `${target}(${values[0]}, ${printer.string(strftimePattern(printer, pattern.value, changed))})`;
  };
}

const DUCKDB: Dialect = {
  name: "duckdb",
  title: "DuckDB",
  unsupported: features(
    ...SNOWFLAKE_ONLY,
    "SEARCH and CYCLE",
    "A data change in WITH",
    "GROUP BY DISTINCT",
    "FETCH WITH TIES",
    "ROWS FROM",
    "WITH ORDINALITY",
    "SELECT INTO",
    "SIMILAR TO",
    "OVERLAPS",
    "OVERLAY",
    "IS JSON",
    "JSON constructors",
    "AT LOCAL",
    "A bit string",
    "An interval of several fields",
    "An operator with a schema",
    "ORDER BY USING",
    "A materialized view",
    "A deferrable constraint",
    "IDENTITY",
    "SHOW",
    "BETWEEN SYMMETRIC",
    "LIKE ANY and LIKE ALL",
    "A record's *",
    "An alias of JOIN USING",
    "ON CONFLICT with an expression or a constraint",
    "A referential action",
    "A stored generated column",
    "NULLS NOT DISTINCT",
    "LIKE in CREATE TABLE",
    "A table without columns",
    "A select list without items",
    "Several ALTER actions",
    "RENAME CONSTRAINT",
    "ADD COLUMN with constraints",
    "View options",
    "RENAME COLUMN of a view",
    "Index options",
    "Several objects in one statement",
    "EXPLAIN options",
    "SET LOCAL",
    "SET of a list",
    "RESET ALL",
    "Transaction modes",
    "A savepoint",
    "COPY of some rows",
    "COMMENT ON MATERIALIZED VIEW",
  ),
  quote: doubled('"'),
  string: doubled("'"),
  parameterPrefix: "$",
  types: { number: "DECIMAL", string: "VARCHAR", bytea: "BLOB", jsonb: "JSON" },
  bareTypes: new Set(["bytea", "jsonb"]),
  calls: { to_char: toChar("strftime", {}) },
  operators: {
    "~": (left, right) => `regexp_matches(${left}, ${right})`,
    "~*": (left, right) => `regexp_matches(${left}, ${right}, 'i')`,
    "!~": (left, right) => `(NOT regexp_matches(${left}, ${right}))`,
    "!~*": (left, right) => `(NOT regexp_matches(${left}, ${right}, 'i'))`,
    "#": (left, right) => `xor(${left}, ${right})`,
    "^": (left, right) => `pow(${left}, ${right})`,
    "prefix |/": (argument) => `sqrt(${argument})`,
    "prefix ||/": (argument) => `cbrt(${argument})`,
    "prefix @": (argument) => `abs(${argument})`,
  },
  nulls: "last",
  refusedOperators: new Set(["#>", "#>>", "?", "?|", "?&", "@?", "@@"]),
  nullsInside: true,
  integerDivision: (left, right) => `((${left}) // (${right}))`,
  likeWithoutEscape: true,
};

/** Operators of PostgreSQL's JSON, arrays, bits and regular expressions. */
const FOREIGN_OPERATORS: ReadonlySet<string> = new Set(
  ["->", "->>", "#>", "#>>", "?", "?|", "?&", "@?", "@@", "@>", "<@", "&&", "<<", ">>", "~*", "!~*"],
);

const CLICKHOUSE_TYPES: Readonly<Record<string, string>> = {
  smallint: "Int16",
  int: "Int32",
  integer: "Int32",
  int4: "Int32",
  bigint: "Int64",
  int8: "Int64",
  real: "Float32",
  float4: "Float32",
  "double precision": "Float64",
  float8: "Float64",
  numeric: "Decimal",
  decimal: "Decimal",
  text: "String",
  varchar: "String",
  "character varying": "String",
  boolean: "Bool",
  bool: "Bool",
  date: "Date32",
  timestamp: "DateTime64(6)",
  timestamptz: "DateTime64(6, 'UTC')",
  "timestamp with time zone": "DateTime64(6, 'UTC')",
  uuid: "UUID",
};

/** `1 day` or `'1' DAY` with one field. */
function oneFieldInterval(value: string, fields: string | undefined): string | undefined {
  const match = /^\s*([-+]?\d+)\s*([a-z]*?)s?\s*$/i.exec(value);
  const unit = fields ?? match?.[2];
  return match === null || !unit ? undefined : `INTERVAL ${match[1]} ${unit.replace(/s$/, "").toUpperCase()}`;
}

const CLICKHOUSE: Dialect = {
  name: "clickhouse",
  title: "ClickHouse",
  unsupported: features(
    ...SNOWFLAKE_ONLY,
    "A recursive query",
    "SEARCH and CYCLE",
    "A data change in WITH",
    "GROUP BY DISTINCT",
    "UNION BY NAME",
    "NATURAL JOIN",
    "ASOF JOIN",
    "* RENAME",
    "PIVOT",
    "TRY_CAST",
    "SELECT INTO",
    "LATERAL",
    "ROWS FROM",
    "WITH ORDINALITY",
    "TABLESAMPLE",
    "GROUPS in a window frame",
    "EXCLUDE in a window frame",
    "WITHIN GROUP",
    "SIMILAR TO",
    "OVERLAPS",
    "OVERLAY",
    "IS JSON",
    "JSON constructors",
    "A named argument",
    "A bit string",
    "AT LOCAL",
    "COLLATE",
    "An interval of several fields",
    "An operator with a schema",
    "A quantified comparison",
    "ORDER BY USING",
    "MERGE",
    "ON CONFLICT",
    "INSERT OR",
    "RETURNING",
    "UPDATE FROM",
    "DELETE USING",
    "A materialized view",
    "An index",
    "A deferrable constraint",
    "IDENTITY",
    "COPY",
    "SHOW",
    "A named parameter",
    "A positional parameter",
    "BETWEEN SYMMETRIC",
    "LIKE ANY and LIKE ALL",
    "A record's *",
    "An alias of JOIN USING",
    "ON CONFLICT with an expression or a constraint",
    "A referential action",
    "A stored generated column",
    "NULLS NOT DISTINCT",
    "LIKE in CREATE TABLE",
    "A table without columns",
    "A select list without items",
    "Several ALTER actions",
    "RENAME CONSTRAINT",
    "ADD COLUMN with constraints",
    "View options",
    "RENAME COLUMN of a view",
    "Index options",
    "Several objects in one statement",
    "EXPLAIN options",
    "SET LOCAL",
    "SET of a list",
    "RESET ALL",
    "Transaction modes",
    "A savepoint",
    "COPY of some rows",
    "COMMENT ON MATERIALIZED VIEW",
  ),
  quote: backslashed("`"),
  string: backslashed("'"),
  types: CLICKHOUSE_TYPES,
  bareTypes: new Set(
    Object.keys(CLICKHOUSE_TYPES).filter((name) => name !== "numeric" && name !== "decimal"),
  ),
  calls: {
    to_char: toChar("formatDateTime", { MI: "%i" }),
    array_agg: "groupArray",
    random: ({ printer, call }) => printer.refuse("random()", call),
    string_agg: ({ values }) => `arrayStringConcat(groupArray(${values[0]}), ${values[1]})`,
    now: "now64",
    current_timestamp: "now64(6)",
    current_date: "today()",
  },
  operators: {
    "~": (left, right) => `match(${left}, ${right})`,
    "!~": (left, right) => `(NOT match(${left}, ${right}))`,
    "#": (left, right) => `bitXor(${left}, ${right})`,
    "&": (left, right) => `bitAnd(${left}, ${right})`,
    "|": (left, right) => `bitOr(${left}, ${right})`,
    "^": (left, right) => `pow(${left}, ${right})`,
  },
  nulls: "last",
  refusedOperators: FOREIGN_OPERATORS,
  integerDivision: (left, right) => `intDiv(${left}, ${right})`,
  arrayBrackets: true,
  interval: oneFieldInterval,
  typed: (type, value) => {
    if (type === "date") return `toDate32(${value})`;
    return type === "timestamp"
      ? `toDateTime64(${value}, 6)`
      : `CAST(${value} AS ${CLICKHOUSE_TYPES[type] ?? type})`;
  },
};

const SNOWFLAKE: Dialect = {
  name: "snowflake",
  title: "Snowflake",
  unsupported: features(
    "SEARCH and CYCLE",
    "A data change in WITH",
    "GROUP BY DISTINCT",
    "ORDER BY ALL",
    "SEMI and ANTI JOIN",
    "DISTINCT ON",
    "SELECT INTO",
    "FILTER",
    "ROWS FROM",
    "WITH ORDINALITY",
    "FETCH WITH TIES",
    "GROUPS in a window frame",
    "EXCLUDE in a window frame",
    "SIMILAR TO",
    "OVERLAPS",
    "OVERLAY",
    "IS JSON",
    "JSON constructors",
    "AT LOCAL",
    "COLLATE",
    "A bit string",
    "An interval of several fields",
    "An operator with a schema",
    "ORDER BY USING",
    "ON CONFLICT",
    "INSERT OR",
    "RETURNING",
    "MERGE NOT MATCHED BY SOURCE",
    "An index",
    "COPY",
    "WINDOW",
    "ASOF JOIN without MATCH_CONDITION",
    "A positional parameter",
    "BETWEEN SYMMETRIC",
    "LIKE ANY and LIKE ALL",
    "A record's *",
    "An alias of JOIN USING",
    "ON CONFLICT with an expression or a constraint",
    "A referential action",
    "A stored generated column",
    "NULLS NOT DISTINCT",
    "LIKE in CREATE TABLE",
    "A table without columns",
    "A select list without items",
    "Several ALTER actions",
    "RENAME CONSTRAINT",
    "ADD COLUMN with constraints",
    "View options",
    "RENAME COLUMN of a view",
    "Index options",
    "Several objects in one statement",
    "EXPLAIN options",
    "SET LOCAL",
    "SET of a list",
    "RESET ALL",
    "Transaction modes",
    "A savepoint",
    "COPY of some rows",
    "COMMENT ON MATERIALIZED VIEW",
  ),
  arrayBrackets: true,
  foldsUpper: true,
  quote: doubled('"'),
  string: (value) => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`,
  types: { text: "VARCHAR", jsonb: "VARIANT", json: "VARIANT", timestamptz: "TIMESTAMP_TZ", bytea: "BINARY" },
  bareTypes: new Set(),
  calls: {
    string_agg: ({ values }) => `LISTAGG(${values.join(", ")})`,
    now: "CURRENT_TIMESTAMP",
  },
  operators: {
    "~": (left, right) => `REGEXP_LIKE(${left}, '.*(' || ${right} || ').*', 's')`,
    "^": (left, right) => `POWER(${left}, ${right})`,
    "#": (left, right) => `BITXOR(${left}, ${right})`,
    "&": (left, right) => `BITAND(${left}, ${right})`,
    "|": (left, right) => `BITOR(${left}, ${right})`,
  },
  nulls: "postgresql",
  refusedOperators: FOREIGN_OPERATORS,
  integerDivision: (left, right) => `TRUNC((${left}) / (${right}))`,
  likeWithoutEscape: true,
  interval: (value, fields) => {
    const text = fields === undefined ? value : `${value} ${fields}`;
    return text.includes("'") ? undefined : `INTERVAL '${text}'`;
  },
};

/** All dialects by name. */
export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  postgresql: POSTGRESQL,
  duckdb: DUCKDB,
  clickhouse: CLICKHOUSE,
  snowflake: SNOWFLAKE,
  materialize: MATERIALIZE,
};
