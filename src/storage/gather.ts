/**
 * Reads stored columns: single values, contiguous slices, offsets within a segment, and row ids across
 * segments (late materialisation). Every result is a dense vector with arrays of its own, except that a
 * slice may share the array of the segment, which must not be written to.
 *
 * A column's segments may differ in array kind. When all agree, one stamped loop runs over all rows; else
 * each run of rows in one segment takes the loop of its kind. O(rows), plus O(segments) once per column.
 *
 * @module
 */
import { assert, unreachable } from "../base/assert.ts";
import { expandBits, getBit } from "../base/bitmap.ts";
import { narrowBigint } from "./datum_order.ts";
import * as kernel from "./gather.gen.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import {
  type BigintSegment,
  type CodeSegment,
  SEGMENT_BITS,
  SEGMENT_ROWS,
  type SegmentColumn,
  type StoredColumn,
  type StoredNumbers,
} from "./table_view.ts";
import { decodeText } from "./utf8_text.ts";
import type { LazyVector, NullBytes, Vector } from "./vector.ts";

/** A vector that holds its values. */
export type DenseVector = Exclude<Vector, LazyVector>;

const OFFSET_MASK = SEGMENT_ROWS - 1;

/** The value at slot `offset` of a segment column. */
export function segmentDatum(column: SegmentColumn, type: SqlType, offset: number): Datum {
  if (column.nulls !== null && getBit(column.nulls, offset)) return null;
  switch (column.kind) {
    case "numbers":
      return type.kind === "boolean" ? column.values[offset] === 1 : column.values[offset];
    case "bigints":
      return narrowBigint(column.values[offset]);
    case "codes":
      return column.dictionary.strings[column.values[offset]];
    case "utf8":
      return decodeText(column.bytes, column.starts[offset], column.ends[offset], column.ascii);
    case "objects":
      return column.values[offset];
    default:
      return unreachable(column);
  }
}

/** The value of row `row`; NULL for -1. */
export function readDatum(source: StoredColumn, row: number): Datum {
  return row < 0 ? null : segmentDatum(source.segments[row >>> SEGMENT_BITS], source.type, row & OFFSET_MASK);
}

/** Slots `from` to `from + count` of a segment column. Numbers of the right kind are shared, not copied. */
export function sliceColumn(column: SegmentColumn, type: SqlType, from: number, count: number): DenseVector {
  const nulls = sliceNulls(column, from, count);
  if (column.kind === "numbers") return sliceNumbers(column.values, type, from, count, nulls);
  if (column.kind === "codes") {
    const { dictionary, values } = column;
    const shared = values instanceof Int32Array;
    const codes = shared
      ? values.subarray(from, from + count)
      : new Int32Array(values.subarray(from, from + count));
    return { kind: "code", values: codes, dictionary, nulls };
  }
  const offsets = new Int32Array(count);
  for (let i = 0; i < count; i++) offsets[i] = from + i;
  return gatherColumn(column, type, offsets, count);
}

/** The values at the first `count` of `offsets` of a segment column. */
export function gatherColumn(
  column: SegmentColumn,
  type: SqlType,
  offsets: Int32Array,
  count: number,
): DenseVector {
  const segments = [column];
  return gatherSegments(segments, type, offsets, count, layoutOf(segments));
}

/** The values of a lazy vector's first `size` rows. */
export function materialize(lazy: LazyVector, size: number): DenseVector {
  return gatherStored(lazy.source, lazy.rows, size);
}

/** `vector` with its values at hand. */
export function densify(vector: Vector, size: number): DenseVector {
  return vector.kind === "lazy" ? materialize(vector, size) : vector;
}

/** The values of the first `count` row ids; -1 gives NULL. */
export function gatherStored(source: StoredColumn, rows: Int32Array, count: number): DenseVector {
  const { segments, type } = source;
  if (count * 4 >= segments.length) return gatherSegments(segments, type, rows, count, knownLayout(segments));
  return gatherSegments(segments, type, rows, count, layoutOf(touchedSegments(segments, rows, count)));
}

/** What the segments of a column have in common. */
type Layout =
  | { readonly kind: "uniform"; readonly arrays: readonly StoredNumbers[]; readonly hasNulls: boolean }
  | { readonly kind: "numbers" | "bigints" | "codes" | "text" | "objects"; readonly hasNulls: boolean };

const layouts = new WeakMap<readonly SegmentColumn[], Layout>();

function knownLayout(segments: readonly SegmentColumn[]): Layout {
  let layout = layouts.get(segments);
  if (layout === undefined) {
    layout = layoutOf(segments);
    layouts.set(segments, layout);
  }
  return layout;
}

function layoutOf(segments: readonly SegmentColumn[]): Layout {
  const hasNulls = segments.some((segment) => segment.nulls !== null);
  const arrays: StoredNumbers[] = [];
  let uniform = true;
  let kind: "numbers" | "bigints" | "codes" | "text" | "objects" = "numbers";
  for (const [index, segment] of segments.entries()) {
    if (segment.kind === "numbers") {
      arrays.push(segment.values);
      uniform &&= segment.values.constructor === arrays[0].constructor;
      continue;
    }
    uniform = false;
    if (segment.kind === "codes") {
      const first = segments[0];
      const shared = first.kind === "codes" && first.dictionary === segment.dictionary;
      kind = shared && (kind === "codes" || index === 0) ? "codes" : "text";
    } else {
      kind = segment.kind === "utf8" ? "text" : segment.kind;
    }
    if (kind === "text" || kind === "bigints" || kind === "objects") break;
  }
  return uniform && arrays.length > 0 ? { kind: "uniform", arrays, hasNulls } : { kind, hasNulls };
}

function touchedSegments(
  segments: readonly SegmentColumn[],
  rows: Int32Array,
  count: number,
): SegmentColumn[] {
  const touched = new Set<SegmentColumn>();
  for (let i = 0; i < count; i++) if (rows[i] >= 0) touched.add(segments[rows[i] >>> SEGMENT_BITS]);
  // A layout of part of the segments cannot index them by row id, so it must not be uniform.
  return touched.size === 0 ? [] : [...touched];
}

function gatherSegments(
  segments: readonly SegmentColumn[],
  type: SqlType,
  rows: Int32Array,
  count: number,
  layout: Layout,
): DenseVector {
  const nulls = gatherNulls(segments, rows, count, layout.hasNulls);
  switch (layout.kind) {
    case "uniform":
      // One segment that was picked from several is addressed by offset alone.
      return layout.arrays.length === segments.length && segments.length > 1
        ? gatherUniform(layout.arrays, type, rows, count, nulls)
        : gatherRuns(segments, type, rows, count, nulls);
    case "numbers":
      return gatherRuns(segments, type, rows, count, nulls);
    case "bigints":
      return { kind: "big", values: gatherBigints(segments, rows, count, nulls), nulls };
    case "codes":
      return gatherCodes(segments, rows, count, nulls);
    case "text":
      return { kind: "str", values: gatherText(segments, rows, count, nulls), nulls };
    case "objects":
      return { kind: "object", values: gatherObjects(segments, rows, count), nulls };
    default:
      return unreachable(layout);
  }
}

/** The segment that row `row` is in; a lone segment is addressed by offset, whatever the row's upper bits. */
function segmentIndex(segments: readonly SegmentColumn[], row: number): number {
  return segments.length === 1 ? 0 : row >>> SEGMENT_BITS;
}

function sliceNulls(column: SegmentColumn, from: number, count: number): NullBytes {
  if (column.nulls === null) return null;
  const nulls = new Uint8Array(count);
  return expandBits(column.nulls, from, count, nulls) === 0 ? null : nulls;
}

function gatherNulls(
  segments: readonly SegmentColumn[],
  rows: Int32Array,
  count: number,
  hasNulls: boolean,
): NullBytes {
  let nulls: NullBytes = null;
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (row >= 0) {
      if (!hasNulls) continue;
      const words = segments[segmentIndex(segments, row)].nulls;
      if (words === null || !getBit(words, row & OFFSET_MASK)) continue;
    }
    nulls ??= new Uint8Array(count);
    nulls[i] = 1;
  }
  return nulls;
}

function sliceNumbers(
  values: StoredNumbers,
  type: SqlType,
  from: number,
  count: number,
  nulls: NullBytes,
): DenseVector {
  const part = values.subarray(from, from + count);
  switch (targetOf(type)) {
    case "i32":
      return { kind: "i32", values: part instanceof Int32Array ? part : new Int32Array(part), nulls };
    case "f64":
      return { kind: "f64", values: part instanceof Float64Array ? part : new Float64Array(part), nulls };
    default:
      return { kind: "bool", values: part instanceof Uint8Array ? part : new Uint8Array(part), nulls };
  }
}

type NumberTarget = "i32" | "f64" | "bool";

function targetOf(type: SqlType): NumberTarget {
  switch (type.kind) {
    case "smallint":
    case "integer":
    case "date":
      return "i32";
    case "boolean":
      return "bool";
    default:
      return "f64";
  }
}

function gatherUniform(
  arrays: readonly StoredNumbers[],
  type: SqlType,
  rows: Int32Array,
  count: number,
  nulls: NullBytes,
): DenseVector {
  switch (targetOf(type)) {
    case "i32": {
      const values = new Int32Array(count);
      gatherRowsToInt32(arrays, rows, count, values);
      return { kind: "i32", values, nulls };
    }
    case "f64": {
      const values = new Float64Array(count);
      gatherRowsToFloat64(arrays, rows, count, values);
      return { kind: "f64", values, nulls };
    }
    default: {
      const values = new Uint8Array(count);
      // BOOLEAN segments are bytes, always.
      kernel.gatherUint8RowsToUint8(arrays as readonly Uint8Array[], rows, count, values);
      return { kind: "bool", values, nulls };
    }
  }
}

// In the two functions below each cast follows from the check of the first array: a uniform layout has one kind.
function gatherRowsToInt32(
  arrays: readonly StoredNumbers[],
  rows: Int32Array,
  count: number,
  into: Int32Array,
): void {
  const first = arrays[0];
  if (first instanceof Int32Array) kernel.gatherInt32RowsToInt32(arrays as Int32Array[], rows, count, into);
  else if (first instanceof Uint8Array) {
    kernel.gatherUint8RowsToInt32(arrays as Uint8Array[], rows, count, into);
  } else if (first instanceof Uint16Array) {
    kernel.gatherUint16RowsToInt32(arrays as Uint16Array[], rows, count, into);
  } else if (first instanceof Int16Array) {
    kernel.gatherInt16RowsToInt32(arrays as Int16Array[], rows, count, into);
  } else if (first instanceof Int8Array) {
    kernel.gatherInt8RowsToInt32(arrays as Int8Array[], rows, count, into);
  } else assert(false, "A 32-bit integer column is never stored as doubles");
}

function gatherRowsToFloat64(
  arrays: readonly StoredNumbers[],
  rows: Int32Array,
  count: number,
  into: Float64Array,
): void {
  const first = arrays[0];
  if (first instanceof Float64Array) {
    kernel.gatherFloat64RowsToFloat64(arrays as Float64Array[], rows, count, into);
  } else if (first instanceof Int32Array) {
    kernel.gatherInt32RowsToFloat64(arrays as Int32Array[], rows, count, into);
  } else if (first instanceof Uint8Array) {
    kernel.gatherUint8RowsToFloat64(arrays as Uint8Array[], rows, count, into);
  } else if (first instanceof Uint16Array) {
    kernel.gatherUint16RowsToFloat64(arrays as Uint16Array[], rows, count, into);
  } else if (first instanceof Int16Array) {
    kernel.gatherInt16RowsToFloat64(arrays as Int16Array[], rows, count, into);
  } else kernel.gatherInt8RowsToFloat64(arrays as Int8Array[], rows, count, into);
}

/** into[i] = values[rows[i] & 0xffff] for from <= i < to, whatever the kind of `values`. */
export function gatherToFloat64(
  values: StoredNumbers,
  rows: Int32Array,
  from: number,
  to: number,
  into: Float64Array,
): void {
  if (values instanceof Float64Array) kernel.gatherFloat64ToFloat64(values, rows, from, to, into);
  else if (values instanceof Int32Array) kernel.gatherInt32ToFloat64(values, rows, from, to, into);
  else if (values instanceof Uint8Array) kernel.gatherUint8ToFloat64(values, rows, from, to, into);
  else if (values instanceof Uint16Array) kernel.gatherUint16ToFloat64(values, rows, from, to, into);
  else if (values instanceof Int16Array) kernel.gatherInt16ToFloat64(values, rows, from, to, into);
  else kernel.gatherInt8ToFloat64(values, rows, from, to, into);
}

/** As {@linkcode gatherToFloat64}, for kinds that hold 32-bit integers. */
export function gatherToInt32(
  values: StoredNumbers,
  rows: Int32Array,
  from: number,
  to: number,
  into: Int32Array,
): void {
  if (values instanceof Int32Array) kernel.gatherInt32ToInt32(values, rows, from, to, into);
  else if (values instanceof Uint8Array) kernel.gatherUint8ToInt32(values, rows, from, to, into);
  else if (values instanceof Uint16Array) kernel.gatherUint16ToInt32(values, rows, from, to, into);
  else if (values instanceof Int16Array) kernel.gatherInt16ToInt32(values, rows, from, to, into);
  else if (values instanceof Int8Array) kernel.gatherInt8ToInt32(values, rows, from, to, into);
  else assert(false, "A 32-bit integer column is never stored as doubles");
}

/** Calls nothing per row: finds the end of the run of rows in the segment of row `from`. */
function endOfRun(segments: readonly SegmentColumn[], rows: Int32Array, from: number, count: number): number {
  if (rows[from] < 0) {
    let end = from + 1;
    while (end < count && rows[end] < 0) end++;
    return end;
  }
  const index = segmentIndex(segments, rows[from]);
  let end = from + 1;
  while (end < count && rows[end] >= 0 && segmentIndex(segments, rows[end]) === index) end++;
  return end;
}

function gatherRuns(
  segments: readonly SegmentColumn[],
  type: SqlType,
  rows: Int32Array,
  count: number,
  nulls: NullBytes,
): DenseVector {
  const target = targetOf(type);
  const i32 = new Int32Array(target === "i32" ? count : 0);
  const f64 = new Float64Array(target === "f64" ? count : 0);
  const bool = new Uint8Array(target === "bool" ? count : 0);
  for (let from = 0; from < count;) {
    const to = endOfRun(segments, rows, from, count);
    if (rows[from] >= 0) {
      const column = segments[segmentIndex(segments, rows[from])];
      assert(column.kind === "numbers", "A layout of numbers has only number segments");
      if (target === "i32") gatherToInt32(column.values, rows, from, to, i32);
      else if (target === "f64") gatherToFloat64(column.values, rows, from, to, f64);
      // BOOLEAN segments are bytes, always.
      else kernel.gatherUint8ToUint8(column.values as Uint8Array, rows, from, to, bool);
    }
    from = to;
  }
  if (target === "i32") return { kind: "i32", values: i32, nulls };
  if (target === "f64") return { kind: "f64", values: f64, nulls };
  return { kind: "bool", values: bool, nulls };
}

function gatherCodes(
  segments: readonly SegmentColumn[],
  rows: Int32Array,
  count: number,
  nulls: NullBytes,
): DenseVector {
  const values = new Int32Array(count);
  for (let from = 0; from < count;) {
    const to = endOfRun(segments, rows, from, count);
    if (rows[from] >= 0) {
      // The layout says that every segment has codes of one dictionary.
      const column = segments[segmentIndex(segments, rows[from])] as CodeSegment;
      gatherToInt32(column.values, rows, from, to, values);
    }
    from = to;
  }
  return { kind: "code", values, dictionary: (segments[0] as CodeSegment).dictionary, nulls };
}

function gatherText(
  segments: readonly SegmentColumn[],
  rows: Int32Array,
  count: number,
  nulls: NullBytes,
): string[] {
  const values = new Array<string>(count);
  for (let i = 0; i < count; i++) {
    if (nulls !== null && nulls[i] === 1) {
      values[i] = "";
      continue;
    }
    const column = segments[segmentIndex(segments, rows[i])];
    const offset = rows[i] & OFFSET_MASK;
    if (column.kind === "utf8") {
      values[i] = decodeText(column.bytes, column.starts[offset], column.ends[offset], column.ascii);
    } else {
      // Text segments are codes or UTF-8.
      const { values: codes, dictionary } = column as CodeSegment;
      values[i] = dictionary.strings[codes[offset]];
    }
  }
  return values;
}

function gatherBigints(
  segments: readonly SegmentColumn[],
  rows: Int32Array,
  count: number,
  nulls: NullBytes,
): bigint[] {
  const values = new Array<bigint>(count);
  for (let i = 0; i < count; i++) {
    if (nulls !== null && nulls[i] === 1) {
      values[i] = 0n;
      continue;
    }
    const column = segments[segmentIndex(segments, rows[i])];
    const offset = rows[i] & OFFSET_MASK;
    // Whole-number segments are numbers or bigints.
    values[i] = column.kind === "numbers"
      ? BigInt(column.values[offset])
      : (column as BigintSegment).values[offset];
  }
  return values;
}

function gatherObjects(segments: readonly SegmentColumn[], rows: Int32Array, count: number): Datum[] {
  const values = new Array<Datum>(count);
  for (let i = 0; i < count; i++) {
    const column = rows[i] < 0 ? undefined : segments[segmentIndex(segments, rows[i])];
    values[i] = column?.kind === "objects" ? column.values[rows[i] & OFFSET_MASK] : null;
  }
  return values;
}
