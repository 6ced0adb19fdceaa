import { after, before, describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  mosaicSpec,
  observablePlot,
  plotAfter,
  type PlotSpec,
} from "../../../connectors/observable_plot/observable_plot.ts";
import type { ChartRow } from "../../../connectors/charts/chart_kind.ts";
import { type ChartDatabase, chartDatabase, groupBy, sumOf } from "../charts/chart_database.ts";
import { markValues } from "./mark_values.ts";
import { drawnPlot } from "./svg_plot.ts";

let base: ChartDatabase;
before(async () => {
  base = await chartDatabase(300);
});
after(async () => await base.db.close());

async function compiled(spec: unknown): Promise<{ spec: PlotSpec; unsupported: readonly string[] }> {
  const chart = observablePlot.compile(spec, base.catalog);
  return {
    spec: chart.fill(await base.rows(chart)) as PlotSpec,
    unsupported: chart.unsupported.map(({ path }) => path),
  };
}

function rowsOf(spec: PlotSpec, index = 0): readonly ChartRow[] {
  return spec.data![String(spec.marks[index]!.data)] as readonly ChartRow[];
}

describe("mosaic-spec read", () => {
  it("groups by the channels that are columns", async () => {
    const { spec, unsupported } = await compiled({
      plot: [{ mark: "barY", data: { from: "sale" }, x: "region", y: { sum: "price" }, fill: "status" }],
      xLabel: "Region",
      yGrid: true,
      width: 500,
    });
    assertEquals(unsupported, []);
    assertEquals([spec["x"], spec["y"], spec["width"]], [{ label: "Region" }, { grid: true }, 500]);
    const expected = groupBy(
      base.sales,
      ({ region, status }) => `${region} ${status}`,
      (group) => sumOf(group.map(({ price }) => price)),
    );
    const found = rowsOf(spec).map((
      row,
    ): [string, unknown] => [`${row["region"]} ${row["status"]}`, row["y"]]);
    assertEquals(new Map(found.sort(([a], [b]) => a < b ? -1 : 1)), expected);
    assert(drawnPlot(spec).includes("<svg"));
  });

  it("counts in bins", async () => {
    const { spec } = await compiled({
      plot: [{ mark: "rectY", data: { from: "sale" }, x: { bin: "price", steps: 10 }, y: { count: null } }],
    });
    const counts = groupBy(
      base.sales.filter(({ price }) => price !== null),
      ({ price }) => String(Math.floor(price! / 100)).padStart(3, "0"),
      (group) => group.length,
    );
    assertEquals(rowsOf(spec).map((row) => row["y"]), [...counts.values()]);
    assertEquals(
      rowsOf(spec).map((row) => Number(row["x2"]) - Number(row["x1"])),
      [...counts].map(() => 100),
    );
  });

  it("lays years over each other", async () => {
    const { spec } = await compiled({
      plot: [{ mark: "lineY", data: { from: "sale" }, x: { dateMonth: "day" }, y: { count: "" } }],
    });
    const counts = groupBy(base.sales, ({ day }) => `2012-${day.slice(5, 7)}-01`, (group) => group.length);
    assertEquals(rowsOf(spec).map((row) => [row["x"], row["y"]]), [...counts]);
  });

  it("reads data by query, and the legend of colours", async () => {
    const { spec } = await compiled({
      data: { paid: { type: "table", query: "SELECT * FROM sale WHERE status = 'paid'" } },
      plot: [
        { mark: "dot", data: { from: "paid" }, x: "id", y: "price", fill: "region" },
        { legend: "color" },
      ],
    });
    assertEquals(spec["color"], { legend: true });
    assertEquals(markValues(spec).length, base.sales.filter(({ status }) => status === "paid").length);
  });

  it("lists params, selections and files", async () => {
    const { unsupported } = await compiled({
      params: { p: 1 },
      data: { f: { file: "f.parquet" } },
      plot: [
        { mark: "dot", data: { from: "sale", filterBy: "$brush" }, x: "id", y: "price", r: "$p" },
        { select: "intervalX", as: "$brush" },
      ],
      xDomain: "Fixed",
      colorScheme: "$scheme",
    });
    assertEquals(unsupported, [
      "/colorScheme",
      "/params",
      "/plot/0/data/filterBy",
      "/plot/0/r",
      "/plot/1",
      "/data/f",
    ]);
  });
});

describe("mosaicSpec()", () => {
  it("writes marks, groups and bins, and gives the same data again", async () => {
    const spec: PlotSpec = {
      marks: [
        {
          mark: "barY",
          data: "sale",
          options: { x: "status", y: "price" },
          transform: { groupX: { y: "mean" } },
        },
        {
          mark: "rectY",
          data: "sale",
          options: { x: "price", thresholds: 8 },
          transform: { binX: { y: "count" } },
        },
      ],
      x: { label: "Status", type: "band" },
      width: 300,
    };
    const { spec: mosaic, unsupported } = mosaicSpec(spec);
    assertEquals(unsupported, []);
    assertEquals(mosaic, {
      plot: [
        { mark: "barY", data: { from: "sale" }, x: "status", y: { avg: "price" } },
        {
          mark: "rectY",
          data: { from: "sale" },
          x: { bin: "price", steps: 8 },
          thresholds: 8,
          y: { count: null },
        },
      ],
      xLabel: "Status",
      xScale: "band",
      width: 300,
    });
    const [own, other] = [await compiled(spec), await compiled(mosaic)];
    for (const index of [0, 1]) assertEquals(markValues(other.spec, index), markValues(own.spec, index));
  });

  it("lists what mosaic-spec has no form for", () => {
    const { unsupported } = mosaicSpec({
      marks: [{ mark: "lineY", data: "t", options: { y: "v" }, transform: [{ windowY: { k: 3 } }] }],
      title: "T",
    });
    assertEquals(unsupported.map(({ path }) => path), ["/title", "/marks/0/transform/0"]);
  });
});

describe("plotAfter() of a compiled spec", () => {
  it("changes the rows of one query", async () => {
    const { spec } = await compiled({
      marks: [{
        mark: "barY",
        data: "sale",
        options: { x: "status" },
        transform: { groupX: { y: "count" } },
      }],
    });
    const before = rowsOf(spec).find(({ status }) => status === "paid")!;
    const next = plotAfter(spec, { inserted: [{ ...before, y: 999 }], deleted: [before] });
    assertEquals(rowsOf(next).map((row) => row["status"]), ["open", "paid", "sent"]);
    assertEquals(rowsOf(next)[1]!["y"], 999);
  });
});
