/**
 * A hash table from keys to row ids, with open addressing in typed arrays.
 *
 * ```
 * slot     0       1       2       3       4       5       6       7
 * slots    .  .    12 h1   7  h2   .  .    3  h4   .  .    .  .    .  .
 *                  row id + 1 of one row with the key (0: free), and the hash: one look into memory for both
 * next     row -> another row with the same key, -1 at the end (only when keys may repeat)
 * prev     row -> the row before it, -1 for the head
 * ```
 *
 * Keys stay in the rows: a match of hashes is verified there. While every key is a single 32-bit integer,
 * whatever its type, the hash is a bijection and the rows need not be read. Linear probing, at most two thirds full, removal by shifting
 * back. Adding, removing and finding are O(1) expected; 12 to 16 bytes a distinct key, and 8 a row when keys
 * may repeat. Rows with a NULL in the key are left out unless NULLs are equal.
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import { hashKey, type KeyReader } from "./index_key.ts";
import type { MemoryAccount } from "./memory_account.ts";
import type { ProbeKeys } from "./probe_keys.ts";
import type { RowPairs } from "./row_pairs.ts";
import type { Datum } from "./sql_type.ts";

const LEAST_SLOTS = 16;
/** Rows hashed at a time. */
const BLOCK_ROWS = 4096;
const scratchHashes = new Int32Array(BLOCK_ROWS);
/** Below these it is not worth reading slots ahead. */
const FEW_ROWS = 32;
const LARGE_SLOTS = 2 ** 17;
/** Keeps the reads of slots from being left out. */
let touched = 0;

/** What a hash index is made for. */
export interface HashIndexOptions {
  readonly reader: KeyReader;
  /** A second row with a key is refused. */
  readonly unique: boolean;
  /** NULL is a key value like others. */
  readonly nullsEqual: boolean;
  readonly account: MemoryAccount;
}

/** Row ids by key. */
export class HashIndex {
  readonly #reader: KeyReader;
  readonly #unique: boolean;
  readonly #nullsEqual: boolean;
  readonly #account: MemoryAccount;
  /** By slot: row id + 1, and the hash. */
  #slots = new Int32Array(0);
  #next = new Int32Array(0);
  #prev = new Int32Array(0);
  /** Distinct keys. */
  #keyCount = 0;
  /** Whether every key that was added is a single 32-bit integer: then equal hashes are equal keys. */
  #areIntegers: boolean;

  constructor(options: HashIndexOptions) {
    this.#reader = options.reader;
    this.#unique = options.unique;
    this.#nullsEqual = options.nullsEqual;
    this.#account = options.account;
    this.#areIntegers = options.reader.isSingle;
  }

  /** Number of distinct keys. */
  get keyCount(): number {
    return this.#keyCount;
  }

  get byteLength(): number {
    return this.#slots.byteLength + this.#next.byteLength * 2;
  }

  /** Makes room for `count` more keys at once. */
  reserve(count: number): void {
    this.#resize(this.#keyCount + count);
  }

  /** Adds a row. Returns -1, or the row that has the key already in a unique index; then nothing changes. */
  add(row: number, hash?: number): number {
    if (!this.#nullsEqual && this.#reader.hasNull(row)) return -1;
    if (this.#areIntegers) this.#areIntegers = this.#reader.hasInteger(row);
    return this.#insert(row, hash ?? this.#reader.hashRow(row));
  }

  /** Adds the first `count` of `rows`. Returns how many were added before a unique index refused one. */
  addAll(rows: Int32Array, count: number): number {
    this.#resize(this.#keyCount + Math.min(count, this.#unique ? count : BLOCK_ROWS));
    for (let from = 0; from < count; from += BLOCK_ROWS) {
      const part = rows.subarray(from, Math.min(count, from + BLOCK_ROWS));
      const traits = this.#reader.hashRows(part, part.length, scratchHashes);
      this.#areIntegers &&= traits.areIntegers;
      this.#touch(part.length);
      for (let i = 0; i < part.length; i++) {
        if (traits.hasNulls && !this.#nullsEqual && this.#reader.hasNull(part[i])) continue;
        if (this.#insert(part[i], scratchHashes[i]) >= 0) return from + i;
      }
    }
    return count;
  }

  /** Removes a row that was added and still has the key with which it was; `hash` is that of the key, if known. */
  remove(row: number, hash?: number): void {
    if (!this.#nullsEqual && this.#reader.hasNull(row)) return;
    if (this.#unique) {
      this.#removeSlot(this.#slotOf(row, hash ?? this.#reader.hashRow(row)));
      return;
    }
    const next = this.#next[row];
    const prev = this.#prev[row];
    if (next >= 0) this.#prev[next] = prev;
    if (prev >= 0) {
      this.#next[prev] = next;
      return;
    }
    const slot = this.#slotOf(row, hash ?? this.#reader.hashRow(row));
    if (next >= 0) this.#slots[slot] = next + 1;
    else this.#removeSlot(slot);
  }

  /** Removes the first `count` of `rows`, which were added and still have their keys. */
  removeAll(rows: Int32Array, count: number): void {
    for (let from = 0; from < count; from += BLOCK_ROWS) {
      const part = rows.subarray(from, Math.min(count, from + BLOCK_ROWS));
      this.#reader.hashRows(part, part.length, scratchHashes);
      this.#touch(part.length);
      for (let i = 0; i < part.length; i++) this.remove(part[i], scratchHashes[i]);
    }
  }

  /** A row with the key, or -1. */
  find(key: readonly Datum[]): number {
    if (this.#keyCount === 0 || (!this.#nullsEqual && hasNull(key))) return -1;
    const hash = hashKey(key);
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = hash << 1 & mask; slots[at] !== 0; at = at + 2 & mask) {
      if (slots[at + 1] !== hash) continue;
      const row = slots[at] - 1;
      if (this.#reader.equalKey(row, key)) return row;
    }
    return -1;
  }

  /** Appends the row ids with the key. */
  findAll(key: readonly Datum[], into: number[]): void {
    this.#followChain(this.find(key), into);
  }

  /** Appends pairs of a key's number and a row with that key; a NULL finds nothing. */
  findMany(keys: ProbeKeys, pairs: RowPairs): void {
    if (this.#keyCount === 0) return;
    const { size, hashes: wanted, nulls } = keys;
    if (this.#areIntegers && keys.areIntegers && nulls === null) {
      const found = pairs.reserve(size);
      const count = findHashes(this.#slots, wanted, size, found.probes, found.rows, pairs.count);
      if (this.#unique) pairs.count = count;
      else this.#addChains(pairs, count);
      return;
    }
    const slots = this.#slots;
    const mask = slots.length - 1;
    const reader = this.#reader;
    for (let i = 0; i < size; i++) {
      if (nulls !== null && nulls[i] === 1) continue;
      const hash = wanted[i];
      for (let at = hash << 1 & mask; slots[at] !== 0; at = at + 2 & mask) {
        if (slots[at + 1] !== hash) continue;
        const row = slots[at] - 1;
        if (!reader.equalsProbe(row, keys, i)) continue;
        pairs.add(i, row);
        if (!this.#unique) this.#addChain(i, row, pairs);
        break;
      }
    }
  }

  /** Reads the slots of the hashes at hand, where they are far apart: so memory is waited for once and not once a row. */
  #touch(count: number): void {
    if (count >= FEW_ROWS && this.#slots.length >= LARGE_SLOTS) {
      touched ^= sumOfSlots(this.#slots, scratchHashes, count);
    }
  }

  /** Puts the other rows of each key behind its head: pairs from the end of the list to `count` are heads. */
  #addChains(pairs: RowPairs, count: number): void {
    const from = pairs.count;
    const heads = pairs.rows.slice(from, count);
    const probes = pairs.probes.slice(from, count);
    for (let i = 0; i < heads.length; i++) {
      pairs.add(probes[i], heads[i]);
      this.#addChain(probes[i], heads[i], pairs);
    }
  }

  /** Writes the number of rows with each key to `counts`, counting no further than `limits`. */
  countMany(keys: ProbeKeys, limits: Int32Array, counts: Int32Array): void {
    const { size, nulls, hashes } = keys;
    for (let i = 0; i < size; i++) {
      counts[i] = 0;
      if (this.#keyCount === 0 || (nulls !== null && nulls[i] === 1)) continue;
      const slots = this.#slots;
      const mask = slots.length - 1;
      for (let at = hashes[i] << 1 & mask; slots[at] !== 0; at = at + 2 & mask) {
        if (slots[at + 1] !== hashes[i]) continue;
        const head = slots[at] - 1;
        if (!this.#reader.equalsProbe(head, keys, i)) continue;
        counts[i] = this.#unique ? 1 : this.#chainLength(head, limits[i]);
        break;
      }
    }
  }

  #chainLength(head: number, limit: number): number {
    let length = 0;
    for (let row = head; row >= 0 && length < limit; row = this.#next[row]) length++;
    return length;
  }

  #addChain(probe: number, head: number, pairs: RowPairs): void {
    const next = this.#next;
    for (let row = next[head]; row >= 0; row = next[row]) pairs.add(probe, row);
  }

  /** Forgets all rows. */
  clear(): void {
    this.#account.add(-this.byteLength);
    this.#slots = new Int32Array(0);
    this.#next = new Int32Array(0);
    this.#prev = new Int32Array(0);
    this.#keyCount = 0;
    this.#areIntegers = this.#reader.isSingle;
  }

  #followChain(row: number, into: number[]): void {
    if (row < 0) return;
    into.push(row);
    if (this.#unique) return;
    for (let next = this.#next[row]; next >= 0; next = this.#next[next]) into.push(next);
  }

  #insert(row: number, hash: number): number {
    if ((this.#keyCount + 1) * 3 > this.#slots.length) this.#resize(this.#keyCount + 1);
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = hash << 1 & mask;
    for (; slots[at] !== 0; at = at + 2 & mask) {
      if (slots[at + 1] !== hash) continue;
      const other = slots[at] - 1;
      if (!this.#areIntegers && !this.#reader.equalRows(other, row)) continue;
      if (this.#unique) return other;
      this.#link(row, at, other);
      return -1;
    }
    slots[at] = row + 1;
    slots[at + 1] = hash;
    this.#keyCount++;
    if (!this.#unique) {
      this.#reserveRow(row);
      this.#next[row] = -1;
      this.#prev[row] = -1;
    }
    return -1;
  }

  #link(row: number, at: number, head: number): void {
    this.#reserveRow(row);
    this.#next[row] = head;
    this.#prev[row] = -1;
    this.#prev[head] = row;
    this.#slots[at] = row + 1;
  }

  /** The slot whose head is `row`. */
  #slotOf(row: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = hash << 1 & mask;
    while (slots[at] !== row + 1) {
      assert(slots[at] !== 0, () => `Row ${row} is not in the index`);
      at = at + 2 & mask;
    }
    return at;
  }

  #removeSlot(slot: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = slot;
    for (let at = slot + 2 & mask; slots[at] !== 0; at = at + 2 & mask) {
      const home = slots[at + 1] << 1 & mask;
      // The entry may move into the hole unless its home lies between the hole and itself.
      if ((at - home & mask) < (at - hole & mask)) continue;
      slots[hole] = slots[at];
      slots[hole + 1] = slots[at + 1];
      hole = at;
    }
    slots[hole] = 0;
    this.#keyCount--;
  }

  #reserveRow(row: number): void {
    if (row < this.#next.length) return;
    const length = Math.max(row + 1, Math.ceil(this.#next.length * 1.5), LEAST_SLOTS);
    this.#account.add((length - this.#next.length) * 8);
    this.#next = enlarged(this.#next, length);
    this.#prev = enlarged(this.#prev, length);
  }

  #resize(keyCount: number): void {
    let size = Math.max(this.#slots.length, LEAST_SLOTS * 2);
    while (keyCount * 3 > size) size *= 2;
    if (size === this.#slots.length) return;
    this.#account.add((size - this.#slots.length) * 4);
    const slots = new Int32Array(size);
    rehash(this.#slots, slots);
    this.#slots = slots;
  }
}

function hasNull(key: readonly Datum[]): boolean {
  for (let i = 0; i < key.length; i++) if (key[i] === null) return true;
  return false;
}

function rehash(from: Int32Array, slots: Int32Array): void {
  const mask = slots.length - 1;
  for (let i = 0; i < from.length; i += 2) {
    if (from[i] === 0) continue;
    let at = from[i + 1] << 1 & mask;
    while (slots[at] !== 0) at = at + 2 & mask;
    slots[at] = from[i];
    slots[at + 1] = from[i + 1];
  }
}

function sumOfSlots(slots: Int32Array, hashes: Int32Array, count: number): number {
  const mask = slots.length - 1;
  let sum = 0;
  for (let i = 0; i < count; i++) sum = sum + slots[hashes[i] << 1 & mask] | 0;
  return sum;
}

/** Writes number and row of those of `wanted` that are there from `at` on; gives where they end. */
function findHashes(
  slots: Int32Array,
  wanted: Int32Array,
  size: number,
  probes: Int32Array,
  rows: Int32Array,
  at: number,
): number {
  const mask = slots.length - 1;
  for (let i = 0; i < size; i++) {
    const hash = wanted[i];
    let slot = hash << 1 & mask;
    while (slots[slot] !== 0 && slots[slot + 1] !== hash) slot = slot + 2 & mask;
    const row = slots[slot] - 1;
    if (row < 0) continue;
    probes[at] = i;
    rows[at++] = row;
  }
  return at;
}

function enlarged(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}
