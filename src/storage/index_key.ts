/**
 * Keys of stored rows: hashed, compared and ordered by reading the row's columns, so that an index needs to
 * hold row ids only.
 *
 * Single-row operations cost O(key columns). Hashing many rows runs column by column over typed arrays.
 *
 * @module
 */
import { getBit } from "../base/bitmap.ts";
import { combineHashes, hashAscii, hashNumber, hashText, mix32 } from "../base/hash.ts";
import { compareDatums, equalDatums, hashDatum } from "./datum_order.ts";
import type { Dictionary } from "./dictionary.ts";
import { segmentDatum } from "./gather.ts";
import { gatherToFloat64 } from "./number_gather.ts";
import type { ProbeKeys } from "./probe_keys.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import {
  type CodeSegment,
  SEGMENT_BITS,
  SEGMENT_ROWS,
  type SegmentColumn,
  type SegmentView,
  type Utf8Segment,
} from "./table_view.ts";

const OFFSET_MASK = SEGMENT_ROWS - 1;
/** Rows hashed at a time. */
const BLOCK_ROWS = 4096;
const scratchNumbers = new Float64Array(BLOCK_ROWS);
/** Takes the place of a NULL's hash where NULLs are equal. */
const NULL_HASH = 0x6e756c6c;

/** Rows to read keys from; the live table, or what a snapshot has pinned. */
export interface KeySource {
  readonly segments: readonly SegmentView[];
}

/** What keys of rows have in common. */
export interface KeyTraits {
  /** Whether some may have a NULL. */
  readonly hasNulls: boolean;
  /** Whether each is a single 32-bit integer: those are equal when their hashes are. */
  readonly areIntegers: boolean;
}

/** Hash of a key given as datums; equals {@linkcode KeyReader.hashRow} of a row with that key. */
export function hashKey(key: readonly Datum[]): number {
  let hash = hashDatum(key[0]);
  for (let i = 1; i < key.length; i++) hash = combineHashes(hash, hashDatum(key[i]));
  return hash;
}

/** Reads the key columns `ordinals` of the rows of `source`. */
export class KeyReader {
  readonly ordinals: readonly number[];
  readonly #source: KeySource;
  readonly #types: readonly SqlType[];
  readonly #codeHashes: CodeHashes[];

  constructor(source: KeySource, ordinals: readonly number[], types: readonly SqlType[]) {
    this.#source = source;
    this.ordinals = ordinals;
    this.#types = ordinals.map((ordinal) => types[ordinal]);
    this.#codeHashes = ordinals.map(() => new CodeHashes());
  }

  /** The key of `row`. */
  key(row: number): Datum[] {
    return this.ordinals.map((_ordinal, part) => this.#datum(row, part));
  }

  /** Whether a part of the key of `row` is NULL. */
  hasNull(row: number): boolean {
    const segment = this.#source.segments[row >>> SEGMENT_BITS];
    const offset = row & OFFSET_MASK;
    for (const ordinal of this.ordinals) {
      const { nulls } = segment.column(ordinal);
      if (nulls !== null && getBit(nulls, offset)) return true;
    }
    return false;
  }

  hashRow(row: number): number {
    let hash = this.#hashPart(row, 0);
    for (let part = 1; part < this.ordinals.length; part++) {
      hash = combineHashes(hash, this.#hashPart(row, part));
    }
    return hash;
  }

  /** Whether rows `a` and `b` have equal keys; NULL equals NULL. */
  equalRows(a: number, b: number): boolean {
    const { ordinals } = this;
    const left = this.#source.segments[a >>> SEGMENT_BITS];
    const right = this.#source.segments[b >>> SEGMENT_BITS];
    for (let part = 0; part < ordinals.length; part++) {
      const x = left.column(ordinals[part]);
      const y = right.column(ordinals[part]);
      if (!equalSlots(x, a & OFFSET_MASK, y, b & OFFSET_MASK, this.#types[part])) return false;
    }
    return true;
  }

  /** Whether the key of `row` is `key`. */
  equalKey(row: number, key: readonly Datum[]): boolean {
    for (let part = 0; part < this.ordinals.length; part++) {
      if (!equalDatums(this.#datum(row, part), key[part])) return false;
    }
    return true;
  }

  /** Whether the key of `row`, which has no NULL, is key `i` of `keys`. */
  equalsProbe(row: number, keys: ProbeKeys, i: number): boolean {
    const segment = this.#source.segments[row >>> SEGMENT_BITS];
    const offset = row & OFFSET_MASK;
    for (let part = 0; part < this.ordinals.length; part++) {
      const column = segment.column(this.ordinals[part]);
      if (!keys.equalsSlot(part, i, column, this.#types[part], offset)) return false;
    }
    return true;
  }

  /** Whether a key is one value. */
  get isSingle(): boolean {
    return this.ordinals.length === 1;
  }

  /** Whether the first part of the key of `row` is a 32-bit integer: those are equal when their hashes are. */
  hasInteger(row: number): boolean {
    const segment = this.#source.segments[row >>> SEGMENT_BITS];
    const offset = row & OFFSET_MASK;
    const column = segment.column(this.ordinals[0]);
    if (column.kind !== "numbers" || (column.nulls !== null && getBit(column.nulls, offset))) return false;
    const value = column.values[offset];
    return (value | 0) === value;
  }

  /** Order of the keys of two rows, NULL greatest. */
  compareRows(a: number, b: number): number {
    for (let part = 0; part < this.ordinals.length; part++) {
      const order = compareDatums(this.#datum(a, part), this.#datum(b, part));
      if (order !== 0) return order;
    }
    return 0;
  }

  /** Order of the key of `row` against the first parts of a key, NULL greatest. */
  compareKey(row: number, key: readonly Datum[]): number {
    for (let part = 0; part < key.length; part++) {
      const order = compareDatums(this.#datum(row, part), key[part]);
      if (order !== 0) return order;
    }
    return 0;
  }

  /** Hashes of the first `count` of `rows`, and what the keys have in common. */
  hashRows(rows: Int32Array, count: number, into: Int32Array): KeyTraits {
    let hasNulls = false;
    let areIntegers = this.isSingle;
    for (let part = 0; part < this.ordinals.length; part++) {
      for (let from = 0; from < count;) {
        const to = endOfBlock(rows, from, count);
        const column = this.#source.segments[rows[from] >>> SEGMENT_BITS].column(this.ordinals[part]);
        hasNulls ||= column.nulls !== null;
        areIntegers = this.#hashBlock(column, rows.subarray(from, to), part, into.subarray(from, to)) &&
          areIntegers;
        from = to;
      }
    }
    return { hasNulls, areIntegers };
  }

  /** Hashes one part of the key of rows of one segment, on top of the parts before it; whether all are integers. */
  #hashBlock(column: SegmentColumn, rows: Int32Array, part: number, into: Int32Array): boolean {
    if (column.kind === "numbers") {
      gatherToFloat64(column.values, rows, 0, rows.length, scratchNumbers);
      const areIntegers = hashNumbers(scratchNumbers, rows.length, part > 0, into);
      if (column.nulls === null) return areIntegers;
    }
    for (let i = 0; i < rows.length; i++) {
      const offset = rows[i] & OFFSET_MASK;
      const isNull = column.nulls !== null && getBit(column.nulls, offset);
      if (column.kind === "numbers" && !isNull) continue;
      const hash = isNull ? NULL_HASH : this.#hashSlot(column, part, offset);
      // A number under a NULL is 0, and 0 hashes to 0: undo nothing, start over for this row.
      if (part === 0) into[i] = hash;
      else {into[i] = column.kind === "numbers"
          ? this.#hashPrefix(rows[i], part)
          : combineHashes(into[i], hash);}
    }
    return false;
  }

  #hashPrefix(row: number, last: number): number {
    let hash = this.#hashPart(row, 0);
    for (let part = 1; part <= last; part++) hash = combineHashes(hash, this.#hashPart(row, part));
    return hash;
  }

  #hashPart(row: number, part: number): number {
    const column = this.#source.segments[row >>> SEGMENT_BITS].column(this.ordinals[part]);
    const offset = row & OFFSET_MASK;
    if (column.nulls !== null && getBit(column.nulls, offset)) return NULL_HASH;
    return this.#hashSlot(column, part, offset);
  }

  #hashSlot(column: SegmentColumn, part: number, offset: number): number {
    switch (column.kind) {
      case "numbers":
        return hashNumber(column.values[offset]);
      case "codes":
        return this.#codeHashes[part].hash(column.dictionary, column.values[offset]);
      case "utf8":
        if (column.ascii) return hashAscii(column.bytes, column.starts[offset], column.ends[offset]);
        break;
    }
    return hashDatum(segmentDatum(column, this.#types[part], offset));
  }

  #datum(row: number, part: number): Datum {
    const column = this.#source.segments[row >>> SEGMENT_BITS].column(this.ordinals[part]);
    return segmentDatum(column, this.#types[part], row & OFFSET_MASK);
  }
}

/** Hashes of the strings of a dictionary, each computed once. */
export class CodeHashes {
  #dictionary: Dictionary | undefined;
  #hashes = new Int32Array(0);
  #count = 0;

  hash(dictionary: Dictionary, code: number): number {
    if (dictionary !== this.#dictionary || code >= this.#count) this.#extend(dictionary);
    return this.#hashes[code];
  }

  #extend(dictionary: Dictionary): void {
    if (dictionary !== this.#dictionary) this.#count = 0;
    this.#dictionary = dictionary;
    const { strings } = dictionary;
    if (strings.length > this.#hashes.length) {
      const hashes = new Int32Array(Math.max(strings.length, this.#hashes.length * 2));
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
    while (this.#count < strings.length) {
      this.#hashes[this.#count] = hashText(strings[this.#count]);
      this.#count++;
    }
  }
}

function endOfBlock(rows: Int32Array, from: number, count: number): number {
  const segment = rows[from] >>> SEGMENT_BITS;
  const limit = Math.min(count, from + BLOCK_ROWS);
  let to = from + 1;
  while (to < limit && rows[to] >>> SEGMENT_BITS === segment) to++;
  return to;
}

/** Whether all are 32-bit integers. */
function hashNumbers(numbers: Float64Array, count: number, combine: boolean, into: Int32Array): boolean {
  if (combine) {
    for (let i = 0; i < count; i++) into[i] = combineHashes(into[i], hashNumber(numbers[i]));
    return false;
  }
  let integers = 0;
  for (let i = 0; i < count; i++) {
    const value = numbers[i];
    const integer = value | 0;
    if (integer === value) {
      into[i] = mix32(integer);
      integers++;
    } else into[i] = hashNumber(value);
  }
  return integers === count;
}

function equalSlots(x: SegmentColumn, a: number, y: SegmentColumn, b: number, type: SqlType): boolean {
  const leftNull = x.nulls !== null && getBit(x.nulls, a);
  const rightNull = y.nulls !== null && getBit(y.nulls, b);
  if (leftNull || rightNull) return leftNull === rightNull;
  if (x.kind === "numbers" && y.kind === "numbers") {
    const left = x.values[a];
    const right = y.values[b];
    return left === right || (left !== left && right !== right);
  }
  if (x.kind === "codes" && y.kind === "codes") return equalCodes(x, a, y, b);
  if (x.kind === "utf8" && y.kind === "utf8") return equalBytes(x, a, y, b);
  return equalDatums(segmentDatum(x, type, a), segmentDatum(y, type, b));
}

function equalCodes(x: CodeSegment, a: number, y: CodeSegment, b: number): boolean {
  if (x.dictionary === y.dictionary) return x.values[a] === y.values[b];
  return x.dictionary.strings[x.values[a]] === y.dictionary.strings[y.values[b]];
}

function equalBytes(x: Utf8Segment, a: number, y: Utf8Segment, b: number): boolean {
  const length = x.ends[a] - x.starts[a];
  if (length !== y.ends[b] - y.starts[b]) return false;
  const from = x.starts[a];
  const other = y.starts[b];
  for (let i = 0; i < length; i++) if (x.bytes[from + i] !== y.bytes[other + i]) return false;
  return true;
}
