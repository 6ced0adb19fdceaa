/**
 * Comparisons of two vectors by operator. `a > b` is `b < a`.
 *
 * @module
 */
import { unreachable } from "../../base/assert.ts";
import * as kernel from "../kernels/comparison.gen.ts";
import type { ComparisonOperator } from "./number_condition.ts";

/** 32-bit integers, or codes of one dictionary when it is about equality. */
export function compareInt32(
  operator: ComparisonOperator,
  left: Int32Array,
  right: Int32Array,
  size: number,
  out: Uint8Array,
): void {
  switch (operator) {
    case "=":
      return kernel.equalInt32VV(left, right, size, out);
    case "<>":
      return kernel.unequalInt32VV(left, right, size, out);
    case "<":
      return kernel.lessInt32VV(left, right, size, out);
    case "<=":
      return kernel.lessEqualInt32VV(left, right, size, out);
    case ">":
      return kernel.lessInt32VV(right, left, size, out);
    case ">=":
      return kernel.lessEqualInt32VV(right, left, size, out);
    default:
      unreachable(operator);
  }
}

/** Whole numbers in doubles: no NaN. */
export function compareFloat64(
  operator: ComparisonOperator,
  left: Float64Array,
  right: Float64Array,
  size: number,
  out: Uint8Array,
): void {
  switch (operator) {
    case "=":
      return kernel.equalFloat64VV(left, right, size, out);
    case "<>":
      return kernel.unequalFloat64VV(left, right, size, out);
    case "<":
      return kernel.lessFloat64VV(left, right, size, out);
    case "<=":
      return kernel.lessEqualFloat64VV(left, right, size, out);
    case ">":
      return kernel.lessFloat64VV(right, left, size, out);
    case ">=":
      return kernel.lessEqualFloat64VV(right, left, size, out);
    default:
      unreachable(operator);
  }
}

/** Doubles: NaN equals NaN and is the greatest. */
export function compareDoubles(
  operator: ComparisonOperator,
  left: Float64Array,
  right: Float64Array,
  size: number,
  out: Uint8Array,
): void {
  switch (operator) {
    case "=":
      return kernel.equalDoubleVV(left, right, size, out);
    case "<>":
      return kernel.unequalDoubleVV(left, right, size, out);
    case "<":
      return kernel.lessDoubleVV(left, right, size, out);
    case "<=":
      return kernel.lessEqualDoubleVV(left, right, size, out);
    case ">":
      return kernel.lessDoubleVV(right, left, size, out);
    case ">=":
      return kernel.lessEqualDoubleVV(right, left, size, out);
    default:
      unreachable(operator);
  }
}
