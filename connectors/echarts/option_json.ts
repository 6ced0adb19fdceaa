/**
 * ECharts options as plain JSON: what travels, without functions.
 *
 * Only the parts that this connector writes or reads have a shape here; `EChartsOption` of the library takes them
 * as they are.
 *
 * @module
 */
import type { ChartRow } from "../charts/chart_kind.ts";
import type { PresentedChart } from "../charts/shape_rows.ts";
import type { TimeGranularity } from "../charts/wall_time.ts";

/** Any JSON object of an option. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A dataset with rows. */
export interface DatasetJson extends JsonObject {
  /** Name of the rows: what a patch refers to. */
  readonly id: string;
  readonly dimensions?: readonly DimensionJson[];
  readonly source?: readonly ChartRow[];
}

/** A column of a dataset. */
export interface DimensionJson extends JsonObject {
  readonly name: string;
  readonly displayName?: string;
  readonly type?: "number" | "time" | "ordinal";
}

/** An option. */
export interface OptionJson extends JsonObject {
  readonly dataset?: readonly JsonObject[];
  /** What patches need to know; ECharts leaves it alone. */
  readonly liveview?: LiveMark;
}

/** See {@linkcode OptionJson.liveview}. */
export interface LiveMark {
  /** The chart, when it was made from a result. */
  readonly presented?: PresentedChart;
  /** Datasets of a compiled spec, by id. */
  readonly datasets?: Readonly<Record<string, DatasetMark>>;
}

/** What is known of a dataset of a compiled spec. */
export interface DatasetMark {
  /** Columns whose instants are moved to the wall time of `timeZone`. */
  readonly instants: readonly string[];
  /** Times that stand on a category axis, as labels. */
  readonly labels: readonly { readonly name: string; readonly unit: TimeGranularity }[];
  readonly timeZone: string;
  /** The order of its rows. */
  readonly orderBy: readonly { readonly column: string; readonly descending?: boolean }[];
  /** Series that are drawn from a tree of the rows. */
  readonly trees?: readonly TreeMark[];
  /** Series that are one for each value of a column. */
  readonly splits?: readonly SplitMark[];
}

/** A treemap or sunburst. */
export interface TreeMark {
  /** Id of the series. */
  readonly id: string;
  /** Columns of its levels, and of its values. */
  readonly path: readonly string[];
  readonly value: string;
}

/** A series for each value of `column`. */
export interface SplitMark {
  readonly column: string;
  /** What the series have in common. */
  readonly series: JsonObject;
}

/** Id of the rows in an option made by `present`. */
export const ROWS_ID = "rows";
