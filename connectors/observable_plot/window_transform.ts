/**
 * Transforms of Plot that look at neighbours: `windowX|Y`, `normalizeX|Y`, `mapX|Y` with `cumsum`, `stackX|Y`.
 *
 * Windows never cross facets or series, and run in the order of the rows, along x when there is none.
 *
 * @module
 */
import { call, count, literal, Scalar } from "../../src/query/builder.ts";
import { DOUBLE } from "../../src/storage/sql_type.ts";
import { doubleScalar } from "../charts/chart_aggregate.ts";
import { isObject, type SpecObject } from "../charts/json_spec.ts";
import {
  columnNamed,
  over,
  type PipelineItem,
  type SortKey,
  type WindowOptions,
} from "../charts/query_pipeline.ts";
import {
  type Channel,
  facetColumns,
  freshName,
  type LeftToPlot,
  type MarkState,
  partitionColumns,
  rowOrder,
  seriesColumn,
} from "./mark_state.ts";
import { reversedKey } from "./row_transform.ts";

/** Replaces the columns of `axis` (with its ends) by `make` of them. */
function mapped(
  axis: "x" | "y",
  state: MarkState,
  make: (value: Scalar) => Scalar | undefined,
): MarkState | LeftToPlot {
  const names = [axis, `${axis}1`, `${axis}2`].filter((name) => state.channels.has(name));
  if (names.length === 0) return { left: `there is no channel ${axis}` };
  const channels = new Map(state.channels);
  const items: PipelineItem[] = [];
  const taken = new Set<string>();
  for (const name of names) {
    const channel = state.channels.get(name)!;
    const value = make(columnNamed(channel.column));
    if (value === undefined) return { left: "the function is done by Plot" };
    const column = freshName(state.pipeline, name, taken);
    taken.add(column);
    items.push({ name: column, type: DOUBLE, value });
    channels.set(name, { label: channel.column, ...channel, column });
  }
  const { order } = state.pipeline;
  return { ...state, channels, pipeline: state.pipeline.window(items).sort(order) };
}

/** `{ k: 7, reduce: "mean", anchor: "middle", strict: false }`, or k alone. */
export function windowed(axis: "x" | "y", config: unknown, state: MarkState): MarkState | LeftToPlot {
  const options: SpecObject = typeof config === "number" ? { k: config } : isObject(config) ? config : {};
  const { k, reduce = "mean", anchor = "middle", strict = false } = options;
  if (typeof k !== "number" || !(Math.floor(k) > 0)) return { left: "k is a positive number" };
  const width = Math.floor(k);
  const shift = anchor === "start" ? 0 : anchor === "end" ? width - 1 : (width - 1) >> 1;
  const frame: WindowOptions = {
    partitionBy: partitionColumns(state),
    orderBy: rowOrder(state),
    rows: [-shift, width - 1 - shift],
  };
  return mapped(axis, state, (value) => {
    const result = windowScalar(String(reduce), value, frame);
    if (result === undefined || strict !== true) return result;
    return when(over(count(value), frame).eq(width), result);
  });
}

function windowScalar(reduce: string, value: Scalar, frame: WindowOptions): Scalar | undefined {
  switch (reduce.toLowerCase()) {
    case "mean":
      return over(call("avg", doubleScalar(value)), frame);
    case "sum":
      return call("coalesce", over(call("sum", value), frame), 0);
    case "min":
    case "max":
      return over(call(reduce.toLowerCase(), value), frame);
    case "deviation":
      return over(call("stddev_samp", doubleScalar(value)), frame);
    case "variance":
      return over(call("var_samp", doubleScalar(value)), frame);
    default:
      return undefined;
  }
}

/** `"sum"`, `"mean"`, `"first"`, ..., `"extent"`, `"deviation"`, or `{ basis }`. */
export function normalized(axis: "x" | "y", config: unknown, state: MarkState): MarkState | LeftToPlot {
  const basis = String((isObject(config) ? config["basis"] : config) ?? "first").toLowerCase();
  const rows: WindowOptions = { partitionBy: partitionColumns(state) };
  const order = rowOrder(state);
  return mapped(axis, state, (column) => {
    const value = doubleScalar(column);
    const all = (name: string) => over(call(name, value), rows);
    switch (basis) {
      case "sum":
      case "min":
      case "max":
        return quotient(value, all(basis));
      case "mean":
        return quotient(value, all("avg"));
      case "first":
        return quotient(value, firstDefined(value, rows, order));
      case "last":
        return quotient(value, firstDefined(value, rows, order.map(reversedKey)));
      case "extent":
        return quotient(value.minus(all("min")), all("max").minus(all("min")));
      case "deviation": {
        const share = quotient(value.minus(all("avg")), all("stddev_samp"));
        return when(value.isNotNull(), call("coalesce", share, 0));
      }
      default:
        return undefined;
    }
  });
}

/** The first value that is not missing: missing ones go to the end of the order. */
function firstDefined(value: Scalar, rows: WindowOptions, order: readonly SortKey[]): Scalar {
  const items = order.map(({ column, ...key }) => ({ expression: columnNamed(column).expression, ...key }));
  const { expression } = over(call("first_value", value), { ...rows, orderBy: order });
  if (expression.kind !== "call" || expression.over?.kind !== "window") return new Scalar(expression);
  const present = { expression: value.isNull().expression };
  return new Scalar({ ...expression, over: { ...expression.over, orderBy: [present, ...items] } });
}

/** `mapY` with `cumsum`. */
export function cumulated(axis: "x" | "y", config: unknown, state: MarkState): MarkState | LeftToPlot {
  if (config !== "cumsum") return { left: "only cumsum is done by the engine" };
  const frame: WindowOptions = {
    partitionBy: partitionColumns(state),
    orderBy: rowOrder(state),
    rows: [null, 0],
  };
  return mapped(axis, state, (value) => over(call("sum", value), frame));
}

/** Stacks y on x, or x on y: `{ offset, order, reverse }`. Negative values go down. */
export function stacked(axis: "x" | "y", config: unknown, state: MarkState): MarkState | LeftToPlot {
  const options: SpecObject = isObject(config) ? config : {};
  const { offset, order, reverse } = options;
  const expand = offset === "normalize" || offset === "expand";
  if (offset !== undefined && offset !== null && !expand) {
    return { left: `the offset ${String(offset)} is done by Plot` };
  }
  const channel = state.channels.get(axis);
  if (channel === undefined) return { left: `there is no channel ${axis}` };
  const place = state.channels.get(axis === "y" ? "x" : "y") ??
    state.channels.get(axis === "y" ? "x1" : "y1");
  const keys = stackOrder(order, axis, state, channel);
  if (keys === undefined) return { left: `the order ${String(order)} is done by Plot` };
  const orderBy = reverse === true ? keys.map(reversedKey) : keys;
  const partitionBy = [...facetColumns(state), ...(place === undefined ? [] : [place.column])];
  const sign = freshName(state.pipeline, "below zero");
  const size = doubleScalar(call("coalesce", columnNamed(channel.column), 0));
  const signed = state.pipeline.derive([{ name: sign, value: size.lt(0) }]);
  const upTo = over(call("sum", size), { partitionBy: [...partitionBy, sign], orderBy, rows: [null, 0] });
  const from = upTo.minus(size);
  const [low, high] = expand ? expanded([from, upTo], size, partitionBy) : [from, upTo];
  const taken = new Set<string>();
  const ends = [`${axis}1`, `${axis}2`].map((name) => {
    const column = freshName(signed, name, taken);
    taken.add(column);
    return { name, column };
  });
  const channels = new Map(state.channels);
  channels.delete(axis);
  const label = channel.label === undefined ? channel.column : channel.label;
  for (const { name, column } of ends) channels.set(name, { ...channel, label, column });
  const items = [low!, high!].map((value, i) => ({ name: ends[i]!.column, type: DOUBLE, value }));
  const { order: before } = state.pipeline;
  return { ...state, channels, pipeline: signed.window(items).sort(before) };
}

/** From 0 to 1: divided by the height of the stack, moved up by what is below zero. */
function expanded(ends: readonly Scalar[], size: Scalar, partitionBy: readonly string[]): readonly Scalar[] {
  const sum = (value: Scalar) => over(call("sum", value), { partitionBy });
  const below = sum(call("least", size, 0));
  const height = sum(call("abs", size));
  return ends.map((end) => quotient(end.minus(below), height));
}

function stackOrder(
  order: unknown,
  axis: string,
  state: MarkState,
  channel: Channel,
): readonly SortKey[] | undefined {
  const rows = rowOrder(state);
  if (order === undefined || order === null) return rows;
  if (typeof order !== "string") return undefined;
  const name = order.replace(/^-/, "").toLowerCase();
  const direction = order.startsWith("-") ? "desc" : "asc";
  if (name === "value" || name === axis) {
    return [{ column: channel.column, direction, nulls: "last" }, ...rows];
  }
  const series = seriesColumn(state);
  return name === "z" && series !== undefined
    ? [{ column: series, direction, nulls: "last" }, ...rows]
    : undefined;
}

function quotient(value: Scalar, basis: Scalar): Scalar {
  return value.dividedBy(call("nullif", basis, literal(0)));
}

function when(condition: Scalar, then: Scalar): Scalar {
  return new Scalar({ kind: "case", branches: [{ when: condition.expression, then: then.expression }] });
}
