/**
 * Dense ids for numbers: open addressing in typed arrays.
 *
 * ```
 * slot      0     1     2     3        hash(key) & mask, then the next slot
 * #keys   [ 7.5 |  -  | 12  |  -  ]
 * #ids    [  1  |  0  |  2  |  0  ]    id + 1; 0 is free
 * ```
 *
 * Keys are compared as numbers, so -0 is 0; NaN is one key. At most half of the slots are in use. Assigning
 * and finding are O(1) expected; a slot takes 12 bytes.
 *
 * @module
 */
const FIRST_SLOTS = 1024;
/** Values that are looked up before slots are counted again. */
const LEAST_PART = 512;
const WORD = new Float64Array(1);
const WORD_BITS = new Int32Array(WORD.buffer);

/** Numbers to ids in order of first appearance. */
export class NumberInterner {
  #keys: Float64Array = new Float64Array(FIRST_SLOTS);
  #ids: Int32Array = new Int32Array(FIRST_SLOTS);
  #count = 0;
  /** The id of NaN plus 1. */
  #nan = 0;

  constructor(countExpected = 0) {
    let slots = FIRST_SLOTS;
    while (slots < countExpected * 2) slots *= 2;
    if (slots > FIRST_SLOTS) this.#resize(slots);
  }

  /** Number of distinct numbers. */
  get count(): number {
    return this.#count;
  }

  /** Memory in bytes. */
  get memoryBytes(): number {
    return this.#keys.byteLength + this.#ids.byteLength;
  }

  /** Writes the id of each value to `ids`; rows of new numbers go to `fresh`, in order. Gives their count. */
  assign(values: Float64Array, size: number, ids: Int32Array, fresh: Int32Array): number {
    const before = this.#count;
    for (let from = 0; from < size;) {
      // So many at a time that slots for them all are no waste where most are known.
      const to = Math.min(size, from + Math.max(LEAST_PART, this.#count));
      this.#assignPart({ values, from, to, ids, fresh, before });
      from = to;
    }
    return this.#count - before;
  }

  #assignPart(part: Part): void {
    const { values, from, to, fresh, before } = part;
    const known = this.#count;
    while (this.#keys.length < (known + to - from) * 2) this.#resize(this.#keys.length * 2);
    this.#count = assignNumbers(this.#keys, this.#ids, part, known, this.#nan);
    for (let i = known; this.#nan === 0 && i < this.#count; i++) {
      if (Number.isNaN(values[fresh[i - before]!]!)) this.#nan = i + 1;
    }
  }

  /** Writes the id of each value to `ids`, -1 where it is not known. */
  find(values: Float64Array, size: number, ids: Int32Array): void {
    findNumbers(this.#keys, this.#ids, values, size, ids, this.#nan);
  }

  #resize(slots: number): void {
    const keys = this.#keys;
    const ids = this.#ids;
    this.#keys = new Float64Array(slots);
    this.#ids = new Int32Array(slots);
    const mask = slots - 1;
    for (let i = 0; i < keys.length; i++) {
      if (ids[i] === 0) continue;
      let slot = hashOf(keys[i]!) & mask;
      while (this.#ids[slot] !== 0) slot = (slot + 1) & mask;
      this.#keys[slot] = keys[i]!;
      this.#ids[slot] = ids[i]!;
    }
  }
}

function hashOf(value: number): number {
  WORD[0] = value + 0;
  let hash = Math.imul(WORD_BITS[0]!, 0x9e3779b1) ^ Math.imul(WORD_BITS[1]!, 0x85ebca77);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** Values `from .. to`, and where their ids and the rows of new ones go; there were `before` numbers at first. */
interface Part {
  readonly values: Float64Array;
  readonly from: number;
  readonly to: number;
  readonly ids: Int32Array;
  readonly fresh: Int32Array;
  readonly before: number;
}

/** Gives the new count. NaN is not kept in a slot: its id plus 1 is `firstNan`, 0 while there is none. */
function assignNumbers(
  keys: Float64Array,
  slots: Int32Array,
  { values, from, to, ids, fresh, before }: Part,
  known: number,
  firstNan: number,
): number {
  const mask = slots.length - 1;
  let count = known;
  let nan = firstNan;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (value !== value) {
      if (nan === 0) {
        fresh[count - before] = i;
        nan = ++count;
      }
      ids[i] = nan - 1;
      continue;
    }
    let slot = hashOf(value) & mask;
    let id = slots[slot]!;
    while (id !== 0 && keys[slot] !== value) {
      slot = (slot + 1) & mask;
      id = slots[slot]!;
    }
    if (id === 0) {
      fresh[count - before] = i;
      id = ++count;
      slots[slot] = id;
      keys[slot] = value;
    }
    ids[i] = id - 1;
  }
  return count;
}

function findNumbers(
  keys: Float64Array,
  slots: Int32Array,
  values: Float64Array,
  size: number,
  ids: Int32Array,
  nan: number,
): void {
  const mask = slots.length - 1;
  for (let i = 0; i < size; i++) {
    const value = values[i]!;
    if (value !== value) {
      ids[i] = nan - 1;
      continue;
    }
    let slot = hashOf(value) & mask;
    let id = slots[slot]!;
    while (id !== 0 && keys[slot] !== value) {
      slot = (slot + 1) & mask;
      id = slots[slot]!;
    }
    ids[i] = id - 1;
  }
}
