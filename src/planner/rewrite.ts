/**
 * Rewriting a whole plan bottom-up, the plans inside subqueries included.
 *
 * @module
 */
import type { Plan, Scalar } from "../query/plan.ts";
import { mapNode, mapScalar } from "../query/plan_walk.ts";

/** Applies `transform` to every node, inputs first. O(size). */
export function rewritePlan(plan: Plan, transform: (plan: Plan) => Plan): Plan {
  const visit = (node: Plan): Plan => transform(mapNode(node, visit, visitScalar));
  const visitScalar = (scalar: Scalar): Scalar =>
    mapScalar(scalar, (each) => {
      if (each.kind !== "subquery") return each;
      const inner = visit(each.plan);
      return inner === each.plan ? each : { ...each, plan: inner };
    });
  return visit(plan);
}
