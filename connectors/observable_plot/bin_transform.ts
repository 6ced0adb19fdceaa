/**
 * Plot's `binX`, `binY` and `bin` as GROUP BY.
 *
 * The width of a bin follows from the rows, as in Plot: the step is the one that d3's ticks choose for the number
 * of thresholds, and that number comes from Scott's, Freedman and Diaconis' or Sturges' rule when the spec does not
 * give it. One query finds extent and rule, crosses them with the rows, and groups:
 *
 * ```
 * rows ─┬─► min, max, count, deviation ─► step ─┐
 *       └────────────── cross ──────────────────┴─► GROUP BY floor(x / step) ─► x1, x2 = x1 + step, x between
 * ```
 *
 * Times need an interval (`month`); cumulative bins and own domains are left to Plot.
 *
 * @module
 */
import { call, count, literal, Scalar } from "../../src/query/builder.ts";
import { DOUBLE, type SqlType, TIMESTAMP } from "../../src/storage/sql_type.ts";
import { doubleScalar, quantileScalar } from "../charts/chart_aggregate.ts";
import { isObject, type SpecObject } from "../charts/json_spec.ts";
import { columnNamed, type PipelineItem } from "../charts/query_pipeline.ts";
import { aggregatedBy, type TransformPlace } from "./group_transform.ts";
import { type Channel, isTimeType, type LeftToPlot, type MarkState } from "./mark_state.ts";
import { plotInterval } from "./plot_interval.ts";

const BIN_AXES: ReadonlyMap<string, readonly ("x" | "y")[]> = new Map([
  ["binX", ["x"]],
  ["binY", ["y"]],
  ["bin", ["x", "y"]],
]);

/** True for the names above. */
export function isBin(name: string): boolean {
  return BIN_AXES.has(name);
}

/** Axes that a step cuts into bins. */
export function binAxes(step: SpecObject): readonly string[] {
  return Object.keys(step).flatMap((name) => BIN_AXES.get(name) ?? []);
}

/** What a spec says about the bins of an axis. */
export interface BinOptions {
  readonly thresholds?: unknown;
  readonly interval?: unknown;
  readonly domain?: unknown;
  readonly cumulative?: unknown;
}

/** Bins; `own` are options that stand in the channels themselves, by axis. */
export function binned(
  name: string,
  outputs: unknown,
  state: MarkState,
  place: TransformPlace & { readonly own: ReadonlyMap<string, SpecObject> },
): MarkState | LeftToPlot {
  if (!isObject(outputs)) return { left: 'name outputs: { "y": "count" }' };
  const { thresholds, interval, domain, cumulative, ...channels } = outputs;
  const axes = BIN_AXES.get(name)!;
  let cut = state;
  for (const axis of axes) {
    const channel = state.channels.get(axis);
    if (channel === undefined) return { left: `there is no channel ${axis}` };
    const options = {
      ...defined({ thresholds, interval, domain, cumulative }),
      ...defined(pick(state.constants)),
      ...defined(pick(place.own.get(axis) ?? {})),
    };
    const next = withBins(axis, channel, options, cut, place);
    if ("left" in next) return next;
    cut = next;
  }
  return summarised(axes, channels, cut, state, place);
}

/** Cuts the channel `axis` into bins: its column then holds where the bin begins, `<axis>2` where it ends. */
export function withBins(
  axis: string,
  channel: Channel,
  options: BinOptions,
  state: MarkState,
  { scope }: TransformPlace,
): MarkState | LeftToPlot {
  if (options.domain !== undefined) return { left: "bins of a given domain are done by Plot" };
  if (options.cumulative !== undefined && options.cumulative !== false && options.cumulative !== 0) {
    return { left: "cumulative bins are done by Plot" };
  }
  const type = state.pipeline.typeOf(channel.column);
  const { timeZone } = scope.catalog;
  const { thresholds = "auto" } = options;
  const given = options.interval ?? (isRule(thresholds) ? undefined : thresholds);
  if (given !== undefined && typeof given !== "number" || options.interval !== undefined) {
    const interval = plotInterval(given, { type, timeZone });
    if (interval === undefined) return { left: "the interval is not one of the engine's" };
    const begin = interval.floor(columnNamed(channel.column));
    const ends = { begin, end: interval.end(begin), type: interval.type };
    return cutState(axis, channel, ends, state);
  }
  if (isTimeType(type)) return { left: "bins of times need an interval such as month" };
  return stepState(axis, channel, thresholds, state);
}

function isRule(thresholds: unknown): thresholds is string {
  return typeof thresholds === "string" && /^(auto|scott|sturges|freedman-diaconis)$/i.test(thresholds);
}

function stepState(
  axis: string,
  channel: Channel,
  thresholds: unknown,
  state: MarkState,
): MarkState | LeftToPlot {
  const own = (name: string) => `${axis} bin ${name}`;
  const column = (name: string) => columnNamed(own(name));
  const item = (name: string, value: Scalar): PipelineItem => ({ name: own(name), type: DOUBLE, value });
  const value = doubleScalar(columnNamed(channel.column));
  const rule = typeof thresholds === "number" ? literal(thresholds) : ruleScalar(String(thresholds), value);
  const step = state.pipeline
    .aggregate([], [item("span", call("max", value).minus(call("min", value))), item("wanted", rule)])
    .derive([item("raw", rawStep(column("span"), column("wanted")))])
    .derive([item("power", call("power", 10, call("floor", call("log10", column("raw")))))])
    .derive([item("step", niceStep(column("raw"), column("power")))])
    // A step below 1 is a part of 1: dividing by its inverse gives the same doubles as d3.
    .derive([
      item("step", column("step")),
      item("parts", choose(column("step").lt(1), call("round", literal(1).dividedBy(column("step"))))),
    ])
    .select([own("step"), own("parts")]);
  const edge = (index: Scalar) =>
    call("coalesce", index.dividedBy(column("parts")), index.times(column("step")));
  const place = call("coalesce", value.times(column("parts")), value.dividedBy(column("step")));
  const index = column("index");
  // The product is rounded, so it may be one off beside an edge.
  const exact = index.plus(choose(edge(index.plus(1)).lte(value), literal(1), literal(0)))
    .minus(choose(edge(index).gt(value), literal(1), literal(0)));
  const pipeline = state.pipeline.filter(columnNamed(channel.column).isNotNull()).cross(step)
    .derive([item("index", call("floor", place))])
    .derive([item("index", exact)]);
  // Equal values have no step, and one bin without width.
  const ends = {
    begin: call("coalesce", edge(index), value),
    end: call("coalesce", edge(index.plus(1)), value),
    type: DOUBLE,
  };
  return cutState(axis, channel, ends, { ...state, pipeline });
}

interface BinEnds {
  readonly begin: Scalar;
  readonly end: Scalar;
  readonly type: SqlType;
}

function cutState(
  axis: string,
  channel: Channel,
  { begin, end, type }: BinEnds,
  state: MarkState,
): MarkState {
  const label = channel.label === undefined ? channel.column : channel.label;
  const [from, to] = [`${axis}1`, `${axis}2`];
  const items: PipelineItem[] = [{ name: from, value: begin, type }, { name: to, value: end, type }];
  const kept = state.pipeline.filter(columnNamed(channel.column).isNotNull());
  // Channels that show a column of the same name keep it under another one.
  const moved = [...state.channels].filter(([, { column }]) => column === from || column === to);
  const copies = moved.map(([name, { column }]) => ({
    name: `${name} of ${column}`,
    value: columnNamed(column),
    type: state.pipeline.typeOf(column),
  }));
  const channels = new Map(state.channels);
  for (const [name, each] of moved) {
    channels.set(name, { label: each.column, ...each, column: `${name} of ${each.column}` });
  }
  channels.set(axis, { ...channel, label, column: from });
  return { ...state, channels, pipeline: (copies.length === 0 ? kept : kept.derive(copies)).derive(items) };
}

/** Groups by the bins and gives both ends and the middle. */
function summarised(
  axes: readonly ("x" | "y")[],
  outputs: SpecObject,
  cut: MarkState,
  before: MarkState,
  place: TransformPlace,
): MarkState | LeftToPlot {
  const keys = new Map<string, Channel>();
  for (const axis of axes) {
    if (Object.hasOwn(outputs, axis)) {
      return { left: `the output ${axis} of bins of ${axis} is done by Plot` };
    }
    const { label, column } = cut.channels.get(axis)!;
    const named = label === undefined ? {} : { label };
    keys.set(axis, { column, ...named });
    keys.set(`${axis}2`, { column: `${axis}2`, ...named });
  }
  const other = axes.length === 1 ? (axes[0] === "x" ? "y" : "x") : undefined;
  const beside = other === undefined ? undefined : before.channels.get(other);
  const produced = other !== undefined &&
    [other, `${other}1`, `${other}2`].some((name) => Object.hasOwn(outputs, name));
  // A channel beside the bins is a key too, unless it is an output.
  if (other !== undefined && beside !== undefined && !produced) keys.set(other, cut.channels.get(other)!);
  // Shares are of all rows, also of those without a bin.
  const base = { ...cut, channels: inputsOf(cut, before, axes) };
  const result = aggregatedBy(keys, outputs, base, place);
  if ("left" in result) return result;
  const channels = new Map(result.channels);
  const middles = axes.map((axis): PipelineItem => {
    const { label, column: from } = result.channels.get(axis)!;
    const named = label === undefined ? {} : { label };
    const type = result.pipeline.typeOf(from);
    channels.set(`${axis}1`, { column: from, ...named });
    channels.set(axis, { column: axis, ...named });
    return { name: axis, type, value: middle(columnNamed(from), columnNamed(`${axis}2`), type) };
  });
  const { order } = result.pipeline;
  const pipeline = result.pipeline.derive(middles).sort(order);
  return {
    ...result,
    channels,
    pipeline,
    all: pipeline,
    constants: { ...insets(axes, result), ...result.constants },
  };
}

/** Outputs reduce the values before they were cut. */
function inputsOf(cut: MarkState, before: MarkState, axes: readonly string[]): ReadonlyMap<string, Channel> {
  const channels = new Map(cut.channels);
  for (const axis of axes) channels.set(axis, before.channels.get(axis)!);
  return channels;
}

function insets(axes: readonly string[], { constants }: MarkState): SpecObject {
  const names = axes.flatMap((axis) =>
    axis === "x" ? ["insetLeft", "insetRight"] : ["insetTop", "insetBottom"]
  );
  if ([...names, "inset"].some((name) => constants[name] !== undefined)) return {};
  return Object.fromEntries(names.map((name) => [name, 0.5]));
}

function middle(from: Scalar, to: Scalar, type: SqlType | undefined): Scalar {
  if (type?.kind === TIMESTAMP.kind) return from.plus(new Scalar(to.minus(from).expression).dividedBy(2));
  return from.plus(to).dividedBy(2);
}

/** The number of bins that a rule wants. */
function ruleScalar(rule: string, value: Scalar): Scalar {
  const span = call("max", value).minus(call("min", value));
  const n = count(value);
  switch (rule.toLowerCase()) {
    case "sturges":
      return call("greatest", 1, call("ceil", call("ln", doubleScalar(n)).dividedBy(Math.LN2)).plus(1));
    case "freedman-diaconis": {
      const range = quantileScalar(value, literal(0.75)).minus(quantileScalar(value, literal(0.25)));
      const width = range.times(2).times(call("power", doubleScalar(n), -1 / 3));
      return call("ceil", span.dividedBy(call("nullif", width, 0)));
    }
    default: {
      const width = call("stddev_samp", value).times(3.49);
      const scott = call(
        "ceil",
        span.times(call("cbrt", doubleScalar(n))).dividedBy(call("nullif", width, 0)),
      );
      const wanted = call("coalesce", scott, 1);
      return rule.toLowerCase() === "auto" ? call("least", 200, wanted) : wanted;
    }
  }
}

function rawStep(span: Scalar, wanted: Scalar): Scalar {
  return call("nullif", span, 0).dividedBy(call("greatest", wanted, 1));
}

/** d3's tick step: 1, 2, 5 or 10 times the power of ten below; NULL when all values are equal. */
function niceStep(raw: Scalar, power: Scalar): Scalar {
  const error = raw.dividedBy(power);
  const factor = choose(
    error.gte(Math.sqrt(50)),
    literal(10),
    choose(error.gte(Math.sqrt(10)), literal(5), choose(error.gte(Math.SQRT2), literal(2), literal(1))),
  );
  return doubleScalar(power.times(factor));
}

function choose(condition: Scalar, then: Scalar, otherwise?: Scalar): Scalar {
  return new Scalar({
    kind: "case",
    branches: [{ when: condition.expression, then: then.expression }],
    ...(otherwise === undefined ? {} : { otherwise: otherwise.expression }),
  });
}

function pick({ thresholds, interval, domain, cumulative }: SpecObject): BinOptions {
  return { thresholds, interval, domain, cumulative };
}

function defined(options: BinOptions): BinOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
