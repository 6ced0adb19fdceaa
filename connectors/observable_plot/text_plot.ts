/**
 * Results that are read, not seen: big numbers and tables as text marks.
 *
 * @module
 */
import type { ChartRow } from "../charts/chart_kind.ts";
import { cellText } from "../charts/cell_text.ts";
import { numberText } from "../charts/chart_text.ts";
import type { RoledColumn } from "../charts/column_role.ts";
import type { PresentedChart } from "../charts/shape_rows.ts";
import type { JsonObject, PlotRows, PlotSpec } from "./plot_json.ts";

/** Parts of a spec, with rows of their own. */
export type TextPlot = PlotSpec & { readonly data: PlotRows } & JsonObject;

/** Each measure of the first row, with its name below. */
export function numberPlot(
  { locale }: PresentedChart,
  measures: readonly RoledColumn[],
  rows: readonly ChartRow[],
): TextPlot {
  const [row = {}] = rows;
  const numbers = measures.map(({ name, title, format, bounds }) => {
    const text = numberText(format, locale);
    const range = bounds === undefined ? "" : ` (${text(row[bounds.lo])} to ${text(row[bounds.hi])})`;
    return { title, number: text(row[name]), label: `${title}${range}` };
  });
  const place = { fx: "title", frameAnchor: "middle" };
  return {
    title: null,
    height: 160,
    fx: { axis: null, domain: numbers.map(({ title }) => title) },
    data: { numbers },
    marks: [
      { mark: "text", data: "numbers", options: { ...place, text: "number", fontSize: 40, fontWeight: 600 } },
      { mark: "text", data: "numbers", options: { ...place, text: "label", fontSize: 14, dy: 38 } },
    ],
  };
}

/** A row with its text, and what stands around the table, in CSS pixels. */
const ROW_HEIGHT = 24;
const FRAME_HEIGHT = 48;
const TABLE_COLUMN_COUNT_MAX = 12;

/** The first rows that fit, as text; the title says how many there are. */
export function tablePlot(
  { title, columns, locale, height }: PresentedChart,
  rows: readonly ChartRow[],
): TextPlot {
  const shown = columns.slice(0, TABLE_COLUMN_COUNT_MAX);
  const count = Math.min(rows.length, Math.max(1, Math.floor((height - FRAME_HEIGHT) / ROW_HEIGHT)));
  const texts = shown.map((column) => cellText(column, locale));
  const cells = rows.slice(0, count).flatMap((row, index) =>
    shown.map((column, i) => ({ column: column.title, row: index, text: texts[i]!(row[column.name]) }))
  );
  return {
    title: count < rows.length ? `${title} (first ${count} of ${rows.length} rows)` : title,
    height: FRAME_HEIGHT + count * ROW_HEIGHT,
    x: { type: "band", axis: "top", label: null, domain: shown.map((column) => column.title), tickSize: 0 },
    y: { type: "band", axis: null, domain: Array.from({ length: count }, (_, i) => i) },
    data: { cells },
    marks: [{ mark: "text", data: "cells", options: { x: "column", y: "row", text: "text" } }],
  };
}
