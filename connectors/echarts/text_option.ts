/**
 * Results that are read, not seen: big numbers as titles, tables as ECharts' matrix.
 *
 * Numbers are written here, in the locale, for ECharts has no template for them.
 *
 * @module
 */
import type { ChartRow } from "../charts/chart_kind.ts";
import { LINE_COLOR, TEXT_COLOR } from "../charts/chart_palette.ts";
import { cellText } from "../charts/cell_text.ts";
import { numberText } from "../charts/chart_text.ts";
import type { RoledColumn } from "../charts/column_role.ts";
import type { PresentedChart } from "../charts/shape_rows.ts";
import type { JsonObject } from "./option_json.ts";

/** A row with its text and what stands around the table, in CSS pixels; lower rows would lose their text. */
const ROW_HEIGHT = 24;
const FRAME_HEIGHT = 72;
const TABLE_COLUMN_COUNT_MAX = 12;

/** Each measure of the first row, with its name below. */
export function bigNumberOption(
  { locale }: PresentedChart,
  measures: readonly RoledColumn[],
  rows: readonly ChartRow[],
): JsonObject {
  const [row = {}] = rows;
  return {
    title: measures.map(({ name, title, format, bounds }, i) => {
      const text = numberText(format, locale);
      const range = bounds === undefined ? "" : ` (${text(row[bounds.lo])} to ${text(row[bounds.hi])})`;
      return {
        id: `number:${name}`,
        text: text(row[name]),
        subtext: `${title}${range}`,
        left: `${((i + 0.5) / measures.length) * 100}%`,
        top: "middle",
        textAlign: "center",
        textStyle: { fontSize: 40, fontWeight: 600, color: TEXT_COLOR },
        subtextStyle: { fontSize: 14, color: TEXT_COLOR },
      };
    }),
    series: [],
  };
}

/** The first rows that fit, as text; the title says how many there are. */
export function tableOption(
  { title, columns, locale, height }: PresentedChart,
  rows: readonly ChartRow[],
): JsonObject {
  const shown = columns.slice(0, TABLE_COLUMN_COUNT_MAX);
  const count = Math.min(rows.length, Math.max(1, Math.floor((height - FRAME_HEIGHT) / ROW_HEIGHT)));
  const texts = shown.map((column) => cellText(column, locale));
  const more = count < rows.length ? ` (first ${count} of ${rows.length} rows)` : "";
  return {
    title: [{
      id: "title",
      text: `${title}${more}`,
      left: 8,
      top: 6,
      textStyle: { fontSize: 15, fontWeight: 600, color: TEXT_COLOR },
    }],
    matrix: [{
      id: "table",
      left: 8,
      right: 8,
      top: 40,
      bottom: 8,
      x: { data: shown.map((column) => column.title), label: { color: TEXT_COLOR, fontWeight: 600 } },
      y: { show: false, data: Array.from({ length: Math.max(count, 1) }, (_, i) => String(i + 1)) },
      body: {
        label: { color: TEXT_COLOR },
        itemStyle: { borderColor: LINE_COLOR },
        data: rows.slice(0, count).flatMap((row, y) =>
          shown.map((column, x) => ({ coord: [x, y], value: texts[x]!(row[column.name]) }))
        ),
      },
      backgroundStyle: { borderColor: LINE_COLOR },
    }],
    series: [],
  };
}
