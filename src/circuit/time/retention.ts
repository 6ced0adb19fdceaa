/**
 * Retention: rows leave when their time is further back than a given length.
 *
 * It is a temporal filter like any other, so that a view with a retention is the view's query with one more
 * condition: incremental maintenance, recomputation and the law of batch equality all see the same query.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { call, disjunction, isNull, literal, reference } from "../../planner/scalar.ts";
import type { FilterPlan, Plan, PlanColumn, Scalar } from "../../query/plan.ts";
import {
  BOOLEAN,
  INTERVAL,
  type Interval,
  TIMESTAMP,
  TIMESTAMPTZ,
  typeName,
} from "../../storage/sql_type.ts";

/** TRUE while the time in `column` is not further back than `length`; a row without time stays. */
export function retentionPredicate(column: PlanColumn, length: Interval): Scalar {
  const { kind } = column.type;
  if (kind !== "date" && kind !== "timestamp" && kind !== "timestamptz") {
    throw new QueryError(
      "type-mismatch",
      `Retention needs a column of times: received ${column.name} of type ${typeName(column.type)}`,
      {
        details: { column: column.name, type: typeName(column.type) },
        hint: "name a column of type DATE, TIMESTAMP or TIMESTAMP WITH TIME ZONE",
      },
    );
  }
  const named = reference(column);
  const isInstant = kind === "timestamptz";
  const type = isInstant ? TIMESTAMPTZ : TIMESTAMP;
  const now = call(isInstant ? "now" : "localtimestamp", [], type);
  const oldest = call("-", [now, literal(length, INTERVAL)], type);
  const moment: Scalar = kind === "date"
    ? { kind: "cast", argument: named, type, tolerant: false, explicit: false }
    : named;
  return disjunction([isNull(named), call(">=", [moment, oldest], BOOLEAN)]);
}

/** The rows of `plan` that are not older than `length`. */
export function withRetention(plan: Plan, column: PlanColumn, length: Interval): FilterPlan {
  return { kind: "filter", input: plan, predicate: retentionPredicate(column, length) };
}
