/**
 * A series of the option, and what becomes of it when there are rows.
 *
 * @module
 */
import type { ChartRow } from "../charts/chart_kind.ts";
import { MISSING } from "../charts/chart_text.ts";
import type { SpecObject } from "../charts/json_spec.ts";
import type { JsonObject, SplitMark, TreeMark } from "./option_json.ts";
import type { SeriesEncode } from "./series_encode.ts";
import { treeRows } from "./tree_rows.ts";

/** See the module header. */
export interface SeriesPlan {
  /** Its place among the series. */
  readonly index: number;
  /** As written, without what the compiler has used up. */
  readonly series: SpecObject;
  /** The dataset with its rows; absent when its data stand in the option. */
  readonly datasetId?: string;
  readonly encode?: SeriesEncode;
  /** Of a treemap or sunburst. */
  readonly tree?: { readonly path: readonly string[]; readonly value: string };
}

/** The series, one for each part when it is split, and the datasets of the parts. */
export function filledSeries(plan: SeriesPlan, rows: readonly ChartRow[]): SeriesParts {
  const { series, datasetId, encode } = plan;
  if (datasetId === undefined) return { series: [series], datasets: [] };
  const tree = treeMark(plan);
  if (tree !== undefined) {
    return { series: [{ ...withoutEncode(series), ...treeSeries(tree, rows) }], datasets: [] };
  }
  if (encode === undefined) return { series: [{ ...series, datasetId }], datasets: [] };
  const split = splitMark(plan);
  if (split !== undefined) return splitSeries(split, datasetId, valuesOf(split, rows));
  return { series: [{ ...series, encode: channelsOf(encode), datasetId }], datasets: [] };
}

/** Series, and the datasets that they read. */
export interface SeriesParts {
  readonly series: readonly JsonObject[];
  readonly datasets: readonly JsonObject[];
}

/** What a patch needs to know of a tree. */
export function treeMark({ series, tree, index }: SeriesPlan): TreeMark | undefined {
  return tree === undefined ? undefined : { id: idOf(series, index), ...tree };
}

/** What a patch needs to know of a split. */
export function splitMark({ series, encode, index }: SeriesPlan): SplitMark | undefined {
  if (encode?.split === undefined) return undefined;
  return { column: encode.split, series: { ...series, id: idOf(series, index), encode: channelsOf(encode) } };
}

function idOf({ id }: SpecObject, index: number): string {
  return typeof id === "string" ? id : `series ${index}`;
}

function withoutEncode({ encode: _, ...series }: SpecObject): SpecObject {
  return series;
}

function channelsOf({ channels: { path: _, ...channels } }: SeriesEncode): JsonObject {
  return channels;
}

/** The series with the tree of these rows. */
export function treeSeries({ id, path, value }: TreeMark, rows: readonly ChartRow[]): JsonObject {
  return { id, data: treeRows(rows, path, value) };
}

/** The values of the column, in the order in which they come. */
export function valuesOf({ column }: SplitMark, rows: readonly ChartRow[]): readonly unknown[] {
  return [...new Set(rows.map((row) => row[column] ?? null))];
}

/** A series for each of `values`. */
export function splitSeries(
  { column, series }: SplitMark,
  datasetId: string,
  values: readonly unknown[],
): SeriesParts {
  const parts = values.map((value) => ({ value, id: `${datasetId}: ${column} ${String(value)}` }));
  return {
    series: parts.map(({ value, id }) => ({
      ...series,
      id: `${String(series["id"])} ${id}`,
      name: value === null ? MISSING : String(value),
      datasetId: id,
    })),
    datasets: parts.map(({ value, id }) => ({
      id,
      fromDatasetId: datasetId,
      transform: { type: "filter", config: { dimension: column, "=": value } },
    })),
  };
}
