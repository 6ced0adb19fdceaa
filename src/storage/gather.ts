/**
 * Reads stored columns: single values, contiguous slices, offsets within a segment, and row ids across
 * segments (late materialisation). Every result is a dense vector with arrays of its own, except that a
 * slice may share the array of the segment, which must not be written to.
 *
 * A column's segments may differ in array kind, so each run of rows in one segment takes the loop of its kind:
 * made for row ids that ascend. O(rows).
 *
 * @module
 */
import { assert, unreachable } from "../base/assert.ts";
import { expandBits, getBit } from "../base/bitmap.ts";
import { Dictionary } from "./dictionary.ts";
import { narrowBigint } from "./datum_order.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import {
  type BigintSegment,
  type CodeSegment,
  type NumberSegment,
  SEGMENT_BITS,
  SEGMENT_ROWS,
  type SegmentColumn,
  type StoredColumn,
  type StoredNumbers,
} from "./table_view.ts";
import { gatherToFloat64, gatherToInt32, gatherToUint8 } from "./number_gather.ts";
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
  return gatherSegments([column], type, offsets, count);
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
  return gatherSegments(source.segments, source.type, rows, count);
}

/** The kind of the vector that rows of these segments make. */
type Shape = "numbers" | "bigints" | "codes" | "text" | "objects";

/** The shape that holds the values of all of `segments`; without any, that of `type`. */
function shapeOf(segments: Iterable<SegmentColumn>, type: SqlType): Shape {
  let shape: Shape | undefined;
  let dictionary: Dictionary | undefined;
  for (const segment of segments) {
    if (segment.kind === "objects" || segment.kind === "bigints") return segment.kind;
    if (segment.kind === "utf8") return "text";
    if (segment.kind === "codes") {
      if (dictionary !== undefined && dictionary !== segment.dictionary) return "text";
      dictionary = segment.dictionary;
    }
    shape ??= segment.kind;
  }
  return shape ??
    (type.kind === "text" || type.kind === "json" ? "text" : isObject(type) ? "objects" : "numbers");
}

function isObject(type: SqlType): boolean {
  return type.kind === "numeric" || type.kind === "interval" || type.kind === "array" || type.kind === "null";
}

/** The segments that any of the rows is in. */
function touchedSegments(
  segments: readonly SegmentColumn[],
  rows: Int32Array,
  count: number,
): Set<SegmentColumn> {
  const touched = new Set<SegmentColumn>();
  let last = -1;
  for (let i = 0; i < count; i++) {
    const index = rows[i] >>> SEGMENT_BITS;
    if (index === last || rows[i] < 0) continue;
    last = index;
    touched.add(segments[segmentIndex(segments, rows[i])]);
  }
  return touched;
}

/** The segment that all rows are in, if they are in one and none is -1. */
function loneSegment(
  segments: readonly SegmentColumn[],
  rows: Int32Array,
  count: number,
): SegmentColumn | undefined {
  if (count === 0 || rows[0] < 0 || endOfRun(segments, rows, 0, count) < count) return undefined;
  return segments[segmentIndex(segments, rows[0])];
}

function gatherLoneNumbers(
  { values: stored, nulls: words }: NumberSegment,
  type: SqlType,
  rows: Int32Array,
  count: number,
): DenseVector {
  let nulls: NullBytes = null;
  for (let i = 0; words !== null && i < count; i++) {
    if (getBit(words, rows[i] & OFFSET_MASK)) (nulls ??= new Uint8Array(count))[i] = 1;
  }
  switch (targetOf(type)) {
    case "i32": {
      const values = new Int32Array(count);
      gatherToInt32(stored, rows, 0, count, values);
      return { kind: "i32", values, nulls };
    }
    case "f64": {
      const values = new Float64Array(count);
      gatherToFloat64(stored, rows, 0, count, values);
      return { kind: "f64", values, nulls };
    }
    default: {
      const values = new Uint8Array(count);
      gatherToUint8(stored, rows, 0, count, values);
      return { kind: "bool", values, nulls };
    }
  }
}

function gatherSegments(
  segments: readonly SegmentColumn[],
  type: SqlType,
  rows: Int32Array,
  count: number,
): DenseVector {
  const lone = loneSegment(segments, rows, count);
  if (lone?.kind === "numbers") return gatherLoneNumbers(lone, type, rows, count);
  const touched = touchedSegments(segments, rows, count);
  const nulls = gatherNulls(segments, rows, count);
  const shape = shapeOf(touched.size > 0 ? touched : segments, type);
  switch (shape) {
    case "numbers":
      return gatherNumbers(segments, type, rows, count, nulls);
    case "bigints":
      return { kind: "big", values: gatherBigints(segments, rows, count, nulls), nulls };
    case "codes":
      return gatherCodes(segments, rows, count, nulls);
    case "text":
      return { kind: "str", values: gatherText(segments, rows, count, nulls), nulls };
    case "objects":
      return { kind: "object", values: gatherObjects(segments, rows, count), nulls };
    default:
      return unreachable(shape);
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

function gatherNulls(segments: readonly SegmentColumn[], rows: Int32Array, count: number): NullBytes {
  let nulls: NullBytes = null;
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (row >= 0) {
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

/** The end of the run of rows, from `from`, that are in one segment or are all -1. */
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

function gatherNumbers(
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
      assert(column.kind === "numbers", "The segments that are touched have numbers");
      if (target === "i32") gatherToInt32(column.values, rows, from, to, i32);
      else if (target === "f64") gatherToFloat64(column.values, rows, from, to, f64);
      else gatherToUint8(column.values, rows, from, to, bool);
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
  let dictionary: Dictionary | undefined;
  for (let from = 0; from < count;) {
    const to = endOfRun(segments, rows, from, count);
    if (rows[from] >= 0) {
      const column = segments[segmentIndex(segments, rows[from])];
      assert(column.kind === "codes", "The segments that are touched have codes");
      gatherToInt32(column.values, rows, from, to, values);
      dictionary = column.dictionary;
    }
    from = to;
  }
  return { kind: "code", values, dictionary: dictionary ?? new Dictionary(), nulls };
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
