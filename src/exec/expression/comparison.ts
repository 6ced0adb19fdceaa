/**
 * `= <> < <= > >=`, a chunk at a time.
 *
 * A comparison with a constant becomes a {@linkcode NumberConditionNode}, one of two vectors takes a kernel of
 * their array kind; DECIMALs of two scales are brought to the greater one. What no kernel knows, and chunks
 * with values beyond 2^53, go row by row.
 *
 * @module
 */
import type { SqlType } from "../../storage/sql_type.ts";
import type { Chunk } from "../../storage/vector.ts";
import { widenBytes } from "../kernels/convert.ts";
import { mergeNulls } from "../kernels/nulls.ts";
import type { DenseVector } from "../vector_build.ts";
import { BooleanNode } from "./boolean_node.ts";
import { compareDoubles, compareFloat64, compareInt32 } from "./comparison_kernels.ts";
import { comparisonCondition, type ComparisonOperator, isComparison, mirrored } from "./number_condition.ts";
import { widenedArgument } from "./number_cast.ts";
import { NumberConditionNode } from "./number_condition_node.ts";
import {
  DoubleOperand,
  isFloatType,
  isWholeType,
  type NumberOperand,
  safePowerOfTen,
  scaleOf,
  WholeOperand,
} from "./number_vector.ts";
import { callRows, type RowFunction } from "./row_call.ts";
import { type ScalarNode, traitsOf } from "./scalar_node.ts";
import { TextComparisonNode, TextEqualityNode } from "./text_comparison.ts";

/** The node of a comparison, or undefined when the function has to do it row by row. */
export function compileComparison(
  name: string,
  args: readonly ScalarNode[],
  rowFunction: RowFunction,
): ScalarNode | undefined {
  const [left, right] = args;
  if (!isComparison(name) || left === undefined || right === undefined) return undefined;
  if (right.constant !== undefined) return compareConstant(name, left, right, rowFunction);
  if (left.constant !== undefined) {
    return compareConstant(mirrored(name), right, left, mirroredFunction(rowFunction));
  }
  if (left.type.kind === "text" && right.type.kind === "text") {
    return new TextComparisonNode(name, left, right);
  }
  const kernels = vectorKernels(left.type, right.type);
  return kernels === undefined
    ? undefined
    : new VectorComparisonNode(name, [left, right], kernels, rowFunction);
}

function compareConstant(
  operator: ComparisonOperator,
  argument: ScalarNode,
  constant: ScalarNode,
  rowFunction: RowFunction,
): ScalarNode | undefined {
  const value = constant.constant ?? null;
  const widened = widenedArgument(argument);
  if (widened !== undefined) {
    const { argument: narrow, factor } = widened;
    const condition = comparisonCondition(narrow.type, operator, value, constant.type, factor);
    const narrowFunction = functionOfNarrow(rowFunction, narrow.type, constant.type, factor);
    if (condition !== undefined) {
      return new NumberConditionNode([narrow, constant], condition, narrowFunction);
    }
  }
  const condition = comparisonCondition(argument.type, operator, value, constant.type);
  if (condition !== undefined) return new NumberConditionNode([argument, constant], condition, rowFunction);
  if (argument.type.kind === "text" && typeof value === "string" && (operator === "=" || operator === "<>")) {
    return new TextEqualityNode(argument, value, operator === "<>");
  }
  return undefined;
}

/** The same comparison before the cast of its first argument. */
function functionOfNarrow(
  rowFunction: RowFunction,
  type: SqlType,
  constantType: SqlType,
  factor: bigint,
): RowFunction {
  const { evaluate } = rowFunction;
  const context = { ...rowFunction.context, argumentTypes: [type, constantType] };
  if (factor === 1n) return { ...rowFunction, context };
  return {
    ...rowFunction,
    evaluate: ([a, b]) => evaluate([Number(a) * Number(factor), b!], rowFunction.context),
  };
}

/** The same function for arguments in the other order. */
function mirroredFunction(rowFunction: RowFunction): RowFunction {
  const { evaluate } = rowFunction;
  return {
    ...rowFunction,
    // The context keeps the order that the function was chosen for.
    evaluate: ([a, b], context) => evaluate([b!, a!], context),
  };
}

interface VectorKernels {
  readonly kind: "int32" | "float64" | "double" | "boolean";
  readonly operands: readonly [NumberOperand, NumberOperand] | null;
}

/** How values of two types are compared as vectors; undefined when they are not. */
function vectorKernels(left: SqlType, right: SqlType): VectorKernels | undefined {
  const isInt32 = (type: SqlType): boolean => type.kind === "smallint" || type.kind === "integer";
  if (isInt32(left) && isInt32(right)) return { kind: "int32", operands: null };
  if (isWholeType(left) && isWholeType(right)) {
    const scale = Math.max(scaleOf(left), scaleOf(right));
    const leftFactor = safePowerOfTen(scale - scaleOf(left));
    const rightFactor = safePowerOfTen(scale - scaleOf(right));
    if (leftFactor === undefined || rightFactor === undefined) return undefined;
    return { kind: "float64", operands: [new WholeOperand(leftFactor), new WholeOperand(rightFactor)] };
  }
  const floats = isFloatType(left) || isFloatType(right);
  if (floats && DoubleOperand.reads(left) && DoubleOperand.reads(right)) {
    return { kind: "double", operands: [new DoubleOperand(left), new DoubleOperand(right)] };
  }
  if (left.kind !== right.kind) return undefined;
  switch (left.kind) {
    case "date":
      return { kind: "int32", operands: null };
    case "time":
    case "timestamp":
    case "timestamptz":
      return { kind: "float64", operands: [new WholeOperand(1), new WholeOperand(1)] };
    case "boolean":
      return { kind: "boolean", operands: null };
    default:
      return undefined;
  }
}

/** Two vectors of numbers. */
class VectorComparisonNode extends BooleanNode {
  readonly #operator: ComparisonOperator;
  readonly #left: ScalarNode;
  readonly #right: ScalarNode;
  readonly #kernels: VectorKernels;
  readonly #function: RowFunction;
  #nulls = new Uint8Array(0);
  #leftInt32 = new Int32Array(0);
  #rightInt32 = new Int32Array(0);

  constructor(
    operator: ComparisonOperator,
    args: readonly [ScalarNode, ScalarNode],
    kernels: VectorKernels,
    rowFunction: RowFunction,
  ) {
    super(traitsOf(args, false));
    this.#operator = operator;
    [this.#left, this.#right] = args;
    this.#kernels = kernels;
    this.#function = rowFunction;
  }

  evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    const left = this.#left.evaluate(chunk);
    const right = this.#right.evaluate(chunk);
    const out = this.output(size);
    if (this.#nulls.length < size) this.#nulls = new Uint8Array(size);
    if (!this.#compare(left, right, size, out)) return callRows(this.#function, [left, right], size);
    return this.result(out, mergeNulls(left.nulls, right.nulls, size, this.#nulls), size);
  }

  #compare(left: DenseVector, right: DenseVector, size: number, out: Uint8Array): boolean {
    const { kind, operands } = this.#kernels;
    if (operands !== null) {
      const leftValues = operands[0].read(left, size);
      const rightValues = operands[1].read(right, size);
      if (leftValues === null || rightValues === null) return false;
      if (kind === "double") compareDoubles(this.#operator, leftValues, rightValues, size, out);
      else compareFloat64(this.#operator, leftValues, rightValues, size, out);
      return true;
    }
    if (kind === "boolean") {
      if (left.kind !== "bool" || right.kind !== "bool") return false;
      if (this.#leftInt32.length < size) {
        this.#leftInt32 = new Int32Array(size);
        this.#rightInt32 = new Int32Array(size);
      }
      widenBytes(left.values, size, this.#leftInt32);
      widenBytes(right.values, size, this.#rightInt32);
      compareInt32(this.#operator, this.#leftInt32, this.#rightInt32, size, out);
      return true;
    }
    if (left.kind !== "i32" || right.kind !== "i32") return false;
    compareInt32(this.#operator, left.values, right.values, size, out);
    return true;
  }
}
