import { after, before, describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { type EChartsOption, init } from "echarts";
import process from "node:process";
import { echarts } from "../../../connectors/echarts/echarts.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { type ChartDatabase, chartDatabase } from "../charts/chart_database.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? Date.now() % 1e9);
const RUNS = 40 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);

let base: ChartDatabase;
before(async () => {
  base = await chartDatabase(150);
});
after(async () => await base.db.close());

function randomCondition(random: SeededRandom, depth: number): unknown {
  const kind = depth === 0 ? 9 : random.integer(0, 9);
  const nested = () => randomCondition(random, depth - 1);
  if (kind === 0) return { and: [nested(), nested()] };
  if (kind === 1) return { or: [nested(), nested(), nested()] };
  if (kind === 2) return { not: nested() };
  const operator = random.pick(["=", "!=", "<", "<=", ">", ">=", "eq", "ne", "lt", "lte", "gt", "gte"]);
  const equality = /^(=|!=|eq|ne)$/.test(operator);
  if (random.next() < 0.3) {
    const name = random.pick(["status", "region"]);
    return random.next() < 0.3 ? { dimension: name, reg: random.pick(["^A", "e", "A$", "^paid$"]) } : {
      dimension: name,
      [random.pick(["=", "!=", "ne"])]: random.pick(["paid", "ASIA", "open", "none", null]),
    };
  }
  const dimension = random.pick(["price", "quantity"]);
  const value = dimension === "price" ? random.integer(0, 1000) : random.integer(0, 10);
  return { dimension, [operator]: equality && random.next() < 0.3 ? null : value };
}

/** The ids that ECharts itself draws after a transform of the raw rows, in its order. */
function drawnIds(transform: unknown): unknown[] {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 100, height: 100 });
  const option = {
    dataset: [{ source: base.sales }, { transform }],
    xAxis: {},
    yAxis: {},
    series: { type: "scatter", datasetIndex: 1, encode: { x: "id", y: "quantity" } },
  };
  // Random transforms are JSON of the library's grammar.
  chart.setOption(option as unknown as EChartsOption);
  // The model is no public type of the library.
  const { getModel } = chart as unknown as {
    getModel(): {
      getSeries(): readonly { getData(): { count(): number; get(name: string, i: number): unknown } }[];
    };
  };
  const data = getModel.call(chart).getSeries()[0]!.getData();
  const ids = Array.from({ length: data.count() }, (_, i) => data.get("id", i));
  chart.dispose();
  return ids;
}

async function queriedIds(transform: unknown): Promise<unknown[]> {
  const chart = echarts.compile({
    dataset: [{ source: "sale" }, { transform }],
    series: { type: "scatter", datasetIndex: 1, encode: { x: "id", y: "quantity" } },
  }, base.catalog);
  return [...(await base.rows(chart)).values()][0]!.map((row) => row["id"]);
}

describe("transforms against ECharts on raw rows", () => {
  it("filter the same rows", async () => {
    console.log(`transforms: LIVEVIEW_SEED=${SEED}`);
    const random = new SeededRandom(SEED);
    const byNumber = (a: unknown, b: unknown) => Number(a) - Number(b);
    for (let run = 0; run < RUNS; run++) {
      const transform = { type: "filter", config: randomCondition(random, 3) };
      const [queried, expected] = [await queriedIds(transform), drawnIds(transform)];
      assertEquals(queried.sort(byNumber), expected.sort(byNumber), JSON.stringify(transform));
    }
  });

  it("sort rows the same way, missing values too", async () => {
    const orders = ["asc", "desc"].flatMap((order) =>
      [undefined, "min", "max"].map((incomparable) => ({
        order,
        ...(incomparable === undefined ? {} : { incomparable }),
      }))
    );
    for (const dimension of ["price", "region"]) {
      for (const order of orders) {
        const transform = {
          type: "sort",
          config: [{ dimension, ...order }, { dimension: "id", order: "desc" }],
        };
        assertEquals(await queriedIds(transform), drawnIds(transform), JSON.stringify(transform));
      }
    }
  });
});
