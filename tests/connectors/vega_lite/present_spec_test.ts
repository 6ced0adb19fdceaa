import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { vegaLite } from "../../../connectors/vega_lite/vega_lite.ts";
import type { ChartColumn, ChartRow, PresentOptions } from "../../../connectors/charts/chart_kind.ts";
import { QueryError } from "../../../mod.ts";
import { BIGINT, DATE, DOUBLE, JSON_TYPE, TEXT, TIMESTAMPTZ } from "../../../src/storage/sql_type.ts";
import { drawnMarks, viewOf } from "./drawn_marks.ts";
import { schemaErrors } from "./spec_schema.ts";

const columns = (types: Record<string, ChartColumn["type"]>): ChartColumn[] =>
  Object.entries(types).map(([name, type]) => ({ name, type }));

/** The spec, valid by the schema, and the kinds of marks that it draws. */
async function present(
  types: Record<string, ChartColumn["type"]>,
  rows: readonly ChartRow[],
  options?: PresentOptions,
) {
  const spec = vegaLite.present(columns(types), rows, options);
  assertEquals(schemaErrors(spec), undefined);
  const drawn = await drawnMarks(structuredClone(spec));
  const kinds = new Set(
    drawn.map(([kind]) => String(kind)).filter((kind) => !/axis|legend|title|header/.test(kind)),
  );
  return { spec, drawn, kinds: [...kinds].sort() };
}

const months = ["2024-01-01", "2024-02-01", "2024-03-01"];

describe("present()", () => {
  it("draws a line over time", async () => {
    const rows = months.map((month, i) => ({ month, revenue: 10.5 * i }));
    const { spec, kinds } = await present({ month: DATE, revenue: DOUBLE }, rows);
    assertEquals([spec["title"], kinds], ["Revenue by month", ["line"]]);
  });

  it("draws a line for each category", async () => {
    const rows = months.flatMap((month, i) => ["a", "b"].map((shop) => ({ month, shop, n: i })));
    const { drawn, kinds } = await present({ month: DATE, shop: TEXT, n: BIGINT }, rows);
    assertEquals([kinds, drawn.filter(([kind]) => kind === "line").length], [["line"], 2]);
  });

  it("draws a line for each of several measures", async () => {
    const rows = months.map((month, i) => ({ month, low: i, high: i + 2 }));
    const { drawn } = await present({ month: DATE, low: DOUBLE, high: DOUBLE }, rows);
    assertEquals(drawn.filter(([kind]) => kind === "line").length, 2);
  });

  it("draws a band for bounds over time", async () => {
    const rows = months.map((month, i) => ({ month, n: { lo: i, hi: i + 2, estimate: i + 1 } }));
    assertEquals((await present({ month: DATE, n: JSON_TYPE }, rows)).kinds, ["area", "line"]);
  });

  it("draws bars of error for bounds of categories", async () => {
    const rows = ["a", "b"].map((shop, i) => ({ shop, n: { lo: i, hi: i + 2 } }));
    assertEquals((await present({ shop: TEXT, n: JSON_TYPE }, rows)).kinds, ["rect", "rule"]);
  });

  it("keeps the order of the rows in bars", async () => {
    const rows = ["z", "a", "m"].map((shop, i) => ({ shop, n: i }));
    const { drawn } = await present({ shop: TEXT, n: BIGINT }, rows);
    const labels = drawn.filter((item) => item[0] === "axis-label" && /[zam]/.test(String(item[18])));
    assertEquals(labels.sort((a, b) => Number(a[1]) - Number(b[1])).map((item) => item[18]), ["z", "a", "m"]);
  });

  it("draws points for two measures", async () => {
    const rows = [3, 1, 2].map((x) => ({ weight: x, length: x * x }));
    assertEquals((await present({ weight: DOUBLE, length: DOUBLE }, rows)).kinds, ["symbol"]);
  });

  it("draws a single number large", async () => {
    const { kinds, drawn } = await present({ revenue: DOUBLE }, [{ revenue: 1234.5 }]);
    assertEquals(kinds, ["text"]);
    assert(drawn.some((item) => item.includes("1,234.50")));
  });

  it("draws texts as a table", async () => {
    const { kinds } = await present({ name: TEXT, note: TEXT }, [{ name: "a", note: "b" }]);
    assertEquals(kinds, ["text"]);
  });

  it("shows instants at the wall clock of a zone", async () => {
    const rows = [0, 1, 2].map((i) => ({ at: `2024-07-01T0${i}:00:00Z`, n: i }));
    const { spec } = await present({ at: TIMESTAMPTZ, n: BIGINT }, rows, { timeZone: "Asia/Tokyo" });
    const { data }: { data?: unknown } = spec;
    assert(JSON.stringify(data).includes("2024-07-01T09:00:00Z"));
  });

  it("writes numbers and months in a language", async () => {
    const rows = months.map((month, i) => ({ month, revenue: 1e6 * i }));
    const { spec } = await present({ month: DATE, revenue: DOUBLE }, rows, { locale: "de" });
    const view = await viewOf(structuredClone(spec));
    const svg = await view.toSVG();
    assert(svg.includes("1.000.000") || svg.includes("1.500.000"), svg.slice(0, 500));
    view.finalize();
  });

  it("takes size and title of the caller", async () => {
    const { spec } = await present({ n: BIGINT }, [{ n: 1 }], { title: "T", width: 300, height: 200 });
    assertEquals([spec["title"], spec["width"], spec["height"]], ["T", 300, 200]);
  });

  it("draws nothing of no rows", async () => {
    assertEquals((await present({ month: DATE, n: DOUBLE }, [])).kinds, []);
  });

  it("keeps names with dots, quotes and brackets", async () => {
    const rows = ["a", "b"].map((name, i) => ({ "my.shop": name, "n[0]'\"": i }));
    const { drawn } = await present({ "my.shop": TEXT, "n[0]'\"": BIGINT }, rows);
    assertEquals(drawn.filter(([kind]) => kind === "rect").length, 2);
  });

  it("an unknown zone or language is an error", () => {
    const at = columns({ at: TIMESTAMPTZ, n: BIGINT });
    for (const options of [{ timeZone: "Mars/Base" }, { locale: "not a tag" }]) {
      const error = assertThrows(() => vegaLite.present(at, [{ at: months[0], n: 1 }], options), QueryError);
      assertEquals(error.code, "invalid-parameter");
    }
  });
});
