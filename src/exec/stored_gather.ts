/**
 * Late materialisation: values of a stored column by row id.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { wholeFromBigint } from "../query/functions/datum.ts";
import type { Datum } from "../storage/sql_type.ts";
import { SEGMENT_BITS, SEGMENT_ROWS, type SegmentColumn, type StoredColumn } from "../storage/table_view.ts";
import { type DenseVector, vectorFromDatums } from "./vector_build.ts";

const OFFSET_MASK = SEGMENT_ROWS - 1;
const DECODER: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The value of row `row`; NULL for -1. */
export function storedDatum(source: StoredColumn, row: number): Datum {
  if (row < 0) return null;
  const offset = row & OFFSET_MASK;
  const segment = source.segments[row >>> SEGMENT_BITS]!;
  if (isNullSlot(segment, offset)) return null;
  switch (segment.kind) {
    case "numbers":
      return source.type.kind === "boolean" ? segment.values[offset] === 1 : segment.values[offset]!;
    case "bigints":
      return wholeFromBigint(segment.values[offset]!);
    case "codes":
      return segment.dictionary.strings[segment.values[offset]!]!;
    case "utf8":
      return DECODER.decode(segment.bytes.subarray(segment.starts[offset]!, segment.ends[offset]!));
    case "objects":
      return segment.values[offset]!;
    default:
      return unreachable(segment);
  }
}

/** Whether slot `offset` of a segment column is NULL. */
export function isNullSlot(column: SegmentColumn, offset: number): boolean {
  return column.nulls !== null && (column.nulls[offset >>> 5]! >>> (offset & 31) & 1) === 1;
}

/** The values of the first `count` row ids as a dense vector. */
export function gatherStored(source: StoredColumn, rows: Int32Array, count: number): DenseVector {
  const values = new Array<Datum>(count);
  for (let i = 0; i < count; i++) values[i] = storedDatum(source, rows[i]!);
  return vectorFromDatums(source.type, values, count);
}
