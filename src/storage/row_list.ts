/**
 * A growing list of row ids in a typed array: appending is O(1) amortised, 4 bytes a row.
 *
 * @module
 */

const NO_ROWS = new Int32Array(0);
const LEAST_CAPACITY = 8;
/** Larger arrays are not kept for the next use. */
const KEPT_CAPACITY = 1024;

/** Row ids in order of arrival. Empty ones share one array: most lists of a small transaction stay empty. */
export class RowList {
  #rows: Int32Array = NO_ROWS;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The row id at `index`. */
  at(index: number): number {
    return this.#rows[index];
  }

  add(row: number): void {
    if (this.#count === this.#rows.length) this.#grow(this.#count + 1);
    this.#rows[this.#count++] = row;
  }

  /** Replaces the row id at `index`. */
  set(index: number, row: number): void {
    this.#rows[index] = row;
  }

  addAll(rows: ArrayLike<number>): void {
    if (this.#count + rows.length > this.#rows.length) this.#grow(this.#count + rows.length);
    this.#rows.set(rows, this.#count);
    this.#count += rows.length;
  }

  /** Removes the last row id and returns it; -1 when there is none. */
  pop(): number {
    return this.#count === 0 ? -1 : this.#rows[--this.#count];
  }

  /** Keeps the first `count` row ids. */
  truncate(count: number): void {
    this.#count = count;
  }

  /** Forgets all, and gives back what was not little. */
  clear(): void {
    this.#count = 0;
    if (this.#rows.length > KEPT_CAPACITY) this.#rows = NO_ROWS;
  }

  /** The row ids, sharing memory with the list. */
  view(): Int32Array {
    return this.#rows.subarray(0, this.#count);
  }

  get byteLength(): number {
    return this.#rows.byteLength;
  }

  #grow(needed: number): void {
    const rows = new Int32Array(Math.max(needed, this.#rows.length * 2, LEAST_CAPACITY));
    rows.set(this.#rows);
    this.#rows = rows;
  }
}
