/**
 * Calls with FILTER, whose arguments are computed only for the rows that pass.
 *
 * `sum(a / b) FILTER (WHERE b <> 0)` must not divide by 0. The executor computes the arguments of a chunk before
 * it looks at the filter, so an argument that computes anything becomes CASE WHEN filter THEN argument END: CASE
 * evaluates its branches only for the rows that reach them. O(size of the arguments), once for each plan.
 *
 * @module
 */
import { literal } from "../query/bind_literal.ts";
import type { AggregateCall, Scalar, SortKey, WindowCall } from "../query/plan.ts";
import { someScalar } from "../query/plan_walk.ts";

/** Whether a scalar computes something from a row. */
function computes(scalar: Scalar): boolean {
  return scalar.kind !== "column" && someScalar(scalar, (part) => part.kind === "column");
}

function guarded(scalar: Scalar, filter: Scalar): Scalar {
  if (!computes(scalar)) return scalar;
  const { type } = scalar;
  return { kind: "case", branches: [{ when: filter, then: scalar }], otherwise: literal(null, type), type };
}

/** An aggregate call whose arguments and sort keys are computed only for the rows that its FILTER keeps. */
export function guardedAggregate(call: AggregateCall): AggregateCall {
  const { filter } = call;
  if (filter === null) return call;
  const orderBy = call.orderBy.map((key): SortKey => ({
    ...key,
    expression: guarded(key.expression, filter),
  }));
  return { ...call, arguments: call.arguments.map((argument) => guarded(argument, filter)), orderBy };
}

/** A window call whose arguments are computed only for the rows that its FILTER keeps. */
export function guardedWindow(call: WindowCall): WindowCall {
  const { filter } = call;
  if (filter === null) return call;
  return { ...call, arguments: call.arguments.map((argument) => guarded(argument, filter)) };
}
