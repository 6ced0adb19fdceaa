/**
 * Conditions on numbers applied to arrays: the kernel of each array kind for each kind of condition.
 *
 * @module
 */
import { unreachable } from "../../base/assert.ts";
import type { StoredNumbers } from "../../storage/table_view.ts";
import * as kernel from "../kernels/filter.gen.ts";
import { selectAll } from "../kernels/nulls.ts";
import type { NumberCondition } from "./number_condition.ts";

// Loops over whole numbers compute with 32 bits and without branches, so their bounds are whole numbers too, and
// those for narrow arrays lie closely around what such arrays can hold.
const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;
const NARROW_MIN = -65536;
const NARROW_MAX = 131071;

/** A lower bound for whole numbers. */
function lowest(values: StoredNumbers, low: number): number {
  return Math.max(values instanceof Int32Array ? INT32_MIN : NARROW_MIN, Math.ceil(low)) | 0;
}

/** An upper bound for whole numbers. */
function highest(values: StoredNumbers, high: number): number {
  return Math.min(values instanceof Int32Array ? INT32_MAX : NARROW_MAX, Math.floor(high)) | 0;
}

/** Whether no number of 32 bits is in [low, high]. */
function isBeyondInt32(low: number, high: number): boolean {
  return low > INT32_MAX || high < INT32_MIN;
}

/** The rows in [from, to) that pass, ascending, to `rows`; gives their number. NULLs are not looked at. */
export function selectNumbers(
  values: StoredNumbers,
  condition: NumberCondition,
  from: number,
  to: number,
  rows: Int32Array,
): number {
  switch (condition.kind) {
    case "none":
      return 0;
    case "every":
      return selectAll(from, to, rows);
    case "range":
      return selectRange(values, from, to, condition.low, condition.high, rows);
    case "unequal":
      return selectUnequal(values, from, to, condition.value, rows);
    case "atLeast":
      if (values instanceof Float64Array) {
        return kernel.selectAtLeastFloat64(values, from, to, condition.low, rows);
      }
      return selectRange(values, from, to, condition.low, Infinity, rows);
    case "table":
      return selectTable(values, from, to, condition, rows);
    case "set":
      return refineSet(values, condition.values, rows, selectAll(from, to, rows));
    default:
      return unreachable(condition);
  }
}

/** Keeps those of the first `count` of `rows` that pass; gives their number. NULLs are not looked at. */
export function refineNumbers(
  values: StoredNumbers,
  condition: NumberCondition,
  rows: Int32Array,
  count: number,
): number {
  switch (condition.kind) {
    case "none":
      return 0;
    case "every":
      return count;
    case "range":
      return refineRange(values, rows, count, condition.low, condition.high);
    case "unequal":
      return refineUnequal(values, rows, count, condition.value);
    case "atLeast":
      if (values instanceof Float64Array) {
        return kernel.refineAtLeastFloat64(values, rows, count, condition.low);
      }
      return refineRange(values, rows, count, condition.low, Infinity);
    case "table":
      return refineTable(values, rows, count, condition);
    case "set":
      return refineSet(values, condition.values, rows, count);
    default:
      return unreachable(condition);
  }
}

function selectRange(
  values: StoredNumbers,
  from: number,
  to: number,
  low: number,
  high: number,
  rows: Int32Array,
): number {
  if (values instanceof Float64Array) return kernel.selectRangeFloat64(values, from, to, low, high, rows);
  if (isBeyondInt32(low, high)) return 0;
  const first = lowest(values, low);
  const last = highest(values, high);
  if (values instanceof Int32Array) return kernel.selectRangeInt32(values, from, to, first, last, rows);
  if (values instanceof Uint8Array) return kernel.selectRangeUint8(values, from, to, first, last, rows);
  if (values instanceof Int16Array) return kernel.selectRangeInt16(values, from, to, first, last, rows);
  if (values instanceof Uint16Array) return kernel.selectRangeUint16(values, from, to, first, last, rows);
  return kernel.selectRangeInt8(values, from, to, first, last, rows);
}

function refineRange(
  values: StoredNumbers,
  rows: Int32Array,
  count: number,
  low: number,
  high: number,
): number {
  if (values instanceof Float64Array) return kernel.refineRangeFloat64(values, rows, count, low, high);
  if (isBeyondInt32(low, high)) return 0;
  const first = lowest(values, low);
  const last = highest(values, high);
  if (values instanceof Int32Array) return kernel.refineRangeInt32(values, rows, count, first, last);
  if (values instanceof Uint8Array) return kernel.refineRangeUint8(values, rows, count, first, last);
  if (values instanceof Int16Array) return kernel.refineRangeInt16(values, rows, count, first, last);
  if (values instanceof Uint16Array) return kernel.refineRangeUint16(values, rows, count, first, last);
  return kernel.refineRangeInt8(values, rows, count, first, last);
}

function selectUnequal(
  values: StoredNumbers,
  from: number,
  to: number,
  other: number,
  rows: Int32Array,
): number {
  if (values instanceof Float64Array) return kernel.selectUnequalFloat64(values, from, to, other, rows);
  if ((other | 0) !== other) return selectAll(from, to, rows);
  if (values instanceof Int32Array) return kernel.selectUnequalInt32(values, from, to, other, rows);
  if (values instanceof Uint8Array) return kernel.selectUnequalUint8(values, from, to, other, rows);
  if (values instanceof Int16Array) return kernel.selectUnequalInt16(values, from, to, other, rows);
  if (values instanceof Uint16Array) return kernel.selectUnequalUint16(values, from, to, other, rows);
  return kernel.selectUnequalInt8(values, from, to, other, rows);
}

function refineUnequal(values: StoredNumbers, rows: Int32Array, count: number, other: number): number {
  if (values instanceof Float64Array) return kernel.refineUnequalFloat64(values, rows, count, other);
  if ((other | 0) !== other) return count;
  if (values instanceof Int32Array) return kernel.refineUnequalInt32(values, rows, count, other);
  if (values instanceof Uint8Array) return kernel.refineUnequalUint8(values, rows, count, other);
  if (values instanceof Int16Array) return kernel.refineUnequalInt16(values, rows, count, other);
  if (values instanceof Uint16Array) return kernel.refineUnequalUint16(values, rows, count, other);
  return kernel.refineUnequalInt8(values, rows, count, other);
}

interface Table {
  readonly low: number;
  readonly high: number;
  readonly table: Uint8Array;
}

function selectTable(
  values: StoredNumbers,
  from: number,
  to: number,
  { low, high, table }: Table,
  rows: Int32Array,
): number {
  if (values instanceof Int32Array) return kernel.selectTableInt32(values, from, to, low, high, table, rows);
  if (values instanceof Float64Array) {
    return kernel.selectTableFloat64(values, from, to, low, high, table, rows);
  }
  if (values instanceof Uint8Array) return kernel.selectTableUint8(values, from, to, low, high, table, rows);
  if (values instanceof Int16Array) return kernel.selectTableInt16(values, from, to, low, high, table, rows);
  if (values instanceof Uint16Array) {
    return kernel.selectTableUint16(values, from, to, low, high, table, rows);
  }
  return kernel.selectTableInt8(values, from, to, low, high, table, rows);
}

function refineTable(
  values: StoredNumbers,
  rows: Int32Array,
  count: number,
  { low, high, table }: Table,
): number {
  if (values instanceof Int32Array) return kernel.refineTableInt32(values, rows, count, low, high, table);
  if (values instanceof Float64Array) return kernel.refineTableFloat64(values, rows, count, low, high, table);
  if (values instanceof Uint8Array) return kernel.refineTableUint8(values, rows, count, low, high, table);
  if (values instanceof Int16Array) return kernel.refineTableInt16(values, rows, count, low, high, table);
  if (values instanceof Uint16Array) return kernel.refineTableUint16(values, rows, count, low, high, table);
  return kernel.refineTableInt8(values, rows, count, low, high, table);
}

/** Long and sparse lists: one lookup a row. */
function refineSet(values: StoredNumbers, set: ReadonlySet<number>, rows: Int32Array, count: number): number {
  let kept = 0;
  for (let j = 0; j < count; j++) {
    const i = rows[j]!;
    rows[kept] = i;
    if (set.has(values[i]!)) kept++;
  }
  return kept;
}
