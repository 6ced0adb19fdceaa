/**
 * Rule "remove sorts": no sort whose order nobody sees.
 *
 * Joins, set operations and most aggregates do not care for the order of their input. The order is kept up to
 * the top of the plan, below limits, and below aggregates that collect values in the order of the rows
 * (`array_agg` over a sorted subquery).
 *
 * @module
 */
import type { AggregatePlan, Plan } from "../query/plan.ts";
import { mapChildren } from "../query/plan_walk.ts";
import type { Rule } from "./environment.ts";

export const removeSorts: Rule = { name: "remove sorts", apply: (plan) => remove(plan, true) };

/** Built-in aggregates that give the same for every order of their input. */
const ORDER_FREE: ReadonlySet<string> = new Set([
  "count",
  "sum",
  "min",
  "max",
  "avg",
  "any_value",
  "bool_and",
  "bool_or",
  "every",
  "stddev",
  "stddev_pop",
  "stddev_samp",
  "variance",
  "var_pop",
  "var_samp",
]);

function remove(plan: Plan, ordered: boolean): Plan {
  switch (plan.kind) {
    case "sort":
      return ordered ? { ...plan, input: remove(plan.input, false) } : remove(plan.input, false);
    case "filter":
    case "project":
    case "tableFunction":
    case "sample":
    case "window":
      return mapChildren(plan, (child) => remove(child, ordered || plan.kind === "window"));
    case "limit":
    case "distinct":
      return mapChildren(plan, (child) => remove(child, true));
    case "aggregate":
      return mapChildren(plan, (child) => remove(child, !isOrderFree(plan)));
    case "join":
      return {
        ...plan,
        left: remove(plan.left, ordered || plan.join === "single"),
        right: remove(plan.right, false),
      };
    case "setOperation":
      return mapChildren(plan, (child) => remove(child, ordered && plan.operator === "union" && plan.all));
    case "with":
      return {
        ...plan,
        // A table may be read in order: by a limit, for instance.
        tables: plan.tables.map((table) => ({ ...table, plan: remove(table.plan, true) })),
        input: remove(plan.input, ordered),
      };
    case "fixpoint":
      return mapChildren(plan, (child) => remove(child, false));
    case "scan":
    case "values":
    case "cteScan":
      return plan;
  }
}

function isOrderFree(plan: AggregatePlan): boolean {
  return plan.aggregates.every((call) => ORDER_FREE.has(call.function) || call.orderBy.length > 0);
}
