/**
 * The stored rows of one table: segments, text domains, free slots and indexes.
 *
 * ```
 * Table -- segments[i] -- columns[ordinal] -- values, nulls, zone      segment_list.ts: copied on write
 *       -- domains[ordinal]    dictionary or UTF-8, one decision a text column
 *       -- indexes             keys -> row ids
 *       -- allocator           slots of deleted rows
 * ```
 *
 * This class moves values and keeps the structure sound; it knows neither constraints nor undo nor versions,
 * which belong to the transaction's table writer. Writing a value is O(1); a range of rows costs a native copy a
 * column.
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import { makeColumn } from "./column_factory.ts";
import { type Overwrite, overwrite } from "./column_overwrite.ts";
import type { PreparedColumn } from "./column_source.ts";
import { MemoryAccount } from "./memory_account.ts";
import type { Pin, PinSet } from "./pin.ts";
import type { ProbeKeys } from "./probe_keys.ts";
import type { RowPairs } from "./row_pairs.ts";
import type { Segment } from "./segment.ts";
import type { WritableColumn } from "./segment_column.ts";
import { SegmentList } from "./segment_list.ts";
import { SlotAllocator } from "./slot_allocator.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import type { TableDefinition } from "./table_definition.ts";
import type { TableIndex } from "./table_index.ts";
import { TableIndexes } from "./table_indexes.ts";
import { StoredTableStatistics } from "./table_statistics.ts";
import { SEGMENT_BITS, SEGMENT_ROWS, type StoredColumn } from "./table_view.ts";
import type { TableWriter } from "./table_writer.ts";
import { TEXT_SAMPLE_ROWS, TextDomain } from "./text_domain.ts";
import { UndoLog } from "./undo_log.ts";
import type { ValueSite } from "./value_check.ts";

const OFFSET_MASK = SEGMENT_ROWS - 1;
/** Row ids are 31 bits, and one is left for "row id + 1". */
const SEGMENTS_MAX = 32767;

/** Told of contiguous rows as they are appended. */
export type OnAppended = (firstRow: number, count: number) => void;

/** Fills an empty column from the rows of a segment; returns the column that holds them. */
export type ColumnMaker = (segment: Segment, column: WritableColumn) => WritableColumn;

/** The stored rows of one table. */
export class Table {
  #definition: TableDefinition;
  readonly account: MemoryAccount;
  readonly allocator: SlotAllocator = new SlotAllocator();
  /** What transactions write with, one after the other; undefined before the first. */
  writer: TableWriter | undefined;
  /** A log that nobody needs once the table is written to again. */
  #spareLog: UndoLog | undefined;
  /** What is known of the values, kept from one call to the next. */
  readonly statistics: StoredTableStatistics = new StoredTableStatistics(this);
  readonly #segments: SegmentList;
  readonly #indexes: TableIndexes;
  #domains: readonly (TextDomain | undefined)[];
  #sites: { readonly definition: TableDefinition; readonly of: readonly ValueSite[] } | undefined;
  readonly #reclaimable: Int32Array[] = [];
  /** The segment that rows are appended to. */
  #tail = -1;
  #slotCount = 0;
  #rowCount = 0;
  #modification = 0;
  /** Version of the last commit that changed the table. */
  version = 0;

  constructor(definition: TableDefinition, parent: MemoryAccount) {
    this.#definition = definition;
    this.account = new MemoryAccount({ parent });
    this.#segments = new SegmentList(this.account);
    this.#domains = definition.columns.map((column) => TextDomain.of(column.type));
    this.#indexes = new TableIndexes(this);
  }

  get name(): string {
    return this.#definition.name;
  }

  get definition(): TableDefinition {
    return this.#definition;
  }

  /** Where values of each column go, for messages. */
  get sites(): readonly ValueSite[] {
    if (this.#sites?.definition !== this.#definition) {
      const { columns, name } = this.#definition;
      this.#sites = {
        definition: this.#definition,
        of: columns.map((column) => ({ table: name, column })),
      };
    }
    return this.#sites.of;
  }

  get segments(): readonly Segment[] {
    return this.#segments.all;
  }

  get pins(): PinSet {
    return this.#segments.pins;
  }

  /** Primary key first, other unique ones next. */
  get indexes(): TableIndex[] {
    return this.#indexes.all;
  }

  /** Live rows. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Slots in use, deleted ones included. */
  get slotCount(): number {
    return this.#slotCount;
  }

  /** Grows with every change of a value or row: equal counts mean equal contents. */
  get modification(): number {
    return this.#modification;
  }

  /** Bytes of rows, dictionaries and indexes, and of what held snapshots keep from being freed. */
  get memoryBytes(): number {
    return this.account.bytes;
  }

  /** Whether slot `row` exists and its row is not deleted. */
  isLive(row: number): boolean {
    const segment = this.segments[row >>> SEGMENT_BITS];
    return row >= 0 && segment !== undefined && (row & OFFSET_MASK) < segment.slotCount &&
      !segment.isDeleted(row & OFFSET_MASK);
  }

  /** The value of a column of a row, deleted rows included until their slot is used again. */
  get(row: number, ordinal: number): Datum {
    return this.segments[row >>> SEGMENT_BITS].columns[ordinal].get(row & OFFSET_MASK);
  }

  /** All values of a row. */
  row(row: number): Datum[] {
    const { columns } = this.segments[row >>> SEGMENT_BITS];
    const offset = row & OFFSET_MASK;
    const values = new Array<Datum>(columns.length);
    for (let i = 0; i < columns.length; i++) values[i] = columns[i].get(offset);
    return values;
  }

  /** The texts of a column, where it has any. */
  domain(ordinal: number): TextDomain | undefined {
    return this.#domains[ordinal];
  }

  /** One column as it is now; valid until the table is written to. */
  storedColumn(ordinal: number): StoredColumn {
    return {
      type: this.#definition.columns[ordinal].type,
      segments: this.segments.map((segment) => segment.columns[ordinal]),
    };
  }

  /** Row ids of the live rows, ascending, a segment at a time. */
  *liveRows(): Generator<Int32Array, void, undefined> {
    for (let index = 0; index < this.segments.length; index++) {
      const segment = this.segments[index];
      if (segment.liveCount > 0) yield segment.liveRows(index);
    }
  }

  /** Pins the table as it is, for a snapshot. Release through `pins`. */
  pin(): Pin {
    return this.#segments.pin(this.#definition.columns, this.#rowCount, this.#modification);
  }

  /** Pins `segments`, which share columns with those of the table and which nobody else will change. */
  pinOther(segments: readonly Segment[], rowCount: number): Pin {
    return this.#segments.addPin({ segments, rowCount, columns: this.#definition.columns, modification: -1 });
  }

  /** Appends rows, telling `onAppended` of each contiguous range. Returns nothing to undo: see `tombstone`. */
  append(columns: readonly PreparedColumn[], count: number, onAppended: OnAppended): void {
    for (let from = 0; from < count;) {
      const index = this.#tailWithRoom();
      const segment = this.#segments.writable(index);
      const at = segment.slotCount;
      const to = Math.min(count, from + SEGMENT_ROWS - at);
      for (let ordinal = 0; ordinal < columns.length; ordinal++) {
        this.#appendColumn(segment, ordinal, columns[ordinal], from, to);
      }
      this.#finishAppend(segment, to - from);
      onAppended(index << SEGMENT_BITS | at, to - from);
      from = to;
    }
  }

  /** Appends one row; returns its id. */
  appendRow(values: readonly Datum[]): number {
    const index = this.#tailWithRoom();
    const segment = this.#segments.writable(index);
    const at = segment.slotCount;
    for (let ordinal = 0; ordinal < values.length; ordinal++) {
      const column = this.#segments.columnForAppend(segment, ordinal);
      const holder = column.put(at, values[ordinal], true);
      if (holder !== column) segment.columns[ordinal] = holder;
    }
    this.#finishAppend(segment, 1);
    return index << SEGMENT_BITS | at;
  }

  /** Overwrites values of a column in many rows; tells `saved` of the old ones that differ. */
  overwrite(write: Omit<Overwrite, "type">): void {
    overwrite(this.#segments, { ...write, type: this.#definition.columns[write.ordinal].type });
    this.#modification++;
  }

  /** Puts rows into free slots that the allocator has given. */
  reuseRows(rows: Int32Array, columns: readonly PreparedColumn[]): void {
    for (let ordinal = 0; ordinal < columns.length; ordinal++) {
      this.overwrite({ ordinal, rows, source: columns[ordinal], inputs: undefined, saved: undefined });
    }
    for (let from = 0; from < rows.length;) {
      const index = rows[from] >>> SEGMENT_BITS;
      const segment = this.#segments.writable(index);
      const start = from;
      while (from < rows.length && rows[from] >>> SEGMENT_BITS === index) {
        segment.removeTombstone(rows[from++] & OFFSET_MASK);
      }
      this.#rowCount += from - start;
    }
    this.#modification++;
  }

  /** Puts a row into a free slot that the allocator has given. */
  reuseRow(row: number, values: readonly Datum[]): void {
    for (let ordinal = 0; ordinal < values.length; ordinal++) this.put(row, ordinal, values[ordinal]);
    this.restore(row);
  }

  /** Overwrites one value. */
  put(row: number, ordinal: number, value: Datum): void {
    const segment = this.#segments.writable(row >>> SEGMENT_BITS);
    const column = this.#segments.columnForUpdate(segment, ordinal);
    const holder = column.put(row & OFFSET_MASK, value, false);
    if (holder !== column) segment.columns[ordinal] = holder;
    this.#modification++;
  }

  /** Deletes a row; its values stay until the slot is used again. */
  tombstone(row: number): void {
    const segment = this.#segments.writable(row >>> SEGMENT_BITS);
    if (segment.tombstones === null) this.account.add(SEGMENT_ROWS / 8);
    segment.addTombstone(row & OFFSET_MASK);
    this.#rowCount--;
    this.#modification++;
  }

  /** Deletes rows. */
  tombstoneAll(rows: Int32Array): void {
    for (let from = 0; from < rows.length;) {
      const index = rows[from] >>> SEGMENT_BITS;
      const segment = this.#segments.writable(index);
      if (segment.tombstones === null) this.account.add(SEGMENT_ROWS / 8);
      const start = from;
      while (from < rows.length && rows[from] >>> SEGMENT_BITS === index) {
        segment.addTombstone(rows[from++] & OFFSET_MASK);
      }
      this.#rowCount -= from - start;
    }
    this.#modification++;
  }

  /** Makes a deleted slot hold a row again. */
  restore(row: number): void {
    this.#segments.writable(row >>> SEGMENT_BITS).removeTombstone(row & OFFSET_MASK);
    this.#rowCount++;
    this.#modification++;
  }

  /** An empty log for a transaction, to be taken after {@linkcode Table.beginWrite}. */
  takeLog(): UndoLog {
    const log = this.#spareLog;
    if (log === undefined) return new UndoLog();
    this.#spareLog = undefined;
    log.clear();
    return log;
  }

  /** Leaves the log of the last transaction for the next one. Until then it may be read. */
  leaveLog(log: UndoLog): void {
    this.#spareLog = log;
  }

  /** To be called before a transaction's first change. */
  beginWrite(): void {
    for (const rows of this.#reclaimable) this.#reclaim(rows);
    this.#reclaimable.length = 0;
    for (let ordinal = 0; ordinal < this.#domains.length; ordinal++) {
      const domain = this.#domains[ordinal];
      if (domain?.isTooDiverse(this.#slotCount)) {
        domain.reconsider(this.#segments, ordinal, this.account, this.#slotCount);
      }
    }
  }

  /** Frees the slots of deleted rows at the next {@linkcode Table.beginWrite}; until then they keep their values. */
  reclaimLater(deletedRows: Int32Array): void {
    if (deletedRows.length > 0) this.#reclaimable.push(deletedRows);
  }

  /** Adds an index and fills it; returns -1, or for a unique index the first row that repeats a key. */
  addIndex(name: string, ordinals: readonly number[], unique: boolean, ordered: boolean): number {
    return this.#indexes.add({ name, ordinals, unique, ordered });
  }

  dropIndex(index: TableIndex): void {
    this.#indexes.drop(index);
  }

  /** The row with this primary key, or -1. */
  findByPrimaryKey(key: readonly Datum[]): number {
    return this.#indexes.findByPrimaryKey(key);
  }

  /** Pairs each of the primary keys that a row has with that row. */
  findByPrimaryKeys(keys: ProbeKeys, pairs: RowPairs): void {
    this.#indexes.primaryKey.findMany(keys, pairs);
  }

  /** A row whose values are all equal to `values`, NULL equal to NULL; -1 when there is none. */
  findByValue(values: readonly Datum[]): number {
    return this.#indexes.findByValue(values);
  }

  /** Takes a row out of the indexes in which it gets another key when `before` becomes `after`. */
  leaveIndexes(row: number, before: readonly Datum[], after: readonly Datum[]): void {
    this.#indexes.leave(row, before, after);
  }

  /** Puts a row into the indexes that it has left, once it has the values `after`. */
  enterIndexes(row: number, before: readonly Datum[], after: readonly Datum[]): void {
    this.#indexes.enter(row, before, after);
  }

  /** Rows are not going to be found by value for a while. */
  dropRowIndex(): void {
    this.#indexes.dropRowIndex();
  }

  /** The columns by which rows are found by value. */
  get rowOrdinals(): readonly number[] {
    return this.#indexes.rowIndex.definition.ordinals;
  }

  /** Pairs each of `keys`, which are the `rowOrdinals` of rows without NULL, with the rows that have it. */
  findByValues(keys: ProbeKeys, pairs: RowPairs): void {
    this.#indexes.rowIndex.findMany(keys, pairs);
  }

  /** Types of all columns. */
  types(): SqlType[] {
    return this.#definition.columns.map((column) => column.type);
  }

  /** Changes the definition without touching rows: names, nullability, constraints. */
  redefine(definition: TableDefinition): void {
    assert(definition.columns.length === this.#definition.columns.length, "Redefinition keeps the columns");
    this.#definition = definition;
    this.#modification++;
  }

  /**
   * Replaces the columns. `source` says for each new column which old one it takes over, or how to make it from
   * the rows of a segment; `moved` gives the new ordinal of each old column, -1 when it is gone. Indexes follow
   * their columns. Throws `duplicate-key`, changing nothing, when a unique index does not hold any more.
   */
  rewrite(
    definition: TableDefinition,
    source: readonly (number | ColumnMaker)[],
    moved: readonly number[],
  ): void {
    const before = this.#domains;
    const domains = source.map((from, ordinal) =>
      typeof from === "number" ? before[from] : TextDomain.of(definition.columns[ordinal].type)
    );
    const segments = this.#segments;
    const old = segments.mapColumns((segment) =>
      source.map((from, ordinal) => {
        if (typeof from === "number") return segment.columns[from];
        const { type } = definition.columns[ordinal];
        return from(segment, makeColumn(type, domains[ordinal], this.account, segments.epoch));
      })
    );
    try {
      this.#indexes.rebuild(definition, moved);
    } catch (error) {
      segments.restore(old);
      this.#giveBackDomains(domains, before);
      throw error;
    }
    segments.accept(old);
    this.#giveBackDomains(before, domains);
    this.#domains = domains;
    this.#definition = definition;
    this.#modification++;
  }

  #giveBackDomains(
    gone: readonly (TextDomain | undefined)[],
    kept: readonly (TextDomain | undefined)[],
  ): void {
    for (const domain of gone) {
      if (domain !== undefined && !kept.includes(domain)) this.account.add(-domain.byteLength);
    }
  }

  /** Frees the slots of deleted rows, and gives up segments without rows. */
  #reclaim(deletedRows: Int32Array): void {
    this.allocator.addAll(deletedRows);
    let last = -1;
    const touched = new Set<number>();
    for (let i = 0; i < deletedRows.length; i++) {
      const index = deletedRows[i] >>> SEGMENT_BITS;
      if (index !== last) touched.add(last = index);
    }
    for (const index of touched) {
      const segment = this.segments[index];
      if (segment.liveCount > 0) continue;
      this.#slotCount -= segment.slotCount;
      this.#segments.renew(index, this.#definition.columns, this.#domains);
      this.#indexes.removeSegment(index);
      if (index === this.#tail) this.allocator.removeSegment(index);
      else this.allocator.addEmptySegment(index);
    }
  }

  #appendColumn(segment: Segment, ordinal: number, source: PreparedColumn, from: number, to: number): void {
    const at = segment.slotCount;
    const domain = this.#domains[ordinal];
    const sampled = domain?.dictionary !== undefined && source.kind !== "nulls";
    const step = sampled ? TEXT_SAMPLE_ROWS : to - from;
    for (let start = from; start < to; start += step) {
      const end = Math.min(to, start + step);
      const column = this.#segments.columnForAppend(segment, ordinal);
      segment.columns[ordinal] = column.append(at + start - from, source, start, end);
      if (!sampled || !domain.isTooDiverse(this.#slotCount + end - from)) continue;
      domain.leaveDictionary(this.#segments, ordinal, this.account, { segment, filled: at + end - from });
    }
  }

  #finishAppend(segment: Segment, count: number): void {
    segment.slotCount += count;
    this.#slotCount += count;
    this.#rowCount += count;
    this.#modification++;
  }

  #tailWithRoom(): number {
    if (this.#tail >= 0 && this.segments[this.#tail].slotCount < SEGMENT_ROWS) return this.#tail;
    // Single rows may have filled a dictionary since the transaction began.
    for (const [ordinal, domain] of this.#domains.entries()) {
      if (domain?.isTooDiverse(this.#slotCount)) {
        domain.leaveDictionary(this.#segments, ordinal, this.account);
      }
    }
    const empty = this.allocator.takeEmptySegment();
    this.#tail = empty >= 0 ? empty : this.segments.length;
    if (empty >= 0) return this.#tail;
    assert(this.#tail < SEGMENTS_MAX, () => `Table ${this.name} has ${SEGMENTS_MAX} segments already`);
    this.#segments.push(this.#definition.columns, this.#domains);
    return this.#tail;
  }
}
