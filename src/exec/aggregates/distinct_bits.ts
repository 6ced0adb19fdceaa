/**
 * Distinct whole numbers of a known range, by group: one bit for each value and group.
 *
 * ```
 * group 0 | NULL min min+1 ... max |
 * group 1 | NULL min min+1 ... max |      bit (group * range + value - min + 1)
 * ```
 *
 * One access to memory a row and range / 8 bytes a group, so `count(DISTINCT customer)` by month takes 20 KB a
 * month for 150,000 customers, and no hashing. O(1) a row.
 *
 * @module
 */
import type { DenseVector } from "../vector_build.ts";
import type { KeyBounds } from "../key_table_encoder.ts";

/** Half a megabyte is cleared in no time, 32 MB is too much; between them a row may cost four bytes. */
const BITS_ALWAYS = 2 ** 22;
const BITS_MAX = 2 ** 28;
const BITS_PER_ROW = 32;

/** The values that each group has seen. */
export class DistinctBits {
  readonly #min: number;
  /** Bits of a group. */
  readonly #range: number;
  readonly #bitsMax: number;
  #words: Int32Array = new Int32Array(1024);
  #groupCount = 0;

  /** `bounds`: of all values; `rowsExpected`: about how many will come. */
  constructor(bounds: KeyBounds, rowsExpected: number) {
    this.#min = bounds.min;
    this.#range = bounds.max - bounds.min + 2;
    this.#bitsMax = Math.max(BITS_ALWAYS, Math.min(BITS_MAX, rowsExpected * BITS_PER_ROW));
  }

  /** Memory in bytes. */
  get memoryBytes(): number {
    return this.#words.byteLength;
  }

  /** Whether values of these bounds can be kept at all. */
  static fits(bounds: KeyBounds | undefined): bounds is KeyBounds {
    return bounds !== undefined && bounds.max - bounds.min + 2 <= BITS_MAX / 16;
  }

  /** Makes room for groups below `groupCount`; false when they would take too much. */
  reserve(groupCount: number): boolean {
    const bits = groupCount * this.#range;
    if (bits > this.#bitsMax) return false;
    this.#groupCount = Math.max(this.#groupCount, groupCount);
    if (this.#words.length * 32 < bits) {
      const grown = new Int32Array(Math.max((bits + 31) >>> 5, this.#words.length * 2));
      grown.set(this.#words);
      this.#words = grown;
    }
    return true;
  }

  /**
   * Writes to `rows` those of `size` rows whose value is new in their group, ascending, and gives their number;
   * -1 when a value is outside of the bounds or no whole number, before anything is changed.
   */
  select(ids: Int32Array | null, vector: DenseVector, size: number, rows: Int32Array): number {
    if (vector.kind !== "i32" && vector.kind !== "f64") return -1;
    if (!this.#covers(vector.values, vector.nulls, size)) return -1;
    return selectNew(this.#words, ids, vector.values, vector.nulls, size, this.#min - 1, this.#range, rows);
  }

  /** All groups with their values: `emit` gets up to `batch` of them at a time. */
  forEachBatch(batch: number, emit: (ids: Int32Array, vector: DenseVector, size: number) => void): void {
    const ids = new Int32Array(batch);
    const values = new Float64Array(batch);
    const nulls = new Uint8Array(batch);
    let size = 0;
    for (let group = 0; group < this.#groupCount; group++) {
      const base = group * this.#range;
      for (let code = 0; code < this.#range; code++) {
        const bit = base + code;
        const rest = this.#words[bit >>> 5]! >>> (bit & 31);
        if (rest === 0) code += 31 - (bit & 31);
        if ((rest & 1) === 0) continue;
        ids[size] = group;
        values[size] = code === 0 ? 0 : code + this.#min - 1;
        nulls[size++] = Number(code === 0);
        if (size < batch) continue;
        emit(ids, { kind: "f64", values, nulls }, size);
        size = 0;
      }
    }
    if (size > 0) emit(ids, { kind: "f64", values, nulls }, size);
  }

  #covers(values: Int32Array | Float64Array, nulls: Uint8Array | null, size: number): boolean {
    const max = this.#min + this.#range - 2;
    for (let i = 0; i < size; i++) {
      const value = values[i]!;
      if (nulls !== null && nulls[i] === 1) continue;
      if (!(value >= this.#min && value <= max) || Math.trunc(value) !== value) return false;
    }
    return true;
  }
}

function selectNew(
  words: Int32Array,
  ids: Int32Array | null,
  values: Int32Array | Float64Array,
  nulls: Uint8Array | null,
  size: number,
  base: number,
  range: number,
  rows: Int32Array,
): number {
  let count = 0;
  for (let i = 0; i < size; i++) {
    const code = nulls !== null && nulls[i] === 1 ? 0 : values[i]! - base;
    const bit = (ids === null ? 0 : ids[i]!) * range + code;
    const word = words[bit >>> 5]!;
    rows[count] = i;
    // 1 when the bit was not set.
    count += (~(word >>> (bit & 31))) & 1;
    words[bit >>> 5] = word | (1 << (bit & 31));
  }
  return count;
}
