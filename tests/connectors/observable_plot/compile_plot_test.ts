import { after, before, describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ChartRow } from "../../../connectors/charts/chart_kind.ts";
import { compilePlot } from "../../../connectors/observable_plot/compile_plot.ts";
import type { PlotMark, PlotSpec } from "../../../connectors/observable_plot/plot_json.ts";
import { type ChartDatabase, chartDatabase, groupBy, type Sale } from "../charts/chart_database.ts";
import { markValues, rawValues } from "./mark_values.ts";

let base: ChartDatabase;
before(async () => {
  base = await chartDatabase(400);
});
after(async () => await base.db.close());

/** Marks over `sale`, each as the engine and as Plot compute it. */
const CASES: Readonly<Record<string, Omit<PlotMark, "data">>> = {
  "counts by group": { mark: "barY", options: { x: "status" }, transform: { groupX: { y: "count" } } },
  "sums by group and fill": {
    mark: "barY",
    options: { x: "region", y: "price", fill: "status" },
    transform: { groupX: { y: "sum" } },
  },
  "groups lying": {
    mark: "barX",
    options: { y: "status", x: "price", fill: "steelblue" },
    transform: { groupY: { x: "mean" } },
  },
  "cells": { mark: "cell", options: { x: "status", y: "region" }, transform: { group: { fill: "count" } } },
  "one group for each z": {
    mark: "ruleY",
    options: { z: "status", y: "price", stroke: "status" },
    transform: { groupZ: { y: "median" } },
  },
  "all reducers": {
    mark: "dot",
    options: {
      x: "region",
      y: "price",
      y1: "price",
      r: "price",
      opacity: "price",
      fillOpacity: "quantity",
      strokeOpacity: "price",
      rotate: "quantity",
      length: "price",
    },
    transform: {
      groupX: {
        y: "max",
        r: "deviation",
        opacity: "p25",
        fillOpacity: "distinct",
        strokeOpacity: "variance",
        rotate: "min",
        text: "count",
        strokeWidth: "proportion",
      },
    },
  },
  "shares of a value": {
    mark: "barY",
    options: { x: "status", y: "price" },
    transform: { groupX: { y: "proportion" } },
  },
  "shares after a filter": {
    mark: "barY",
    options: { x: "status", filter: { column: "quantity", ">": 4 } },
    transform: { groupX: { y: "proportion" } },
  },
  "distinct with missing values": {
    mark: "dot",
    options: { x: "status", y: "region" },
    transform: { groupX: { y: "distinct" } },
  },
  "bins by Scott's rule": { mark: "rectY", options: { x: "price" }, transform: { binX: { y: "count" } } },
  "bins by Sturges' rule": {
    mark: "rectY",
    options: { x: "price", thresholds: "sturges" },
    transform: { binX: { y: "count" } },
  },
  "bins by Freedman and Diaconis' rule": {
    mark: "rectY",
    options: { x: "price", thresholds: "freedman-diaconis" },
    transform: { binX: { y: "sum" } },
  },
  "bins of a number of thresholds": {
    mark: "rectY",
    options: { x: "price", fill: "status", thresholds: 7 },
    transform: { binX: { y: "count" } },
  },
  "bins narrower than 1": {
    mark: "rectX",
    options: { y: "quantity", thresholds: 40 },
    transform: { binY: { x: "count" } },
  },
  "bins of an interval": {
    mark: "rectY",
    options: { x: "price", y: "quantity", interval: 125 },
    transform: { binX: { y: "mean" } },
  },
  "bins of a part of 1": {
    mark: "rectY",
    options: { x: { value: "price", interval: 0.25 }, filter: { column: "price", "<": 20 } },
    transform: { binX: { y: "count" } },
  },
  "bins of months": {
    mark: "rectY",
    options: { x: "day", y: "price", interval: "month" },
    transform: { binX: { y: "sum" } },
  },
  "bins of weeks": {
    mark: "rectY",
    options: { x: "at", thresholds: "week" },
    transform: { binX: { y: "count" } },
  },
  "bins of several hours": {
    mark: "rectY",
    options: { x: "at", interval: "6 hours", filter: { column: "at", "<": "2023-02-01" } },
    transform: { binX: { y: "count" } },
  },
  "bins in two directions": {
    mark: "rect",
    options: { x: "price", y: "quantity", thresholds: 5 },
    transform: { bin: { fill: "count" } },
  },
  "bins beside a group": {
    mark: "dot",
    options: { x: "price", y: "status", thresholds: 10 },
    transform: { binX: { r: "count" } },
  },
  "a moving mean": {
    mark: "lineY",
    options: { x: "id", y: "price", sort: "id" },
    transform: { windowY: { k: 7 } },
  },
  "a moving sum by series": {
    mark: "lineY",
    options: { x: "id", y: "quantity", stroke: "status", sort: "id" },
    transform: { windowY: { k: 4, reduce: "sum", anchor: "end" } },
  },
  "a strict moving maximum": {
    mark: "lineY",
    options: { x: "id", y: "quantity", sort: "id" },
    transform: { windowY: { k: 5, reduce: "max", anchor: "start", strict: true } },
  },
  "a share of the sum": {
    mark: "lineY",
    options: { x: "id", y: "price", z: "status", sort: "id" },
    transform: { normalizeY: "sum" },
  },
  "an index on the first value": {
    mark: "lineY",
    options: { x: "id", y: "price", z: "region", sort: "id" },
    transform: { normalizeY: "first" },
  },
  "a share of the extent": {
    mark: "lineY",
    options: { x: "id", y: "quantity", sort: "id" },
    transform: { normalizeY: { basis: "extent" } },
  },
  "deviations": {
    mark: "lineY",
    options: { x: "id", y: "quantity", z: "status", sort: "id" },
    transform: { normalizeY: "deviation" },
  },
  "a running sum": {
    mark: "lineY",
    options: { x: "id", y: "quantity", sort: "id" },
    transform: { mapY: "cumsum" },
  },
  "a stack of groups": {
    mark: "barY",
    options: { x: "region", y: "price", fill: "status" },
    transform: [{ groupX: { y: "sum" } }, { stackY: {} }],
  },
  "a stack to 1": {
    mark: "barY",
    options: { x: "region", fill: "status" },
    transform: [{ groupX: { y: "count" } }, { stackY: { offset: "normalize", order: "-z" } }],
  },
  "the last of each series": {
    mark: "text",
    options: { x: "id", y: "price", z: "status", text: "status", sort: "id" },
    transform: { select: "last" },
  },
  "the greatest of each series": {
    mark: "dot",
    options: { x: "id", y: "price", fill: "region", sort: "id" },
    transform: { selectMaxY: true },
  },
  "a filter by conditions": {
    mark: "dot",
    options: { x: "id", y: "price" },
    transform: {
      filter: { or: [{ column: "status", "=": "paid" }, { not: { column: "price", ">=": 100 } }] },
    },
  },
};

/** In order and with times cut: Plot's groups come as their rows do, and know no intervals of channels. */
const monthly = (sales: readonly Sale[]) =>
  sales.map((sale) => ({ ...sale, day: `${sale.day.slice(0, 7)}-01` })).sort((a, b) =>
    a.day < b.day ? -1 : 1
  );

async function compiled(spec: unknown): Promise<{ spec: PlotSpec; unsupported: readonly string[] }> {
  const chart = compilePlot(spec, base.catalog);
  return {
    spec: chart.fill(await base.rows(chart)) as PlotSpec,
    unsupported: chart.unsupported.map(({ path }) => path),
  };
}

describe("compilePlot()", () => {
  for (const [name, mark] of Object.entries(CASES)) {
    it(`gives ${name} as Plot does on all rows`, async () => {
      const { spec, unsupported } = await compiled({ marks: [{ ...mark, data: "sale" }] });
      assertEquals(unsupported, []);
      assertEquals(spec.marks[0]!.transform, undefined);
      const expected = rawValues(mark as PlotMark, base.sales);
      assert(expected.length > 0);
      assertEquals(markValues(spec), expected);
    });
  }

  it("cuts times before it groups, by channel or by scale", async () => {
    const mark = {
      mark: "lineY",
      options: { x: "day", y: "price", stroke: "status" },
      transform: [{ groupX: { y: "sum" } }, { windowY: { k: 3 } }],
    };
    const expected = rawValues(mark, monthly(base.sales));
    const options = { ...mark.options, x: { value: "day", interval: "month" } };
    const byChannel = await compiled({ marks: [{ ...mark, data: "sale", options }] });
    assertEquals(markValues(byChannel.spec), expected);
    const byScale = await compiled({ marks: [{ ...mark, data: "sale" }], x: { interval: "month" } });
    assertEquals(markValues(byScale.spec), expected);
  });

  it("cuts times by several units", async () => {
    const { spec } = await compiled({
      marks: [{
        mark: "dot",
        data: "sale",
        options: { x: { value: "day", interval: "3 months" } },
        transform: { groupX: { y: "count" } },
      }],
    });
    const expected = groupBy(
      base.sales,
      ({ day }) =>
        `${day.slice(0, 5)}${["01", "04", "07", "10"][Math.floor((Number(day.slice(5, 7)) - 1) / 3)]}`,
      (group) => group.length,
    );
    const [rows] = Object.values(spec.data!) as readonly (readonly ChartRow[])[];
    assertEquals(rows!.map((row) => [String(row["x"]).slice(0, 7), row["y"]]), [...expected]);
  });

  it("reads names, SQL and rows as data, and shares queries", async () => {
    const dot = (data: unknown) => ({ mark: "dot", data, options: { x: "id", y: "price" } });
    const { spec } = await compiled({
      data: { cheap: "SELECT id, price FROM sale WHERE price < 50", own: [{ id: 1, price: 2 }] },
      marks: [dot("sale"), dot("sale"), dot("cheap"), dot("own"), dot([{ id: 3, price: 4 }]), {
        mark: "frame",
      }],
    });
    assertEquals(Object.keys(spec.data!), ["own", "sale", "cheap"]);
    assertEquals([0, 1, 2, 3].map((i) => markValues(spec, i).length), [
      400,
      400,
      base.sales.filter(({ price }) => price !== null && price < 50).length,
      1,
    ]);
  });

  it("thins a line out by M4", async () => {
    const { spec } = await compiled({
      marks: [{
        mark: "lineY",
        data: "sale",
        options: { x: "at", y: "price" },
        transform: { m4: { columns: 10 } },
      }],
    });
    const count = markValues(spec).length;
    assert(count <= 40 && count >= 20);
  });

  it("leaves to Plot what it cannot do, and says so", async () => {
    const mark = {
      mark: "barY",
      options: { x: "status", y: "price" },
      transform: [{ groupX: { y: "max-index" } }, { stackY: { offset: "center" } }],
    };
    const { spec, unsupported } = await compiled({
      marks: [
        { ...mark, data: "sale" },
        { mark: "rectY", data: "sale", options: { x: "at" }, transform: { binX: { y: "count" } } },
        { mark: "hologram", data: "sale" },
        { mark: "dot", data: "sale", options: { x: "id", y: "price", href: "status" } },
      ],
    });
    assertEquals(unsupported, [
      "/marks/0/transform/0/groupX",
      "/marks/1/transform/binX",
      "/marks/2/mark",
      "/marks/3/options/href",
    ]);
    assertEquals(spec.marks[0]!.transform, mark.transform);
    assertEquals(markValues(spec).length, rawValues(mark, base.sales).length);
    const hist: PlotMark = { mark: "rectY", options: { x: "at" }, transform: { binX: { y: "count" } } };
    assertEquals(markValues(spec, 1), rawValues(hist, base.sales));
  });

  it("refuses what is no spec, and names the place", () => {
    const compile = (spec: unknown) => () => compilePlot(spec, base.catalog);
    const dot = (options: unknown, more: object = {}) =>
      compile({ marks: [{ mark: "dot", data: "sale", options, ...more }] });
    assertThrows(compile([]), Error, "received []");
    assertThrows(compile({}), Error, "/marks");
    assertThrows(compile({ marks: [{ mark: "dot", data: "sales" }] }), Error, "/marks/0/data");
    assertThrows(dot({ x: "prize" }), Error, 'Unknown column "prize" at /marks/0/options/x');
    assertThrows(dot({ x: { expr: "(SELECT 1)" } }), Error, "/marks/0/options/x");
    assertThrows(dot({}, { transform: { eval: "1" } }), Error, "/marks/0/transform");
    assertThrows(dot({}, { transform: { filter: { column: "1=1", "=": 1 } } }), Error, "1=1");
    assertThrows(
      compile({ marks: [{ mark: "dot", data: { sql: "DROP TABLE sale" } }] }),
      Error,
      "/marks/0/data/sql",
    );
  });

  it("keeps prototypes and functions out", async () => {
    const { spec } = await compiled({
      ...JSON.parse('{ "__proto__": { "polluted": 1 } }'),
      style: { background: "url(https://example.org)" },
      marks: [{ mark: "dot", data: [{ a: 1 }], options: { x: "a", render: () => 1 } }],
    });
    assertEquals([spec["style"], spec.marks[0]!.options], [undefined, { x: "a" }]);
    assertEquals(({} as Record<string, unknown>)["polluted"], undefined);
  });
});
