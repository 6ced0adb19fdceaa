/**
 * Reducers of Plot as aggregates of the engine, to d3's rules: the sum of nothing is 0, `distinct` counts NULL as a
 * value, quantiles are interpolated.
 *
 * `first` and `last` follow the order of the rows before. `identity`, `min-index` and functions have no
 * counterpart.
 *
 * @module
 */
import type { FunctionCall } from "../../src/query/ast.ts";
import { call, count, literal, Scalar } from "../../src/query/builder.ts";
import { BIGINT, DOUBLE, type SqlType } from "../../src/storage/sql_type.ts";
import { distinctCount, doubleScalar, modeScalar, quantileScalar } from "../charts/chart_aggregate.ts";
import { isObject } from "../charts/json_spec.ts";
import { columnNamed, type SortKey } from "../charts/query_pipeline.ts";

/** What a reducer works on. */
export interface ReducerInput {
  /** The column, if the channel has one. */
  readonly column: string | undefined;
  readonly type: SqlType | undefined;
  readonly order: readonly SortKey[];
}

/** A reducer, ready to be an item of an aggregation. */
export interface Reduction {
  readonly value: Scalar;
  readonly type: SqlType | undefined;
  /** The label that Plot gives; that of the input without. */
  readonly label?: string;
  /** The value is to be divided by that of all rows, or of all rows of the facet. */
  readonly share?: "data" | "facet";
}

/** The name of the reducer in an output, and the scale that it sets. */
export function reducerName(
  output: unknown,
): { readonly name: string; readonly scale?: unknown } | undefined {
  if (typeof output === "string") return { name: output.toLowerCase() };
  if (!isObject(output) || typeof output["reduce"] !== "string") return undefined;
  const name = output["reduce"].toLowerCase();
  return output["scale"] === undefined ? { name } : { name, scale: output["scale"] };
}

/** The aggregate; `undefined` when the engine has none like it. */
export function reduction(name: string, input: ReducerInput): Reduction | undefined {
  if (input.column === undefined) return rowReduction(name);
  const value = columnNamed(input.column);
  const quantile = /^p(\d{2})$/.exec(name);
  if (quantile !== null) {
    return { value: quantileScalar(value, literal(Number(quantile[1]) / 100)), type: DOUBLE };
  }
  switch (name) {
    case "count":
      return rowReduction(name);
    case "sum":
      return { value: sumScalar(value), type: DOUBLE };
    case "proportion":
      return { value: sumScalar(value), type: DOUBLE, share: "data" };
    case "proportion-facet":
      return { value: sumScalar(value), type: DOUBLE, share: "facet" };
    case "distinct":
      return { value: distinctCount(value).plus(missingCount(value)), type: BIGINT, label: "Distinct" };
    case "mean":
      return { value: call("avg", value), type: DOUBLE };
    case "median":
      return { value: quantileScalar(value, literal(0.5)), type: DOUBLE };
    case "mode":
      return { value: modeScalar(value), type: input.type };
    case "min":
    case "max":
      return { value: call(name, value), type: input.type };
    case "deviation":
      return { value: call("stddev_samp", value), type: DOUBLE };
    case "variance":
      return { value: call("var_samp", value), type: DOUBLE };
    case "first":
    case "last":
      return { value: ordered(name, value, input.order), type: input.type };
    default:
      return undefined;
  }
}

function rowReduction(name: string): Reduction | undefined {
  const rows = { value: count(), type: BIGINT, label: "Frequency" };
  if (name === "count" || name === "sum") return rows;
  if (name === "proportion") return { ...rows, share: "data" };
  return name === "proportion-facet" ? { ...rows, share: "facet" } : undefined;
}

/** d3's sum of no numbers is 0. */
export function sumScalar(value: Scalar): Scalar {
  return call("coalesce", call("sum", value), 0);
}

/** 1 when some value is missing, else 0. */
function missingCount(value: Scalar): Scalar {
  return call("least", count().minus(count(value)), 1);
}

function ordered(name: string, value: Scalar, order: readonly SortKey[]): Scalar {
  const { expression } = call(name, value);
  // `call` makes nodes of this kind.
  const node = expression as FunctionCall;
  if (order.length === 0) return new Scalar(node);
  return new Scalar({
    ...node,
    orderBy: order.map(({ column, ...key }) => ({ expression: columnNamed(column).expression, ...key })),
  });
}

/** `value / basis` as double; NULL where the basis is 0. */
export function shareScalar(value: Scalar, basis: Scalar): Scalar {
  return doubleScalar(value).dividedBy(call("nullif", basis, 0));
}
