/**
 * Conditions that bound the number of a row: `row_number() OVER (...) <= 3`.
 *
 * @module
 */
import type { Scalar, WindowPlan } from "../../query/plan.ts";
import { splitConjuncts } from "../../query/plan_walk.ts";

/** The value of a literal that is a whole number. */
export function literalNumber(scalar: Scalar): number | undefined {
  return scalar.kind === "literal" && Number.isSafeInteger(scalar.value) ? Number(scalar.value) : undefined;
}

/** The greatest number that passes `predicate`, when it bounds the only call of `plan` and that numbers rows. */
export function numberBound(plan: WindowPlan, predicate: Scalar): number {
  const [call, ...others] = plan.calls;
  if (call === undefined || others.length > 0) return Infinity;
  if (!["row_number", "rank", "dense_rank"].includes(call.function)) return Infinity;
  const bounds = splitConjuncts(predicate).map((conjunct) => {
    if (conjunct.kind !== "call" || conjunct.arguments.length !== 2) return Infinity;
    const [left, right] = conjunct.arguments as readonly [Scalar, Scalar];
    const flipped = right.kind === "column" && right.id === call.id;
    if (!flipped && !(left.kind === "column" && left.id === call.id)) return Infinity;
    const limit = literalNumber(flipped ? left : right);
    if (limit === undefined) return Infinity;
    switch (conjunct.name) {
      case "=":
        return limit;
      case flipped ? ">=" : "<=":
        return limit;
      case flipped ? ">" : "<":
        return limit - 1;
      default:
        return Infinity;
    }
  });
  return Math.min(Infinity, ...bounds);
}
