/**
 * Calls of scalar functions and operators: the choice of how each is computed.
 *
 * In this order: arithmetic and comparison kernels, results remembered by distinct value, row by row.
 *
 * @module
 */
import type { CallScalar } from "../../query/plan.ts";
import { compileArithmetic } from "./arithmetic.ts";
import { compileComparison } from "./comparison.ts";
import { MemoCallNode, MemoPredicateNode } from "./memo_call.ts";
import { RowCallNode, type RowFunction } from "./row_call.ts";
import { ConstantNode, type NodeCompiler, type ScalarNode } from "./scalar_node.ts";

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
    compileRowFunction(rowFunction, args);
}

/** The node of a function that has no kernel. */
export function compileRowFunction(rowFunction: RowFunction, args: readonly ScalarNode[]): ScalarNode {
  const varying = args.findIndex((node) => node.constant === undefined);
  const single = varying >= 0 && args.every((node, i) => i === varying || node.constant !== undefined);
  if (!single || !isMemorable(args[varying]!)) return new RowCallNode(rowFunction, args);
  if (rowFunction.context.resultType.kind === "boolean") {
    return new MemoPredicateNode(rowFunction, args, varying);
  }
  return new MemoCallNode(rowFunction, args, varying);
}

/** Whether values of the node may come with few distinct ones. */
function isMemorable(node: ScalarNode): boolean {
  return node.type.kind === "text" || node.type.kind === "json" || node.type.kind === "date";
}
