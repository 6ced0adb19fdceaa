/**
 * The accumulator of an aggregate call.
 *
 * @module
 */
import type { RowEnvironment } from "../../exec/row_evaluator.ts";
import type { AggregateDefinition } from "../../query/function.ts";
import type { AggregateCall } from "../../query/plan.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { GroupAccumulator } from "./group_accumulator.ts";
import { GroupCount, GroupDoubleSum, GroupWholeSum } from "./number_accumulators.ts";
import { GroupDistinct, GroupExtreme, GroupRowWise } from "./value_accumulators.ts";

/** Makes the accumulator for `call`, whose aggregate has no order. */
export function createAccumulator(
  call: AggregateCall,
  definition: AggregateDefinition,
  environment: RowEnvironment,
): GroupAccumulator {
  const argumentTypes = call.arguments.map((argument) => argument.type);
  const isExtreme = call.function === "min" || call.function === "max";
  const inner = kernelFor(call, argumentTypes[0]) ??
    new GroupRowWise(definition, {
      nowMicros: environment.nowMicros,
      timeZone: environment.timeZone,
      random: environment.random,
      argumentTypes,
      resultType: call.type,
    });
  return call.distinct && !isExtreme && argumentTypes.length > 0
    ? new GroupDistinct(inner, argumentTypes)
    : inner;
}

function kernelFor(call: AggregateCall, type: SqlType | undefined): GroupAccumulator | undefined {
  switch (call.function) {
    case "count":
      return new GroupCount();
    case "min":
    case "max":
      return type === undefined ? undefined : new GroupExtreme(type, call.function === "max");
    case "sum":
    case "avg":
    case "mean":
      return sumFor(call, type, call.function !== "sum");
    default:
      return undefined;
  }
}

function sumFor(
  call: AggregateCall,
  type: SqlType | undefined,
  average: boolean,
): GroupAccumulator | undefined {
  switch (type?.kind) {
    case "smallint":
    case "integer":
    case "bigint":
      return new GroupWholeSum(call.type, average ? { scale: 0 } : null);
    case "decimal":
      return new GroupWholeSum(call.type, average ? { scale: type.scale } : null);
    case "double":
    case "real":
      return new GroupDoubleSum(call.type, average);
    default:
      return undefined;
  }
}
