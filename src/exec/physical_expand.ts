/**
 * Builds set-returning functions and samples.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { SeededRandom } from "../base/random.ts";
import type { CallContext } from "../query/function.ts";
import type { SamplePlan, TableFunctionPlan } from "../query/plan.ts";
import { NULL_TYPE } from "../storage/sql_type.ts";
import { compileScalars } from "./expression/compile.ts";
import { ReservoirSink, SampleOperator } from "./operators/sample.ts";
import { OrderedSource } from "./operators/sort.ts";
import { type TableFunctionCall, TableFunctionOperator } from "./operators/table_function.ts";
import { constantValue } from "./operators/values.ts";
import { type Need, references, union } from "./need.ts";
import type { PhysicalBuilder, Stream } from "./physical.ts";

/** Calls set-returning functions for each input row. */
export function buildTableFunction(builder: PhysicalBuilder, plan: TableFunctionPlan, need: Need): Stream {
  const { environment } = builder;
  const read = references(plan.calls.flatMap((call) => call.arguments));
  const input = builder.build(plan.input, { all: union(need.all, read), soon: read });
  const calls = plan.calls.map((call): TableFunctionCall => {
    const argumentTypes = call.arguments.map((argument) => argument.type);
    const { signature } = environment.functions.resolveTable(
      call.function,
      argumentTypes,
      call.arguments[0]?.span,
    );
    const context: CallContext = {
      nowMicros: environment.nowMicros,
      timeZone: environment.timeZone,
      random: environment.random,
      argumentTypes,
      resultType: NULL_TYPE,
    };
    return {
      arguments: compileScalars(call.arguments, input.columns, environment),
      width: call.width,
      evaluate: (args) => signature.evaluate(args, context),
    };
  });
  const passed = input.columns.filter((column) => need.all.has(column.id));
  const operator = new TableFunctionOperator({
    calls,
    types: plan.columns.map((column) => column.type),
    ordinality: plan.ordinality,
    outer: plan.outer,
    inputOutput: passed.map((column) => input.columns.indexOf(column)),
  });
  return builder.append(input, operator, { plan, name: "table function" }, {
    columns: [...passed, ...plan.columns],
    rowsExpected: builder.estimate(plan, input.rowsExpected * 10),
    scan: null,
  });
}

/** Takes a sample. */
export function buildSample(builder: PhysicalBuilder, plan: SamplePlan, need: Need): Stream {
  const { environment } = builder;
  const amount = Number(constantValue(plan.amount, environment));
  const seed = plan.seed === null ? null : Number(constantValue(plan.seed, environment));
  const generator = seed === null ? null : new SeededRandom(Math.floor(seed * 1000003));
  const random = generator === null ? environment.random : () => generator.next();
  const percent = plan.method !== "reservoir";
  if (!(amount >= 0) || (percent && amount > 100)) {
    throw new QueryError("invalid-value", `Sample size is out of range: received ${amount}`, {
      details: { value: amount },
      hint: percent ? "give a percentage between 0 and 100" : "give a number of rows",
    });
  }
  const input = builder.build(plan.input, need);
  if (percent) {
    const operator = new SampleOperator({ percent: amount, blocks: plan.method === "system", random });
    return builder.append(input, operator, { plan, name: "sample" }, {
      rowsExpected: input.rowsExpected * amount / 100,
      scan: null,
    });
  }
  const sink = new ReservoirSink(input.columns.map((column) => column.type), {
    count: Math.floor(amount),
    random,
    memory: builder.memoryShare(),
  });
  builder.run(input, sink, plan, "reservoir");
  const positions = input.columns.map((_, index) => index);
  let order: Int32Array | undefined;
  const source = new OrderedSource(() => ({ store: sink.store, order: order ??= sink.order }), positions);
  return builder.start(source, input.columns, { plan, counts: builder.record(plan, "sample") }, amount);
}
