/**
 * Importing a file: a new table with the columns of the file, or rows for a table that exists.
 *
 * @module
 */
import type { Database } from "../../src/kernel/database.ts";
import type { Plugin } from "../../src/kernel/plugin.ts";
import { SchemaError } from "../../src/base/error.ts";
import { suggestion } from "../../src/query/name_suggestion.ts";
import type { BatchColumn, ColumnBatch } from "../../src/storage/column_batch.ts";
import { type SqlType, typeName } from "../../src/storage/sql_type.ts";
import { castColumn } from "./cast_batch.ts";
import type { ColumnSource } from "./column_source.ts";
import { tableNameOf } from "./file_format.ts";
import { fileName, type FilePath } from "./file_source.ts";
import { isInferenceMisfit } from "./input_error.ts";
import { openColumnSource, type OpenOptions } from "./open_file.ts";
import { foldNames, quoteIdentifier } from "./sql_name.ts";

/** The part of a database that importing needs. */
export type ImportTarget = Pick<Database<readonly Plugin[]>, "exec" | "transaction" | "catalog">;

/** How a file is imported. */
export interface ImportOptions extends Omit<OpenOptions, "inferFromAll"> {
  /** Name of the table; made of the file's name by default. */
  readonly table?: string;
  /** Create the table; true by default. With false the table must exist and its types hold. */
  readonly create?: boolean;
  /** Drop a table of that name first. */
  readonly replace?: boolean;
  /** Columns of the primary key of a new table. */
  readonly primaryKey?: readonly string[];
}

/** What was imported. */
export interface ImportResult {
  readonly table: string;
  readonly rowCount: number;
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
}

/**
 * Imports `path`. When a value does not fit the types that were inferred from a sample, the import starts
 * again with types from all rows. Either all rows are imported or none, and no new table stays behind.
 *
 * @throws {SchemaError} `invalid-input` naming file, line and column
 */
export async function importFile(
  db: ImportTarget,
  path: FilePath,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const table = options.table ?? tableNameOf(fileName(path));
  if (options.create === false) return await importInto(db, table, path, options);
  try {
    return await importNew(db, table, path, options);
  } catch (error) {
    if (!isInferenceMisfit(error)) throw error;
    return await importNew(db, table, path, { ...options, inferFromAll: true });
  }
}

async function importNew(
  db: ImportTarget,
  table: string,
  path: FilePath,
  options: ImportOptions & OpenOptions,
): Promise<ImportResult> {
  const source = await openColumnSource(path, options);
  const names = foldNames(source.columns.map(({ name }) => name));
  const columns = source.columns.map(({ type }, i) => ({ name: names[i]!, type: storable(type) }));
  const lines = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${typeName(type)}`);
  if (options.primaryKey !== undefined) {
    lines.push(`PRIMARY KEY (${options.primaryKey.map(quoteIdentifier).join(", ")})`);
  }
  const target = quoteIdentifier(table);
  if (options.replace === true) await db.exec(`DROP TABLE IF EXISTS ${target}`);
  await db.exec(`CREATE TABLE ${target} (${lines.join(", ")})`);
  try {
    const rowCount = await db.transaction(async (transaction) => {
      let rows = 0;
      for await (const batch of source.batches()) {
        rows += await transaction.insert(table, renamed(batch, source, names));
      }
      return rows;
    });
    return { table, rowCount, columns };
  } catch (error) {
    await db.exec(`DROP TABLE ${target}`);
    throw error;
  }
}

/** The type of a new column: a bare NULL has none of its own. */
function storable(type: SqlType): SqlType {
  return type.kind === "null" ? { kind: "text" } : type;
}

function renamed(batch: ColumnBatch, source: ColumnSource, names: readonly string[]): ColumnBatch {
  const columns: Record<string, BatchColumn> = {};
  source.columns.forEach(({ name }, i) => columns[names[i]!] = batch.columns[name]!);
  return { rowCount: batch.rowCount, columns };
}

async function importInto(
  db: ImportTarget,
  table: string,
  path: FilePath,
  options: ImportOptions,
): Promise<ImportResult> {
  const columns = tableColumns(db.catalog, table);
  const rowCount = await db.transaction((transaction) =>
    insertFile({ path, table, columns, options }, (batch) => transaction.insert(table, batch))
  );
  return { table, rowCount, columns };
}

/** The columns of a table that rows may be given for. */
export function tableColumns(
  catalog: ImportTarget["catalog"],
  table: string,
): { readonly name: string; readonly type: SqlType }[] {
  const relation = catalog.relation(table);
  if (relation === undefined || relation.kind !== "table") {
    throw new SchemaError("unknown-object", `There is no table "${table}"`, {
      details: { table },
      hint: suggestion(table, catalog.relationNames()) ?? "create it first",
    });
  }
  return relation.columns.filter((column) => column.generated === undefined).map(({ name, type }) => ({
    name,
    type,
  }));
}

/** A file and the columns of the table that its rows go to. */
export interface FileInsert {
  readonly path: FilePath;
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
  readonly options: OpenOptions;
}

/**
 * Gives the rows of a file to `insert`, in the types of the table; the number of rows is returned. Columns of
 * the file are matched to those of the table by name, letter case aside.
 */
export async function insertFile(
  { path, table, columns, options }: FileInsert,
  insert: (batch: ColumnBatch) => Promise<number>,
): Promise<number> {
  const types: Record<string, SqlType> = { ...options.types };
  for (const { name, type } of columns) types[name] = type;
  const opened = await openColumnSource(path, { ...options, types });
  const folded = foldNames(opened.columns.map(({ name }) => name));
  const file = fileName(path);
  const matches = opened.columns.map((column, i) => {
    const target = columns.find(({ name }) => name === column.name) ??
      columns.find(({ name }) => name === folded[i]);
    if (target !== undefined) return { column, target };
    throw new SchemaError(
      "unknown-object",
      `Table "${table}" has no column "${column.name}", which ${file} has`,
      {
        details: { table, column: column.name },
        hint: suggestion(column.name, columns.map(({ name }) => name)) ??
          `columns are ${columns.map(({ name }) => name).join(", ")}`,
      },
    );
  });
  let rows = 0;
  for await (const batch of opened.batches()) {
    const converted: Record<string, BatchColumn> = {};
    for (const { column, target } of matches) {
      converted[target.name] = castColumn(batch.columns[column.name]!, column.type, target.type, {
        file,
        column: column.name,
        rowStart: rows,
      });
    }
    rows += await insert({ rowCount: batch.rowCount, columns: converted });
  }
  return rows;
}
