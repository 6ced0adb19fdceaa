/**
 * Mathematical functions.
 *
 * Rounding keeps whole numbers and DECIMALs exact and half away from zero; doubles round half to even, as
 * PostgreSQL does. Roots and logarithms are NUMERIC for exact decimals and DOUBLE otherwise.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import {
  BIGINT,
  type Datum,
  DOUBLE,
  INTEGER,
  NUMERIC,
  type Numeric,
  type SqlType,
} from "../../storage/sql_type.ts";
import type { CallContext, ScalarFunction } from "../function.ts";
import { checkedFloat, numberSignature, power, powerType } from "./arithmetic_operators.ts";
import { numberToDouble, numberToNumeric } from "./compare.ts";
import { argument, argumentType, asNumber, asNumeric, asWhole, wholeFromBigint } from "./datum.ts";
import { roundHalfEven } from "./interval_value.ts";
import { checkedInteger } from "./number_text.ts";
import {
  expNumeric,
  factorial,
  gcdBigint,
  gcdNumeric,
  lcmNumeric,
  lnNumeric,
  logNumeric,
  sqrtNumeric,
} from "./numeric_math.ts";
import {
  ceilNumeric,
  divideTruncated,
  floorNumeric,
  numericFromWhole,
  numericOverflow,
  numericToScaled,
  roundNumeric,
  signOf,
  trimScale,
  truncateNumeric,
} from "./numeric_value.ts";
import {
  aliases,
  commonNumber,
  doubleUnlessDecimal,
  isFloat,
  limitedDecimal,
  numericUnlessFloat,
  signature,
  simple,
  strict,
} from "./signature.ts";

function invalidArgument(name: string, received: unknown): QueryError {
  return new QueryError("invalid-value", `Input of ${name} is out of range: received ${String(received)}`, {
    details: { function: name, value: String(received) },
    hint: "filter such values out before",
  });
}

/** DECIMAL becomes DECIMAL(p, 0), other types stay: `round(x)`, `ceil(x)`, ... */
function wholeType(types: readonly SqlType[]): SqlType {
  const type = types[0]!;
  if (type.kind === "decimal") return limitedDecimal(type.precision - type.scale + 1, 0);
  return type.kind === "real" || type.kind === "null" || type.kind === "smallint" ||
      type.kind === "integer" ||
      type.kind === "bigint"
    ? DOUBLE
    : type;
}

/** A function to a whole number: one way for exact decimals, one for doubles. */
function toWhole(
  name: string,
  exact: (value: Numeric) => Numeric,
  double: (value: number) => number,
): ScalarFunction["signatures"][number] {
  return signature(["number"], wholeType, ([value], context) => {
    const type = argumentType(context, 0);
    if (context.resultType.kind === "double") return double(numberToDouble(value!, type));
    const result = exact(numberToNumeric(value!, type));
    return context.resultType.kind === "decimal" ? numericToScaled(result, 0, name) : result;
  });
}

/** To a number of digits: NUMERIC, the scale is in the value. */
function toDigits(exact: (value: Numeric, digits: number) => Numeric): ScalarFunction["signatures"][number] {
  return signature(
    ["number", "integer"],
    numericUnlessFloat,
    ([value, digits], context) => {
      const type = argumentType(context, 0);
      const result = exact(numberToNumeric(value!, type), asNumber(digits));
      return isFloat(type) ? numberToDouble(result, NUMERIC) : result;
    },
  );
}

/** A function with a form for exact decimals and one for doubles. */
function transcendental(
  name: string,
  exact: (value: Numeric) => Numeric,
  double: (value: number) => number,
): ScalarFunction {
  return simple(name, ["number"], doubleUnlessDecimal, ([value], context) => {
    const type = argumentType(context, 0);
    return context.resultType.kind === "numeric"
      ? exact(numberToNumeric(value!, type))
      : double(numberToDouble(value!, type));
  });
}

function onDoubles(name: string, compute: (value: number) => number): ScalarFunction {
  return simple(name, ["number"], DOUBLE, ([value], context) => {
    const double = numberToDouble(value!, argumentType(context, 0));
    const result = compute(double);
    if (Number.isNaN(result) && !Number.isNaN(double)) throw invalidArgument(name, double);
    return result;
  });
}

/** Half to even; what rounds to zero keeps its sign. */
function roundDouble(value: number): number {
  const rounded = roundHalfEven(value);
  return rounded === 0 && value < 0 ? -0 : rounded;
}

function sqrtDouble(value: number): number {
  if (value < 0) throw invalidArgument("sqrt", value);
  return Math.sqrt(value);
}

function checkedLog(name: string, value: number): number {
  if (value <= 0) throw invalidArgument(name, value);
  return value;
}

function expDouble(value: number): number {
  const result = checkedFloat(Math.exp(value), DOUBLE, Number.isFinite(value));
  if (result === 0 && value !== -Infinity) throw numericOverflow("an underflow", "DOUBLE PRECISION");
  return result;
}

function sign([value]: readonly Datum[], context: CallContext): Datum {
  const type = argumentType(context, 0);
  if (context.resultType.kind === "double") {
    const double = numberToDouble(value!, type);
    return Number.isNaN(double) ? 0 : Math.sign(double) + 0;
  }
  const exact = numberToNumeric(value!, type);
  return exact.special === "NaN" ? exact : numericFromWhole(signOf(exact));
}

function div([a, b]: readonly Datum[], context: CallContext): Datum {
  return divideTruncated(
    numberToNumeric(a!, argumentType(context, 0)),
    numberToNumeric(b!, argumentType(context, 1)),
  );
}

function wholeOrNumeric(types: readonly SqlType[]): SqlType {
  const common = types.reduce(commonNumber);
  return common.kind === "decimal" || isFloat(common)
    ? NUMERIC
    : common.kind === "smallint"
    ? INTEGER
    : common;
}

function gcd([a, b]: readonly Datum[], context: CallContext): Datum {
  const type = context.resultType;
  if (type.kind === "integer" || type.kind === "bigint") {
    return checkedInteger(wholeFromBigint(gcdBigint(BigInt(asWhole(a)), BigInt(asWhole(b)))), type.kind);
  }
  return gcdNumeric(
    numberToNumeric(a!, argumentType(context, 0)),
    numberToNumeric(b!, argumentType(context, 1)),
  );
}

function lcm([a, b]: readonly Datum[], context: CallContext): Datum {
  const result = lcmNumeric(
    numberToNumeric(a!, argumentType(context, 0)),
    numberToNumeric(b!, argumentType(context, 1)),
  );
  const type = context.resultType;
  return type.kind === "integer" || type.kind === "bigint"
    ? checkedInteger(wholeFromBigint(result.coefficient), type.kind)
    : result;
}

/** `log(x)` to base 10, `log(b, x)` to base b. */
function log(args: readonly Datum[], context: CallContext): Datum {
  const value = args.at(-1)!;
  const type = argumentType(context, args.length - 1);
  if (args.length === 2) {
    return logNumeric(numberToNumeric(args[0]!, argumentType(context, 0)), numberToNumeric(value, type));
  }
  if (context.resultType.kind === "numeric") {
    return logNumeric(numericFromWhole(10), numberToNumeric(value, type));
  }
  return Math.log10(checkedLog("log", numberToDouble(value, type)));
}

/** Bucket number of a value among `count` equal buckets; 0 and count + 1 are outside. */
function widthBucket(args: readonly Datum[], context: CallContext): Datum {
  const [value, low, high] = [0, 1, 2].map((i) => numberToDouble(args[i]!, argumentType(context, i))) as [
    number,
    number,
    number,
  ]; // three arguments
  const count = asNumber(args[3]);
  if (!(count > 0)) throw invalidArgument("width_bucket (count)", count);
  if (low === high || !Number.isFinite(low) || !Number.isFinite(high)) {
    throw invalidArgument("width_bucket (bounds)", `${low} to ${high}`);
  }
  const [from, to, at] = low < high ? [low, high, value] : [-low, -high, -value];
  if (at < from) return 0;
  if (at >= to) return checkedInteger(count + 1, "integer");
  if (context.argumentTypes.slice(0, 3).every((type) => !isFloat(type))) {
    return exactBucket(args, context, count);
  }
  return Math.floor((count * (at - from)) / (to - from)) + 1;
}

function exactBucket(args: readonly Datum[], context: CallContext, count: number): number {
  const exact = [0, 1, 2].map((i) => numberToNumeric(args[i]!, argumentType(context, i)));
  const scale = Math.max(...exact.map((value) => value.scale));
  const [value, low, high] = exact.map((item) => roundNumeric(item, scale).coefficient) as [
    bigint,
    bigint,
    bigint,
  ]; // three values
  return Number((BigInt(count) * (value - low)) / (high - low)) + 1;
}

const RADIANS = Math.PI / 180;

function sineOfDegrees(degrees: number): number {
  const turn = ((degrees % 360) + 360) % 360;
  const exact: Readonly<Record<number, number>> = {
    0: 0,
    30: 0.5,
    90: 1,
    150: 0.5,
    180: 0,
    210: -0.5,
    270: -1,
    330: -0.5,
  };
  return exact[turn] ?? Math.sin(turn * RADIANS);
}

function unitRange(name: string, value: number): number {
  if (value < -1 || value > 1) throw invalidArgument(name, value);
  return value;
}

const TRIGONOMETRY: readonly ScalarFunction[] = [
  onDoubles("sin", Math.sin),
  onDoubles("cos", Math.cos),
  onDoubles("tan", Math.tan),
  onDoubles("cot", (value) => 1 / Math.tan(value)),
  onDoubles("asin", (value) => Math.asin(unitRange("asin", value))),
  onDoubles("acos", (value) => Math.acos(unitRange("acos", value))),
  onDoubles("atan", Math.atan),
  onDoubles("sinh", Math.sinh),
  onDoubles("cosh", Math.cosh),
  onDoubles("tanh", Math.tanh),
  onDoubles("asinh", Math.asinh),
  onDoubles("acosh", Math.acosh),
  onDoubles("atanh", Math.atanh),
  onDoubles("degrees", (value) => value / RADIANS),
  onDoubles("radians", (value) => value * RADIANS),
  onDoubles("sind", sineOfDegrees),
  onDoubles("cosd", (value) => sineOfDegrees(value + 90)),
  onDoubles("tand", (value) => sineOfDegrees(value) / sineOfDegrees(value + 90)),
  simple("atan2", ["number", "number"], DOUBLE, ([a, b], context) =>
    Math.atan2(
      numberToDouble(a!, argumentType(context, 0)),
      numberToDouble(b!, argumentType(context, 1)),
    )),
  strict("pi", [signature([], DOUBLE, () => Math.PI)]),
];

const DIVIDE = numberSignature("/");

/** Mathematical functions. */
export const MATH_FUNCTIONS: readonly ScalarFunction[] = [
  strict("round", [
    toWhole("round", (value) => roundNumeric(value), roundDouble),
    toDigits(roundNumeric),
  ]),
  ...aliases(
    strict("trunc", [
      toWhole("trunc", (value) => truncateNumeric(value), (value) => Math.trunc(value)),
      toDigits(truncateNumeric),
    ]),
    "truncate",
  ),
  ...aliases(strict("ceil", [toWhole("ceil", ceilNumeric, Math.ceil)]), "ceiling"),
  strict("floor", [toWhole("floor", floorNumeric, Math.floor)]),
  ...aliases(simple("power", ["number", "number"], powerType, power), "pow"),
  ...aliases(transcendental("sqrt", sqrtNumeric, sqrtDouble), "|/"),
  ...aliases(onDoubles("cbrt", Math.cbrt), "||/"),
  transcendental("exp", expNumeric, expDouble),
  transcendental("ln", lnNumeric, (value) => Math.log(checkedLog("ln", value))),
  strict("log", [
    signature(["number"], doubleUnlessDecimal, log),
    signature(["number", "number"], NUMERIC, log),
  ]),
  transcendental(
    "log10",
    (value) => logNumeric(numericFromWhole(10), value),
    (value) => Math.log10(checkedLog("log10", value)),
  ),
  onDoubles("log2", (value) => Math.log2(checkedLog("log2", value))),
  simple("sign", ["number"], doubleUnlessDecimal, sign),
  simple("div", ["number", "number"], NUMERIC, div),
  simple("gcd", ["number", "number"], wholeOrNumeric, gcd),
  simple("lcm", ["number", "number"], wholeOrNumeric, lcm),
  simple("factorial", ["bigint"], NUMERIC, ([n]) => factorial(Number(asWhole(n)))),
  simple(
    "scale",
    ["number"],
    INTEGER,
    ([value], context) => numberToNumeric(value!, argumentType(context, 0)).scale,
  ),
  simple(
    "min_scale",
    ["number"],
    INTEGER,
    ([value], context) => trimScale(numberToNumeric(value!, argumentType(context, 0))).scale,
  ),
  simple(
    "trim_scale",
    ["number"],
    NUMERIC,
    ([value], context) => trimScale(numberToNumeric(value!, argumentType(context, 0))),
  ),
  simple("width_bucket", ["number", "number", "number", "integer"], INTEGER, widthBucket),
  simple("div0", ["number", "number"], (types) => numericUnlessFloat(types), (args, context) => {
    const [a, b] = args as readonly [Datum, Datum]; // two parameters
    if (numberToDouble(b, argumentType(context, 1)) === 0) {
      return context.resultType.kind === "double" ? 0 : numericFromWhole(0);
    }
    return DIVIDE.evaluate(args, context) ?? a;
  }),
  simple(
    "bit_count",
    ["bigint"],
    BIGINT,
    ([value]) => BigInt.asUintN(64, BigInt(asWhole(value))).toString(2).replaceAll("0", "").length,
  ),
  strict("isnan", [
    signature(["double"], { kind: "boolean" }, ([value]) => Number.isNaN(asNumber(value))),
    signature(["numeric"], { kind: "boolean" }, ([value]) => asNumeric(value).special === "NaN"),
  ]),
  strict("random", [
    signature([], DOUBLE, (_, context) => context.random()),
    signature(["number", "number"], wholeOrNumeric, randomBetween),
  ], "volatile"),
  ...TRIGONOMETRY,
];

function randomBetween(args: readonly Datum[], context: CallContext): Datum {
  const low = numberToNumeric(argument(args, 0), argumentType(context, 0));
  const high = numberToNumeric(argument(args, 1), argumentType(context, 1));
  const scale = Math.max(low.scale, high.scale);
  const from = roundNumeric(low, scale).coefficient;
  const to = roundNumeric(high, scale).coefficient;
  if (from > to) throw invalidArgument("random (bounds)", "a lower bound above the upper bound");
  const span = to - from + 1n;
  const picked = from + (BigInt(Math.floor(context.random() * 2 ** 52)) * span >> 52n);
  return context.resultType.kind === "numeric" ? { coefficient: picked, scale } : wholeFromBigint(picked);
}
