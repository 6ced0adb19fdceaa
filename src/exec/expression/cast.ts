/**
 * Casts between types: kernels between numbers, and `castDatum` for everything else.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { castDatum } from "../../query/functions/cast.ts";
import { isReadAsTime, readsClock } from "../../query/functions/date_text.ts";
import type { CastScalar } from "../../query/plan.ts";
import { type Datum, sameType } from "../../storage/sql_type.ts";
import { compileNumberCast } from "./number_cast.ts";
import { RowCallNode, type RowFunction } from "./row_call.ts";
import type { NodeCompiler, ScalarNode } from "./scalar_node.ts";

/** The node of a cast. */
export function compileCast(scalar: CastScalar, argument: ScalarNode, compiler: NodeCompiler): ScalarNode {
  const from = argument.type;
  const to = scalar.type;
  const unlimited = to.kind !== "text" || to.maxLength === undefined;
  if (sameType(from, to) && unlimited || from.kind === "text" && to.kind === "text" && unlimited) {
    return argument;
  }
  const rowFunction = castFunction(scalar, argument, compiler);
  return compileNumberCast(argument, to, rowFunction) ?? new RowCallNode(rowFunction, [argument]);
}

function castFunction(scalar: CastScalar, argument: ScalarNode, compiler: NodeCompiler): RowFunction {
  const { environment } = compiler;
  const from = argument.type;
  const to = scalar.type;
  const context = { timeZone: environment.timeZone, nowMicros: environment.nowMicros };
  const cast = (value: Datum): Datum => castDatum(value, from, to, scalar.explicit, context);
  const possible = scalar.tolerant ? (value: Datum): Datum => castOrNull(cast, value) : cast;
  const refuses = environment.refusesMovingText === true && isReadAsTime(to);
  const evaluate = refuses ? (value: Datum): Datum => possible(requireFixed(value)) : possible;
  return {
    evaluate: ([value]) => evaluate(value ?? null),
    strict: true,
    volatile: false,
    total: scalar.tolerant && !refuses || to.kind === "text" && to.maxLength === undefined,
    context: {
      nowMicros: environment.nowMicros,
      timeZone: environment.timeZone,
      random: environment.random,
      argumentTypes: [from],
      resultType: to,
    },
    span: scalar.span,
  };
}

/** @throws {QueryError} `invalid-value` when a text means another date or time at another time */
function requireFixed(value: Datum): Datum {
  if (!readsClock(value)) return value;
  throw new QueryError(
    "invalid-value",
    `A maintained view cannot read a text as a date that moves: received ${JSON.stringify(value)}`,
    {
      details: { value },
      hint: "store the date itself, or give the view refresh_mode = 'full'",
    },
  );
}

function castOrNull(cast: (value: Datum) => Datum, value: Datum): Datum {
  try {
    return cast(value);
  } catch (error) {
    if (error instanceof QueryError) return null;
    throw error;
  }
}
