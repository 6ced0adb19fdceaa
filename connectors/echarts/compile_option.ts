/**
 * An option whose datasets name tables becomes queries; the option comes back with their rows alone.
 *
 * ```
 * { dataset: { source: "orders" }, series: [{ type: "bar", encode: { x: "month(day)", y: "sum(price)" } }] }
 *   └► SELECT date_trunc('month', day) AS "month(day)", sum(price) AS "sum(price)" FROM orders GROUP BY 1 ORDER BY 1
 * ```
 *
 * Whatever the compiler does not know stays as it is, for ECharts. O(size of the option).
 *
 * @module
 */
import type { ChartCatalog, ChartRow, CompiledChart } from "../charts/chart_kind.ts";
import { isObject, listOf, plainSpec, pointer, type SpecObject } from "../charts/json_spec.ts";
import { ChartQueries, type QueryDataset } from "./chart_query.ts";
import type { CompileScope } from "./compile_scope.ts";
import { leaveOut } from "./compile_scope.ts";
import { columnMark, datasetRows, dimensionOf } from "./dataset_rows.ts";
import { type SourceDataset, sourceDatasets } from "./dataset_source.ts";
import type { DatasetMark, JsonObject, OptionJson } from "./option_json.ts";
import { safeOption } from "./safe_option.ts";
import { needsEngine, type SeriesEncode, seriesEncode } from "./series_encode.ts";
import { filledSeries, type SeriesPlan, splitMark, treeMark } from "./series_plan.ts";

/** Series whose data a dataset can give; the last two by way of `treeRows`. */
const SERIES_TYPES: ReadonlySet<unknown> = new Set([
  ..."line bar pictorialBar scatter effectScatter pie funnel gauge heatmap boxplot candlestick".split(" "),
  ..."map themeRiver parallel custom treemap sunburst".split(" "),
]);

/** Pixel columns of a line that is thinned out, when the series does not say. */
const SAMPLING_COLUMNS = 1000;

/** Compiles an untrusted option; see {@linkcode CompiledChart}. */
export function compileOption(spec: unknown, catalog: ChartCatalog): CompiledChart {
  const scope: CompileScope = { catalog, unsupported: [] };
  const option = safeOption(plainSpec(spec), scope);
  for (const key of ["baseOption", "timeline", "options", "media"]) {
    if (option[key] !== undefined) {
      leaveOut(scope, pointer(key), "one option at a time: compile each of them");
    }
  }
  const sources = sourceDatasets(option, scope);
  const queries = new ChartQueries(sources.map(({ id }) => id));
  const plans = listOf(option["series"]).map((series, i): SeriesPlan => {
    const path = Array.isArray(option["series"]) ? pointer("series", i) : "/series";
    return seriesPlan(isObject(series) ? series : {}, { sources, queries, scope, path, index: i });
  });
  const built = queries.build();
  const marks = marksOf(built, plans, option, catalog);
  return {
    datasets: built.map(({ dataset }) => dataset),
    unsupported: scope.unsupported,
    fill: (rows) => filledOption({ option, sources, built, plans, marks }, rows),
  };
}

interface PlanScope {
  readonly sources: readonly SourceDataset[];
  readonly queries: ChartQueries;
  readonly scope: CompileScope;
  readonly path: string;
  readonly index: number;
}

function seriesPlan(series: SpecObject, { sources, queries, scope, path, index }: PlanScope): SeriesPlan {
  const source = series["data"] === undefined ? sourceOf(series, sources) : undefined;
  const { type, encode } = series;
  if (source === undefined) {
    const names = series["datasetId"] ?? series["datasetIndex"];
    if (names !== undefined) leaveOut(scope, path, "there is no such dataset");
    return { index, series };
  }
  const { pipeline } = source;
  if (pipeline === undefined) {
    if (needsEngine(encode)) {
      leaveOut(
        scope,
        `${path}/encode`,
        "rows that stand in the option are not aggregated: put them into a table",
      );
    }
    return { index, series: { ...without(series, "datasetIndex"), datasetId: source.id } };
  }
  if (!SERIES_TYPES.has(type)) {
    leaveOut(
      scope,
      `${path}/type`,
      `a series of type ${JSON.stringify(type)} takes no dataset: give it data`,
    );
    return { index, series };
  }
  const read = isObject(encode)
    ? seriesEncode(encode, { pipeline, scope, path: `${path}/encode` })
    : undefined;
  const tree = type === "treemap" || type === "sunburst" ? treeOf(read, path, scope) : undefined;
  const sampled = read === undefined ? undefined : samplingOf(series, read);
  const datasetId = queries.add({ source: { ...source, pipeline }, encode: read, sampled });
  const plan = { index, series: without(series, "datasetIndex", "samplingColumns"), datasetId };
  return {
    ...plan,
    ...(read === undefined ? {} : { encode: read }),
    ...(tree === undefined ? {} : { tree }),
  };
}

function sourceOf(series: SpecObject, sources: readonly SourceDataset[]): SourceDataset | undefined {
  const { datasetId, datasetIndex } = series;
  if (datasetId !== undefined) return sources.find(({ id }) => id === datasetId);
  return sources[typeof datasetIndex === "number" ? datasetIndex : 0];
}

function treeOf(
  encode: SeriesEncode | undefined,
  path: string,
  scope: CompileScope,
): { readonly path: readonly string[]; readonly value: string } | undefined {
  const levels = encode?.channels["path"] ?? encode?.channels["itemName"];
  const value = encode?.channels["value"]?.[0];
  if (levels !== undefined && value !== undefined) return { path: levels, value };
  leaveOut(scope, `${path}/encode`, "treemap and sunburst take path (or itemName) and value");
  return undefined;
}

/** `lttb` and `minmax` of lines are done by the engine, as M4; the others stay with ECharts. */
function samplingOf(series: SpecObject, { grouped, channels }: SeriesEncode): number | undefined {
  const { type, sampling, samplingColumns } = series;
  if (grouped || type !== "line" || (sampling !== "lttb" && sampling !== "minmax")) return undefined;
  if (channels["x"]?.length !== 1 || channels["y"]?.length !== 1) return undefined;
  return typeof samplingColumns === "number" && Number.isSafeInteger(samplingColumns) && samplingColumns > 0
    ? samplingColumns
    : SAMPLING_COLUMNS;
}

function marksOf(
  built: readonly QueryDataset[],
  plans: readonly SeriesPlan[],
  option: SpecObject,
  catalog: ChartCatalog,
): ReadonlyMap<string, DatasetMark> {
  const timeZone = option["useUTC"] === false ? "UTC" : catalog.timeZone;
  return new Map(built.map(({ id, pipeline, orderBy }) => {
    const labels = new Set<string>();
    for (const { series, datasetId, encode } of plans) {
      if (datasetId !== id || encode === undefined) continue;
      for (const channel of ["x", "y"]) {
        if (axisType(option, series, channel) !== "category") continue;
        for (const name of encode.channels[channel] ?? []) labels.add(name);
      }
    }
    const own = plans.filter(({ datasetId }) => datasetId === id);
    const trees = own.flatMap((plan) => treeMark(plan) ?? []);
    const splits = own.flatMap((plan) => splitMark(plan) ?? []);
    return [id, {
      ...columnMark(pipeline.columns ?? [], { labels, timeZone, orderBy }),
      ...(trees.length === 0 ? {} : { trees }),
      ...(splits.length === 0 ? {} : { splits }),
    }];
  }));
}

function axisType(option: SpecObject, series: SpecObject, channel: string): unknown {
  const index = series[`${channel}AxisIndex`];
  const axis = listOf(option[`${channel}Axis`])[typeof index === "number" ? index : 0];
  return isObject(axis) ? axis["type"] : undefined;
}

interface FilledParts {
  readonly option: SpecObject;
  readonly sources: readonly SourceDataset[];
  readonly built: readonly QueryDataset[];
  readonly plans: readonly SeriesPlan[];
  readonly marks: ReadonlyMap<string, DatasetMark>;
}

function filledOption(
  { option, sources, built, plans, marks }: FilledParts,
  rows: ReadonlyMap<string, readonly ChartRow[]>,
): OptionJson {
  const ready = new Map(built.map(({ id }) => [id, datasetRows(rows.get(id) ?? [], marks.get(id))]));
  const queried = new Map(built.map((each) => [each.id, each]));
  const known = sources.map((source) => {
    if (source.pipeline === undefined) return { ...source.option, id: source.id };
    const kept = without(source.option, ...QUERY_FIELDS);
    return {
      ...kept,
      ...filledDataset(source.id, queried.get(source.id), ready, source.option["dimensions"]),
    };
  });
  const names = new Set(sources.map(({ id }) => id));
  const added = built.filter(({ id }) => !names.has(id)).map((each) => filledDataset(each.id, each, ready));
  const filled = plans.map((plan) => filledSeries(plan, ready.get(plan.datasetId ?? "") ?? []));
  return {
    useUTC: true,
    ...option,
    ...(option["dataset"] === undefined
      ? {}
      : { dataset: [...known, ...added, ...filled.flatMap(({ datasets }) => datasets)] }),
    ...(option["series"] === undefined ? {} : { series: filled.flatMap(({ series }) => series) }),
    ...(built.length === 0 ? {} : { liveview: { datasets: Object.fromEntries(marks) } }),
  };
}

/** Fields of a dataset that the engine has dealt with. */
const QUERY_FIELDS: readonly string[] = [
  "source",
  "sourceHeader",
  "seriesLayoutBy",
  "transform",
  "fromDatasetId",
  "fromDatasetIndex",
  "fromTransformResult",
];

function filledDataset(
  id: string,
  query: QueryDataset | undefined,
  ready: ReadonlyMap<string, readonly ChartRow[]>,
  dimensions?: unknown,
): JsonObject {
  const columns = query?.pipeline.columns;
  const source = ready.get(id) ?? [];
  if (columns === undefined) return { id, source };
  const given = new Map(listOf(dimensions).filter(isObject).map((each) => [each["name"], each]));
  return {
    id,
    dimensions: columns.map((column) => ({ ...dimensionOf(column), ...given.get(column.name) })),
    source,
  };
}

function without(object: SpecObject, ...fields: readonly string[]): SpecObject {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));
}
