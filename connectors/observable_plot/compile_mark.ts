/**
 * A mark becomes a query, and an option of Plot without the transforms that the engine has done.
 *
 * Transforms run in their order until one has no counterpart; that one and those after it stay in the mark, for
 * Plot, with the reason in the list of what was left out.
 *
 * @module
 */
import type { Query } from "../../src/query/ast.ts";
import { QueryError } from "../../src/base/error.ts";
import { describe, isObject, listOf, pointer, type SpecObject } from "../charts/json_spec.ts";
import type { QueryPipeline } from "../charts/query_pipeline.ts";
import { binAxes, binned, isBin, withBins } from "./bin_transform.ts";
import { grouped, groupedByChannels, isGroup, type TransformPlace } from "./group_transform.ts";
import { markChannels } from "./mark_channels.ts";
import {
  type Channel,
  isLeft,
  type LeftToPlot,
  type MarkState,
  type PlotScope,
  rowOrder,
} from "./mark_state.ts";
import { type JsonObject, PLAIN_TRANSFORMS, PLOT_TRANSFORMS } from "./plot_json.ts";
import { filtered, limited, reversed, selected, sorted, thinned } from "./row_transform.ts";
import { cumulated, normalized, stacked, windowed } from "./window_transform.ts";

/** A compiled mark. */
export interface CompiledMark {
  readonly query: Query;
  readonly pipeline: QueryPipeline;
  /** For Plot. */
  readonly options: JsonObject;
  /** What Plot has still to do. */
  readonly transform: readonly JsonObject[];
}

/** Marks that connect their rows: they need an order. */
const CONNECTED = /^(line|area|difference|bollinger)/;

/** Compiles a mark whose rows are `pipeline`. */
export function compiledMark(
  mark: SpecObject,
  pipeline: QueryPipeline,
  scope: PlotScope,
  path: string,
): CompiledMark {
  const { filter, sort, reverse, ...options } = isObject(mark["options"]) ? mark["options"] : {};
  const cut = new Set(listOf(mark["transform"]).flatMap((step) => isObject(step) ? binAxes(step) : []));
  const read = markChannels(options, pipeline, { scope, path: `${path}/options`, binned: cut });
  const state: MarkState = { ...read, all: read.pipeline };
  const steps = [
    ...(filter === undefined ? [] : [{ step: { filter }, path: `${path}/options` }]),
    ...(sort === undefined || isDomainSort(sort) ? [] : [{ step: { sort }, path: `${path}/options` }]),
    ...(reverse === true ? [{ step: { reverse }, path: `${path}/options` }] : []),
    ...listOf(mark["transform"]).map((step, i) => ({
      step,
      path: `${path}/transform` + (Array.isArray(mark["transform"]) ? pointer(i) : ""),
    })),
  ];
  const done = runSteps(steps, { state: mosaicGroups(state, read, scope, path), scope, own: read.bins });
  const kept = isDomainSort(sort) ? { sort } : {};
  const bins = done.left.length === 0 &&
    steps.some(({ step }) => isObject(step) && Object.keys(step).some(isBin));
  const result = finished(String(mark["mark"]), done, kept);
  return bins ? { ...result, options: withoutFields(result.options, BIN_OPTIONS) } : result;
}

function isDomainSort(sort: unknown): boolean {
  return isObject(sort) &&
    ["x", "y", "fx", "fy", "color", "r", "symbol"].some((name) => Object.hasOwn(sort, name));
}

/** Channels with aggregates group by all others; a channel with bins too, as in mosaic-spec. */
function mosaicGroups(
  state: MarkState,
  { aggregates, bins }: ReturnType<typeof markChannels>,
  scope: PlotScope,
  path: string,
): MarkState {
  if (aggregates.size === 0) return state;
  let cut = state;
  for (const [axis, options] of bins) {
    const next = withBins(axis, cut.channels.get(axis)!, options, cut, { scope, path });
    if (isLeft(next)) {
      scope.unsupported.push({ path: `${path}/options${pointer(axis)}`, reason: next.left });
      continue;
    }
    const label = next.channels.get(axis)?.label;
    const ends = new Map(next.channels);
    const named = label === undefined ? {} : { label };
    ends.delete(axis);
    ends.set(`${axis}1`, { column: `${axis}1`, ...named });
    ends.set(`${axis}2`, { column: `${axis}2`, ...named });
    cut = { ...next, channels: ends };
  }
  return groupedByChannels(
    cut,
    [...aggregates].map(([channel, { name, value, type }]) => ({ channel, name, value, type, label: name })),
  );
}

interface Step {
  readonly step: unknown;
  readonly path: string;
}

interface StepScope {
  readonly state: MarkState;
  readonly scope: PlotScope;
  readonly own: ReadonlyMap<string, SpecObject>;
}

function runSteps(
  steps: readonly Step[],
  { state, scope, own }: StepScope,
): { readonly state: MarkState; readonly left: readonly JsonObject[] } {
  let current = state;
  for (const [i, { step, path }] of steps.entries()) {
    const [name, config] = namedStep(step, path);
    const place = { scope, path: path + pointer(name), own };
    const next = transformedBy(name, config, current, place);
    if (isLeft(next)) {
      scope.unsupported.push({ path: place.path, reason: `${next.left}; the rows come as they are` });
      return { state: current, left: steps.slice(i).map((each) => plainStep(each)) };
    }
    current = next;
  }
  return { state: current, left: [] };
}

function namedStep(step: unknown, path: string): readonly [string, unknown] {
  const entries = isObject(step) ? Object.entries(step) : [];
  const [entry] = entries;
  if (entries.length === 1 && entry !== undefined) {
    const [name] = entry;
    if (PLOT_TRANSFORMS.has(name) || PLAIN_TRANSFORMS.has(name) || name === "limit" || name === "m4") {
      return entry;
    }
  }
  throw new QueryError("invalid-parameter", `Not a transform at ${path}: received ${describe(step)}`, {
    details: { path },
    hint: 'one transform of Plot by name: { "groupX": { "y": "count" } }',
  });
}

function plainStep({ step }: Step): JsonObject {
  return isObject(step) ? step : {};
}

function transformedBy(
  name: string,
  config: unknown,
  state: MarkState,
  place: TransformPlace & { readonly own: ReadonlyMap<string, SpecObject> },
): MarkState | LeftToPlot {
  if (isGroup(name)) return grouped(name, config, state, place);
  if (isBin(name)) return binned(name, config, state, place);
  if (name.startsWith("select")) return selected(name, config, state);
  switch (name) {
    case "filter":
      return filtered(config, state, place);
    case "sort":
      return sorted(config, state, place);
    case "reverse":
      return reversed(state);
    case "limit":
      return limited(config, state);
    case "m4":
      return thinned(config, state);
    case "windowX":
    case "windowY":
      return windowed(axisOf(name), config, state);
    case "normalizeX":
    case "normalizeY":
      return normalized(axisOf(name), config, state);
    case "mapX":
    case "mapY":
      return cumulated(axisOf(name), config, state);
    case "stackX":
    case "stackY":
      return stacked(axisOf(name), config, state);
    default:
      return { left: `${name} is done by Plot` };
  }
}

function axisOf(name: string): "x" | "y" {
  return name.endsWith("X") ? "x" : "y";
}

/** Options of a mark that belong to its bins. */
const BIN_OPTIONS: readonly string[] = ["thresholds", "interval", "domain", "cumulative"];

function finished(
  mark: string,
  { state, left }: { readonly state: MarkState; readonly left: readonly JsonObject[] },
  kept: JsonObject,
): CompiledMark {
  const { channels, constants } = state;
  const columns = [...new Set([...channels.values()].map(({ column }) => column))];
  const order = state.pipeline.order.length === 0 && CONNECTED.test(mark)
    ? rowOrder(state)
    : state.pipeline.order;
  // Rows that Plot filters or sorts itself need all columns.
  const chosen = columns.length === 0 || left.some((step) => "filter" in step || "sort" in step)
    ? state.pipeline.sort(order)
    : state.pipeline.sort(order).select(columns);
  const shown = [...channels].map(([name, channel]) => [name, channelJson(name, channel)]);
  return {
    query: chosen.build(),
    pipeline: chosen,
    options: { ...constants, ...Object.fromEntries(shown), ...kept },
    transform: left,
  };
}

function channelJson(name: string, { column, label, scale }: Channel): unknown {
  const colored = name === "fill" || name === "stroke";
  if (label === undefined && scale === undefined && !colored) return column;
  return {
    value: column,
    ...(label === undefined ? { label: column } : { label }),
    ...(scale === undefined ? {} : { scale }),
  };
}

function withoutFields(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}
