import { after, before, describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import process from "node:process";
import { compilePlot } from "../../../connectors/observable_plot/compile_plot.ts";
import type { ChartCatalog } from "../../../connectors/charts/chart_kind.ts";
import type { PlotSpec } from "../../../connectors/observable_plot/plot_json.ts";
import { createDatabase, type Database } from "../../../mod.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { DOUBLE } from "../../../src/storage/sql_type.ts";
import { wireRows } from "../charts/chart_database.ts";
import { markValues } from "./mark_values.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? Date.now() % 1e9);
const RUNS = 25 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);

const CATALOG: ChartCatalog = {
  columns: (name) => name === "t" ? [{ name: "v", type: DOUBLE }] : undefined,
  relationNames: () => ["t"],
  timeZone: "UTC",
};

let db: Database;
before(async () => {
  db = createDatabase();
  await db.exec("CREATE TABLE t (v DOUBLE PRECISION)");
});
after(async () => await db.close());

/** Values of all sizes; short decimals fall on the edges of bins. */
function randomValues(random: SeededRandom): readonly (number | null)[] {
  const scale = 10 ** random.integer(-4, 6);
  const shift = random.pick([0, 0, -scale / 2, scale * 100]);
  const digits = random.integer(0, 3);
  const values = Array.from({ length: random.integer(1, 80) }, () => {
    if (random.next() < 0.05) return null;
    return random.next() < 0.1 ? shift : Number((random.next() * scale + shift).toFixed(digits));
  });
  // Where all values are equal Plot counts missing ones too.
  const present = values.filter((value) => value !== null);
  return new Set(present).size > 1 ? values : present.length > 0 ? present : [1];
}

describe("bins of random values", () => {
  it("are those of Plot", async () => {
    console.log(`bins: LIVEVIEW_SEED=${SEED}`);
    const random = new SeededRandom(SEED);
    for (let run = 0; run < RUNS; run++) {
      const rows = randomValues(random).map((v) => ({ v }));
      await db.exec("DELETE FROM t");
      await db.insert("t", rows);
      const thresholds = random.pick(["auto", "scott", "sturges", "freedman-diaconis", 3, 10, 40]);
      const mark = { mark: "rectY", options: { x: "v", thresholds }, transform: { binX: { y: "count" } } };
      const chart = compilePlot({ marks: [{ ...mark, data: "t" }] }, CATALOG);
      const found = wireRows(await db.query(chart.datasets[0]!.query));
      const spec = chart.fill(new Map([["t", found]])) as PlotSpec;
      assertEquals(
        markValues(spec),
        markValues({ marks: [{ ...mark, data: rows }] }),
        JSON.stringify({ thresholds, values: rows.map(({ v }) => v) }),
      );
    }
  });
});
