/**
 * Ranked rows: the first rows of an order, ready, with all others unordered behind them.
 *
 * ```
 * ranked    3 1 7 4 ... 9 | all other rows: after 9, in any order
 *           rank 0        bound
 * ```
 *
 * A row after the bound costs one comparison. Others are put in their place by binary search, or merged when they
 * are many. Rows that leave make the ranking shorter; once it is too short for its reader, it is filled from all
 * rows by selection. It then holds a sixteenth of them (at most {@linkcode SPARE_MAX}), so a row that leaves costs
 * some rows looked at on average, and a selection is O(rows).
 *
 * @module
 */
import { grownInt32, grownUint8 } from "../../exec/aggregates/accumulator.ts";
import { type CompareRows, MergeSort } from "../../exec/operators/sort_order.ts";

/** Rows that the ranking holds beyond what its reader needs. */
const SPARE_MAX = 4096;
const SPARE_SHARE = 16;
/** Rows up to which they are placed one by one. */
const FEW_ROWS = 16;
const SELECT_SPARE = 4096;

/** See the module header. */
export class RankedRows {
  readonly #compare: CompareRows;
  #order: Int32Array = new Int32Array(64);
  #count = 0;
  /** By row: 1 for those in the ranking. */
  #ranked: Uint8Array = new Uint8Array(64);
  #isWhole = true;
  #leaving: Int32Array = new Int32Array(16);
  #arriving: Int32Array = new Int32Array(16);
  #leavingCount = 0;
  #arrivingCount = 0;
  #bound = -1;

  /** `compare`: never 0 for two rows. */
  constructor(compare: CompareRows) {
    this.#compare = compare;
  }

  /** Number of rows in the ranking. */
  get count(): number {
    return this.#count;
  }

  /** Whether all rows are in the ranking. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Whether a row is in the ranking. */
  has(row: number): boolean {
    return this.#ranked[row] === 1;
  }

  /** Approximate memory in bytes. */
  get stateBytes(): number {
    return this.#order.byteLength + this.#ranked.byteLength + this.#leaving.byteLength +
      this.#arriving.byteLength;
  }

  /** The row of a rank. */
  at(rank: number): number {
    return this.#order[rank]!;
  }

  /** Starts a change of at most `size` rows; there are `rowCount` row numbers. */
  begin(size: number, rowCount: number): void {
    this.#ranked = grownUint8(this.#ranked, rowCount);
    this.#leaving = grownInt32(this.#leaving, size);
    this.#arriving = grownInt32(this.#arriving, size);
    this.#leavingCount = 0;
    this.#arrivingCount = 0;
    this.#bound = this.#isWhole ? -1 : this.#count === 0 ? -2 : this.#order[this.#count - 1]!;
  }

  /** Tells whether a row of the change is there after it; true when it is or was ranked. */
  note(row: number, isThere: boolean): boolean {
    if (this.#ranked[row] === 1) {
      if (isThere) return true;
      this.#ranked[row] = 0;
      this.#leaving[this.#leavingCount++] = row;
      return true;
    }
    if (!isThere || this.#bound === -2) return false;
    if (this.#bound >= 0 && this.#compare(row, this.#bound) > 0) return false;
    this.#ranked[row] = 1;
    this.#arriving[this.#arrivingCount++] = row;
    return true;
  }

  /** Ends the change: ranks those that came, at least `wanted` of all rows where there are so many. */
  end(wanted: number, rowCount: number): void {
    const size = sizeFor(wanted, rowCount);
    if (this.#leavingCount + this.#arrivingCount <= FEW_ROWS) this.#placeFew();
    else this.#merge(size);
    if (this.#count > size + (size >> 2)) this.#cut(size);
  }

  /** Fills the ranking from `rows`, which are all, with at least `wanted` of them. */
  fill(rows: Int32Array, wanted: number): void {
    const first = firstRows(rows, sizeFor(wanted, rows.length), this.#compare);
    this.#ranked.fill(0);
    for (const row of first) this.#ranked[row] = 1;
    this.#order = grownInt32(this.#order, first.length);
    this.#order.set(first);
    this.#count = first.length;
    this.#isWhole = first.length === rows.length;
  }

  /** Starts anew, without rows. */
  clear(): void {
    this.#ranked.fill(0);
    this.#count = 0;
    this.#isWhole = true;
  }

  /** Gives every row another number. */
  renumber(numberOf: Int32Array, rowCount: number): void {
    const order = this.#order.slice(0, Math.max(64, this.#count));
    for (let i = 0; i < this.#count; i++) order[i] = numberOf[order[i]!]!;
    this.#order = order;
    this.#ranked = new Uint8Array(Math.max(64, rowCount));
    for (let i = 0; i < this.#count; i++) this.#ranked[order[i]!] = 1;
    this.#leaving = new Int32Array(16);
    this.#arriving = new Int32Array(16);
  }

  #placeFew(): void {
    for (let i = 0; i < this.#leavingCount; i++) {
      const rank = this.#rankOf(this.#leaving[i]!);
      this.#order.copyWithin(rank, rank + 1, this.#count--);
    }
    for (let i = 0; i < this.#arrivingCount; i++) {
      const row = this.#arriving[i]!;
      const rank = this.#rankOf(row);
      this.#order = grownInt32(this.#order, this.#count + 1);
      this.#order.copyWithin(rank + 1, rank, this.#count++);
      this.#order[rank] = row;
    }
  }

  /** The rank of a row, or the one that it gets. */
  #rankOf(row: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#order[middle]!;
      if (other !== row && this.#compare(other, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #merge(size: number): void {
    const arriving = this.#arriving.subarray(0, this.#arrivingCount);
    // Those that came are unranked while the ones that stay are told from those that left.
    for (const row of arriving) this.#ranked[row] = 0;
    const order = this.#order;
    let kept = 0;
    for (let i = 0; i < this.#count; i++) {
      if (this.#ranked[order[i]!] === 1) order[kept++] = order[i]!;
    }
    const first = firstRows(arriving, size * 2, this.#compare);
    if (first.length < arriving.length) this.#cutBehind(first[first.length - 1]!, kept);
    else this.#count = kept;
    for (const row of first) this.#ranked[row] = 1;
    this.#order = this.#merged(first);
    this.#count += first.length;
  }

  /** Drops the ranked rows after `bound`, for there are rows after it that have no rank. */
  #cutBehind(bound: number, kept: number): void {
    let count = kept;
    while (count > 0 && this.#compare(this.#order[count - 1]!, bound) > 0) {
      this.#ranked[this.#order[--count]!] = 0;
    }
    this.#count = count;
    this.#isWhole = false;
  }

  #merged(rows: Int32Array): Int32Array {
    const total = this.#count + rows.length;
    const order = this.#order;
    const merged = new Int32Array(total <= order.length ? order.length : Math.max(total, order.length * 2));
    let left = 0;
    let right = 0;
    for (let at = 0; at < total; at++) {
      const takeLeft = right >= rows.length ||
        (left < this.#count && this.#compare(order[left]!, rows[right]!) < 0);
      merged[at] = takeLeft ? order[left++]! : rows[right++]!;
    }
    return merged;
  }

  #cut(size: number): void {
    for (let i = size; i < this.#count; i++) this.#ranked[this.#order[i]!] = 0;
    this.#count = size;
    this.#isWhole = false;
  }
}

/** How many rows to rank for a reader of `wanted` rows. */
function sizeFor(wanted: number, rowCount: number): number {
  return wanted * 2 + Math.max(64, Math.min(SPARE_MAX, Math.floor(rowCount / SPARE_SHARE)));
}

/** The first `count` of `rows`, in order. O(rows) on average besides the sorting of a few times `count`. */
function firstRows(rows: Int32Array, count: number, compare: CompareRows): Int32Array {
  if (rows.length <= count) return sorted(rows, compare);
  const best = new Int32Array(Math.min(rows.length, count * 2 + SELECT_SPARE));
  let length = 0;
  let bound = -1;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (bound >= 0 && compare(row, bound) > 0) continue;
    best[length++] = row;
    if (length < best.length) continue;
    best.set(sorted(best, compare).subarray(0, count));
    length = count;
    bound = best[count - 1]!;
  }
  return sorted(best.slice(0, length), compare).slice(0, count);
}

function sorted(rows: Int32Array, compare: CompareRows): Int32Array {
  const sort = new MergeSort(rows.slice(), compare);
  sort.run({ rows: Infinity });
  return sort.order;
}
