/**
 * Casts between number types, and between DATE and TIMESTAMP, a chunk at a time.
 *
 * Each is a change of unit by a power of ten (or a day in microseconds), a check of the range, and a change
 * of the array kind. A chunk that fails the check goes row by row, where `castDatum` gives the bigint or the
 * error that is due.
 *
 * @module
 */
import { MICROS_PER_DAY } from "../../query/functions/calendar.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { Chunk } from "../../storage/vector.ts";
import { multiplyWholeVC } from "../kernels/arithmetic.gen.ts";
import {
  checkFloat64,
  divideFloorFloat64,
  divideRoundedFloat64,
  narrowFloat64,
  widenInt32,
} from "../kernels/convert.ts";
import { clearFloat64 } from "../kernels/nulls.ts";
import type { DenseVector } from "../vector_build.ts";
import { DoubleOperand, isWholeType, safePowerOfTen, scaleOf } from "./number_vector.ts";
import { callRows, type RowFunction } from "./row_call.ts";
import { MemoNode, type ScalarNode, traitsOf } from "./scalar_node.ts";

/** How values change their unit. */
type UnitChange =
  | { readonly kind: "none" }
  | { readonly kind: "multiply"; readonly factor: number }
  /** Rounds half away from zero. */
  | { readonly kind: "divide"; readonly divisor: number }
  /** Rounds down. */
  | { readonly kind: "floor"; readonly divisor: number }
  /** To floating point numbers, rounded once. */
  | { readonly kind: "double"; readonly operand: DoubleOperand };

interface NumberCast {
  readonly change: UnitChange;
  /** The range of results; those out of it go row by row. */
  readonly low: number;
  readonly high: number;
  /** Results are 32-bit integers. */
  readonly int32: boolean;
}

/** The node of a cast that has a kernel. */
export function compileNumberCast(
  argument: ScalarNode,
  to: SqlType,
  rowFunction: RowFunction,
): ScalarNode | undefined {
  const cast = numberCast(argument.type, to);
  return cast === undefined ? undefined : new NumberCastNode(argument, cast, rowFunction);
}

const SAFE = Number.MAX_SAFE_INTEGER;
const INT32_BOUNDS = { low: -(2 ** 31), high: 2 ** 31 - 1, int32: true };
const SAFE_BOUNDS = { low: -SAFE, high: SAFE, int32: false };

function numberCast(from: SqlType, to: SqlType): NumberCast | undefined {
  if (from.kind === "date" && to.kind === "timestamp") {
    return { change: { kind: "multiply", factor: MICROS_PER_DAY }, ...SAFE_BOUNDS };
  }
  if (from.kind === "timestamp" && to.kind === "date") {
    return { change: { kind: "floor", divisor: MICROS_PER_DAY }, ...INT32_BOUNDS };
  }
  if (to.kind === "double" && (from.kind === "real" || isWholeType(from)) && DoubleOperand.reads(from)) {
    return {
      change: { kind: "double", operand: new DoubleOperand(from) },
      low: -Infinity,
      high: Infinity,
      int32: false,
    };
  }
  if (!isWholeType(from) || !isWholeType(to)) return undefined;
  const change = scaleChange(scaleOf(to) - scaleOf(from));
  if (change === undefined) return undefined;
  switch (to.kind) {
    case "integer":
      return { change, ...INT32_BOUNDS };
    case "smallint":
      return { change, low: -(2 ** 15), high: 2 ** 15 - 1, int32: true };
    case "decimal": {
      const high = to.precision <= 15 ? 10 ** to.precision - 1 : SAFE;
      return { change, low: -high, high, int32: false };
    }
    default:
      return { change, ...SAFE_BOUNDS };
  }
}

function scaleChange(digits: number): UnitChange | undefined {
  if (digits === 0) return { kind: "none" };
  const power = safePowerOfTen(Math.abs(digits));
  if (power === undefined) return undefined;
  return digits > 0 ? { kind: "multiply", factor: power } : { kind: "divide", divisor: power };
}

class NumberCastNode implements ScalarNode {
  readonly type: SqlType;
  readonly columns: ReadonlySet<number>;
  readonly fallible: boolean;
  readonly volatile: boolean;
  readonly argument: ScalarNode;
  readonly #cast: NumberCast;
  readonly #function: RowFunction;
  #float64 = new Float64Array(0);
  #int32 = new Int32Array(0);

  constructor(argument: ScalarNode, cast: NumberCast, rowFunction: RowFunction) {
    const traits = traitsOf([argument], !widens(argument.type, rowFunction.context.resultType));
    this.type = rowFunction.context.resultType;
    this.columns = traits.columns;
    this.fallible = traits.fallible;
    this.volatile = traits.volatile;
    this.argument = argument;
    this.#cast = cast;
    this.#function = rowFunction;
  }

  evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    const vector = this.argument.evaluate(chunk);
    return this.#convert(vector, size) ?? callRows(this.#function, [vector], size);
  }

  #convert(vector: DenseVector, size: number): DenseVector | null {
    const { change, low, high, int32 } = this.#cast;
    const { nulls } = vector;
    const values = this.#changeUnit(vector, change, size);
    if (values === null) return null;
    if (int32) {
      if (this.#int32.length < size) this.#int32 = new Int32Array(size);
      if (narrowFloat64(values, size, low, high, this.#int32) !== -1) return null;
      return { kind: "i32", values: this.#int32, nulls };
    }
    if (high !== Infinity && checkFloat64(values, size, high) !== -1) return null;
    if (nulls !== null && values === this.#float64) clearFloat64(values, nulls, size);
    return { kind: "f64", values, nulls };
  }

  /** The values in the unit of the result, as doubles; null when they are not at hand as numbers. */
  #changeUnit(vector: DenseVector, change: UnitChange, size: number): Float64Array | null {
    if (change.kind === "double") return change.operand.read(vector, size);
    if (vector.kind !== "f64" && vector.kind !== "i32") return null;
    if (this.#float64.length < size) this.#float64 = new Float64Array(size);
    const out = this.#float64;
    if (vector.kind === "i32") widenInt32(vector.values, size, out);
    const values = vector.kind === "i32" ? out : vector.values;
    switch (change.kind) {
      case "none":
        return values;
      case "multiply":
        return multiplyWholeVC(values, change.factor, size, SAFE, out) === -1 ? out : null;
      case "divide":
        divideRoundedFloat64(values, change.divisor, size, out);
        return out;
      default:
        // Timestamps far from today may be beyond 2^53, in whole seconds.
        if (checkFloat64(values, size, SAFE) !== -1) return null;
        divideFloorFloat64(values, change.divisor, size, out);
        return out;
    }
  }
}

/** What a cast that loses nothing is made from: the argument, in units of which `factor` make one of it. */
export interface WidenedArgument {
  readonly argument: ScalarNode;
  readonly factor: bigint;
}

/**
 * The argument of a cast that keeps every value, so that conditions can be put on the argument instead;
 * undefined for any other node. Casts between whole types keep the number that a value stands for.
 */
export function widenedArgument(node: ScalarNode): WidenedArgument | undefined {
  const inner = node instanceof MemoNode ? node.inner : node;
  if (!(inner instanceof NumberCastNode)) return undefined;
  const { argument, type: to } = inner;
  if (argument.type.kind === "date" && to.kind === "timestamp") {
    return { argument, factor: BigInt(MICROS_PER_DAY) };
  }
  if (!keepsNumbers(argument.type, to)) return undefined;
  const deeper = widenedArgument(argument);
  return deeper !== undefined && deeper.factor === 1n ? deeper : { argument, factor: 1n };
}

/** Whether every number of `from` is one of `to`; both are whole types. */
function keepsNumbers(from: SqlType, to: SqlType): boolean {
  if (!isWholeType(from) || !isWholeType(to)) return false;
  if (to.kind !== "decimal") return widens(from, to);
  return to.scale >= scaleOf(from) && to.precision - to.scale >= integralDigits(from);
}

function integralDigits(type: SqlType): number {
  switch (type.kind) {
    case "smallint":
      return 5;
    case "integer":
      return 10;
    case "decimal":
      return type.precision - type.scale;
    default:
      return 19;
  }
}

/** Whether every value of `from` has one in `to`. */
function widens(from: SqlType, to: SqlType): boolean {
  if (to.kind === "double") return true;
  if (to.kind === "bigint") return from.kind === "integer" || from.kind === "smallint";
  return to.kind === "integer" && from.kind === "smallint";
}
