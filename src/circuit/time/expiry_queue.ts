/**
 * Expiry queue: rows in the order of a point in time.
 *
 * ```
 * leaves   [ 3 5 8 9 | 12 14 | 20 21 22 ]      up to 128 keys each, ascending
 * weights  [ 1 2 1 1 |  4  1 |  1  1  7 ]      rows with the key
 * heads    [ 0 7 2 5 |  3  6 |  9  8  1 ]      one of them; the others are linked to it
 * ```
 *
 * Time is not only a queue: the clock may go back, and so may a local time or `now() - interval '1 month'`. So the
 * keys stand in order instead of in a heap or wheel, and a bound that moves either way meets exactly the keys that
 * it passes. Adding a key is O(log keys + 128), a range O(log keys + keys in it); keys that come in ascending order,
 * as event times do, fill their leaves. A key without rows stays, since rows that are gone may come back.
 *
 * @module
 */
import { assert } from "../../base/assert.ts";

const LEAF_KEYS = 128;
/** The object with its three typed arrays, and its place in the list. */
const LEAF_BYTES = LEAF_KEYS * 16 + 300;

class Leaf {
  readonly keys = new Float64Array(LEAF_KEYS);
  readonly weights = new Int32Array(LEAF_KEYS);
  readonly heads = new Int32Array(LEAF_KEYS);
  size = 0;
}

/** See the module header. */
export class ExpiryQueue {
  readonly #leaves: Leaf[] = [];
  /** Of all keys. */
  #weight = 0;

  /** Rows. */
  get weight(): number {
    return this.#weight;
  }

  /** Memory in bytes. */
  get stateBytes(): number {
    return this.#leaves.length * LEAF_BYTES;
  }

  /** Adds `weight` rows with `key`, which is there. */
  add(key: number, weight: number): void {
    const leaf = this.#leaves[this.#leafOf(key)]!;
    const position = lowerBound(leaf.keys, leaf.size, key);
    assert(leaf.keys[position] === key, "A key has a row before it gets weight");
    leaf.weights[position]! += weight;
    this.#weight += weight;
  }

  /** Makes `row` the head of `key`, with `weight`; gives the head before, -1 when there was none. */
  link(key: number, row: number, weight: number): number {
    assert(!Number.isNaN(key), "A point in time is a number");
    if (this.#leaves.length === 0) this.#leaves.push(new Leaf());
    const index = this.#leafOf(key);
    const leaf = this.#leaves[index]!;
    const position = lowerBound(leaf.keys, leaf.size, key);
    this.#weight += weight;
    if (position === leaf.size || leaf.keys[position] !== key) {
      this.#insertAt(index, position, { key, row, weight });
      return -1;
    }
    const head = leaf.heads[position]!;
    leaf.heads[position] = row;
    leaf.weights[position]! += weight;
    return head;
  }

  /** The head of a key that is there. */
  head(key: number): number {
    const leaf = this.#leaves[this.#leafOf(key)]!;
    return leaf.heads[lowerBound(leaf.keys, leaf.size, key)]!;
  }

  /** The first key with rows from `key` on, or after it. */
  next(key: number, after: boolean): number | undefined {
    if (this.#leaves.length === 0) return undefined;
    let index = this.#leafOf(key);
    let position = lowerBound(this.#leaves[index]!.keys, this.#leaves[index]!.size, key);
    for (; index < this.#leaves.length; index++, position = 0) {
      const { keys, weights, size } = this.#leaves[index]!;
      for (; position < size; position++) {
        if (weights[position] !== 0 && !(after && keys[position] === key)) return keys[position];
      }
    }
    return undefined;
  }

  /** Appends the keys with rows in [from, to] to `into`, ascending. */
  collect(from: number, to: number, into: number[]): void {
    if (this.#leaves.length === 0) return;
    let index = this.#leafOf(from);
    let position = lowerBound(this.#leaves[index]!.keys, this.#leaves[index]!.size, from);
    for (; index < this.#leaves.length; index++, position = 0) {
      const { keys, weights, size } = this.#leaves[index]!;
      for (; position < size; position++) {
        if (keys[position]! > to) return;
        if (weights[position] !== 0) into.push(keys[position]!);
      }
    }
  }

  /** Removes the keys below `floor`, and appends their heads to `heads`. */
  removeBelow(floor: number, heads: number[]): void {
    let whole = 0;
    for (; whole < this.#leaves.length; whole++) {
      const leaf = this.#leaves[whole]!;
      if (leaf.keys[leaf.size - 1]! >= floor) break;
      this.#drain(leaf, leaf.size, heads);
    }
    if (whole > 0) this.#leaves.splice(0, whole);
    const leaf = this.#leaves[0];
    if (leaf === undefined || leaf.keys[0]! >= floor) return;
    const gone = lowerBound(leaf.keys, leaf.size, floor);
    this.#drain(leaf, gone, heads);
    leaf.keys.copyWithin(0, gone, leaf.size);
    leaf.weights.copyWithin(0, gone, leaf.size);
    leaf.heads.copyWithin(0, gone, leaf.size);
    leaf.size -= gone;
  }

  #drain(leaf: Leaf, count: number, heads: number[]): void {
    for (let i = 0; i < count; i++) {
      heads.push(leaf.heads[i]!);
      this.#weight -= leaf.weights[i]!;
    }
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

  #insertAt(
    index: number,
    place: number,
    entry: { readonly key: number; readonly row: number; readonly weight: number },
  ): void {
    let leaf = this.#leaves[index]!;
    let position = place;
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
    leaf.heads.copyWithin(position + 1, position, leaf.size);
    leaf.keys[position] = entry.key;
    leaf.weights[position] = entry.weight;
    leaf.heads[position] = entry.row;
    leaf.size++;
  }
}

/** A new leaf with what stands from `position` on. */
function splitAt(leaf: Leaf, position: number): Leaf {
  const rest = new Leaf();
  rest.keys.set(leaf.keys.subarray(position, leaf.size));
  rest.weights.set(leaf.weights.subarray(position, leaf.size));
  rest.heads.set(leaf.heads.subarray(position, leaf.size));
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
