/**
 * A result as a ready spec for Plot.
 *
 * The spec holds the rows once, and beside them what is drawn from them in another form: one line for each measure
 * needs one row for each value, a table needs its cells. Plot draws a spec as a whole, so a change of the rows makes
 * the spec anew: O(rows).
 *
 * @module
 */
import { unreachable } from "../../src/base/assert.ts";
import type { ChartColumn, ChartRow, PresentOptions } from "../charts/chart_kind.ts";
import { CATEGORY_COLORS, TEXT_COLOR } from "../charts/chart_palette.ts";
import { type ChartShape, chartShape, shapeTitle } from "../charts/chart_shape.ts";
import { type RoledColumn, roledRows } from "../charts/column_role.ts";
import type { RowChange } from "../charts/live_rows.ts";
import { sampledRows } from "../charts/sampled_rows.ts";
import {
  labelsOf,
  orderedRows,
  partLabels,
  placementOf,
  type PresentedChart,
  shapeRows,
  updatedRows,
} from "../charts/shape_rows.ts";
import type { JsonObject, PlotMark, PlotSpec } from "./plot_json.ts";
import { numberPlot, tablePlot } from "./text_plot.ts";

const WIDTH_DEFAULT = 1000;
const HEIGHT_DEFAULT = 400;
/** Characters of a label on the left, in CSS pixels. */
const CHARACTER_WIDTH = 7;
const MARGIN_MAX = 220;

/** Chooses a chart for a result and makes its spec. */
export function presentPlot(
  columns: readonly ChartColumn[],
  rows: readonly ChartRow[],
  options: PresentOptions = {},
): PlotSpec {
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
  const size = {
    ...(options.width === undefined ? {} : { width }),
    ...(options.height === undefined ? {} : { height }),
  };
  return { ...size, ...plotOf(chart, sampledRows(shape, orderedRows(chart, shown), width)) };
}

/** The spec after a change of the rows, or with other rows of the same result. */
export function updatedPlot(
  spec: PlotSpec,
  presented: PresentedChart,
  update: RowChange | readonly ChartRow[],
): PlotSpec {
  const current = spec.data?.[ROWS];
  // Specs of this module hold rows as objects.
  const rows = updatedRows(presented, Array.isArray(current) ? current as readonly ChartRow[] : [], update);
  const next = { ...presented, parts: partLabels(presented.shape, rows, presented.parts) };
  return { ...spec, ...plotOf(next, rows) };
}

const ROWS = "rows";
/** One row for each measure, when there are several. */
const LONG = "values";
const NAME = "measure";
const VALUE = "value";

function plotOf(chart: PresentedChart, rows: readonly ChartRow[]): PlotSpec {
  const { shape } = chart;
  const common = {
    title: chart.title,
    style: { background: "transparent", color: "currentColor" },
    liveview: { presented: chart },
    data: { [ROWS]: rows },
  };
  switch (shape.kind) {
    case "bigNumber": {
      const { data, ...parts } = numberPlot(chart, shape.measures, rows);
      return { ...common, ...parts, data: { ...common.data, ...data } };
    }
    case "table": {
      const { data, ...parts } = tablePlot(chart, rows);
      return { ...common, ...parts, data: { ...common.data, ...data } };
    }
    case "line":
    case "bar": {
      const data = shape.ys.length < 2 ? common.data : { ...common.data, [LONG]: longRows(shape, rows) };
      return {
        ...common,
        ...(shape.kind === "line" ? linePlot(shape, chart) : barPlot(shape, chart, rows)),
        data,
      };
    }
    case "scatter":
      return { ...common, ...scatterPlot(shape, chart, rows.length) };
    case "heatMap":
      return { ...common, ...heatPlot(shape, rows) };
    default:
      return unreachable(shape);
  }
}

function longRows(
  { x, ys }: Extract<ChartShape, { readonly kind: "line" | "bar" }>,
  rows: readonly ChartRow[],
): readonly ChartRow[] {
  return ys.flatMap((measure) =>
    rows.map((row) => ({ [x.name]: row[x.name], [NAME]: measure.title, [VALUE]: row[measure.name] }))
  );
}

/** A channel with the title of its column. */
function labelled({ name, title }: RoledColumn): JsonObject {
  return { value: name, label: title };
}

function scaleOf(column: RoledColumn, more: JsonObject = {}): JsonObject {
  const { format, title } = column;
  const unit = format === undefined || format.suffix === "" ? "" : ` (${format.suffix})`;
  return {
    label: `${title}${unit}`,
    ...(column.role === "time" ? { type: "utc" } : {}),
    ...(format?.kind === "ratio" ? { tickFormat: format.d3 } : {}),
    ...more,
  };
}

function colorsOf(labels: readonly string[], label: string): JsonObject {
  return { color: { domain: labels, range: colorRange(labels.length), legend: true, label } };
}

function colorRange(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => CATEGORY_COLORS[i % CATEGORY_COLORS.length]!);
}

function linePlot(
  { x, ys, series }: Extract<ChartShape, { readonly kind: "line" }>,
  { parts }: PresentedChart,
): { readonly marks: readonly PlotMark[] } & JsonObject {
  const [measure] = ys;
  const several = ys.length > 1;
  const stroke = several ? NAME : series === undefined ? CATEGORY_COLORS[0]! : labelled(series);
  const y = several ? { value: VALUE, label: null } : labelled(measure!);
  const { bounds } = measure!;
  const bands: PlotMark[] = bounds === undefined || several ? [] : [{
    mark: "areaY",
    data: ROWS,
    options: {
      x: x.name,
      y1: { value: bounds.lo, label: measure!.title },
      y2: { value: bounds.hi, label: measure!.title },
      fill: stroke,
      fillOpacity: 0.2,
    },
  }];
  return {
    x: scaleOf(x),
    y: several ? { label: null, grid: true, zero: true } : scaleOf(measure!, { grid: true, zero: !bounds }),
    ...(several
      ? colorsOf(ys.map(({ title }) => title), "")
      : series === undefined
      ? {}
      : colorsOf(parts, series.title)),
    marks: [
      ...bands,
      {
        mark: "lineY",
        data: several ? LONG : ROWS,
        options: { x: labelled(x), y, stroke, strokeWidth: 2, tip: true },
      },
    ],
  };
}

function barPlot(
  shape: Extract<ChartShape, { readonly kind: "bar" }>,
  { parts }: PresentedChart,
  rows: readonly ChartRow[],
): { readonly marks: readonly PlotMark[] } & JsonObject {
  const { x, ys, series, stacked, horizontal } = shape;
  const [measure] = ys;
  const several = ys.length > 1;
  const labels = labelsOf(x, rows);
  const part = several ? NAME : series === undefined ? undefined : labelled(series);
  const [length, place, facet] = horizontal ? ["x", "y", "fy"] : ["y", "x", "fx"];
  const value = several ? { value: VALUE, label: null } : labelled(measure!);
  // Side by side: the category becomes the facet, its parts the places within.
  const beside = part !== undefined && !stacked;
  const names = several ? ys.map(({ title }) => title) : parts;
  const bar = {
    [length]: value,
    [place]: beside ? part : labelled(x),
    ...(beside ? { [facet]: labelled(x) } : {}),
    fill: part ?? CATEGORY_COLORS[0]!,
    tip: true,
  };
  const { bounds } = measure!;
  const data = several ? LONG : ROWS;
  const errors: PlotMark[] = bounds === undefined || several ? [] : [{
    mark: horizontal ? "ruleY" : "ruleX",
    data,
    options: {
      [place]: beside ? part : x.name,
      ...(beside ? { [facet]: x.name } : {}),
      [`${length}1`]: { value: bounds.lo, label: measure!.title },
      [`${length}2`]: { value: bounds.hi, label: measure!.title },
      stroke: TEXT_COLOR,
      strokeWidth: 1.5,
      marker: "tick",
    },
  }];
  // A label beside long ones has no room.
  const placeScale = { domain: labels, label: horizontal ? null : x.title };
  const margin = Math.min(MARGIN_MAX, Math.max(40, x.lengthMax * CHARACTER_WIDTH + 16));
  return {
    [length]: several ? { label: null, grid: true } : scaleOf(measure!, { grid: true }),
    ...(beside ? { [facet]: placeScale, [place]: { axis: null, domain: names } } : { [place]: placeScale }),
    ...(part === undefined ? {} : colorsOf(names, series?.title ?? "")),
    ...(horizontal ? (beside ? { marginRight: margin } : { marginLeft: margin }) : {}),
    marks: [
      { mark: horizontal ? "barX" : "barY", data, options: bar },
      ...errors,
      { mark: horizontal ? "ruleX" : "ruleY", data: [0] },
    ],
  };
}

/** More points are drawn small and see-through. */
const CLOUD_COUNT_MIN = 2000;

function scatterPlot(
  { x, y, series }: Extract<ChartShape, { readonly kind: "scatter" }>,
  { parts }: PresentedChart,
  count: number,
): { readonly marks: readonly PlotMark[] } & JsonObject {
  const cloud = count >= CLOUD_COUNT_MIN;
  return {
    x: scaleOf(x, { grid: true }),
    y: scaleOf(y, { grid: true }),
    ...(series === undefined ? {} : colorsOf(parts, series.title)),
    marks: [{
      mark: "dot",
      data: ROWS,
      options: {
        x: labelled(x),
        y: labelled(y),
        fill: series === undefined ? CATEGORY_COLORS[0]! : labelled(series),
        r: cloud ? 1.5 : 3.5,
        fillOpacity: cloud ? 0.4 : 0.75,
        tip: true,
      },
    }],
  };
}

/** Colours in steps: their legend draws without a canvas, so on a server too. */
function heatPlot(
  { x, y, value }: Extract<ChartShape, { readonly kind: "heatMap" }>,
  rows: readonly ChartRow[],
): { readonly marks: readonly PlotMark[] } & JsonObject {
  return {
    x: { domain: labelsOf(x, rows), label: x.title, ...(x.lengthMax > 5 ? { tickRotate: -40 } : {}) },
    y: { domain: labelsOf(y, rows), label: y.title },
    marginLeft: Math.min(MARGIN_MAX, Math.max(40, y.lengthMax * CHARACTER_WIDTH + 16)),
    marginBottom: x.lengthMax > 5 ? 80 : 40,
    color: { type: "quantize", n: 7, scheme: "viridis", legend: true, label: value.title },
    marks: [{
      mark: "cell",
      data: ROWS,
      options: { x: labelled(x), y: labelled(y), fill: labelled(value), inset: 0.5, tip: true },
    }],
  };
}
