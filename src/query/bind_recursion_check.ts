/**
 * Where the step of a recursive common table reads it: once, and not where rows of later rounds would change
 * what earlier rounds gave.
 *
 * @module
 */
import type { Plan } from "./plan.ts";
import { children, planScalars } from "./plan_walk.ts";
import { anyPart } from "./bind_traversal.ts";

/** How often the step reads the table, and the first place where it may not. */
export interface RecursionUse {
  readonly count: number;
  readonly below: string | undefined;
}

/** Finds the scans of common table `cte` in `step`. */
export function recursionReferences(step: Plan, cte: number): RecursionUse {
  let count = 0;
  let below: string | undefined;
  const visit = (plan: Plan, inside: string | undefined): void => {
    if (plan.kind === "cteScan" && plan.cte === cte) {
      count++;
      below ??= inside;
    }
    for (const scalar of planScalars(plan)) {
      anyPart(scalar, (part) => {
        if (part.kind === "subquery") visit(part.plan, inside ?? "reads itself in a subquery");
        return false;
      });
    }
    for (const child of children(plan)) visit(child, inside ?? placeOf(plan, child));
  };
  visit(step, undefined);
  return { count, below };
}

function placeOf(plan: Plan, child: Plan): string | undefined {
  switch (plan.kind) {
    case "aggregate":
      return "aggregates itself";
    case "join":
      if (plan.join === "full") return "reads itself on the missing side of an outer join";
      if ((plan.join === "left" || plan.join === "anti") && child === plan.right) {
        return "reads itself on the missing side of an outer join";
      }
      return plan.join === "right" && child === plan.left
        ? "reads itself on the missing side of an outer join"
        : undefined;
    case "setOperation":
      return plan.operator === "except" && child === plan.right
        ? "reads itself on the right of EXCEPT"
        : undefined;
    case "limit":
      return "limits itself";
    default:
      return undefined;
  }
}
