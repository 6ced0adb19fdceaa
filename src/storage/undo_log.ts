/**
 * What a transaction did to one table, in order, with the values it overwrote.
 *
 * ```
 * ops       [insert 3] [update #2, 2] [delete 1] [insert 1]     kind and count, newest last
 * inserted  (first row, count) per insert
 * deleted   row ids
 * saved[2]  row ids and old values of column 2
 * ```
 *
 * Walking it backwards restores the state at any mark: that is rollback, the committed view that others read
 * meanwhile, and the source of the delta's old rows. Noting is O(1), walking O(changes).
 *
 * @module
 */
import { RowList } from "./row_list.ts";
import type { Datum } from "./sql_type.ts";

const INSERT = 0;
const DELETE = 1;
/** An update of column `ordinal` is UPDATE + ordinal. */
const UPDATE = 2;

/** Receives the inverse of each change, newest change first. */
export interface UndoTarget {
  remove(row: number): void;
  restore(row: number): void;
  put(row: number, ordinal: number, value: Datum): void;
}

/** A place in the log. */
export interface UndoMark {
  readonly opCount: number;
  readonly insertedCount: number;
  readonly deletedCount: number;
  readonly savedCounts: ReadonlyMap<number, number>;
}

/** Longer lists of values are not kept for the next transaction. */
const KEPT_VALUES = 64;

/** Old values of one column, in the order in which they were overwritten. */
export class SavedValues {
  readonly rows: RowList = new RowList();
  /** As many as rows count; what is behind them is of transactions before. */
  readonly values: Datum[] = [];
  /** Rows ascend, each once: then they are found without a map. */
  #ascending = true;
  /** Where the last row was found, as the next one asked for is probably behind it. */
  #cursor = 0;
  #firstIndexes: Map<number, number> | undefined;

  /** Whether no row was overwritten twice. */
  get eachOnce(): boolean {
    return this.#ascending;
  }

  /** Where walking back has come to. */
  walked = 0;

  /** Adds the first `count` of `rows` with their numbers, which stand for BOOLEAN with `boolean`. */
  addNumbers(rows: Int32Array, numbers: Float64Array, count: number, boolean: boolean): void {
    const before = this.rows.count;
    let last = before > 0 ? this.rows.at(before - 1) : -1;
    for (let i = 0; i < count; i++) {
      if (rows[i] <= last) this.#ascending = false;
      last = rows[i];
      this.values[before + i] = boolean ? numbers[i] === 1 : numbers[i];
    }
    this.#firstIndexes = undefined;
    this.rows.addAll(count === rows.length ? rows : rows.subarray(0, count));
  }

  add(row: number, value: Datum): void {
    const { rows } = this;
    if (rows.count > 0 && rows.at(rows.count - 1) >= row) this.#ascending = false;
    this.#firstIndexes = undefined;
    this.values[rows.count] = value;
    rows.add(row);
  }

  truncate(count: number): void {
    this.rows.truncate(count);
    this.#firstIndexes = undefined;
    this.#cursor = 0;
  }

  /** Forgets all, for the next transaction. */
  clear(): void {
    this.rows.clear();
    if (this.values.length > KEPT_VALUES) this.values.length = 0;
    this.#ascending = true;
    this.#cursor = 0;
    this.#firstIndexes = undefined;
  }

  /** Index of the oldest value of `row`, or -1. */
  firstIndex(row: number): number {
    if (this.#ascending) return this.#searchAscending(row);
    this.#firstIndexes ??= this.#indexFirst();
    return this.#firstIndexes.get(row) ?? -1;
  }

  #searchAscending(row: number): number {
    const { rows } = this;
    const next = this.#cursor + 1;
    if (next < rows.count && rows.at(next) === row) return this.#cursor = next;
    let from = 0;
    let to = rows.count;
    while (from < to) {
      const middle = from + to >>> 1;
      if (rows.at(middle) < row) from = middle + 1;
      else to = middle;
    }
    this.#cursor = from;
    return from < rows.count && rows.at(from) === row ? from : -1;
  }

  #indexFirst(): Map<number, number> {
    const indexes = new Map<number, number>();
    for (let i = this.rows.count - 1; i >= 0; i--) indexes.set(this.rows.at(i), i);
    return indexes;
  }
}

/** Old values by column. */
export class SavedColumns {
  readonly #byOrdinal: (SavedValues | undefined)[] = [];
  /** Those with values, and their ordinals. */
  readonly #used: SavedValues[] = [];
  readonly #ordinals: number[] = [];
  #size = 0;

  /** Columns that were written to. */
  get size(): number {
    return this.#size;
  }

  get(ordinal: number): SavedValues | undefined {
    for (let i = 0; i < this.#size; i++) if (this.#ordinals[i] === ordinal) return this.#used[i];
    return undefined;
  }

  /** The values of the column written to at place `i`, and its ordinal. */
  at(i: number): SavedValues {
    return this.#used[i];
  }

  ordinalAt(i: number): number {
    return this.#ordinals[i];
  }

  /** The values of a column to be written to. */
  of(ordinal: number): SavedValues {
    const known = this.get(ordinal);
    if (known !== undefined) return known;
    const values = this.#byOrdinal[ordinal] ??= new SavedValues();
    this.#used[this.#size] = values;
    this.#ordinals[this.#size++] = ordinal;
    return values;
  }

  clear(): void {
    for (let i = 0; i < this.#size; i++) this.#used[i].clear();
    this.#size = 0;
  }
}

/** The changes of one table in one transaction. */
export class UndoLog {
  /** Pairs of kind and count. */
  readonly #ops = new RowList();
  /** Pairs of first row and count. */
  readonly inserted: RowList = new RowList();
  readonly deleted: RowList = new RowList();
  readonly saved: SavedColumns = new SavedColumns();
  /** Whether a row may have been deleted or updated after this log noted its insertion; false says that none was. */
  mayTouchInserted = false;
  /** Whether a row may have been deleted after it was updated; false says that none was. */
  mayDeleteUpdated = false;
  /** Entries below this may not grow: a mark points behind them. */
  #sealed = 0;

  get isEmpty(): boolean {
    return this.#ops.count === 0;
  }

  /** Rows inserted, rows deleted, and values overwritten. */
  get changeCount(): number {
    let count = this.deleted.count;
    for (let i = 1; i < this.inserted.count; i += 2) count += this.inserted.at(i);
    for (let i = 0; i < this.saved.size; i++) count += this.saved.at(i).rows.count;
    return count;
  }

  /** Forgets the last transaction. What was read from the log must not be used any more. */
  clear(): void {
    this.#ops.clear();
    this.inserted.clear();
    this.deleted.clear();
    this.saved.clear();
    this.mayTouchInserted = false;
    this.mayDeleteUpdated = false;
    this.#sealed = 0;
  }

  /** Bytes, roughly. */
  get byteLength(): number {
    let bytes = this.#ops.byteLength + this.inserted.byteLength + this.deleted.byteLength;
    for (let i = 0; i < this.saved.size; i++) {
      const { rows } = this.saved.at(i);
      bytes += rows.byteLength + rows.count * 16;
    }
    return bytes;
  }

  noteInsert(firstRow: number, count: number): void {
    const { inserted } = this;
    const last = inserted.count - 2;
    const ops = this.#ops.count;
    if (
      ops > this.#sealed && this.#ops.at(ops - 2) === INSERT &&
      inserted.at(last) + inserted.at(last + 1) === firstRow
    ) {
      inserted.set(last + 1, inserted.at(last + 1) + count);
      return;
    }
    inserted.add(firstRow);
    inserted.add(count);
    this.#ops.add(INSERT);
    this.#ops.add(1);
  }

  noteDelete(row: number): void {
    if (this.saved.size > 0) this.mayDeleteUpdated = true;
    if (this.inserted.count > 0) this.mayTouchInserted = true;
    this.deleted.add(row);
    this.#noteOp(DELETE, 1);
  }

  noteDeletes(rows: Int32Array): void {
    if (rows.length === 0) return;
    if (this.saved.size > 0) this.mayDeleteUpdated = true;
    if (this.inserted.count > 0) this.mayTouchInserted = true;
    this.deleted.addAll(rows);
    this.#noteOp(DELETE, rows.length);
  }

  noteUpdate(ordinal: number, row: number, oldValue: Datum): void {
    this.#savedOf(ordinal).add(row, oldValue);
    this.#noteOp(UPDATE + ordinal, 1);
  }

  /** Notes the old values that `write` adds to those of a column. */
  noteUpdates(ordinal: number, write: (saved: SavedValues) => void): void {
    const saved = this.#savedOf(ordinal);
    const before = saved.rows.count;
    try {
      write(saved);
    } finally {
      const count = saved.rows.count - before;
      if (count > 0) this.#noteOp(UPDATE + ordinal, count);
    }
  }

  /** The current place. */
  mark(): UndoMark {
    this.#sealed = this.#ops.count;
    const savedCounts = new Map<number, number>();
    for (let i = 0; i < this.saved.size; i++) {
      savedCounts.set(this.saved.ordinalAt(i), this.saved.at(i).rows.count);
    }
    return {
      opCount: this.#ops.count,
      insertedCount: this.inserted.count,
      deletedCount: this.deleted.count,
      savedCounts,
    };
  }

  /** Hands the inverse of every change after `mark` to `target`, newest first. */
  walkBack(mark: UndoMark, target: UndoTarget): void {
    let inserted = this.inserted.count;
    let deleted = this.deleted.count;
    for (let i = 0; i < this.saved.size; i++) this.saved.at(i).walked = this.saved.at(i).rows.count;
    for (let op = this.#ops.count - 2; op >= mark.opCount; op -= 2) {
      const kind = this.#ops.at(op);
      const count = this.#ops.at(op + 1);
      if (kind === INSERT) {
        inserted -= 2;
        const first = this.inserted.at(inserted);
        for (let row = first + this.inserted.at(inserted + 1) - 1; row >= first; row--) target.remove(row);
      } else if (kind === DELETE) {
        for (let i = 0; i < count; i++) target.restore(this.deleted.at(--deleted));
      } else {
        const ordinal = kind - UPDATE;
        const values = this.saved.get(ordinal);
        if (values === undefined) continue;
        for (let i = 0; i < count; i++) {
          const at = --values.walked;
          target.put(values.rows.at(at), ordinal, values.values[at]);
        }
      }
    }
  }

  /** Row ids that were inserted, deleted, or changed in one of `ordinals` after `mark`, ascending, each once. */
  rowsSince(mark: UndoMark, ordinals: Iterable<number>): Int32Array {
    const rows = new RowList();
    for (let i = mark.insertedCount; i < this.inserted.count; i += 2) {
      const first = this.inserted.at(i);
      for (let row = first; row < first + this.inserted.at(i + 1); row++) rows.add(row);
    }
    rows.addAll(this.deleted.view().subarray(mark.deletedCount));
    for (const ordinal of ordinals) {
      const values = this.saved.get(ordinal);
      if (values !== undefined) rows.addAll(values.rows.view().subarray(mark.savedCounts.get(ordinal) ?? 0));
    }
    return sortedDistinct(rows.view());
  }

  /** Forgets what came after `mark`. */
  truncate(mark: UndoMark): void {
    this.#ops.truncate(mark.opCount);
    this.#sealed = mark.opCount;
    this.inserted.truncate(mark.insertedCount);
    this.deleted.truncate(mark.deletedCount);
    for (let i = 0; i < this.saved.size; i++) {
      this.saved.at(i).truncate(mark.savedCounts.get(this.saved.ordinalAt(i)) ?? 0);
    }
  }

  #savedOf(ordinal: number): SavedValues {
    if (this.inserted.count > 0) this.mayTouchInserted = true;
    return this.saved.of(ordinal);
  }

  #noteOp(kind: number, count: number): void {
    const last = this.#ops.count - 2;
    if (last >= this.#sealed && this.#ops.at(last) === kind) {
      this.#ops.set(last + 1, this.#ops.at(last + 1) + count);
      return;
    }
    this.#ops.add(kind);
    this.#ops.add(count);
  }
}

/** `rows` in ascending order, each once. */
export function sortedDistinct(rows: Int32Array): Int32Array {
  let ascending = true;
  for (let i = 1; i < rows.length && ascending; i++) ascending = rows[i - 1] < rows[i];
  if (ascending) return rows.slice();
  const sorted = rows.slice().sort();
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[count++] = sorted[i];
  }
  return sorted.subarray(0, count);
}
