import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import type { ChartRow } from "../../../connectors/charts/chart_kind.ts";
import { chartShape, shapeTitle } from "../../../connectors/charts/chart_shape.ts";
import { roledRows } from "../../../connectors/charts/column_role.ts";
import { BIGINT, DATE, DOUBLE, INTEGER, type SqlType, TEXT } from "../../../src/storage/sql_type.ts";

const TYPES: Readonly<Record<string, SqlType>> = {
  day: DATE,
  region: TEXT,
  status: TEXT,
  revenue: DOUBLE,
  cost: DOUBLE,
  orders: BIGINT,
  id: BIGINT,
  x: INTEGER,
};

function shapeOf(rows: readonly ChartRow[]) {
  const columns = Object.keys(rows[0]!).map((name) => ({ name, type: TYPES[name]! }));
  return chartShape(roledRows(columns, rows));
}

function times(count: number, row: (i: number) => ChartRow): ChartRow[] {
  return Array.from({ length: count }, (_, i) => row(i));
}

const dayOf = (i: number) => new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10);

describe("chartShape()", () => {
  it("is a line over time, for measures of one unit", () => {
    const shape = shapeOf(times(5, (i) => ({ day: dayOf(i), revenue: i, cost: i, orders: i })));
    assertEquals(shape.kind === "line" && shape.ys.map(({ name }) => name), ["revenue", "cost"]);
    assertEquals(shapeTitle(shape), "Revenue and cost by day");
  });

  it("is a line for each category over time", () => {
    const shape = shapeOf(times(6, (i) => ({ day: dayOf(i >> 1), region: "AB"[i & 1], revenue: i })));
    assertEquals(shape.kind === "line" && shape.series?.name, "region");
    assertEquals(shapeTitle(shape), "Revenue by day and region");
  });

  it("is a heat map of many categories over time", () => {
    assertEquals(shapeOf(times(40, (i) => ({ day: dayOf(i), region: `r${i}`, revenue: i }))).kind, "heatMap");
  });

  it("is bars by category, lying when there are many", () => {
    const bars = (count: number) => shapeOf(times(count, (i) => ({ region: `r${i}`, revenue: i })));
    const [few, many] = [bars(5), bars(30)];
    assertEquals([few.kind, few.kind === "bar" && few.horizontal], ["bar", false]);
    assertEquals([many.kind, many.kind === "bar" && many.horizontal], ["bar", true]);
  });

  it("stacks a second category where the parts add up", () => {
    const rows = times(6, (i) => ({ region: `r${i >> 1}`, status: "AB"[i & 1], revenue: i }));
    const stacked = (list: readonly ChartRow[]) => {
      const shape = shapeOf(list);
      return shape.kind === "bar" && shape.series?.name === "status" && shape.stacked;
    };
    assertEquals(stacked(rows), true);
    assertEquals(stacked(rows.map((row) => ({ ...row, revenue: -1 }))), false);
  });

  it("is a scatter of two measures, a line when the first is an even scale", () => {
    assertEquals(shapeOf(times(10, (i) => ({ revenue: (i * 7) % 10, cost: i }))).kind, "scatter");
    assertEquals(shapeOf(times(10, (i) => ({ x: i * 5, cost: i }))).kind, "line");
  });

  it("is a big number when measures stand alone", () => {
    assertEquals(shapeOf([{ revenue: 1, orders: 2 }]).kind, "bigNumber");
  });

  it("is a table of anything else", () => {
    assertEquals(shapeOf([{ region: "A", status: "B" }]).kind, "table");
    assertEquals(shapeOf(times(200, (i) => ({ region: `row ${i}`, revenue: i }))).kind, "table");
  });

  it("leaves identifiers out unless there is nothing else", () => {
    const shape = shapeOf(times(3, (i) => ({ id: i, region: `r${i}`, revenue: i })));
    assertEquals(shape.kind === "bar" && shape.x.name, "region");
    const byId = shapeOf(times(3, (i) => ({ id: i, revenue: i })));
    assertEquals(byId.kind === "bar" && byId.x.name, "id");
  });
});
