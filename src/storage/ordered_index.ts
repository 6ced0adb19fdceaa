/**
 * Row ids in key order: a sorted list cut into leaves.
 *
 * ```
 * leaves   [ 4 9 2 ]  [ 7 1 ]  [ 8 3 5 ]     each up to 512 row ids, ordered by (key, row id)
 * ```
 *
 * Keys are read from the rows. Adding and removing take O(log n) comparisons plus a move within one leaf and, on
 * a split, within the list of leaves (n / 256 entries). Ranges are read leaf by leaf. NULL sorts last and is kept,
 * so that the index orders all rows.
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import type { KeyReader } from "./index_key.ts";
import type { MemoryAccount } from "./memory_account.ts";
import type { KeyBound } from "./table_view.ts";

const LEAF_ROWS = 512;
const LEAF_BYTES = LEAF_ROWS * 4 + 64;

interface Leaf {
  readonly rows: Int32Array;
  count: number;
}

/** Row ids ordered by key. */
export class OrderedIndex {
  readonly #reader: KeyReader;
  readonly #account: MemoryAccount;
  #leaves: Leaf[] = [];
  #count = 0;

  constructor(reader: KeyReader, account: MemoryAccount) {
    this.#reader = reader;
    this.#account = account;
  }

  /** Number of rows. */
  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#leaves.length * LEAF_BYTES;
  }

  add(row: number): void {
    this.#count++;
    if (this.#leaves.length === 0) this.#addLeaf(0);
    const index = Math.min(this.#leafOf((other) => this.#order(other, row)), this.#leaves.length - 1);
    let leaf = this.#leaves[index];
    let at = lowerBound(leaf, (other) => this.#order(other, row));
    if (leaf.count === LEAF_ROWS) {
      // Keys that only grow fill leaves to the brim; others split in the middle.
      const keep = index === this.#leaves.length - 1 && at === LEAF_ROWS ? LEAF_ROWS : LEAF_ROWS / 2;
      const right = this.#addLeaf(index + 1);
      right.rows.set(leaf.rows.subarray(keep, LEAF_ROWS));
      right.count = LEAF_ROWS - keep;
      leaf.count = keep;
      if (at > keep || keep === LEAF_ROWS) {
        leaf = right;
        at -= keep;
      }
    }
    leaf.rows.copyWithin(at + 1, at, leaf.count);
    leaf.rows[at] = row;
    leaf.count++;
  }

  /** Removes a row that still has the key with which it was added. */
  remove(row: number): void {
    const index = this.#leafOf((other) => this.#order(other, row));
    const leaf = this.#leaves[index];
    assert(leaf !== undefined, () => `Row ${row} is not in the ordered index`);
    const at = lowerBound(leaf, (other) => this.#order(other, row));
    assert(leaf.rows[at] === row, () => `Row ${row} is not in the ordered index`);
    leaf.rows.copyWithin(at, at + 1, leaf.count);
    leaf.count--;
    this.#count--;
    if (leaf.count > 0) return;
    this.#leaves.splice(index, 1);
    this.#account.add(-LEAF_BYTES);
  }

  /** Replaces the contents by `rows`, sorting them once. */
  build(rows: Int32Array): void {
    this.clear();
    const sorted = Int32Array.from(rows).sort((a, b) => this.#order(a, b));
    for (let from = 0; from < sorted.length; from += LEAF_ROWS) {
      const leaf = this.#addLeaf(this.#leaves.length);
      leaf.count = Math.min(LEAF_ROWS, sorted.length - from);
      leaf.rows.set(sorted.subarray(from, from + leaf.count));
    }
    this.#count = sorted.length;
  }

  /** Calls `visit` with the row ids between two bounds in ascending order until it returns false. */
  scan(lower: KeyBound | undefined, upper: KeyBound | undefined, visit: (row: number) => boolean): void {
    const before = (row: number): number => {
      if (lower === undefined) return 1;
      const order = this.#reader.compareKey(row, lower.key);
      return order === 0 ? (lower.inclusive ? 1 : -1) : order;
    };
    let index = this.#leafOf(before);
    if (index === this.#leaves.length) return;
    for (let at = lowerBound(this.#leaves[index], before); index < this.#leaves.length; index++, at = 0) {
      const leaf = this.#leaves[index];
      for (; at < leaf.count; at++) {
        const row = leaf.rows[at];
        if (upper !== undefined) {
          const order = this.#reader.compareKey(row, upper.key);
          if (order > 0 || (order === 0 && !upper.inclusive)) return;
        }
        if (!visit(row)) return;
      }
    }
  }

  /** Forgets all rows. */
  clear(): void {
    this.#account.add(-this.byteLength);
    this.#leaves = [];
    this.#count = 0;
  }

  #addLeaf(index: number): Leaf {
    const leaf = { rows: new Int32Array(LEAF_ROWS), count: 0 };
    this.#leaves.splice(index, 0, leaf);
    this.#account.add(LEAF_BYTES);
    return leaf;
  }

  /** Order of two rows by key, then by row id. */
  #order(a: number, b: number): number {
    const order = this.#reader.compareRows(a, b);
    return order === 0 ? a - b : order;
  }

  /** Index of the first leaf whose last row is not below what `compare` looks for. */
  #leafOf(compare: (row: number) => number): number {
    let from = 0;
    let to = this.#leaves.length;
    while (from < to) {
      const middle = from + to >>> 1;
      const leaf = this.#leaves[middle];
      if (compare(leaf.rows[leaf.count - 1]) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function lowerBound(leaf: Leaf, compare: (row: number) => number): number {
  let from = 0;
  let to = leaf.count;
  while (from < to) {
    const middle = from + to >>> 1;
    if (compare(leaf.rows[middle]) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
