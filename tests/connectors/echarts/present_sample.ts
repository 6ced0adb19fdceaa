/**
 * A small result for each form of chart, and the options that it gives.
 *
 * @module
 */
import type { ChartColumn, ChartRow } from "../../../connectors/charts/chart_kind.ts";
import { echartsOption } from "../../../connectors/echarts/echarts.ts";
import type { OptionJson } from "../../../connectors/echarts/option_json.ts";
import { BIGINT, DATE, DOUBLE, type SqlType, TEXT, TIMESTAMPTZ } from "../../../src/storage/sql_type.ts";

const TYPES: Readonly<Record<string, SqlType>> = {
  day: DATE,
  at: TIMESTAMPTZ,
  region: TEXT,
  status: TEXT,
  revenue: DOUBLE,
  revenue_lo: DOUBLE,
  revenue_hi: DOUBLE,
  cost: DOUBLE,
  orders: BIGINT,
  share: DOUBLE,
};

/** Columns of rows by their names. */
export function sampleColumns(rows: readonly ChartRow[]): readonly ChartColumn[] {
  return Object.keys(rows[0] ?? {}).map((name) => ({ name, type: TYPES[name]! }));
}

/** The option of rows whose columns have the names above. */
export function sampleOption(rows: readonly ChartRow[]): OptionJson {
  return echartsOption(sampleColumns(rows), rows);
}

/** The ISO text of the day after `count` days of 2024. */
export function dayAfter(count: number): string {
  return new Date(Date.UTC(2024, 0, 1 + count)).toISOString().slice(0, 10);
}

function rows(count: number, row: (i: number) => ChartRow): readonly ChartRow[] {
  return Array.from({ length: count }, (_, i) => row(i));
}

/** Rows by form of chart. */
export const SAMPLES: Readonly<Record<string, readonly ChartRow[]>> = {
  line: rows(3, (i) => ({ day: dayAfter(i), revenue: 10.5 * i, cost: 4 * i })),
  lines: rows(4, (i) => ({ day: dayAfter(i >> 1), region: ["ASIA", "EUROPE"][i & 1], revenue: i })),
  band: rows(3, (i) => ({ day: dayAfter(i), revenue: i + 2, revenue_lo: i, revenue_hi: i + 3 })),
  bars: rows(3, (i) => ({ region: ["ASIA", "EUROPE", "AFRICA"][i], revenue: 9 - i })),
  lying: rows(2, (i) => ({ region: `A region with a long name ${i}`, revenue: i })),
  errors: rows(2, (i) => ({ region: `R${i}`, revenue: i + 2, revenue_lo: i, revenue_hi: i + 3 })),
  stack: rows(4, (i) => ({ region: `R${i >> 1}`, status: ["open", "paid"][i & 1], orders: i })),
  scatter: rows(4, (i) => ({ revenue: (i * 3) % 4, cost: i })),
  heat: rows(26, (i) => ({ day: dayAfter(i & 1), region: `R${i >> 1}`, revenue: i })),
  number: [{ revenue: 1234.5, orders: 7 }],
  table: [{ region: "ASIA", status: "open" }],
};
