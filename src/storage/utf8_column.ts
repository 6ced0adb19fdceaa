/**
 * Text of one segment as UTF-8, for columns whose values hardly repeat.
 *
 * ```
 * bytes    A I R S H I P F O B . . . .
 * #offsets 0     3       7     10          until an update: starts = offsets[0 ..], ends = offsets[1 ..]
 * ```
 *
 * `starts` and `ends` are two views of one array, 4 bytes a row, until a value is overwritten: then they part
 * and the new text goes to the end of the bytes. Bytes are never overwritten, so snapshots may share them;
 * when more than half are dead, growing rewrites the live ones instead. Reading is O(length) a value.
 *
 * @module
 */
import { assert, unreachable } from "../base/assert.ts";
import type { PreparedColumn } from "./column_source.ts";
import type { MemoryAccount } from "./memory_account.ts";
import { growCapacity, SegmentColumnBase } from "./segment_column.ts";
import type { Datum } from "./sql_type.ts";
import { SEGMENT_ROWS, type Utf8Segment } from "./table_view.ts";
import { decodeText, encodeText, isAscii } from "./utf8_text.ts";
import type { NullBytes } from "./vector.ts";

const NO_BYTES = new Uint8Array(0);

/** UTF-8 columns of one segment. */
export class Utf8Column extends SegmentColumnBase implements Utf8Segment {
  readonly kind = "utf8";
  bytes: Uint8Array = NO_BYTES;
  starts: Uint32Array = new Uint32Array(0);
  ends: Uint32Array = new Uint32Array(0);
  ascii = true;
  /** The array behind both views; `null` once they have parted. */
  #offsets: Uint32Array | null = new Uint32Array(0);
  #usedSlots = 0;
  #usedBytes = 0;
  #deadBytes = 0;

  constructor(account: MemoryAccount, epoch: number) {
    super(account, epoch);
    this.zone.monotone = false;
  }

  get byteLength(): number {
    const offsets = this.#offsets?.byteLength ?? this.starts.byteLength + this.ends.byteLength;
    return this.bytes.byteLength + offsets + (this.nulls?.byteLength ?? 0);
  }

  share(epoch: number): Utf8Column {
    const column = new Utf8Column(this.account, epoch);
    column.adopt(this);
    column.bytes = this.bytes;
    column.starts = this.starts;
    column.ends = this.ends;
    column.ascii = this.ascii;
    column.#offsets = this.#offsets;
    column.#usedSlots = this.#usedSlots;
    column.#usedBytes = this.#usedBytes;
    column.#deadBytes = this.#deadBytes;
    return column;
  }

  copy(epoch: number): Utf8Column {
    const column = this.share(epoch);
    if (this.#offsets === null) {
      column.starts = this.starts.slice();
      column.ends = this.ends.slice();
    } else {
      column.#useOffsets(this.#offsets.slice());
    }
    column.nulls = this.nulls?.slice() ?? null;
    column.arrayEpoch = epoch;
    return column;
  }

  /** Stops sharing bytes, for a copy that is written to while its original is too. */
  ownBytes(): void {
    this.bytes = this.bytes.slice();
  }

  get(offset: number): Datum {
    const { nulls } = this;
    if (nulls !== null && (nulls[offset >>> 5] >>> (offset & 31) & 1) === 1) return null;
    return decodeText(this.bytes, this.starts[offset], this.ends[offset], this.ascii);
  }

  put(offset: number, value: Datum, appended: boolean): Utf8Column {
    if (offset >= this.starts.length) this.#growSlots(offset + 1);
    if (!appended) {
      if (this.#offsets !== null) this.#partViews();
      this.#deadBytes += this.ends[offset] - this.starts[offset];
    }
    const text = value ?? "";
    assert(typeof text === "string", "Text is a string");
    if (this.nulls !== null || value === null) this.markNull(offset, value === null, this.starts.length);
    // At most three bytes a UTF-16 unit.
    this.#reserve(text.length * 3);
    this.#writeText(offset, text);
    if (appended) this.#finishAppend(offset + 1);
    return this;
  }

  append(at: number, source: PreparedColumn, from: number, to: number): Utf8Column {
    const end = at + to - from;
    if (end > this.starts.length) this.#growSlots(end);
    switch (source.kind) {
      case "nulls":
        for (let slot = at; slot < end; slot++) this.#writeText(slot, "");
        this.fillNulls(at, end, this.starts.length);
        break;
      case "strings":
        this.#appendStrings(at, source.values, source.nulls, from, to);
        break;
      case "codes":
        this.#appendCodes(at, source.codes, source.dictionary, source.nulls, from, to);
        break;
      case "utf8":
        this.#appendBytes(at, source.bytes, source.offsets, from, to);
        break;
      case "numbers":
      case "bigints":
      case "objects":
        assert(false, () => `A text column takes text: received ${source.kind}`);
        break;
      default:
        unreachable(source);
    }
    if (source.kind !== "nulls") this.appendNulls(at, source.nulls, from, to, this.starts.length);
    this.#finishAppend(end);
    return this;
  }

  #appendStrings(
    at: number,
    strings: readonly (string | null)[],
    nulls: NullBytes,
    from: number,
    to: number,
  ): void {
    let units = 0;
    for (let i = from; i < to; i++) units += strings[i]?.length ?? 0;
    this.#reserve(units);
    for (let i = from; i < to; i++) {
      const text = nulls !== null && nulls[i] !== 0 ? "" : strings[i] ?? "";
      this.#reserve(text.length * 3);
      this.#writeText(at + i - from, text);
    }
  }

  #appendCodes(
    at: number,
    codes: Uint8Array | Uint16Array | Int32Array,
    strings: readonly string[],
    nulls: NullBytes,
    from: number,
    to: number,
  ): void {
    for (let i = from; i < to; i++) {
      const text = nulls !== null && nulls[i] !== 0 ? "" : strings[codes[i]];
      this.#reserve(text.length * 3);
      this.#writeText(at + i - from, text);
    }
  }

  #appendBytes(at: number, bytes: Uint8Array, offsets: Int32Array, from: number, to: number): void {
    const start = offsets[from];
    const length = offsets[to] - start;
    this.#reserve(length);
    this.bytes.set(bytes.subarray(start, start + length), this.#usedBytes);
    this.ascii &&= isAscii(bytes, start, start + length);
    const shift = this.#usedBytes - start;
    const { starts, ends } = this;
    for (let i = from; i < to; i++) {
      starts[at + i - from] = offsets[i] + shift;
      ends[at + i - from] = offsets[i + 1] + shift;
    }
    this.#usedBytes += length;
  }

  #writeText(slot: number, text: string): void {
    const start = this.#usedBytes;
    const end = encodeText(text, this.bytes, start);
    // ASCII has as many bytes as UTF-16 units, anything else has more.
    if (end - start !== text.length) this.ascii = false;
    this.starts[slot] = start;
    this.ends[slot] = end;
    this.#usedBytes = end;
  }

  /** Makes room for `length` more bytes. */
  #reserve(length: number): void {
    const needed = this.#usedBytes + length;
    if (needed <= this.bytes.length) return;
    if (this.#deadBytes * 2 > this.#usedBytes) this.#rewrite(length);
    else this.#resizeBytes(this.bytes.length === 0 ? length : Math.max(needed, this.bytes.length * 2));
  }

  #resizeBytes(capacity: number): void {
    const bytes = new Uint8Array(capacity);
    bytes.set(this.bytes.subarray(0, this.#usedBytes));
    this.account.add(bytes.byteLength - this.bytes.byteLength);
    this.bytes = bytes;
  }

  /** Leaves dead bytes behind. */
  #rewrite(spare: number): void {
    const { bytes: old, starts, ends } = this;
    const slotCount = this.#usedSlots;
    let live = 0;
    for (let slot = 0; slot < slotCount; slot++) live += ends[slot] - starts[slot];
    const bytes = new Uint8Array(live * 2 + spare);
    let end = 0;
    const newStarts = new Uint32Array(starts.length);
    const newEnds = new Uint32Array(starts.length);
    for (let slot = 0; slot < slotCount; slot++) {
      bytes.set(old.subarray(starts[slot], ends[slot]), end);
      newStarts[slot] = end;
      end += ends[slot] - starts[slot];
      newEnds[slot] = end;
    }
    const before = this.byteLength;
    this.bytes = bytes;
    this.starts = newStarts;
    this.ends = newEnds;
    this.#offsets = null;
    this.#usedBytes = end;
    this.#deadBytes = 0;
    this.account.add(this.byteLength - before);
  }

  /** A full segment takes no more rows, so spare bytes are given back. */
  #finishAppend(slotCount: number): void {
    this.#usedSlots = slotCount;
    if (slotCount === SEGMENT_ROWS && this.#usedBytes < this.bytes.length) this.#resizeBytes(this.#usedBytes);
  }

  #growSlots(slotCount: number): void {
    const capacity = growCapacity(this.starts.length, slotCount);
    const before = this.byteLength;
    if (this.#offsets === null) {
      this.starts = enlarged(this.starts, capacity);
      this.ends = enlarged(this.ends, capacity);
    } else {
      this.#useOffsets(enlarged(this.#offsets, capacity + 1));
    }
    this.account.add(this.byteLength - before);
    this.resizeNulls(capacity);
    this.arrayEpoch = this.epoch;
  }

  #useOffsets(offsets: Uint32Array): void {
    this.#offsets = offsets;
    this.starts = offsets.subarray(0, offsets.length - 1);
    this.ends = offsets.subarray(1);
  }

  #partViews(): void {
    const before = this.byteLength;
    this.starts = this.starts.slice();
    this.ends = this.ends.slice();
    this.#offsets = null;
    this.account.add(this.byteLength - before);
  }
}

function enlarged(array: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}
