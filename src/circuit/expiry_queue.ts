/**
 * Expiry queue: how many rows there are for each point in time, in the order of time.
 *
 * ```
 * leaves   [ 3 5 8 9 | 12 14 | 20 21 22 ]      up to 128 keys each, ascending
 * weights  [ 1 2 1 1 |  4  1 |  1  1  7 ]      rows with the key
 * ```
 *
 * Time is not only a queue: the clock may go back, and so may a local time or `now() - interval '1 month'`. So the
 * keys stand in order instead of in a heap or wheel, and a bound that moves either way meets exactly the keys that
 * it passes. Adding and removing a key are O(log keys + 128), a range O(log keys + keys in it); keys that come in
 * ascending order, as event times do, fill their leaves.
 *
 * @module
 */
import { assert } from "../base/assert.ts";

const LEAF_KEYS = 128;
/** Leaves with fewer keys are joined with a neighbour. */
const LEAF_KEYS_MIN = 32;
/** The object with its two typed arrays, and its place in the list. */
const LEAF_BYTES = LEAF_KEYS * 12 + 200;

class Leaf {
  readonly keys = new Float64Array(LEAF_KEYS);
  readonly weights = new Int32Array(LEAF_KEYS);
  size = 0;
}

/** See the module header. */
export class ExpiryQueue {
  readonly #leaves: Leaf[] = [];
  #keyCount = 0;

  /** Distinct keys. */
  get keyCount(): number {
    return this.#keyCount;
  }

  /** Memory in bytes. */
  get stateBytes(): number {
    return this.#leaves.length * LEAF_BYTES;
  }

  /** Adds `weight` rows with `key`; a key without rows leaves. */
  add(key: number, weight: number): void {
    assert(!Number.isNaN(key), "A point in time is a number");
    if (weight === 0) return;
    if (this.#leaves.length === 0) this.#leaves.push(new Leaf());
    const index = this.#leafOf(key);
    const leaf = this.#leaves[index]!;
    const position = lowerBound(leaf.keys, leaf.size, key);
    if (position < leaf.size && leaf.keys[position] === key) {
      leaf.weights[position]! += weight;
      if (leaf.weights[position] === 0) this.#removeAt(index, position);
    } else this.#insertAt(index, position, key, weight);
  }

  /** The first key from `key` on, or after it. */
  next(key: number, after: boolean): number | undefined {
    if (this.#leaves.length === 0) return undefined;
    let index = this.#leafOf(key);
    let leaf = this.#leaves[index]!;
    let position = lowerBound(leaf.keys, leaf.size, key);
    if (after && position < leaf.size && leaf.keys[position] === key) position++;
    if (position === leaf.size) {
      if (++index === this.#leaves.length) return undefined;
      leaf = this.#leaves[index]!;
      position = 0;
    }
    return leaf.keys[position];
  }

  /** Appends the keys in [from, to] to `into`, ascending. */
  collect(from: number, to: number, into: number[]): void {
    if (this.#leaves.length === 0) return;
    let index = this.#leafOf(from);
    let position = lowerBound(this.#leaves[index]!.keys, this.#leaves[index]!.size, from);
    for (; index < this.#leaves.length; index++, position = 0) {
      const { keys, size } = this.#leaves[index]!;
      for (; position < size; position++) {
        if (keys[position]! > to) return;
        into.push(keys[position]!);
      }
    }
  }

  /** Removes the keys below `floor`, and appends them to `into`. */
  removeBelow(floor: number, into: number[]): void {
    const before = into.length;
    let whole = 0;
    for (; whole < this.#leaves.length; whole++) {
      const { keys, size } = this.#leaves[whole]!;
      if (keys[size - 1]! >= floor) break;
      for (let i = 0; i < size; i++) into.push(keys[i]!);
    }
    this.#leaves.splice(0, whole);
    const leaf = this.#leaves[0];
    const gone = leaf === undefined ? 0 : lowerBound(leaf.keys, leaf.size, floor);
    if (leaf !== undefined && gone > 0) {
      for (let i = 0; i < gone; i++) into.push(leaf.keys[i]!);
      leaf.keys.copyWithin(0, gone, leaf.size);
      leaf.weights.copyWithin(0, gone, leaf.size);
      leaf.size -= gone;
    }
    this.#keyCount -= into.length - before;
  }

  /** The leaf in which `key` stands or belongs: the last that starts at or before it. */
  #leafOf(key: number): number {
    let low = 0;
    let high = this.#leaves.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#leaves[middle]!.keys[0]! <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #insertAt(index: number, position: number, key: number, weight: number): void {
    let leaf = this.#leaves[index]!;
    if (leaf.size === LEAF_KEYS) {
      // Ascending keys leave full leaves behind.
      const atEnd = position === leaf.size && index === this.#leaves.length - 1;
      const half = atEnd ? leaf.size : LEAF_KEYS / 2;
      this.#leaves.splice(index + 1, 0, splitAt(leaf, half));
      if (position > half || atEnd) {
        leaf = this.#leaves[index + 1]!;
        position -= half;
      }
    }
    leaf.keys.copyWithin(position + 1, position, leaf.size);
    leaf.weights.copyWithin(position + 1, position, leaf.size);
    leaf.keys[position] = key;
    leaf.weights[position] = weight;
    leaf.size++;
    this.#keyCount++;
  }

  #removeAt(index: number, position: number): void {
    const leaf = this.#leaves[index]!;
    leaf.keys.copyWithin(position, position + 1, leaf.size);
    leaf.weights.copyWithin(position, position + 1, leaf.size);
    leaf.size--;
    this.#keyCount--;
    if (leaf.size === 0) this.#leaves.splice(index, 1);
    else if (leaf.size < LEAF_KEYS_MIN) this.#join(index);
  }

  /** Joins a small leaf with the one after it, or before it. */
  #join(index: number): void {
    const first = Math.max(0, Math.min(index, this.#leaves.length - 2));
    const into = this.#leaves[first]!;
    const from = this.#leaves[first + 1];
    if (from === undefined || into.size + from.size > LEAF_KEYS - LEAF_KEYS_MIN) return;
    into.keys.set(from.keys.subarray(0, from.size), into.size);
    into.weights.set(from.weights.subarray(0, from.size), into.size);
    into.size += from.size;
    this.#leaves.splice(first + 1, 1);
  }
}

/** A new leaf with what stands from `position` on. */
function splitAt(leaf: Leaf, position: number): Leaf {
  const rest = new Leaf();
  rest.keys.set(leaf.keys.subarray(position, leaf.size));
  rest.weights.set(leaf.weights.subarray(position, leaf.size));
  rest.size = leaf.size - position;
  leaf.size = position;
  return rest;
}

/** The first position whose key is not less than `key`. */
function lowerBound(keys: Float64Array, size: number, key: number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
