/**
 * Bulk insertion: objects, columns or storage batches into a table, without SQL.
 *
 * Defaults are evaluated once per statement unless they are volatile; constraints are checked as for INSERT.
 * Either all rows are inserted or none.
 *
 * @module
 */
import { SchemaError } from "../base/error.ts";
import { evaluateRow } from "../exec/row_evaluator.ts";
import type { CatalogColumn, CatalogTable } from "../query/catalog.ts";
import { castDatum } from "../query/functions/cast.ts";
import type { Scalar } from "../query/plan.ts";
import { suggestion } from "../query/name_suggestion.ts";
import type { BatchColumn, ColumnBatch } from "../storage/column_batch.ts";
import { BIGINT, type Datum, TEXT } from "../storage/sql_type.ts";
import type { Transaction } from "../storage/transaction.ts";
import { bindDefinition } from "./bind_definition.ts";
import { fillGenerated, hasGenerated, requireNotGenerated, withGenerated } from "./generated_column.ts";
import type { Kernel } from "./kernel.ts";
import type { Session } from "./session.ts";
import { datumsToColumn, placedDatum, type ValuePlace, valuesToColumn } from "./value_input.ts";

/** Rows as objects, one row, columns by name (every value an array), or a batch in storage units. */
export type InputRows =
  | readonly Readonly<Record<string, unknown>>[]
  | Readonly<Record<string, unknown>>
  | Readonly<Record<string, ArrayLike<unknown>>>
  | ColumnBatch;

/** Up to here rows are inserted one by one. */
const FEW_ROWS = 8;

/** Inserts into `table`; gives the number of rows. */
export async function insertRows(
  kernel: Kernel,
  session: Session,
  table: string,
  input: InputRows,
): Promise<number> {
  const relation = kernel.catalog.relation(table);
  if (relation === undefined || relation.kind !== "table" || kernel.store.table(table) === undefined) {
    throw new SchemaError("unknown-object", `There is no table "${table}"`, {
      details: { table },
      hint: suggestion(table, kernel.catalog.relationNames()) ?? "create it first",
    });
  }
  const rows = isRow(input) ? [input] : input;
  if (Array.isArray(rows) && rows.length <= FEW_ROWS) return await insertFew(kernel, session, relation, rows);
  const given = toBatch(kernel, relation, rows);
  const batch = hasGenerated(relation) ? withGenerated(kernel, relation, given) : given;
  if (session.transaction === undefined) {
    await kernel.write((transaction) => transaction.insert(table, batch));
  } else {
    const savepoint = session.transaction.savepoint();
    try {
      session.transaction.insert(table, batch);
    } catch (error) {
      session.transaction.rollbackTo(savepoint);
      throw error;
    }
  }
  return batch.rowCount;
}

/** An object is one row unless every value of it is an array: then it holds columns. */
function isRow(input: InputRows): input is Readonly<Record<string, unknown>> {
  if (Array.isArray(input) || isBatch(input)) return false;
  for (const name in input) {
    const value = (input as Readonly<Record<string, unknown>>)[name];
    if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return !isArrayLike(value);
  }
  return false;
}

/** Vectors of other libraries have a length and are no arrays. */
function isArrayLike(value: unknown): boolean {
  return typeof value === "object" && value !== null && "length" in value && typeof value.length === "number";
}

/** Row by row: for a few rows, putting columns together costs more than the rows. */
async function insertFew(
  kernel: Kernel,
  session: Session,
  table: CatalogTable,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<number> {
  const datums = new Array<Datum[]>(rows.length);
  for (let i = 0; i < rows.length; i++) datums[i] = toDatums(kernel, table, rows[i]!, i);
  if (hasGenerated(table)) fillGenerated(kernel, table, datums);
  const { transaction } = session;
  const write = (target: Transaction) => {
    for (const row of datums) target.insertRow(table.name, row);
  };
  if (transaction === undefined) await kernel.write(write);
  else if (rows.length === 1) write(transaction);
  else {
    const savepoint = transaction.savepoint();
    try {
      write(transaction);
    } catch (error) {
      transaction.rollbackTo(savepoint);
      throw error;
    }
  }
  return rows.length;
}

function toDatums(
  kernel: Kernel,
  table: CatalogTable,
  row: Readonly<Record<string, unknown>>,
  index: number,
): Datum[] {
  requireObject(table, row, index);
  let named = 0;
  const { columns } = table;
  const text = { timeZone: kernel.timeZone };
  const datums = new Array<Datum>(columns.length);
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    const value = ownValue(row, column.name);
    if (value !== undefined) {
      named++;
      if (column.generated !== undefined) requireNotGenerated(table, column.name);
      datums[i] = placedDatum(value, column.type, index, { table: table.name, column: column.name, text });
      continue;
    }
    if (Object.hasOwn(row, column.name)) named++;
    datums[i] = !hasDefault(column) ? null : defaultDatums(kernel, table.name, column, 1)[0]!;
  }
  // A count that differs means a name that the table does not have; which one is worth finding only then.
  let given = 0;
  for (const _ in row) given++;
  if (given !== named) Object.keys(row).forEach((name) => requireColumn(table, name));
  return datums;
}

function toBatch(kernel: Kernel, table: CatalogTable, rows: InputRows): ColumnBatch {
  const batch = isBatch(rows)
    ? { rowCount: rows.rowCount, columns: columnsByName(rows.columns) }
    : Array.isArray(rows)
    ? fromObjects(kernel, table, rows)
    : fromColumns(kernel, table, rows as Readonly<Record<string, ArrayLike<unknown>>>);
  for (const name of Object.keys(batch.columns)) {
    requireColumn(table, name);
    requireNotGenerated(table, name);
  }
  return withDefaults(kernel, table, batch);
}

function isBatch(rows: InputRows): rows is ColumnBatch {
  return !Array.isArray(rows) && "rowCount" in rows && typeof rows.rowCount === "number" && "columns" in rows;
}

function fromObjects(
  kernel: Kernel,
  table: CatalogTable,
  rows: readonly Readonly<Record<string, unknown>>[],
): ColumnBatch {
  const named: string[] = [];
  for (let i = 0; i < rows.length; i++) {
    requireObject(table, rows[i], i);
    let at = 0;
    // Most rows name the same columns in the same order.
    for (const name in rows[i]) if (named[at++] !== name && !named.includes(name)) named.push(name);
  }
  for (const name of named) requireColumn(table, name);
  const columns = columnsByName();
  for (const column of table.columns) {
    if (!named.includes(column.name)) continue;
    const values = new Array<unknown>(rows.length);
    let missing = false;
    const inherited = column.name in Object.prototype;
    for (let i = 0; i < rows.length; i++) {
      const value = inherited ? ownValue(rows[i]!, column.name) : rows[i]![column.name];
      if (value === undefined) missing = true;
      values[i] = value;
    }
    const place = { table: table.name, column: column.name, text: { timeZone: kernel.timeZone } };
    columns[column.name] = missing && hasDefault(column)
      ? datumsToColumn(filledDatums(kernel, column, values, place), column.type)
      : valuesToColumn(values, column.type, place);
  }
  return { rowCount: rows.length, columns };
}

/** A row that leaves out a column takes the DEFAULT, like INSERT does. */
function filledDatums(
  kernel: Kernel,
  column: CatalogColumn,
  values: readonly unknown[],
  place: ValuePlace,
): Datum[] {
  const defaults = defaultDatums(kernel, place.table, column, values.length);
  return values.map((value, row) =>
    value === undefined ? defaults[row]! : placedDatum(value, column.type, row, place)
  );
}

function fromColumns(
  kernel: Kernel,
  table: CatalogTable,
  source: Readonly<Record<string, ArrayLike<unknown>>>,
): ColumnBatch {
  let rowCount = -1;
  const columns = columnsByName();
  for (const [name, values] of Object.entries(source)) {
    const column = requireColumn(table, name);
    if (rowCount >= 0 && values.length !== rowCount) {
      throw new SchemaError(
        "invalid-input",
        `Column "${name}" has ${values.length} values: the others have ${rowCount}`,
        {
          details: { table: table.name, column: name, expected: rowCount, actual: values.length },
          hint: "give every column the same number of values",
        },
      );
    }
    rowCount = values.length;
    columns[name] = valuesToColumn(values, column.type, {
      table: table.name,
      column: name,
      text: { timeZone: kernel.timeZone },
    });
  }
  return { rowCount: Math.max(rowCount, 0), columns };
}

function withDefaults(kernel: Kernel, table: CatalogTable, batch: ColumnBatch): ColumnBatch {
  const missing = table.columns.filter((column) =>
    hasDefault(column) && batch.columns[column.name] === undefined
  );
  if (missing.length === 0) return batch;
  const columns = columnsByName(batch.columns);
  for (const column of missing) {
    columns[column.name] = datumsToColumn(
      defaultDatums(kernel, table.name, column, batch.rowCount),
      column.type,
    );
  }
  return { rowCount: batch.rowCount, columns };
}

function hasDefault(column: CatalogColumn): boolean {
  return column.defaultValue !== undefined || column.identity !== undefined;
}

function defaultDatums(kernel: Kernel, table: string, column: CatalogColumn, count: number): Datum[] {
  const scalar = defaultScalar(kernel, table, column);
  const env = kernel.rowEnvironment();
  return Array.from({ length: count }, () => {
    const value = evaluateRow(scalar, () => null, env);
    return value === null ? null : castDatum(value, scalar.type, column.type, false, env);
  });
}

function defaultScalar(kernel: Kernel, table: string, column: CatalogColumn): Scalar {
  if (column.defaultValue !== undefined) return bindDefinition(kernel, column.defaultValue);
  const sequence: Scalar = { kind: "literal", value: `${table}.${column.name}`, type: TEXT };
  return { kind: "call", name: "nextval", arguments: [sequence], type: BIGINT };
}

/** `constructor` and its like are values of a row only where the row has them itself. */
function ownValue(row: Readonly<Record<string, unknown>>, name: string): unknown {
  return !(name in Object.prototype) || Object.hasOwn(row, name) ? row[name] : undefined;
}

/** An object without prototype: `__proto__` and `constructor` are names like any other. */
function columnsByName(columns?: Readonly<Record<string, BatchColumn>>): Record<string, BatchColumn> {
  // Object.create gives any.
  return Object.assign(Object.create(null) as Record<string, BatchColumn>, columns);
}

function requireObject(table: CatalogTable, row: unknown, index: number): void {
  if (typeof row === "object" && row !== null) return;
  throw new SchemaError(
    "invalid-input",
    `Row ${index} of "${table.name}" is not an object: received ${String(row)}`,
    {
      details: { row: index, table: table.name },
      hint: "pass rows as objects by column name",
    },
  );
}

function requireColumn(table: CatalogTable, name: string): CatalogColumn {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const names = table.columns.map((candidate) => candidate.name);
  throw new SchemaError("unknown-object", `Table "${table.name}" has no column "${name}"`, {
    details: { table: table.name, column: name },
    hint: suggestion(name, names) ?? `columns are ${names.join(", ")}`,
  });
}
