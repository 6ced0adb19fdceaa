/**
 * Whether an expression or plan gives other values when it is computed again.
 *
 * @module
 */
import type { BindContext } from "./bind_context.ts";
import { anyPart, anyPartOfPlan } from "./bind_traversal.ts";
import type { Plan, Scalar } from "./plan.ts";
import { planNodes } from "./plan_walk.ts";

/** Whether the expression calls a volatile function. */
export function isVolatile(scalar: Scalar, context: BindContext): boolean {
  return anyPart(scalar, (part) => isVolatileCall(part, context));
}

/** Whether the plan calls a volatile function or samples. */
export function isVolatilePlan(plan: Plan, context: BindContext): boolean {
  for (const node of planNodes(plan)) if (node.kind === "sample") return true;
  return anyPartOfPlan(plan, (part) => isVolatileCall(part, context));
}

function isVolatileCall(part: Scalar, context: BindContext): boolean {
  return part.kind === "call" && context.functions.scalar(part.name)?.volatility === "volatile";
}
