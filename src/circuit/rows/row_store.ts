/**
 * Row store: rows of numbers, each under a number that it keeps while it is there.
 *
 * ```
 * values   7 1.5 0 | 8 -2 3 | . . . | 9 4 4      by row: its columns side by side, one access to memory
 * nulls    000     | 010    | free  | 000        by row: a bit for each NULL
 * slots    row + 1, hash                         open addressing: a row that is gone leaves nothing behind
 * ```
 *
 * Rows that look different are different: 0 and -0, NULL and 0. Adding, finding and releasing a row are O(columns);
 * a released number is given out again. Columns of texts and objects, and numbers beyond 2^53, are not for it.
 *
 * @module
 */
import { combineHashes, hashNumber } from "../../base/hash.ts";
import { grownFloat64, grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { materialize } from "../../exec/materialize.ts";
import { type DenseVector, plainKind } from "../../exec/vector_build.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { NullBytes, Vector } from "../../storage/vector.ts";

const COLUMNS_MAX = 31;
const LEAST_SLOTS = 32;
/** In place of the bits of a released row. */
const FREE = -1;

type Numbers = Int32Array | Float64Array | Uint8Array;

interface NumberColumn {
  readonly values: Numbers;
  readonly nulls: NullBytes;
}

/** See the module header. */
export class RowStore {
  readonly #types: readonly SqlType[];
  #values: Float64Array = new Float64Array(0);
  #nulls: Int32Array = new Int32Array(0);
  #slots: Int32Array = new Int32Array(LEAST_SLOTS * 2);
  #limit = 0;
  #free: Int32Array = new Int32Array(0);
  #freeCount = 0;
  #fresh: Int32Array = new Int32Array(0);
  #hashes: Int32Array = new Int32Array(0);
  /** The rows at hand, side by side. */
  #given: Float64Array = new Float64Array(0);
  #givenNulls: Int32Array = new Int32Array(0);

  private constructor(types: readonly SqlType[]) {
    this.#types = types;
  }

  /** A store for rows of these types; undefined when they are not for one. */
  static of(types: readonly SqlType[]): RowStore | undefined {
    const areNumbers = types.every((type) => {
      const kind = plainKind(type);
      return kind === "i32" || kind === "f64" || kind === "bool";
    });
    return areNumbers && types.length > 0 && types.length <= COLUMNS_MAX ? new RowStore(types) : undefined;
  }

  /** Numbers that have been given out are below it. */
  get count(): number {
    return this.#limit;
  }

  /** Memory in bytes. */
  get memoryBytes(): number {
    return this.#values.byteLength + this.#nulls.byteLength + this.#slots.byteLength + this.#free.byteLength;
  }

  /** Rows of the last `assign` that were new, by position. */
  get freshRows(): Int32Array {
    return this.#fresh;
  }

  /** Writes the number of each row to `ids`, adding rows; gives how many are new, -1 when a column is none of numbers. */
  assign(columns: readonly Vector[], size: number, ids: Int32Array): number {
    if (!this.#take(columns, size)) return -1;
    this.#fresh = grownInt32(this.#fresh, size);
    let added = 0;
    for (let i = 0; i < size; i++) {
      const hash = this.#hashes[i]!;
      let at = this.#slotOf(i, hash);
      if (this.#slots[at] === 0) {
        if (this.#reserveSlots(this.#limit - this.#freeCount + 1)) at = this.#slotOf(i, hash);
        this.#slots[at] = this.#store(i) + 1;
        this.#slots[at + 1] = hash;
        this.#fresh[added++] = i;
      }
      ids[i] = this.#slots[at]! - 1;
    }
    return added;
  }

  /** The slot of row `i` of those at hand, or the free one that it would get. */
  #slotOf(i: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = hash << 1 & mask;
    while (slots[at] !== 0 && (slots[at + 1] !== hash || !this.#isSame(slots[at]! - 1, i))) {
      at = at + 2 & mask;
    }
    return at;
  }

  /** Whether a row is there. */
  has(row: number): boolean {
    return this.#nulls[row] !== FREE;
  }

  /** Forgets a row; its number may be given out again. */
  release(row: number): void {
    this.#removeSlot(row);
    this.#nulls[row] = FREE;
    this.#free = grownInt32(this.#free, this.#freeCount + 1);
    this.#free[this.#freeCount++] = row;
  }

  /** The rows with the first `count` of `rows`, one vector a column. */
  keysAt(rows: Int32Array, count: number): Vector[] {
    return this.#types.map((_, j) => this.columnAt(j, rows, count));
  }

  /** Column `j` of the rows with the first `count` of `rows`. */
  columnAt(j: number, rows: Int32Array, count: number): Vector {
    const kind = plainKind(this.#types[j]!);
    const values = kind === "i32"
      ? new Int32Array(count)
      : kind === "bool"
      ? new Uint8Array(count)
      : new Float64Array(count);
    const width = this.#types.length;
    let nulls: Uint8Array | null = null;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      values[i] = this.#values[row * width + j]!;
      if ((this.#nulls[row]! >>> j & 1) === 1) (nulls ??= new Uint8Array(count))[i] = 1;
    }
    // The array is the one of the kind.
    return { kind, values, nulls } as Vector;
  }

  /** Puts rows side by side and hashes them; false when a column is none of numbers. */
  #take(columns: readonly Vector[], size: number): boolean {
    const numbers: NumberColumn[] = [];
    for (const column of columns) {
      const vector = materialize(column, size);
      if (!isNumbers(vector)) return false;
      numbers.push(vector);
    }
    const width = this.#types.length;
    this.#given = grownFloat64(this.#given, size * width);
    this.#givenNulls = grownInt32(this.#givenNulls, size).fill(0, 0, size);
    this.#hashes = grownInt32(this.#hashes, size).fill(0, 0, size);
    numbers.forEach(({ values, nulls }, j) => {
      const doubles = values instanceof Float64Array ? values : Float64Array.from(values.subarray(0, size));
      takeColumn(doubles, size, j, width, this.#given);
      if (nulls !== null) takeNulls(nulls, size, j, width, this.#given, this.#givenNulls);
      hashColumn(this.#given, size, j, width, this.#hashes);
    });
    hashNulls(this.#givenNulls, size, this.#hashes);
    return true;
  }

  #isSame(row: number, i: number): boolean {
    if (this.#nulls[row] !== this.#givenNulls[i]) return false;
    const width = this.#types.length;
    const values = this.#values;
    const given = this.#given;
    for (let j = 0; j < width; j++) {
      if (!Object.is(values[row * width + j], given[i * width + j])) return false;
    }
    return true;
  }

  /** Stores row `i` of those at hand; gives its number. */
  #store(i: number): number {
    const row = this.#freeCount > 0 ? this.#free[--this.#freeCount]! : this.#limit++;
    const width = this.#types.length;
    this.#values = grownFloat64(this.#values, (row + 1) * width);
    this.#nulls = grownInt32(this.#nulls, row + 1);
    for (let j = 0; j < width; j++) this.#values[row * width + j] = this.#given[i * width + j]!;
    this.#nulls[row] = this.#givenNulls[i]!;
    return row;
  }

  #hashOf(row: number): number {
    const width = this.#types.length;
    let hash = 0;
    for (let j = 0; j < width; j++) hash = combineHashes(hash, hashNumber(this.#values[row * width + j]!));
    return this.#nulls[row] === 0 ? hash : combineHashes(hash, this.#nulls[row]!);
  }

  #removeSlot(row: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#hashOf(row) << 1 & mask;
    while (slots[hole] !== row + 1) hole = hole + 2 & mask;
    for (let at = hole + 2 & mask; slots[at] !== 0; at = at + 2 & mask) {
      const home = slots[at + 1]! << 1 & mask;
      // The row may move into the hole unless its home lies between the hole and itself.
      if ((at - home & mask) < (at - hole & mask)) continue;
      slots[hole] = slots[at]!;
      slots[hole + 1] = slots[at + 1]!;
      hole = at;
    }
    slots[hole] = 0;
  }

  /** Makes room for `count` rows, which use two thirds of the slots at most; whether the slots are others now. */
  #reserveSlots(count: number): boolean {
    let length = this.#slots.length;
    while (count * 3 > length) length *= 2;
    if (length === this.#slots.length) return false;
    const slots = new Int32Array(length);
    const mask = length - 1;
    for (let i = 0; i < this.#slots.length; i += 2) {
      if (this.#slots[i] === 0) continue;
      let at = this.#slots[i + 1]! << 1 & mask;
      while (slots[at] !== 0) at = at + 2 & mask;
      slots[at] = this.#slots[i]!;
      slots[at + 1] = this.#slots[i + 1]!;
    }
    this.#slots = slots;
    return true;
  }
}

function isNumbers(vector: DenseVector): vector is Extract<DenseVector, { kind: "i32" | "f64" | "bool" }> {
  return vector.kind === "i32" || vector.kind === "f64" || vector.kind === "bool";
}

/** Writes column `j` into rows of `width` values. */
function takeColumn(values: Float64Array, size: number, j: number, width: number, given: Float64Array): void {
  for (let i = 0, at = j; i < size; i++, at += width) given[at] = values[i]!;
}

/** NULLs of column `j`: a bit each, and 0 for a value. */
function takeNulls(
  nulls: Uint8Array,
  size: number,
  j: number,
  width: number,
  given: Float64Array,
  bits: Int32Array,
): void {
  for (let i = 0; i < size; i++) {
    if (nulls[i] === 0) continue;
    given[i * width + j] = 0;
    bits[i]! |= 1 << j;
  }
}

function hashColumn(given: Float64Array, size: number, j: number, width: number, hashes: Int32Array): void {
  for (let i = 0, at = j; i < size; i++, at += width) {
    hashes[i] = combineHashes(hashes[i]!, hashNumber(given[at]!));
  }
}

function hashNulls(bits: Int32Array, size: number, hashes: Int32Array): void {
  for (let i = 0; i < size; i++) if (bits[i] !== 0) hashes[i] = combineHashes(hashes[i]!, bits[i]!);
}
