/**
 * `+ - * / % ^` and the bit operators on numbers.
 *
 * Whole numbers stay in the wider of both types and overflow is an error. DECIMALs stay fixed point: the
 * scale is the greater of both for sums and remainders and the sum of both for products. A quotient of
 * exact decimals is a NUMERIC. Any floating point operand makes the result one.
 *
 * @module
 */
import { type Datum, DOUBLE, NUMERIC, type SqlType } from "../../storage/sql_type.ts";
import { powerNumeric } from "./numeric_math.ts";
import type { CallContext, ScalarFunction } from "../function.ts";
import { numberToDouble, numberToNumeric } from "./compare.ts";
import {
  addWhole,
  argumentType,
  asNumber,
  asNumeric,
  asWhole,
  multiplyWhole,
  negateWhole,
  subtractWhole,
  wholeFromBigint,
  type WholeNumber,
} from "./datum.ts";
import { checkedInteger } from "./number_text.ts";
import {
  absNumeric,
  addNumeric,
  divideNumeric,
  divisionByZero,
  multiplyNumeric,
  negateNumeric,
  numericOverflow,
  powerOfTen,
  remainderNumeric,
  subtractNumeric,
} from "./numeric_value.ts";
import {
  commonNumber,
  decimalShape,
  isFloat,
  limitedDecimal,
  signature,
  simple,
  strict,
  widerWhole,
} from "./signature.ts";

type Operator = "+" | "-" | "*" | "/" | "%";

/** The type of `a operator b` for numbers. */
export function arithmeticType(operator: Operator, a: SqlType, b: SqlType): SqlType {
  const common = commonNumber(a, b);
  if (a.kind === "null" || b.kind === "null" || common.kind !== "decimal") return common;
  const left = decimalShape(a);
  const right = decimalShape(b);
  if (left === undefined || right === undefined || operator === "/") return NUMERIC;
  switch (operator) {
    case "*":
      return limitedDecimal(left.precision + right.precision, left.scale + right.scale);
    case "%":
      return common;
    default:
      return limitedDecimal(common.precision + 1, common.scale);
  }
}

/** A whole number or DECIMAL as a whole number of units of 10^-scale; `scale` is not less than its own. */
function scaledTo(value: Datum, type: SqlType, scale: number): WholeNumber {
  const from = type.kind === "decimal" ? type.scale : 0;
  return from === scale
    ? asWhole(value)
    : multiplyWhole(asWhole(value), wholeFromBigint(powerOfTen(scale - from)));
}

function divideWhole(a: WholeNumber, b: WholeNumber): WholeNumber {
  if (b === 0) throw divisionByZero();
  if (typeof a === "number" && typeof b === "number") return Math.trunc(a / b) + 0;
  return wholeFromBigint(BigInt(a) / BigInt(b));
}

function remainderWhole(a: WholeNumber, b: WholeNumber): WholeNumber {
  if (b === 0) throw divisionByZero();
  if (typeof a === "number" && typeof b === "number") return a % b + 0;
  return wholeFromBigint(BigInt(a) % BigInt(b));
}

const WHOLE: Readonly<Record<Operator, (a: WholeNumber, b: WholeNumber) => WholeNumber>> = {
  "+": addWhole,
  "-": subtractWhole,
  "*": multiplyWhole,
  "/": divideWhole,
  "%": remainderWhole,
};

const EXACT = {
  "+": addNumeric,
  "-": subtractNumeric,
  "*": multiplyNumeric,
  "/": divideNumeric,
  "%": remainderNumeric,
} as const;

/** Checks a computed floating point number: an overflow from finite operands is an error. */
export function checkedFloat(result: number, type: SqlType, finiteOperands: boolean): number {
  const value = type.kind === "real" ? Math.fround(result) : result;
  if (finiteOperands && !Number.isFinite(value)) throw numericOverflow(result, "DOUBLE PRECISION");
  return value;
}

function floatResult(operator: Operator, a: number, b: number, type: SqlType): number {
  const finite = Number.isFinite(a) && Number.isFinite(b);
  switch (operator) {
    case "+":
      return checkedFloat(a + b, type, finite);
    case "-":
      return checkedFloat(a - b, type, finite);
    case "*": {
      const product = checkedFloat(a * b, type, finite);
      if (product === 0 && a !== 0 && b !== 0) throw numericOverflow("an underflow", "DOUBLE PRECISION");
      return product;
    }
    case "/": {
      if (b === 0 && !Number.isNaN(a)) throw divisionByZero();
      const quotient = checkedFloat(a / b, type, finite);
      if (quotient === 0 && a !== 0 && Number.isFinite(b)) {
        throw numericOverflow("an underflow", "DOUBLE PRECISION");
      }
      return quotient;
    }
    case "%":
      if (b === 0) throw divisionByZero();
      return a % b;
  }
}

function evaluateArithmetic(operator: Operator, args: readonly Datum[], context: CallContext): Datum {
  const [a, b] = args as readonly [Datum, Datum]; // two parameters
  const typeA = argumentType(context, 0);
  const typeB = argumentType(context, 1);
  const result = context.resultType;
  switch (result.kind) {
    case "smallint":
    case "integer":
    case "bigint":
      return checkedInteger(WHOLE[operator](asWhole(a), asWhole(b)), result.kind);
    case "decimal": {
      if (operator === "*") return multiplyWhole(asWhole(a), asWhole(b));
      const left = scaledTo(a, typeA, result.scale);
      return WHOLE[operator](left, scaledTo(b, typeB, result.scale));
    }
    case "real":
    case "double":
      return floatResult(operator, numberToDouble(a, typeA), numberToDouble(b, typeB), result);
    default:
      return EXACT[operator](numberToNumeric(a, typeA), numberToNumeric(b, typeB));
  }
}

/** `number operator number`, for the tables of operators. */
export function numberSignature(operator: Operator): ScalarFunction["signatures"][number] {
  return signature(
    ["number", "number"],
    ([a, b]) => arithmeticType(operator, a!, b!),
    (args, context) => evaluateArithmetic(operator, args, context),
  );
}

/** The number with the opposite sign, in its type. */
export function negateNumber(value: Datum, type: SqlType): Datum {
  switch (type.kind) {
    case "smallint":
    case "integer":
    case "bigint":
      return checkedInteger(negateWhole(asWhole(value)), type.kind);
    case "decimal":
      return negateWhole(asWhole(value));
    case "numeric":
      return negateNumeric(asNumeric(value));
    default:
      return -asNumber(value);
  }
}

/** The size of a number, in its type. */
export function absNumber(value: Datum, type: SqlType): Datum {
  if (type.kind === "numeric") return absNumeric(asNumeric(value));
  if (isFloat(type)) return Math.abs(asNumber(value));
  return asWhole(value) < 0 ? negateNumber(value, type) : value;
}

/** `a ^ b` and `power(a, b)`: NUMERIC for exact decimals, else DOUBLE. */
export function power(args: readonly Datum[], context: CallContext): Datum {
  const [a, b] = args as readonly [Datum, Datum]; // two parameters
  const typeA = argumentType(context, 0);
  const typeB = argumentType(context, 1);
  if (context.resultType.kind === "numeric") {
    return powerNumeric(numberToNumeric(a, typeA), numberToNumeric(b, typeB));
  }
  return powerDouble(numberToDouble(a, typeA), numberToDouble(b, typeB));
}

function powerDouble(a: number, b: number): number {
  if (a === 1 || b === 0) return 1;
  if (a === 0 && b < 0) throw numericOverflow("zero raised to a negative power", "DOUBLE PRECISION");
  const result = a ** b;
  if (Number.isNaN(result) && !Number.isNaN(a) && !Number.isNaN(b)) {
    if (a === -1) return 1;
    throw numericOverflow("a negative number raised to a fraction", "DOUBLE PRECISION");
  }
  return checkedFloat(result, DOUBLE, Number.isFinite(a) && Number.isFinite(b));
}

type BitOperator = "&" | "|" | "#";

const BITS: Readonly<Record<BitOperator, (a: bigint, b: bigint) => bigint>> = {
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "#": (a, b) => a ^ b,
};
const BITS_32: Readonly<Record<BitOperator, (a: number, b: number) => number>> = {
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "#": (a, b) => a ^ b,
};

/** `a operator b` on the bits of two whole numbers. */
export function bitOperation(operator: BitOperator, a: Datum, b: Datum, type: SqlType): WholeNumber {
  if (type.kind !== "bigint") return BITS_32[operator](asNumber(a), asNumber(b));
  return wholeFromBigint(BITS[operator](BigInt(asWhole(a)), BigInt(asWhole(b))));
}

function bitFunction(operator: BitOperator): ScalarFunction {
  const kinds = ["smallint", "integer", "bigint"] as const;
  return strict(
    operator,
    kinds.map((kind) =>
      signature(
        [kind, kind],
        ([a, b]) => widerWhole(a!, b!),
        ([a, b], context) => bitOperation(operator, a!, b!, context.resultType),
      )
    ),
  );
}

function shiftLeft(value: Datum, count: number, type: SqlType): WholeNumber {
  if (type.kind === "bigint") {
    return wholeFromBigint(BigInt.asIntN(64, BigInt(asWhole(value)) << BigInt(count & 63)));
  }
  const moved = asNumber(value) << (count & 31);
  return type.kind === "smallint" ? (moved << 16) >> 16 : moved;
}

function shiftRight(value: Datum, count: number, type: SqlType): WholeNumber {
  if (type.kind === "bigint") return wholeFromBigint(BigInt(asWhole(value)) >> BigInt(count & 63));
  return asNumber(value) >> (count & 31);
}

function shiftFunction(name: string, shift: typeof shiftLeft): ScalarFunction {
  return strict(
    name,
    (["smallint", "integer", "bigint"] as const).map((kind) =>
      signature(
        [kind, "integer"],
        { kind },
        ([value, count], context) => shift(value!, asNumber(count), context.resultType),
      )
    ),
  );
}

function invertBits(value: Datum, type: SqlType): WholeNumber {
  return type.kind === "bigint" ? wholeFromBigint(~BigInt(asWhole(value))) : ~asNumber(value);
}

/** The type of `a ^ b`. */
export function powerType(types: readonly SqlType[]): SqlType {
  if (types.some(isFloat)) return DOUBLE;
  return types.some((type) => type.kind === "decimal" || type.kind === "numeric") ? NUMERIC : DOUBLE;
}

/** The operators that work on numbers alone. Those that also take dates are in operators.ts. */
export const ARITHMETIC_FUNCTIONS: readonly ScalarFunction[] = [
  strict("%", [numberSignature("%")]),
  strict("mod", [numberSignature("%")]),
  simple("^", ["number", "number"], powerType, power),
  bitFunction("&"),
  bitFunction("|"),
  bitFunction("#"),
  // The prefix operator `~`.
  strict(
    "bitwise not",
    (["smallint", "integer", "bigint"] as const).map((kind) =>
      signature([kind], { kind }, ([value], context) => invertBits(value!, context.resultType))
    ),
  ),
  shiftFunction("<<", shiftLeft),
  shiftFunction(">>", shiftRight),
  simple(
    "@",
    ["number"],
    ([type]) => type!,
    ([value], context) => absNumber(value!, context.resultType),
  ),
];
