/**
 * The optimizer: a fixed sequence of named rewrite rules.
 *
 * @module
 */
import type { Plan } from "../query/plan.ts";
import { type PlannerEnvironment, type Rule, ruleContext } from "./environment.ts";
import { inlineCommonTables } from "./inline_common_table.ts";
import { orderJoins } from "./order_joins.ts";
import { pruneColumns } from "./prune_columns.ts";
import { pushDown } from "./push_down.ts";
import { removeRenames } from "./remove_renames.ts";
import { simplify } from "./simplify.ts";
import { normalize } from "./normalize.ts";
import { unnest } from "./unnest.ts";

/** The rules in the order of their application. */
const PIPELINE: readonly Rule[] = [
  normalize,
  inlineCommonTables,
  simplify,
  unnest,
  inlineCommonTables,
  simplify,
  removeRenames,
  pushDown,
  simplify,
  pushDown,
  removeRenames,
  orderJoins,
  pruneColumns,
];

/** The best plan that the rules find for `plan`. Produces the same rows; see {@linkcode PlannerEnvironment}. */
export function optimize(plan: Plan, environment: PlannerEnvironment): Plan {
  const context = ruleContext(plan, environment);
  return PIPELINE.reduce((current, rule) => rule.apply(current, context), plan);
}
