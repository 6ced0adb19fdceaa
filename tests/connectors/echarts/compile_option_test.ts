import { after, before, describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ChartRow } from "../../../connectors/charts/chart_kind.ts";
import { echarts } from "../../../connectors/echarts/echarts.ts";
import type { OptionJson } from "../../../connectors/echarts/option_json.ts";
import { printQuery } from "../../../src/sql/print.ts";
import { type ChartDatabase, chartDatabase, groupBy, type Sale, sumOf } from "../charts/chart_database.ts";
import { drawn } from "./svg_chart.ts";

let base: ChartDatabase;
before(async () => {
  base = await chartDatabase();
});
after(async () => await base.db.close());

async function filled(spec: unknown): Promise<{ option: OptionJson; unsupported: readonly string[] }> {
  const chart = echarts.compile(spec, base.catalog);
  return {
    option: chart.fill(await base.rows(chart)) as OptionJson,
    unsupported: chart.unsupported.map(({ path }) => path),
  };
}

function rowsOf(option: OptionJson, id?: string): readonly ChartRow[] {
  const dataset = id === undefined
    ? option.dataset!.find(({ source }) => Array.isArray(source) && source.length > 0)
    : option.dataset!.find((each) => each["id"] === id);
  return dataset!["source"] as readonly ChartRow[];
}

const monthOf = ({ day }: Sale) => `${day.slice(0, 7)}-01T00:00:00Z`;
const AXES = { xAxis: { type: "time" }, yAxis: {} };

describe("echarts.compile()", () => {
  it("aggregates what encode asks for", async () => {
    const { option, unsupported } = await filled({
      ...AXES,
      dataset: { source: "sale" },
      series: [{ type: "line", encode: { x: "month(day)", y: "sum(price)" } }],
    });
    assertEquals(unsupported, []);
    const expected = groupBy(base.sales, monthOf, (group) => sumOf(group.map(({ price }) => price)));
    const rows = rowsOf(option);
    assertEquals(rows.map((row) => [row["month(day)"], row["sum(price)"]]), [...expected]);
    const values = drawn({ ...option, series: [{ ...(option["series"] as object[])[0], id: "s" }] })
      .values("s", ["month(day)", "sum(price)"]);
    assertEquals(values, [...expected].map(([month, sum]) => [Date.parse(month), sum]));
  });

  it("gives series with the same keys one query", () => {
    const chart = echarts.compile({
      dataset: { source: "sale" },
      series: [
        { type: "bar", encode: { x: "region", y: "sum(price)" } },
        { type: "line", encode: { x: "region", y: "avg(price)" } },
        { type: "line", encode: { x: "status", y: "count()" } },
      ],
    }, base.catalog);
    assertEquals(chart.datasets.map(({ query }) => printQuery(query)), [
      'SELECT region, sum(price) AS "sum(price)", avg(price) AS "avg(price)" FROM sale GROUP BY region ORDER BY region ASC',
      'SELECT status, count(*) AS "count()" FROM sale GROUP BY status ORDER BY status ASC',
    ]);
  });

  it("filters and sorts as ECharts does", async () => {
    const { option } = await filled({
      dataset: [
        { id: "all", source: "sale" },
        {
          id: "some",
          fromDatasetId: "all",
          transform: [
            {
              type: "filter",
              config: {
                and: [
                  { dimension: "price", ">=": 100, "<": 500 },
                  {
                    or: [{ dimension: "region", "=": "ASIA" }, { not: { dimension: "region", "!=": null } }],
                  },
                  { dimension: "day", ">=": "2023-06-01", parser: "time" },
                  { dimension: "status", reg: "^(open|paid)$" },
                ],
              },
            },
            {
              type: "sort",
              config: [{ dimension: "price", order: "desc" }, { dimension: "id", order: "asc" }],
            },
          ],
        },
      ],
      series: { type: "scatter", datasetId: "some", encode: { x: "id", y: "price" } },
    });
    const expected = base.sales
      .filter(({ price, region, day, status }) =>
        price !== null && price >= 100 && price < 500 && (region === "ASIA" || region === null) &&
        day >= "2023-06-01" && status !== "sent"
      )
      .sort((a, b) => b.price! - a.price! || a.id - b.id);
    assertEquals(rowsOf(option, "some"), expected.map(({ id, price }) => ({ id, price })));
    assertEquals(option.dataset![0]!["source"], []);
  });

  it("aggregates by the transform of echarts-simple-transform", async () => {
    const { option } = await filled({
      dataset: [{ source: "sale" }, {
        transform: {
          type: "ecSimpleTransform:aggregate",
          config: {
            resultDimensions: [
              { name: "min", from: "price", method: "min" },
              { name: "Q1", from: "price", method: "Q1" },
              { name: "median", from: "price", method: "median" },
              { name: "Q3", from: "price", method: "Q3" },
              { name: "max", from: "price", method: "max" },
              { from: "region" },
            ],
            groupBy: "region",
          },
        },
      }],
      xAxis: { type: "category" },
      yAxis: {},
      series: {
        id: "box",
        type: "boxplot",
        datasetIndex: 1,
        encode: { x: "region", y: ["min", "Q1", "median", "Q3", "max"] },
      },
    });
    const row = rowsOf(option).find(({ region }) => region === "ASIA")!;
    const prices = base.sales.flatMap(({ region, price }) =>
      region === "ASIA" && price !== null ? [price] : []
    )
      .sort((a, b) => a - b);
    const quantile = (share: number) => {
      const at = (prices.length - 1) * share;
      const low = prices[Math.floor(at)]!;
      return low + (at % 1) * ((prices[Math.ceil(at)] ?? low) - low);
    };
    for (
      const [name, share] of [["min", 0], ["Q1", 0.25], ["median", 0.5], ["Q3", 0.75], ["max", 1]] as const
    ) {
      assert(Math.abs(Number(row[name]) - quantile(share)) < 1e-9, name);
    }
    assert(drawn(option).svg.includes("<path"));
  });

  it("splits a series by a column", async () => {
    const { option } = await filled({
      ...AXES,
      dataset: { source: "sale" },
      series: { type: "line", encode: { x: "quarter(day)", y: "count()", series: "status" } },
    });
    const series = option["series"] as readonly { readonly name: string; readonly id: string }[];
    assertEquals(series.map(({ name }) => name), ["open", "paid", "sent"]);
    const counts = drawn(option).values(series[1]!.id, ["count()"]).map(([count]) => count);
    const expected = groupBy(
      base.sales.filter(({ status }) => status === "paid"),
      ({ day }) => `${day.slice(0, 4)} ${Math.floor((Number(day.slice(5, 7)) - 1) / 3)}`,
      (group) => group.length,
    );
    assertEquals(counts, [...expected.values()]);
  });

  it("orders and limits groups", async () => {
    const { option } = await filled({
      dataset: { source: { sql: "SELECT region, price FROM sale WHERE region IS NOT NULL" } },
      series: { type: "pie", encode: { itemName: "region", value: "sum(price)", order: "-value", limit: 2 } },
    });
    const sums = groupBy(
      base.sales.filter(({ region }) => region !== null),
      ({ region }) => region!,
      (group) => sumOf(group.map(({ price }) => price))!,
    );
    const top = [...sums].sort(([, a], [, b]) => b - a).slice(0, 2);
    assertEquals(rowsOf(option).map((row) => [row["region"], row["sum(price)"]]), top);
  });

  it("computes with arithmetic, without integer division", async () => {
    const { option } = await filled({
      dataset: { source: "sale" },
      series: {
        type: "bar",
        encode: { x: "status", y: "sum(quantity) / count()", tooltip: ["sum(price * quantity)"] },
      },
    });
    const expected = groupBy(
      base.sales,
      ({ status }) => status,
      (group) => group.reduce((sum, { quantity }) => sum + quantity, 0) / group.length,
    );
    assertEquals(rowsOf(option).map((row) => row["sum(quantity) / count()"]), [...expected.values()]);
  });

  it("thins lines out in the engine", async () => {
    const chart = echarts.compile({
      dataset: { source: "sale" },
      series: { type: "line", sampling: "lttb", samplingColumns: 20, encode: { x: "at", y: "price" } },
    }, base.catalog);
    const [[, rows]] = [...await base.rows(chart)] as [[string, readonly ChartRow[]]];
    assert(rows.length <= 80 && rows.length > 20);
    const prices = base.sales.flatMap(({ price }) => price === null ? [] : [price]);
    const kept = rows.map(({ price }) => Number(price));
    assertEquals([Math.min(...kept), Math.max(...kept)], [Math.min(...prices), Math.max(...prices)]);
  });

  it("builds the data of a treemap", async () => {
    const { option } = await filled({
      dataset: { source: "sale" },
      series: { type: "treemap", encode: { path: ["region", "status"], value: "count()" } },
    });
    const [series] = option["series"] as readonly {
      readonly data: readonly { name: string; value: number }[];
    }[];
    const counts = groupBy(base.sales, ({ region }) => region ?? "\u2013", (group) => group.length);
    assertEquals(
      Object.fromEntries(series!.data.map(({ name, value }) => [name, value])),
      Object.fromEntries(counts),
    );
  });

  it("writes times on a category axis as labels", async () => {
    const { option } = await filled({
      dataset: { source: "sale" },
      xAxis: { type: "category" },
      series: { type: "bar", encode: { x: "month(day)", y: "count()" } },
    });
    assertEquals(rowsOf(option)[0]!["month(day)"], "2023-01");
  });

  it("leaves rows of the option and what it does not know to ECharts", async () => {
    const spec = {
      dataset: { source: [["a", 1], ["b", 2]] },
      xAxis: { type: "category" },
      yAxis: {},
      dataZoom: [{ type: "inside" }],
      series: [{ id: "s", type: "bar" }, { type: "line", data: [1, 2] }],
    };
    const { option } = await filled(spec);
    assertEquals(option["dataZoom"], spec.dataZoom);
    assertEquals(option.dataset![0]!["source"], spec.dataset.source);
    assert(drawn(option).svg.includes("<svg"));
  });
});

describe("echarts.compile() in a zone", () => {
  it("cuts instants in the zone of the catalogue", async () => {
    const zoned = { ...base.catalog, timeZone: "America/New_York" };
    const chart = echarts.compile({
      dataset: { source: "sale" },
      series: { type: "line", encode: { x: "day(at)", y: "count()" } },
    }, zoned);
    const rows = [...(await base.rows(chart)).values()][0]!;
    const format = new Intl.DateTimeFormat("en-CA", { timeZone: "America/New_York" });
    const expected = groupBy(
      base.sales,
      ({ at }) => `${format.format(Date.parse(at))}T00:00:00Z`,
      (group) => group.length,
    );
    assertEquals(rows.map((row) => [row["day(at)"], row["count()"]]), [...expected]);
  });

  it("moves raw instants to wall time", async () => {
    const zoned = { ...base.catalog, timeZone: "Asia/Tokyo" };
    const chart = echarts.compile({
      dataset: { source: "sale", transform: { type: "sort", config: { dimension: "id", order: "asc" } } },
      series: { type: "scatter", encode: { x: "at", y: "price" } },
    }, zoned);
    const option = chart.fill(await base.rows(chart)) as OptionJson;
    assertEquals(Date.parse(String(rowsOf(option)[0]!["at"])), Date.parse(base.sales[0]!.at) + 9 * 3_600_000);
    assertEquals(option["useUTC"], true);
  });
});

describe("echarts.compile() of bad input", () => {
  const compile = (spec: unknown) => () => echarts.compile(spec, base.catalog);
  const series = (encode: unknown, more: object = {}) => ({
    dataset: { source: "sale", ...more },
    series: { type: "bar", encode },
  });

  it("names the place of what it does not know", () => {
    assertThrows(
      compile({ dataset: { source: "sales" } }),
      Error,
      'Unknown table "sales" at /dataset/source',
    );
    assertThrows(compile(series({ x: "regio" })), Error, 'Unknown column "regio" at /series/encode/x');
    assertThrows(compile(series({ y: "summ(price)" })), Error, 'Unknown function "summ" at /series/encode/y');
    assertThrows(compile(series({ y: "sum(sum(price))" })), Error, "no aggregate inside");
    assertThrows(compile(series({ x: "region", y: "count()", order: "-z" })), Error, "/series/encode/order");
    assertThrows(compile(7), Error, "received 7");
  });

  it("lets no SQL in", () => {
    for (
      const text of [
        "(SELECT max(price) FROM sale)",
        "pg_sleep(1)",
        "price; DROP TABLE sale",
        "sum(price) FILTER (WHERE true)",
        "sum(price) OVER ()",
        "exists(SELECT 1)",
        "sale.price",
        "CAST(price AS text)",
        "nextval('x')",
        "*",
      ]
    ) {
      assertThrows(compile(series({ x: "region", y: text })), Error, "/series/encode/y");
    }
    assertThrows(compile({ dataset: { source: { sql: "DELETE FROM sale" } } }), Error, "/dataset/source/sql");
    assertThrows(compile({ dataset: { source: "SELECT 1; SELECT 2" } }), Error);
    assertThrows(
      compile(series({}, { transform: { type: "filter", config: { dimension: "1=1 --", "=": 1 } } })),
      Error,
    );
  });

  it("takes texts of a filter as values", async () => {
    const { option } = await filled(
      series({ x: "region", y: "price" }, {
        transform: { type: "filter", config: { dimension: "region", "=": "' OR '1'='1" } },
      }),
    );
    assertEquals(option.dataset![0]!["source"], []);
  });

  it("keeps prototypes, functions and markup out", async () => {
    const spec = {
      ...JSON.parse('{ "__proto__": { "polluted": 1 }, "title": { "link": "javascript:alert(1)" } }'),
      tooltip: { formatter: "<img src=x onerror=alert(1)>" },
      xAxis: { axisLabel: { formatter: () => "x" } },
    };
    const { option, unsupported } = await filled(spec);
    assertEquals(option["title"], {});
    assertEquals(option["tooltip"], {});
    assertEquals(option["xAxis"], { axisLabel: {} });
    assertEquals(({} as Record<string, unknown>)["polluted"], undefined);
    assertEquals(unsupported, ["/title/link", "/tooltip/formatter"]);
  });

  it("lists what it leaves out, and the rest works", async () => {
    const { option, unsupported } = await filled({
      dataset: [{ source: "sale", transform: { type: "ecStat:regression" } }, { source: [[1, 2]] }],
      series: [
        { type: "bar", encode: { x: "region", y: "count()", tooltip: ["status"] } },
        { type: "sankey" },
        { type: "bar", datasetIndex: 1, encode: { y: "sum(x)" } },
        { type: "bar", datasetIndex: 9 },
      ],
    });
    assertEquals(unsupported, [
      "/dataset/0/transform",
      "/series/0/encode/tooltip/0",
      "/series/1/type",
      "/series/2/encode",
      "/series/3",
    ]);
    assertEquals(rowsOf(option, "dataset 0 1").length, 5);
  });

  it("refuses datasets that come from each other", () => {
    const dataset = [{ id: "a", fromDatasetId: "b" }, { id: "b", fromDatasetId: "a" }];
    assertThrows(compile({ dataset }), Error, "cannot come from itself");
  });
});
