/**
 * How many rows a plan can produce at most and at least, as far as its shape says.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import type { JoinPlan, Plan, Scalar } from "../query/plan.ts";

/** Whether `plan` produces one row, whatever the data. */
export function isExactlyOneRow(plan: Plan): boolean {
  switch (plan.kind) {
    case "values":
      return plan.rows.length === 1;
    case "aggregate":
      return plan.groups.length === 0 && (plan.sets === undefined || plan.sets.length === 1);
    case "project":
    case "window":
    case "sort":
    case "with":
      return isExactlyOneRow(plan.input);
    case "distinct":
      return isExactlyOneRow(plan.input);
    case "limit":
      return isExactlyOneRow(plan.input) && plan.offset === null &&
        (plan.limit === null || (constantCount(plan.limit) ?? 0) >= 1);
    case "join":
      return isExactlyOneJoined(plan);
    default:
      return false;
  }
}

function isExactlyOneJoined(plan: JoinPlan): boolean {
  if (!isExactlyOneRow(plan.left)) return false;
  switch (plan.join) {
    case "inner":
      return plan.condition === null && isExactlyOneRow(plan.right);
    case "left":
      return isAtMostOneRow(plan.right);
    case "single":
    case "mark":
      return true;
    default:
      return false;
  }
}

/** Whether `plan` produces no row or one, whatever the data. */
export function isAtMostOneRow(plan: Plan): boolean {
  if (isExactlyOneRow(plan)) return true;
  switch (plan.kind) {
    case "values":
      return plan.rows.length <= 1;
    case "limit":
      return (plan.withTies === undefined && (constantCount(plan.limit) ?? 2) <= 1) ||
        isAtMostOneRow(plan.input);
    case "filter":
    case "project":
    case "window":
    case "sort":
    case "distinct":
    case "with":
    case "sample":
      return isAtMostOneRow(plan.input);
    case "aggregate":
      return plan.sets === undefined && isAtMostOneRow(plan.input);
    case "join":
      return isAtMostOneJoined(plan);
    default:
      return false;
  }
}

function isAtMostOneJoined(plan: JoinPlan): boolean {
  switch (plan.join) {
    case "semi":
    case "anti":
    case "mark":
    case "single":
    case "asof":
    case "asofLeft":
      return isAtMostOneRow(plan.left);
    case "inner":
    case "left":
      return isAtMostOneRow(plan.left) && isAtMostOneRow(plan.right);
    case "right":
    case "full":
      return false;
    default:
      return unreachable(plan.join);
  }
}

/** The value of a constant LIMIT or OFFSET. */
export function constantCount(scalar: Scalar | null): number | undefined {
  if (scalar?.kind === "cast") return constantCount(scalar.argument);
  if (scalar?.kind !== "literal") return undefined;
  return typeof scalar.value === "number" || typeof scalar.value === "bigint"
    ? Number(scalar.value)
    : undefined;
}
