/**
 * A series of the option, and what becomes of it when there are rows.
 *
 * @module
 */
import type { ChartRow } from "../charts/chart_kind.ts";
import { MISSING } from "../charts/chart_text.ts";
import type { SpecObject } from "../charts/json_spec.ts";
import type { JsonObject } from "./option_json.ts";
import type { SeriesEncode } from "./series_encode.ts";
import { treeRows } from "./tree_rows.ts";

/** See the module header. */
export interface SeriesPlan {
  /** As written, without what the compiler has used up. */
  readonly series: SpecObject;
  /** The dataset with its rows; absent when its data stand in the option. */
  readonly datasetId?: string;
  readonly encode?: SeriesEncode;
  /** Of a treemap or sunburst. */
  readonly tree?: { readonly path: readonly string[]; readonly value: string };
}

/** The series, one for each part when it is split, and the datasets of the parts. */
export function filledSeries(
  { series, datasetId, encode, tree }: SeriesPlan,
  rows: readonly ChartRow[],
): { readonly series: readonly JsonObject[]; readonly datasets: readonly JsonObject[] } {
  if (datasetId === undefined) return { series: [series], datasets: [] };
  if (tree !== undefined) {
    const { encode: _, ...rest } = series;
    return { series: [{ ...rest, data: treeRows(rows, tree.path, tree.value) }], datasets: [] };
  }
  if (encode === undefined) return { series: [{ ...series, datasetId }], datasets: [] };
  const { path: _, ...channels } = encode.channels;
  const filled = { ...series, encode: channels };
  const { split } = encode;
  if (split === undefined) return { series: [{ ...filled, datasetId }], datasets: [] };
  const values = [...new Set(rows.map((row) => row[split] ?? null))];
  const parts = values.map((value) => ({ value, id: `${datasetId}: ${split} ${String(value)}` }));
  return {
    series: parts.map(({ value, id }) => ({
      ...filled,
      id: `${String(series["id"] ?? series["type"])} ${id}`,
      name: value === null ? MISSING : String(value),
      datasetId: id,
    })),
    datasets: parts.map(({ value, id }) => ({
      id,
      fromDatasetId: datasetId,
      transform: { type: "filter", config: { dimension: split, "=": value } },
    })),
  };
}
