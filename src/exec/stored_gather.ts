/**
 * Late materialisation: the values of a stored column by row id, into arrays that are used again.
 *
 * Row ids of one segment, as scans give them, take one loop of the segment's array kind, or a copy when they
 * are consecutive. Row ids from all over the table, as joins give them, take one loop that chooses the array
 * kind for each row: its branches are few and predictable, and each reads one kind of array only.
 *
 * ```
 * row id 0x0002_0007   kinds[2] = Uint16   uint16[2][7]
 * ```
 *
 * O(rows), plus O(segments) once for each column and snapshot. Texts in UTF-8, bigints and objects are left
 * to storage.
 *
 * @module
 */
import { getBit } from "../base/bitmap.ts";
import type { Dictionary } from "../storage/dictionary.ts";
import { gatherStored, readDatum } from "../storage/gather.ts";
import { gatherToFloat64, gatherToInt32 } from "../storage/number_gather.ts";
import type { Datum } from "../storage/sql_type.ts";
import { SEGMENT_BITS, SEGMENT_ROWS, type SegmentColumn, type StoredColumn } from "../storage/table_view.ts";
import type { NullBytes } from "../storage/vector.ts";
import { clearBytes, clearFloat64, clearInt32 } from "./kernels/nulls.ts";
import { type DenseVector, plainKind } from "./vector_build.ts";

const OFFSET_MASK = SEGMENT_ROWS - 1;

/** The value of row `row`; NULL for -1. */
export function storedDatum(source: StoredColumn, row: number): Datum {
  return readDatum(source, row);
}

/** The segments of a column by the kind of their arrays. Index: segment; empty arrays where it has another kind. */
interface Layout {
  readonly kinds: Uint8Array;
  readonly uint8: readonly Uint8Array[];
  readonly int8: readonly Int8Array[];
  readonly uint16: readonly Uint16Array[];
  readonly int16: readonly Int16Array[];
  readonly int32: readonly Int32Array[];
  readonly float64: readonly Float64Array[];
  /** Words of NULL bits, empty where a segment has none; null when no segment has. */
  readonly nulls: readonly Uint32Array[] | null;
  /** Of columns of codes. */
  readonly dictionary: Dictionary | null;
}

const UINT8 = 0;
const INT8 = 1;
const UINT16 = 2;
const INT16 = 3;
const INT32 = 4;
const FLOAT64 = 5;

const layouts = new WeakMap<readonly SegmentColumn[], Layout | null>();

/** The layout of a column of numbers or codes; null for other columns. */
function layoutOf(segments: readonly SegmentColumn[]): Layout | null {
  let layout = layouts.get(segments);
  if (layout === undefined) {
    layout = makeLayout(segments);
    layouts.set(segments, layout);
  }
  return layout;
}

function makeLayout(segments: readonly SegmentColumn[]): Layout | null {
  const kinds = new Uint8Array(segments.length);
  const uint8 = emptyArrays<Uint8Array>(segments, new Uint8Array(0));
  const int8 = emptyArrays<Int8Array>(segments, new Int8Array(0));
  const uint16 = emptyArrays<Uint16Array>(segments, new Uint16Array(0));
  const int16 = emptyArrays<Int16Array>(segments, new Int16Array(0));
  const int32 = emptyArrays<Int32Array>(segments, new Int32Array(0));
  const float64 = emptyArrays<Float64Array>(segments, new Float64Array(0));
  const first = segments[0];
  const dictionary = first?.kind === "codes" ? first.dictionary : null;
  for (const [index, segment] of segments.entries()) {
    const fits = dictionary === null
      ? segment.kind === "numbers"
      : segment.kind === "codes" && segment.dictionary === dictionary;
    if (!fits || segment.kind !== "numbers" && segment.kind !== "codes") return null;
    const { values } = segment;
    if (values instanceof Uint8Array) kinds[index] = UINT8, uint8[index] = values;
    else if (values instanceof Int8Array) kinds[index] = INT8, int8[index] = values;
    else if (values instanceof Uint16Array) kinds[index] = UINT16, uint16[index] = values;
    else if (values instanceof Int16Array) kinds[index] = INT16, int16[index] = values;
    else if (values instanceof Int32Array) kinds[index] = INT32, int32[index] = values;
    else kinds[index] = FLOAT64, float64[index] = values;
  }
  const hasNulls = segments.some((segment) => segment.nulls !== null);
  const none = new Uint32Array(0);
  const nulls = hasNulls ? segments.map((segment) => segment.nulls ?? none) : null;
  return { kinds, uint8, int8, uint16, int16, int32, float64, nulls, dictionary };
}

function emptyArrays<Values>(segments: readonly SegmentColumn[], empty: Values): Values[] {
  return new Array<Values>(segments.length).fill(empty);
}

/** Reads columns by row id. Owns the arrays of the vectors that it gives: they hold until the next read. */
export class StoredReader {
  #int32 = new Int32Array(0);
  #float64 = new Float64Array(0);
  #bytes = new Uint8Array(0);
  #nulls = new Uint8Array(0);

  /** The values of the first `count` row ids; -1 gives NULL. */
  read(source: StoredColumn, rows: Int32Array, count: number): DenseVector {
    const layout = layoutOf(source.segments);
    if (layout === null) return gatherStored(source, rows, count);
    const spread = spreadOf(rows, count);
    const nulls = spread.missing || layout.nulls !== null ? this.#readNulls(layout, rows, count) : null;
    const single = spread.single && !spread.missing ? source.segments[rows[0]! >>> SEGMENT_BITS] : undefined;
    const kind = layout.dictionary === null ? plainKind(source.type) : "code";
    switch (kind) {
      case "f64":
        if (this.#float64.length < count) this.#float64 = new Float64Array(count);
        if (single === undefined) gatherFloat64(layout, rows, count, this.#float64);
        else readFloat64(single, spread.consecutive, rows, count, this.#float64);
        if (nulls !== null) clearFloat64(this.#float64, nulls, count);
        return { kind: "f64", values: this.#float64, nulls };
      case "bool":
        if (this.#bytes.length < count) this.#bytes = new Uint8Array(count);
        gatherUint8(layout.uint8, rows, count, this.#bytes);
        if (nulls !== null) clearBytes(this.#bytes, nulls, count);
        return { kind: "bool", values: this.#bytes, nulls };
      default:
        if (this.#int32.length < count) this.#int32 = new Int32Array(count);
        if (single === undefined) gatherInt32(layout, rows, count, this.#int32);
        else readInt32(single, spread.consecutive, rows, count, this.#int32);
        if (nulls !== null) clearInt32(this.#int32, nulls, count);
        if (layout.dictionary === null) return { kind: "i32", values: this.#int32, nulls };
        return { kind: "code", values: this.#int32, dictionary: layout.dictionary, nulls };
    }
  }

  #readNulls(layout: Layout, rows: Int32Array, count: number): NullBytes {
    if (this.#nulls.length < count) this.#nulls = new Uint8Array(count);
    const nulls = this.#nulls;
    const words = layout.nulls;
    let any = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      let unknown = row >>> 31;
      if (unknown === 0 && words !== null) {
        const segment = words[row >>> SEGMENT_BITS]!;
        if (segment.length > 0 && getBit(segment, row & OFFSET_MASK)) unknown = 1;
      }
      nulls[i] = unknown;
      any |= unknown;
    }
    return any === 0 ? null : nulls;
  }
}

interface Spread {
  /** All rows are in one segment. */
  readonly single: boolean;
  /** Each row follows the one before it. */
  readonly consecutive: boolean;
  /** Some row is -1. */
  readonly missing: boolean;
}

function spreadOf(rows: Int32Array, count: number): Spread {
  const first = rows[0]!;
  let segmentBits = 0;
  let stepBits = 0;
  let signs = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    segmentBits |= row ^ first;
    stepBits |= (row - i) ^ first;
    signs |= row;
  }
  return { single: segmentBits >>> SEGMENT_BITS === 0, consecutive: stepBits === 0, missing: signs < 0 };
}

function readFloat64(
  segment: SegmentColumn,
  consecutive: boolean,
  rows: Int32Array,
  count: number,
  out: Float64Array,
): void {
  if (segment.kind !== "numbers") return;
  if (!consecutive) return gatherToFloat64(segment.values, rows, 0, count, out);
  const from = rows[0]! & OFFSET_MASK;
  out.set(segment.values.subarray(from, from + count));
}

function readInt32(
  segment: SegmentColumn,
  consecutive: boolean,
  rows: Int32Array,
  count: number,
  out: Int32Array,
): void {
  if (segment.kind !== "numbers" && segment.kind !== "codes") return;
  if (!consecutive) return gatherToInt32(segment.values, rows, 0, count, out);
  const from = rows[0]! & OFFSET_MASK;
  out.set(segment.values.subarray(from, from + count));
}

/** -1 reads 0. */
function gatherFloat64(layout: Layout, rows: Int32Array, count: number, out: Float64Array): void {
  const { kinds, uint8, int8, uint16, int16, int32, float64 } = layout;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    if (row < 0) {
      out[i] = 0;
      continue;
    }
    const segment = row >>> SEGMENT_BITS;
    const offset = row & OFFSET_MASK;
    const kind = kinds[segment];
    if (kind === INT32) out[i] = int32[segment]![offset]!;
    else if (kind === FLOAT64) out[i] = float64[segment]![offset]!;
    else if (kind === UINT8) out[i] = uint8[segment]![offset]!;
    else if (kind === UINT16) out[i] = uint16[segment]![offset]!;
    else if (kind === INT16) out[i] = int16[segment]![offset]!;
    else out[i] = int8[segment]![offset]!;
  }
}

/** -1 reads 0. */
function gatherInt32(layout: Layout, rows: Int32Array, count: number, out: Int32Array): void {
  const { kinds, uint8, int8, uint16, int16, int32 } = layout;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    if (row < 0) {
      out[i] = 0;
      continue;
    }
    const segment = row >>> SEGMENT_BITS;
    const offset = row & OFFSET_MASK;
    const kind = kinds[segment];
    if (kind === INT32) out[i] = int32[segment]![offset]!;
    else if (kind === UINT8) out[i] = uint8[segment]![offset]!;
    else if (kind === UINT16) out[i] = uint16[segment]![offset]!;
    else if (kind === INT16) out[i] = int16[segment]![offset]!;
    else out[i] = int8[segment]![offset]!;
  }
}

/** -1 reads 0. */
function gatherUint8(
  segments: readonly Uint8Array[],
  rows: Int32Array,
  count: number,
  out: Uint8Array,
): void {
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    out[i] = row < 0 ? 0 : segments[row >>> SEGMENT_BITS]![row & OFFSET_MASK]!;
  }
}
