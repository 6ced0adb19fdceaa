import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import * as vega from "vega";
import { type BinOptions, withBins } from "../../../connectors/charts/bin.ts";
import { QueryPipeline } from "../../../connectors/charts/query_pipeline.ts";
import { createDatabase } from "../../../mod.ts";
import { DOUBLE, INTEGER } from "../../../src/storage/sql_type.ts";
import { randomFrom } from "./random_number.ts";

const random = randomFrom("bins");
const COLUMNS = { start: "s", end: "e", first: "first", last: "last", step: "step" };

/** The bins of the engine and of Vega for the same values. */
async function both(values: readonly (number | null)[], options: BinOptions) {
  await using db = createDatabase();
  await db.exec("CREATE TABLE t (id INTEGER, x DOUBLE)");
  await db.insert("t", values.map((x, id) => ({ id, x })));
  const pipeline = QueryPipeline.from("t", {
    columns: () => [{ name: "id", type: INTEGER }, { name: "x", type: DOUBLE }],
    relationNames: () => ["t"],
    timeZone: "UTC",
  }, "");
  const query = withBins(pipeline, "x", options, COLUMNS).sort([{ column: "id" }]).select(["s", "e"]).build();
  const engine = (await db.query(query)).rows();
  const spec = {
    data: [{
      name: "t",
      values: values.map((x) => ({ x })),
      transform: [
        { type: "extent", field: "x", signal: "extent" },
        { type: "bin", field: "x", extent: { signal: "extent" }, ...options, as: ["s", "e"] },
      ],
    }],
  };
  const view = new vega.View(vega.parse(spec as unknown as vega.Spec), { renderer: "none" });
  await view.runAsync();
  const finite = (value: unknown) => typeof value === "number" && Number.isFinite(value) ? value : null;
  const expected = view.data("t").map((row) => [finite(row["s"]), finite(row["e"])]);
  view.finalize();
  return { engine, expected };
}

const OPTIONS: readonly BinOptions[] = [
  {},
  { maxbins: 10 },
  { maxbins: 6 },
  { maxbins: 37 },
  { maxbins: 1 },
  { step: 3 },
  { maxbins: 10, nice: false },
  { base: 2, maxbins: 12 },
  { anchor: 1.3, maxbins: 10 },
  { steps: [1, 2, 5, 10, 20], maxbins: 10 },
  { minstep: 7, maxbins: 10 },
  { divide: [4, 2], maxbins: 9 },
  { extent: [-10, 40], maxbins: 10 },
];

describe("withBins()", () => {
  for (const options of OPTIONS) {
    it(`bins as Vega does, to the last bit: ${JSON.stringify(options)}`, async () => {
      const size = 10 ** Math.floor(random() * 9 - 4);
      const values = Array.from({ length: 80 }, () => random() < 0.05 ? null : (random() - 0.3) * size);
      const { engine, expected } = await both(values, options);
      assertEquals(engine, expected);
    });
  }

  for (const values of [[5], [0], [-3, -3], [null, 7], [1e-7, 2e-7], [1e12, 1e12 + 3]]) {
    it(`bins few values as Vega does: ${values.join()}`, async () => {
      const { engine, expected } = await both(values, { maxbins: 10 });
      assertEquals(engine, expected);
    });
  }
});
