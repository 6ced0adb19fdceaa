/**
 * Tables of the package vega-datasets in a database: what the example specs draw.
 *
 * Types are taken from the values; a text that reads as a date in nearly all rows is a date.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { vegaDataset } from "../../../examples/demo/vega_dataset.ts";
import type { ChartCatalog, ChartColumn, ChartRow } from "../../../connectors/charts/chart_kind.ts";
import { createDatabase, type Database } from "../../../mod.ts";
import type { Query } from "../../../src/query/ast.ts";
import { type SqlType, typeName } from "../../../src/storage/sql_type.ts";

/** A database with a catalogue for compilers. */
export interface ChartTables {
  readonly db: Database;
  readonly catalog: ChartCatalog;
  /** Rows as they are on the wire. */
  rows(query: Query | string): Promise<ChartRow[]>;
}

const DATE_TEXT = /^(\d{4}-\d\d-\d\d|\d{4}\/\d\d?\/\d\d?|[A-Z][a-z]{2} \d\d? \d{4}|\d\d?\/\d\d?\/\d{4})/;

/** Loads files of the package as tables named like them. */
export async function chartTables(files: readonly string[], rowsMax = 2000): Promise<ChartTables> {
  const db = createDatabase();
  const columns = new Map<string, readonly ChartColumn[]>();
  for (const file of files) {
    const name = file.replace(/\.\w+$/, "");
    const rows = (await fileRows(file)).slice(0, rowsMax);
    columns.set(name, await addTable(db, name, rows));
  }
  const catalog: ChartCatalog = {
    columns: (name) => columns.get(name),
    relationNames: () => [...columns.keys()],
    timeZone: "UTC",
  };
  return { db, catalog, rows: (query) => wireRows(db, query) };
}

/** Creates a table for `rows` and fills it. */
export async function addTable(
  db: Database,
  name: string,
  rows: readonly ChartRow[],
): Promise<readonly ChartColumn[]> {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((column): ChartColumn => ({
    name: column,
    type: typeOf(rows.map((row) => row[column] ?? null)),
  }));
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const list = columns.map((column) => `${quoted(column.name)} ${typeName(column.type)}`);
  await db.exec(`CREATE TABLE ${quoted(name)} (${list.join(", ")})`);
  await db.insert(
    name,
    rows.map((row) =>
      Object.fromEntries(columns.map(({ name, type }) => [name, stored(row[name] ?? null, type)]))
    ),
  );
  return columns;
}

async function fileRows(file: string): Promise<ChartRow[]> {
  const text = await readFile(await vegaDataset(file), "utf8");
  if (file.endsWith(".json")) return (JSON.parse(text) as ChartRow[]).map(flat);
  const [header, ...lines] = text.trim().split(/\r?\n/);
  const separator = file.endsWith(".tsv") ? "\t" : ",";
  const names = fields(header!, separator);
  return lines.map((line) => {
    const values = fields(line, separator);
    return Object.fromEntries(names.map((name, i) => [name, scalar(values[i] ?? "")]));
  });
}

function fields(line: string, separator: string): string[] {
  const pattern = separator === "," ? /("(?:[^"]|"")*"|[^,]*)(,|$)/g : /([^\t]*)(\t|$)/g;
  const found: string[] = [];
  for (const match of line.matchAll(pattern)) {
    found.push(match[1]!.replace(/^"|"$/g, "").replaceAll('""', '"'));
    if (match[2] === "") break;
  }
  return found;
}

function scalar(text: string): unknown {
  if (text === "") return null;
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Without nested values, which tables do not have. */
function flat(row: ChartRow): ChartRow {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => typeof value !== "object" || value === null),
  );
}

function typeOf(values: readonly unknown[]): SqlType {
  const present = values.filter((value) => value !== null && value !== "");
  if (present.length === 0) return { kind: "text" };
  if (present.every((value) => typeof value === "boolean")) return { kind: "boolean" };
  if (present.every((value) => typeof value === "number")) {
    return present.every((value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31)
      ? { kind: "integer" }
      : { kind: "double" };
  }
  const dates = present.filter((value) =>
    DATE_TEXT.test(String(value)) && !Number.isNaN(Date.parse(String(value)))
  );
  if (dates.length < present.length * 0.99) return { kind: "text" };
  return present.some((value) => /\d:\d\d/.test(String(value))) ? { kind: "timestamp" } : { kind: "date" };
}

function stored(value: unknown, type: SqlType): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case "date":
    case "timestamp": {
      const text = String(value);
      const time = Date.parse(
        /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?$/.test(text) ? `${text.replace(" ", "T")}Z` : text,
      );
      return Number.isNaN(time) ? null : new Date(time);
    }
    case "text":
      return String(value);
    default:
      return value === "" ? null : value;
  }
}

async function wireRows(db: Database, query: Query | string): Promise<ChartRow[]> {
  const result = await db.query(query);
  const kinds = result.columns.map(({ sqlType }) => sqlType.kind);
  return result.rows().map((row) =>
    Object.fromEntries(row.map((value, i) => [result.columns[i]!.name, wireValue(value, kinds[i]!)]))
  );
}

function wireValue(value: unknown, kind: string): unknown {
  if (value instanceof Date) return kind === "date" ? value.toISOString().slice(0, 10) : value.toISOString();
  return typeof value === "bigint" ? String(value) : value;
}
