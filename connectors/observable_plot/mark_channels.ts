/**
 * Options of a mark: channels become columns, the rest stays.
 *
 * A text is a column (a colour is a constant), `{ value, interval, label, scale }` a column with more,
 * `{ expr: "month(day)" }` an expression, see `chart_expression.ts`. Expressions of mosaic-spec come here as such
 * objects too, see `mosaic_channel.ts`.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { type ChartExpression, chartExpression } from "../charts/chart_expression.ts";
import { describe, isObject, pointer, type SpecObject } from "../charts/json_spec.ts";
import type { PipelineItem, QueryPipeline } from "../charts/query_pipeline.ts";
import { isColor } from "./css_color.ts";
import { type Channel, freshName, type PlotScope } from "./mark_state.ts";
import { mosaicChannel } from "./mosaic_channel.ts";
import { plotInterval } from "./plot_interval.ts";

/** Options that are channels when they name a column. */
const CHANNELS: ReadonlySet<string> = new Set([
  ..."x x1 x2 y y1 y2 z fx fy fill stroke r opacity fillOpacity strokeOpacity strokeWidth".split(" "),
  ..."title text ariaLabel symbol length rotate fontSize weight path".split(" "),
]);

/** Channels whose text may be a constant. */
const COLORS: ReadonlySet<string> = new Set(["fill", "stroke"]);
const SYMBOLS: ReadonlySet<string> = new Set(
  "asterisk circle cross diamond diamond2 hexagon plus square square2 star times triangle triangle2 wye"
    .split(" "),
);

/** Options that a spec may not set: they reach out of the chart. */
const REFUSED: ReadonlySet<string> = new Set([
  "href",
  "target",
  "src",
  "imageFilter",
  "render",
  "initializer",
]);

/** The options, read. */
export interface MarkChannels {
  readonly pipeline: QueryPipeline;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly constants: SpecObject;
  /** Channels that combine rows, as in mosaic-spec: `{ sum: "price" }`. */
  readonly aggregates: ReadonlyMap<string, ChartExpression>;
  /** Channels that are cut into bins, as in mosaic-spec: `{ bin: "price" }`. */
  readonly bins: ReadonlyMap<string, SpecObject>;
}

/** Where options stand. */
export interface OptionsPlace {
  readonly scope: PlotScope;
  readonly path: string;
  /** Channels that a transform cuts into bins: an interval is one of bins there. */
  readonly binned: ReadonlySet<string>;
}

/** Reads the options of a mark. */
export function markChannels(
  options: SpecObject,
  pipeline: QueryPipeline,
  { scope, path, binned }: OptionsPlace,
): MarkChannels {
  const channels = new Map<string, Channel>();
  const constants: Record<string, unknown> = {};
  const aggregates = new Map<string, ChartExpression>();
  const bins = new Map<string, SpecObject>();
  const derived: PipelineItem[] = [];
  const taken = new Set<string>();
  const reader = { pipeline, scope, binned };
  for (const [name, value] of Object.entries(options)) {
    const place = path + pointer(name);
    if (REFUSED.has(name)) {
      scope.unsupported.push({ path: place, reason: "links, images and code are not taken from a spec" });
      continue;
    }
    const read = CHANNELS.has(name) ? readChannel(name, value, reader, place) : { constant: value };
    if ("constant" in read) constants[name] = read.constant;
    else if ("bin" in read) {
      bins.set(name, read.bin);
      channels.set(name, read.channel);
    } else if ("aggregate" in read) aggregates.set(name, read.aggregate);
    else if (read.item === undefined) channels.set(name, read.channel);
    else {
      const column = freshName(pipeline, name, taken);
      taken.add(column);
      derived.push({ ...read.item, name: column });
      channels.set(name, { ...read.channel, column });
    }
  }
  return {
    pipeline: derived.length === 0 ? pipeline : pipeline.derive(derived),
    channels,
    constants,
    aggregates,
    bins,
  };
}

type ReadChannel =
  | { readonly constant: unknown }
  | { readonly aggregate: ChartExpression }
  | { readonly bin: SpecObject; readonly channel: Channel }
  | { readonly channel: Channel; readonly item?: Omit<PipelineItem, "name"> };

interface ChannelReader {
  readonly binned: ReadonlySet<string>;
  readonly pipeline: QueryPipeline;
  readonly scope: PlotScope;
}

function readChannel(name: string, value: unknown, reader: ChannelReader, path: string): ReadChannel {
  if (typeof value === "string") {
    if (isConstant(name, value, reader.pipeline)) return { constant: value };
    return { channel: { column: known(value, reader, path) } };
  }
  if (Array.isArray(value)) {
    reader.scope.unsupported.push({
      path,
      reason: "rows of a table have no values beside them: name a column",
    });
    return { constant: undefined };
  }
  return isObject(value) ? readObject(name, value, reader, path) : { constant: value };
}

function readObject(name: string, value: SpecObject, reader: ChannelReader, path: string): ReadChannel {
  const labels = {
    ...(typeof value["label"] === "string" || value["label"] === null ? { label: value["label"] } : {}),
    ...(value["scale"] === undefined ? {} : { scale: value["scale"] }),
  };
  if (typeof value["value"] === "string") {
    const column = known(value["value"], reader, `${path}/value`);
    const bins = ["thresholds", "domain", "cumulative"].some((key) => value[key] !== undefined);
    if (bins || reader.binned.has(name)) return { bin: value, channel: { column, ...labels } };
    if (value["interval"] === undefined) return { channel: { column, ...labels } };
    const { timeZone } = reader.scope.catalog;
    const interval = plotInterval(value["interval"], { type: reader.pipeline.typeOf(column), timeZone });
    if (interval === undefined) {
      throw malformed(`${path}/interval`, value["interval"], "month, 3 months, 15 minutes, 10");
    }
    const item = { value: interval.floor(reader.pipeline.column(column, path)), type: interval.type };
    return { channel: { label: column, ...labels, column: "" }, item };
  }
  const mosaic = mosaicChannel(value, path);
  if (mosaic === undefined) {
    // `{ value: 7 }` is a constant, as is what only styles.
    if (value["value"] !== undefined) return { constant: value["value"] };
    throw malformed(path, value, 'name a column, or { "expr": "sum(price)" }');
  }
  if ("bin" in mosaic) {
    const column = known(mosaic.bin, reader, path);
    return { bin: mosaic.options, channel: { column, ...labels } };
  }
  const expression = chartExpression(mosaic.text, {
    pipeline: reader.pipeline,
    timeZone: reader.scope.catalog.timeZone,
    path,
  });
  if (expression.aggregate) return { aggregate: expression };
  if (expression.column) return { channel: { column: expression.name, ...labels } };
  return {
    channel: { label: expression.name, ...labels, column: "" },
    item: { value: expression.value, type: expression.type },
  };
}

function isConstant(name: string, value: string, pipeline: QueryPipeline): boolean {
  if (COLORS.has(name)) return isColor(value);
  if (name === "symbol") {
    return SYMBOLS.has(value) && !(pipeline.columns !== undefined && pipeline.has(value));
  }
  return name === "fontSize" && /^[\d.]+(px|em|rem|%)?$/.test(value);
}

function known(column: string, { pipeline }: ChannelReader, path: string): string {
  pipeline.column(column, path);
  return column;
}

function malformed(path: string, value: unknown, hint: string): QueryError {
  return new QueryError("invalid-parameter", `Not a channel at ${path}: received ${describe(value)}`, {
    details: { path },
    hint,
  });
}
