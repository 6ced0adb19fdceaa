/**
 * Observable Plot: specs as JSON become queries, results become specs, specs become options of `Plot.plot`. Plot
 * itself is the page's; nothing here imports it.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type {
  ChartColumn,
  ChartKind,
  ChartRow,
  PresentOptions,
  UnsupportedPart,
} from "../charts/chart_kind.ts";
import { applyRowChange, type RowChange } from "../charts/live_rows.ts";
import { isRows } from "../charts/shape_rows.ts";
import { wallRows } from "../charts/wall_rows.ts";
import { compilePlot } from "./compile_plot.ts";
import { mosaicFromPlot } from "./mosaic_spec.ts";
import { type PlotLibrary, plotOptions } from "./plot_from_json.ts";
import type { JsonObject, PlotSpec } from "./plot_json.ts";
import { presentPlot, updatedPlot } from "./present_plot.ts";

export type { JsonObject, PlotLiveMark, PlotMark, PlotRowsMark, PlotSpec } from "./plot_json.ts";
export type { PlotLibrary } from "./plot_from_json.ts";
export type { RowChange } from "../charts/live_rows.ts";

/** Observable Plot as a kind of chart, for `/v1/charts/observable-plot`. */
export const observablePlot: ChartKind = {
  name: "observable-plot",
  compile: compilePlot,
  present: presentPlot,
};

/** A ready spec for a result, with its rows. */
export function plotSpec(
  columns: readonly ChartColumn[],
  rows: readonly ChartRow[],
  options: PresentOptions = {},
): PlotSpec {
  return presentPlot(columns, rows, options);
}

/**
 * The options of `Plot.plot` from a spec with rows: `Plot.plot(plotFromJson(spec, Plot))`.
 *
 * @throws {QueryError} `unsupported` for a mark that is not Plot's, `invalid-parameter` when rows are missing
 */
export function plotFromJson(spec: PlotSpec, Plot: PlotLibrary): Record<string, unknown> {
  return plotOptions(spec, Plot);
}

/**
 * The spec after rows came and went, or with other rows; draw it anew.
 *
 * @param name which rows of a compiled spec; the first ones by default
 * @throws {QueryError} `invalid-parameter` when the spec has no such rows
 */
export function plotAfter(spec: PlotSpec, update: RowChange | readonly ChartRow[], name?: string): PlotSpec {
  const presented = spec.liveview?.presented;
  if (presented !== undefined) return updatedPlot(spec, presented, update);
  const datasets = spec.liveview?.datasets ?? {};
  const wanted = name ?? Object.keys(datasets)[0];
  const mark = wanted !== undefined && Object.hasOwn(datasets, wanted) ? datasets[wanted] : undefined;
  if (wanted === undefined || mark === undefined) {
    throw new QueryError("invalid-parameter", `The spec has no rows ${JSON.stringify(name ?? 0)}`, {
      details: { data: name },
      hint: `rows are ${Object.keys(datasets).join(", ") || "none"}`,
    });
  }
  const moved = (rows: readonly ChartRow[]) => wallRows(rows, mark.instants, mark.timeZone);
  const current = spec.data?.[wanted];
  const next = isRows(update) ? moved(update) : applyRowChange(
    // Compiled specs hold rows as objects.
    Array.isArray(current) ? current as readonly ChartRow[] : [],
    { snapshot: update.snapshot ?? false, inserted: moved(update.inserted), deleted: moved(update.deleted) },
    { orderBy: mark.orderBy },
  );
  return { ...spec, data: { ...spec.data, [wanted]: next } };
}

/** The spec in the form of mosaic-spec, and the parts that it has no form for. */
export function mosaicSpec(
  spec: PlotSpec,
): { readonly spec: JsonObject; readonly unsupported: readonly UnsupportedPart[] } {
  return mosaicFromPlot(spec);
}
