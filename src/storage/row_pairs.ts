/**
 * A growing list of pairs of numbers in typed arrays: a probing row and a row that it found.
 *
 * Appending is O(1) amortised, 8 bytes a pair. Arrays are used again after `clear`, unless they are large.
 *
 * @module
 */

/** Arrays up to this length are kept for the next time. */
const KEPT_LENGTH = 65536;

/** Pairs in order of arrival. */
export class RowPairs {
  #probes: Int32Array;
  #rows: Int32Array;
  /** Number of pairs. */
  count = 0;

  constructor(capacity = 16) {
    this.#probes = new Int32Array(capacity);
    this.#rows = new Int32Array(capacity);
  }

  /** Numbers of the probing rows; the array may be longer than `count` and is replaced when it grows. */
  get probes(): Int32Array {
    return this.#probes;
  }

  /** The rows that they found. */
  get rows(): Int32Array {
    return this.#rows;
  }

  add(probe: number, row: number): void {
    const at = this.count;
    if (at === this.#rows.length) this.#grow();
    this.#probes[at] = probe;
    this.#rows[at] = row;
    this.count = at + 1;
  }

  clear(): void {
    this.count = 0;
    if (this.#rows.length <= KEPT_LENGTH) return;
    this.#probes = new Int32Array(16);
    this.#rows = new Int32Array(16);
  }

  /** Keeps pairs `selection[0 .. count]`, which ascend. */
  keep(selection: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#probes[i] = this.#probes[selection[i]];
      this.#rows[i] = this.#rows[selection[i]];
    }
    this.count = count;
  }

  /** The arrays, with room for `count` pairs more. */
  reserve(count: number): { readonly probes: Int32Array; readonly rows: Int32Array } {
    if (this.count + count > this.#rows.length) this.#grow(this.count + count);
    return { probes: this.#probes, rows: this.#rows };
  }

  #grow(least = 0): void {
    const length = Math.max(least, this.#rows.length * 2);
    const probes = new Int32Array(length);
    const rows = new Int32Array(length);
    probes.set(this.#probes);
    rows.set(this.#rows);
    this.#probes = probes;
    this.#rows = rows;
  }
}
