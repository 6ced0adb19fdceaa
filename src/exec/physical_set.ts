/**
 * Builds UNION, INTERSECT and EXCEPT.
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import type { ColumnId, Plan, SetOperationPlan } from "../query/plan.ts";
import { ConcatSource } from "./operators/concat.ts";
import { type PhysicalBuilder, type Stream } from "./physical.ts";

/** Combines two inputs whose columns correspond by position. */
export function buildSetOperation(builder: PhysicalBuilder, plan: SetOperationPlan): Stream {
  assert(plan.operator === "union" && plan.all, "Not built yet");
  const [left, right] = [
    side(builder, plan.left, plan.leftColumns),
    side(builder, plan.right, plan.rightColumns),
  ];
  const source = new ConcatSource([left, right]);
  const rows = left.rowsExpected + right.rowsExpected;
  return builder.start(source, plan.columns, { plan, counts: builder.record(plan, "union") }, rows);
}

function side(builder: PhysicalBuilder, plan: Plan, ids: readonly ColumnId[]) {
  const all = new Set(ids);
  const stream = builder.build(plan, { all, soon: all });
  return {
    source: builder.chain(stream),
    positions: builder.positions(stream, ids),
    rowsExpected: stream.rowsExpected,
  };
}
