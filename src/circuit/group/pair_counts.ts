/**
 * How often each whole number is there in each group: what DISTINCT over one column of them asks.
 *
 * ```
 * slot      0            1   2            3
 * words     5.0 g2 n1    .   7.0 g0 n3    .        the number as a double, its group, how often it is there; 0: free
 * ```
 *
 * Open addressing with linear probing, at most two thirds full, removal by shifting back: a pair that is gone leaves
 * nothing behind. A look is one access to memory, 16 bytes a slot. Many looks at once begin with one pass over their
 * slots, so that memory is waited for once and not once a row. O(1) expected.
 *
 * @module
 */
import { hashNumber, mix32 } from "../../base/hash.ts";

const LEAST_SLOTS = 64;
/** Slots are halved when a sixth of them would do. */
const SPARSE = 6;
/** A slot in words and in doubles. */
const WORDS = 4;
const DOUBLES = 2;
const GROUP = 2;
const COUNT = 3;
/** Changes looked for at a time. */
const BLOCK_ROWS = 4096;

const homes = new Int32Array(BLOCK_ROWS);
/** Keeps the reads of slots from being left out. */
let touched = 0;

/** See the module header. */
export class PairCounts {
  #words: Int32Array = new Int32Array(LEAST_SLOTS * WORDS);
  #doubles: Float64Array = new Float64Array(this.#words.buffer);
  #count = 0;

  /** Pairs that are there. */
  get count(): number {
    return this.#count;
  }

  get stateBytes(): number {
    return this.#words.byteLength;
  }

  /**
   * Adds weights to the pairs of the rows of a change. Writes the rows whose count leaves 0 or comes back to it to
   * `crossed`, and 1 or -1 to `crossings`; gives their number.
   */
  addAll(
    { groups, values, weights }: {
      readonly groups: Int32Array;
      readonly values: Float64Array;
      readonly weights: Int32Array;
    },
    size: number,
    crossed: Int32Array,
    crossings: Int32Array,
  ): number {
    let at = 0;
    for (let from = 0; from < size; from += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, size - from);
      this.#reserve(this.#count + count);
      const mask = this.#words.length / WORDS - 1;
      homesOf(groups, values, from, count, mask);
      touched ^= sumOfSlots(this.#words, count);
      for (let i = 0; i < count; i++) {
        const row = from + i;
        const crossing = this.#add(homes[i]!, groups[row]!, values[row]!, weights[row]!);
        if (crossing === 0) continue;
        crossed[at] = row;
        crossings[at++] = crossing;
      }
    }
    this.#shrink();
    return at;
  }

  /** All pairs. */
  pairs(): { readonly groups: Int32Array; readonly values: Float64Array; readonly counts: Int32Array } {
    const groups = new Int32Array(this.#count);
    const values = new Float64Array(this.#count);
    const counts = new Int32Array(this.#count);
    let next = 0;
    for (let slot = 0; slot < this.#words.length / WORDS; slot++) {
      const count = this.#words[slot * WORDS + COUNT]!;
      if (count === 0) continue;
      groups[next] = this.#words[slot * WORDS + GROUP]!;
      values[next] = this.#doubles[slot * DOUBLES]!;
      counts[next++] = count;
    }
    return { groups, values, counts };
  }

  /** Gives the groups other ids. */
  renumber(idOf: (group: number) => number): void {
    this.#rebuild(this.#words.length / WORDS, idOf);
  }

  /** Adds to the count of a pair whose slot is looked for from `home` on; 1 when it comes, -1 when it goes. */
  #add(home: number, group: number, value: number, weight: number): number {
    const words = this.#words;
    const doubles = this.#doubles;
    const mask = words.length / WORDS - 1;
    let slot = home;
    for (; words[slot * WORDS + COUNT] !== 0; slot = slot + 1 & mask) {
      if (doubles[slot * DOUBLES] !== value || words[slot * WORDS + GROUP] !== group) continue;
      const before = words[slot * WORDS + COUNT]!;
      const after = before + weight;
      words[slot * WORDS + COUNT] = after;
      if (after === 0) this.#remove(slot);
      return Math.sign(after) - Math.sign(before);
    }
    if (weight === 0) return 0;
    doubles[slot * DOUBLES] = value;
    words[slot * WORDS + GROUP] = group;
    words[slot * WORDS + COUNT] = weight;
    this.#count++;
    return Math.sign(weight);
  }

  #remove(slot: number): void {
    const words = this.#words;
    const doubles = this.#doubles;
    const mask = words.length / WORDS - 1;
    let hole = slot;
    for (let next = slot + 1 & mask; words[next * WORDS + COUNT] !== 0; next = next + 1 & mask) {
      const home = hashOf(words[next * WORDS + GROUP]!, doubles[next * DOUBLES]!) & mask;
      // The pair may move into the hole unless its home lies between the hole and itself.
      if ((next - home & mask) < (next - hole & mask)) continue;
      copySlot(words, doubles, next, hole);
      hole = next;
    }
    words[hole * WORDS + COUNT] = 0;
    this.#count--;
  }

  #reserve(count: number): void {
    let slots = this.#words.length / WORDS;
    if (count * 3 <= slots * 2) return;
    while (count * 3 > slots * 2) slots *= 2;
    this.#rebuild(slots, same);
  }

  #shrink(): void {
    let slots = this.#words.length / WORDS;
    if (slots <= LEAST_SLOTS || this.#count * SPARSE > slots) return;
    while (slots > LEAST_SLOTS && this.#count * SPARSE <= slots) slots /= 2;
    this.#rebuild(slots, same);
  }

  #rebuild(slots: number, idOf: (group: number) => number): void {
    const { groups, values, counts } = this.pairs();
    const words = new Int32Array(slots * WORDS);
    const doubles = new Float64Array(words.buffer);
    const mask = slots - 1;
    for (let i = 0; i < groups.length; i++) {
      const group = idOf(groups[i]!);
      let slot = hashOf(group, values[i]!) & mask;
      while (words[slot * WORDS + COUNT] !== 0) slot = slot + 1 & mask;
      doubles[slot * DOUBLES] = values[i]!;
      words[slot * WORDS + GROUP] = group;
      words[slot * WORDS + COUNT] = counts[i]!;
    }
    this.#words = words;
    this.#doubles = doubles;
  }
}

function same(group: number): number {
  return group;
}

function hashOf(group: number, value: number): number {
  return mix32(Math.imul(group, 0x9e3779b1) + hashNumber(value) | 0);
}

function homesOf(
  groups: Int32Array,
  values: Float64Array,
  from: number,
  count: number,
  mask: number,
): void {
  for (let i = 0; i < count; i++) homes[i] = hashOf(groups[from + i]!, values[from + i]!) & mask;
}

/** Reads the slots that will be looked at: the reads do not wait for each other. */
function sumOfSlots(words: Int32Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum = sum + words[homes[i]! * WORDS]! | 0;
  return sum;
}

function copySlot(words: Int32Array, doubles: Float64Array, from: number, to: number): void {
  doubles[to * DOUBLES] = doubles[from * DOUBLES]!;
  words[to * WORDS + GROUP] = words[from * WORDS + GROUP]!;
  words[to * WORDS + COUNT] = words[from * WORDS + COUNT]!;
}
