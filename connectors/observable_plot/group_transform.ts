/**
 * Plot's `groupX`, `groupY`, `group`, `groupZ` as GROUP BY.
 *
 * Rows are grouped by the facets, by the first of z, fill and stroke that is a column and no output, and by x or y
 * or both. Other columns of z, fill and stroke take one value of the group; channels that are neither keys nor
 * outputs are dropped, as Plot does. Groups come in ascending order.
 *
 * @module
 */
import { call } from "../../src/query/builder.ts";
import { isObject, pointer, type SpecObject } from "../charts/json_spec.ts";
import {
  columnNamed,
  over,
  type PipelineItem,
  type QueryPipeline,
  type SortKey,
} from "../charts/query_pipeline.ts";
import {
  type Channel,
  facetColumns,
  freshName,
  isLeft,
  type LeftToPlot,
  type MarkState,
  type PlotScope,
} from "./mark_state.ts";
import { plotInterval } from "./plot_interval.ts";
import { reducerName, type Reduction, reduction, shareScalar } from "./reducer.ts";

/** A transform and its place. */
export interface TransformPlace {
  readonly scope: PlotScope;
  readonly path: string;
}

const GROUP_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ["groupX", ["x"]],
  ["groupY", ["y"]],
  ["group", ["x", "y"]],
  ["groupZ", []],
]);

/** Outputs that are no channels. */
const NO_CHANNELS: ReadonlySet<string> = new Set(["filter", "data", "sort", "reverse"]);

/** True for the names above. */
export function isGroup(name: string): boolean {
  return GROUP_KEYS.has(name);
}

/** Groups; see the module header. */
export function grouped(
  name: string,
  outputs: unknown,
  state: MarkState,
  place: TransformPlace,
): MarkState | LeftToPlot {
  if (!isObject(outputs)) return { left: 'name outputs: { "y": "count" }' };
  const keys = new Map<string, Channel>();
  for (const key of GROUP_KEYS.get(name)!) {
    const channel = state.channels.get(key);
    const produced = [key, `${key}1`, `${key}2`].some((output) => Object.hasOwn(outputs, output));
    if (channel !== undefined && !produced) keys.set(key, channel);
  }
  let cut = state;
  for (const [axis, channel] of keys) {
    const next = cutByScale(axis, channel, cut, place);
    if (isLeft(next)) return next;
    cut = next;
    keys.set(axis, cut.channels.get(axis)!);
  }
  return aggregatedBy(keys, outputs, cut, place);
}

/** The channel cut by the interval of its scale. */
function cutByScale(
  axis: string,
  channel: Channel,
  state: MarkState,
  { scope }: TransformPlace,
): MarkState | LeftToPlot {
  const wanted = scope.intervals.get(axis);
  if (wanted === undefined) return state;
  const { pipeline } = state;
  const { timeZone } = scope.catalog;
  const interval = plotInterval(wanted, { type: pipeline.typeOf(channel.column), timeZone });
  if (interval === undefined) return { left: `the interval of ${axis} is not one of the engine's` };
  const column = freshName(pipeline, axis);
  const value = interval.floor(columnNamed(channel.column));
  return {
    ...state,
    pipeline: pipeline.derive([{ name: column, type: interval.type, value }]),
    channels: new Map([...state.channels, [axis, { label: channel.column, ...channel, column }]]),
  };
}

/** Rows by keys, with the outputs: what groups and bins share. `keys` are channels by name. */
export function aggregatedBy(
  keys: ReadonlyMap<string, Channel>,
  outputs: SpecObject,
  state: MarkState,
  { scope, path }: TransformPlace,
): MarkState | LeftToPlot {
  const unknown = [...NO_CHANNELS].find((name) => Object.hasOwn(outputs, name) && outputs[name] !== null);
  if (unknown !== undefined) return { left: `the output ${unknown} of a group is done by Plot` };
  const series = ["z", "fill", "stroke"].filter((name) =>
    state.channels.has(name) && !Object.hasOwn(outputs, name)
  );
  const by = state.channels.get(series[0] ?? "");
  const facets = ["fx", "fy"].filter((name) => state.channels.has(name));
  const keyColumns = unique([
    ...facetColumns(state),
    ...(by === undefined ? [] : [by.column]),
    ...outerKeys(keys),
    ...[...keys.values()].map(({ column }) => column),
  ]);
  const plan = new OutputPlan(state, keyColumns);
  for (const [channel, output] of Object.entries(outputs)) {
    if (output === null || NO_CHANNELS.has(channel)) continue;
    const left = plan.add(channel, output, keys, by);
    if (left !== undefined) return left;
  }
  const channels = new Map<string, Channel>(facets.map((name) => [name, state.channels.get(name)!]));
  for (const name of series) {
    const channel = state.channels.get(name)!;
    channels.set(name, keyColumns.includes(channel.column) ? channel : plan.one(name, channel));
  }
  for (const [name, channel] of [...keys, ...plan.channels]) channels.set(name, channel);
  for (const name of ["title", "text"]) {
    if (!state.channels.has(name) || channels.has(name)) continue;
    scope.unsupported.push({
      path: path + pointer(name),
      reason: `groups have no ${name}: add it to the outputs`,
    });
  }
  return { ...state, all: plan.pipeline(keyColumns), pipeline: plan.pipeline(keyColumns), channels };
}

/** Plot groups by y before x, and by what stands beside bins before the bins. */
function outerKeys(keys: ReadonlyMap<string, Channel>): readonly string[] {
  if (keys.has("x2") && keys.has("y2")) return [];
  return [keys.get(keys.has("y2") ? "x" : "y")?.column ?? []].flat();
}

/** The measures of an aggregation, as outputs ask for them. */
class OutputPlan {
  readonly channels = new Map<string, Channel>();
  readonly #state: MarkState;
  readonly #taken: Set<string>;
  readonly #measures: PipelineItem[] = [];
  readonly #shares: { readonly name: string; readonly share: "data" | "facet"; readonly total: Reduction }[] =
    [];

  constructor(state: MarkState, keyColumns: readonly string[]) {
    this.#state = state;
    this.#taken = new Set(keyColumns);
  }

  /** Adds an output; what Plot has to do when the engine cannot. */
  add(
    channel: string,
    output: unknown,
    keys: ReadonlyMap<string, Channel>,
    by: Channel | undefined,
  ): LeftToPlot | undefined {
    const reducer = reducerName(output);
    if (reducer === undefined) return { left: `the reducer of ${channel} is no name` };
    const key = reducer.name === "z" ? by : keys.get(reducer.name);
    const scale = reducer.scale === undefined ? {} : { scale: reducer.scale };
    if (key !== undefined) {
      this.channels.set(channel, { ...key, ...scale });
      return undefined;
    }
    const { channels, pipeline } = this.#state;
    const input = channels.get(channel) ?? channels.get(channel.replace(/^([xy])[12]$/, "$1"));
    const reduced = reduction(reducer.name, {
      column: input?.column,
      type: input === undefined ? undefined : pipeline.typeOf(input.column),
      order: pipeline.order,
    });
    if (reduced === undefined) return { left: `the reducer ${reducer.name} of ${channel} is done by Plot` };
    const column = this.#column(channel);
    this.#measures.push({ name: column, value: reduced.value, type: reduced.type });
    if (reduced.share !== undefined) {
      this.#shares.push({ name: column, share: reduced.share, total: reduced });
    }
    const label = reduced.label ?? (input?.label === undefined ? input?.column : input.label);
    this.channels.set(channel, { column, ...(label === undefined ? {} : { label }), ...scale });
    return undefined;
  }

  /** One value of each group: the least. */
  one(name: string, { column, label }: Channel): Channel {
    const output = this.#column(name);
    const type = this.#state.pipeline.typeOf(column);
    this.#measures.push({ name: output, value: call("min", columnNamed(column)), type });
    return { column: output, label: label === undefined ? column : label };
  }

  #column(channel: string): string {
    let name = channel;
    while (this.#taken.has(name)) name += "_";
    this.#taken.add(name);
    return name;
  }

  pipeline(keyColumns: readonly string[]): QueryPipeline {
    const order = keyColumns.map((column): SortKey => ({ column, direction: "asc", nulls: "last" }));
    const { pipeline, all } = this.#state;
    const ofData = this.#shares.filter(({ share }) => share === "data");
    const totals = all.aggregate(
      [],
      ofData.map(({ name, total }) => ({ name: `${name} total`, value: total.value })),
    );
    const base = ofData.length === 0 ? pipeline : pipeline.cross(totals);
    const measures = this.#measures.map((item) =>
      ofData.some(({ name }) => name === item.name)
        ? { ...item, value: shareScalar(item.value, call("max", columnNamed(`${item.name} total`))) }
        : item
    );
    const facets = facetColumns(this.#state);
    const ofFacet = this.#shares.filter(({ share }) => share === "facet").map(({ name, total }) => ({
      name,
      type: total.type,
      value: shareScalar(columnNamed(name), over(call("sum", columnNamed(name)), { partitionBy: facets })),
    }));
    const result = base.aggregate(keyColumns, measures);
    return (ofFacet.length === 0 ? result : result.window(ofFacet)).sort(order);
  }
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/** One row for each combination of the channels that are columns: mosaic's way to group. */
export function groupedByChannels(
  state: MarkState,
  measures: readonly (PipelineItem & { readonly channel: string; readonly label: string })[],
): MarkState {
  const keyColumns = unique([...state.channels.values()].map(({ column }) => column));
  const taken = new Set(keyColumns);
  const channels = new Map(state.channels);
  const items = measures.map(({ channel, label, value, type }) => {
    const name = freshName(state.pipeline, channel, taken);
    taken.add(name);
    channels.set(channel, { column: name, label });
    return { name, value, type };
  });
  const order = keyColumns.map((column): SortKey => ({ column, direction: "asc", nulls: "last" }));
  const pipeline = state.pipeline.aggregate(keyColumns, items).sort(order);
  return { ...state, pipeline, all: pipeline, channels };
}
