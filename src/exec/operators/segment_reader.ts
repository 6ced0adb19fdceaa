/**
 * Reads slots of one stored column into arrays of its own, which hold until the next read.
 *
 * Numbers and codes are widened into one buffer that is used again and again; contiguous slots of the right
 * kind are shared with the segment. All else is read as storage reads it. O(count).
 *
 * @module
 */
import { gatherColumn, sliceColumn } from "../../storage/gather.ts";
import { gatherToFloat64, gatherToInt32 } from "../../storage/number_gather.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { SegmentColumn, StoredNumbers } from "../../storage/table_view.ts";
import type { NullBytes } from "../../storage/vector.ts";
import { type DenseVector, plainKind } from "../vector_build.ts";

/** A reader of one column of a table. */
export class SegmentReader {
  readonly #type: SqlType;
  readonly #target: "i32" | "f64" | "other";
  #int32: Int32Array = new Int32Array(0);
  #float64: Float64Array = new Float64Array(0);
  #nulls: Uint8Array = new Uint8Array(0);

  constructor(type: SqlType) {
    this.#type = type;
    const kind = plainKind(type);
    this.#target = kind === "i32" || kind === "f64" ? kind : "other";
  }

  /** The values at the first `count` of `offsets`, which ascend. */
  read(column: SegmentColumn, offsets: Int32Array, count: number): DenseVector {
    const first = offsets[0]!;
    const contiguous = offsets[count - 1]! - first === count - 1;
    if (column.kind === "numbers" && this.#target !== "other") {
      const nulls = this.#readNulls(column.nulls, offsets, count);
      return this.#target === "i32"
        ? { kind: "i32", values: this.#readInt32(column.values, offsets, count, contiguous), nulls }
        : { kind: "f64", values: this.#readFloat64(column.values, offsets, count, contiguous), nulls };
    }
    if (column.kind === "codes") {
      const nulls = this.#readNulls(column.nulls, offsets, count);
      const values = this.#readInt32(column.values, offsets, count, contiguous);
      return { kind: "code", values, dictionary: column.dictionary, nulls };
    }
    return contiguous
      ? sliceColumn(column, this.#type, first, count)
      : gatherColumn(column, this.#type, offsets, count);
  }

  #readInt32(values: StoredNumbers, offsets: Int32Array, count: number, contiguous: boolean): Int32Array {
    const first = offsets[0]!;
    if (contiguous && values instanceof Int32Array) return values.subarray(first, first + count);
    if (this.#int32.length < count) this.#int32 = new Int32Array(Math.max(count, 2048));
    if (contiguous) this.#int32.set(values.subarray(first, first + count));
    else gatherToInt32(values, offsets, 0, count, this.#int32);
    return this.#int32;
  }

  #readFloat64(values: StoredNumbers, offsets: Int32Array, count: number, contiguous: boolean): Float64Array {
    const first = offsets[0]!;
    if (contiguous && values instanceof Float64Array) return values.subarray(first, first + count);
    if (this.#float64.length < count) this.#float64 = new Float64Array(Math.max(count, 2048));
    if (contiguous) this.#float64.set(values.subarray(first, first + count));
    else gatherToFloat64(values, offsets, 0, count, this.#float64);
    return this.#float64;
  }

  #readNulls(words: Uint32Array | null, offsets: Int32Array, count: number): NullBytes {
    if (words === null) return null;
    if (this.#nulls.length < count) this.#nulls = new Uint8Array(Math.max(count, 2048));
    return readBits(words, offsets, count, this.#nulls) === 0 ? null : this.#nulls;
  }
}

/** Writes the bit of each offset as a byte; gives how many are set. */
function readBits(words: Uint32Array, offsets: Int32Array, count: number, bytes: Uint8Array): number {
  let ones = 0;
  for (let i = 0; i < count; i++) {
    const offset = offsets[i]!;
    const bit = words[offset >>> 5]! >>> (offset & 31) & 1;
    bytes[i] = bit;
    ones += bit;
  }
  return ones;
}
