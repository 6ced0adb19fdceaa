/**
 * NULLIF, GREATEST, LEAST and the functions that other dialects have for NULLs.
 *
 * @module
 */
import { BOOLEAN, type Datum, INTEGER, type SqlType } from "../../storage/sql_type.ts";
import type { CallContext, ScalarFunction } from "../function.ts";
import { compareMixed } from "./comparison_operators.ts";
import { argumentType } from "./datum.ts";
import { castDatum } from "./cast.ts";
import { aliases, called, commonNumber, firstKnown, isFloat, isWhole, signature } from "./signature.ts";

function nullIf([a, b]: readonly Datum[], context: CallContext): Datum {
  if (a === null || b === null) return a!;
  return compareMixed(a!, argumentType(context, 0), b!, argumentType(context, 1)) === 0 ? null : a!;
}

/** The type of the first operand of `=`: a whole number becomes what it is compared with, unless that is whole. */
function comparedNumber(types: readonly SqlType[]): SqlType {
  const [a, b] = types as readonly [SqlType, SqlType];
  if (a.kind === "real" && b.kind === "double") return a;
  return b.kind === "null" || isWhole(b) || (!isWhole(a) && !isFloat(b)) ? a : commonNumber(a, b);
}

function nullIfNumber(args: readonly Datum[], context: CallContext): Datum {
  return castDatum(nullIf(args, context), argumentType(context, 0), context.resultType, false, context);
}

function extreme(args: readonly Datum[], context: CallContext, sign: 1 | -1): Datum {
  let best: Datum = null;
  args.forEach((argument, index) => {
    const type = context.resultType;
    const value = castDatum(argument, argumentType(context, index), type, false, context);
    if (value === null) return;
    if (best === null || sign * compareMixed(value, type, best, type) > 0) best = value;
  });
  return best;
}

function widestNumber(types: readonly SqlType[]): SqlType {
  return types.reduce(commonNumber);
}

function extremeFunction(name: string, sign: 1 | -1): ScalarFunction {
  const evaluate = (args: readonly Datum[], context: CallContext): Datum => extreme(args, context, sign);
  return called(name, [
    signature(["number"], widestNumber, evaluate, { variadic: true }),
    signature(["anyelement"], firstKnown, evaluate, { variadic: true }),
  ]);
}

/** Conditional functions. COALESCE and CASE are expressions of their own. */
export const CONDITIONAL_FUNCTIONS: readonly ScalarFunction[] = [
  called("nullif", [
    signature(["number", "number"], comparedNumber, nullIfNumber),
    signature(["anyelement", "anyelement"], firstKnown, nullIf),
  ]),
  extremeFunction("greatest", 1),
  extremeFunction("least", -1),
  called("num_nulls", [
    signature(["any"], INTEGER, (args) => args.filter((value) => value === null).length, { variadic: true }),
  ]),
  called("num_nonnulls", [
    signature(["any"], INTEGER, (args) => args.filter((value) => value !== null).length, { variadic: true }),
  ]),
  ...aliases(
    called("is true", [signature(["boolean"], BOOLEAN, ([value]) => value === true)]),
    "istrue",
  ),
  ...aliases(
    called("is false", [signature(["boolean"], BOOLEAN, ([value]) => value === false)]),
    "isfalse",
  ),
  called("is not true", [signature(["boolean"], BOOLEAN, ([value]) => value !== true)]),
  called("is not false", [signature(["boolean"], BOOLEAN, ([value]) => value !== false)]),
  called("iff", [
    signature(["boolean", "anyelement", "anyelement"], ([, a, b]) => firstKnown([a!, b!]), (
      [condition, a, b],
    ) => condition === true ? a! : b!),
  ]),
  called("nvl2", [
    signature(
      ["any", "anyelement", "anyelement"],
      ([, a, b]) => firstKnown([a!, b!]),
      ([value, a, b]) => value !== null ? a! : b!,
    ),
  ]),
];
