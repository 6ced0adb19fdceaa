import { after, before, describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { echarts } from "../../../connectors/echarts/echarts.ts";
import type { OptionJson } from "../../../connectors/echarts/option_json.ts";
import { type ChartDatabase, chartDatabase, groupBy, type Sale, sumOf } from "../charts/chart_database.ts";
import { drawn } from "./svg_chart.ts";

let base: ChartDatabase;
before(async () => {
  base = await chartDatabase(300);
});
after(async () => await base.db.close());

const CATEGORIES = { xAxis: { type: "category" }, yAxis: {} };
const statusOf = ({ status }: Sale) => status;
const counts = (sales: readonly Sale[]) => [...groupBy(sales, statusOf, (group) => group.length).values()];

/** The series of an option, the dimensions that are read, and what they have to be. */
interface SeriesCase {
  readonly option: object;
  readonly dimensions: readonly string[];
  expected(sales: readonly Sale[]): readonly unknown[];
}

const CASES: Readonly<Record<string, SeriesCase>> = {
  bar: {
    option: { ...CATEGORIES, series: { encode: { x: "status", y: "sum(quantity)" } } },
    dimensions: ["sum(quantity)"],
    expected: (
      sales,
    ) => [...groupBy(sales, statusOf, (group) => sumOf(group.map(({ quantity }) => quantity))).values()],
  },
  pictorialBar: {
    option: { ...CATEGORIES, series: { encode: { x: "status", y: "count()" }, symbol: "rect" } },
    dimensions: ["count()"],
    expected: counts,
  },
  effectScatter: {
    option: { ...CATEGORIES, series: { encode: { x: "status", y: "count()" } } },
    dimensions: ["count()"],
    expected: counts,
  },
  pie: {
    option: { series: { encode: { itemName: "status", value: "count()" } } },
    dimensions: ["count()"],
    expected: counts,
  },
  funnel: {
    option: { series: { encode: { itemName: "status", value: "count()" } } },
    dimensions: ["count()"],
    expected: counts,
  },
  gauge: {
    option: { series: { encode: { value: "avg(quantity)" } } },
    dimensions: ["avg(quantity)"],
    expected: (sales) => [sales.reduce((sum, { quantity }) => sum + quantity, 0) / sales.length],
  },
  heatmap: {
    option: {
      xAxis: { type: "category" },
      yAxis: { type: "category" },
      visualMap: { min: 0, max: 50 },
      series: { encode: { x: "status", y: "quantity", value: "count()" } },
    },
    dimensions: ["count()"],
    expected: (
      sales,
    ) => [
      ...groupBy(sales, ({ status, quantity }) => `${status} ${quantity}`, (group) => group.length).values(),
    ],
  },
  candlestick: {
    option: {
      ...CATEGORIES,
      series: {
        encode: {
          x: "quarter(day)",
          y: ["open(quantity, id)", "close(quantity, id)", "min(quantity)", "max(quantity)"],
        },
      },
    },
    dimensions: ["open(quantity, id)", "max(quantity)"],
    expected: (sales) => [
      ...groupBy(
        sales,
        ({ day }) => `${day.slice(0, 4)} ${Math.floor((Number(day.slice(5, 7)) - 1) / 3)}`,
        (group) => [group[0]!.quantity, Math.max(...group.map(({ quantity }) => quantity))],
      ).values(),
    ],
  },
  themeRiver: {
    option: {
      singleAxis: { type: "time" },
      series: { encode: { single: "quarter(day)", value: "count()", itemName: "status" } },
    },
    dimensions: [],
    expected: () => [],
  },
};

describe("series of compiled options", () => {
  for (const [type, { option, dimensions, expected }] of Object.entries(CASES)) {
    it(`${type} draws the groups`, async () => {
      const { series, ...rest }: { readonly series?: object } = option as { readonly series: object };
      const chart = echarts.compile(
        { ...rest, dataset: { source: "sale" }, series: { ...series, id: "s", type } },
        base.catalog,
      );
      assertEquals(chart.unsupported, []);
      const { svg, values } = drawn(chart.fill(await base.rows(chart)) as OptionJson);
      assert(svg.includes("<path") || svg.includes("<rect") || svg.includes("<text"));
      const wanted = expected(base.sales).map((value) => Array.isArray(value) ? value : [value]);
      if (dimensions.length > 0) assertEquals(values("s", dimensions), wanted);
    });
  }
});
