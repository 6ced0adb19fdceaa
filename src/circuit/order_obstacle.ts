/**
 * What in a plan sees the order of a subquery's rows: an aggregate that lists rows, or a window without an order,
 * above a sort. A Z-set has no order, so that such a query is refreshed in full.
 *
 * The planner has removed the sorts whose order nobody sees.
 *
 * @module
 */
import type { Plan } from "../query/plan.ts";
import { planNodes } from "../query/plan_walk.ts";

/** The construct, undefined when there is none. */
export function orderObstacle(plan: Plan): string | undefined {
  for (const node of planNodes(plan)) {
    if (
      node.kind === "aggregate" && isSorted(node.input) &&
      node.aggregates.some(({ orderBy }) => orderBy.length === 0)
    ) {
      return "an aggregate in the order of a subquery";
    }
    if (
      node.kind === "window" && isSorted(node.input) && node.calls.some(({ orderBy }) => orderBy.length === 0)
    ) {
      return "a window in the order of a subquery";
    }
  }
  return undefined;
}

/** Whether rows come in the order of a sort. */
function isSorted(plan: Plan): boolean {
  switch (plan.kind) {
    case "sort":
      return true;
    case "filter":
    case "project":
    case "tableFunction":
      return isSorted(plan.input);
    default:
      return false;
  }
}
