/**
 * Calls of scalar functions and operators.
 *
 * @module
 */
import type { CallScalar } from "../../query/plan.ts";
import { RowCallNode } from "./row_call.ts";
import type { NodeCompiler, ScalarNode } from "./scalar_node.ts";

/** The node of a call: a kernel where there is one, else the function row by row. */
export function compileCall(
  scalar: CallScalar,
  args: readonly ScalarNode[],
  compiler: NodeCompiler,
): ScalarNode {
  const { environment } = compiler;
  const argumentTypes = scalar.arguments.map((one) => one.type);
  const resolved = environment.functions.resolveScalar(scalar.name, argumentTypes, scalar.span);
  return new RowCallNode({
    evaluate: resolved.signature.evaluate,
    strict: resolved.function.nulls === "strict",
    volatile: resolved.function.volatility === "volatile",
    context: {
      nowMicros: environment.nowMicros,
      timeZone: environment.timeZone,
      random: environment.random,
      argumentTypes,
      resultType: scalar.type,
    },
    span: scalar.span,
  }, args);
}
