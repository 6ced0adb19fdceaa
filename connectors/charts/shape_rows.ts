/**
 * Rows as a chart of a known shape draws them.
 *
 * Times move to the wall clock of the zone, numbers that came as text become doubles, categories become labels,
 * bounds get columns of their own; lines are in the order of their x. Linear, and O(n log n) where rows have to be
 * sorted.
 *
 * @module
 */
import type { ChartColumn, ChartRow } from "./chart_kind.ts";
import { MISSING, timeLabel } from "./chart_text.ts";
import type { ChartShape } from "./chart_shape.ts";
import { flattenBounds, isNumber, type RoledColumn } from "./column_role.ts";
import { applyRowChange, compareValues, type RowChange, type RowPlacement } from "./live_rows.ts";
import { numberOf } from "./number_format.ts";
import { epochMs, isoText, wallClock } from "./wall_time.ts";

/** What is kept of a presented chart so that changes can be applied to it; plain JSON. */
export interface PresentedChart {
  readonly shape: ChartShape;
  /** Columns of the result. */
  readonly source: readonly ChartColumn[];
  /** Columns of the chart. */
  readonly columns: readonly RoledColumn[];
  readonly timeZone: string;
  readonly locale: string;
  readonly title: string;
  /** CSS pixels that a table may fill. */
  readonly height: number;
  /** Values of the category whose parts are drawn apart, in the order of their colours: it only ever grows. */
  readonly parts: readonly string[];
  /** Where rows that come stand. */
  readonly placement: RowPlacement;
}

/** Rows of a result as rows of the chart, in the order in which they came. */
export function shapeRows(
  chart: Pick<PresentedChart, "shape" | "source" | "columns" | "timeZone">,
  rows: readonly ChartRow[],
): ChartRow[] {
  const { shape } = chart;
  const readers = chart.columns.map((column) => {
    const read = readerOf(column, chart.timeZone);
    // The axes of a heat map are labels, of times too.
    return shape.kind === "heatMap" && column.role === "time"
      ? { name: column.name, read: (value: unknown) => timeLabel(read(value), column.granularity ?? "day") }
      : { name: column.name, read };
  });
  return flattenBounds(chart.source, rows).rows.map((row) =>
    Object.fromEntries(readers.map(({ name, read }) => [name, read(row[name])]))
  );
}

function readerOf({ role, type }: RoledColumn, timeZone: string): (value: unknown) => unknown {
  if (role === "time") {
    const wall = wallClock(type.kind === "timestamptz" ? timeZone : "UTC");
    return (value) => {
      const ms = epochMs(value);
      return Number.isNaN(ms) ? null : isoText(wall(ms));
    };
  }
  if (role === "measure" || role === "bound") {
    return (value) => {
      const number = numberOf(value);
      return number === undefined || !Number.isFinite(number) ? null : number;
    };
  }
  if (isNumber(type.kind) && role === "text") return (value) => numberOf(value) ?? null;
  return (value) => value === null || value === undefined ? MISSING : labelOf(value);
}

function labelOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The rows of the chart after a change of the result, or with other rows of the result. */
export function updatedRows(
  chart: PresentedChart,
  current: readonly ChartRow[],
  update: RowChange | readonly ChartRow[],
): ChartRow[] {
  if (isRows(update)) return orderedRows(chart, shapeRows(chart, update));
  const change = {
    snapshot: update.snapshot ?? false,
    inserted: shapeRows(chart, update.inserted),
    deleted: shapeRows(chart, update.deleted),
  };
  return applyRowChange(current, change, chart.placement);
}

/** True for rows, false for a change. */
export function isRows(update: RowChange | readonly ChartRow[]): update is readonly ChartRow[] {
  return Array.isArray(update);
}

/** In the order that the chart needs, if any. */
export function orderedRows({ placement }: PresentedChart, rows: readonly ChartRow[]): ChartRow[] {
  return applyRowChange([], { snapshot: true, inserted: rows, deleted: [] }, placement);
}

/** Where rows of a shape belong: lines along x, bars by size where they came so, in place otherwise. */
export function placementOf(shape: ChartShape, rows: readonly ChartRow[]): RowPlacement {
  if (shape.kind === "line") return { orderBy: [{ column: shape.x.name }] };
  if (shape.kind === "bar") {
    const column = shape.ys[0]!.name;
    for (const descending of [true, false]) {
      if (shape.series === undefined && isSorted(rows, column, descending)) {
        return { orderBy: [{ column, descending }] };
      }
    }
    return { key: [shape.x.name, ...(shape.series === undefined ? [] : [shape.series.name])] };
  }
  return shape.kind === "heatMap" ? { key: [shape.x.name, shape.y.name] } : {};
}

/** Rows that show an order: with fewer than three it may be chance. */
const SORTED_COUNT_MIN = 3;

function isSorted(rows: readonly ChartRow[], column: string, descending: boolean): boolean {
  if (rows.length < SORTED_COUNT_MIN) return false;
  const sign = descending ? -1 : 1;
  return rows.every((row, i) => i === 0 || sign * compareValues(rows[i - 1]![column], row[column]) <= 0);
}

/** The labels of the category whose parts are drawn apart: those known before, then new ones. */
export function partLabels(
  shape: ChartShape,
  rows: readonly ChartRow[],
  known: readonly string[] = [],
): string[] {
  const { series }: { readonly series?: RoledColumn } = "series" in shape ? shape : {};
  return series === undefined ? [] : [...new Set([...known, ...labelsOf(series, rows)])];
}

/** Labels of a category in the order in which they come: numbers that count and times rise. */
export function labelsOf(column: RoledColumn, rows: readonly ChartRow[]): string[] {
  const labels = [...new Set(rows.map((row) => String(row[column.name] ?? MISSING)))];
  return column.ordinal === true || column.role === "time"
    ? labels.sort((a, b) => compareValues(numberOf(a) ?? a, numberOf(b) ?? b))
    : labels;
}
