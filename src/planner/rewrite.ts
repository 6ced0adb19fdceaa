/**
 * Rewriting a whole plan bottom-up, the plans inside subqueries included.
 *
 * @module
 */
import type { Plan, Scalar } from "../query/plan.ts";
import { mapNode, mapScalar } from "../query/plan_walk.ts";

/**
 * Applies `transform` to every node, inputs first. A subquery that stands in a scalar twice has one plan, and
 * still has one afterwards. O(size).
 */
export function rewritePlan(plan: Plan, transform: (plan: Plan) => Plan): Plan {
  const subqueries = new Map<Plan, Plan>();
  const visit = (node: Plan): Plan => transform(mapNode(node, visit, visitScalar));
  const visitScalar = (scalar: Scalar): Scalar =>
    mapScalar(scalar, (each) => {
      if (each.kind !== "subquery") return each;
      const inner = subqueries.get(each.plan) ?? visit(each.plan);
      subqueries.set(each.plan, inner);
      return inner === each.plan ? each : { ...each, plan: inner };
    });
  return visit(plan);
}
