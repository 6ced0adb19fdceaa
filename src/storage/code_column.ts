/**
 * Text of one segment as codes of the column's dictionary, in the narrowest of u8, u16 and i32.
 *
 * The zone map bounds the codes. Appending strings costs one dictionary look-up a row; appending codes of
 * another dictionary one look-up a distinct value.
 *
 * @module
 */
import { assert, unreachable } from "../base/assert.ts";
import { expandBits } from "../base/bitmap.ts";
import type { PreparedColumn } from "./column_source.ts";
import type { Dictionary } from "./dictionary.ts";
import type { MemoryAccount } from "./memory_account.ts";
import { growCapacity, SegmentColumnBase } from "./segment_column.ts";
import type { Datum } from "./sql_type.ts";
import type { CodeSegment } from "./table_view.ts";
import { decodeText, isAscii } from "./utf8_text.ts";
import type { NullBytes } from "./vector.ts";

type Codes = Uint8Array | Uint16Array | Int32Array;

/** Code columns of one segment. */
export class CodeColumn extends SegmentColumnBase implements CodeSegment {
  readonly kind = "codes";
  readonly dictionary: Dictionary;
  values: Codes = new Uint8Array(0);

  constructor(dictionary: Dictionary, account: MemoryAccount, epoch: number) {
    super(account, epoch);
    this.dictionary = dictionary;
    this.zone.monotone = false;
  }

  get byteLength(): number {
    return this.values.byteLength + (this.nulls?.byteLength ?? 0);
  }

  share(epoch: number): CodeColumn {
    const column = new CodeColumn(this.dictionary, this.account, epoch);
    column.adopt(this);
    column.values = this.values;
    return column;
  }

  copy(epoch: number): CodeColumn {
    const column = this.share(epoch);
    column.values = this.values.slice();
    column.nulls = this.nulls?.slice() ?? null;
    column.arrayEpoch = epoch;
    return column;
  }

  /** The first `slotCount` texts in codes of another dictionary; `codes` gives the new code of each old one. */
  recode(dictionary: Dictionary, codes: Int32Array, slotCount: number, epoch: number): CodeColumn {
    const column = new CodeColumn(dictionary, this.account, epoch);
    if (slotCount === 0) return column;
    const recoded = new Int32Array(slotCount);
    for (let i = 0; i < slotCount; i++) recoded[i] = codes[this.values[i]];
    const nulls = this.nulls === null ? null : new Uint8Array(slotCount);
    if (nulls !== null && this.nulls !== null) expandBits(this.nulls, 0, slotCount, nulls);
    return column.append(
      0,
      { kind: "codes", codes: recoded, dictionary: dictionary.strings, nulls },
      0,
      slotCount,
    );
  }

  get(offset: number): Datum {
    const { nulls } = this;
    if (nulls !== null && (nulls[offset >>> 5] >>> (offset & 31) & 1) === 1) return null;
    return this.dictionary.strings[this.values[offset]];
  }

  put(offset: number, value: Datum, _appended: boolean): CodeColumn {
    if (offset >= this.values.length) this.#grow(offset + 1);
    if (value === null) {
      this.markNull(offset, true, this.values.length);
      this.values[offset] = 0;
      return this;
    }
    assert(typeof value === "string", "Text is a string");
    const code = this.#encode(value);
    if (this.nulls !== null) this.markNull(offset, false, this.values.length);
    this.#fit(code);
    this.zone.add(code);
    this.values[offset] = code;
    return this;
  }

  append(at: number, source: PreparedColumn, from: number, to: number): CodeColumn {
    const end = at + to - from;
    if (end > this.values.length) this.#grow(end);
    switch (source.kind) {
      case "nulls":
        this.values.fill(0, at, end);
        this.fillNulls(at, end, this.values.length);
        return this;
      case "strings":
        return this.#write(
          at,
          this.#encodeStrings(source.values, source.nulls, from, to),
          source.nulls,
          from,
          to,
        );
      case "codes": {
        const codes = this.#translate(source.codes, source.dictionary, source.nulls, from, to);
        return this.#write(at, codes, source.nulls, from, to);
      }
      case "utf8": {
        const strings = decodeRange(source.bytes, source.offsets, from, to);
        return this.#write(
          at,
          this.#encodeStrings(strings, source.nulls, from, to, from),
          source.nulls,
          from,
          to,
        );
      }
      case "numbers":
      case "bigints":
      case "objects":
        return assert(false, () => `A text column takes text: received ${source.kind}`) as never;
      default:
        return unreachable(source);
    }
  }

  #encode(text: string): number {
    const bytes = this.dictionary.memoryBytes;
    const code = this.dictionary.encode(text);
    this.account.add(this.dictionary.memoryBytes - bytes);
    return code;
  }

  #encodeStrings(
    strings: readonly (string | null)[],
    nulls: NullBytes,
    from: number,
    to: number,
    base = 0,
  ): Int32Array {
    const codes = new Int32Array(to - from);
    const { dictionary } = this;
    const bytes = dictionary.memoryBytes;
    for (let i = from; i < to; i++) {
      const text = strings[i - base];
      if (text !== null && (nulls === null || nulls[i] === 0)) codes[i - from] = dictionary.encode(text);
    }
    this.account.add(dictionary.memoryBytes - bytes);
    return codes;
  }

  #translate(
    source: Codes,
    strings: readonly string[],
    nulls: NullBytes,
    from: number,
    to: number,
  ): Int32Array {
    const codes = new Int32Array(to - from);
    if (strings === this.dictionary.strings) {
      codes.set(source.subarray(from, to));
      return codes;
    }
    // Only codes in use enter the dictionary: a batch may carry a larger one.
    const known = new Int32Array(strings.length).fill(-1);
    for (let i = from; i < to; i++) {
      if (nulls !== null && nulls[i] !== 0) continue;
      const code = source[i];
      if (known[code] < 0) known[code] = this.#encode(strings[code]);
      codes[i - from] = known[code];
    }
    return codes;
  }

  #write(at: number, codes: Int32Array, nulls: NullBytes, from: number, to: number): CodeColumn {
    let low = 0x7fffffff;
    let high = 0;
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      if (code < low) low = code;
      if (code > high) high = code;
    }
    this.#fit(high);
    this.values.set(codes, at);
    if (codes.length > 0) {
      this.zone.add(low);
      this.zone.add(high);
    }
    this.appendNulls(at, nulls, from, to, this.values.length);
    return this;
  }

  #grow(slotCount: number): void {
    const capacity = growCapacity(this.values.length, slotCount);
    this.#replace(allocate(this.values.BYTES_PER_ELEMENT, capacity));
  }

  #fit(code: number): void {
    const bytes = code < 0x100 ? 1 : code < 0x10000 ? 2 : 4;
    if (bytes > this.values.BYTES_PER_ELEMENT) this.#replace(allocate(bytes, this.values.length));
  }

  #replace(values: Codes): void {
    values.set(this.values);
    this.account.add(values.byteLength - this.values.byteLength);
    this.values = values;
    this.resizeNulls(values.length);
    this.arrayEpoch = this.epoch;
  }
}

function allocate(bytesPerCode: number, length: number): Codes {
  if (bytesPerCode === 1) return new Uint8Array(length);
  return bytesPerCode === 2 ? new Uint16Array(length) : new Int32Array(length);
}

function decodeRange(bytes: Uint8Array, offsets: Int32Array, from: number, to: number): string[] {
  const ascii = isAscii(bytes, offsets[from], offsets[to]);
  const strings = new Array<string>(to - from);
  for (let i = from; i < to; i++) strings[i - from] = decodeText(bytes, offsets[i], offsets[i + 1], ascii);
  return strings;
}
