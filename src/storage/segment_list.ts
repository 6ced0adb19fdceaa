/**
 * The segments of a table, copied on write where snapshots hold them.
 *
 * ```
 * pin (epoch 7) -> [ S0 S1 S2 ]          list, segments and columns that are older than the youngest pin are
 * list          -> [ S0 S1 S2' ]         replaced by copies before they change; the others change in place
 * ```
 *
 * An object made in epoch e is shared with every pin taken after it, so it may change in place while no held
 * pin is younger than e. Pinning is O(1); the first write after it copies one list, one segment and one column.
 *
 * @module
 */
import { makeColumn } from "./column_factory.ts";
import type { MemoryAccount } from "./memory_account.ts";
import { type Pin, PinSet } from "./pin.ts";
import { Segment } from "./segment.ts";
import type { WritableColumn } from "./segment_column.ts";
import type { StoredColumnDefinition } from "./table_view.ts";
import type { TextDomain } from "./text_domain.ts";

/** Bytes of a segment's objects, roughly. */
export const SEGMENT_BYTES = 256;

/** Segments with their pins. */
export class SegmentList {
  readonly pins: PinSet;
  readonly #account: MemoryAccount;
  #segments: Segment[] = [];
  /** Epoch in which the array of segments was made. */
  #listEpoch = 0;
  #epoch = 0;

  constructor(account: MemoryAccount) {
    this.#account = account;
    this.pins = new PinSet(account);
  }

  /** The segments as they are now; changes go through the methods below. */
  get all(): readonly Segment[] {
    return this.#segments;
  }

  /** What is made now is made in this epoch. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Pins the current segments, for a reader who needs exactly this state. */
  pin(columns: readonly StoredColumnDefinition[], rowCount: number, modification: number): Pin {
    const { youngest } = this.pins;
    if (youngest?.segments === this.#segments && youngest.modification === modification) {
      youngest.holders++;
      return youngest;
    }
    return this.addPin({ segments: this.#segments, columns, rowCount, modification });
  }

  /** Pins segments that share columns with the current ones. */
  addPin(state: Pick<Pin, "segments" | "columns" | "rowCount" | "modification">): Pin {
    const pin: Pin = { ...state, epoch: ++this.#epoch, holders: 1, heldBytes: 0 };
    this.pins.add(pin);
    return pin;
  }

  /** The segment, for changing. */
  writable(index: number): Segment {
    const segment = this.#segments[index];
    if (segment.epoch >= this.pins.youngestEpoch) return segment;
    const copy = segment.copy(this.#epoch);
    this.#writableList()[index] = copy;
    return copy;
  }

  /** A column of a writable segment, for appending. */
  columnForAppend(segment: Segment, ordinal: number): WritableColumn {
    const column = segment.columns[ordinal];
    if (column.epoch >= this.pins.youngestEpoch) return column;
    return segment.columns[ordinal] = column.share(this.#epoch);
  }

  /** A column of a writable segment, for overwriting values. */
  columnForUpdate(segment: Segment, ordinal: number): WritableColumn {
    const column = segment.columns[ordinal];
    if (column.arrayEpoch >= this.pins.youngestEpoch) return column;
    this.pins.hold(column.byteLength);
    return segment.columns[ordinal] = column.copy(this.#epoch);
  }

  /** Puts `column` in the place of another one that holds the same rows. */
  replaceColumn(segment: Segment, ordinal: number, column: WritableColumn): void {
    const old = segment.columns[ordinal];
    segment.columns[ordinal] = column;
    this.#account.add(-old.byteLength);
    if (old.epoch < this.pins.youngestEpoch) this.pins.hold(old.byteLength);
  }

  /** Adds an empty segment at the end. */
  push(columns: readonly StoredColumnDefinition[], domains: readonly (TextDomain | undefined)[]): void {
    this.#writableList().push(this.#make(columns, domains));
  }

  /** Puts an empty segment in the place of one without rows. */
  renew(
    index: number,
    columns: readonly StoredColumnDefinition[],
    domains: readonly (TextDomain | undefined)[],
  ): void {
    const old = this.#segments[index];
    const bytes = old.columns.reduce((sum, column) => sum + column.byteLength, SEGMENT_BYTES) +
      (old.tombstones?.byteLength ?? 0);
    this.#account.add(-bytes);
    if (old.epoch < this.pins.youngestEpoch) this.pins.hold(bytes);
    this.#writableList()[index] = this.#make(columns, domains);
  }

  /** Replaces the columns of every segment; returns the list as it was, for {@linkcode SegmentList.restore}. */
  mapColumns(columnsOf: (segment: Segment) => WritableColumn[]): Segment[] {
    const before = this.#segments;
    this.#segments = before.map((old) => {
      const segment = old.copy(this.#epoch);
      segment.columns = columnsOf(old);
      return segment;
    });
    this.#listEpoch = this.#epoch;
    return before;
  }

  /** Takes {@linkcode SegmentList.mapColumns} back. */
  restore(before: Segment[]): void {
    this.#giveBack(this.#segments, before);
    this.#segments = before;
  }

  /** Makes {@linkcode SegmentList.mapColumns} final. */
  accept(before: readonly Segment[]): void {
    this.#giveBack(before, this.#segments);
  }

  /** Accounts for the columns of `gone` that are not in `kept`. */
  #giveBack(gone: readonly Segment[], kept: readonly Segment[]): void {
    for (let i = 0; i < gone.length; i++) {
      for (const column of gone[i].columns) {
        if (!kept[i].columns.includes(column)) this.#account.add(-column.byteLength);
      }
    }
  }

  #make(columns: readonly StoredColumnDefinition[], domains: readonly (TextDomain | undefined)[]): Segment {
    this.#account.add(SEGMENT_BYTES);
    const made = columns.map(({ type }, i) => makeColumn(type, domains[i], this.#account, this.#epoch));
    return new Segment(made, this.#epoch);
  }

  #writableList(): Segment[] {
    if (this.#listEpoch < this.pins.youngestEpoch) {
      this.#segments = this.#segments.slice();
      this.#listEpoch = this.#epoch;
    }
    return this.#segments;
  }
}
