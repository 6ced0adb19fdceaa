/**
 * Numbers in order by group, each group in a block of one array.
 *
 * ```
 * pool      1.5 1.5 1.7 4 4 4 . . | -2 0 . . | ...       values ascending, then room; -0 before 0, NaN last
 * starts    0                       8                    by group: where its block starts,
 * lengths   6                       2                    how many values it has,
 * classes   8 values                4 values             and which size of block it is; 0 for none
 * ```
 *
 * Adding or removing a value is a binary search and a move of the values behind it, which lie together in memory.
 * Blocks have four sizes for each power of two; given up ones are used again, and when an eighth of the array is free
 * all blocks move together. O(log values) looks and O({@linkcode BLOCK_MAX}) moves; 8 bytes a value and some room.
 *
 * @module
 */
import { grownInt32, grownUint8 } from "../../exec/aggregates/accumulator.ts";
import { compareDoubles } from "../../query/functions/compare.ts";

/** Values of the largest block. */
export const BLOCK_MAX = 2048;
/** Sizes of blocks by class; class 0 is none. */
const SIZES: Int32Array = blockSizes();
/** By number of values: the smallest class that holds them. */
const CLASS_OF: Uint8Array = classesByLength();
/** A block that is so many classes too large is changed for a smaller one. */
const CLASSES_SPARE = 2;
/** Free doubles below which blocks need not move. */
const COMPACT_DOUBLES = 4096;
/** The share of the array that is room, or may be free: 2 ** -3. */
const SPARE_SHIFT = 3;
/** Values up to which they are moved one by one. */
const FEW_VALUES = 48;

/** See the module header. */
export class ValueBlocks {
  /** Values looked at so far. */
  searched = 0;
  #pool: Float64Array = new Float64Array(16);
  /** Where the blocks end. */
  #end = 0;
  /** Doubles in blocks that were given up, and where those start, by class. */
  #freeDoubles = 0;
  readonly #free: number[][] = Array.from(SIZES, () => []);
  #groupCount = 0;
  #starts: Int32Array = new Int32Array(16);
  #lengths: Int32Array = new Int32Array(16);
  #classes: Uint8Array = new Uint8Array(16);

  get stateBytes(): number {
    let free = 0;
    for (const starts of this.#free) free += starts.length * 8;
    return this.#pool.byteLength + this.#starts.byteLength + this.#lengths.byteLength +
      this.#classes.byteLength + free;
  }

  /** Makes room for groups below `groupCount`. */
  reserve(groupCount: number): void {
    this.#groupCount = groupCount;
    this.#starts = grownInt32(this.#starts, groupCount);
    this.#lengths = grownInt32(this.#lengths, groupCount);
    this.#classes = grownUint8(this.#classes, groupCount);
  }

  /** Number of values of a group. */
  count(group: number): number {
    return this.#lengths[group]!;
  }

  /** The least value of a group that has any. */
  first(group: number): number {
    return this.#pool[this.#starts[group]!]!;
  }

  /** The greatest value of a group that has any. */
  last(group: number): number {
    return this.#pool[this.#starts[group]! + this.#lengths[group]! - 1]!;
  }

  /** The values of a group in order, until the next change. */
  values(group: number): Float64Array {
    const start = this.#starts[group]!;
    return this.#pool.subarray(start, start + this.#lengths[group]!);
  }

  /** Adds a value `count` times; false, changing nothing, when they are too many for a block. */
  add(group: number, value: number, count: number): boolean {
    const length = this.#lengths[group]!;
    const needed = length + count;
    if (needed > BLOCK_MAX) return false;
    if (needed > SIZES[this.#classes[group]!]!) this.#resize(group, CLASS_OF[needed]!);
    const pool = this.#pool;
    const start = this.#starts[group]!;
    const at = this.#search(start, length, value);
    move(pool, at, start + length, at + count);
    for (let i = 0; i < count; i++) pool[at + i] = value;
    this.#lengths[group] = needed;
    return true;
  }

  /** Removes a value `count` times; false, changing nothing, when it is not there as often. */
  remove(group: number, value: number, count: number): boolean {
    const length = this.#lengths[group]!;
    const left = length - count;
    if (left < 0) return false;
    const pool = this.#pool;
    const start = this.#starts[group]!;
    const at = this.#search(start, length, value);
    const next = at + count;
    if (next > start + length || compareNumbers(pool[next - 1]!, value) !== 0) return false;
    move(pool, next, start + length, at);
    this.#lengths[group] = left;
    if (left === 0) this.clear(group);
    else if (CLASS_OF[left]! + CLASSES_SPARE < this.#classes[group]!) this.#resize(group, CLASS_OF[left]!);
    return true;
  }

  /** Removes all values of a group. */
  clear(group: number): void {
    this.#release(group);
    this.#lengths[group] = 0;
    this.#classes[group] = 0;
  }

  /** Gives `groups` the ids from 0 on; the others are gone. */
  renumber(groups: Int32Array): void {
    this.#groupCount = groups.length;
    const room = Math.max(16, groups.length);
    const starts = new Int32Array(room);
    const lengths = new Int32Array(room);
    for (let id = 0; id < groups.length; id++) {
      starts[id] = this.#starts[groups[id]!]!;
      lengths[id] = this.#lengths[groups[id]!]!;
    }
    this.#starts = starts;
    this.#lengths = lengths;
    // Filled in as the blocks move.
    this.#classes = new Uint8Array(room);
    this.#compact();
  }

  /** Moves the blocks together when many of those between them are free. */
  tidy(): void {
    if (this.#freeDoubles > COMPACT_DOUBLES && this.#freeDoubles > this.#end >> SPARE_SHIFT) this.#compact();
  }

  #search(start: number, length: number, value: number): number {
    this.searched += 32 - Math.clz32(length);
    return lowerBound(this.#pool, start, start + length, value);
  }

  /** Moves a group to a block of another class. */
  #resize(group: number, sizeClass: number): void {
    const start = this.#starts[group]!;
    const to = this.#take(sizeClass);
    this.#pool.copyWithin(to, start, start + this.#lengths[group]!);
    this.#release(group);
    this.#starts[group] = to;
    this.#classes[group] = sizeClass;
  }

  #take(sizeClass: number): number {
    const size = SIZES[sizeClass]!;
    const known = this.#free[sizeClass]!.pop();
    if (known !== undefined) {
      this.#freeDoubles -= size;
      return known;
    }
    const start = this.#end;
    this.#end += size;
    if (this.#end > this.#pool.length) this.#pool = poolOf(this.#pool.subarray(0, start), this.#end);
    return start;
  }

  #release(group: number): void {
    const sizeClass = this.#classes[group]!;
    if (sizeClass === 0) return;
    this.#free[sizeClass]!.push(this.#starts[group]!);
    this.#freeDoubles += SIZES[sizeClass]!;
  }

  #compact(): void {
    let end = 0;
    for (let group = 0; group < this.#groupCount; group++) {
      this.#classes[group] = CLASS_OF[this.#lengths[group]!]!;
      end += SIZES[this.#classes[group]!]!;
    }
    const pool = poolOf(new Float64Array(0), end);
    let at = 0;
    for (let group = 0; group < this.#groupCount; group++) {
      const start = this.#starts[group]!;
      const length = this.#lengths[group]!;
      if (length > 0) pool.set(this.#pool.subarray(start, start + length), at);
      this.#starts[group] = at;
      at += SIZES[this.#classes[group]!]!;
    }
    this.#pool = pool;
    this.#end = end;
    this.#freeDoubles = 0;
    for (const starts of this.#free) starts.length = 0;
  }
}

/** An array with room for more than `needed`, that begins with `values`. */
function poolOf(values: Float64Array, needed: number): Float64Array {
  const pool = new Float64Array(needed + (needed >> SPARE_SHIFT) + 16);
  pool.set(values);
  return pool;
}

function blockSizes(): Int32Array {
  const sizes = [0, 1, 2, 3];
  for (let size = 4; size < BLOCK_MAX; size *= 2) {
    for (let quarter = 4; quarter < 8; quarter++) sizes.push(size * quarter / 4);
  }
  return Int32Array.from([...sizes, BLOCK_MAX]);
}

function classesByLength(): Uint8Array {
  const classes = new Uint8Array(BLOCK_MAX + 1);
  for (let length = 1, sizeClass = 1; length <= BLOCK_MAX; length++) {
    if (length > SIZES[sizeClass]!) sizeClass++;
    classes[length] = sizeClass;
  }
  return classes;
}

/** Moves `values[from .. to]` to `at`. */
function move(values: Float64Array, from: number, to: number, at: number): void {
  if (to - from > FEW_VALUES) values.copyWithin(at, from, to);
  else if (at < from) { for (let i = from; i < to; i++) values[i - from + at] = values[i]!; }
  else for (let i = to - 1; i >= from; i--) values[i - from + at] = values[i]!;
}

/** The first place in `values[from .. to]` whose value does not come before `value`. */
function lowerBound(values: Float64Array, from: number, to: number, value: number): number {
  let low = from;
  let high = to;
  if (value === value && value !== 0) {
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareNumbers(values[middle]!, value) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** -0 before 0, NaN last. */
function compareNumbers(a: number, b: number): number {
  if (a === 0 && b === 0) return Number(1 / a > 0) - Number(1 / b > 0);
  return compareDoubles(a, b);
}
