import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ChartCatalog, ChartColumn } from "../../../connectors/charts/chart_kind.ts";
import { vegaLite } from "../../../connectors/vega_lite/vega_lite.ts";
import { QueryError } from "../../../mod.ts";
import { printQuery } from "../../../src/sql/print.ts";
import { DOUBLE, INTEGER, TEXT, TIMESTAMPTZ } from "../../../src/storage/sql_type.ts";

const TABLES: Readonly<Record<string, readonly ChartColumn[]>> = {
  sale: [
    { name: "shop", type: TEXT },
    { name: "at", type: TIMESTAMPTZ },
    { name: "amount", type: INTEGER },
    { name: "price", type: DOUBLE },
  ],
};
const catalog: ChartCatalog = {
  columns: (name) => Object.hasOwn(TABLES, name) ? TABLES[name] : undefined,
  relationNames: () => Object.keys(TABLES),
  timeZone: "Europe/Zurich",
};
const bars = (change: Record<string, unknown> = {}) => ({
  data: { name: "sale" },
  mark: "bar",
  encoding: { x: { field: "shop" }, y: { aggregate: "sum", field: "amount" } },
  ...change,
});
const sqlOf = (spec: unknown) =>
  vegaLite.compile(spec, catalog).datasets.map(({ query }) => printQuery(query));
const failure = (spec: unknown) => {
  const error = assertThrows(() => vegaLite.compile(spec, catalog), QueryError);
  return [error.code, error.details["path"]];
};

describe("compile()", () => {
  it("groups in the engine", () => {
    assertEquals(sqlOf(bars()), [
      "SELECT shop, sum(amount) AS sum_amount FROM sale GROUP BY shop ORDER BY shop",
    ]);
  });

  it("gives plain fields of the aggregated rows", () => {
    const filled = vegaLite.compile(bars(), catalog).fill(
      new Map([["sale", [{ shop: "a", sum_amount: "12" }]]]),
    );
    assertEquals(filled["data"], { name: "sale", values: [{ shop: "a", sum_amount: 12 }] });
    assertEquals(filled["encoding"], {
      x: { field: "shop" },
      y: { field: "sum_amount", type: "quantitative", title: "Sum of amount", stack: null },
    });
  });

  it("gives an empty data set without rows", () => {
    const filled = vegaLite.compile(bars(), catalog).fill(new Map());
    assertEquals(filled["data"], { name: "sale", values: [] });
  });

  it("cuts local time in the zone of the database and UTC in UTC", () => {
    const unit = (timeUnit: string) =>
      sqlOf(bars({ encoding: { x: { field: "at", timeUnit }, y: { aggregate: "count" } } }))[0]!;
    assert(unit("yearmonth").includes("date_trunc('month', timezone('Europe/Zurich', at))"));
    assert(unit("utcyearmonth").includes("date_trunc('month', timezone('UTC', at))"));
  });

  it("gives wall clocks without zone, for any browser to read as they are", () => {
    const spec = bars({ encoding: { x: { field: "at", timeUnit: "month" }, y: { aggregate: "count" } } });
    const rows = [{ month_at: "2012-03-01T00:00:00Z", __count: 1 }];
    const filled = vegaLite.compile(spec, catalog).fill(new Map([["sale", rows]]));
    assertEquals(filled["data"], { name: "sale", values: [{ month_at: "2012-03-01T00:00:00", __count: 1 }] });
  });

  it("shares one query between views that ask the same", () => {
    const { datasets } = vegaLite.compile({ hconcat: [bars(), bars({ mark: "point" })] }, catalog);
    assertEquals(datasets.map(({ name }) => name), ["sale"]);
  });

  it("names queries apart", () => {
    const other = bars({ encoding: { x: { field: "shop" }, y: { aggregate: "count" } } });
    const { datasets } = vegaLite.compile({ hconcat: [bars(), other] }, catalog);
    assertEquals(datasets.map(({ name }) => name), ["sale", "sale_2"]);
  });

  it("asks for no more raw columns than a view reads", () => {
    const spec = bars({ encoding: { x: { field: "price", type: "quantitative" } } });
    assertEquals(sqlOf(spec), ["SELECT price FROM sale"]);
  });

  it("leaves data of the page alone", () => {
    const spec = {
      data: { values: [{ a: 1 }] },
      mark: "bar",
      encoding: { y: { aggregate: "sum", field: "a" } },
    };
    const chart = vegaLite.compile(spec, catalog);
    assertEquals([chart.datasets, chart.fill(new Map())], [[], spec]);
  });

  it("lists a file that no table is named like", () => {
    const spec = bars({ data: { url: "data/unknown.csv" } });
    assertEquals(vegaLite.compile(spec, catalog).unsupported.map(({ path }) => path), ["/data/url"]);
  });
});

describe("compile() refuses", () => {
  for (const value of [null, 5, "bar", [], {}, { data: { name: "sale" } }]) {
    it(`what is no spec: ${JSON.stringify(value)}`, () =>
      assertEquals(failure(value)[0], "invalid-parameter"));
  }

  it("a table that does not exist", () => {
    assertEquals(failure(bars({ data: { name: "sales" } })), ["unknown-table", "/data/name"]);
  });

  it("a column that does not exist, with its place", () => {
    const spec = bars({ encoding: { y: { aggregate: "sum", field: "amuont" } } });
    assertEquals(failure(spec), ["unknown-column", "/encoding/y/field"]);
    assertEquals(failure(bars({ transform: [{ filter: "datum.amuont > 1" }] })), [
      "unknown-column",
      "/transform/0/filter",
    ]);
  });

  it("SQL that writes", () => {
    assertEquals(failure(bars({ data: { sql: "DELETE FROM sale RETURNING *" } })), [
      "invalid-statement",
      "/data/sql",
    ]);
  });

  it("nesting without end", () => {
    let spec: unknown = bars();
    for (let i = 0; i < 5000; i++) spec = { layer: [spec] };
    assertEquals(failure(spec)[0], "invalid-parameter");
  });

  it("repetition without end", () => {
    const many = Array.from({ length: 30 }, (_, i) => `c${i}`);
    assertEquals(failure({ ...bars(), repeat: { row: many, column: many }, spec: bars() }), [
      "invalid-parameter",
      "/repeat",
    ]);
  });
});

describe("untrusted parts", () => {
  it("become names and literals, never SQL", () => {
    const evil = `'); DROP TABLE sale; --`;
    const [sql] = sqlOf(bars({ transform: [{ filter: `datum.shop === ${JSON.stringify(evil)}` }] }));
    assert(sql!.includes(`'''); DROP TABLE sale; --'`), sql);
  });

  it("named __proto__ change nothing", () => {
    const spec: unknown = JSON.parse(
      `{"data":{"name":"sale"},"__proto__":{"polluted":1},"mark":"bar","encoding":{"__proto__":{"field":"shop"},"y":{"aggregate":"count"}}}`,
    );
    const filled = vegaLite.compile(spec, catalog).fill(new Map());
    assertEquals(Object.getPrototypeOf(filled), Object.prototype);
    assertEquals(({} as Record<string, unknown>)["polluted"], undefined);
  });

  for (
    const [what, filter] of [
      ["a long expression", "1+".repeat(5000) + "1 > 0"],
      ["a deep expression", "(".repeat(500) + "1" + ")".repeat(500)],
      ["an expression that is cut off", "datum.amount >"],
      ["code", "constructor.constructor('return 1')()"],
      ["a prototype", "datum.amount.__proto__.x > 1"],
      ["an unknown function", "fetch('x')"],
      ["a number", 5],
    ] as const
  ) {
    it(`${what} stays in the spec, listed`, () => {
      const { unsupported } = vegaLite.compile(bars({ transform: [{ filter }] }), catalog);
      assertEquals(unsupported.map(({ path }) => path), ["/transform/0/filter"]);
    });
  }
});
