/**
 * The optimizer: a fixed sequence of named rewrite rules.
 *
 * @module
 */
import type { Plan } from "../query/plan.ts";
import { Cardinality } from "./cardinality.ts";
import { FunctionalDependencies } from "./functional_dependency.ts";
import { isVolatile, type PlannerEnvironment, type Rule, ruleContext } from "./environment.ts";
import { inlineCommonTables } from "./inline_common_table.ts";
import { orderConjuncts } from "./order_conjuncts.ts";
import { removeSorts } from "./remove_sorts.ts";
import { orderJoins } from "./order_joins.ts";
import { decideTies } from "./decide_ties.ts";
import { eagerAggregation } from "./eager_aggregation.ts";
import { orientJoins } from "./orient_joins.ts";
import { reduceGroups } from "./reduce_groups.ts";
import { pruneColumns } from "./prune_columns.ts";
import { pushDown } from "./push_down.ts";
import { removeRenames } from "./remove_renames.ts";
import { simplify } from "./simplify.ts";
import { normalize } from "./normalize.ts";
import { unnest } from "./unnest.ts";
import { validatePlan } from "./validate.ts";

/** The rules in the order of their application. */
export const PIPELINE: readonly Rule[] = [
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
  reduceGroups,
  eagerAggregation,
  removeRenames,
  simplify,
  orderJoins,
  removeSorts,
  pruneColumns,
  orientJoins,
  orderConjuncts,
  decideTies,
];

/** An optimized plan with its estimates. */
export interface EstimatedPlan {
  readonly plan: Plan;
  /** Rows expected of the plan or of any node in it. */
  readonly estimate: (node: Plan) => number;
}

/** Optimizes, and estimates the result. */
export function optimizeWithEstimates(plan: Plan, environment: PlannerEnvironment): EstimatedPlan {
  const optimizedPlan = optimize(plan, environment);
  return { plan: optimizedPlan, estimate: estimator(optimizedPlan, environment) };
}

/** Row estimates for `plan` and the nodes in it. */
export function estimator(plan: Plan, environment: PlannerEnvironment): (node: Plan) => number {
  const { catalog, functions, statistics } = environment;
  const keys = new FunctionalDependencies(catalog, (scalar) => !isVolatile(scalar, functions));
  const cardinality = new Cardinality(statistics, keys);
  // Visits the tables of WITH before their scans.
  cardinality.estimate(plan);
  return (node) => cardinality.estimate(node).rows;
}

/** The best plan that the rules find for `plan`. Produces the same rows; see {@linkcode PlannerEnvironment}. */
export function optimize(plan: Plan, environment: PlannerEnvironment): Plan {
  const context = ruleContext(plan, environment);
  let current = plan;
  for (const rule of PIPELINE) {
    current = rule.apply(current, context);
    if (environment.validate === true) validatePlan(current);
  }
  if (environment.validate === true) validatePlan(current, { planned: true });
  return current;
}
