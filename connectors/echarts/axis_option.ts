/**
 * Axes of an ECharts option.
 *
 * A time axis shows wall times as UTC with templates for each level (`{MMM}`), never finer than the column's
 * granularity. A category axis names its categories, for series of parts would each bring them in another order.
 *
 * @module
 */
import { LINE_COLOR, TEXT_COLOR } from "../charts/chart_palette.ts";
import type { RoledColumn } from "../charts/column_role.ts";
import type { TimeGranularity } from "../charts/wall_time.ts";
import type { JsonObject } from "./option_json.ts";

const DAY_MS = 86_400_000;

/** The least distance of ticks, so that daily values have no labels of hours. */
const TICK_MS: Readonly<Record<TimeGranularity, number>> = {
  year: 365 * DAY_MS,
  quarter: 90 * DAY_MS,
  month: 28 * DAY_MS,
  week: DAY_MS,
  day: DAY_MS,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
};

/** Of numbers. */
export function valueAxis(columns: readonly RoledColumn[], id: "x" | "y", zero: boolean): JsonObject {
  const [first] = columns;
  const suffix = first?.format?.suffix ?? "";
  return {
    id,
    type: "value",
    name: columns.length === 1 ? first!.title : "",
    ...(id === "x" ? { nameLocation: "middle", nameGap: 30 } : {}),
    nameTextStyle: { color: TEXT_COLOR, align: id === "x" ? "center" : "left" },
    scale: !zero,
    axisLabel: {
      color: TEXT_COLOR,
      hideOverlap: true,
      ...(suffix === "" ? {} : { formatter: `{value}${suffix}` }),
    },
    splitLine: { lineStyle: { color: LINE_COLOR } },
    axisLine: { show: false },
    axisTick: { show: false },
  };
}

/** Of times. */
export function timeAxis({ title, granularity = "day" }: RoledColumn, id: string): JsonObject {
  return {
    id,
    type: "time",
    name: title,
    nameLocation: "middle",
    nameGap: 30,
    nameTextStyle: { color: TEXT_COLOR },
    minInterval: TICK_MS[granularity],
    axisLabel: {
      color: TEXT_COLOR,
      hideOverlap: true,
      formatter: {
        year: "{yyyy}",
        month: granularity === "quarter" ? "Q{Q}" : "{MMM}",
        day: "{d} {MMM}",
        hour: "{HH}:{mm}",
        minute: "{HH}:{mm}",
        second: "{HH}:{mm}:{ss}",
        millisecond: "{HH}:{mm}:{ss}.{SSS}",
      },
    },
    axisLine: { lineStyle: { color: LINE_COLOR } },
    splitLine: { show: false },
  };
}

/** Of labels; `inverse` puts the first one on top of a lying chart. */
export function categoryAxis(
  { title }: RoledColumn,
  labels: readonly string[],
  options: { readonly id: string; readonly inverse?: boolean; readonly named?: boolean },
): JsonObject {
  return {
    id: options.id,
    type: "category",
    data: labels,
    inverse: options.inverse ?? false,
    ...(options.named === false ? {} : {
      name: title,
      nameLocation: options.inverse ? "start" : "middle",
      ...(options.inverse ? {} : { nameGap: 30 }),
      nameTextStyle: { color: TEXT_COLOR },
    }),
    axisLabel: {
      color: TEXT_COLOR,
      hideOverlap: true,
      ...(options.inverse ? { width: 160, overflow: "truncate" } : {}),
    },
    axisLine: { lineStyle: { color: LINE_COLOR } },
    axisTick: { show: false },
  };
}
