/**
 * A Vega-Lite spec for a result: mark, types, formats, zone and titles from the roles of its columns.
 *
 * Times are moved to the wall clock of the wanted zone and drawn on a UTC scale, for Vega knows no other zones.
 * Columns with bounds get a band behind a line, or bars of error on bars and points.
 *
 * @module
 */
import { unreachable } from "../../src/base/assert.ts";
import type { ChartColumn, ChartRow, PresentOptions } from "../charts/chart_kind.ts";
import { type ChartShape, chartShape, shapeTitle } from "../charts/chart_shape.ts";
import { type RoledColumn, roledRows } from "../charts/column_role.ts";
import { epochMs, isoText, wallClock } from "../charts/wall_time.ts";
import { fieldOfColumn } from "./field_name.ts";
import { NOTES } from "./row_changeset.ts";
import type { Spec } from "./spec_shape.ts";
import { vegaLocale } from "./vega_locale.ts";

/** Name of the data set in the specs made here. */
export const RESULT_NAME = "result";
const SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json";

/** The spec; its data set is called `result`. */
export function presentSpec(
  columns: readonly ChartColumn[],
  rows: readonly ChartRow[],
  options: PresentOptions = {},
): Spec {
  const { timeZone = "UTC", locale = "en-US" } = options;
  const roled = roledRows(columns, rows, timeZone);
  const shape = chartShape(roled);
  const title = options.title ?? shapeTitle(shape);
  const language = vegaLocale(locale);
  const size = {
    ...(options.width === undefined ? {} : { width: options.width }),
    ...(options.height === undefined ? {} : { height: options.height }),
  };
  const times = roled.columns.filter(({ role }) => role === "time");
  return {
    $schema: SCHEMA,
    ...(title === "" ? {} : { title }),
    data: { name: RESULT_NAME, values: wallRows(roled.rows, times, timeZone) },
    ...viewOf(shape, size),
    ...(language === undefined ? {} : { config: { locale: language } }),
    usermeta: { [NOTES]: { [RESULT_NAME]: { times: times.map(({ name }) => name), localTimes: [] } } },
  };
}

function wallRows(
  rows: readonly ChartRow[],
  times: readonly RoledColumn[],
  timeZone: string,
): readonly ChartRow[] {
  const zoned = times.filter(({ type }) => type.kind === "timestamptz").map(({ name }) => name);
  if (zoned.length === 0 || timeZone === "UTC") return rows;
  const wall = wallClock(timeZone);
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        const ms = zoned.includes(name) ? epochMs(value) : NaN;
        return Number.isNaN(ms) ? [name, value] : [name, isoText(wall(ms))];
      }),
    )
  );
}

/** Size in pixels, where it was asked for. */
interface Size {
  readonly width?: number;
  readonly height?: number;
}

function viewOf(shape: ChartShape, size: Size): Spec {
  switch (shape.kind) {
    case "line":
      return { ...size, ...lineView(shape) };
    case "bar":
      return { ...size, ...barView(shape) };
    case "scatter":
      return { ...size, ...scatterView(shape) };
    case "heatMap":
      return {
        ...size,
        mark: { type: "rect", tooltip: true },
        encoding: { x: dimension(shape.x), y: dimension(shape.y), color: measure(shape.value, "legend") },
      };
    case "bigNumber":
      return bigNumberView(shape.measures, size);
    case "table":
      return { ...tableView(shape.columns), ...size };
    default:
      return unreachable(shape);
  }
}

/** Views of a concatenation have the size, not the whole. */
function bigNumberView(measures: readonly RoledColumn[], { width, height }: Size): Spec {
  const size = {
    ...(width === undefined ? {} : { width: width / measures.length }),
    ...(height === undefined ? {} : { height }),
  };
  const views = measures.map((column) => ({
    ...size,
    view: { stroke: null },
    mark: { type: "text", fontSize: 40, tooltip: true },
    encoding: { text: { ...measure(column, "none"), ...formatOf(column) } },
  }));
  const [first] = views;
  return views.length === 1 && first !== undefined
    ? first
    : { hconcat: views.map((view, i) => ({ title: measures[i]!.title, ...view })) };
}

/** Names of the columns that a fold makes. */
const SERIES = "__series";
const VALUE = "__value";

function lineView({ x, ys, series }: ChartShape & { readonly kind: "line" }): Spec {
  const [first] = ys;
  if (ys.length > 1) return foldedView({ type: "line", tooltip: true }, { x: position(x) }, ys);
  const y = first!;
  const color = series === undefined ? {} : { color: colorOf(series) };
  const line = { mark: { type: "line", tooltip: true }, encoding: { y: measure(y, "axis") } };
  const shared = { encoding: { x: position(x), ...color } };
  return y.bounds === undefined
    ? { ...line, encoding: { ...shared.encoding, ...line.encoding } }
    : { ...shared, layer: [{ mark: { type: "errorband" }, encoding: boundsOf(y, "y") }, line] };
}

function barView({ x, ys, series, stacked, horizontal }: ChartShape & { readonly kind: "bar" }): Spec {
  const [along, across] = horizontal ? ["y", "x"] as const : ["x", "y"] as const;
  const offset = horizontal ? "yOffset" : "xOffset";
  const category = dimension(x);
  if (ys.length > 1) {
    return foldedView(
      { type: "bar", tooltip: true },
      { [along]: category, [offset]: { field: SERIES } },
      ys,
      across,
    );
  }
  const y = ys[0]!;
  const parts = series === undefined
    ? {}
    : { color: colorOf(series), ...(stacked ? {} : { [offset]: { field: fieldOfColumn(series.name) } }) };
  const bars = {
    mark: { type: "bar", tooltip: true },
    encoding: { [across]: { ...measure(y, "axis"), ...(stacked ? { stack: "zero" } : {}) } },
  };
  if (y.bounds === undefined || stacked) {
    return { ...bars, encoding: { [along]: category, ...bars.encoding, ...parts } };
  }
  return {
    encoding: {
      [along]: category,
      ...(series === undefined ? {} : { [offset]: { field: fieldOfColumn(series.name) } }),
    },
    layer: [
      {
        ...bars,
        encoding: { ...bars.encoding, ...(series === undefined ? {} : { color: colorOf(series) }) },
      },
      { mark: { type: "errorbar", ticks: true }, encoding: boundsOf(y, across) },
    ],
  };
}

function scatterView({ x, y, series }: ChartShape & { readonly kind: "scatter" }): Spec {
  const color = series === undefined ? {} : { color: colorOf(series) };
  const points = { mark: { type: "point", tooltip: true }, encoding: { y: measure(y, "axis") } };
  const shared = { x: position(x), ...color };
  return y.bounds === undefined
    ? { ...points, encoding: { ...shared, ...points.encoding } }
    : { encoding: shared, layer: [{ mark: { type: "errorbar" }, encoding: boundsOf(y, "y") }, points] };
}

/** Several measures of one unit: their names become a column. */
function foldedView(mark: Spec, encoding: Spec, ys: readonly RoledColumn[], across = "y"): Spec {
  const titles = Object.fromEntries(ys.map(({ name, title }) => [name, title]));
  const [first] = ys;
  return {
    transform: [{ fold: ys.map(({ name }) => fieldOfColumn(name)), as: [SERIES, VALUE] }],
    mark,
    encoding: {
      ...encoding,
      [across]: { ...measure(first!, "axis"), field: VALUE, title: null },
      color: {
        field: SERIES,
        type: "nominal",
        title: null,
        scale: { domain: ys.map(({ name }) => name) },
        legend: { labelExpr: `${JSON.stringify(titles)}[datum.label] || datum.label` },
      },
    },
  };
}

function tableView(columns: readonly RoledColumn[]): Spec {
  const names = columns.map(({ name }) => name);
  const titles = Object.fromEntries(columns.map(({ name, title }) => [name, title]));
  return {
    transform: [
      { window: [{ op: "row_number", as: "__row" }] },
      { fold: names.map(fieldOfColumn), as: [SERIES, VALUE] },
    ],
    width: { step: 120 },
    height: { step: 20 },
    view: { stroke: null },
    mark: { type: "text", limit: 116 },
    encoding: {
      x: {
        field: SERIES,
        type: "nominal",
        title: null,
        sort: names,
        axis: {
          orient: "top",
          domain: false,
          ticks: false,
          labelAngle: 0,
          labelExpr: `${JSON.stringify(titles)}[datum.label] || datum.label`,
        },
      },
      y: { field: "__row", type: "ordinal", axis: null },
      text: { field: VALUE, type: "nominal" },
    },
  };
}

/** A column along an axis of points or lines. */
function position(column: RoledColumn): Spec {
  switch (column.role) {
    case "time":
      return {
        field: fieldOfColumn(column.name),
        type: "temporal",
        title: column.title,
        scale: { type: "utc" },
      };
    case "measure":
      return { ...measure(column, "axis"), scale: { zero: false } };
    default:
      return dimension(column);
  }
}

/** A column whose values stand side by side, in the order of the rows. */
function dimension(column: RoledColumn): Spec {
  const base = { field: fieldOfColumn(column.name), title: column.title };
  if (column.role === "time") return { ...base, type: "temporal", scale: { type: "utc" } };
  return { ...base, type: column.ordinal === true ? "ordinal" : "nominal", sort: null };
}

function colorOf(column: RoledColumn): Spec {
  return {
    field: fieldOfColumn(column.name),
    type: column.ordinal === true ? "ordinal" : "nominal",
    title: column.title,
  };
}

function measure(column: RoledColumn, guide: "axis" | "legend" | "none"): Spec {
  const { suffix = "" } = column.format ?? {};
  const labels = {
    ...formatOf(column),
    ...(suffix === "" ? {} : { labelExpr: `datum.label + ${JSON.stringify(suffix)}` }),
  };
  return {
    field: fieldOfColumn(column.name),
    type: "quantitative",
    title: column.title,
    ...(guide === "none" || Object.keys(labels).length === 0 ? {} : { [guide]: labels }),
  };
}

function formatOf({ format }: RoledColumn): Spec {
  return format === undefined ? {} : { format: format.d3 };
}

/** Lower and upper bound on an axis. */
function boundsOf(column: RoledColumn, channel: "x" | "y"): Spec {
  const { lo, hi } = column.bounds ?? { lo: column.name, hi: column.name };
  return {
    [channel]: { ...measure(column, "axis"), field: fieldOfColumn(lo) },
    [`${channel}2`]: { field: fieldOfColumn(hi), title: column.title },
  };
}
