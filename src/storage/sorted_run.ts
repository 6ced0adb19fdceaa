/**
 * An index that needs no memory: rows that were appended in key order are found by binary search.
 *
 * ```
 * segments in order of appending    0: 1 .. 90    1: 91 .. 240    4: 241 .. 300
 * ```
 *
 * The run covers every slot of its segments, deleted ones included, and keys ascend from slot to slot (strictly
 * when they must be unique). That holds for generated ids, for time series and for tables loaded in key order.
 * Whoever breaks it is told by `false` and changes to a hash index. Keys are numbers without NULL. Appending and
 * checking a changed row are O(1), finding O(log rows).
 *
 * @module
 */
import type { KeySource } from "./index_key.ts";
import { lowerBound } from "./number_gather.ts";
import type { ProbeKeys } from "./probe_keys.ts";
import { RowPairs } from "./row_pairs.ts";
import type { Datum } from "./sql_type.ts";
import { SEGMENT_BITS, SEGMENT_ROWS, type SegmentView, type StoredNumbers } from "./table_view.ts";

const OFFSET_MASK = SEGMENT_ROWS - 1;

/** Rows in key order. */
export class SortedRun {
  readonly #source: KeySource;
  readonly #ordinals: readonly number[];
  /** How much a key must exceed the one before: 1 for more, 0 for at least as much. */
  readonly #step: number;
  /** Segment indexes in key order. */
  readonly #order: number[] = [];
  readonly #members = new Set<number>();
  /** Slots of the last segment that belong to the run. */
  #lastCount = 0;
  /** The greatest key so far; outlives its row. */
  readonly #lastKey: Float64Array;
  /** The key that is being looked for. */
  readonly #key: Float64Array;
  readonly #pairs = new RowPairs();

  constructor(source: KeySource, ordinals: readonly number[], unique: boolean) {
    this.#source = source;
    this.#ordinals = ordinals;
    this.#step = unique ? 1 : 0;
    this.#lastKey = new Float64Array(ordinals.length).fill(-Infinity);
    this.#key = new Float64Array(ordinals.length);
  }

  /**
   * Takes in new or changed rows, whose values are in place. False when the run would not be sorted any more; it
   * must not be used then.
   */
  addAll(rows: Int32Array, count: number): boolean {
    for (let from = 0; from < count;) {
      if (this.#contains(rows[from])) {
        if (!this.#fits(rows[from])) return false;
        from++;
        continue;
      }
      let to = from + 1;
      while (to < count && rows[to] === rows[to - 1] + 1 && (rows[to] & OFFSET_MASK) !== 0) to++;
      if (!this.#append(rows[from], to - from)) return false;
      from = to;
    }
    return true;
  }

  /** The segment has lost its slots. */
  removeSegment(index: number): void {
    if (!this.#members.delete(index)) return;
    const at = this.#order.indexOf(index);
    const wasLast = at === this.#order.length - 1;
    this.#order.splice(at, 1);
    if (wasLast) this.#lastCount = this.#order.length === 0 ? 0 : SEGMENT_ROWS;
    if (this.#order.length === 0) this.#lastKey.fill(-Infinity);
  }

  /** A live row with the key, or -1. */
  find(key: readonly Datum[]): number {
    if (!this.#readKey(key)) return -1;
    let at = this.#firstSegment();
    if (at === this.#order.length) return -1;
    let offset = this.#lowerBound(at);
    for (; at < this.#order.length; at++, offset = 0) {
      const segment = this.#source.segments[this.#order[at]];
      const count = this.#count(at);
      for (; offset < count; offset++) {
        if (this.#compare(segment, offset, this.#key) !== 0) return -1;
        if (segment.tombstones === null || !isSet(segment.tombstones, offset)) {
          return this.#order[at] << SEGMENT_BITS | offset;
        }
      }
    }
    return -1;
  }

  /** Appends the live rows with the key. */
  findAll(key: readonly Datum[], into: number[]): void {
    if (!this.#readKey(key)) return;
    const pairs = this.#pairs;
    pairs.clear();
    this.#addMatches(0, pairs, Infinity);
    for (let i = 0; i < pairs.count; i++) into.push(pairs.rows[i]);
  }

  /** Appends pairs of a key's number and a live row with that key; a NULL finds nothing. */
  findMany(keys: ProbeKeys, pairs: RowPairs): void {
    for (let i = 0; i < keys.size; i++) if (this.#readProbe(keys, i)) this.#addMatches(i, pairs, Infinity);
  }

  /** Writes the number of live rows with each key to `counts`, counting no further than `limits`. */
  countMany(keys: ProbeKeys, limits: Int32Array, counts: Int32Array): void {
    const pairs = this.#pairs;
    for (let i = 0; i < keys.size; i++) {
      pairs.clear();
      if (this.#readProbe(keys, i)) this.#addMatches(i, pairs, limits[i]);
      counts[i] = pairs.count;
    }
  }

  /** Reads key `i` into #key; false when no row of a run can have it. */
  #readProbe(keys: ProbeKeys, i: number): boolean {
    if (keys.nulls !== null && keys.nulls[i] === 1) return false;
    const key = this.#key;
    for (let part = 0; part < key.length; part++) {
      const number = keys.number(part, i);
      if (number !== number) return false;
      key[part] = number;
    }
    return true;
  }

  /** Adds the first `limit` live rows with #key. */
  #addMatches(probe: number, pairs: RowPairs, limit: number): void {
    let at = this.#firstSegment();
    if (at === this.#order.length) return;
    const last = pairs.count + (this.#step === 1 ? 1 : limit);
    let offset = this.#lowerBound(at);
    for (; at < this.#order.length; at++, offset = 0) {
      const segment = this.#source.segments[this.#order[at]];
      const count = this.#count(at);
      for (; offset < count; offset++) {
        if (this.#compare(segment, offset, this.#key) !== 0) return;
        if (segment.tombstones !== null && isSet(segment.tombstones, offset)) continue;
        pairs.add(probe, this.#order[at] << SEGMENT_BITS | offset);
        if (pairs.count >= last) return;
      }
    }
  }

  /** Reads a key into #key; false when no row of a run can have it. */
  #readKey(key: readonly Datum[]): boolean {
    for (let i = 0; i < key.length; i++) {
      const part = key[i];
      const number = typeof part === "number" ? part : typeof part === "boolean" ? Number(part) : NaN;
      if (number !== number) return false;
      this.#key[i] = number;
    }
    return true;
  }

  #count(at: number): number {
    return at === this.#order.length - 1 ? this.#lastCount : SEGMENT_ROWS;
  }

  #contains(row: number): boolean {
    const segment = row >>> SEGMENT_BITS;
    if (!this.#members.has(segment)) return false;
    return segment !== this.#order[this.#order.length - 1] || (row & OFFSET_MASK) < this.#lastCount;
  }

  /** Whether `row` lies between its neighbours. */
  #fits(row: number): boolean {
    const segment = row >>> SEGMENT_BITS;
    const offset = row & OFFSET_MASK;
    const view = this.#source.segments[segment];
    if (!this.#isNumeric(view, offset)) return false;
    if (offset > 0 && compareSlots(view, offset, view, offset - 1, this.#ordinals) < this.#step) return false;
    const at = offset === 0 || offset === SEGMENT_ROWS - 1 ? this.#order.indexOf(segment) : -1;
    if (offset === 0 && at > 0) {
      const before = this.#source.segments[this.#order[at - 1]];
      if (compareSlots(view, 0, before, SEGMENT_ROWS - 1, this.#ordinals) < this.#step) return false;
    }
    if (offset === SEGMENT_ROWS - 1 && at < this.#order.length - 1) {
      const after = this.#source.segments[this.#order[at + 1]];
      return compareSlots(after, 0, view, offset, this.#ordinals) >= this.#step;
    }
    const isLast = segment === this.#order[this.#order.length - 1] && offset === this.#lastCount - 1;
    if (!isLast) return compareSlots(view, offset + 1, view, offset, this.#ordinals) >= this.#step;
    this.#rememberLast(view, offset);
    return true;
  }

  #append(firstRow: number, count: number): boolean {
    const index = firstRow >>> SEGMENT_BITS;
    const from = firstRow & OFFSET_MASK;
    const last = this.#order[this.#order.length - 1];
    if (index === last) {
      if (from !== this.#lastCount) return false;
    } else {
      const full = last === undefined || this.#lastCount === SEGMENT_ROWS;
      if (from !== 0 || !full || this.#members.has(index)) return false;
    }
    const segment = this.#source.segments[index];
    if (!this.#isNumeric(segment, from) || this.#compare(segment, from, this.#lastKey) < this.#step) {
      return false;
    }
    if (!this.#ascends(segment, from, from + count)) return false;
    if (index !== last) {
      this.#order.push(index);
      this.#members.add(index);
    }
    this.#lastCount = from + count;
    this.#rememberLast(segment, from + count - 1);
    return true;
  }

  #ascends(segment: SegmentView, from: number, to: number): boolean {
    for (const ordinal of this.#ordinals) {
      const { nulls } = segment.column(ordinal);
      for (let offset = from; nulls !== null && offset < to; offset++) if (isSet(nulls, offset)) return false;
    }
    const column = segment.column(this.#ordinals[0]);
    if (this.#ordinals.length === 1 && column.kind === "numbers") {
      return ascends(column.values, from, to, this.#step);
    }
    for (let offset = from + 1; offset < to; offset++) {
      if (compareSlots(segment, offset, segment, offset - 1, this.#ordinals) < this.#step) return false;
    }
    return true;
  }

  #rememberLast(segment: SegmentView, offset: number): void {
    for (let i = 0; i < this.#ordinals.length; i++) {
      this.#lastKey[i] = valueAt(segment, this.#ordinals[i], offset);
    }
  }

  #isNumeric(segment: SegmentView, offset: number): boolean {
    for (const ordinal of this.#ordinals) {
      const column = segment.column(ordinal);
      if (column.kind !== "numbers" || (column.nulls !== null && isSet(column.nulls, offset))) return false;
    }
    return true;
  }

  /** Position of the first segment whose last key is not below #key. */
  #firstSegment(): number {
    let from = 0;
    let to = this.#order.length;
    while (from < to) {
      const middle = from + to >>> 1;
      const segment = this.#source.segments[this.#order[middle]];
      if (this.#compare(segment, this.#count(middle) - 1, this.#key) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Offset of the first slot whose key is not below #key. */
  #lowerBound(at: number): number {
    const segment = this.#source.segments[this.#order[at]];
    const count = this.#count(at);
    const column = segment.column(this.#ordinals[0]);
    if (this.#ordinals.length === 1 && column.kind === "numbers") {
      const guess = guessOffset(column.values, count, this.#key[0], this.#step);
      if (guess >= 0) return guess;
    }
    let from = column.kind === "numbers" ? lowerBound(column.values, 0, count, this.#key[0]) : 0;
    if (this.#ordinals.length === 1 && column.kind === "numbers") return from;
    let to = count;
    while (from < to) {
      const middle = from + to >>> 1;
      if (this.#compare(segment, middle, this.#key) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** -1, 0 or 1, and NaN counts as below: it never is in a run. */
  #compare(segment: SegmentView, offset: number, key: Float64Array): number {
    for (let i = 0; i < this.#ordinals.length; i++) {
      const value = valueAt(segment, this.#ordinals[i], offset);
      if (value > key[i]) return 1;
      if (value !== key[i]) return -1;
    }
    return 0;
  }
}

/**
 * The value at `offset`. A segment may have turned to bigints for the sake of a slot outside the run: those inside
 * are safe integers still.
 */
function valueAt(segment: SegmentView, ordinal: number, offset: number): number {
  const column = segment.column(ordinal);
  if (column.kind === "numbers") return column.values[offset];
  return column.kind === "bigints" ? Number(column.values[offset]) : NaN;
}

function compareSlots(
  left: SegmentView,
  a: number,
  right: SegmentView,
  b: number,
  ordinals: readonly number[],
): number {
  for (let i = 0; i < ordinals.length; i++) {
    const x = valueAt(left, ordinals[i], a);
    const y = valueAt(right, ordinals[i], b);
    if (x > y) return 1;
    if (x !== y) return -1;
  }
  return 0;
}

/** Where the first `key` stands when keys are spread evenly, -1 when it is not there. */
function guessOffset(values: StoredNumbers, count: number, key: number, step: number): number {
  const first = values[0];
  const last = values[count - 1];
  const guess = first === last ? 0 : Math.round((key - first) / (last - first) * (count - 1));
  if (!(guess >= 0 && guess < count) || values[guess] !== key) return -1;
  return step === 1 || guess === 0 || values[guess - 1] !== key ? guess : -1;
}

function ascends(values: StoredNumbers, from: number, to: number, step: number): boolean {
  if (step === 0) {
    for (let i = from + 1; i < to; i++) if (!(values[i] >= values[i - 1])) return false;
  } else {
    for (let i = from + 1; i < to; i++) if (!(values[i] > values[i - 1])) return false;
  }
  return true;
}

function isSet(words: Uint32Array, index: number): boolean {
  return (words[index >>> 5] >>> (index & 31) & 1) === 1;
}
