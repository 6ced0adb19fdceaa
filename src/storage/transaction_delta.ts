/**
 * The delta of one transaction on one table, read from its undo log and the table.
 *
 * Consolidated by row id: a row that was inserted and deleted again is not in it, a row that was updated several
 * times is there once with its first old and its last new values, and a row that ended as it began is not in it.
 * Nothing is computed before somebody asks; rows are then read late, by row id, and only old values of updated
 * columns are put together one by one. O(changed rows), with a sort when they were not changed in row order.
 *
 * @module
 */
import { chunksOfRows, type DeltaChunk, type DeltaRun, type TableDelta } from "./delta.ts";
import { identicalDatums } from "./datum_order.ts";
import { vectorOfDatums } from "./datum_vector.ts";
import { type DenseVector, densify } from "./gather.ts";
import type { Datum } from "./sql_type.ts";
import type { Table } from "./table.ts";
import { type SavedColumns, type SavedValues, sortedDistinct, type UndoLog } from "./undo_log.ts";
import type { StoredColumn } from "./table_view.ts";
import type { Vector } from "./vector.ts";

/** A {@linkcode TableDelta} that is valid until the table's next change. */
export class TransactionDelta implements TableDelta {
  readonly version: number;
  readonly #table: Table;
  readonly #log: UndoLog;
  #rows: NetRows | undefined;

  constructor(table: Table, log: UndoLog, version: number) {
    this.#table = table;
    this.#log = log;
    this.version = version;
  }

  get table(): string {
    return this.#table.name;
  }

  get rowCount(): number {
    const { removed, added } = this.#netRows();
    return removed.length + added.length;
  }

  /** The row ids that went and those that came; each list ascends, and updated rows are in both. */
  rows(): NetRows {
    return this.#netRows();
  }

  /** A column of all rows, those that went first, value by value: for few rows. */
  column(ordinal: number): Vector {
    const { removed, added } = this.#netRows();
    const { type } = this.#table.definition.columns[ordinal];
    const values: Datum[] = [];
    const saved = this.#log.saved.get(ordinal);
    for (let i = 0; i < removed.length; i++) values.push(this.#oldValue(saved, removed[i], ordinal));
    for (let i = 0; i < added.length; i++) values.push(this.#table.get(added[i], ordinal));
    return vectorOfDatums(type, values);
  }

  #oldValue(saved: SavedValues | undefined, row: number, ordinal: number): Datum {
    const index = saved === undefined ? -1 : saved.firstIndex(row);
    return index < 0 ? this.#table.get(row, ordinal) : saved!.values[index];
  }

  *chunks(): Generator<DeltaChunk, void, undefined> {
    const { removed, added } = this.#netRows();
    const sources = this.#table.definition.columns.map((_, ordinal) => this.#table.storedColumn(ordinal));
    yield* chunksOfRows(
      removed,
      -1,
      (rows) => sources.map((source, ordinal) => this.#oldColumn(source, ordinal, rows)),
    );
    yield* chunksOfRows(
      added,
      1,
      (rows) => sources.map((source): Vector => ({ kind: "lazy", rows, source })),
    );
  }

  runs(): readonly DeltaRun[] {
    const { removed, added } = this.#netRows();
    const runs: DeltaRun[] = [];
    if (removed.length > 0) {
      runs.push({
        size: removed.length,
        weight: -1,
        rowIds: removed,
        column: (ordinal) => this.#oldColumn(this.#table.storedColumn(ordinal), ordinal, removed),
      });
    }
    if (added.length > 0) {
      runs.push({
        size: added.length,
        weight: 1,
        rowIds: added,
        column: (ordinal) => ({ kind: "lazy", rows: added, source: this.#table.storedColumn(ordinal) }),
      });
    }
    return runs;
  }

  #oldColumn(source: StoredColumn, ordinal: number, rows: Int32Array): Vector {
    const saved = this.#log.saved.get(ordinal);
    const lazy: Vector = { kind: "lazy", rows, source };
    if (saved === undefined || saved.rows.count === 0) return lazy;
    const dense = densify(lazy, rows.length);
    if (restoreNumbers(dense, rows, saved)) return dense;
    const values = new Array<Datum>(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const index = saved.firstIndex(rows[i]);
      values[i] = index < 0 ? this.#table.get(rows[i], ordinal) : saved.values[index];
    }
    const first = source.segments[0];
    return vectorOfDatums(source.type, values, first?.kind === "codes" ? first.dictionary : undefined);
  }

  #netRows(): NetRows {
    return this.#rows ??= netRows(this.#table, this.#log);
  }
}

const NO_ROWS: Int32Array = new Int32Array(0);

/** What rows went and came. */
export interface NetRows {
  readonly removed: Int32Array;
  readonly added: Int32Array;
}

function netRows(table: Table, log: UndoLog): NetRows {
  const row = loneRow(log);
  if (row >= 0) {
    const rows = new Int32Array(1);
    rows[0] = row;
    if (log.saved.size > 0) return { removed: rows, added: rows };
    return log.deleted.count > 0 ? { removed: rows, added: NO_ROWS } : { removed: NO_ROWS, added: rows };
  }
  const inserted = insertedRows(log);
  const deleted = log.deleted.count === 0 ? NO_ROWS : sortedDistinct(log.deleted.view());
  const insertedToo = log.mayTouchInserted ? inserted : NO_ROWS;
  const deletedToo = log.mayDeleteUpdated ? deleted : NO_ROWS;
  let updated = NO_ROWS;
  if (log.saved.size > 0) {
    let touched: Int32Array = NO_ROWS;
    let once = true;
    for (let i = 0; i < log.saved.size; i++) {
      touched = union(touched, sortedDistinct(log.saved.at(i).rows.view()));
      once &&= log.saved.at(i).eachOnce;
    }
    const rows = without(without(touched, insertedToo), deletedToo);
    // A row that was overwritten once has changed.
    updated = once ? rows : rows.filter((row) => hasChanged(table, log.saved, row));
  }
  return {
    removed: merged(without(deleted, insertedToo), updated),
    added: merged(log.mayTouchInserted ? without(inserted, deleted) : inserted, updated),
  };
}

/** The row that was inserted, or deleted, or updated once, if that is all; -1 otherwise. */
function loneRow({ inserted, deleted, saved }: UndoLog): number {
  if (saved.size === 0) {
    if (inserted.count === 0 && deleted.count === 1) return deleted.at(0);
    return deleted.count === 0 && inserted.count === 2 && inserted.at(1) === 1 ? inserted.at(0) : -1;
  }
  if (inserted.count > 0 || deleted.count > 0) return -1;
  let row = -1;
  for (let i = 0; i < saved.size; i++) {
    const { rows } = saved.at(i);
    if (rows.count === 0) continue;
    if (rows.count > 1 || (row >= 0 && rows.at(0) !== row)) return -1;
    row = rows.at(0);
  }
  return row;
}

function insertedRows(log: UndoLog): Int32Array {
  const { inserted } = log;
  let total = 0;
  for (let i = 1; i < inserted.count; i += 2) total += inserted.at(i);
  if (total === 0) return NO_ROWS;
  const rows = new Int32Array(total);
  let count = 0;
  for (let i = 0; i < inserted.count; i += 2) {
    const first = inserted.at(i);
    const end = first + inserted.at(i + 1);
    for (let row = first; row < end; row++) rows[count++] = row;
  }
  return sortedDistinct(rows);
}

function hasChanged(table: Table, saved: SavedColumns, row: number): boolean {
  for (let i = 0; i < saved.size; i++) {
    const values = saved.at(i);
    const index = values.firstIndex(row);
    if (index >= 0 && !identicalDatums(values.values[index], table.get(row, saved.ordinalAt(i)))) return true;
  }
  return false;
}

/** Puts saved numbers in the place of the current ones; false when some are of another kind. */
function restoreNumbers(now: DenseVector, rows: Int32Array, saved: SavedValues): boolean {
  if (now.nulls !== null || (now.kind !== "i32" && now.kind !== "f64")) return false;
  const { values } = now;
  for (let i = 0; i < rows.length; i++) {
    const index = saved.firstIndex(rows[i]);
    if (index < 0) continue;
    const value = saved.values[index];
    if (typeof value !== "number") return false;
    values[i] = value;
  }
  return true;
}

/** The elements of sorted `a` that are not in sorted `b`. */
function without(a: Int32Array, b: Int32Array): Int32Array {
  if (a.length === 0 || b.length === 0) return a;
  const kept = new Int32Array(a.length);
  let count = 0;
  for (let i = 0, j = 0; i < a.length; i++) {
    while (j < b.length && b[j] < a[i]) j++;
    if (j === b.length || b[j] !== a[i]) kept[count++] = a[i];
  }
  return kept.subarray(0, count);
}

/** The elements of two sorted lists, each once. */
function union(a: Int32Array, b: Int32Array): Int32Array {
  if (a.length === 0) return b;
  const all = new Int32Array(a.length + b.length);
  let count = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const takesLeft = j === b.length || (i < a.length && a[i] <= b[j]);
    const row = takesLeft ? a[i] : b[j];
    all[count++] = row;
    if (i < a.length && a[i] === row) i++;
    if (j < b.length && b[j] === row) j++;
  }
  return all.subarray(0, count);
}

/** Two sorted, disjoint lists as one. */
function merged(a: Int32Array, b: Int32Array): Int32Array {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const all = new Int32Array(a.length + b.length);
  for (let i = 0, j = 0, k = 0; k < all.length; k++) {
    all[k] = j === b.length || (i < a.length && a[i] < b[j]) ? a[i++] : b[j++];
  }
  return all;
}
