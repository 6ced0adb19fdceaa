/**
 * Builds GROUP BY.
 *
 * @module
 */
import type { AggregateCall, AggregatePlan, PlanColumn, Scalar } from "../query/plan.ts";
import { planColumns } from "../query/plan_walk.ts";
import { AggregateProgram } from "./aggregates/aggregate_program.ts";
import { compileScalars } from "./expression/compile.ts";
import { KeyTable } from "./key_table.ts";
import {
  type AggregateOptions,
  AggregateSink,
  type GroupingSet,
  GroupSource,
} from "./operators/aggregate.ts";
import { guardedAggregate } from "./guarded_call.ts";
import { type Need, references, union } from "./need.ts";
import type { PhysicalBuilder, Stream } from "./physical.ts";

/** Groups, with one or several grouping sets. */
export function buildAggregate(builder: PhysicalBuilder, plan: AggregatePlan, need: Need): Stream {
  const aggregates = plan.aggregates.filter((call) => need.all.has(call.id)).map(guardedAggregate);
  const keyScalars = plan.groups.map((group) => group.expression);
  const late = aggregates.filter((call) => call.function === "any_value" && call.filter === null);
  const early = aggregates.filter((call) => !late.includes(call));
  const soon = references([...keyScalars, ...early.flatMap(callScalars)]);
  // The value of any row is decoded only where it is shown.
  const all = union(soon, references(late.flatMap(callScalars)));
  const input = builder.build(plan.input, { all, soon });
  const sets = groupingSets(builder, { ...plan, aggregates }, input);
  const program = sets[0]!.program;
  const grouping = plan.grouping ?? [];
  const options: AggregateOptions = {
    keyTypes: plan.groups.map((group) => group.type),
    groupingTypes: grouping.map((column) => column.type),
    sets,
    projection: compileScalars([...keyScalars, ...program.scalars], input.columns, builder.environment),
    memory: builder.memoryShare(),
  };
  builder.run(input, new AggregateSink(options), plan, "aggregate");
  const produced: readonly PlanColumn[] = planColumns({ ...plan, aggregates });
  const kept = produced.map((column, position) => ({ column, position }))
    .filter(({ column }) => need.all.has(column.id));
  const source = new GroupSource(options, kept.map(({ position }) => position));
  const stream = builder.start(
    source,
    kept.map(({ column }) => column),
    { plan, counts: builder.record(plan, "groups") },
    plan.groups.length === 0 ? 1 : input.rowsExpected / 4,
  );
  return {
    ...stream,
    bounds: (id) => {
      const group = plan.groups.find((each) => each.id === id);
      return group?.expression.kind === "column" ? input.bounds(group.expression.id) : undefined;
    },
  };
}

function callScalars(call: AggregateCall): readonly Scalar[] {
  return [
    ...call.arguments,
    ...(call.filter === null ? [] : [call.filter]),
    ...call.orderBy.map((key) => key.expression),
  ];
}

function groupingSets(builder: PhysicalBuilder, plan: AggregatePlan, input: Stream): GroupingSet[] {
  const everything = plan.groups.map((_, index) => index);
  return (plan.sets ?? [everything]).map((keys): GroupingSet => {
    const columns = keys.map((index) => {
      const { expression, type } = plan.groups[index]!;
      return { type, bounds: expression.kind === "column" ? input.bounds(expression.id) : undefined };
    });
    return {
      keys,
      table: keys.length === 0 ? null : new KeyTable(columns, input.rowsExpected),
      program: new AggregateProgram(
        plan.aggregates,
        { ...input, grouped: keys.length > 0 },
        builder.environment,
      ),
      grouping: (plan.grouping ?? []).map((column) => groupingMask(column.groups, keys)),
    };
  });
}

/** One bit for each group, the first highest; set where the group is not in the set. */
function groupingMask(groups: readonly number[], keys: readonly number[]): number {
  return groups.reduce((mask, group) => mask * 2 + (keys.includes(group) ? 0 : 1), 0);
}
