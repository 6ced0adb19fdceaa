/**
 * Number vectors in the array kind and unit that a kernel needs.
 *
 * @module
 */
import { numberToDouble } from "../../query/functions/compare.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import { multiplyWholeVC } from "../kernels/arithmetic.gen.ts";
import { divideFloat64, widenInt32 } from "../kernels/convert.ts";
import type { DenseVector } from "../vector_build.ts";

/** Whether values are whole numbers in some unit: integers and DECIMAL. */
export function isWholeType(type: SqlType): boolean {
  return type.kind === "smallint" || type.kind === "integer" || type.kind === "bigint" ||
    type.kind === "decimal";
}

/** Whether values are floating point numbers. */
export function isFloatType(type: SqlType): boolean {
  return type.kind === "double" || type.kind === "real";
}

/** Digits after the point of a whole type. */
export function scaleOf(type: SqlType): number {
  return type.kind === "decimal" ? type.scale : 0;
}

/** Powers of ten that multiply safe integers without rounding the factor. */
const SAFE_EXPONENT = 15;

/** 10^exponent, or undefined when it is no safe integer. */
export function safePowerOfTen(exponent: number): number | undefined {
  return exponent <= SAFE_EXPONENT ? 10 ** exponent : undefined;
}

/** An operand as the doubles that a kernel takes. Owns the array that it converts into. */
export interface NumberOperand {
  /** The first `size` values; `null` when they cannot be had exactly. */
  read(vector: DenseVector, size: number): Float64Array | null;
  /** A constant; `undefined` when it cannot be had exactly. */
  readConstant(value: Datum): number | undefined;
}

/** Whole numbers in another unit. */
export class WholeOperand implements NumberOperand {
  readonly #factor: number;
  #out = new Float64Array(0);

  /** `factor` is the power of ten between the unit of the operand and that of the kernel. */
  constructor(factor: number) {
    this.#factor = factor;
  }

  read(vector: DenseVector, size: number): Float64Array | null {
    if (vector.kind === "f64" && this.#factor === 1) return vector.values;
    if (vector.kind !== "f64" && vector.kind !== "i32") return null;
    if (this.#out.length < size) this.#out = new Float64Array(size);
    const out = this.#out;
    if (vector.kind === "i32") widenInt32(vector.values, size, out);
    if (this.#factor === 1) return out;
    const from = vector.kind === "i32" ? out : vector.values;
    return multiplyWholeVC(from, this.#factor, size, Number.MAX_SAFE_INTEGER, out) === -1 ? out : null;
  }

  readConstant(value: Datum): number | undefined {
    if (typeof value !== "number") return undefined;
    const scaled = value * this.#factor + 0;
    return Number.isSafeInteger(scaled) ? scaled : undefined;
  }
}

/** Numbers of any type as DOUBLE PRECISION. */
export class DoubleOperand implements NumberOperand {
  readonly #type: SqlType;
  #out = new Float64Array(0);

  constructor(type: SqlType) {
    this.#type = type;
  }

  /** Whether numbers of `type` can be read. */
  static reads(type: SqlType): boolean {
    return isFloatType(type) || isWholeType(type) && scaleOf(type) <= EXACT_DIVISOR_EXPONENT;
  }

  read(vector: DenseVector, size: number): Float64Array | null {
    const scale = scaleOf(this.#type);
    if (vector.kind === "f64" && scale === 0) return vector.values;
    if (vector.kind !== "f64" && vector.kind !== "i32") return null;
    if (this.#out.length < size) this.#out = new Float64Array(size);
    if (vector.kind === "i32") widenInt32(vector.values, size, this.#out);
    else divideFloat64(vector.values, 10 ** scale, size, this.#out);
    return this.#out;
  }

  readConstant(value: Datum): number | undefined {
    return value === null ? undefined : numberToDouble(value, this.#type);
  }
}

/** 10^22 is the greatest power of ten that is a double, so that one division rounds once. */
const EXACT_DIVISOR_EXPONENT = 22;
