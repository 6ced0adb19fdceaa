/**
 * Which rows of a delta look the same: dense ids for rows by hashing, without anything that outlives the call.
 *
 * ```
 * columns ─► one number a value ─► hash of each row ─► slot ─► compare with the row that is there
 * ```
 *
 * Text that is no dictionary code and values that are objects are numbered by a Map first. O(rows * columns).
 *
 * @module
 */
import { identityKey } from "../../query/functions/identity.ts";
import type { DenseVector } from "../../exec/vector_build.ts";
import { readDatums } from "../../exec/vector_read.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { NullBytes } from "../../storage/vector.ts";

const WORD = new Float64Array(1);
const WORD_BITS = new Int32Array(WORD.buffer);
const NULL_HASH = 0x5bd1e995;

/** A column as numbers: two values look the same when their numbers do. */
type Numbers =
  | { readonly kind: "whole"; readonly values: Int32Array; readonly nulls: NullBytes }
  | { readonly kind: "double"; readonly values: Float64Array; readonly nulls: NullBytes };

/** Writes ids from 0 on to `ids`, in order of first appearance, equal for rows that look the same; their number. */
export function identifyRows(
  columns: readonly DenseVector[],
  types: readonly SqlType[],
  size: number,
  ids: Int32Array,
): number {
  const numbers = columns.map((column, j) => numbersOf(column, types[j]!, size));
  const hashes = new Int32Array(size);
  for (const column of numbers) {
    if (column.kind === "whole") hashWhole(column.values, column.nulls, size, hashes);
    else hashDoubles(column.values, column.nulls, size, hashes);
  }
  let slotCount = 16;
  while (slotCount < size * 2) slotCount *= 2;
  const slots = new Int32Array(slotCount);
  /** First row of each id. */
  const rows = new Int32Array(size);
  let count = 0;
  for (let i = 0; i < size; i++) {
    const hash = hashes[i]!;
    let slot = (hash ^ (hash >>> 15)) & (slotCount - 1);
    let id = slots[slot]!;
    while (id !== 0 && !(hashes[rows[id - 1]!] === hash && areSame(numbers, rows[id - 1]!, i))) {
      slot = (slot + 1) & (slotCount - 1);
      id = slots[slot]!;
    }
    if (id === 0) {
      rows[count] = i;
      id = ++count;
      slots[slot] = id;
    }
    ids[i] = id - 1;
  }
  return count;
}

function numbersOf(vector: DenseVector, type: SqlType, size: number): Numbers {
  const { nulls } = vector;
  switch (vector.kind) {
    case "i32":
    case "code":
      return { kind: "whole", values: vector.values, nulls };
    case "f64":
      return { kind: "double", values: vector.values, nulls };
    case "bool":
      return { kind: "whole", values: Int32Array.from(vector.values.subarray(0, size)), nulls };
    default:
      return { kind: "whole", values: numbered(vector, type, size), nulls };
  }
}

/** A number for each value, the same for those that look the same. */
function numbered(vector: DenseVector, type: SqlType, size: number): Int32Array {
  const known = new Map<string | number | bigint, number>();
  const numbers = new Int32Array(size);
  readDatums(vector, size).forEach((value, i) => {
    if (value === null) return;
    const key = typeof value === "string" ? value : identityKey(value, type);
    const number = known.get(key) ?? known.size;
    known.set(key, number);
    numbers[i] = number;
  });
  return numbers;
}

function hashWhole(values: Int32Array, nulls: NullBytes, size: number, hashes: Int32Array): void {
  for (let i = 0; i < size; i++) {
    const value = nulls !== null && nulls[i] === 1 ? NULL_HASH : values[i]!;
    const mixed = Math.imul(hashes[i]! ^ value, 0x9e3779b1);
    hashes[i] = mixed ^ (mixed >>> 16);
  }
}

function hashDoubles(values: Float64Array, nulls: NullBytes, size: number, hashes: Int32Array): void {
  for (let i = 0; i < size; i++) {
    WORD[0] = nulls !== null && nulls[i] === 1 ? NULL_HASH : values[i]!;
    const word = Math.imul(WORD_BITS[0]!, 0x85ebca77) ^ WORD_BITS[1]!;
    const mixed = Math.imul(hashes[i]! ^ word ^ (word >>> 15), 0x9e3779b1);
    hashes[i] = mixed ^ (mixed >>> 16);
  }
}

function areSame(columns: readonly Numbers[], a: number, b: number): boolean {
  for (const { kind, values, nulls } of columns) {
    if (nulls !== null && (nulls[a] === 1 || nulls[b] === 1)) {
      if (nulls[a] !== nulls[b]) return false;
    } else if (kind === "whole" ? values[a] !== values[b] : !Object.is(values[a], values[b])) return false;
  }
  return true;
}
