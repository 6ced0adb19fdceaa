/** The chart libraries behind `/charts/:kind`: results become specs, and specs come back with aggregated rows. */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { echarts } from "../../../connectors/echarts/echarts.ts";
import { liveviewApp } from "../../../connectors/hono/app.ts";
import { observablePlot } from "../../../connectors/observable_plot/observable_plot.ts";
import { vegaLite } from "../../../connectors/vega_lite/vega_lite.ts";
import { createDatabase } from "../../../mod.ts";

async function app() {
  const db = createDatabase();
  await db.exec(`
    CREATE TABLE sale (day DATE, region TEXT, amount DECIMAL(10,2));
    INSERT INTO sale VALUES ('2024-05-01', 'n', 1.5), ('2024-05-02', 's', 2.5), ('2024-05-02', 'n', 3);
  `);
  return liveviewApp(db, { charts: [vegaLite, echarts, observablePlot] });
}

describe("/charts/:kind", () => {
  for (const kind of ["vega-lite", "echarts", "observable-plot"]) {
    it(`gives a ready spec of ${kind}`, async () => {
      const sql = encodeURIComponent("SELECT day, sum(amount) AS total FROM sale GROUP BY day ORDER BY day");
      const answer = await (await app()).request(`/v1/charts/${kind}?sql=${sql}&title=Sales`);
      const text = await answer.text();
      assertEquals(answer.status, 200, text);
      assert(text.includes("Sales") && text.includes("5.5"));
    });
  }

  it("aggregates in the database, and says by which SQL", async () => {
    const spec = {
      data: { name: "sale" },
      mark: "bar",
      encoding: { x: { field: "region", type: "nominal" }, y: { aggregate: "sum", field: "amount" } },
    };
    const answer = await (await app()).request("/v1/charts/vega-lite", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ spec }),
    });
    const { spec: filled, datasets, unsupported } = await answer.json();
    assertEquals([filled.data.values.length, unsupported], [2, []]);
    assert(datasets[0].sql.includes("sum(amount)"));
  });
});
