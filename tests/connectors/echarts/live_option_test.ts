import { after, before, describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { ChartRow } from "../../../connectors/charts/chart_kind.ts";
import type { RowChange } from "../../../connectors/charts/live_rows.ts";
import { echarts, echartsPatch, withPatch } from "../../../connectors/echarts/echarts.ts";
import type { OptionJson } from "../../../connectors/echarts/option_json.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";
import { printQuery } from "../../../src/sql/print.ts";
import { type ChartDatabase, chartDatabase, sales } from "../charts/chart_database.ts";
import { drawn } from "./svg_chart.ts";

let base: ChartDatabase;
let db: Database;
before(async () => {
  base = await chartDatabase(1);
  db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`CREATE TABLE sale (id BIGINT PRIMARY KEY, day DATE, at TIMESTAMPTZ, region TEXT, status TEXT,
    price DECIMAL(15,2), quantity INTEGER)`);
});
after(async () => {
  await base.db.close();
  await db.close();
});

/** Dates of a change as they travel: the columns here are times, which have no date of their own. */
function wire(rows: readonly ChartRow[]): ChartRow[] {
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
    )
  );
}

const SPECS: Readonly<Record<string, object>> = {
  "a series for each part": {
    xAxis: { type: "time" },
    yAxis: {},
    dataset: { source: "sale" },
    series: { id: "s", type: "line", encode: { x: "month(day)", y: "sum(price)", series: "status" } },
  },
  "the greatest three": {
    dataset: { source: "sale" },
    series: {
      id: "s",
      type: "pie",
      encode: { itemName: "region", value: "sum(quantity)", order: "-value", limit: 3 },
    },
  },
  "a treemap": {
    dataset: { source: "sale" },
    series: { id: "s", type: "treemap", encode: { path: ["region", "status"], value: "count()" } },
  },
};

describe("a compiled option that is subscribed", () => {
  for (const [name, spec] of Object.entries(SPECS)) {
    it(`is after its patches what it would be anew: ${name}`, async () => {
      await db.exec("DELETE FROM sale");
      const all = sales(120, 3);
      await db.insert("sale", all.slice(0, 20).map((sale) => ({ ...sale, status: "open" })));
      const chart = echarts.compile(spec, base.catalog);
      const [dataset] = chart.datasets;
      const end = new AbortController();
      const changes = db.subscribe(printQuery(dataset!.query), { signal: end.signal })
        [Symbol.asyncIterator]();
      const next = async (): Promise<RowChange> => {
        const { value } = await changes.next();
        assert(typeof value === "object" && "inserted" in value);
        return { snapshot: value.snapshot, inserted: wire(value.inserted), deleted: wire(value.deleted) };
      };
      let option = chart.fill(new Map()) as OptionJson;
      const patches: OptionJson[] = [];
      const follow = async () => {
        const patch = echartsPatch(option, await next(), dataset!.name);
        patches.push(patch);
        option = withPatch(option, patch);
      };
      await follow();
      await db.insert("sale", all.slice(20).map((sale) => ({ ...sale })));
      await follow();
      end.abort();
      const rows = wire((await db.query(dataset!.query)).objects());
      const fresh = chart.fill(new Map([[dataset!.name, rows]])) as OptionJson;
      const source = (each: OptionJson) => each.dataset!.find(({ id }) => id === dataset!.name)!["source"];
      assertEquals(source(option), source(fresh));
      const names = (each: OptionJson) =>
        (each["series"] as readonly { readonly id: string }[]).map(({ id }) => id).sort();
      assertEquals(names(option), names(fresh));
      const empty = chart.fill(new Map()) as OptionJson;
      const [live, anew] = [drawn(empty, ...patches), drawn(fresh)];
      for (const id of names(fresh)) {
        const dimensions = name === "a treemap" ? ["value"] : [Object.keys(rows[0]!)[1]!];
        assertEquals(live.values(id, dimensions), anew.values(id, dimensions));
      }
    });
  }
});
