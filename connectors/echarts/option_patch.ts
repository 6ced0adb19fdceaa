/**
 * What a change of the rows means for an option that is drawn: the least that `setOption` needs.
 *
 * The patch has the rows of one dataset, and of the other components those that differ now: the labels of an axis
 * when a category came, a series for it, the text of a big number. Components go by id, so ECharts moves what was
 * there to its new place. O(rows).
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { ChartRow } from "../charts/chart_kind.ts";
import { isObject } from "../charts/json_spec.ts";
import { applyRowChange, type RowChange } from "../charts/live_rows.ts";
import { isRows, partLabels, updatedRows } from "../charts/shape_rows.ts";
import { datasetRows } from "./dataset_rows.ts";
import type { DatasetMark, JsonObject, OptionJson } from "./option_json.ts";
import { ROWS_ID } from "./option_json.ts";
import { chartOption } from "./present_option.ts";
import { splitSeries, treeSeries, valuesOf } from "./series_plan.ts";

/** The patch for new rows, or for a change, of the dataset `id`; by default of the first one. */
export function optionPatch(
  option: OptionJson,
  update: RowChange | readonly ChartRow[],
  id?: string,
): OptionJson {
  const dataset = datasetWith(option, id);
  const current = rowsOf(dataset);
  const presented = option.liveview?.presented;
  if (presented !== undefined && dataset["id"] === ROWS_ID) {
    const before = chartOption(presented, current);
    const rows = updatedRows(presented, current, update);
    const next = { ...presented, parts: partLabels(presented.shape, rows, presented.parts) };
    return differences(before, chartOption(next, rows));
  }
  const name = String(dataset["id"]);
  const mark = option.liveview?.datasets?.[name];
  const place = { orderBy: mark?.orderBy ?? [] };
  const source = isRows(update) ? datasetRows(update, mark) : applyRowChange(current, {
    snapshot: update.snapshot ?? false,
    inserted: datasetRows(update.inserted, mark),
    deleted: datasetRows(update.deleted, mark),
  }, place);
  return { dataset: [{ id: name, source }], ...seriesPatch(name, source, mark, option) };
}

/** Trees of the rows, and series for values that are new. */
function seriesPatch(
  id: string,
  source: readonly ChartRow[],
  mark: DatasetMark | undefined,
  option: OptionJson,
): OptionJson {
  const trees = (mark?.trees ?? []).map((tree) => treeSeries(tree, source));
  const known = new Set((option.dataset ?? []).map((dataset) => dataset["id"]));
  const parts = (mark?.splits ?? []).map((split) => splitSeries(split, id, valuesOf(split, source)));
  const datasets = parts.flatMap((part) => part.datasets).filter((dataset) => !known.has(dataset["id"]));
  const added = new Set(datasets.map((dataset) => dataset["id"]));
  const series = parts.flatMap((part) => part.series).filter(({ datasetId }) => added.has(datasetId));
  return {
    ...(datasets.length === 0 ? {} : { dataset: [{ id, source }, ...datasets] }),
    ...(trees.length + series.length === 0 ? {} : { series: [...trees, ...series] }),
  };
}

/** The option after a patch: what the next patch is made from. */
export function patchedOption(option: OptionJson, patch: OptionJson): OptionJson {
  const parts = Object.entries(patch).map(([key, part]) => [key, mergedPart(option[key], part)]);
  return { ...option, ...Object.fromEntries(parts) };
}

/** Components by id: those of the patch change, or join, those that are there. */
function mergedPart(before: unknown, part: unknown): unknown {
  if (!isObjects(part) || !Array.isArray(before)) return part;
  const components = before.filter(isObject);
  const known = new Set(components.map(({ id }) => id));
  return [
    ...components.map((component) => ({ ...component, ...part.find(({ id }) => id === component["id"]) })),
    ...part.filter(({ id }) => !known.has(id)),
  ];
}

function isObjects(value: unknown): value is readonly JsonObject[] {
  return Array.isArray(value) &&
    value.every((item) => typeof item === "object" && item !== null && "id" in item);
}

function datasetWith(option: OptionJson, id: string | undefined): JsonObject {
  const datasets = option.dataset ?? [];
  const found = id === undefined ? datasets[0] : datasets.find((dataset) => dataset["id"] === id);
  if (found !== undefined) return found;
  throw new QueryError("invalid-parameter", `The option has no dataset ${JSON.stringify(id ?? 0)}`, {
    details: { dataset: id },
    hint: `its datasets are ${datasets.map((dataset) => String(dataset["id"])).join(", ") || "none"}`,
  });
}

function rowsOf({ source }: JsonObject): readonly ChartRow[] {
  // Options of this connector hold rows as objects.
  return Array.isArray(source) ? source as readonly ChartRow[] : [];
}

/** Components of `after` that differ from those of `before`; the rows always. */
function differences(before: OptionJson, after: OptionJson): OptionJson {
  const parts = Object.entries(after).flatMap(([key, part]): [string, unknown][] => {
    const old = before[key];
    if (!isObjects(part) || !isObjects(old)) return same(part, old) ? [] : [[key, part]];
    const changed = part.filter((component) => {
      const twin = old.find(({ id }) => id === component["id"]);
      return twin === undefined || component["id"] === ROWS_ID || !same(component, twin);
    });
    const smaller = changed.map((component) => changedFields(old, component));
    return smaller.length === 0 ? [] : [[key, smaller]];
  });
  return Object.fromEntries(parts);
}

/** A component of which `before` knows an older state: its id and the fields that differ. */
function changedFields(before: readonly JsonObject[], component: JsonObject): JsonObject {
  const twin = before.find(({ id }) => id === component["id"]);
  if (twin === undefined) return component;
  const fields = Object.entries(component).filter(([key, value]) =>
    key === "id" || key === "source" || !same(value, twin[key])
  );
  return Object.fromEntries(fields);
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
