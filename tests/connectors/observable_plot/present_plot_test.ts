import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ChartRow } from "../../../connectors/charts/chart_kind.ts";
import {
  plotAfter,
  plotFromJson,
  type PlotSpec,
  plotSpec,
} from "../../../connectors/observable_plot/observable_plot.ts";
import { DOUBLE, TEXT, TIMESTAMPTZ } from "../../../src/storage/sql_type.ts";
import { dayAfter, sampleColumns, SAMPLES } from "../echarts/present_sample.ts";
import { markValues } from "./mark_values.ts";
import { drawnPlot, PLOT } from "./svg_plot.ts";

function specOf(rows: readonly ChartRow[]): PlotSpec {
  return plotSpec(sampleColumns(rows), rows);
}

function rowsOf(spec: PlotSpec): readonly ChartRow[] {
  return spec.data!["rows"] as readonly ChartRow[];
}

describe("plotSpec()", () => {
  for (const [name, rows] of Object.entries(SAMPLES)) {
    it(`draws ${name} to SVG`, () => {
      const svg = drawnPlot(specOf(rows));
      assert(svg.includes("<svg") && /<(path|rect|circle|text)/.test(svg));
    });
  }

  it("draws the values of each series", () => {
    assertEquals(markValues(specOf(SAMPLES["lines"]!)).map((text) => JSON.parse(text)), [
      { stroke: "ASIA", x: "2024-01-01T00:00:00.000Z", y: 0, z: "ASIA" },
      { stroke: "ASIA", x: "2024-01-02T00:00:00.000Z", y: 2, z: "ASIA" },
      { stroke: "EUROPE", x: "2024-01-01T00:00:00.000Z", y: 1, z: "EUROPE" },
      { stroke: "EUROPE", x: "2024-01-02T00:00:00.000Z", y: 3, z: "EUROPE" },
    ]);
  });

  it("draws bounds as a band, and as rules of bars", () => {
    assertEquals(specOf(SAMPLES["band"]!).marks.map(({ mark }) => mark), ["areaY", "lineY"]);
    assertEquals(specOf(SAMPLES["errors"]!).marks.map(({ mark }) => mark), ["barY", "ruleX", "ruleY"]);
  });

  it("shows instants as the clock in the zone shows them", () => {
    const rows = [{ at: "2024-07-01T22:00:00Z", n: 1 }, { at: "2024-07-02T22:00:00Z", n: 2 }];
    const spec = plotSpec([{ name: "at", type: TIMESTAMPTZ }, { name: "n", type: DOUBLE }], rows, {
      timeZone: "Europe/Zurich",
    });
    assertEquals(rowsOf(spec)[0]!["at"], "2024-07-02T00:00:00Z");
  });

  it("takes columns that are called as colours for columns", () => {
    const rows = [{ red: "a", x: 1 }, { red: "b", x: 2 }];
    const spec = plotSpec([{ name: "red", type: TEXT }, { name: "x", type: DOUBLE }], rows);
    assertEquals(markValues(spec).map((text) => JSON.parse(text)["x"]), ["a", "b"]);
  });

  it("draws no rows at all", () => {
    assert(drawnPlot(plotSpec(sampleColumns(SAMPLES["line"]!), [])).includes("<svg"));
  });
});

describe("plotAfter()", () => {
  it("has the rows that came, in their place, and not those that went", () => {
    const spec = specOf(SAMPLES["line"]!);
    const after = plotAfter(spec, {
      inserted: [{ day: dayAfter(-1), revenue: 5, cost: 5 }],
      deleted: [SAMPLES["line"]![2]!],
    });
    assertEquals(rowsOf(after).map(({ day }) => day), [
      "2023-12-31T00:00:00Z",
      "2024-01-01T00:00:00Z",
      "2024-01-02T00:00:00Z",
    ]);
    assertEquals((after.data!["values"] as readonly unknown[]).length, 6);
    assert(drawnPlot(after).includes("<svg"));
  });

  it("keeps the colours of the parts when a new one comes", () => {
    const after = plotAfter(specOf(SAMPLES["stack"]!), {
      inserted: [{ region: "R0", status: "aborted", orders: 3 }],
      deleted: [],
    });
    assertEquals((after["color"] as { readonly domain: unknown }).domain, ["open", "paid", "aborted"]);
  });

  it("refuses rows that are not there", () => {
    assertThrows(() => plotAfter({ marks: [] }, []), Error, "no rows");
  });
});

describe("plotFromJson()", () => {
  it("reads dates in rows that nobody described", () => {
    const data = [{ day: "2024-05-01", v: 1 }, { day: null, v: 2 }];
    const spec = { marks: [{ mark: "dot", data, options: { x: "day", y: "v" } }] };
    assertEquals(JSON.parse(markValues(spec)[0]!)["x"], "2024-05-01T00:00:00.000Z");
  });

  it("filters and sorts rows of the spec", () => {
    const data = [{ v: 1, w: 0 }, { v: 3, w: 0 }, { v: 2, w: 0 }];
    const spec = {
      marks: [{
        mark: "dot",
        data,
        options: { x: "v", y: "w", filter: { column: "v", ">": 1 }, sort: "-v" },
      }],
    };
    assertEquals(drawnPlot(spec).match(/<circle/g)?.length, 2);
  });

  it("calls nothing but marks and transforms", () => {
    const make = (mark: string, transform?: object) => () =>
      plotFromJson({
        marks: [{ mark, data: [], ...(transform === undefined ? {} : { transform: { ...transform } }) }],
      }, PLOT);
    assertThrows(make("plot"), Error, '"plot"');
    assertThrows(make("constructor"), Error, '"constructor"');
    assertThrows(make("dot", { scale: {} }), Error, '"scale"');
  });

  it("names rows that are missing", () => {
    assertThrows(() => plotFromJson({ marks: [{ mark: "dot", data: "q" }] }, PLOT), Error, '"q"');
  });
});

describe("facets", () => {
  it("draw bars side by side", () => {
    const rows = [0, 1, 2, 3].map((i) => ({
      region: `R${i >> 1}`,
      status: ["open", "paid"][i & 1],
      revenue: i - 2,
    }));
    const svg = drawnPlot(specOf(rows));
    assert((svg.match(/<rect /g) ?? []).length >= 4);
    assertEquals(["R0", "R1", "open", "paid"].every((text) => svg.includes(text)), true);
  });
});
