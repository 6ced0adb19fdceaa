/**
 * The keys of a change: its rows found by key, and its distinct keys, for one epoch.
 *
 * ```
 * slots    hash -> key number + 1           open addressing, as many slots as 2 rows and more
 * first    key number -> a row with the key
 * heads    key number -> last row, next -> the row before it with the same key, -1 at the end
 * ```
 *
 * The arrays are used again, so a change of one row costs no more than its hash. Loading and finding are O(1) a row.
 *
 * @module
 */
import { ProbeKeys } from "../../storage/probe_keys.ts";
import type { RowPairs } from "../../storage/row_pairs.ts";
import type { Vector } from "../../storage/vector.ts";

/** Arrays up to this length are kept for the next time. */
const KEPT_LENGTH = 65536;

/** See the module header. */
export class DeltaKeys {
  readonly #keys = new ProbeKeys();
  #slots = new Int32Array(32);
  #mask = 31;
  #first = new Int32Array(16);
  #heads = new Int32Array(16);
  #next = new Int32Array(16);
  #ids = new Int32Array(16);
  /** Distinct keys. */
  count = 0;

  /** The number of each row's key; -1 for rows with a NULL where NULL is no key. */
  get ids(): Int32Array {
    return this.#ids;
  }

  /** A row with each key. */
  get first(): Int32Array {
    return this.#first;
  }

  /** Takes the keys of `size` rows, which must hold until they are no more looked at. */
  load(vectors: readonly Vector[], size: number, nullIsKey: boolean): void {
    const keys = this.#keys;
    keys.load(vectors, size);
    this.#reserve(size);
    this.count = 0;
    const { hashes } = keys;
    const nulls = nullIsKey ? null : keys.nulls;
    for (let i = 0; i < size; i++) {
      if (nulls !== null && nulls[i] === 1) {
        this.#ids[i] = -1;
        continue;
      }
      let slot = hashes[i]! & this.#mask;
      let id = this.#slots[slot]! - 1;
      while (id >= 0 && (hashes[this.#first[id]!] !== hashes[i] || !keys.equals(this.#first[id]!, keys, i))) {
        slot = slot + 1 & this.#mask;
        id = this.#slots[slot]! - 1;
      }
      if (id < 0) {
        id = this.count++;
        this.#slots[slot] = id + 1;
        this.#first[id] = i;
        this.#heads[id] = -1;
      }
      this.#ids[i] = id;
      this.#next[i] = this.#heads[id]!;
      this.#heads[id] = i;
    }
  }

  /** Forgets the change. */
  clear(): void {
    this.#keys.clear();
    this.count = 0;
    if (this.#ids.length <= KEPT_LENGTH) return;
    this.#ids = new Int32Array(0);
    this.#reserve(16);
  }

  /** The number of key `i` of `keys`, -1 when it is not among those of the change. */
  find(keys: ProbeKeys, i: number): number {
    const hash = keys.hashes[i]!;
    for (let slot = hash & this.#mask;; slot = slot + 1 & this.#mask) {
      const id = this.#slots[slot]! - 1;
      if (id < 0) return -1;
      const row = this.#first[id]!;
      if (this.#keys.hashes[row] === hash && this.#keys.equals(row, keys, i)) return id;
    }
  }

  /** Appends pairs of a key's number and a row of the change with that key. */
  findMany(keys: ProbeKeys, nullIsKey: boolean, pairs: RowPairs): void {
    const nulls = nullIsKey ? null : keys.nulls;
    for (let i = 0; i < keys.size; i++) {
      if (nulls !== null && nulls[i] === 1) continue;
      const id = this.find(keys, i);
      if (id < 0) continue;
      for (let row = this.#heads[id]!; row >= 0; row = this.#next[row]!) pairs.add(i, row);
    }
  }

  #reserve(size: number): void {
    if (this.#ids.length < size) {
      const length = 2 ** Math.ceil(Math.log2(size));
      this.#first = new Int32Array(length);
      this.#heads = new Int32Array(length);
      this.#next = new Int32Array(length);
      this.#ids = new Int32Array(length);
      this.#slots = new Int32Array(length * 2);
    }
    // As few slots as the rows need: they are cleared.
    let slots = 32;
    while (slots < size * 2) slots *= 2;
    this.#mask = slots - 1;
    this.#slots.fill(0, 0, slots);
  }
}
