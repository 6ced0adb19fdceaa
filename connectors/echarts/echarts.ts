/**
 * Apache ECharts: options with `dataset` and `encode` become queries, results become options, changes become
 * patches for `setOption`. ECharts itself is the page's; nothing here imports it.
 *
 * @module
 */
import type { ChartColumn, ChartKind, ChartRow, PresentOptions } from "../charts/chart_kind.ts";
import type { RowChange } from "../charts/live_rows.ts";
import type { OptionJson } from "./option_json.ts";
import { optionPatch, patchedOption } from "./option_patch.ts";
import { formattedOption } from "./page_format.ts";
import { presentOption } from "./present_option.ts";
import { compileOption } from "./compile_option.ts";

export type { DatasetMark, LiveMark, OptionJson } from "./option_json.ts";
export type { RowChange } from "../charts/live_rows.ts";

/** ECharts as a kind of chart, for `/v1/charts/echarts`. */
export const echarts: ChartKind = { name: "echarts", compile: compileOption, present: presentOption };

/** A ready option for a result, with its rows. JSON without functions. */
export function echartsOption(
  columns: readonly ChartColumn[],
  rows: readonly ChartRow[],
  options: PresentOptions = {},
): OptionJson {
  return presentOption(columns, rows, options);
}

/**
 * What `setOption` needs when the rows of a dataset change: rows of the result, or what came and went.
 *
 * @param datasetId which dataset; the first one by default
 * @throws {QueryError} `invalid-parameter` when the option has no such dataset
 */
export function echartsPatch(
  option: OptionJson,
  update: RowChange | readonly ChartRow[],
  datasetId?: string,
): OptionJson {
  return optionPatch(option, update, datasetId);
}

/** The option with functions that write numbers, percentages and currencies: for a page, since they do not travel. */
export function withFormatters(option: OptionJson): OptionJson {
  return formattedOption(option);
}

/** The option after a patch, from which the next one is made. */
export function withPatch(option: OptionJson, patch: OptionJson): OptionJson {
  return patchedOption(option, patch);
}
