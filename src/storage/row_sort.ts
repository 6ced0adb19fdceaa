/**
 * Sorts row ids, and numbers beside them, in order of the row ids.
 *
 * ```
 * rows     9 3 70000 4        digit by digit, lowest first, each pass stable
 * beside   0 1 2     3   ─►   3 4 9 70000 and 1 3 0 2
 * ```
 *
 * Row ids of a batch are spread over few bits, so that two or three passes of counting beat a comparison sort many
 * times over. Few rows are put in place one by one. O(rows) a pass; the scratch arrays are used again.
 *
 * @module
 */

/** Up to here rows are put in place one by one. */
const FEW_ROWS = 48;
/** From here on digits are wide. */
const MANY_ROWS = 1024;
const NARROW_BITS = 8;
const WIDE_BITS = 11;
/** Arrays up to this length are kept for the next time. */
const KEPT_LENGTH = 65536;

const counts = new Int32Array(1 << WIDE_BITS);
let scratchRows = new Int32Array(0);
let scratchBeside = new Int32Array(0);

/** Sorts the first `count` of `rows`, none of them negative. */
export function sortRows(rows: Int32Array, count: number): void {
  if (!isAscending(rows, count)) sortPairs(rows, new Int32Array(count), count);
}

/** Sorts the first `count` of `rows`, none of them negative, and moves the numbers in `beside` along. */
export function sortRowsWith(rows: Int32Array, beside: Int32Array, count: number): void {
  if (!isAscending(rows, count)) sortPairs(rows, beside, count);
}

function isAscending(rows: Int32Array, count: number): boolean {
  for (let i = 1; i < count; i++) if (rows[i - 1] > rows[i]) return false;
  return true;
}

function sortPairs(rows: Int32Array, beside: Int32Array, count: number): void {
  if (count <= FEW_ROWS) {
    insertEach(rows, beside, count);
    return;
  }
  if (scratchRows.length < count) {
    scratchRows = new Int32Array(count);
    scratchBeside = new Int32Array(count);
  }
  const bits = count < MANY_ROWS ? NARROW_BITS : WIDE_BITS;
  const top = greatest(rows, count);
  let from: Pairs = { rows, beside };
  let to: Pairs = { rows: scratchRows, beside: scratchBeside };
  for (let shift = 0; shift < 31 && top >>> shift > 0; shift += bits) {
    spread(from, to, count, shift, bits);
    [from, to] = [to, from];
  }
  if (from.rows !== rows) {
    rows.set(from.rows.subarray(0, count));
    beside.set(from.beside.subarray(0, count));
  }
  if (scratchRows.length <= KEPT_LENGTH) return;
  scratchRows = new Int32Array(0);
  scratchBeside = new Int32Array(0);
}

interface Pairs {
  readonly rows: Int32Array;
  readonly beside: Int32Array;
}

function spread(from: Pairs, to: Pairs, count: number, shift: number, bits: number): void {
  const { rows, beside } = from;
  const { rows: sorted, beside: sortedBeside } = to;
  const mask = (1 << bits) - 1;
  counts.fill(0, 0, mask + 1);
  for (let i = 0; i < count; i++) counts[rows[i] >>> shift & mask]++;
  for (let digit = 0, before = 0; digit <= mask; digit++) {
    const own = counts[digit];
    counts[digit] = before;
    before += own;
  }
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    const at = counts[row >>> shift & mask]++;
    sorted[at] = row;
    sortedBeside[at] = beside[i];
  }
}

function greatest(rows: Int32Array, count: number): number {
  let top = 0;
  for (let i = 0; i < count; i++) if (rows[i] > top) top = rows[i];
  return top;
}

function insertEach(rows: Int32Array, beside: Int32Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const row = rows[i];
    const number = beside[i];
    let at = i;
    for (; at > 0 && rows[at - 1] > row; at--) {
      rows[at] = rows[at - 1];
      beside[at] = beside[at - 1];
    }
    rows[at] = row;
    beside[at] = number;
  }
}
