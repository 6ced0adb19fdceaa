/**
 * Row heaps: for each key the first of its rows in an order.
 *
 * ```
 * key 0 ─► 7          leftist heaps of row numbers in shared arrays: the path to the right is the shortest, so a
 *         / \         row comes or goes in O(log rows of the key)
 *        9   8
 * key 1 ─► 3
 * ```
 *
 * A row that is gone stays until it is the first; should it come back before, it is there already.
 *
 * @module
 */
import { grownInt32, grownUint8 } from "../../exec/aggregates/accumulator.ts";
import type { CompareRows } from "../../exec/operators/sort_order.ts";

/** See the module header. */
export class RowHeaps {
  readonly #compare: CompareRows;
  /** By key: its first row plus 1. */
  #roots: Int32Array = new Int32Array(64);
  /** By row: children plus 1; rows on the shortest way down, 0 for those that are in no heap. */
  #left: Int32Array = new Int32Array(64);
  #right: Int32Array = new Int32Array(64);
  #depths: Uint8Array = new Uint8Array(64);
  /** Comparisons so far. */
  comparedCount = 0;

  constructor(compare: CompareRows) {
    this.#compare = compare;
  }

  /** Approximate memory in bytes. */
  get stateBytes(): number {
    return this.#roots.byteLength + this.#left.byteLength + this.#right.byteLength + this.#depths.byteLength;
  }

  /** Makes room for so many keys and rows. */
  reserve(keyCount: number, rowCount: number): void {
    this.#roots = grownInt32(this.#roots, keyCount);
    this.#left = grownInt32(this.#left, rowCount);
    this.#right = grownInt32(this.#right, rowCount);
    this.#depths = grownUint8(this.#depths, rowCount);
  }

  /** Adds a row of a key unless it is there. */
  add(key: number, row: number): void {
    if (this.#depths[row] !== 0) return;
    this.#depths[row] = 1;
    this.#roots[key] = this.#merged(this.#roots[key]!, row + 1);
  }

  /** The first row of a key, -1 for none. */
  first(key: number): number {
    return this.#roots[key]! - 1;
  }

  /** Removes the first row of a key. */
  removeFirst(key: number): void {
    const row = this.#roots[key]! - 1;
    this.#roots[key] = this.#merged(this.#left[row]!, this.#right[row]!);
    this.#left[row] = 0;
    this.#right[row] = 0;
    this.#depths[row] = 0;
  }

  /** One heap of the rows of two. Goes down their right paths, which are O(log rows) long. */
  #merged(a: number, b: number): number {
    if (a === 0) return b;
    if (b === 0) return a;
    this.comparedCount++;
    const [top, other] = this.#compare(a - 1, b - 1) <= 0 ? [a, b] : [b, a];
    const row = top - 1;
    const right = this.#merged(this.#right[row]!, other);
    const left = this.#left[row]!;
    if (left === 0 || this.#depths[left - 1]! < this.#depths[right - 1]!) {
      this.#left[row] = right;
      this.#right[row] = left;
    } else {
      this.#right[row] = right;
    }
    const shortest = this.#right[row]!;
    this.#depths[row] = shortest === 0 ? 1 : this.#depths[shortest - 1]! + 1;
    return top;
  }
}
