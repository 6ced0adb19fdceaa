/**
 * `+ - * / %` on whole numbers, DECIMAL, DOUBLE and dates, a chunk at a time.
 *
 * A kernel checks its results as it goes: 32-bit integers against the range of their type, BIGINT and DECIMAL
 * against 2^53, doubles against infinity. Where a check fails, the whole chunk is computed again row by row
 * by the function of the registry, which is exact: it gives bigints, or throws the error that is due. So
 * speed never decides a result.
 *
 * @module
 */
import { MAX_DAYS, MIN_DAYS } from "../../query/functions/calendar.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { Chunk, NullBytes } from "../../storage/vector.ts";
import { clearFloat64, clearInt32, mergeNulls } from "../kernels/nulls.ts";
import type { DenseVector } from "../vector_build.ts";
import {
  type ArithmeticOperator,
  DOUBLE_KERNELS,
  INT32_KERNELS,
  type Operation,
  type OperatorKernels,
  WHOLE_KERNELS,
} from "./arithmetic_kernels.ts";
import {
  DoubleOperand,
  isWholeType,
  type NumberOperand,
  safePowerOfTen,
  scaleOf,
  WholeOperand,
} from "./number_vector.ts";
import { callRows, type RowFunction } from "./row_call.ts";
import { ConstantNode, type ScalarNode, traitsOf } from "./scalar_node.ts";

/** The node of an arithmetic call, or undefined when the function has to do it row by row. */
export function compileArithmetic(
  name: string,
  args: readonly ScalarNode[],
  rowFunction: RowFunction,
): ScalarNode | undefined {
  const operator = operatorOf(name);
  const [left, right] = args;
  if (left !== undefined && name === "negate") return negation(left, rowFunction);
  if (operator === undefined || left === undefined || right === undefined) return undefined;
  const result = rowFunction.context.resultType;
  const range = int32Range(operator, left.type, right.type, result);
  if (range !== undefined) {
    return new Int32ArithmeticNode(INT32_KERNELS[operator], [left, right], rowFunction, range);
  }
  if (isWholeType(left.type) && isWholeType(right.type)) {
    return wholeArithmetic(operator, left, right, rowFunction);
  }
  const readable = DoubleOperand.reads(left.type) && DoubleOperand.reads(right.type);
  if (result.kind !== "double" || operator === "%" || !readable) return undefined;
  return new Float64ArithmeticNode(DOUBLE_KERNELS[operator], [left, right], rowFunction, {
    operands: [new DoubleOperand(left.type), new DoubleOperand(right.type)],
    limit: Number.MAX_VALUE,
  });
}

function operatorOf(name: string): ArithmeticOperator | undefined {
  if (name === "mod") return "%";
  return name === "+" || name === "-" || name === "*" || name === "/" || name === "%" ? name : undefined;
}

interface Range {
  readonly low: number;
  readonly high: number;
}

const INTEGER_RANGE: Range = { low: -(2 ** 31), high: 2 ** 31 - 1 };
const SMALLINT_RANGE: Range = { low: -(2 ** 15), high: 2 ** 15 - 1 };

/** The range of results of an operation on 32-bit integers; undefined when it is none. */
function int32Range(
  operator: ArithmeticOperator,
  left: SqlType,
  right: SqlType,
  result: SqlType,
): Range | undefined {
  const isInt = (type: SqlType): boolean => type.kind === "integer" || type.kind === "smallint";
  if (isInt(left) && isInt(right)) {
    if (result.kind === "integer") return INTEGER_RANGE;
    return result.kind === "smallint" ? SMALLINT_RANGE : undefined;
  }
  const additive = operator === "+" || operator === "-";
  if (
    additive && left.kind === "date" && right.kind === "integer" ||
    operator === "+" && left.kind === "integer" && right.kind === "date"
  ) {
    return { low: MIN_DAYS, high: MAX_DAYS };
  }
  return operator === "-" && left.kind === "date" && right.kind === "date" ? INTEGER_RANGE : undefined;
}

/** BIGINT and DECIMAL: both operands in the unit of the result, except for products. */
function wholeArithmetic(
  operator: ArithmeticOperator,
  left: ScalarNode,
  right: ScalarNode,
  rowFunction: RowFunction,
): ScalarNode | undefined {
  const result = rowFunction.context.resultType;
  if (result.kind !== "bigint" && result.kind !== "decimal") return undefined;
  const scale = scaleOf(result);
  const factors = [left, right].map((node) =>
    operator === "*" ? 1 : safePowerOfTen(scale - scaleOf(node.type))
  );
  const [leftFactor, rightFactor] = factors;
  if (leftFactor === undefined || rightFactor === undefined) return undefined;
  return new Float64ArithmeticNode(WHOLE_KERNELS[operator], [left, right], rowFunction, {
    operands: [new WholeOperand(leftFactor), new WholeOperand(rightFactor)],
    limit: Number.MAX_SAFE_INTEGER,
  });
}

/** `- x` is `0 - x`, and `x * -1` for floating point numbers, which have -0. */
function negation(argument: ScalarNode, rowFunction: RowFunction): ScalarNode | undefined {
  const { type } = argument;
  if (type.kind === "double") {
    return new Float64ArithmeticNode(
      DOUBLE_KERNELS["*"],
      [argument, new ConstantNode(type, -1)],
      rowFunction,
      {
        operands: [new DoubleOperand(type), new DoubleOperand(type)],
        limit: Number.MAX_VALUE,
      },
    );
  }
  if (!isWholeType(type)) return undefined;
  const zero = new ConstantNode(type, 0);
  const range = int32Range("-", type, type, type);
  if (range !== undefined) {
    return new Int32ArithmeticNode(INT32_KERNELS["-"], [zero, argument], rowFunction, range);
  }
  return new Float64ArithmeticNode(WHOLE_KERNELS["-"], [zero, argument], rowFunction, {
    operands: [new WholeOperand(1), new WholeOperand(1)],
    limit: Number.MAX_SAFE_INTEGER,
  });
}

abstract class ArithmeticNode implements ScalarNode {
  readonly type: SqlType;
  readonly columns: ReadonlySet<number>;
  readonly fallible = true;
  readonly volatile: boolean;
  protected readonly left: ScalarNode;
  protected readonly right: ScalarNode;
  readonly #function: RowFunction;
  #nulls = new Uint8Array(0);

  constructor(args: readonly [ScalarNode, ScalarNode], rowFunction: RowFunction) {
    const traits = traitsOf(args, true);
    this.type = rowFunction.context.resultType;
    this.columns = traits.columns;
    this.volatile = traits.volatile;
    [this.left, this.right] = args;
    this.#function = rowFunction;
  }

  evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    const left = this.left.evaluate(chunk);
    const right = this.right.evaluate(chunk);
    if (this.#nulls.length < size) this.#nulls = new Uint8Array(size);
    const nulls = mergeNulls(left.nulls, right.nulls, size, this.#nulls);
    return this.compute(left, right, size, nulls) ?? this.#rowWise(left, right, size);
  }

  /** The result by a kernel, or null when it does not apply to these values. */
  protected abstract compute(
    left: DenseVector,
    right: DenseVector,
    size: number,
    nulls: NullBytes,
  ): DenseVector | null;

  #rowWise(left: DenseVector, right: DenseVector, size: number): DenseVector {
    const unary = this.#function.context.argumentTypes.length === 1;
    const argument = this.left.constant === undefined ? left : right;
    return callRows(this.#function, unary ? [argument] : [left, right], size);
  }
}

/** Arithmetic on SMALLINT, INTEGER and DATE. */
class Int32ArithmeticNode extends ArithmeticNode {
  readonly #kernels: OperatorKernels<Int32Array>;
  readonly #range: Range;
  readonly #constantLeft: number | undefined;
  readonly #constantRight: number | undefined;
  readonly #operation: Operation<Int32Array>;
  #out = new Int32Array(0);

  constructor(
    kernels: OperatorKernels<Int32Array>,
    args: readonly [ScalarNode, ScalarNode],
    rowFunction: RowFunction,
    range: Range,
  ) {
    super(args, rowFunction);
    this.#kernels = kernels;
    this.#range = range;
    this.#constantRight = numberOf(args[1].constant);
    this.#constantLeft = this.#constantRight !== undefined || kernels.constantLeft === null
      ? undefined
      : numberOf(args[0].constant);
    const empty = this.#out;
    this.#operation = { left: empty, right: empty, size: 0, nulls: null, out: empty };
  }

  protected override compute(
    left: DenseVector,
    right: DenseVector,
    size: number,
    nulls: NullBytes,
  ): DenseVector | null {
    if (left.kind !== "i32" || right.kind !== "i32") return null;
    if (this.#out.length < size) this.#out = new Int32Array(size);
    const operation = this.#operation;
    operation.left = left.values;
    operation.right = right.values;
    operation.size = size;
    operation.nulls = nulls;
    operation.out = this.#out;
    if (runKernel(this.#kernels, operation, this.#constantLeft, this.#constantRight, this.#range) !== -1) {
      return null;
    }
    if (nulls !== null) clearInt32(this.#out, nulls, size);
    return { kind: "i32", values: this.#out, nulls };
  }
}

interface Float64Form {
  readonly operands: readonly [NumberOperand, NumberOperand];
  readonly limit: number;
}

/** Arithmetic on doubles: BIGINT and DECIMAL as safe integers, DOUBLE PRECISION. */
class Float64ArithmeticNode extends ArithmeticNode {
  readonly #kernels: OperatorKernels<Float64Array>;
  readonly #form: Float64Form;
  readonly #range: Range;
  readonly #constantLeft: number | undefined;
  readonly #constantRight: number | undefined;
  readonly #operation: Operation<Float64Array>;
  #out = new Float64Array(0);

  constructor(
    kernels: OperatorKernels<Float64Array>,
    args: readonly [ScalarNode, ScalarNode],
    rowFunction: RowFunction,
    form: Float64Form,
  ) {
    super(args, rowFunction);
    this.#kernels = kernels;
    this.#form = form;
    this.#range = { low: -form.limit, high: form.limit };
    const [left, right] = form.operands;
    this.#constantRight = constantOf(args[1], right);
    this.#constantLeft = this.#constantRight !== undefined || kernels.constantLeft === null
      ? undefined
      : constantOf(args[0], left);
    const empty = this.#out;
    this.#operation = { left: empty, right: empty, size: 0, nulls: null, out: empty };
  }

  protected override compute(
    left: DenseVector,
    right: DenseVector,
    size: number,
    nulls: NullBytes,
  ): DenseVector | null {
    if (this.#out.length < size) this.#out = new Float64Array(size);
    const operation = this.#operation;
    const { operands } = this.#form;
    const leftValues = this.#constantLeft === undefined ? operands[0].read(left, size) : this.#out;
    const rightValues = this.#constantRight === undefined ? operands[1].read(right, size) : this.#out;
    if (leftValues === null || rightValues === null) return null;
    operation.left = leftValues;
    operation.right = rightValues;
    operation.size = size;
    operation.nulls = nulls;
    operation.out = this.#out;
    if (runKernel(this.#kernels, operation, this.#constantLeft, this.#constantRight, this.#range) !== -1) {
      return null;
    }
    if (nulls !== null) clearFloat64(this.#out, nulls, size);
    return { kind: "f64", values: this.#out, nulls };
  }
}

function runKernel<Values>(
  kernels: OperatorKernels<Values>,
  operation: Operation<Values>,
  constantLeft: number | undefined,
  constantRight: number | undefined,
  range: Range,
): number {
  const { low, high } = range;
  if (constantRight !== undefined) return kernels.constantRight(operation, constantRight, low, high);
  if (constantLeft !== undefined && kernels.constantLeft !== null) {
    return kernels.constantLeft(operation, constantLeft, low, high);
  }
  return kernels.vectors(operation, low, high);
}

function numberOf(value: Datum | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function constantOf(node: ScalarNode, operand: NumberOperand): number | undefined {
  return node.constant === undefined ? undefined : operand.readConstant(node.constant);
}
