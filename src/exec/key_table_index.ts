/**
 * Indexes of a key table: from the codes of the key columns to dense ids.
 *
 * ```
 * perfect    ids[code0 + range0 * code1 + ...]             product of ranges is small
 * packed     intern(code0 + range0 * code1 + ...)          product of ranges below 2^53
 * pairwise   intern(intern(code0 * 2^26 + code1) * 2^26 + code2) ...
 * ```
 *
 * All are O(columns) a row.
 *
 * @module
 */
import { NumberInterner } from "./key_table_interner.ts";

/** Combinations of codes to ids in order of first appearance. */
export interface KeyIndex {
  readonly memoryBytes: number;
  /** Writes ids; rows with a new combination go to `fresh`, in order. Gives their count. */
  assign(codes: readonly Int32Array[], size: number, ids: Int32Array, fresh: Int32Array): number;
  /** Writes ids, -1 where the combination is not known or a code is -1. */
  find(codes: readonly Int32Array[], size: number, ids: Int32Array): void;
}

/** An id for each possible combination. */
export class PerfectIndex implements KeyIndex {
  readonly #ranges: readonly number[];
  /** id + 1, 0 for none. */
  readonly #ids: Int32Array;
  #count = 0;
  #sums: Int32Array = new Int32Array(0);

  constructor(ranges: readonly number[]) {
    this.#ranges = ranges;
    this.#ids = new Int32Array(ranges.reduce((product, range) => product * range, 1));
  }

  get memoryBytes(): number {
    return this.#ids.byteLength;
  }

  /** id + 1 by code, for a key of one column. */
  get table(): Int32Array {
    return this.#ids;
  }

  assign(codes: readonly Int32Array[], size: number, ids: Int32Array, fresh: Int32Array): number {
    const before = this.#count;
    this.#count = assignPerfect(this.#ids, this.#combine(codes, size), size, ids, fresh, before);
    return this.#count - before;
  }

  find(codes: readonly Int32Array[], size: number, ids: Int32Array): void {
    const sums = this.#combine(codes, size);
    if (codes.length > 1) markMissing(codes, size, sums);
    findPerfect(this.#ids, sums, size, ids);
  }

  #combine(codes: readonly Int32Array[], size: number): Int32Array {
    if (codes.length === 1) return codes[0]!;
    if (this.#sums.length < size) this.#sums = new Int32Array(size);
    const sums = this.#sums;
    if (codes.length === 0) return sums.fill(0, 0, size);
    let stride = this.#ranges[0]!;
    addScaled(codes[0]!, codes[1]!, stride, size, sums);
    for (let j = 2; j < codes.length; j++) {
      stride *= this.#ranges[j - 1]!;
      addScaled(sums, codes[j]!, stride, size, sums);
    }
    return sums;
  }
}

/** Combinations packed into one number. */
export class PackedIndex implements KeyIndex {
  readonly #ranges: readonly number[];
  readonly #interner: NumberInterner;
  #packed: Float64Array = new Float64Array(0);

  constructor(ranges: readonly number[], countExpected: number) {
    this.#ranges = ranges;
    this.#interner = new NumberInterner(countExpected);
  }

  get memoryBytes(): number {
    return this.#interner.memoryBytes;
  }

  assign(codes: readonly Int32Array[], size: number, ids: Int32Array, fresh: Int32Array): number {
    return this.#interner.assign(this.#pack(codes, size), size, ids, fresh);
  }

  find(codes: readonly Int32Array[], size: number, ids: Int32Array): void {
    this.#interner.find(this.#pack(codes, size), size, ids);
    clearMissing(codes, size, ids);
  }

  #pack(codes: readonly Int32Array[], size: number): Float64Array {
    if (this.#packed.length < size) this.#packed = new Float64Array(size);
    const packed = this.#packed;
    packed.fill(0, 0, size);
    let stride = 1;
    for (let j = 0; j < codes.length; j++) {
      addPacked(codes[j]!, stride, size, packed);
      stride *= this.#ranges[j]!;
    }
    return packed;
  }
}

const PAIR_STRIDE = 2 ** 26;

/** Combinations interned two at a time. Ids and codes are interned first where they may pass 2^26. */
export class PairwiseIndex implements KeyIndex {
  readonly #columns: readonly (NumberInterner | null)[];
  readonly #pairs: readonly NumberInterner[];
  #packed: Float64Array = new Float64Array(0);
  #left: Int32Array = new Int32Array(0);
  #right: Int32Array = new Int32Array(0);
  #fresh: Int32Array = new Int32Array(0);

  constructor(ranges: readonly number[]) {
    this.#columns = ranges.map((range) => range <= PAIR_STRIDE ? null : new NumberInterner());
    this.#pairs = ranges.slice(1).map(() => new NumberInterner());
  }

  get memoryBytes(): number {
    let bytes = 0;
    for (const interner of this.#pairs) bytes += interner.memoryBytes;
    for (const interner of this.#columns) bytes += interner?.memoryBytes ?? 0;
    return bytes;
  }

  assign(codes: readonly Int32Array[], size: number, ids: Int32Array, fresh: Int32Array): number {
    this.#reserve(size);
    let added = 0;
    let left = this.#narrow(0, codes[0]!, size, this.#left, true);
    this.#pairs.forEach((pair, j) => {
      this.#pack(left, this.#narrow(j + 1, codes[j + 1]!, size, this.#right, true), size);
      const last = j === this.#pairs.length - 1;
      left = last ? ids : this.#left;
      added = pair.assign(this.#packed, size, left, last ? fresh : this.#fresh);
    });
    return added;
  }

  find(codes: readonly Int32Array[], size: number, ids: Int32Array): void {
    this.#reserve(size);
    let left = this.#narrow(0, codes[0]!, size, this.#left, false);
    this.#pairs.forEach((pair, j) => {
      this.#pack(left, this.#narrow(j + 1, codes[j + 1]!, size, this.#right, false), size);
      left = j === this.#pairs.length - 1 ? ids : this.#left;
      pair.find(this.#packed, size, left);
    });
    clearMissing(codes, size, ids);
  }

  #reserve(size: number): void {
    if (this.#packed.length >= size) return;
    this.#packed = new Float64Array(size);
    this.#left = new Int32Array(size);
    this.#right = new Int32Array(size);
    this.#fresh = new Int32Array(size);
  }

  #narrow(column: number, codes: Int32Array, size: number, into: Int32Array, add: boolean): Int32Array {
    const interner = this.#columns[column]!;
    if (interner === null) return codes;
    const values = Float64Array.from(codes.subarray(0, size));
    if (add) interner.assign(values, size, into, this.#fresh);
    else interner.find(values, size, into);
    return into;
  }

  /** A -1 on the left gives a negative number and one on the right a number that no pair has. */
  #pack(left: Int32Array, right: Int32Array, size: number): void {
    for (let i = 0; i < size; i++) {
      const low = right[i]!;
      this.#packed[i] = low < 0 ? -1 : left[i]! * PAIR_STRIDE + low;
    }
  }
}

function addScaled(a: Int32Array, b: Int32Array, stride: number, size: number, sums: Int32Array): void {
  for (let i = 0; i < size; i++) sums[i] = a[i]! + Math.imul(b[i]!, stride);
}

function addPacked(codes: Int32Array, stride: number, size: number, packed: Float64Array): void {
  for (let i = 0; i < size; i++) packed[i]! += codes[i]! * stride;
}

/** A -1 in any column makes the sum -1. */
function markMissing(codes: readonly Int32Array[], size: number, sums: Int32Array): void {
  for (const column of codes) {
    for (let i = 0; i < size; i++) if (column[i]! < 0) sums[i] = -1;
  }
}

function clearMissing(codes: readonly Int32Array[], size: number, ids: Int32Array): void {
  for (const column of codes) {
    for (let i = 0; i < size; i++) if (column[i]! < 0) ids[i] = -1;
  }
}

/** Gives the new count. */
function assignPerfect(
  table: Int32Array,
  sums: Int32Array,
  size: number,
  ids: Int32Array,
  fresh: Int32Array,
  before: number,
): number {
  let count = before;
  for (let i = 0; i < size; i++) {
    const sum = sums[i]!;
    let id = table[sum]!;
    if (id === 0) {
      fresh[count - before] = i;
      id = ++count;
      table[sum] = id;
    }
    ids[i] = id - 1;
  }
  return count;
}

function findPerfect(table: Int32Array, sums: Int32Array, size: number, ids: Int32Array): void {
  for (let i = 0; i < size; i++) {
    const sum = sums[i]!;
    ids[i] = sum < 0 ? -1 : table[sum]! - 1;
  }
}
