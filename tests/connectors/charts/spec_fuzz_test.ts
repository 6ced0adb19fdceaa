import { after, before, describe, it } from "node:test";
import { assert } from "@std/assert";
import process from "node:process";
import type { ChartKind } from "../../../connectors/charts/chart_kind.ts";
import { echarts } from "../../../connectors/echarts/echarts.ts";
import { observablePlot } from "../../../connectors/observable_plot/observable_plot.ts";
import { LiveViewError } from "../../../src/base/error.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { type ChartDatabase, chartDatabase } from "./chart_database.ts";
import { damaged } from "./spec_fuzz.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? Date.now() % 1e9);
const RUNS = 60 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);

const OPTIONS: readonly unknown[] = [
  {
    xAxis: { type: "category" },
    dataset: [{ id: "a", source: "sale" }, {
      fromDatasetId: "a",
      transform: [
        {
          type: "filter",
          config: { and: [{ dimension: "price", ">=": 10 }, { not: { dimension: "region", "=": null } }] },
        },
        { type: "sort", config: { dimension: "price", order: "asc" } },
      ],
    }],
    series: [
      {
        type: "bar",
        encode: { x: "month(day)", y: ["sum(price)", "count()"], series: "status", tooltip: ["region"] },
      },
      { type: "line", datasetIndex: 1, sampling: "lttb", encode: { x: "at", y: "price" } },
      {
        type: "treemap",
        encode: { path: ["region", "status"], value: "avg(price)", order: "-value", limit: 3 },
      },
    ],
  },
  {
    dataset: [{ source: "sale" }, {
      transform: {
        type: "ecSimpleTransform:aggregate",
        config: {
          groupBy: "region",
          resultDimensions: [{ from: "region" }, { name: "q", from: "price", method: "Q1" }],
        },
      },
    }],
    series: { type: "pie", datasetIndex: 1, encode: { itemName: "region", value: "q" } },
    tooltip: { formatter: "{b}" },
  },
];

const PLOTS: readonly unknown[] = [
  {
    data: { q: "SELECT * FROM sale WHERE price > 5", own: [{ a: 1 }] },
    marks: [
      {
        mark: "barY",
        data: "sale",
        options: { x: "region", y: "price", fill: "status" },
        transform: [{ groupX: { y: "sum" } }, { stackY: { offset: "normalize" } }],
      },
      {
        mark: "rectY",
        data: "q",
        options: { x: "price", thresholds: 10, filter: { column: "quantity", "<": 5 } },
        transform: { binX: { y: "proportion" } },
      },
      {
        mark: "lineY",
        data: "sale",
        options: { x: { value: "day", interval: "month" }, y: "price", sort: "-id" },
        transform: [{ groupX: { y: "p90" } }, { windowY: { k: 3, reduce: "mean" } }, { normalizeY: "first" }],
      },
      { mark: "dot", data: "own", options: { x: "a" } },
      {
        mark: "text",
        data: "sale",
        options: { x: "id", y: "price", z: "status" },
        transform: { select: { y: "max" } },
      },
    ],
    y: { grid: true },
  },
  {
    plot: [{ mark: "rectY", data: { from: "sale" }, x: { bin: "price" }, y: { count: null } }, {
      mark: "lineY",
      data: { from: "sale" },
      x: { dateMonth: "day" },
      y: { avg: "price" },
    }],
    xLabel: "X",
  },
];

let base: ChartDatabase;
before(async () => {
  base = await chartDatabase(60);
});
after(async () => await base.db.close());

async function survives(kind: ChartKind, spec: unknown): Promise<"answered" | "refused"> {
  try {
    const chart = kind.compile(spec, base.catalog);
    JSON.stringify(chart.fill(await base.rows(chart)));
    return "answered";
  } catch (error) {
    if (error instanceof LiveViewError && error.code !== "invariant") return "refused";
    console.log(JSON.stringify(spec));
    throw error;
  }
}

for (const [kind, specs] of [[echarts, OPTIONS], [observablePlot, PLOTS]] as const) {
  describe(`damaged specs of ${kind.name}`, () => {
    it("are answered, or refused with an error of ours", async () => {
      console.log(`${kind.name}: LIVEVIEW_SEED=${SEED}`);
      const random = new SeededRandom(SEED);
      const counts = { answered: 0, refused: 0 };
      for (const spec of specs) counts[await survives(kind, spec)]++;
      assert(counts.refused === 0);
      for (let run = 0; run < RUNS; run++) {
        counts[await survives(kind, damaged(random.pick(specs), random))]++;
      }
      assert(counts.answered > 0 && counts.refused > 0);
      assert((await base.db.query("SELECT count(*) AS n FROM sale")).column("n")[0] === 60);
    });
  });
}
