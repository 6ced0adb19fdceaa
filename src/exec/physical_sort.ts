/**
 * Builds ORDER BY and LIMIT.
 *
 * @module
 */
import type { LimitPlan, Scalar, SortPlan } from "../query/plan.ts";
import { QueryError } from "../base/error.ts";
import { compileScalars } from "./expression/compile.ts";
import { LimitOperator } from "./operators/limit.ts";
import { OrderedSource, SortSink } from "./operators/sort.ts";
import { constantValue } from "./operators/values.ts";
import { type Need, type PhysicalBuilder, references, type Stream, union } from "./physical.ts";

/** Sorts. */
export function buildSort(builder: PhysicalBuilder, plan: SortPlan, need: Need): Stream {
  const scalars = plan.keys.map((key) => key.expression);
  const read = references(scalars);
  const input = builder.build(plan.input, { all: union(need.all, read), soon: read });
  const sink = new SortSink({
    types: input.columns.map((column) => column.type),
    keys: compileScalars(scalars, input.columns, builder.environment),
    directions: plan.keys.map(({ expression, descending, nullsFirst }) => ({
      type: expression.type,
      descending,
      nullsFirst,
    })),
    memory: builder.memoryShare(),
  });
  builder.run(input, sink, plan, "sort");
  const columns = input.columns.filter((column) => need.all.has(column.id));
  const positions = columns.map((column) => input.columns.indexOf(column));
  const source = new OrderedSource(() => ({ store: sink.rows, order: sink.order }), positions);
  const counts = builder.record(plan, "sorted");
  return {
    ...builder.start(source, columns, { plan, counts }, input.rowsExpected),
    bounds: input.bounds,
  };
}

/** Passes a range of rows. */
export function buildLimit(builder: PhysicalBuilder, plan: LimitPlan, need: Need): Stream {
  const limit = rowNumber(builder, plan.limit, "LIMIT") ?? Infinity;
  const offset = rowNumber(builder, plan.offset, "OFFSET") ?? 0;
  const input = builder.build(plan.input, need);
  return builder.append(input, new LimitOperator(limit, offset), { plan, name: "limit" }, {
    rowsExpected: Math.min(limit, input.rowsExpected),
    scan: null,
  });
}

/** The value of LIMIT or OFFSET; `undefined` for none and NULL. */
export function rowNumber(
  builder: PhysicalBuilder,
  scalar: Scalar | null,
  clause: string,
): number | undefined {
  if (scalar === null) return undefined;
  const value = constantValue(scalar, builder.environment);
  if (value === null) return undefined;
  const count = Number(value);
  if (count < 0) {
    throw new QueryError("invalid-value", `${clause} must not be negative: received ${count}`, {
      details: { clause, value: count },
    });
  }
  return count;
}
