/**
 * The value of an aggregate over no rows: 0 for counts, NULL for most, whatever a custom metric says.
 *
 * A query that groups a correlated subquery's rows loses the groups without rows; their aggregates come back
 * through an outer join as NULL and are replaced by this value. Getting this wrong is the "COUNT bug".
 *
 * @module
 */
import type { AggregateCall, Scalar } from "../query/plan.ts";
import type { PlannerEnvironment } from "./environment.ts";
import { literal } from "./scalar.ts";

/** The constant that `call` gives for an empty group. */
export function emptyAggregate(call: AggregateCall, environment: PlannerEnvironment): Scalar {
  const definition = environment.functions.aggregate(call.function);
  if (definition === undefined) {
    return literal(call.function === "count" ? 0 : null, call.type);
  }
  const context = {
    nowMicros: 0,
    timeZone: environment.timeZone ?? "UTC",
    random: () => 0,
    argumentTypes: call.arguments.map((argument) => argument.type),
    resultType: call.type,
  };
  return literal(definition.value(definition.init(context), context), call.type);
}
