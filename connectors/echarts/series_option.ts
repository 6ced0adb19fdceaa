/**
 * Series of an ECharts option made from a result: all read one dataset, so that new rows are the whole patch.
 *
 * Parts of a category are datasets of their own, which ECharts filters from the rows. Bounds are drawn without
 * functions: a band between two stacked lines, error bars as box plots whose box has no height.
 *
 * @module
 */
import type { ChartRow } from "../charts/chart_kind.ts";
import type { ChartShape } from "../charts/chart_shape.ts";
import type { RoledColumn } from "../charts/column_role.ts";
import { CATEGORY_COLORS, TEXT_COLOR } from "../charts/chart_palette.ts";
import { type JsonObject, ROWS_ID } from "./option_json.ts";

/** Points that are drawn one by one; more are a line without symbols, or a cloud. */
const SYMBOL_COUNT_MAX = 60;
const CLOUD_COUNT_MIN = 2000;

/** Series, and the datasets of their parts. */
export interface SeriesParts {
  readonly series: readonly JsonObject[];
  readonly datasets: readonly JsonObject[];
}

/** A column that ECharts needs to draw bounds. */
export interface BoundColumn {
  readonly name: string;
  value(row: ChartRow): unknown;
}

/** Columns to add for a measure with bounds: the width of its band, or the three lines of its box. */
export function boundColumns({ kind }: ChartShape, { name, bounds }: RoledColumn): readonly BoundColumn[] {
  if (bounds === undefined) return [];
  if (kind === "bar") {
    return BOX_LINES.map((line) => ({
      name: `${name}_${line}`,
      value: (row) => row[name],
    }));
  }
  return kind === "line"
    ? [{ name: `${name}_band`, value: (row) => widthOf(row[bounds.lo], row[bounds.hi]) }]
    : [];
}

const BOX_LINES: readonly string[] = ["q1", "q2", "q3"];

function widthOf(low: unknown, high: unknown): number | null {
  return typeof low === "number" && typeof high === "number" ? high - low : null;
}

/** A part of the rows: one value of a category, or all of them. */
interface Part {
  readonly id: string;
  readonly label: string;
  readonly dataset: string;
  readonly color: string;
}

/** The series of lines, bars and scatters. */
export function seriesOf(
  shape: Extract<ChartShape, { readonly kind: "line" | "bar" | "scatter" }>,
  partLabels: readonly string[],
  rowCount: number,
): SeriesParts {
  const { series: category } = shape;
  const measures = shape.kind === "scatter" ? [shape.y] : shape.ys;
  if (category === undefined) {
    return {
      datasets: [],
      series: measures.flatMap((measure, i) => {
        const part = { id: measure.name, label: measure.title, dataset: ROWS_ID, color: colorAt(i) };
        return partSeries(shape, measure, part, rowCount);
      }),
    };
  }
  const parts = partLabels.map((label, i) => ({ label, id: `part:${label}`, color: colorAt(i) }));
  return {
    datasets: parts.map(({ id, label }) => ({
      id,
      fromDatasetId: ROWS_ID,
      transform: { type: "filter", config: { dimension: category.name, "=": label } },
    })),
    series: parts.flatMap((part) =>
      partSeries(shape, measures[0]!, { ...part, dataset: part.id }, rowCount / parts.length)
    ),
  };
}

function colorAt(index: number): string {
  return CATEGORY_COLORS[index % CATEGORY_COLORS.length]!;
}

function partSeries(
  shape: Extract<ChartShape, { readonly kind: "line" | "bar" | "scatter" }>,
  measure: RoledColumn,
  part: Part,
  pointCount: number,
): readonly JsonObject[] {
  const base = { id: part.id, name: part.label, datasetId: part.dataset, itemStyle: { color: part.color } };
  switch (shape.kind) {
    case "line":
      return [
        ...bandSeries(shape.x, measure, part),
        {
          ...base,
          type: "line",
          encode: { x: shape.x.name, y: measure.name, tooltip: [measure.name] },
          lineStyle: { color: part.color, width: 2 },
          showSymbol: pointCount <= SYMBOL_COUNT_MAX,
          symbolSize: 5,
          emphasis: { focus: "series" },
        },
      ];
    case "bar": {
      const encode = shape.horizontal
        ? { x: measure.name, y: shape.x.name }
        : { x: shape.x.name, y: measure.name };
      return [
        {
          ...base,
          type: "bar",
          encode: { ...encode, tooltip: [measure.name] },
          ...(shape.stacked ? { stack: "all" } : {}),
          ...(measure.bounds === undefined ? { barMaxWidth: 48 } : {}),
          emphasis: { focus: "series" },
        },
        ...errorBars(shape, measure, part),
      ];
    }
    case "scatter":
      return [{
        ...base,
        type: "scatter",
        encode: { x: shape.x.name, y: measure.name, tooltip: [shape.x.name, measure.name] },
        symbolSize: pointCount >= CLOUD_COUNT_MIN ? 3 : 8,
        itemStyle: { color: part.color, opacity: pointCount >= CLOUD_COUNT_MIN ? 0.4 : 0.75 },
        large: pointCount >= CLOUD_COUNT_MIN,
      }];
  }
}

/** Two lines without strokes: the lower bound, and on it the width of the band. */
function bandSeries(x: RoledColumn, { name, title, bounds }: RoledColumn, part: Part): readonly JsonObject[] {
  if (bounds === undefined) return [];
  const line = {
    type: "line",
    datasetId: part.dataset,
    stack: `band:${part.id}`,
    stackStrategy: "all",
    lineStyle: { opacity: 0 },
    symbol: "none",
    silent: true,
    itemStyle: { color: part.color },
    tooltip: { show: false },
  };
  return [
    { ...line, id: `lo:${part.id}`, name: `${part.label} from`, encode: { x: x.name, y: bounds.lo } },
    {
      ...line,
      id: `hi:${part.id}`,
      name: `${title} to`,
      encode: { x: x.name, y: `${name}_band` },
      areaStyle: { color: part.color, opacity: 0.2 },
    },
  ];
}

/** Whiskers from the lower to the upper bound. ECharts puts boxes side by side as it does bars. */
function errorBars(
  shape: Extract<ChartShape, { readonly kind: "bar" }>,
  { name, bounds }: RoledColumn,
  part: Part,
): readonly JsonObject[] {
  if (bounds === undefined) return [];
  const ends = [bounds.lo, ...BOX_LINES.map((line) => `${name}_${line}`), bounds.hi];
  return [{
    id: `error:${part.id}`,
    name: `${part.label} error`,
    type: "boxplot",
    datasetId: part.dataset,
    encode: shape.horizontal ? { y: shape.x.name, x: ends } : { x: shape.x.name, y: ends },
    boxWidth: [8, 16],
    itemStyle: { color: "transparent", borderColor: TEXT_COLOR, borderWidth: 1.5 },
    silent: true,
    tooltip: { show: false },
    z: 3,
  }];
}
