/**
 * Updates and deletes by primary key, without SQL: the write path of change streams.
 *
 * One index lookup and one write a row; no statement is parsed or planned. All rows are written or none.
 *
 * @module
 */
import { LiveViewError, messageWithoutHint, SchemaError } from "../base/error.ts";
import { suggestion } from "../query/name_suggestion.ts";
import { type Datum, typeName } from "../storage/sql_type.ts";
import type { Table } from "../storage/table.ts";
import type { Transaction } from "../storage/transaction.ts";
import { requireNoGenerated } from "./generated_column.ts";
import { BATCH_ROWS, deleteBatch, updateBatch } from "./keyed_batch.ts";
import type { Kernel } from "./kernel.ts";
import type { Session } from "./session.ts";
import { valueToDatum } from "./value_input.ts";

/** One row or several, as objects by column name; each holds the whole primary key. */
export type KeyedRows = Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[];

/** Overwrites the named columns of the rows with these keys; gives how many were found. */
export async function updateByKey(
  kernel: Kernel,
  session: Session,
  table: string,
  rows: KeyedRows,
): Promise<number> {
  const relation = kernel.catalog.relation(table);
  if (relation?.kind === "table") requireNoGenerated(relation);
  const one: RowWrite = (transaction, target, row, rowId) => {
    const { columns, primaryKey } = target.definition;
    const ordinals: number[] = [];
    const values: Datum[] = [];
    for (const name in row) {
      const ordinal = ordinalOf(target, name);
      if (primaryKey.includes(ordinal)) continue;
      ordinals.push(ordinal);
      values.push(datumOf(row[name], target, ordinal, kernel.timeZone));
    }
    if (ordinals.length === 0) {
      throw new SchemaError("invalid-input", `An update of "${target.name}" names only the key`, {
        details: { table: target.name, columns: columns.map((column) => column.name) },
        hint: "give the columns to change too",
      });
    }
    transaction.updateRow(target, rowId, ordinals, values);
  };
  return await writeByKey(kernel, session, table, { rows, one, batch: updateBatch });
}

/** Deletes the rows with these keys; gives how many were found. */
export function deleteByKey(
  kernel: Kernel,
  session: Session,
  table: string,
  keys: KeyedRows,
): Promise<number> {
  const one: RowWrite = (transaction, target, _row, rowId) => transaction.deleteRow(target, rowId);
  return writeByKey(kernel, session, table, { rows: keys, one, batch: deleteBatch });
}

type Row = Readonly<Record<string, unknown>>;

type RowWrite = (transaction: Transaction, table: Table, row: Row, rowId: number) => void;

/** How to write one row, and how many; `batch` gives undefined when they have to go one by one. */
interface KeyedWrite<Rows> {
  readonly rows: Rows;
  readonly one: RowWrite;
  readonly batch: (kernel: Kernel, transaction: Transaction, table: Table, rows: readonly Row[]) =>
    | number
    | undefined;
}

async function writeByKey(
  kernel: Kernel,
  session: Session,
  name: string,
  { rows, one, batch }: KeyedWrite<KeyedRows>,
): Promise<number> {
  const table = requireKeyed(kernel, name);
  // Array.isArray does not narrow readonly arrays.
  const list = Array.isArray(rows) ? rows as readonly Row[] : [rows as Row];
  const write = { rows: list, one, batch };
  const { transaction } = session;
  if (transaction === undefined) return await kernel.write((own) => writeRows(kernel, own, table, write));
  // A single row that fails has changed nothing, so it needs no savepoint.
  if (list.length === 1) return writeRows(kernel, transaction, table, write);
  const savepoint = transaction.savepoint();
  try {
    return writeRows(kernel, transaction, table, write);
  } catch (error) {
    transaction.rollbackTo(savepoint);
    throw error;
  }
}

function writeRows(
  kernel: Kernel,
  transaction: Transaction,
  table: Table,
  { rows, one, batch }: KeyedWrite<readonly Row[]>,
): number {
  if (rows.length >= BATCH_ROWS) {
    const written = batch(kernel, transaction, table, rows);
    if (written !== undefined) return written;
  }
  const { primaryKey, columns } = table.definition;
  const key = new Array<Datum>(primaryKey.length);
  let count = 0;
  for (const row of rows) {
    for (let i = 0; i < primaryKey.length; i++) {
      const value = row[columns[primaryKey[i]!]!.name];
      if (value === undefined || value === null) throw missingKey(table, columns[primaryKey[i]!]!.name);
      key[i] = datumOf(value, table, primaryKey[i]!, kernel.timeZone);
    }
    const rowId = transaction.findByKey(table, key);
    if (rowId < 0) continue;
    one(transaction, table, row, rowId);
    count++;
  }
  return count;
}

function requireKeyed(kernel: Kernel, name: string): Table {
  const table = kernel.store.table(name);
  if (table === undefined || table.definition.kind !== "table") {
    throw new SchemaError("unknown-object", `There is no table "${name}"`, {
      details: { table: name },
      hint: suggestion(name, kernel.catalog.relationNames()) ?? "create it first",
    });
  }
  if (table.definition.primaryKey.length > 0) return table;
  throw new SchemaError("unknown-object", `Table "${name}" has no primary key`, {
    details: { table: name },
    hint: "use UPDATE or DELETE in SQL, or declare a PRIMARY KEY",
  });
}

function ordinalOf(table: Table, name: string): number {
  const { columns } = table.definition;
  for (let i = 0; i < columns.length; i++) if (columns[i]!.name === name) return i;
  const names = columns.map((column) => column.name);
  throw new SchemaError("unknown-object", `Table "${table.name}" has no column "${name}"`, {
    details: { table: table.name, column: name },
    hint: suggestion(name, names) ?? `columns are ${names.join(", ")}`,
  });
}

function datumOf(value: unknown, table: Table, ordinal: number, timeZone: string): Datum {
  const { name, type } = table.definition.columns[ordinal]!;
  try {
    return valueToDatum(value, type, { timeZone });
  } catch (cause) {
    if (!(cause instanceof LiveViewError)) throw cause;
    throw new SchemaError("invalid-input", `${messageWithoutHint(cause)}, in column ${table.name}.${name}`, {
      details: { table: table.name, column: name, type: typeName(type) },
      hint: cause.hint ?? `give a value of type ${typeName(type)}`,
      cause,
    });
  }
}

function missingKey(table: Table, column: string): SchemaError {
  return new SchemaError("invalid-input", `A row for "${table.name}" lacks the key column "${column}"`, {
    details: { table: table.name, column },
    hint: "give the whole primary key",
  });
}
