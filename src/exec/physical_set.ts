/**
 * Builds UNION, INTERSECT and EXCEPT.
 *
 * @module
 */
import type { ColumnId, Plan, SetOperationPlan } from "../query/plan.ts";
import { KeyTable } from "./key_table.ts";
import { ConcatSource } from "./operators/concat.ts";
import { SetCountSink, SetProbe } from "./operators/set_probe.ts";
import type { PhysicalBuilder, Stream } from "./physical.ts";
import { appendDistinct } from "./physical_row.ts";

/** Combines two inputs whose columns correspond by position. */
export function buildSetOperation(builder: PhysicalBuilder, plan: SetOperationPlan): Stream {
  if (plan.operator === "union") {
    const sides = [side(builder, plan.left, plan.leftColumns), side(builder, plan.right, plan.rightColumns)];
    const source = new ConcatSource(
      sides.map(({ stream, positions }) => ({ source: builder.chain(stream), positions })),
    );
    const rows = sides.reduce((sum, { stream }) => sum + stream.rowsExpected, 0);
    const stream = builder.start(source, plan.columns, { plan, counts: builder.record(plan, "union") }, rows);
    return plan.all ? stream : appendDistinct(builder, stream, plan);
  }
  const right = side(builder, plan.right, plan.rightColumns);
  const keys = plan.columns.map(({ type }) => ({ type }));
  const sink = new SetCountSink(
    new KeyTable(keys, right.stream.rowsExpected),
    right.positions,
    builder.memoryShare(),
  );
  builder.run(right.stream, sink, plan, `${plan.operator} build`);
  const left = side(builder, plan.left, plan.leftColumns);
  const probe = new SetProbe(sink, left.positions, { operator: plan.operator, all: plan.all });
  const stream = builder.append(left.stream, probe, { plan, name: plan.operator }, {
    columns: plan.columns,
    bounds: () => undefined,
    scan: null,
  });
  return plan.operator === "except" && !plan.all ? appendDistinct(builder, stream, plan) : stream;
}

function side(
  builder: PhysicalBuilder,
  plan: Plan,
  ids: readonly ColumnId[],
): { readonly stream: Stream; readonly positions: readonly number[] } {
  const all = new Set(ids);
  const stream = builder.build(plan, { all, soon: all });
  return { stream, positions: builder.positions(stream, ids) };
}
