/**
 * Aggregates of chart specs as calls of the engine.
 *
 * @module
 */
import type { FunctionCall } from "../../src/query/ast.ts";
import { call, literal, Scalar } from "../../src/query/builder.ts";
import { BIGINT, DOUBLE, type SqlType } from "../../src/storage/sql_type.ts";

/** How an aggregate is called. */
export interface ChartAggregate {
  readonly arity: number;
  readonly type: SqlType | "argument";
  make(args: readonly Scalar[]): Scalar;
}

function plainAggregate(name: string, type: SqlType | "argument"): ChartAggregate {
  return { arity: 1, type, make: ([argument]) => call(name, argument!) };
}

/** `percentile_cont(fraction) WITHIN GROUP (ORDER BY value)`: interpolated as d3 and ECharts do. */
export function quantileScalar(value: Scalar, fraction: Scalar): Scalar {
  const { expression } = call("percentile_cont", fraction);
  // `call` makes nodes of this kind.
  return new Scalar({ ...expression as FunctionCall, withinGroup: [{ expression: value.expression }] });
}

/** A quotient with its fraction, and NULL where SQL divides by zero. */
export function quotient(left: Scalar, right: Scalar): Scalar {
  return doubleScalar(left).dividedBy(call("nullif", right, 0));
}

/** `CAST(value AS double precision)`. */
export function doubleScalar(value: Scalar, tolerant = false): Scalar {
  return new Scalar({
    kind: "cast",
    argument: value.expression,
    type: { kind: "type", name: "double precision", modifiers: [], dimensions: 0 },
    style: "cast",
    tolerant,
  });
}

/** `count(DISTINCT value)`. */
export function distinctCount(value: Scalar): Scalar {
  return new Scalar({
    kind: "call",
    name: [{ name: "count" }],
    arguments: [{ value: value.expression }],
    distinct: true,
  });
}

/** `mode() WITHIN GROUP (ORDER BY value)`. */
export function modeScalar(value: Scalar): Scalar {
  return new Scalar({
    kind: "call",
    name: [{ name: "mode" }],
    arguments: [],
    withinGroup: [{ expression: value.expression }],
  });
}

function quantileAggregate(fraction: number): ChartAggregate {
  return { arity: 1, type: DOUBLE, make: ([value]) => quantileScalar(value!, literal(fraction)) };
}

/** Aggregates by the name that a spec gives them. */
export const CHART_AGGREGATES: ReadonlyMap<string, ChartAggregate> = new Map<string, ChartAggregate>([
  ["count", plainAggregate("count", BIGINT)],
  ["sum", plainAggregate("sum", DOUBLE)],
  ["avg", plainAggregate("avg", DOUBLE)],
  ["mean", plainAggregate("avg", DOUBLE)],
  ["average", plainAggregate("avg", DOUBLE)],
  ["min", plainAggregate("min", "argument")],
  ["max", plainAggregate("max", "argument")],
  ["stddev", plainAggregate("stddev_samp", DOUBLE)],
  ["variance", plainAggregate("var_samp", DOUBLE)],
  ["median", quantileAggregate(0.5)],
  ["q1", quantileAggregate(0.25)],
  ["q3", quantileAggregate(0.75)],
  ["quantile", { arity: 2, type: DOUBLE, make: ([value, fraction]) => quantileScalar(value!, fraction!) }],
  ["mode", { arity: 1, type: "argument", make: ([value]) => modeScalar(value!) }],
  ["open", { arity: 2, type: "argument", make: ([value, time]) => call("arg_min", value!, time!) }],
  ["close", { arity: 2, type: "argument", make: ([value, time]) => call("arg_max", value!, time!) }],
]);
