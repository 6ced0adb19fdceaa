/**
 * Key table: dense ids for the distinct keys of rows, the one idea behind GROUP BY, DISTINCT, joins, set
 * operations and window partitions.
 *
 * ```
 * key columns --encoders--> codes --index--> ids 0, 1, 2, ... in order of first appearance
 *   'AIR', 7                 2, 5              0
 *   'SHIP', 7                3, 5              1
 *   'AIR', 7                 2, 5              0
 * ```
 *
 * The codes of every key are kept, so that the table can be rebuilt when an encoder widens, and the keys
 * themselves decoded. Small products of ranges are looked up in an array, others hashed; see
 * `key_table_index.ts`. O(columns) a row, amortised; 4 bytes a key and column besides the index.
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import type { SqlType } from "../storage/sql_type.ts";
import type { Vector } from "../storage/vector.ts";
import { createEncoder, type KeyBounds, type KeyEncoder } from "./key_table_encoder.ts";
import { type KeyIndex, PackedIndex, PairwiseIndex, PerfectIndex } from "./key_table_index.ts";
import { RangeEncoder } from "./key_table_range.ts";
import { materialize } from "./materialize.ts";

/** One key column. */
export interface KeyColumn {
  readonly type: SqlType;
  /** Whether NULL is a key like others (GROUP BY) or its rows have no key (joins): id -1. Default true. */
  readonly nullIsKey?: boolean;
  readonly bounds?: KeyBounds | undefined;
  /** Whether values that are equal and look different, as 1.5 and 1.50, are different keys. Default false. */
  readonly exact?: boolean;
}

const PERFECT_ALWAYS = 65536;
/** Array entries that a row may cost, and how many there may be. */
const PERFECT_PER_ROW = 4;
const PERFECT_MAX = 2 ** 26;
const FILTER_BITS_MAX = 2 ** 28;
const PACKED_MAX = 2 ** 53;
const REBUILD_ROWS = 65536;

/** Values of a key column: bit `value - min + 1` of `words` is set for those that occur. */
export interface ColumnFilter {
  readonly words: Uint32Array;
  readonly min: number;
  /** Bits in use. */
  readonly range: number;
}

/** Keys to dense ids. */
export class KeyTable {
  readonly #columns: readonly KeyColumn[];
  readonly #rowsExpected: number;
  readonly #encoders: KeyEncoder[];
  /** Codes of the keys by id, one array a column. */
  readonly #stored: Int32Array[];
  /** Codes of the rows at hand. */
  #codes: Int32Array[];
  /** Codes of the keys at hand. */
  #picked: Int32Array = new Int32Array(0);
  #ranges: number[] = [];
  #index: KeyIndex;
  #count = 0;
  /** Number of keys from which a hashed index may pay as an array. */
  #reviewCount = REBUILD_ROWS;
  #fresh: Int32Array = new Int32Array(0);
  #rows: Int32Array = new Int32Array(0);
  #subIds: Int32Array = new Int32Array(0);

  /** `rowsExpected`: about how many rows will be assigned and looked up; more let larger arrays pay. */
  constructor(columns: readonly KeyColumn[], rowsExpected = 0) {
    this.#columns = columns;
    this.#rowsExpected = rowsExpected;
    this.#encoders = columns.map((column) =>
      createEncoder(column.type, column.bounds, column.exact ?? false)
    );
    this.#stored = columns.map(() => new Int32Array(1024));
    this.#codes = columns.map(() => new Int32Array(0));
    this.#index = this.#newIndex();
  }

  /** Number of distinct keys. */
  get count(): number {
    return this.#count;
  }

  /** Approximate memory in bytes. */
  get memoryBytes(): number {
    let bytes = this.#index.memoryBytes;
    for (const encoder of this.#encoders) bytes += encoder.memoryBytes;
    for (const stored of this.#stored) bytes += stored.byteLength;
    return bytes;
  }

  /**
   * Writes the id of each row's key to `ids`, adding keys; -1 where NULL is no key. Rows whose key is new are
   * in `freshRows`, in the order of their ids. Gives the number of new keys.
   */
  assign(vectors: readonly Vector[], size: number, ids: Int32Array): number {
    this.#reserve(size);
    let changed = false;
    for (let j = 0; j < this.#encoders.length; j++) {
      const vector = materialize(vectors[j]!, size);
      if (!this.#encoders[j]!.encode(vector, size, this.#codes[j]!)) {
        this.#encoders[j] = this.#encoders[j]!.widened(vector, size, this.#stored[j]!, this.#count);
        const fits = this.#encoders[j]!.encode(vector, size, this.#codes[j]!);
        assert(fits, "A widened encoder takes the vector that it was widened for");
        changed = true;
      }
      if (this.#encoders[j]!.range !== this.#ranges[j]) changed = true;
    }
    if (changed) this.#rebuild();
    const before = this.#count;
    const keyed = this.#rowsWithKey(size);
    const added = keyed < 0
      ? this.#index.assign(this.#codes, size, ids, this.#fresh)
      : this.#assignSome(keyed, size, ids);
    if (added > 0) {
      this.#count = before + added;
      this.#keep(before, added);
      if (this.#count > this.#reviewCount) this.#review();
    }
    return added;
  }

  /** Rows of the last `assign` whose key was new. */
  get freshRows(): Int32Array {
    return this.#fresh;
  }

  /** Writes the id of each row's key to `ids`, -1 where it is not in the table or NULL is no key. */
  find(vectors: readonly Vector[], size: number, ids: Int32Array): void {
    this.#reserve(size);
    if (this.#findDirectly(vectors, size, ids)) return;
    for (let j = 0; j < this.#encoders.length; j++) {
      const codes = this.#codes[j]!;
      this.#encoders[j]!.find(materialize(vectors[j]!, size), size, codes);
      if (this.#columns[j]!.nullIsKey === false) {
        for (let i = 0; i < size; i++) if (codes[i] === 0) codes[i] = -1;
      }
    }
    this.#index.find(this.#codes, size, ids);
  }

  /** `find` in one loop, for a key of one column of whole numbers without NULL that is looked up in an array. */
  #findDirectly(vectors: readonly Vector[], size: number, ids: Int32Array): boolean {
    const [encoder] = this.#encoders;
    if (vectors.length !== 1 || !(encoder instanceof RangeEncoder)) return false;
    if (!(this.#index instanceof PerfectIndex)) return false;
    const vector = materialize(vectors[0]!, size);
    if (vector.kind === "f64" && vector.nulls === null) {
      findFloat64(this.#index.table, vector.values, size, encoder.min - 1, ids);
      return true;
    }
    if (vector.kind === "i32" && vector.nulls === null) {
      findInt32(this.#index.table, vector.values, size, encoder.min - 1, ids);
      return true;
    }
    return false;
  }

  /** The keys, by id: one vector a column. */
  keys(): Vector[] {
    return this.#encoders.map((encoder, j) => encoder.decode(this.#stored[j]!, this.#count));
  }

  /** The keys with ids in [from, to). */
  keySlice(from: number, to: number): Vector[] {
    return this.#encoders.map((encoder, j) => encoder.decode(this.#stored[j]!.subarray(from, to), to - from));
  }

  /** The keys with the first `count` of `ids`. */
  keysAt(ids: Int32Array, count: number): Vector[] {
    return this.#encoders.map((_, j) => this.columnAt(j, ids, count));
  }

  /** Column `j` of the keys with the first `count` of `ids`. */
  columnAt(j: number, ids: Int32Array, count: number): Vector {
    const stored = this.#stored[j]!;
    if (this.#picked.length < count) this.#picked = new Int32Array(count);
    const codes = this.#picked;
    for (let i = 0; i < count; i++) codes[i] = stored[ids[i]!]!;
    return this.#encoders[j]!.decode(codes, count);
  }

  /** The whole numbers that occur in key column `j`, as a bitmap; `undefined` when they are no small range. */
  columnFilter(j: number): ColumnFilter | undefined {
    const encoder = this.#encoders[j];
    if (!(encoder instanceof RangeEncoder) || encoder.range > FILTER_BITS_MAX) return undefined;
    const words = new Uint32Array((encoder.range + 31) >>> 5);
    setBits(words, this.#stored[j]!, this.#count);
    return { words, min: encoder.min, range: encoder.range };
  }

  #perfectMax(): number {
    const rows = Math.max(this.#rowsExpected, this.#count);
    return Math.max(PERFECT_ALWAYS, Math.min(PERFECT_MAX, PERFECT_PER_ROW * rows));
  }

  /** A table that has grown may now be dense enough for an array. */
  #review(): void {
    this.#reviewCount = this.#count * 2;
    if (this.#index instanceof PerfectIndex) return;
    const product = this.#ranges.reduce((all, range) => all * range, 1);
    if (product <= this.#perfectMax()) this.#rebuild();
  }

  #newIndex(): KeyIndex {
    this.#ranges = this.#encoders.map((encoder) => encoder.range);
    const product = this.#ranges.reduce((all, range) => all * range, 1);
    if (product <= this.#perfectMax()) return new PerfectIndex(this.#ranges);
    if (product < PACKED_MAX) return new PackedIndex(this.#ranges, this.#count);
    return new PairwiseIndex(this.#ranges);
  }

  /** Makes the index anew from the kept codes. */
  #rebuild(): void {
    this.#index = this.#newIndex();
    const fresh = new Int32Array(Math.min(this.#count, REBUILD_ROWS));
    const ids = new Int32Array(fresh.length);
    for (let from = 0; from < this.#count; from += REBUILD_ROWS) {
      const to = Math.min(from + REBUILD_ROWS, this.#count);
      const added = this.#index.assign(
        this.#stored.map((codes) => codes.subarray(from, to)),
        to - from,
        ids,
        fresh,
      );
      assert(added === to - from, "Keys are distinct");
    }
  }

  #reserve(size: number): void {
    if (this.#fresh.length >= size) return;
    this.#codes = this.#columns.map(() => new Int32Array(size));
    this.#fresh = new Int32Array(size);
  }

  #keep(before: number, added: number): void {
    for (let j = 0; j < this.#stored.length; j++) {
      let stored = this.#stored[j]!;
      if (stored.length < before + added) {
        const grown = new Int32Array(Math.max(before + added, stored.length + (stored.length >> 2)));
        grown.set(stored);
        this.#stored[j] = stored = grown;
      }
      const codes = this.#codes[j]!;
      const fresh = this.#fresh;
      for (let i = 0; i < added; i++) stored[before + i] = codes[fresh[i]!]!;
    }
  }

  /** Collects to `#rows` the rows without a forbidden NULL; -1 when all are. */
  #rowsWithKey(size: number): number {
    let found = false;
    for (let j = 0; j < this.#columns.length && !found; j++) {
      found = this.#columns[j]!.nullIsKey === false && hasZero(this.#codes[j]!, size);
    }
    if (!found) return -1;
    if (this.#rows.length < size) {
      this.#rows = new Int32Array(size);
      this.#subIds = new Int32Array(size);
    }
    let count = 0;
    for (let i = 0; i < size; i++) {
      let keyed = true;
      for (let j = 0; j < this.#columns.length; j++) {
        if (this.#columns[j]!.nullIsKey === false && this.#codes[j]![i] === 0) keyed = false;
      }
      if (keyed) this.#rows[count++] = i;
    }
    return count;
  }

  #assignSome(keyed: number, size: number, ids: Int32Array): number {
    const rows = this.#rows;
    const codes = this.#codes.map((column) => {
      const picked = new Int32Array(keyed);
      for (let i = 0; i < keyed; i++) picked[i] = column[rows[i]!]!;
      return picked;
    });
    const added = this.#index.assign(codes, keyed, this.#subIds, this.#fresh);
    for (let i = 0; i < added; i++) this.#fresh[i] = rows[this.#fresh[i]!]!;
    ids.fill(-1, 0, size);
    for (let i = 0; i < keyed; i++) ids[rows[i]!] = this.#subIds[i]!;
    return added;
  }
}

function hasZero(codes: Int32Array, size: number): boolean {
  for (let i = 0; i < size; i++) if (codes[i] === 0) return true;
  return false;
}

function setBits(words: Uint32Array, codes: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) words[codes[i]! >>> 5]! |= 1 << (codes[i]! & 31);
}

function findFloat64(
  table: Int32Array,
  values: Float64Array,
  size: number,
  base: number,
  ids: Int32Array,
): void {
  const range = table.length;
  for (let i = 0; i < size; i++) {
    const code = values[i]! - base;
    const whole = code | 0;
    ids[i] = whole === code && whole > 0 && whole < range ? table[whole]! - 1 : -1;
  }
}

function findInt32(table: Int32Array, values: Int32Array, size: number, base: number, ids: Int32Array): void {
  const range = table.length;
  for (let i = 0; i < size; i++) {
    const code = values[i]! - base;
    ids[i] = code > 0 && code < range ? table[code]! - 1 : -1;
  }
}
