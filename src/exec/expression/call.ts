/**
 * Calls of scalar functions and operators: the choice of how each is computed.
 *
 * Arithmetic, comparisons, fields of timestamps and parts of texts have loops of their own, everything else goes row by row.
 *
 * @module
 */
import type { CallScalar } from "../../query/plan.ts";
import { compileArithmetic } from "./arithmetic.ts";
import { compileComparison } from "./comparison.ts";
import { compileDateField } from "./date_field.ts";
import { RowCallNode, type RowFunction } from "./row_call.ts";
import { ConstantNode, type NodeCompiler, type ScalarNode } from "./scalar_node.ts";
import { compileSubstring } from "./substring.ts";

/** Functions that fail for no value of their types, or for all values alike. */
const TOTAL_FUNCTIONS: ReadonlySet<string> = new Set([
  ...["=", "<>", "<", "<=", ">", ">=", "is distinct from", "is not distinct from"],
  ...["like", "not like", "ilike", "not ilike", "~~", "!~~", "~~*", "!~~*", "similar"],
  ...["~", "~*", "!~", "!~*", "starts_with", "^@", "startswith"],
  ...["||", "upper", "lower", "length", "char_length", "left", "right"],
]);

/** The node of a call. */
export function compileCall(
  scalar: CallScalar,
  args: readonly ScalarNode[],
  compiler: NodeCompiler,
): ScalarNode {
  const { environment } = compiler;
  const argumentTypes = scalar.arguments.map((one) => one.type);
  const resolved = environment.functions.resolveScalar(scalar.name, argumentTypes, scalar.span);
  const rowFunction: RowFunction = {
    evaluate: resolved.signature.evaluate,
    strict: resolved.function.nulls === "strict",
    volatile: resolved.function.volatility === "volatile",
    total: TOTAL_FUNCTIONS.has(scalar.name),
    context: {
      nowMicros: environment.nowMicros,
      timeZone: environment.timeZone,
      random: environment.random,
      argumentTypes,
      resultType: scalar.type,
    },
    span: scalar.span,
  };
  if (rowFunction.volatile) return new RowCallNode(rowFunction, args);
  if (rowFunction.strict && args.some((node) => node.constant === null)) {
    return new ConstantNode(scalar.type, null);
  }
  return compileArithmetic(scalar.name, args, rowFunction) ??
    compileComparison(scalar.name, args, rowFunction) ??
    compileDateField(scalar.name, args, rowFunction) ??
    compileSubstring(scalar.name, args, rowFunction) ??
    new RowCallNode(rowFunction, args);
}
