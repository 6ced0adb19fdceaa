/**
 * Random tables: schemas, and rows with the values that break engines.
 *
 * NULLs, duplicates, empty tables, NaN, infinities, minus zero, extreme whole numbers, decimals and dates,
 * Unicode. Extremes come only in some schemas, for they make arithmetic overflow. Doubles are mostly dyadic, so
 * that the sums of peers, who add in any order, are exact too.
 *
 * @module
 */
import type { SeededRandom } from "../../src/base/random.ts";
import { formatDatum, parseDatum } from "../../src/query/functions/text_format.ts";
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
  SMALLINT,
  type SqlType,
  TEXT,
  TIME,
  TIMESTAMP,
  typeName,
} from "../../src/storage/sql_type.ts";

/** What the generators know of a type: operands of one family meet in operators. */
export type Family =
  | "boolean"
  | "whole"
  | "decimal"
  | "double"
  | "text"
  | "date"
  | "time"
  | "timestamp"
  | "interval"
  | "json"
  | "wholes"
  | "texts";

/** A column of a {@linkcode RandomTable}. */
export interface RandomColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly family: Family;
  readonly nullable: boolean;
}

/** A table with its rows. */
export interface RandomTable {
  readonly name: string;
  readonly columns: readonly RandomColumn[];
  /** The first column is a unique key. */
  readonly keyed: boolean;
  readonly rows: readonly (readonly Datum[])[];
}

const TYPES: Readonly<Record<Family, readonly SqlType[]>> = {
  boolean: [BOOLEAN],
  whole: [INTEGER, INTEGER, BIGINT, SMALLINT],
  decimal: [decimalType(12, 2), decimalType(9, 4), decimalType(30, 6)],
  double: [DOUBLE],
  text: [TEXT, TEXT, { kind: "text", maxLength: 12 }],
  date: [DATE],
  time: [TIME],
  timestamp: [TIMESTAMP],
  interval: [INTERVAL],
  json: [JSON_TYPE],
  wholes: [arrayType(INTEGER)],
  texts: [arrayType(TEXT)],
};

/** Families of columns, the frequent ones repeated. */
const COLUMN_FAMILIES: readonly Family[] = [
  ...["whole", "whole", "whole", "text", "text", "text", "decimal", "decimal", "double", "double"] as const,
  ...["boolean", "date", "date", "timestamp", "interval", "time", "json", "wholes", "texts"] as const,
];

/** Values that every engine handles alike, as text. */
export const PLAIN: Readonly<Record<Family, readonly string[]>> = {
  boolean: ["true", "false"],
  whole: ["0", "1", "2", "3", "4", "5", "7", "-1", "-2", "10", "42", "100"],
  decimal: ["0", "0.5", "1", "1.25", "-1.25", "2.50", "10.01", "99.99", "-0.01", "3.1415", "1000"],
  double: [
    "0",
    "-0",
    "0.5",
    "1",
    "1.5",
    "-1.5",
    "2",
    "-2.25",
    "3",
    "1024",
    "0.125",
    "NaN",
    "Infinity",
    "-Infinity",
  ],
  text: [
    ...["", "a", "b", "ab", "abc", "B", "A b", "hello", "a%b", "a_b", "x'y", "100", "42", " pad ", "zz"],
    ...["é", "Ünï", "日本", "😀", "e\u0301", "a\\b", '"q"', "NULL", "true", "a,b,c"],
  ],
  date: [
    "2024-01-01",
    "2024-02-29",
    "2023-12-31",
    "2024-03-10",
    "1999-12-31",
    "1970-01-01",
    "1969-07-20",
    "2000-02-28",
  ],
  time: ["00:00:00", "12:34:56", "23:59:59.999999", "06:00:00", "00:00:00.000001"],
  timestamp: [
    ...[
      "2024-01-01 00:00:00",
      "2024-02-29 12:34:56.789",
      "2023-12-31 23:59:59.999999",
      "1970-01-01 00:00:00",
    ],
    ...["1969-12-31 23:59:59.5", "2024-03-10 06:00:00", "2000-01-01 00:00:01"],
  ],
  interval: [
    ...[
      "0 days",
      "1 day",
      "24 hours",
      "1 month",
      "30 days",
      "-1 day",
      "1 year 2 months",
      "1 month -1 day 02:00:00",
    ],
    ...["00:00:00.5", "-3 months", "36:15:00"],
  ],
  json: [
    ...['{"a": 1}', '{"a": 2, "b": "x"}', '{"a": null}', "[1, 2, 3]", '"text"', "12", "1.50", "true", "null"],
    ...['{"a": {"b": [10, 20]}}', "[]", "{}", '{"b": "y", "a": "1"}', '[{"a": 5}, null]'],
  ],
  wholes: ["{}", "{1}", "{1,2}", "{2,1}", "{1,NULL,3}", "{5,5}", "{NULL}"],
  texts: ["{}", "{a}", "{a,b}", "{b,a}", "{NULL,a}", '{"x y",""}', '{"é","a\\"b"}'],
};

/** Values at the edges. */
export const EXTREME: Readonly<Record<Family, readonly string[]>> = {
  ...PLAIN,
  whole: [
    "32767",
    "-32768",
    "2147483647",
    "-2147483648",
    "9223372036854775807",
    "-9223372036854775808",
    "9007199254740993",
  ],
  decimal: ["9999999999.99", "-9999999999.99", "99999.9999", "0.0001", "123456789012345678901234.567891"],
  double: ["1e100", "1e-100", "4.9e-324", "9007199254740993", "0.1", "1e15", "123456789.123"],
  date: ["0001-01-01", "9999-12-31", "1582-10-15", "1900-02-28"],
  timestamp: ["0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "1582-10-15 00:00:00.000001"],
  interval: ["100 years", "-100 years 3 days", "1000000 hours", "00:00:00.000001"],
  text: ["\u{10ffff}", "ﬀ", "ß", "İ", "ǅ", "a\nb", "\t", "x".repeat(200), "퟿", "\u{1d11e}"],
};

/** The first letter of the names of columns, so that equal names have comparable types. */
export const LETTERS: Readonly<Record<Family, string>> = {
  boolean: "b",
  whole: "w",
  decimal: "n",
  double: "d",
  text: "t",
  date: "a",
  time: "o",
  timestamp: "s",
  interval: "i",
  json: "j",
  wholes: "v",
  texts: "x",
};

/** How a schema is made. */
export interface TableShape {
  readonly rowsMax: number;
  readonly extremes: boolean;
  readonly columnsMax: number;
}

/** A random value of `type` that it can hold, or NULL. */
export function randomDatum(
  random: SeededRandom,
  column: Pick<RandomColumn, "type" | "family" | "nullable">,
  extremes: boolean,
): Datum {
  const { type, family, nullable } = column;
  if (nullable && random.next() < 0.18) return null;
  for (;;) {
    const text = random.pick(extremes && random.next() < 0.15 ? EXTREME[family] : PLAIN[family]);
    try {
      return parseDatum(text, type);
    } catch {
      // This type cannot hold the value: take another.
    }
  }
}

/** A table of random columns and rows. */
export function randomTable(random: SeededRandom, name: string, shape: TableShape): RandomTable {
  const keyed = random.next() < 0.7;
  const columns: RandomColumn[] = [];
  if (keyed) {
    columns.push({ name: "id", type: random.pick([INTEGER, BIGINT]), family: "whole", nullable: false });
  }
  const count = random.integer(2, shape.columnsMax);
  // The first columns are of the families that joins and groups need.
  const wanted: Family[] = ["whole", "text"];
  for (let i = 0; i < count; i++) {
    const family = wanted[i] ?? random.pick(COLUMN_FAMILIES);
    const type = random.pick(TYPES[family]);
    columns.push({ name: `${LETTERS[family]}${i}`, type, family, nullable: random.next() < 0.75 });
  }
  const rowCount = random.next() < 0.08 ? 0 : random.integer(1, shape.rowsMax);
  const rows: Datum[][] = [];
  for (let i = 0; i < rowCount; i++) {
    const previous = rows[random.integer(0, Math.max(0, i - 1))];
    // Duplicates, but for the key.
    const copy = previous !== undefined && random.next() < 0.15;
    rows.push(columns.map((column, c) => {
      if (keyed && c === 0) return i + 1;
      return copy ? previous[c]! : randomDatum(random, column, shape.extremes);
    }));
  }
  return { name, columns, keyed, rows };
}

/** `CREATE TABLE` for `table`, with each type under the name that the dialect gives it. */
export function createTableSql(table: RandomTable, jsonName = "JSON"): string {
  const columns = table.columns.map((column, i) => {
    const type = column.type.kind === "json" ? jsonName : typeName(column.type);
    const constraint = table.keyed && i === 0 ? " PRIMARY KEY" : column.nullable ? "" : " NOT NULL";
    return `${column.name} ${type}${constraint}`;
  });
  return `CREATE TABLE ${table.name} (${columns.join(", ")})`;
}

/** `INSERT` of all rows, or nothing for an empty table; `literal` writes one value. */
export function insertSql(
  table: RandomTable,
  literal: (value: Datum, type: SqlType) => string = datumLiteral,
): string | undefined {
  if (table.rows.length === 0) return undefined;
  const rows = table.rows.map((row) =>
    `(${row.map((value, i) => literal(value, table.columns[i]!.type)).join(", ")})`
  );
  return `INSERT INTO ${table.name} VALUES ${rows.join(", ")}`;
}

/** A value as an untyped literal, which takes the type of its column. */
export function datumLiteral(value: Datum, type: SqlType): string {
  if (value === null) return "NULL";
  return `'${formatDatum(value, type).replaceAll("'", "''")}'`;
}
