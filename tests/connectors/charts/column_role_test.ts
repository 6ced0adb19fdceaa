import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import type { ChartColumn, ChartRow } from "../../../connectors/charts/chart_kind.ts";
import { roledRows } from "../../../connectors/charts/column_role.ts";
import { columnTitle } from "../../../connectors/charts/column_title.ts";
import { epochMs, timeGranularity, wallClock } from "../../../connectors/charts/wall_time.ts";
import {
  BIGINT,
  BOOLEAN,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  JSON_TYPE,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../../../src/storage/sql_type.ts";

function roles(columns: readonly ChartColumn[], rows: readonly ChartRow[]): Record<string, string> {
  return Object.fromEntries(roledRows(columns, rows).columns.map(({ name, role }) => [name, role]));
}

function formatOf(column: ChartColumn, values: readonly unknown[]): string | undefined {
  return roledRows([column], values.map((value) => ({ [column.name]: value }))).columns[0]!.format?.d3;
}

describe("columnTitle()", () => {
  const titles: readonly (readonly [string, string])[] = [
    ["o_orderdate", "Order date"],
    ["total_revenue", "Total revenue"],
    ["l_extendedprice", "Extended price"],
    ["ps_availqty", "Available quantity"],
    ["c_custkey", "Customer key"],
    ["avg_price_usd", "Average price USD"],
    ["orderPriority", "Order priority"],
    ["discount", "Discount"],
    ["VAT", "VAT"],
    ["updated_at", "Updated at"],
    ["", ""],
  ];
  for (const [name, title] of titles) {
    it(`reads ${name} as ${title}`, () => assertEquals(columnTitle(name), title));
  }
});

describe("roledRows()", () => {
  it("takes roles from types and names", () => {
    const row = {
      o_orderdate: "2024-05-01",
      id: 1,
      region: "ASIA",
      revenue: 2.5,
      paid: true,
      year: 2024,
      n: 3,
    };
    const columns = [
      { name: "o_orderdate", type: DATE },
      { name: "id", type: BIGINT },
      { name: "region", type: TEXT },
      { name: "revenue", type: decimalType(15, 2) },
      { name: "paid", type: BOOLEAN },
      { name: "year", type: INTEGER },
      { name: "n", type: BIGINT },
    ];
    assertEquals(roles(columns, [row]), {
      o_orderdate: "time",
      id: "identifier",
      region: "category",
      revenue: "measure",
      paid: "boolean",
      year: "category",
      n: "measure",
    });
  });

  it("takes long and unique texts as prose", () => {
    const rows = Array.from({ length: 100 }, (_, i) => ({ note: `note ${i}` }));
    assertEquals(roles([{ name: "note", type: TEXT }], rows), { note: "text" });
  });

  it("makes three columns of one with bounds", () => {
    const { columns, rows } = roledRows([{ name: "x", type: JSON_TYPE }], [
      { x: { lo: 1, hi: 3 } },
      { x: { lo: 1, estimate: 1.5, hi: 3 } },
      { x: null },
    ]);
    assertEquals(columns.map(({ name, role }) => [name, role]), [
      ["x", "measure"],
      ["x_lo", "bound"],
      ["x_hi", "bound"],
    ]);
    assertEquals(rows, [
      { x: 2, x_lo: 1, x_hi: 3 },
      { x: 1.5, x_lo: 1, x_hi: 3 },
      { x: null, x_lo: null, x_hi: null },
    ]);
    assertEquals(columns[0]!.bounds, { lo: "x_lo", hi: "x_hi" });
  });

  it("finds columns that bound another one by their names", () => {
    const columns = ["x", "x_lo", "x_hi", "y_lo"].map((name) => ({ name, type: DOUBLE }));
    assertEquals(roles(columns, [{ x: 2, x_lo: 1, x_hi: 3, y_lo: 1 }]), {
      x: "measure",
      x_lo: "bound",
      x_hi: "bound",
      y_lo: "measure",
    });
  });

  it("keeps a property that is called __proto__ apart", () => {
    const row: ChartRow = JSON.parse('{ "__proto__": { "lo": 1, "hi": 2 } }');
    const { rows } = roledRows([{ name: "__proto__", type: JSON_TYPE }], [row]);
    assertEquals(Object.getPrototypeOf(rows[0]), Object.prototype);
  });

  it("cuts instants in the zone that is shown", () => {
    const rows = [{ t: "2024-05-31T22:00:00Z" }, { t: "2024-06-30T22:00:00Z" }];
    const granularity = (zone: string) =>
      roledRows([{ name: "t", type: TIMESTAMPTZ }], rows, zone).columns[0]!.granularity;
    assertEquals([granularity("UTC"), granularity("Europe/Zurich")], ["hour", "month"]);
  });

  it("titles a column of date_trunc by its granularity", () => {
    const rows = [{ date_trunc: "2024-05-01T00:00:00Z" }, { date_trunc: "2024-06-01T00:00:00Z" }];
    assertEquals(roledRows([{ name: "date_trunc", type: TIMESTAMP }], rows).columns[0]!.title, "Month");
  });
});

describe("numberFormat()", () => {
  it("writes money with cents, large amounts without", () => {
    const price = { name: "price", type: decimalType(15, 2) };
    assertEquals([formatOf(price, [9.5]), formatOf(price, [250_000.25])], [",.2f", ",.0f"]);
  });

  it("writes shares as percentages", () => {
    assertEquals(formatOf({ name: "return_rate", type: DOUBLE }, [0.25, 0.5]), ".1%");
  });

  it("writes whole numbers whole, big ones that came as text too", () => {
    assertEquals(formatOf({ name: "n", type: BIGINT }, [1, "9007199254740993"]), ",.0f");
  });

  it("writes decimals with three to four digits", () => {
    assertEquals(formatOf({ name: "x", type: DOUBLE }, [12.3456, 3.2]), ",.1f");
  });
});

describe("timeGranularity()", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["year", ["2023-01-01", "2024-01-01"]],
    ["quarter", ["2023-01-01", "2024-04-01"]],
    ["month", ["2023-01-01", "2024-05-01"]],
    ["week", ["2024-04-29", "2024-05-06"]],
    ["day", ["2024-04-29", "2024-05-07"]],
    ["hour", ["2024-04-29T10:00:00Z"]],
    ["minute", ["2024-04-29T10:05:00Z"]],
    ["second", ["2024-04-29T10:05:01Z"]],
    ["millisecond", ["2024-04-29T10:05:01.5Z"]],
    ["day", []],
    ["year", ["1931-01-01", "1969-01-01"]],
  ];
  for (const [unit, times] of cases) {
    it(`of ${times.join(", ") || "nothing"} is ${unit}`, () => {
      assertEquals(timeGranularity(times.map(epochMs)), unit);
    });
  }
});

describe("wallClock()", () => {
  const wall = (zone: string, instant: string) => new Date(wallClock(zone)(epochMs(instant))).toISOString();

  it("moves an instant to the time on the wall", () => {
    assertEquals(wall("Europe/Zurich", "2024-07-01T10:00:00.250Z"), "2024-07-01T12:00:00.250Z");
    assertEquals(wall("America/New_York", "2024-01-01T03:00:00Z"), "2023-12-31T22:00:00.000Z");
    assertEquals(wall("Asia/Kolkata", "1969-12-31T23:59:59.999Z"), "1970-01-01T05:29:59.999Z");
  });

  it("is right on both sides of every change of the clock", () => {
    for (
      const zone of [
        "Europe/Zurich",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Africa/Monrovia",
      ]
    ) {
      const format = new Intl.DateTimeFormat("en-CA", {
        timeZone: zone,
        dateStyle: "short",
        timeStyle: "medium",
        hourCycle: "h23",
      });
      const clock = wallClock(zone);
      const check = (ms: number) => {
        const [date, time] = format.format(ms).split(", ");
        assertEquals(new Date(clock(ms)).toISOString().slice(0, 19), `${date}T${time}`, zone);
      };
      for (let ms = Date.UTC(1972, 0); ms < Date.UTC(1972, 1); ms += 3_599_000) check(ms);
      for (let ms = Date.UTC(2024, 2, 1); ms < Date.UTC(2024, 3, 15); ms += 1_799_000) check(ms);
      for (let ms = Date.UTC(2024, 9, 1); ms < Date.UTC(2024, 10, 10); ms += 1_799_000) check(ms);
    }
  });

  it("throws for a zone that does not exist", () => {
    assertThrows(() => wallClock("Mars/Olympus"), Error, "Mars/Olympus");
  });
});
