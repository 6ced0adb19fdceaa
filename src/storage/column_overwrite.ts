/**
 * Overwrites many rows of one column, a run of rows in one segment at a time.
 *
 * ```
 * rows      3 7 9 | 65540 65541        runs of one segment
 * old       gathered into doubles      only values that differ are saved and written
 * new       scattered back             one bound check and one loop a run
 * ```
 *
 * Numbers take loops over typed arrays; NULLs and everything else go value by value. O(rows).
 *
 * @module
 */
import { getBit } from "../base/bitmap.ts";
import { type PreparedColumn, preparedDatum } from "./column_source.ts";
import { identicalDatums } from "./datum_order.ts";
import type { NumberColumn } from "./number_column.ts";
import { gatherToFloat64 } from "./number_gather.ts";
import type { Segment } from "./segment.ts";
import type { SegmentList } from "./segment_list.ts";
import type { SqlType } from "./sql_type.ts";
import { SEGMENT_BITS, SEGMENT_ROWS } from "./table_view.ts";
import type { SavedValues } from "./undo_log.ts";

const OFFSET_MASK = SEGMENT_ROWS - 1;
/** Rows compared at a time. */
const BLOCK_ROWS = 4096;

/** New values for rows of one column. */
export interface Overwrite {
  readonly ordinal: number;
  readonly type: SqlType;
  readonly rows: Int32Array;
  readonly source: PreparedColumn;
  /** Where the value of each row stands in `source`; the same place when `undefined`. */
  readonly inputs: Int32Array | undefined;
  /** Takes the old values of rows that change; when `undefined` they do not matter and all are written. */
  readonly saved: SavedValues | undefined;
}

const oldNumbers = new Float64Array(BLOCK_ROWS);
const newNumbers = new Float64Array(BLOCK_ROWS);
const changedRows = new Int32Array(BLOCK_ROWS);

/** See the module header. */
export function overwrite(segments: SegmentList, write: Overwrite): void {
  const { rows, source, ordinal } = write;
  const numbers = source.kind === "numbers" ? doubles(source.values) : undefined;
  for (let from = 0; from < rows.length;) {
    const index = rows[from] >>> SEGMENT_BITS;
    const limit = Math.min(rows.length, from + BLOCK_ROWS);
    let to = from + 1;
    while (to < limit && rows[to] >>> SEGMENT_BITS === index) to++;
    const column = segments.all[index].columns[ordinal];
    if (numbers !== undefined && column.kind === "numbers") {
      overwriteNumbers(segments, write, numbers, from, to);
    } else overwriteDatums(segments, write, from, to);
    from = to;
  }
}

function overwriteNumbers(
  segments: SegmentList,
  write: Overwrite,
  numbers: Float64Array,
  from: number,
  to: number,
): void {
  const { ordinal, type, rows, saved } = write;
  const index = rows[from] >>> SEGMENT_BITS;
  const count = collectNumbers(segments, write, numbers, from, to);
  let changed = count;
  if (saved !== undefined) {
    const column = segments.all[index].columns[ordinal];
    if (column.kind !== "numbers") return;
    gatherToFloat64(column.values, changedRows, 0, count, oldNumbers);
    changed = keepChanged(count, type.kind === "double" || type.kind === "real");
    saved.addNumbers(changedRows, oldNumbers, changed, type.kind === "boolean");
  }
  if (changed === 0) return;
  const column = segments.columnForUpdate(segments.writable(index), ordinal);
  // A copy is of the same kind.
  (column as NumberColumn).overwrite(newNumbers, changedRows, changed);
}

/** Collects rows and their new numbers; those that are or become NULL are written at once. Gives their number. */
function collectNumbers(
  segments: SegmentList,
  write: Overwrite,
  numbers: Float64Array,
  from: number,
  to: number,
): number {
  const { ordinal, rows, source, inputs } = write;
  const { nulls } = segments.all[rows[from] >>> SEGMENT_BITS].columns[ordinal];
  const sourceNulls = source.kind === "nulls" ? null : source.nulls;
  const isPlain = nulls === null && sourceNulls === null;
  let count = 0;
  for (let i = from; i < to; i++) {
    const input = inputs === undefined ? i : inputs[i];
    if (!isPlain) {
      const isNull = (sourceNulls !== null && sourceNulls[input] !== 0) ||
        (nulls !== null && getBit(nulls, rows[i] & OFFSET_MASK));
      if (isNull) {
        overwriteDatums(segments, write, i, i + 1);
        continue;
      }
    }
    changedRows[count] = rows[i];
    newNumbers[count++] = numbers[input];
  }
  return count;
}

/** Moves the rows whose old and new values differ to the front; gives their number. Only doubles know -0. */
function keepChanged(count: number, float: boolean): number {
  let changed = 0;
  for (let i = 0; i < count; i++) {
    const before = oldNumbers[i];
    const after = newNumbers[i];
    if (before === after) {
      if (!float || before !== 0 || 1 / before === 1 / after) continue;
    } else if (before !== before && after !== after) continue;
    changedRows[changed] = changedRows[i];
    oldNumbers[changed] = before;
    newNumbers[changed++] = after;
  }
  return changed;
}

function overwriteDatums(
  segments: SegmentList,
  { ordinal, type, rows, source, inputs, saved }: Overwrite,
  from: number,
  to: number,
): void {
  const index = rows[from] >>> SEGMENT_BITS;
  let segment: Segment | undefined;
  let column = segments.all[index].columns[ordinal];
  for (let i = from; i < to; i++) {
    const offset = rows[i] & OFFSET_MASK;
    const value = preparedDatum(source, type, inputs === undefined ? i : inputs[i]);
    if (saved !== undefined) {
      const before = column.get(offset);
      if (identicalDatums(before, value)) continue;
      saved.add(rows[i], before);
    }
    if (segment === undefined) {
      segment = segments.writable(index);
      column = segments.columnForUpdate(segment, ordinal);
    }
    const holder = column.put(offset, value, false);
    if (holder !== column) segment.columns[ordinal] = column = holder;
  }
}

function doubles(values: ArrayLike<number>): Float64Array {
  return values instanceof Float64Array ? values : new Float64Array(values);
}
