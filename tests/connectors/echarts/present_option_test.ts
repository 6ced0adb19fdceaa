import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { ChartRow } from "../../../connectors/charts/chart_kind.ts";
import { CATEGORY_COLORS, TEXT_COLOR } from "../../../connectors/charts/chart_palette.ts";
import {
  echartsOption,
  echartsPatch,
  withFormatters,
  withPatch,
} from "../../../connectors/echarts/echarts.ts";
import type { OptionJson } from "../../../connectors/echarts/option_json.ts";
import { BIGINT, DATE, DOUBLE, TEXT, TIMESTAMPTZ } from "../../../src/storage/sql_type.ts";
import { dayAfter, sampleColumns, sampleOption, SAMPLES } from "./present_sample.ts";
import { drawn } from "./svg_chart.ts";
import * as typed from "./typed_options.ts";

function sourceOf(option: OptionJson): readonly ChartRow[] {
  return option.dataset!.find(({ id }) => id === "rows")!["source"] as readonly ChartRow[];
}

describe("echartsOption()", () => {
  for (const [name, rows] of Object.entries(SAMPLES)) {
    it(`draws ${name} to SVG`, () => {
      const { svg } = drawn({ ...sampleOption(rows), animation: false });
      assert(svg.startsWith("<svg") && (svg.match(/<(path|text)/g) ?? []).length > 2);
    });
  }

  it("is what the compiler has checked against EChartsOption", () => {
    for (const [name, checked] of Object.entries(typed)) {
      const { dataset: expected, ...parts }: Readonly<Record<string, unknown>> = checked;
      const option = sampleOption(SAMPLES[name.toLowerCase()]!);
      for (const [key, part] of Object.entries(parts)) assertEquals(option[key], part, `${name} ${key}`);
      assertEquals((expected as unknown[]).length, option.dataset!.length);
    }
  });

  it("draws the values of each series", () => {
    const chart = drawn(sampleOption(SAMPLES["lines"]!));
    assertEquals(chart.values("part:EUROPE", ["day", "revenue"]), [
      [Date.parse("2024-01-01"), 1],
      [Date.parse("2024-01-02"), 3],
    ]);
    const stack = drawn(sampleOption(SAMPLES["stack"]!));
    assertEquals(stack.values("part:paid", ["orders"]), [[1], [3]]);
  });

  it("shows instants as the clock in the zone shows them", () => {
    const rows = [{ at: "2024-07-01T22:00:00Z", n: 1 }, { at: "2024-07-02T22:00:00Z", n: 2 }];
    const columns = [{ name: "at", type: TIMESTAMPTZ }, { name: "n", type: BIGINT }];
    const option = echartsOption(columns, rows, { timeZone: "Europe/Zurich" });
    assertEquals(sourceOf(option).map(({ at }) => at), ["2024-07-02T00:00:00Z", "2024-07-03T00:00:00Z"]);
    assertEquals(option["useUTC"], true);
  });

  it("writes big numbers in the locale", () => {
    const option = echartsOption([{ name: "revenue", type: DOUBLE }], [{ revenue: 1234567.4 }], {
      locale: "de-CH",
    });
    const [title] = option["title"] as readonly { readonly text: string }[];
    assertEquals(title!.text, new Intl.NumberFormat("de-CH", { maximumFractionDigits: 0 }).format(1234567.4));
  });

  it("thins out a line with more points than pixels, extremes stay", () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => ({ day: i, revenue: Math.sin(i / 50) * i }));
    const option = echartsOption([{ name: "day", type: BIGINT }, { name: "revenue", type: DOUBLE }], rows, {
      width: 300,
    });
    assert(sourceOf(option).length <= 1200);
    const days = rows.map(({ revenue }, i) => ({ at: new Date(i * 60_000).toISOString(), revenue }));
    const lines = echartsOption(
      [{ name: "at", type: TIMESTAMPTZ }, { name: "revenue", type: DOUBLE }],
      days,
      { width: 300 },
    );
    const kept = sourceOf(lines).map(({ revenue }) => Number(revenue));
    assert(kept.length <= 1200);
    assertEquals(Math.max(...kept), Math.max(...days.map(({ revenue }) => revenue)));
  });

  it("travels as JSON", () => {
    for (const rows of Object.values(SAMPLES)) {
      const option = sampleOption(rows);
      assertEquals(JSON.parse(JSON.stringify(option)), option);
    }
  });

  it("draws no rows at all", () => {
    const option = echartsOption([{ name: "day", type: DATE }, { name: "n", type: BIGINT }], []);
    assert(drawn(option).svg.startsWith("<svg"));
  });
});

describe("withFormatters()", () => {
  const formatted = (name: string, axis: string) => {
    const option = withFormatters(
      echartsOption([{ name: "region", type: TEXT }, { name, type: DOUBLE }], [{
        region: "ASIA",
        [name]: 0.25,
      }]),
    );
    const [{ axisLabel }] = option[axis] as [{ readonly axisLabel: { formatter(value: number): string } }];
    const [{ valueFormatter }] = option["tooltip"] as [{ valueFormatter(value: unknown): string }];
    return [axisLabel.formatter(0.5), valueFormatter(0.253), valueFormatter(null)];
  };

  it("writes percentages and currencies", () => {
    assertEquals(formatted("return_rate", "yAxis"), ["50%", "25.3%", "\u2013"]);
    assertEquals(formatted("price_usd", "yAxis"), ["$0.5", "$0.25", "\u2013"]);
  });

  it("leaves big numbers, tables and options of others alone", () => {
    for (const name of ["number", "table"]) {
      const option = sampleOption(SAMPLES[name]!);
      assert(withFormatters(option) === option);
    }
    const other = { series: [] };
    assert(withFormatters(other) === other);
  });

  it("draws", () => {
    const { svg } = drawn(withFormatters(sampleOption(SAMPLES["bars"]!)));
    assert(svg.startsWith("<svg"));
  });
});

describe("echartsPatch()", () => {
  const line = sampleOption(SAMPLES["line"]!);

  it("is the rows alone when nothing else changes", () => {
    const row = { day: dayAfter(3), revenue: 7, cost: 1 };
    const patch = echartsPatch(line, { inserted: [row], deleted: [] });
    assertEquals(Object.keys(patch), ["dataset"]);
    assertEquals(Object.keys(patch.dataset![0]!), ["id", "source"]);
    assertEquals(sourceOf(patch).length, 4);
  });

  it("leaves a chart that draws what a new one would draw", () => {
    const rows = SAMPLES["lines"]!;
    const came = [{ day: dayAfter(2), region: "AFRICA", revenue: 5 }, {
      day: dayAfter(0),
      region: "ASIA",
      revenue: 9,
    }];
    const option = sampleOption(rows);
    const patch = echartsPatch(option, { inserted: came, deleted: [rows[0]!] });
    const chart = drawn(option, patch);
    assertEquals(chart.values("part:ASIA", ["revenue"]), [[9], [2]]);
    assertEquals(chart.values("part:AFRICA", ["revenue"]), [[5]]);
    assertEquals(chart.values("part:EUROPE", ["revenue"]), [[1], [3]]);
    const fresh = sampleOption([came[1]!, ...rows.slice(1), came[0]!]);
    assertEquals(sourceOf(withPatch(option, patch)).length, sourceOf(fresh).length);
  });

  it("brings labels of new categories", () => {
    const option = sampleOption(SAMPLES["bars"]!);
    const patch = echartsPatch(option, { inserted: [{ region: "AMERICA", revenue: 1 }], deleted: [] });
    const [axis] = patch["xAxis"] as readonly { readonly data: readonly string[] }[];
    assertEquals(axis!.data, ["ASIA", "EUROPE", "AFRICA", "AMERICA"]);
    assertEquals(patch["series"], undefined);
  });

  it("moves bars that are ordered by size", () => {
    const option = sampleOption(SAMPLES["bars"]!);
    const patch = echartsPatch(option, {
      inserted: [{ region: "AFRICA", revenue: 99 }],
      deleted: [{ region: "AFRICA", revenue: 7 }],
    });
    assertEquals(sourceOf(patch).map(({ region }) => region), ["AFRICA", "ASIA", "EUROPE"]);
  });

  it("writes a big number anew", () => {
    const patch = echartsPatch(sampleOption(SAMPLES["number"]!), [{ revenue: 2, orders: 7 }]);
    assertEquals((patch["title"] as readonly { readonly id: string }[]).map(({ id }) => id), [
      "number:revenue",
    ]);
  });

  it("goes on from its own result", () => {
    let option = sampleOption(SAMPLES["stack"]!);
    for (let i = 0; i < 5; i++) {
      const row = { region: `R${i}`, status: "sent", orders: i };
      option = withPatch(option, echartsPatch(option, { inserted: [row], deleted: [] }));
    }
    assertEquals(sourceOf(option).length, 9);
    assertEquals(drawn(option).values("part:sent", ["orders"]), [[0], [1], [2], [3], [4]]);
  });

  it("leaves components without id where they are", () => {
    const option = {
      dataset: [{ id: "q", source: [] }],
      series: [{ type: "bar" }, { id: "t", type: "treemap" }],
    };
    const patched = withPatch(option, { series: [{ id: "t", data: [1] }, { id: "u" }] });
    assertEquals(patched["series"], [{ type: "bar" }, { id: "t", type: "treemap", data: [1] }, { id: "u" }]);
  });

  it("replaces everything by a snapshot", () => {
    const rows = [{ day: dayAfter(9), revenue: 1, cost: 1 }];
    assertEquals(sourceOf(echartsPatch(line, { snapshot: true, inserted: rows, deleted: [] })).length, 1);
    assertEquals(sourceOf(echartsPatch(line, rows)).length, 1);
  });

  it("keeps bounds beside their measure", () => {
    const rows = SAMPLES["band"]!;
    const patch = echartsPatch(echartsOption(sampleColumns(rows), rows), [rows[1]!]);
    assertEquals(sourceOf(patch)[0]!["revenue_band"], 3);
  });
});

describe("colours", () => {
  const channel = (value: number) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = (hex: string) =>
    [[1, 0.2126], [3, 0.7152], [5, 0.0722]].reduce(
      (sum, [at, weight]) => sum + weight! * channel(parseInt(hex.slice(at, at! + 2), 16) / 255),
      0,
    );
  const contrast = (a: string, b: string) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high! + 0.05) / (low! + 0.05);
  };

  it("read on white and on near black", () => {
    for (const ground of ["#ffffff", "#111827"]) {
      for (const color of CATEGORY_COLORS) assert(contrast(color, ground) >= 3, `${color} on ${ground}`);
      assert(
        contrast(TEXT_COLOR, ground) >= 4,
        `${TEXT_COLOR} on ${ground}: ${contrast(TEXT_COLOR, ground)}`,
      );
    }
  });
});

describe("texts as values", () => {
  it("keeps category names that look like members of objects", () => {
    const rows = ["__proto__", "constructor", "toString"].map((region, i) => ({ region, revenue: i }));
    const option = echartsOption([{ name: "region", type: TEXT }, { name: "revenue", type: DOUBLE }], rows);
    assertEquals(sourceOf(option).map(({ region }) => region), rows.map(({ region }) => region));
    assert(drawn(option).svg.includes("__proto__"));
  });
});
