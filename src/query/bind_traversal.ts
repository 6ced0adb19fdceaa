/**
 * Walking and rewriting bound expressions into the plans of their subqueries, outermost part first.
 *
 * The binder replaces parts of expressions (a group's expression by the group's column) wherever they stand,
 * correlated subqueries included; the walks of plan_walk.ts stop at subqueries. O(nodes).
 *
 * @module
 */
import type { Plan, Scalar } from "./plan.ts";
import { children, mapNode, mapScalarChildren, planScalars, scalarChildren } from "./plan_walk.ts";

/** Gives the replacement of an expression, or undefined to go on into its parts. */
export type Replace = (scalar: Scalar) => Scalar | undefined;

/** `scalar` with every part replaced that `replace` wants replaced; a replacement is not entered. */
export function replaceInScalar(scalar: Scalar, replace: Replace): Scalar {
  const replaced = replace(scalar);
  if (replaced !== undefined) return replaced;
  const mapped = mapScalarChildren(scalar, (child) => replaceInScalar(child, replace));
  if (mapped.kind !== "subquery") return mapped;
  const plan = replaceInPlan(mapped.plan, replace);
  return plan === mapped.plan ? mapped : { ...mapped, plan };
}

/** `plan` with every expression in it rewritten by {@linkcode replaceInScalar}. */
export function replaceInPlan(plan: Plan, replace: Replace): Plan {
  return mapNode(
    plan,
    (child) => replaceInPlan(child, replace),
    (scalar) => replaceInScalar(scalar, replace),
  );
}

/** Whether any part of the expression, subqueries included, satisfies `test`. */
export function anyPart(scalar: Scalar, test: (scalar: Scalar) => boolean): boolean {
  if (test(scalar) || scalarChildren(scalar).some((child) => anyPart(child, test))) return true;
  return scalar.kind === "subquery" && anyPartOfPlan(scalar.plan, test);
}

/** Whether any expression of the plan, subqueries included, has a part that satisfies `test`. */
export function anyPartOfPlan(plan: Plan, test: (scalar: Scalar) => boolean): boolean {
  return planScalars(plan).some((scalar) => anyPart(scalar, test)) ||
    children(plan).some((child) => anyPartOfPlan(child, test));
}

/** Whether the expression holds a subquery, whose columns must not occur twice in a plan. */
export function holdsSubquery(scalar: Scalar): boolean {
  return anyPart(scalar, (part) => part.kind === "subquery");
}
