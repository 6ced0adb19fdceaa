/**
 * Casts between types.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { castDatum } from "../../query/functions/cast.ts";
import type { CastScalar } from "../../query/plan.ts";
import type { Datum } from "../../storage/sql_type.ts";
import { RowCallNode } from "./row_call.ts";
import type { NodeCompiler, ScalarNode } from "./scalar_node.ts";

/** The node of a cast. */
export function compileCast(scalar: CastScalar, argument: ScalarNode, compiler: NodeCompiler): ScalarNode {
  const { environment } = compiler;
  const from = argument.type;
  const to = scalar.type;
  const context = { timeZone: environment.timeZone };
  const cast = (value: Datum): Datum => castDatum(value, from, to, scalar.explicit, context);
  const evaluate = scalar.tolerant ? (value: Datum): Datum => castOrNull(cast, value) : cast;
  return new RowCallNode({
    evaluate: ([value]) => evaluate(value ?? null),
    strict: true,
    volatile: false,
    context: {
      nowMicros: environment.nowMicros,
      timeZone: environment.timeZone,
      random: environment.random,
      argumentTypes: [from],
      resultType: to,
    },
    span: scalar.span,
  }, [argument]);
}

function castOrNull(cast: (value: Datum) => Datum, value: Datum): Datum {
  try {
    return cast(value);
  } catch (error) {
    if (error instanceof QueryError) return null;
    throw error;
  }
}
