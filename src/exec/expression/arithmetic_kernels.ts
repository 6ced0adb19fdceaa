/**
 * Kernels of the arithmetic operators under one calling form for each array kind.
 *
 * @module
 */
import * as kernel from "../kernels/arithmetic.gen.ts";

/** An operator with vectorised forms. */
export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";

/** The vectors or constants of an operation, and what bounds its results. Reused from chunk to chunk. */
export interface Operation<Values> {
  left: Values;
  right: Values;
  size: number;
  nulls: Uint8Array | null;
  out: Values;
}

/** The forms of one operator. Each gives -1, or the first row that it could not compute. */
export interface OperatorKernels<Values> {
  readonly vectors: (operation: Operation<Values>, low: number, high: number) => number;
  readonly constantRight: (operation: Operation<Values>, right: number, low: number, high: number) => number;
  readonly constantLeft:
    | ((operation: Operation<Values>, left: number, low: number, high: number) => number)
    | null;
}

/** SMALLINT, INTEGER and DATE: results within [low, high]. */
export const INT32_KERNELS: Readonly<Record<ArithmeticOperator, OperatorKernels<Int32Array>>> = {
  "+": {
    vectors: (o, low, high) => kernel.addInt32VV(o.left, o.right, o.size, low, high, o.out),
    constantRight: (o, y, low, high) => kernel.addInt32VC(o.left, y, o.size, low, high, o.out),
    constantLeft: (o, x, low, high) => kernel.addInt32VC(o.right, x, o.size, low, high, o.out),
  },
  "-": {
    vectors: (o, low, high) => kernel.subtractInt32VV(o.left, o.right, o.size, low, high, o.out),
    constantRight: (o, y, low, high) => kernel.subtractInt32VC(o.left, y, o.size, low, high, o.out),
    constantLeft: (o, x, low, high) => kernel.subtractInt32CV(x, o.right, o.size, low, high, o.out),
  },
  "*": {
    vectors: (o, low, high) => kernel.multiplyInt32VV(o.left, o.right, o.size, low, high, o.out),
    constantRight: (o, y, low, high) => kernel.multiplyInt32VC(o.left, y, o.size, low, high, o.out),
    constantLeft: (o, x, low, high) => kernel.multiplyInt32VC(o.right, x, o.size, low, high, o.out),
  },
  "/": {
    vectors: (o, low, high) => kernel.divideInt32VV(o.left, o.right, o.size, low, high, o.nulls, o.out),
    constantRight: (o, y, low, high) => kernel.divideInt32VC(o.left, y, o.size, low, high, o.out),
    constantLeft: null,
  },
  "%": {
    vectors: (o) => kernel.remainderInt32VV(o.left, o.right, o.size, o.nulls, o.out),
    constantRight: (o, y) => kernel.remainderInt32VC(o.left, y, o.size, o.out),
    constantLeft: null,
  },
};

const FLOAT64_SUM: OperatorKernels<Float64Array> = {
  vectors: (o, _, high) => kernel.addFloat64VV(o.left, o.right, o.size, high, o.out),
  constantRight: (o, y, _, high) => kernel.addFloat64VC(o.left, y, o.size, high, o.out),
  constantLeft: (o, x, _, high) => kernel.addFloat64VC(o.right, x, o.size, high, o.out),
};

const FLOAT64_DIFFERENCE: OperatorKernels<Float64Array> = {
  vectors: (o, _, high) => kernel.subtractFloat64VV(o.left, o.right, o.size, high, o.out),
  constantRight: (o, y, _, high) => kernel.subtractFloat64VC(o.left, y, o.size, high, o.out),
  constantLeft: (o, x, _, high) => kernel.subtractFloat64CV(x, o.right, o.size, high, o.out),
};

/** BIGINT and DECIMAL while they are safe integers: results within [-high, high]. */
export const WHOLE_KERNELS: Readonly<Record<ArithmeticOperator, OperatorKernels<Float64Array>>> = {
  "+": FLOAT64_SUM,
  "-": FLOAT64_DIFFERENCE,
  "*": {
    vectors: (o, _, high) => kernel.multiplyWholeVV(o.left, o.right, o.size, high, o.out),
    constantRight: (o, y, _, high) => kernel.multiplyWholeVC(o.left, y, o.size, high, o.out),
    constantLeft: (o, x, _, high) => kernel.multiplyWholeVC(o.right, x, o.size, high, o.out),
  },
  "/": {
    vectors: (o, _, high) => kernel.divideWholeVV(o.left, o.right, o.size, high, o.nulls, o.out),
    constantRight: (o, y, _, high) => kernel.divideWholeVC(o.left, y, o.size, high, o.out),
    constantLeft: null,
  },
  "%": {
    vectors: (o) => kernel.remainderWholeVV(o.left, o.right, o.size, o.nulls, o.out),
    constantRight: (o, y) => kernel.remainderWholeVC(o.left, y, o.size, o.out),
    constantLeft: null,
  },
};

/** DOUBLE PRECISION with finite operands and results. There is no kernel for `%`. */
export const DOUBLE_KERNELS: Readonly<
  Record<Exclude<ArithmeticOperator, "%">, OperatorKernels<Float64Array>>
> = {
  "+": FLOAT64_SUM,
  "-": FLOAT64_DIFFERENCE,
  "*": {
    vectors: (o, _, high) => kernel.multiplyDoubleVV(o.left, o.right, o.size, high, o.out),
    constantRight: (o, y, _, high) => kernel.multiplyDoubleVC(o.left, y, o.size, high, o.out),
    constantLeft: (o, x, _, high) => kernel.multiplyDoubleVC(o.right, x, o.size, high, o.out),
  },
  "/": {
    vectors: (o, _, high) => kernel.divideDoubleVV(o.left, o.right, o.size, high, o.nulls, o.out),
    constantRight: (o, y, _, high) => kernel.divideDoubleVC(o.left, y, o.size, high, o.out),
    constantLeft: null,
  },
};
