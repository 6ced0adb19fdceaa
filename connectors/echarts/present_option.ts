/**
 * A result as a ready ECharts option.
 *
 * The option is JSON without functions. It is made anew from the shape and the rows whenever rows change, which
 * costs O(rows); a patch is what differs, see `option_patch.ts`.
 *
 * @module
 */
import { unreachable } from "../../src/base/assert.ts";
import type { ChartColumn, ChartRow, PresentOptions } from "../charts/chart_kind.ts";
import { AMOUNT_COLORS, CATEGORY_COLORS, TEXT_COLOR } from "../charts/chart_palette.ts";
import { type ChartShape, chartShape, shapeTitle } from "../charts/chart_shape.ts";
import { type RoledColumn, roledRows } from "../charts/column_role.ts";
import {
  labelsOf,
  orderedRows,
  partLabels,
  placementOf,
  type PresentedChart,
  shapeRows,
} from "../charts/shape_rows.ts";
import { categoryAxis, timeAxis, valueAxis } from "./axis_option.ts";
import { type JsonObject, type OptionJson, ROWS_ID } from "./option_json.ts";
import { sampledRows } from "../charts/sampled_rows.ts";
import { boundColumns, seriesOf } from "./series_option.ts";
import { bigNumberOption, tableOption } from "./text_option.ts";

/** Width for which points are thinned out when none is given. */
const WIDTH_DEFAULT = 1000;
/** Height that a table fills when none is given. */
const HEIGHT_DEFAULT = 400;

/** Chooses a chart for a result and makes its option. */
export function presentOption(
  columns: readonly ChartColumn[],
  rows: readonly ChartRow[],
  options: PresentOptions = {},
): OptionJson {
  const { timeZone = "UTC", locale = "en-US", width = WIDTH_DEFAULT, height = HEIGHT_DEFAULT } = options;
  const roled = roledRows(columns, rows, timeZone);
  const shape = chartShape(roled);
  const base = { shape, source: columns, columns: roled.columns, timeZone, locale };
  const shown = shapeRows(base, rows);
  const chart: PresentedChart = {
    ...base,
    title: options.title ?? shapeTitle(shape),
    height,
    parts: partLabels(shape, shown),
    placement: placementOf(shape, shown),
  };
  return chartOption(chart, sampledRows(shape, orderedRows(chart, shown), width));
}

/** The option of a chart with these rows, which {@linkcode shapeRows} gave. */
export function chartOption(chart: PresentedChart, rows: readonly ChartRow[]): OptionJson {
  const { shape } = chart;
  const common = {
    useUTC: true,
    backgroundColor: "transparent",
    color: CATEGORY_COLORS,
    textStyle: { color: TEXT_COLOR },
    aria: { enabled: true },
    liveview: { presented: chart },
    dataset: [{ id: ROWS_ID, dimensions: dimensionsOf(chart), source: withBounds(chart, rows) }],
  };
  switch (shape.kind) {
    case "bigNumber":
      return { ...common, ...bigNumberOption(chart, shape.measures, rows) };
    case "table":
      return { ...common, ...tableOption(chart, rows) };
    case "heatMap":
      return { ...common, ...frameOf(chart), ...heatMapParts(chart, shape, rows) };
    case "line":
    case "bar":
    case "scatter": {
      const { series, datasets } = seriesOf(shape, chart.parts, rows.length);
      return {
        ...common,
        ...frameOf(chart),
        ...axesOf(shape, rows),
        ...legendOf(shape, series),
        dataset: [...common.dataset, ...datasets],
        series,
      };
    }
    default:
      return unreachable(shape);
  }
}

function dimensionsOf({ columns, shape }: PresentedChart): readonly JsonObject[] {
  return columns.flatMap((column) => {
    const { name, title, role } = column;
    const type = role === "time" && shape.kind !== "heatMap"
      ? "time"
      : role === "measure" || role === "bound"
      ? "number"
      : "ordinal";
    const derived = boundColumns(shape, column).map(({ name }) => ({
      name,
      displayName: title,
      type: "number",
    }));
    return [{ name, displayName: title, type }, ...derived];
  });
}

function withBounds({ columns, shape }: PresentedChart, rows: readonly ChartRow[]): readonly ChartRow[] {
  const derived = columns.flatMap((column) => boundColumns(shape, column));
  if (derived.length === 0) return rows;
  return rows.map((row) => ({
    ...row,
    ...Object.fromEntries(derived.map(({ name, value }) => [name, value(row)])),
  }));
}

/** Title, grid, tooltip. */
function frameOf({ title, shape }: PresentedChart): JsonObject {
  const trigger = shape.kind === "scatter" || shape.kind === "heatMap" ? "item" : "axis";
  return {
    title: [{
      id: "title",
      text: title,
      left: 8,
      top: 6,
      textStyle: { fontSize: 15, fontWeight: 600, color: TEXT_COLOR },
    }],
    grid: [{
      id: "grid",
      left: 16,
      right: 24,
      top: hasLegend(shape) ? 92 : 68,
      bottom: 40,
      containLabel: true,
    }],
    tooltip: [{
      id: "tooltip",
      trigger,
      confine: true,
      ...(trigger === "axis" ? { axisPointer: { type: shape.kind === "bar" ? "shadow" : "line" } } : {}),
    }],
  };
}

function hasLegend(shape: ChartShape): boolean {
  return ("series" in shape && shape.series !== undefined) || ("ys" in shape && shape.ys.length > 1);
}

function axesOf(
  shape: Extract<ChartShape, { readonly kind: "line" | "bar" | "scatter" }>,
  rows: readonly ChartRow[],
): JsonObject {
  switch (shape.kind) {
    case "line":
      return {
        xAxis: [numberOrTimeAxis(shape.x, "x")],
        yAxis: [valueAxis(shape.ys, "y", !shape.ys[0]!.bounds)],
      };
    case "scatter":
      return { xAxis: [numberOrTimeAxis(shape.x, "x")], yAxis: [valueAxis([shape.y], "y", false)] };
    case "bar": {
      const labels = labelsOf(shape.x, rows);
      return shape.horizontal
        ? {
          xAxis: [valueAxis(shape.ys, "x", true)],
          yAxis: [categoryAxis(shape.x, labels, { id: "y", inverse: true })],
        }
        : { xAxis: [categoryAxis(shape.x, labels, { id: "x" })], yAxis: [valueAxis(shape.ys, "y", true)] };
    }
  }
}

function numberOrTimeAxis(column: RoledColumn, id: "x" | "y"): JsonObject {
  if (column.role === "time") return timeAxis(column, id);
  return valueAxis([column], id, false);
}

function legendOf(shape: ChartShape, series: readonly JsonObject[]): JsonObject {
  const { kind } = shape;
  const drawn = series.filter(({ id }) => !/^(lo|hi|error):/.test(String(id)));
  if (!hasLegend(shape)) return { legend: [{ id: "legend", show: false }] };
  return {
    legend: [{
      id: "legend",
      type: "scroll",
      top: 34,
      left: 8,
      icon: kind === "line" ? "roundRect" : "circle",
      itemHeight: kind === "line" ? 3 : 10,
      textStyle: { color: TEXT_COLOR },
      data: drawn.map(({ name }) => name),
    }],
  };
}

function heatMapParts(
  chart: PresentedChart,
  shape: Extract<ChartShape, { readonly kind: "heatMap" }>,
  rows: readonly ChartRow[],
): JsonObject {
  const columns = dimensionsOf(chart).map(({ name }) => name);
  const { x, y, value } = shape;
  const values = rows.map((row) => row[value.name]).filter((cell) => typeof cell === "number");
  const [min, max] = values.reduce<[number, number]>(
    ([low, high], cell) => [Math.min(low, cell), Math.max(high, cell)],
    [Infinity, -Infinity],
  );
  return {
    xAxis: [categoryAxis(x, labelsOf(x, rows), { id: "x" })],
    yAxis: [categoryAxis(y, labelsOf(y, rows), { id: "y", named: false })],
    visualMap: [{
      id: "amount",
      type: "continuous",
      min: min <= max ? min : 0,
      max: min <= max ? max : 1,
      dimension: columns.indexOf(value.name),
      inRange: { color: AMOUNT_COLORS },
      orient: "horizontal",
      right: 16,
      top: 6,
      itemHeight: 90,
      textStyle: { color: TEXT_COLOR },
    }],
    series: [{
      id: value.name,
      name: value.title,
      type: "heatmap",
      datasetId: ROWS_ID,
      encode: { x: x.name, y: y.name, value: value.name, tooltip: [x.name, y.name, value.name] },
    }],
  };
}
