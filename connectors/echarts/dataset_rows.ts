/**
 * Rows of a query as rows of a dataset in a compiled option.
 *
 * @module
 */
import type { ChartRow } from "../charts/chart_kind.ts";
import { timeLabel } from "../charts/chart_text.ts";
import { isNumber } from "../charts/column_role.ts";
import { columnTitle } from "../charts/column_title.ts";
import type { PipelineColumn } from "../charts/query_pipeline.ts";
import { TIME_UNITS } from "../charts/time_cut.ts";
import { wallRows } from "../charts/wall_rows.ts";
import type { TimeGranularity } from "../charts/wall_time.ts";
import type { DatasetMark, DimensionJson } from "./option_json.ts";

/** What is known of the columns of a dataset; `labels` are those that stand on a category axis. */
export function columnMark(
  columns: readonly PipelineColumn[],
  { labels, timeZone, orderBy }: Pick<DatasetMark, "timeZone" | "orderBy"> & {
    readonly labels: ReadonlySet<string>;
  },
): DatasetMark {
  return {
    instants: columns.filter(({ type }) => type?.kind === "timestamptz").map(({ name }) => name),
    labels: columns.filter((column) => isTime(column) && labels.has(column.name)).map((column) => ({
      name: column.name,
      unit: labelUnit(column),
    })),
    timeZone,
    orderBy,
  };
}

function isTime({ type }: PipelineColumn): boolean {
  return type?.kind === "date" || type?.kind === "timestamp" || type?.kind === "timestamptz";
}

/** A column as ECharts describes it. */
export function dimensionOf(column: PipelineColumn): DimensionJson {
  const { name, type } = column;
  const known = type === undefined
    ? undefined
    : isTime(column)
    ? "time"
    : isNumber(type.kind)
    ? "number"
    : "ordinal";
  return { name, displayName: displayName(name), ...(known === undefined ? {} : { type: known }) };
}

/** `sum(o_totalprice)` is "Sum of total price", `month(o_orderdate)` is "Order date". */
function displayName(name: string): string {
  const found = /^(\w+)\((?:distinct )?"?([^()"]*)"?\)$/i.exec(name);
  if (found === null) return /^\w+$/.test(name) ? columnTitle(name) : name;
  const [, call, column] = found;
  if (column === "" || column === "*") return columnTitle(call!);
  const title = columnTitle(column!);
  if (TIME_UNITS.some((unit) => unit === call!.toLowerCase())) return title;
  return `${columnTitle(call!)} of ${title.charAt(0).toLowerCase()}${title.slice(1)}`;
}

/** Moves instants to the wall time that the option shows, and writes times on category axes as labels. */
export function datasetRows(rows: readonly ChartRow[], mark: DatasetMark | undefined): readonly ChartRow[] {
  if (mark === undefined) return rows;
  const moved = wallRows(rows, mark.instants, mark.timeZone);
  if (mark.labels.length === 0) return moved;
  return moved.map((row) => ({
    ...row,
    ...Object.fromEntries(mark.labels.map(({ name, unit }) => [name, timeLabel(row[name], unit)])),
  }));
}

/** The unit in the name of the column, `month(day)`; otherwise that of its type. */
function labelUnit({ name, type }: PipelineColumn): TimeGranularity {
  const call = /^(\w+)\(/.exec(name)?.[1]?.toLowerCase();
  return TIME_UNITS.find((unit) => unit === call) ?? (type?.kind === "date" ? "day" : "second");
}
