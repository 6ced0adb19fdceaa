import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import * as vega from "vega";
import type { RowChange } from "../../../connectors/charts/live_rows.ts";
import { rowChangeset } from "../../../connectors/vega_lite/row_changeset.ts";
import { changesetColumns, vegaChangeset } from "../../../connectors/vega_lite/vega_lite.ts";
import { viewOf } from "./drawn_marks.ts";

const spec = {
  data: {
    name: "orders",
    values: [
      { day: "2024-01-02", n: 2 },
      { day: "2024-01-01", n: 1 },
      { day: "2024-01-01", n: 1 },
    ],
  },
  mark: "point",
  encoding: { x: { field: "day", type: "temporal" }, y: { field: "n", type: "quantitative" } },
  usermeta: { liveview: { orders: { times: ["day"], localTimes: [] } } },
};

/** Rows of the data set after a change, times as days. */
async function after(...changes: readonly RowChange[]): Promise<unknown[]> {
  const view = await viewOf(structuredClone(spec));
  for (const change of changes) {
    await view.change("orders", vegaChangeset(vega.changeset, change, changesetColumns(spec, "orders")))
      .runAsync();
  }
  const rows = view.data("orders").map((row) => [new Date(row.day).toISOString().slice(0, 10), row.n]);
  view.finalize();
  return rows.sort();
}

describe("vegaChangeset()", () => {
  it("inserts rows with dates where the spec has them", async () => {
    assertEquals(await after({ inserted: [{ day: "2024-01-03", n: 3 }], deleted: [] }), [
      ["2024-01-01", 1],
      ["2024-01-01", 1],
      ["2024-01-02", 2],
      ["2024-01-03", 3],
    ]);
  });

  it("removes one of two equal rows", async () => {
    assertEquals(await after({ inserted: [], deleted: [{ day: "2024-01-01", n: 1 }] }), [
      ["2024-01-01", 1],
      ["2024-01-02", 2],
    ]);
  });

  it("removes both when both went", async () => {
    const row = { day: "2024-01-01", n: 1 };
    assertEquals(await after({ inserted: [], deleted: [row, row] }), [["2024-01-02", 2]]);
  });

  it("replaces all rows by a snapshot", async () => {
    const snapshot = { snapshot: true, inserted: [{ day: "2024-02-01", n: 9 }], deleted: [] };
    assertEquals(await after({ inserted: [{ day: "2024-01-03", n: 3 }], deleted: [] }, snapshot), [[
      "2024-02-01",
      9,
    ]]);
  });

  it("removes rows that it inserted itself", async () => {
    const row = { day: "2024-01-03", n: 3 };
    assertEquals((await after({ inserted: [row], deleted: [] }, { inserted: [], deleted: [row] })).length, 3);
  });
});

describe("rowChangeset()", () => {
  it("finds rows by keys alone when they are given", () => {
    const { remove } = rowChangeset({ inserted: [], deleted: [{ id: 1, n: 5 }] }, { keys: ["id"] });
    assertEquals([{ id: 2, n: 5 }, { id: 1, n: 7 }, { id: 1, n: 5 }].map(remove), [false, true, false]);
  });

  it("takes no column for another whatever their order", () => {
    const { remove } = rowChangeset({ inserted: [], deleted: [{ a: 1, b: null }] });
    assertEquals([{ b: 1, a: null }, { b: null, a: 1, derived: 3 }].map(remove), [false, true]);
  });

  it("reads wall clocks in the zone of the page", () => {
    const { insert } = rowChangeset(
      { inserted: [{ month: "2012-03-01T00:00:00Z" }], deleted: [] },
      { localTimes: ["month"] },
    );
    assertEquals(insert[0]!["month"], new Date(2012, 2, 1));
  });
});
