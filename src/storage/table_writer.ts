/**
 * The statements of one transaction on one table: each holds all constraints at its end or changes nothing.
 *
 * A statement prepares its input (types, ranges, NOT NULL), takes rows whose keys change out of their indexes,
 * writes, asks the CHECKs, and puts the rows back into the indexes, where a duplicate key shows. On failure the
 * undo log takes the values back. So `SET k = k + 1` works, and indexes never hold a key that a row does not have.
 * Costs: O(1) a row and column, plus one index operation a row and affected index.
 *
 * @module
 */
import { SchemaError } from "../base/error.ts";
import { preparedAt, prepareDatums, type PreparedColumn, prepareVector } from "./column_source.ts";
import { checkViolationError, duplicateKeyError } from "./constraint_error.ts";
import { identicalDatums } from "./datum_order.ts";
import { sameAt, vectorDatum } from "./datum_vector.ts";
import type { Datum } from "./sql_type.ts";
import type { Table } from "./table.ts";
import type { TableIndex } from "./table_index.ts";
import { RowList } from "./row_list.ts";
import { findByVectors, hasForms, pairByKey, rowOfVectors, type RowVectors } from "./row_replacement.ts";
import type { UndoLog, UndoMark, UndoTarget } from "./undo_log.ts";
import { acceptDatum, type ValueSite } from "./value_check.ts";
import { CHUNK_ROWS, type Vector } from "./vector.ts";

/** What an insert did. */
export interface InsertResult {
  /** The first new row. The others follow it when `contiguous`. */
  readonly firstRow: number;
  readonly count: number;
  /** All new row ids, in input order. */
  rowIds(): Int32Array;
}

/** New values of one column for the rows of an update, in their order. */
export interface ColumnAssignment {
  readonly ordinal: number;
  readonly values: Vector | readonly Datum[];
}

interface PreparedAssignment {
  readonly ordinal: number;
  readonly source: PreparedColumn;
}

/** From here on rows are deleted together. */
const MANY_ROWS = 16;

const NO_INDEXES: readonly TableIndex[] = [];

/** Writes one table within one transaction; the next one uses it again. */
export class TableWriter {
  readonly table: Table;
  /** The transaction; undefined between two. */
  owner: object | undefined;
  log: UndoLog;
  /** Rows when the transaction first wrote to the table. */
  rowCountBefore: number;
  #sites: readonly ValueSite[];
  /** Rows whose insertion was taken back. */
  readonly #undone = new RowList();
  #undo: UndoTarget | undefined;

  constructor(table: Table, owner: object) {
    this.table = table;
    this.owner = owner;
    this.rowCountBefore = table.rowCount;
    this.#sites = table.sites;
    table.beginWrite();
    this.log = table.takeLog();
  }

  /** The writer of `table` for a transaction that begins to write to it. */
  static begin(table: Table, owner: object): TableWriter {
    const { writer } = table;
    if (writer === undefined) return table.writer = new TableWriter(table, owner);
    writer.rowCountBefore = table.rowCount;
    writer.#sites = table.sites;
    writer.#undone.clear();
    table.beginWrite();
    writer.log = table.takeLog();
    writer.owner = owner;
    return writer;
  }

  /** Where values of each column go, for messages. */
  get sites(): readonly ValueSite[] {
    return this.#sites;
  }

  /** Ends the writing: slots of rows that are gone may be used again from the next transaction on. */
  end(): void {
    this.owner = undefined;
    if (this.log.deleted.count > 0) this.table.reclaimLater(this.log.deleted.view());
    if (this.#undone.count > 0) this.table.reclaimLater(this.#undone.view().slice());
  }

  /** Inserts `count` rows. */
  insert(columns: readonly PreparedColumn[], count: number): InsertResult {
    const { table, log } = this;
    const mark = log.mark();
    let rows: Int32Array;
    try {
      rows = table.allocator.prefersReuse(count, table.slotCount)
        ? this.#reuseMany(columns, count)
        : this.#append(columns, count);
      this.#runChecks(rows, undefined);
      this.#attach(rows, table.indexes, undefined);
    } catch (error) {
      this.#undoValues(mark);
      throw error;
    }
    this.#checkMemory(mark);
    return { firstRow: count === 0 ? -1 : rows[0], count, rowIds: () => rows };
  }

  /** Inserts one row; returns its id. */
  insertRow(values: readonly Datum[]): number {
    const { table, log } = this;
    const sites = this.#sites;
    if (values.length !== sites.length) throw columnCountError(table, values.length);
    const accepted = new Array<Datum>(values.length);
    for (let i = 0; i < values.length; i++) accepted[i] = acceptDatum(sites[i], values[i], 0);
    table.account.check();
    this.#refuseDuplicate(accepted);
    const { checks } = table.definition;
    const mark = checks !== undefined && checks.length > 0 ? log.mark() : undefined;
    const reused = table.allocator.prefersReuse(1, table.slotCount);
    const row = reused ? this.#reuse(accepted) : table.appendRow(accepted);
    if (!reused) log.noteInsert(row, 1);
    if (mark !== undefined) {
      try {
        this.#runChecks(Int32Array.of(row), undefined);
      } catch (error) {
        this.#undoValues(mark);
        throw error;
      }
    }
    for (const index of table.indexes) index.add(row);
    return row;
  }

  /** Refuses a row that {@linkcode TableWriter.insertRow} would, but for its keys; stores nothing. */
  checkRow(values: readonly Datum[]): void {
    const { table, log } = this;
    const accepted = this.#sites.map((site, i) => acceptDatum(site, values[i]!, 0));
    const { checks } = table.definition;
    if (checks === undefined || checks.length === 0) return;
    const mark = log.mark();
    const row = table.appendRow(accepted);
    log.noteInsert(row, 1);
    try {
      this.#runChecks(Int32Array.of(row), undefined);
    } finally {
      this.#undoValues(mark);
    }
  }

  /** Overwrites columns of rows. Rows that are deleted, or named twice, are passed over; returns the count. */
  update(rowIds: ArrayLike<number>, assignments: readonly ColumnAssignment[]): number {
    const prepared = assignments.map(({ ordinal, values }) => ({
      ordinal,
      source: this.#prepare(ordinal, values, rowIds.length),
    }));
    const inputs = this.#liveInputs(rowIds);
    return this.overwrite(inputs.map((input) => rowIds[input]), prepared, inputs);
  }

  /** Overwrites columns of live rows, each once; `inputs` says where their values are. Returns the count. */
  overwrite(
    rows: Int32Array,
    columns: readonly PreparedAssignment[],
    inputs: Int32Array | undefined,
  ): number {
    const { table, log } = this;
    const ordinals = columns.map(({ ordinal }) => ordinal);
    const indexes = table.indexes.filter((index) => sharesOrdinal(index.definition.ordinals, ordinals));
    for (const index of indexes) index.removeAll(rows);
    const mark = log.mark();
    for (const { ordinal, source } of columns) {
      log.noteUpdates(ordinal, (saved) => table.overwrite({ ordinal, rows, source, inputs, saved }));
    }
    try {
      this.#runChecks(rows, ordinals);
      this.#attach(rows, indexes, inputs);
    } catch (error) {
      this.#undoValues(mark);
      for (const index of indexes) index.addAll(rows, rows.length);
      throw error;
    }
    this.#checkMemory(mark);
    return rows.length;
  }

  /** Overwrites columns of one row, unless it is deleted. */
  updateRow(row: number, ordinals: readonly number[], values: readonly Datum[]): void {
    const { table } = this;
    if (!table.isLive(row)) return;
    const { checks } = table.definition;
    if (checks !== undefined && checks.some((check) => sharesOrdinal(check.ordinals, ordinals))) {
      this.update([row], ordinals.map((ordinal, i) => ({ ordinal, values: [values[i]] })));
      return;
    }
    table.account.check();
    const accepted = new Array<Datum>(values.length);
    for (let i = 0; i < values.length; i++) accepted[i] = acceptDatum(this.#sites[ordinals[i]], values[i], 0);
    const moved = this.#indexesOf(row, ordinals, accepted);
    for (const index of moved) index.remove(row);
    for (let i = 0; i < ordinals.length; i++) this.#putValue(row, ordinals[i], accepted[i]);
    for (const index of moved) index.add(row);
  }

  /** Deletes rows; those that are deleted already are passed over. Returns how many were deleted. */
  delete(rowIds: ArrayLike<number>): number {
    if (rowIds.length < MANY_ROWS) {
      let count = 0;
      for (let i = 0; i < rowIds.length; i++) if (this.deleteRow(rowIds[i])) count++;
      return count;
    }
    const rows = this.#liveInputs(rowIds);
    for (let i = 0; i < rows.length; i++) rows[i] = rowIds[rows[i]];
    for (const index of this.table.indexes) index.removeAll(rows);
    this.log.noteDeletes(rows);
    this.table.tombstoneAll(rows);
    return rows.length;
  }

  /** Deletes a row; false when it is deleted already. */
  deleteRow(row: number): boolean {
    const { table } = this;
    if (!table.isLive(row)) return false;
    for (const index of table.indexes) index.remove(row);
    this.log.noteDelete(row);
    table.tombstone(row);
    return true;
  }

  /** Deletes all rows; returns how many there were. */
  truncate(): number {
    const { table } = this;
    const count = table.rowCount;
    for (const rows of table.liveRows()) {
      for (const row of rows) {
        this.log.noteDelete(row);
        table.tombstone(row);
      }
    }
    for (const index of table.indexes) index.clear();
    return count;
  }

  /** Deletes a row equal to each of `rows`; returns how many were found. */
  deleteByValue(rows: readonly (readonly Datum[])[]): number {
    const { table } = this;
    let count = 0;
    for (const values of rows) {
      if (values.length !== this.#sites.length) throw columnCountError(table, values.length);
      const row = table.findByValue(values);
      if (row >= 0 && this.deleteRow(row)) count++;
    }
    return count;
  }

  /** Deletes a row equal to each of `gone` and inserts `come` in their places; returns how many were found. */
  replaceRows(gone: readonly (readonly Datum[])[], come: readonly (readonly Datum[])[]): number {
    const { table } = this;
    let count = 0;
    for (const values of gone) {
      const row = table.findByValue(values);
      if (row < 0) continue;
      if (count < come.length) this.#replaceRow(row, values, come[count]);
      else this.deleteRow(row);
      count++;
    }
    for (let i = count; i < come.length; i++) this.insertRow(come[i]);
    return count;
  }

  /** As {@linkcode TableWriter.replaceRows}, column by column. */
  replaceVectors(gone: RowVectors, come: RowVectors): number {
    const { table } = this;
    const found = findByVectors(table, gone);
    let count = found.rows.length;
    // Before rows come, which might be equal.
    for (const i of found.left) {
      const row = table.findByValue(rowOfVectors(gone.columns, i));
      if (row >= 0 && this.deleteRow(row)) count++;
    }
    const columns = come.columns.map((vector, ordinal) => ({
      ordinal,
      source: prepareVector(this.#sites[ordinal], vector, come.count),
    }));
    const { same, rest } = pairByKey(table, found, gone, come);
    if (same.rows.length > 0) {
      const keys = table.rowOrdinals;
      // An equal key may look different.
      const others = columns.filter(({ ordinal }) =>
        !keys.includes(ordinal) || hasForms(this.#sites[ordinal].column.type)
      );
      this.overwrite(same.rows, others, same.inputs);
    }
    const placed = Math.min(rest.rows.length, rest.inputs.length);
    if (placed > 0) this.overwrite(rest.rows.subarray(0, placed), columns, rest.inputs.subarray(0, placed));
    this.delete(rest.rows.subarray(placed));
    if (placed < rest.inputs.length) {
      const inputs = rest.inputs.subarray(placed);
      const own = inputs.length === come.count;
      this.insert(
        columns.map(({ source }) => own ? source : preparedAt(source, inputs)),
        inputs.length,
      );
    }
    return count;
  }

  /**
   * Overwrites a live row, which is row `before` of `columns`, with row `i`, without looking at constraints: a view
   * has none.
   */
  replaceAt(row: number, columns: readonly Vector[], before: number, i: number): void {
    const { table } = this;
    table.account.check();
    const { indexes } = table;
    // What is refused must not have left an index.
    for (let j = 0; indexes.length > 0 && j < columns.length; j++) {
      acceptDatum(this.#sites[j], vectorDatum(columns[j], i), i);
    }
    for (let j = 0; j < indexes.length; j++) indexes[j].remove(row);
    for (let j = 0; j < columns.length; j++) {
      const column = columns[j];
      // To read the stored value would be to wait for memory.
      if (column.kind !== "lazy" && sameAt(column, before, i)) continue;
      this.#putValue(row, j, acceptDatum(this.#sites[j], vectorDatum(columns[j], i), i));
    }
    for (let j = 0; j < indexes.length; j++) indexes[j].add(row);
  }

  /** As {@linkcode TableWriter.replaceAt} of many rows, each once; `inputs` says where in `columns` their values are. */
  replaceManyAt(rows: Int32Array, { columns, count }: RowVectors, inputs: Int32Array): void {
    const prepared = columns.map((vector, ordinal) => ({
      ordinal,
      source: prepareVector(this.#sites[ordinal], vector, count),
    }));
    this.overwrite(rows, prepared, inputs);
  }

  #replaceRow(row: number, before: readonly Datum[], after: readonly Datum[]): void {
    const { table } = this;
    table.account.check();
    const accepted = new Array<Datum>(after.length);
    for (let i = 0; i < after.length; i++) accepted[i] = acceptDatum(this.#sites[i], after[i], 0);
    table.leaveIndexes(row, before, accepted);
    for (let i = 0; i < accepted.length; i++) this.#putValue(row, i, accepted[i]);
    table.enterIndexes(row, before, accepted);
  }

  /** Takes back everything after `mark`. */
  undo(mark: UndoMark): void {
    const { table, log } = this;
    const keys = new Set(table.indexes.flatMap((index) => index.definition.ordinals));
    const rows = log.rowsSince(mark, keys);
    for (const row of rows) if (table.isLive(row)) { for (const index of table.indexes) index.remove(row); }
    this.#undoValues(mark);
    const live = rows.filter((row) => table.isLive(row));
    for (const index of table.indexes) index.addAll(live, live.length);
  }

  #undoValues(mark: UndoMark): void {
    const { table } = this;
    this.#undo ??= {
      remove: (row) => {
        table.tombstone(row);
        this.#undone.add(row);
      },
      restore: (row) => table.restore(row),
      put: (row, ordinal, value) => table.put(row, ordinal, value),
    };
    this.log.walkBack(mark, this.#undo);
    this.log.truncate(mark);
  }

  #checkMemory(mark: UndoMark): void {
    try {
      this.table.account.check();
    } catch (error) {
      this.undo(mark);
      throw error;
    }
  }

  #prepare(ordinal: number, values: Vector | readonly Datum[], count: number): PreparedColumn {
    const site = this.#sites[ordinal];
    return "kind" in values ? prepareVector(site, values, count) : prepareDatums(site, values, count);
  }

  #append(columns: readonly PreparedColumn[], count: number): Int32Array {
    const { table, log } = this;
    const rows = new Int32Array(count);
    let at = 0;
    table.append(columns, count, (first, length) => {
      log.noteInsert(first, length);
      for (let i = 0; i < length; i++) rows[at++] = first + i;
      table.account.check();
    });
    return rows;
  }

  #reuseMany(columns: readonly PreparedColumn[], count: number): Int32Array {
    const { table, log } = this;
    const rows = table.allocator.takeMany(count);
    table.reuseRows(rows, columns);
    for (let i = 0; i < count; i++) log.noteInsert(rows[i], 1);
    return rows;
  }

  #reuse(values: readonly Datum[]): number {
    const row = this.table.allocator.take();
    this.table.reuseRow(row, values);
    this.log.noteInsert(row, 1);
    return row;
  }

  /** Positions in `rowIds` of live rows, each row once. */
  #liveInputs(rowIds: ArrayLike<number>): Int32Array {
    const seen = isAscending(rowIds) ? undefined : new Set<number>();
    const inputs = new Int32Array(rowIds.length);
    let count = 0;
    for (let i = 0; i < rowIds.length; i++) {
      if (!this.table.isLive(rowIds[i])) continue;
      if (seen !== undefined) {
        if (seen.has(rowIds[i])) continue;
        seen.add(rowIds[i]);
      }
      inputs[count++] = i;
    }
    return inputs.subarray(0, count);
  }

  /** The indexes in which the row's key changes. Throws `duplicate-key` when another row has the new key. */
  #indexesOf(row: number, ordinals: readonly number[], values: readonly Datum[]): readonly TableIndex[] {
    let moved: TableIndex[] | undefined;
    for (const index of this.table.indexes) {
      if (!sharesOrdinal(index.definition.ordinals, ordinals)) continue;
      const old = index.reader.key(row);
      const key = index.definition.ordinals.map((ordinal, part) => {
        const at = ordinals.lastIndexOf(ordinal);
        return at < 0 ? old[part] : values[at];
      });
      if (key.every((part, i) => identicalDatums(part, old[i]))) continue;
      if (index.definition.unique && !key.includes(null)) {
        const other = index.find(key);
        if (other >= 0 && other !== row) {
          throw duplicateKeyError(this.table.definition, index.definition, key, 0);
        }
      }
      (moved ??= []).push(index);
    }
    return moved ?? NO_INDEXES;
  }

  #putValue(row: number, ordinal: number, value: Datum): void {
    const old = this.table.get(row, ordinal);
    if (identicalDatums(old, value)) return;
    this.log.noteUpdate(ordinal, row, old);
    this.table.put(row, ordinal, value);
  }

  /** Throws `duplicate-key` when a row has a key of the new one. */
  #refuseDuplicate(values: readonly Datum[]): void {
    for (const index of this.table.indexes) {
      if (!index.definition.unique) return;
      const key = index.definition.ordinals.map((ordinal) => values[ordinal]);
      if (index.find(key) < 0) continue;
      throw duplicateKeyError(this.table.definition, index.definition, key, 0);
    }
  }

  /** Puts rows into `indexes`, or throws `duplicate-key` leaving them in none. */
  #attach(rows: Int32Array, indexes: readonly TableIndex[], inputs: Int32Array | undefined): void {
    for (let i = 0; i < indexes.length; i++) {
      const added = indexes[i].addAll(rows, rows.length);
      if (added === rows.length) continue;
      for (let row = 0; row < added; row++) indexes[i].remove(rows[row]);
      for (let j = 0; j < i; j++) for (const row of rows) indexes[j].remove(row);
      const key = indexes[i].reader.key(rows[added]);
      throw duplicateKeyError(this.table.definition, indexes[i].definition, key, inputs?.[added] ?? added);
    }
  }

  /** Evaluates the CHECKs that read one of `ordinals`, all when `undefined`. */
  #runChecks(rows: Int32Array, ordinals: readonly number[] | undefined): void {
    const { table } = this;
    const { checks = [], columns } = table.definition;
    const due = checks.filter((check) => ordinals === undefined || sharesOrdinal(check.ordinals, ordinals));
    if (due.length === 0) return;
    const sources = columns.map((_, ordinal) => table.storedColumn(ordinal));
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
      const part = rows.subarray(from, Math.min(rows.length, from + CHUNK_ROWS));
      const chunk = {
        size: part.length,
        columns: sources.map((source): Vector => ({ kind: "lazy", rows: part, source })),
      };
      for (const check of due) {
        const at = check.firstViolation(chunk);
        if (at >= 0) throw checkViolationError(table.definition, check.name, table.row(part[at]), from + at);
      }
    }
  }
}

function sharesOrdinal(a: readonly number[], b: readonly number[]): boolean {
  return a.some((ordinal) => b.includes(ordinal));
}

function isAscending(rows: ArrayLike<number>): boolean {
  for (let i = 1; i < rows.length; i++) if (rows[i - 1] >= rows[i]) return false;
  return true;
}

function columnCountError(table: Table, received: number): SchemaError {
  return new SchemaError(
    "column-count",
    `Table ${table.name} has ${table.definition.columns.length} columns: received a row of ${received} values`,
    { details: { table: table.name, received }, hint: "give one value per column, in table order" },
  );
}
