/**
 * Builds ORDER BY and LIMIT.
 *
 * @module
 */
import type { LimitPlan, Plan, Scalar, SortPlan } from "../query/plan.ts";
import { QueryError } from "../base/error.ts";
import { compileScalars } from "./expression/compile.ts";
import { LimitOperator } from "./operators/limit.ts";
import { LimitWithTiesOperator } from "./operators/limit_with_ties.ts";
import { OrderedSource, type SortOptions, SortSink } from "./operators/sort.ts";
import { TopKSink } from "./operators/top_k.ts";
import { constantValue } from "./operators/values.ts";
import { type Need, references, union } from "./need.ts";
import type { PhysicalBuilder, Stream } from "./physical.ts";
import { appendProject } from "./physical_row.ts";

/** Rows up to which a limit keeps only its rows instead of sorting all. */
const TOP_ROWS_MAX = 200_000;

/** Sorts. */
export function buildSort(builder: PhysicalBuilder, plan: SortPlan, need: Need): Stream {
  return buildOrdered(builder, plan, need, (options) => new SortSink(options));
}

function buildOrdered(
  builder: PhysicalBuilder,
  plan: SortPlan,
  need: Need,
  createSink: (options: SortOptions) => SortSink | TopKSink,
): Stream {
  const scalars = plan.keys.map((key) => key.expression);
  const read = references(scalars);
  const ties = plan.ties ?? [];
  const all = union(union(need.all, read), new Set(ties));
  const input = builder.build(plan.input, { all, soon: read });
  const sink = createSink({
    types: input.columns.map((column) => column.type),
    keys: compileScalars(scalars, input.columns, builder.environment),
    directions: plan.keys.map(({ expression, descending, nullsFirst }) => ({
      type: expression.type,
      descending,
      nullsFirst,
    })),
    ties: ties.map((id) => {
      const position = input.columns.findIndex((column) => column.id === id);
      return { position, type: input.columns[position]!.type };
    }),
    memory: builder.memoryShare(),
  });
  builder.run(input, sink, plan, sink instanceof TopKSink ? "top" : "sort");
  const columns = input.columns.filter((column) => need.all.has(column.id));
  const positions = columns.map((column) => input.columns.indexOf(column));
  const source = new OrderedSource(() => ({ store: sink.rows, order: sink.order }), positions);
  const counts = builder.record(plan, "sorted");
  return {
    ...builder.start(source, columns, { plan, counts }, input.rowsExpected),
    bounds: input.bounds,
  };
}

/** Passes a range of rows; over a sort it keeps only these. */
export function buildLimit(builder: PhysicalBuilder, plan: LimitPlan, need: Need): Stream {
  const limit = rowNumber(builder, plan.limit, "LIMIT") ?? Infinity;
  const offset = rowNumber(builder, plan.offset, "OFFSET") ?? 0;
  const node = { plan, name: "limit" };
  if (plan.withTies !== undefined && limit !== Infinity) {
    const scalars = plan.withTies.map((key) => key.expression);
    const read = references(scalars);
    const input = builder.build(plan.input, { all: union(need.all, read), soon: read });
    const keys = compileScalars(scalars, input.columns, builder.environment);
    return builder.append(input, new LimitWithTiesOperator(limit, offset, keys), node, { scan: null });
  }
  const input = buildLimited(builder, plan.input, need, limit + offset);
  return builder.append(input, new LimitOperator(limit, offset), node, {
    rowsExpected: Math.min(limit, input.rowsExpected),
    scan: null,
  });
}

/** The first `count` rows of `plan`, or more. */
function buildLimited(builder: PhysicalBuilder, plan: Plan, need: Need, count: number): Stream {
  if (count > 0 && count <= TOP_ROWS_MAX) {
    if (plan.kind === "sort") {
      return buildOrdered(builder, plan, need, (options) => new TopKSink(options, count));
    }
    if (plan.kind === "project") {
      return appendProject(
        builder,
        plan,
        need,
        (input, inputNeed) => buildLimited(builder, input, inputNeed, count),
      );
    }
  }
  return builder.build(plan, need);
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
