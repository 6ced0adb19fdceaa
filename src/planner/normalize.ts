/**
 * Rule "normalize": fewer node kinds for the rules that follow.
 *
 * - A right join is the left join of the swapped inputs.
 * - DISTINCT over whole rows is GROUP BY all columns: groups are named, so later rules may add columns to
 *   the input without changing what is distinct.
 *
 * @module
 */
import type { Plan } from "../query/plan.ts";
import { planColumns } from "../query/plan_walk.ts";
import type { Rule } from "./environment.ts";
import { rewritePlan } from "./rewrite.ts";
import { reference } from "./scalar.ts";

export const normalize: Rule = { name: "normalize", apply: (plan) => rewritePlan(plan, normalizeNode) };

function normalizeNode(plan: Plan): Plan {
  if (plan.kind === "join" && plan.join === "right") {
    return { ...plan, join: "left", left: plan.right, right: plan.left };
  }
  if (plan.kind === "distinct" && plan.on === undefined) return distinctRows(plan.input);
  return plan;
}

/** The distinct rows of `input`, as an aggregate without calls. */
export function distinctRows(input: Plan): Plan {
  const groups = planColumns(input).map((column) => ({ ...column, expression: reference(column) }));
  return { kind: "aggregate", input, groups, aggregates: [] };
}
