/**
 * Transforms of Plot that keep rows: `filter`, `sort`, `select`, and ours: `limit`, `m4`.
 *
 * @module
 */
import { call } from "../../src/query/builder.ts";
import { BIGINT } from "../../src/storage/sql_type.ts";
import { filterCondition } from "../charts/filter_condition.ts";
import { isObject, type SpecObject } from "../charts/json_spec.ts";
import { m4Pipeline } from "../charts/m4_query.ts";
import { columnNamed, over, type SortKey } from "../charts/query_pipeline.ts";
import type { TransformPlace } from "./group_transform.ts";
import {
  freshName,
  type LeftToPlot,
  type MarkState,
  partitionColumns,
  rowOrder,
  seriesColumn,
} from "./mark_state.ts";

/** Keeps rows: by a condition as JSON, or by a column that is true. */
export function filtered(config: unknown, state: MarkState, { scope, path }: TransformPlace): MarkState {
  const { pipeline } = state;
  const condition = typeof config === "string"
    ? call("coalesce", pipeline.column(config, path), false)
    : filterCondition(config, pipeline, { timeZone: scope.catalog.timeZone }, path);
  return { ...state, pipeline: pipeline.filter(condition) };
}

/** Orders rows: `"price"`, `"-price"`, `{ value | column | channel, order, reverse }`. Missing values stand last. */
export function sorted(config: unknown, state: MarkState, { path }: TransformPlace): MarkState | LeftToPlot {
  const key = sortKey(config, state, path);
  return key === undefined
    ? { left: "the order is no column" }
    : { ...state, pipeline: state.pipeline.sort([key]) };
}

function sortKey(config: unknown, state: MarkState, path: string): SortKey | undefined {
  if (typeof config === "string") {
    const down = config.startsWith("-") &&
      !(state.pipeline.columns !== undefined && state.pipeline.has(config));
    const column = down ? config.slice(1) : config;
    state.pipeline.column(column, path);
    return { column, direction: down ? "desc" : "asc", nulls: "last" };
  }
  if (!isObject(config)) return undefined;
  const { value, column = value, channel, order } = config;
  const down = order === "descending" || (typeof channel === "string" && channel.startsWith("-"));
  const name = typeof channel === "string" ? state.channels.get(channel.replace(/^-/, ""))?.column : column;
  if (typeof name !== "string") return undefined;
  state.pipeline.column(name, path);
  return { column: name, direction: down ? "desc" : "asc", nulls: "last" };
}

/** The other way round; needs an order. */
export function reversed(state: MarkState): MarkState | LeftToPlot {
  const { order } = state.pipeline;
  if (order.length === 0) return { left: "rows without an order cannot be reversed" };
  return { ...state, pipeline: state.pipeline.sort(order.map(reversedKey)) };
}

/** A key the other way round. */
export function reversedKey({ column, direction = "asc", nulls = "last" }: SortKey): SortKey {
  return {
    column,
    direction: direction === "asc" ? "desc" : "asc",
    nulls: nulls === "last" ? "first" : "last",
  };
}

/** The transforms that Plot calls `select...`, as configuration of `select`. */
const SELECTIONS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["selectFirst", "first"],
  ["selectLast", "last"],
  ["selectMinX", { x: "min" }],
  ["selectMaxX", { x: "max" }],
  ["selectMinY", { y: "min" }],
  ["selectMaxY", { y: "max" }],
]);

/** One row of each series: `"first"`, `"last"`, `{ "y": "max" }`. */
export function selected(name: string, config: unknown, state: MarkState): MarkState | LeftToPlot {
  const keys = selectionKeys(SELECTIONS.get(name) ?? config, state);
  if (keys === undefined || keys.length === 0) return { left: "select takes first, last, or { y: max }" };
  const rank = freshName(state.pipeline, "rank of row");
  const value = over(call("row_number"), { partitionBy: partitionColumns(state), orderBy: keys });
  const { order } = state.pipeline;
  const ranked = state.pipeline.window([{ name: rank, type: BIGINT, value }]).filter(columnNamed(rank).eq(1));
  return { ...state, pipeline: ranked.sort(order) };
}

function selectionKeys(config: unknown, state: MarkState): readonly SortKey[] | undefined {
  const order = rowOrder(state);
  if (config === "first") return order;
  if (config === "last") return order.map(reversedKey);
  if (!isObject(config)) return undefined;
  const [entry, ...others] = Object.entries(config);
  if (entry === undefined || others.length > 0) return undefined;
  const [channel, which] = entry;
  const column = state.channels.get(channel)?.column;
  if (column === undefined || (which !== "min" && which !== "max")) return undefined;
  // Of equal rows the first counts.
  return [{ column, direction: which === "min" ? "asc" : "desc", nulls: "last" }, ...order];
}

/** Ours: the first rows. */
export function limited(config: unknown, state: MarkState): MarkState | LeftToPlot {
  return typeof config === "number" && Number.isSafeInteger(config) && config > 0
    ? { ...state, pipeline: state.pipeline.limit(config) }
    : { left: "limit is a positive integer" };
}

const M4_COLUMNS = 1000;

/** Ours: lines thinned out by M4, to `{ columns }` pixels. */
export function thinned(config: unknown, state: MarkState): MarkState | LeftToPlot {
  const [x, y] = [state.channels.get("x"), state.channels.get("y")];
  if (x === undefined || y === undefined) return { left: "m4 needs the channels x and y" };
  const options: SpecObject = isObject(config) ? config : {};
  const columns = options["columns"] ?? M4_COLUMNS;
  if (typeof columns !== "number" || !Number.isSafeInteger(columns) || columns < 1) {
    return { left: "columns is a positive integer" };
  }
  const series = seriesColumn(state);
  const pipeline = m4Pipeline(state.pipeline, {
    x: x.column,
    y: y.column,
    columnCount: columns,
    ...(series === undefined ? {} : { series }),
  });
  const kept = new Set([x.column, y.column, series]);
  const channels = new Map([...state.channels].filter(([, { column }]) => kept.has(column)));
  return { ...state, pipeline, channels };
}
