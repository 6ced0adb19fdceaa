/**
 * The stored rows of one table: segments, text domains, free slots, pins and indexes.
 *
 * ```
 * Table -- segments[i] -- columns[ordinal] -- values, nulls, zone
 *       -- domains[ordinal]    dictionary or UTF-8, one decision a text column
 *       -- indexes             keys -> row ids
 *       -- pins                what snapshots hold
 * ```
 *
 * This class moves values and keeps the structure sound; it knows neither constraints nor undo nor versions,
 * which belong to the transaction's table writer. Every change goes through `writableSegment` and the column
 * accessors below it, which copy what a snapshot holds. Writing a value is O(1); a range of rows costs a
 * native copy a column.
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import type { PreparedColumn } from "./column_source.ts";
import { duplicateKeyError } from "./constraint_error.ts";
import { equalDatums } from "./datum_order.ts";
import { MemoryAccount } from "./memory_account.ts";
import { makeColumn, toUtf8Column } from "./column_factory.ts";
import { type Pin, PinSet } from "./pin.ts";
import { Segment } from "./segment.ts";
import type { WritableColumn } from "./segment_column.ts";
import { SlotAllocator } from "./slot_allocator.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import type { TableDefinition } from "./table_definition.ts";
import { TableIndex } from "./table_index.ts";
import { StoredTableStatistics } from "./table_statistics.ts";
import { SEGMENT_BITS, SEGMENT_ROWS, type StoredColumn } from "./table_view.ts";
import { TEXT_SAMPLE_ROWS, TextDomain } from "./text_domain.ts";

const OFFSET_MASK = SEGMENT_ROWS - 1;
/** Row ids are 31 bits, and one is left for "row id + 1". */
const SEGMENTS_MAX = 32767;
const SEGMENT_BYTES = 256;

/** Told of contiguous rows as they are appended. */
export type OnAppended = (firstRow: number, count: number) => void;

/** Fills an empty column from the rows of a segment; returns the column that holds them. */
export type ColumnMaker = (segment: Segment, column: WritableColumn) => WritableColumn;

/** The stored rows of one table. */
export class Table {
  #definition: TableDefinition;
  readonly account: MemoryAccount;
  readonly allocator: SlotAllocator = new SlotAllocator();
  readonly pins: PinSet;
  /** What is known of the values, kept from one call to the next. */
  readonly statistics: StoredTableStatistics = new StoredTableStatistics(this);
  /** Unique indexes first, the primary key's before all. */
  readonly indexes: TableIndex[] = [];
  #segments: Segment[] = [];
  #segmentsEpoch = 0;
  #domains: (TextDomain | undefined)[];
  #epoch = 0;
  #tail = -1;
  /** Index over whole rows, for deletion by value without a key. */
  #rowIndex: TableIndex | undefined;
  readonly #reclaimable: Int32Array[] = [];
  #slotCount = 0;
  #rowCount = 0;
  #modification = 0;
  /** Version of the last commit that changed the table. */
  version = 0;

  constructor(definition: TableDefinition, parent: MemoryAccount) {
    this.#definition = definition;
    this.account = new MemoryAccount({ parent });
    this.pins = new PinSet(this.account);
    this.#domains = definition.columns.map((column) => domainOf(column.type));
    const { primaryKey, uniqueKeys = [] } = definition;
    if (primaryKey.length > 0) this.addIndex(`${definition.name}_pkey`, primaryKey, true, false);
    for (const key of uniqueKeys) this.addIndex(key.name, key.ordinals, true, false);
  }

  get name(): string {
    return this.#definition.name;
  }

  get definition(): TableDefinition {
    return this.#definition;
  }

  get segments(): readonly Segment[] {
    return this.#segments;
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
    const segment = this.#segments[row >>> SEGMENT_BITS];
    return row >= 0 && segment !== undefined && (row & OFFSET_MASK) < segment.slotCount &&
      !segment.isDeleted(row & OFFSET_MASK);
  }

  /** The value of a column of a row, deleted rows included until their slot is used again. */
  get(row: number, ordinal: number): Datum {
    return this.#segments[row >>> SEGMENT_BITS].columns[ordinal].get(row & OFFSET_MASK);
  }

  /** All values of a row. */
  row(row: number): Datum[] {
    const { columns } = this.#segments[row >>> SEGMENT_BITS];
    const offset = row & OFFSET_MASK;
    const values = new Array<Datum>(columns.length);
    for (let i = 0; i < columns.length; i++) values[i] = columns[i].get(offset);
    return values;
  }

  /** One column as it is now; valid until the table is written to. */
  storedColumn(ordinal: number): StoredColumn {
    return {
      type: this.#definition.columns[ordinal].type,
      segments: this.#segments.map((segment) => segment.columns[ordinal]),
    };
  }

  /** Row ids of the live rows, ascending, a segment at a time. */
  *liveRows(): Generator<Int32Array, void, undefined> {
    for (let index = 0; index < this.#segments.length; index++) {
      const segment = this.#segments[index];
      if (segment.liveCount === 0) continue;
      const rows = new Int32Array(segment.liveCount);
      let count = 0;
      for (let offset = 0; offset < segment.slotCount; offset++) {
        if (!segment.isDeleted(offset)) rows[count++] = index << SEGMENT_BITS | offset;
      }
      yield rows;
    }
  }

  /** Pins the table as it is, for a snapshot. Release through `pins`. */
  pin(): Pin {
    const { youngest } = this.pins;
    if (
      youngest !== undefined && youngest.segments === this.#segments &&
      youngest.modification === this.#modification
    ) {
      youngest.holders++;
      return youngest;
    }
    return this.addPin(this.#segments, this.#rowCount);
  }

  /** Pins `segments`, which nobody else will change. */
  addPin(segments: readonly Segment[], rowCount: number): Pin {
    const pin: Pin = {
      epoch: ++this.#epoch,
      segments,
      columns: this.#definition.columns,
      rowCount,
      modification: segments === this.#segments ? this.#modification : -1,
      holders: 1,
      heldBytes: 0,
    };
    this.pins.add(pin);
    return pin;
  }

  /** Appends rows, telling `onAppended` of each contiguous range. Returns nothing to undo: see `tombstone`. */
  append(columns: readonly PreparedColumn[], count: number, onAppended: OnAppended): void {
    for (let from = 0; from < count;) {
      const index = this.#tailWithRoom();
      const segment = this.writableSegment(index);
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
    const segment = this.writableSegment(index);
    const at = segment.slotCount;
    for (let ordinal = 0; ordinal < values.length; ordinal++) {
      const column = this.#columnForAppend(segment, ordinal);
      const holder = column.put(at, values[ordinal], true);
      if (holder !== column) segment.columns[ordinal] = holder;
    }
    this.#finishAppend(segment, 1);
    return index << SEGMENT_BITS | at;
  }

  /** Puts a row into a free slot that the allocator has given. */
  reuseRow(row: number, values: readonly Datum[]): void {
    for (let ordinal = 0; ordinal < values.length; ordinal++) this.put(row, ordinal, values[ordinal]);
    this.restore(row);
  }

  /** Overwrites one value. */
  put(row: number, ordinal: number, value: Datum): void {
    const segment = this.writableSegment(row >>> SEGMENT_BITS);
    const column = this.#columnForUpdate(segment, ordinal);
    const holder = column.put(row & OFFSET_MASK, value, false);
    if (holder !== column) segment.columns[ordinal] = holder;
    this.#modification++;
  }

  /** Deletes a row; its values stay until the slot is used again. */
  tombstone(row: number): void {
    const segment = this.writableSegment(row >>> SEGMENT_BITS);
    if (segment.tombstones === null) this.account.add(SEGMENT_ROWS / 8);
    segment.addTombstone(row & OFFSET_MASK);
    this.#rowCount--;
    this.#modification++;
  }

  /** Makes a deleted slot hold a row again. */
  restore(row: number): void {
    this.writableSegment(row >>> SEGMENT_BITS).removeTombstone(row & OFFSET_MASK);
    this.#rowCount++;
    this.#modification++;
  }

  /** The segment, for changing: a copy when a held pin has it. */
  writableSegment(index: number): Segment {
    const segment = this.#segments[index];
    if (segment.epoch >= this.pins.youngestEpoch) return segment;
    const copy = segment.copy(this.#epoch);
    this.#writableSegments()[index] = copy;
    return copy;
  }

  /** To be called before a transaction's first change. */
  beginWrite(): void {
    for (const rows of this.#reclaimable) this.#reclaim(rows);
    this.#reclaimable.length = 0;
    this.checkDomains();
  }

  /** Frees the slots of deleted rows at the next {@linkcode Table.beginWrite}; until then they keep their values. */
  reclaimLater(deletedRows: Int32Array): void {
    if (deletedRows.length > 0) this.#reclaimable.push(deletedRows);
  }

  /** Turns columns whose values hardly repeat into UTF-8. */
  checkDomains(): void {
    for (let ordinal = 0; ordinal < this.#domains.length; ordinal++) {
      if (this.#domains[ordinal]?.isTooDiverse(this.#slotCount)) this.#leaveDictionary(ordinal);
    }
  }

  /** Adds an index and fills it; returns -1, or for a unique index the first row that repeats a key. */
  addIndex(name: string, ordinals: readonly number[], unique: boolean, ordered: boolean): number {
    const index = this.#makeIndex(name, ordinals, unique, ordered, false);
    const duplicate = unique ? index.buildChecked() : -1;
    if (duplicate >= 0) {
      index.clear();
      return duplicate;
    }
    const at = unique ? this.indexes.findIndex((other) => !other.definition.unique) : -1;
    this.indexes.splice(at < 0 ? this.indexes.length : at, 0, index);
    return -1;
  }

  dropIndex(index: TableIndex): void {
    if (index === this.#rowIndex) this.#rowIndex = undefined;
    index.clear();
    this.indexes.splice(this.indexes.indexOf(index), 1);
  }

  /** The row with this primary key, or -1. */
  findByPrimaryKey(key: readonly Datum[]): number {
    const { primaryKey } = this.#definition;
    assert(primaryKey.length > 0, () => `Table ${this.name} has no primary key`);
    assert(
      key.length === primaryKey.length,
      () => `A key of table ${this.name} has ${primaryKey.length} parts`,
    );
    return this.indexes[0].find(key);
  }

  /** A row whose values are all equal to `values`, NULL equal to NULL; -1 when there is none. */
  findByValue(values: readonly Datum[]): number {
    const { primaryKey, columns } = this.#definition;
    if (primaryKey.length > 0) {
      const row = this.findByPrimaryKey(primaryKey.map((ordinal) => values[ordinal]));
      const equal = row >= 0 &&
        columns.every((_, ordinal) => equalDatums(this.get(row, ordinal), values[ordinal]));
      return equal ? row : -1;
    }
    if (this.#rowIndex === undefined) {
      this.#rowIndex = this.#makeIndex(`${this.name}_rows`, columns.map((_, i) => i), false, false, true);
      this.indexes.push(this.#rowIndex);
    }
    return this.#rowIndex.find(values);
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
    if (this.#rowIndex !== undefined) this.dropIndex(this.#rowIndex);
    const before = { segments: this.#segments, domains: this.#domains, definition: this.#definition };
    const domains = source.map((from, ordinal) =>
      typeof from === "number" ? before.domains[from] : domainOf(definition.columns[ordinal].type)
    );
    this.#segments = before.segments.map((old) => {
      const segment = old.copy(this.#epoch);
      segment.columns = source.map((from, ordinal) => {
        if (typeof from === "number") return old.columns[from];
        const column = makeColumn(
          definition.columns[ordinal].type,
          domains[ordinal],
          this.account,
          this.#epoch,
        );
        return from(old, column);
      });
      return segment;
    });
    this.#segmentsEpoch = this.#epoch;
    this.#domains = domains;
    this.#definition = definition;
    this.#modification++;
    try {
      this.#rebuildIndexes(moved);
    } catch (error) {
      this.#giveBack(this.#segments, before.segments);
      this.#segments = before.segments;
      this.#domains = before.domains;
      this.#definition = before.definition;
      throw error;
    }
    this.#giveBack(before.segments, this.#segments);
  }

  /** Accounts for the columns of `gone` that are not in `kept`. */
  #giveBack(gone: readonly Segment[], kept: readonly Segment[]): void {
    for (let i = 0; i < gone.length; i++) {
      for (const column of gone[i].columns) {
        if (!kept[i].columns.includes(column)) this.account.add(-column.byteLength);
      }
    }
  }

  #rebuildIndexes(moved: readonly number[]): void {
    const rebuilt: TableIndex[] = [];
    for (const { definition } of this.indexes) {
      const ordinals = definition.ordinals.map((ordinal) => moved[ordinal]);
      if (ordinals.includes(-1)) continue;
      const index = this.#makeIndex(definition.name, ordinals, definition.unique, definition.ordered, false);
      const duplicate = definition.unique ? index.buildChecked() : -1;
      if (duplicate >= 0) {
        const key = index.reader.key(duplicate);
        for (const other of [...rebuilt, index]) other.clear();
        throw duplicateKeyError(this.#definition, index.definition, key, duplicate);
      }
      rebuilt.push(index);
    }
    for (const index of this.indexes) index.clear();
    this.indexes.splice(0, this.indexes.length, ...rebuilt);
  }

  #makeIndex(
    name: string,
    ordinals: readonly number[],
    unique: boolean,
    ordered: boolean,
    nullsEqual: boolean,
  ): TableIndex {
    return new TableIndex({
      definition: { name, ordinals, unique, ordered },
      source: this,
      types: this.types(),
      account: this.account,
      rows: () => this.liveRows(),
      nullsEqual,
    });
  }

  #reclaim(deletedRows: Int32Array): void {
    let last = -1;
    const segments = new Set<number>();
    for (const row of deletedRows) {
      this.allocator.add(row);
      if (row >>> SEGMENT_BITS !== last) segments.add(last = row >>> SEGMENT_BITS);
    }
    for (const index of segments) if (this.#segments[index].liveCount === 0) this.#emptySegment(index);
  }

  #appendColumn(segment: Segment, ordinal: number, source: PreparedColumn, from: number, to: number): void {
    const at = segment.slotCount;
    const text = source.kind === "strings" || source.kind === "utf8" || source.kind === "codes";
    const step = text && this.#domains[ordinal]?.dictionary !== undefined ? TEXT_SAMPLE_ROWS : to - from;
    for (let start = from; start < to; start += step) {
      const end = Math.min(to, start + step);
      const column = this.#columnForAppend(segment, ordinal);
      segment.columns[ordinal] = column.append(at + start - from, source, start, end);
      const domain = this.#domains[ordinal];
      if (text && domain?.isTooDiverse(this.#slotCount + end - from)) {
        this.#leaveDictionary(ordinal, segment, at + end - from);
      }
    }
  }

  #finishAppend(segment: Segment, count: number): void {
    segment.slotCount += count;
    this.#slotCount += count;
    this.#rowCount += count;
    this.#modification++;
  }

  #tailWithRoom(): number {
    if (this.#tail >= 0 && this.#segments[this.#tail].slotCount < SEGMENT_ROWS) return this.#tail;
    this.checkDomains();
    const empty = this.allocator.takeEmptySegment();
    this.#tail = empty >= 0 ? empty : this.#segments.length;
    if (empty >= 0) return this.#tail;
    assert(
      this.#segments.length < SEGMENTS_MAX,
      () => `Table ${this.name} has ${SEGMENTS_MAX} segments already`,
    );
    this.#writableSegments().push(this.#newSegment());
    return this.#tail;
  }

  #newSegment(): Segment {
    this.account.add(SEGMENT_BYTES);
    const columns = this.#definition.columns.map((column, ordinal) =>
      makeColumn(column.type, this.#domains[ordinal], this.account, this.#epoch)
    );
    return new Segment(columns, this.#epoch);
  }

  /** The list of segments, for changing. */
  #writableSegments(): Segment[] {
    if (this.#segmentsEpoch < this.pins.youngestEpoch) {
      this.#segments = this.#segments.slice();
      this.#segmentsEpoch = this.#epoch;
    }
    return this.#segments;
  }

  #columnForAppend(segment: Segment, ordinal: number): WritableColumn {
    const column = segment.columns[ordinal];
    if (column.epoch >= this.pins.youngestEpoch) return column;
    return segment.columns[ordinal] = column.share(this.#epoch);
  }

  #columnForUpdate(segment: Segment, ordinal: number): WritableColumn {
    const column = segment.columns[ordinal];
    if (column.arrayEpoch >= this.pins.youngestEpoch) return column;
    this.pins.hold(column.byteLength);
    return segment.columns[ordinal] = column.copy(this.#epoch);
  }

  #emptySegment(index: number): void {
    const old = this.#segments[index];
    const bytes = old.columns.reduce((sum, column) => sum + column.byteLength, SEGMENT_BYTES) +
      (old.tombstones?.byteLength ?? 0);
    this.account.add(-bytes);
    if (old.epoch < this.pins.youngestEpoch) this.pins.hold(bytes);
    this.#writableSegments()[index] = this.#newSegment();
    this.#slotCount -= old.slotCount;
    for (const other of this.indexes) other.removeSegment(index);
    if (index === this.#tail) this.allocator.removeSegment(index);
    else this.allocator.addEmptySegment(index);
  }

  /** Rewrites a text column as UTF-8; `filling` is a segment of which `filled` slots are written so far. */
  #leaveDictionary(ordinal: number, filling?: Segment, filled = 0): void {
    const domain = this.#domains[ordinal];
    const dictionary = domain?.dictionary;
    if (domain === undefined || dictionary === undefined) return;
    domain.leaveDictionary();
    for (let index = 0; index < this.#segments.length; index++) {
      const segment = this.writableSegment(index);
      const old = segment.columns[ordinal];
      if (old.kind !== "codes") continue;
      const slots = segment === filling ? filled : segment.slotCount;
      segment.columns[ordinal] = toUtf8Column(old, slots, this.account, this.#epoch);
      this.account.add(-old.byteLength);
      if (old.epoch < this.pins.youngestEpoch) this.pins.hold(old.byteLength);
    }
    this.account.add(-dictionary.memoryBytes);
  }
}

function domainOf(type: SqlType): TextDomain | undefined {
  return type.kind === "text" || type.kind === "json" ? new TextDomain() : undefined;
}
