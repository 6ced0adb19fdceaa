/**
 * A write transaction over any tables of a store: statements that hold or leave no trace, savepoints, commit and
 * rollback. It reads its own writes; nobody else sees them before the commit.
 *
 * Writes go in place and are noted in an undo log per table (table_writer.ts), so that a commit has nothing left
 * to do but to count the version and hand out deltas: O(tables written). Rollback is O(changes).
 *
 * @module
 */
import { InvariantError, SchemaError } from "../base/error.ts";
import type { BatchColumn, ColumnBatch } from "./column_batch.ts";
import { prepareBatchColumn, prepareDatums, type PreparedColumn, prepareVector } from "./column_source.ts";
import { nextSlice } from "./compaction.ts";
import type { TableDelta } from "./delta.ts";
import { TransactionDelta } from "./transaction_delta.ts";
import type { Datum } from "./sql_type.ts";
import type { Table } from "./table.ts";
import type { TableSnapshot } from "./table_view.ts";
import type { RowVectors } from "./row_replacement.ts";
import { type ColumnAssignment, type InsertResult, TableWriter } from "./table_writer.ts";
import type { UndoMark } from "./undo_log.ts";
import type { Vector } from "./vector.ts";

/** Rows as datums, each with one value per column in table order. */
export interface RowBatch {
  readonly rows: readonly (readonly Datum[])[];
}

/** What a commit did. */
export interface Commit {
  /** The store's version from now on; the one before when nothing was written. */
  readonly version: number;
  /** One per changed table. Valid until that table's next change. */
  readonly deltas: readonly TableDelta[];
}

/** A place to roll back to. */
export interface Savepoint {
  readonly marks: ReadonlyMap<Table, UndoMark>;
}

/** What a transaction needs of its store. */
export interface TransactionHost {
  /** The table of that name; throws when there is none. */
  requireTable(name: string): Table;
  /** Called before the first change of `table`. */
  beforeWrite(table: Table): void;
  snapshotOf(table: Table): TableSnapshot;
  finishCommit(writers: readonly TableWriter[]): Commit;
  finishRollback(writers: readonly TableWriter[]): void;
}

const START: UndoMark = { opCount: 0, insertedCount: 0, deletedCount: 0, savedCounts: new Map() };

/** A write transaction. Tables are named or given as objects; row ids stay valid until their row is deleted. */
export class Transaction {
  readonly #host: TransactionHost;
  readonly #writers: TableWriter[] = [];
  #open = true;

  constructor(host: TransactionHost) {
    this.#host = host;
  }

  /** False after commit or rollback. */
  get isOpen(): boolean {
    return this.#open;
  }

  /**
   * Inserts rows. Columns that a {@linkcode ColumnBatch} does not name become NULL. Throws SchemaError
   * `duplicate-key`, `not-null-violation`, `check-violation` or `invalid-input` with row, column and value,
   * LimitError `memory-limit`; the table is then as before.
   */
  insert(table: Table | string, batch: ColumnBatch | RowBatch): InsertResult {
    const writer = this.#writer(table);
    if ("rows" in batch) return writer.insert(prepareRows(writer, batch.rows), batch.rows.length);
    checkColumnNames(writer.table, batch.columns);
    const columns = writer.sites.map((site) =>
      prepareBatchColumn(site, batch.columns[site.column.name], batch.rowCount)
    );
    return writer.insert(columns, batch.rowCount);
  }

  /** Inserts the first `count` rows of vectors, one per column in table order. */
  insertVectors(table: Table | string, vectors: readonly Vector[], count: number): InsertResult {
    const writer = this.#writer(table);
    checkColumnCount(writer.table, vectors.length);
    const columns = writer.sites.map((site, ordinal) => prepareVector(site, vectors[ordinal], count));
    return writer.insert(columns, count);
  }

  /** Inserts one row of values in table order; returns its row id. */
  insertRow(table: Table | string, values: readonly Datum[]): number {
    return this.#writer(table).insertRow(values);
  }

  /** Refuses a row that {@linkcode Transaction.insertRow} would, but for its keys; stores nothing. */
  checkRow(table: Table | string, values: readonly Datum[]): void {
    this.#writer(table).checkRow(values);
  }

  /**
   * Overwrites columns of rows; `values` are in the order of `rowIds`. Deleted rows, and a row's second
   * occurrence, are passed over. Returns how many rows were addressed.
   */
  updateRows(
    table: Table | string,
    rowIds: ArrayLike<number>,
    assigned: readonly ColumnAssignment[],
  ): number {
    return this.#writer(table).update(rowIds, assigned);
  }

  /** As {@linkcode Transaction.updateRows}, with columns of a batch; `rowIds` are live and ascend. */
  updateColumns(
    table: Table | string,
    rowIds: Int32Array,
    assigned: readonly { readonly ordinal: number; readonly column: BatchColumn }[],
  ): number {
    const writer = this.#writer(table);
    const prepared = assigned.map(({ ordinal, column }) => ({
      ordinal,
      source: prepareBatchColumn(writer.sites[ordinal], column, rowIds.length),
    }));
    return writer.overwrite(rowIds, prepared, undefined);
  }

  /** Overwrites columns of one row. */
  updateRow(table: Table | string, row: number, ordinals: readonly number[], values: readonly Datum[]): void {
    this.#writer(table).updateRow(row, ordinals, values);
  }

  /** Deletes rows; those that are deleted already are passed over. Returns how many were deleted. */
  deleteRows(table: Table | string, rowIds: ArrayLike<number>): number {
    return this.#writer(table).delete(rowIds);
  }

  /** Deletes one row; false when it was deleted already. */
  deleteRow(table: Table | string, row: number): boolean {
    return this.#writer(table).deleteRow(row);
  }

  /** Deletes all rows; returns how many there were. */
  truncate(table: Table | string): number {
    return this.#writer(table).truncate();
  }

  /**
   * Deletes one row equal to each of `rows` (NULL equals NULL); equal rows must be given as often as they are
   * to be deleted. Returns how many were found.
   */
  deleteByValue(table: Table | string, rows: readonly (readonly Datum[])[]): number {
    return this.#writer(table).deleteByValue(rows);
  }

  /**
   * As {@linkcode Transaction.deleteByValue} of `gone` and then an insert of `come`; rows that come take the places
   * of those that go. Returns how many were found.
   */
  replaceRows(
    table: Table | string,
    gone: readonly (readonly Datum[])[],
    come: readonly (readonly Datum[])[],
  ): number {
    return this.#writer(table).replaceRows(gone, come);
  }

  /** As {@linkcode Transaction.replaceRows}, with rows in vectors, one per column in table order. */
  replaceVectors(table: Table | string, gone: RowVectors, come: RowVectors): number {
    return this.#writer(table).replaceVectors(gone, come);
  }

  /** Overwrites a live row of a view, which is row `before` of `columns`, with row `i`. */
  replaceAt(
    table: Table | string,
    row: number,
    columns: readonly Vector[],
    place: { readonly before: number; readonly after: number },
  ): void {
    this.#writer(table).replaceAt(row, columns, place.before, place.after);
  }

  /** Overwrites live rows of a view, each once, with those that are at `inputs` of `columns`. */
  replaceManyAt(table: Table | string, rows: Int32Array, columns: RowVectors, inputs: Int32Array): void {
    this.#writer(table).replaceManyAt(rows, columns, inputs);
  }

  /**
   * Moves up to `rowsMax` rows out of sparse segments, so that those can be given up. Values stay, row ids of the
   * moved rows change, as the delta says. Returns how many were moved; 0 when nothing is sparse.
   */
  compact(table: Table | string, rowsMax: number): number {
    const writer = this.#writer(table);
    const slice = nextSlice(writer.table, rowsMax);
    if (slice === undefined) return 0;
    writer.delete(slice.rows);
    this.insertVectors(writer.table, slice.columns, slice.rows.length);
    return slice.rows.length;
  }

  /** The row with this primary key, or -1. A NULL finds nothing. */
  findByKey(table: Table | string, key: readonly Datum[]): number {
    return this.#table(table).findByPrimaryKey(key);
  }

  /** Appends the row ids with this key in the columns `ordinals` to `into`; needs an index over them. */
  findRows(table: Table | string, ordinals: readonly number[], key: readonly Datum[], into: number[]): void {
    const { indexes, name } = this.#table(table);
    const index = indexes.find(({ definition }) => sameOrdinals(definition.ordinals, ordinals));
    if (index === undefined) {
      throw new InvariantError("invariant", `Table ${name} has no index over columns [${ordinals}]`);
    }
    index.findAll(key, into);
  }

  /**
   * The row that agrees with `values` (in table order) on a unique key, or -1: on the key over the columns
   * `ordinals`, or on any when they are not given. A key with a NULL agrees with nothing.
   */
  findConflict(table: Table | string, values: readonly Datum[], ordinals?: readonly number[]): number {
    const { indexes, name, definition } = this.#table(table);
    const unique = indexes.filter((index) =>
      index.definition.unique &&
      (ordinals === undefined ||
        sameOrdinals([...index.definition.ordinals].sort(byValue), [...ordinals].sort(byValue)))
    );
    if (unique.length === 0 && ordinals !== undefined) {
      throw new SchemaError("unknown-object", `Table ${name} has no unique key over these columns`, {
        details: { table: name, columns: ordinals.map((ordinal) => definition.columns[ordinal]?.name) },
        hint: "name the columns of the primary key or of a UNIQUE constraint",
      });
    }
    for (const index of unique) {
      const row = index.find(index.definition.ordinals.map((ordinal) => values[ordinal]));
      if (row >= 0) return row;
    }
    return -1;
  }

  /** What the transaction has changed so far, one delta a table; valid until that table's next change. */
  deltas(): readonly TableDelta[] {
    this.#checkOpen();
    const deltas: TableDelta[] = [];
    for (const { table, log } of this.#writers) {
      if (!log.isEmpty) deltas.push(new TransactionDelta(table, log, table.version + 1));
    }
    return deltas;
  }

  /** All values of a row. */
  row(table: Table | string, row: number): Datum[] {
    return this.#table(table).row(row);
  }

  /** The table with this transaction's writes; release it when done. */
  snapshot(table: Table | string): TableSnapshot {
    return this.#host.snapshotOf(this.#table(table));
  }

  /** The current place, to roll back to. */
  savepoint(): Savepoint {
    this.#checkOpen();
    return { marks: new Map(this.#writers.map((writer) => [writer.table, writer.log.mark()])) };
  }

  /** Takes back everything after `savepoint`; the transaction goes on. */
  rollbackTo(savepoint: Savepoint): void {
    this.#checkOpen();
    for (const writer of this.#writers) writer.undo(savepoint.marks.get(writer.table) ?? START);
  }

  /** Makes the writes visible to all under a new version. */
  commit(): Commit {
    this.#close();
    return this.#host.finishCommit(this.#writers);
  }

  /** Takes all writes back. Does nothing when the transaction is closed already. */
  rollback(): void {
    if (!this.#open) return;
    this.#close();
    for (const writer of this.#writers) writer.undo(START);
    this.#host.finishRollback(this.#writers);
  }

  /** The writer of a table so far, for who must see the state before it. */
  writerOf({ writer }: Table): TableWriter | undefined {
    return writer?.owner === this ? writer : undefined;
  }

  #table(table: Table | string): Table {
    this.#checkOpen();
    return typeof table === "string" ? this.#host.requireTable(table) : table;
  }

  #writer(name: Table | string): TableWriter {
    const table = this.#table(name);
    const { writer } = table;
    if (writer?.owner === this) return writer;
    this.#host.beforeWrite(table);
    const begun = TableWriter.begin(table, this);
    this.#writers.push(begun);
    return begun;
  }

  #close(): void {
    this.#checkOpen();
    this.#open = false;
  }

  #checkOpen(): void {
    if (this.#open) return;
    throw new InvariantError(
      "transaction-closed",
      "Cannot use the transaction: it was committed or rolled back",
      {
        hint: "begin another one",
      },
    );
  }
}

function prepareRows(writer: TableWriter, rows: readonly (readonly Datum[])[]): PreparedColumn[] {
  const { table } = writer;
  for (const row of rows) checkColumnCount(table, row.length);
  return writer.sites.map((site, ordinal) =>
    prepareDatums(site, rows.map((row) => row[ordinal]), rows.length)
  );
}

function checkColumnNames(table: Table, columns: Readonly<Record<string, BatchColumn>>): void {
  const { columns: known } = table.definition;
  for (const name of Object.keys(columns)) {
    if (known.some((column) => column.name === name)) continue;
    throw new SchemaError("unknown-object", `Table ${table.name} has no column ${name}`, {
      details: { table: table.name, column: name },
      hint: `its columns are ${known.map((column) => column.name).join(", ")}`,
    });
  }
}

function checkColumnCount(table: Table, received: number): void {
  const expected = table.definition.columns.length;
  if (received === expected) return;
  throw new SchemaError(
    "column-count",
    `Table ${table.name} has ${expected} columns: received ${received} values in a row`,
    { details: { table: table.name, expected, received }, hint: "give one value per column, in table order" },
  );
}

function sameOrdinals(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((ordinal, i) => ordinal === b[i]);
}

function byValue(a: number, b: number): number {
  return a - b;
}
