/**
 * Sorted run: the slots of a partition in window order, in chunks.
 *
 * ```
 * chunks   [4 0 9] [2 7 1 5] [8 3]        starts  0 3 7
 * ```
 *
 * A chunk that is full is cut in two, one that is empty goes. Inserting, removing and finding are O(log n)
 * comparisons and the moving of at most a chunk; the starts behind a change are made anew when they are asked for.
 *
 * @module
 */
import { assert } from "../../base/assert.ts";
import type { SlotOrder } from "./sort_lanes.ts";

const CHUNK_SLOTS = 512;
const FIRST_SLOTS = 4;
const RUN_BYTES = 160;
const CHUNK_BYTES = 120;

/** See the module header. */
export class SortedRun {
  #chunks: Int32Array[] = [];
  #counts: number[] = [];
  #starts: number[] = [];
  /** How many of the starts are right. */
  #startCount = 0;
  #length = 0;
  #bytes = RUN_BYTES;

  get length(): number {
    return this.#length;
  }

  get stateBytes(): number {
    return this.#bytes;
  }

  /** Adds a slot that is not in the run. */
  insert(slot: number, order: SlotOrder): void {
    this.#length++;
    if (this.#chunks.length === 0) {
      const chunk = new Int32Array(FIRST_SLOTS);
      chunk[0] = slot;
      this.#chunks.push(chunk);
      this.#counts.push(1);
      this.#bytes += CHUNK_BYTES + chunk.byteLength;
      return;
    }
    const c = this.#chunkOf(slot, order);
    this.#startCount = Math.min(this.#startCount, c + 1);
    const count = this.#counts[c]!;
    const at = this.#within(c, slot, order);
    let chunk = this.#chunks[c]!;
    if (count === chunk.length && count < CHUNK_SLOTS) {
      const grown = new Int32Array(Math.min(CHUNK_SLOTS, count * 2));
      grown.set(chunk);
      this.#bytes += grown.byteLength - chunk.byteLength;
      this.#chunks[c] = chunk = grown;
    }
    if (count === CHUNK_SLOTS) {
      this.#cut(c, at);
      // The slot is smaller than what now starts the next chunk, or belongs into that.
      const next = at > this.#counts[c]! ? c + 1 : c;
      this.#put(next, next === c ? at : at - this.#counts[c]!, slot);
    } else this.#put(c, at, slot);
  }

  /** Takes away a slot that is in the run. */
  remove(slot: number, order: SlotOrder): void {
    const c = this.#chunkOf(slot, order);
    const at = this.#within(c, slot, order);
    const chunk = this.#chunks[c]!;
    const count = this.#counts[c]!;
    assert(at < count && chunk[at] === slot, () => `Slot ${slot} is not in its run`);
    this.#startCount = Math.min(this.#startCount, c + 1);
    this.#length--;
    chunk.copyWithin(at, at + 1, count);
    this.#counts[c] = count - 1;
    if (count > 1) return;
    this.#bytes -= CHUNK_BYTES + chunk.byteLength;
    this.#startCount = Math.min(this.#startCount, c);
    this.#chunks.splice(c, 1);
    this.#counts.splice(c, 1);
  }

  /** Takes away the slots for which `gone` is 1 and adds `slots`, which are in order. O(n + slots). */
  merge(slots: Int32Array, gone: Uint8Array, order: SlotOrder): void {
    const before = this.all();
    const after = new Int32Array(before.length + slots.length);
    let count = 0;
    let next = 0;
    for (const slot of before) {
      if (gone[slot] === 1) continue;
      while (next < slots.length && order.compare(slots[next]!, slot) < 0) after[count++] = slots[next++]!;
      after[count++] = slot;
    }
    while (next < slots.length) after[count++] = slots[next++]!;
    this.#fill(after.subarray(0, count));
  }

  /** How many slots of the run come before `slot`, which need not be in it. */
  position(slot: number, order: SlotOrder): number {
    if (this.#length === 0) return 0;
    const c = this.#chunkOf(slot, order);
    return this.#startOf(c) + this.#within(c, slot, order);
  }

  /** The slot at a position. */
  at(position: number): number {
    const c = this.#chunkAt(position);
    return this.#chunks[c]![position - this.#starts[c]!]!;
  }

  /** Writes the slots at positions [from, to) to `into` from `offset` on. */
  copy(from: number, to: number, into: Int32Array, offset: number): void {
    if (from >= to) return;
    let c = this.#chunkAt(from);
    let within = from - this.#starts[c]!;
    for (let left = to - from, out = offset; left > 0; c++, within = 0) {
      const count = Math.min(left, this.#counts[c]! - within);
      into.set(this.#chunks[c]!.subarray(within, within + count), out);
      out += count;
      left -= count;
    }
  }

  /** All slots. */
  all(): Int32Array {
    const slots = new Int32Array(this.#length);
    this.copy(0, this.#length, slots, 0);
    return slots;
  }

  /** Slot s becomes `newSlots[s]`. */
  renumber(newSlots: Int32Array): void {
    this.#fill(this.all().map((slot) => newSlots[slot]!));
  }

  #fill(slots: Int32Array): void {
    this.#chunks = [];
    this.#counts = [];
    this.#startCount = 0;
    this.#bytes = RUN_BYTES;
    const size = slots.length > CHUNK_SLOTS ? CHUNK_SLOTS / 2 : CHUNK_SLOTS;
    for (let from = 0; from < slots.length; from += size) {
      const count = Math.min(size, slots.length - from);
      const chunk = new Int32Array(slots.length > CHUNK_SLOTS ? CHUNK_SLOTS : Math.max(FIRST_SLOTS, count));
      chunk.set(slots.subarray(from, from + count));
      this.#chunks.push(chunk);
      this.#counts.push(count);
      this.#bytes += CHUNK_BYTES + chunk.byteLength;
    }
    this.#length = slots.length;
  }

  #put(c: number, at: number, slot: number): void {
    const chunk = this.#chunks[c]!;
    const count = this.#counts[c]!;
    chunk.copyWithin(at + 1, at, count);
    chunk[at] = slot;
    this.#counts[c] = count + 1;
  }

  /** Cuts a full chunk: in the middle, or before its end when a row comes there, as rows in order do. */
  #cut(c: number, at: number): void {
    const chunk = this.#chunks[c]!;
    const keep = at === CHUNK_SLOTS ? CHUNK_SLOTS - 1 : CHUNK_SLOTS / 2;
    const rest = new Int32Array(CHUNK_SLOTS);
    rest.set(chunk.subarray(keep));
    this.#chunks.splice(c + 1, 0, rest);
    this.#counts.splice(c + 1, 0, CHUNK_SLOTS - keep);
    this.#counts[c] = keep;
    this.#bytes += CHUNK_BYTES + rest.byteLength;
  }

  /** The last chunk that starts at or before `slot`; the first one when none does. */
  #chunkOf(slot: number, order: SlotOrder): number {
    let low = 1;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (order.compare(this.#chunks[middle]![0]!, slot) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** How many slots of chunk `c` come before `slot`. */
  #within(c: number, slot: number, order: SlotOrder): number {
    const chunk = this.#chunks[c]!;
    let low = 0;
    let high = this.#counts[c]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (order.compare(chunk[middle]!, slot) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #chunkAt(position: number): number {
    this.#startOf(this.#chunks.length - 1);
    let low = 1;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= position) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #startOf(c: number): number {
    for (; this.#startCount <= c; this.#startCount++) {
      const i = this.#startCount;
      this.#starts[i] = i === 0 ? 0 : this.#starts[i - 1]! + this.#counts[i - 1]!;
    }
    return this.#starts[c]!;
  }
}

/** The first of positions [low, high) for which `test` holds, when it holds from some position on; else `high`. */
export function firstPosition(low: number, high: number, test: (position: number) => boolean): number {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
