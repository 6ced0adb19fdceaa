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

/** Old values of one column, in the order in which they were overwritten. */
export class SavedValues {
  readonly rows: RowList = new RowList();
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

  /** Adds the first `count` of `rows` with their numbers, which stand for BOOLEAN with `boolean`. */
  addNumbers(rows: Int32Array, numbers: Float64Array, count: number, boolean: boolean): void {
    let last = this.rows.count > 0 ? this.rows.at(this.rows.count - 1) : -1;
    for (let i = 0; i < count; i++) {
      if (rows[i] <= last) this.#ascending = false;
      last = rows[i];
      this.values.push(boolean ? numbers[i] === 1 : numbers[i]);
    }
    this.#firstIndexes = undefined;
    this.rows.addAll(count === rows.length ? rows : rows.subarray(0, count));
  }

  add(row: number, value: Datum): void {
    const { rows } = this;
    if (rows.count > 0 && rows.at(rows.count - 1) >= row) this.#ascending = false;
    this.#firstIndexes = undefined;
    rows.add(row);
    this.values.push(value);
  }

  truncate(count: number): void {
    this.rows.truncate(count);
    this.values.length = count;
    this.#firstIndexes = undefined;
    this.#cursor = 0;
  }

  /** Forgets all, for the next transaction. */
  clear(): void {
    this.rows.clear();
    this.values.length = 0;
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

/** The changes of one table in one transaction. */
export class UndoLog {
  /** Pairs of kind and count. */
  readonly #ops = new RowList();
  /** Pairs of first row and count. */
  readonly inserted: RowList = new RowList();
  readonly deleted: RowList = new RowList();
  readonly saved: Map<number, SavedValues> = new Map();
  /** Whether a row may have been deleted or updated after this log noted its insertion; false says that none was. */
  mayTouchInserted = false;
  /** Whether a row may have been deleted after it was updated; false says that none was. */
  mayDeleteUpdated = false;
  /** Emptied, to be used again. */
  readonly #spare: SavedValues[] = [];
  /** Entries below this may not grow: a mark points behind them. */
  #sealed = 0;

  get isEmpty(): boolean {
    return this.#ops.count === 0;
  }

  /** Rows inserted, rows deleted, and values overwritten. */
  get changeCount(): number {
    let count = this.deleted.count;
    for (let i = 1; i < this.inserted.count; i += 2) count += this.inserted.at(i);
    for (const { rows } of this.saved.values()) count += rows.count;
    return count;
  }

  /** Forgets the last transaction. What was read from the log must not be used any more. */
  clear(): void {
    this.#ops.clear();
    this.inserted.clear();
    this.deleted.clear();
    for (const values of this.saved.values()) {
      values.clear();
      this.#spare.push(values);
    }
    this.saved.clear();
    this.mayTouchInserted = false;
    this.mayDeleteUpdated = false;
    this.#sealed = 0;
  }

  /** Bytes, roughly. */
  get byteLength(): number {
    let bytes = this.#ops.byteLength + this.inserted.byteLength + this.deleted.byteLength;
    for (const { rows, values } of this.saved.values()) bytes += rows.byteLength + values.length * 16;
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
    const before = saved.values.length;
    try {
      write(saved);
    } finally {
      const count = saved.values.length - before;
      if (count > 0) this.#noteOp(UPDATE + ordinal, count);
    }
  }

  /** The current place. */
  mark(): UndoMark {
    this.#sealed = this.#ops.count;
    const savedCounts = new Map<number, number>();
    for (const [ordinal, values] of this.saved) savedCounts.set(ordinal, values.rows.count);
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
    const saved = new Map<number, number>();
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
        let at = saved.get(ordinal) ?? values.rows.count;
        for (let i = 0; i < count; i++) {
          at--;
          target.put(values.rows.at(at), ordinal, values.values[at]);
        }
        saved.set(ordinal, at);
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
    for (const [ordinal, values] of this.saved) values.truncate(mark.savedCounts.get(ordinal) ?? 0);
  }

  #savedOf(ordinal: number): SavedValues {
    if (this.inserted.count > 0) this.mayTouchInserted = true;
    let values = this.saved.get(ordinal);
    if (values === undefined) this.saved.set(ordinal, values = this.#spare.pop() ?? new SavedValues());
    return values;
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
