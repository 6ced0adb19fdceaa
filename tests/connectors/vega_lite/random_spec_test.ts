import { after, describe, it } from "node:test";
import process from "node:process";
import { assertEquals } from "@std/assert";
import { vegaLite } from "../../../connectors/vega_lite/vega_lite.ts";
import { randomFrom } from "../charts/random_number.ts";
import { difference, drawnMarks } from "./drawn_marks.ts";
import { exampleTables, withRawRows } from "./example_tables.ts";
import { schemaErrors } from "./spec_schema.ts";

const RUNS = 8 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);
const random = randomFrom("random specs");
const tables = await exampleTables();
after(() => tables.db.close());

function pick<Item>(items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)]!;
}
const chance = (share: number): boolean => random() < share;

interface Source {
  readonly name: string;
  readonly categories: readonly string[];
  readonly numbers: readonly string[];
  readonly times: readonly string[];
  readonly filters: readonly unknown[];
}

const SOURCES: readonly Source[] = [
  {
    name: "cars",
    categories: ["Origin", "Cylinders"],
    numbers: ["Horsepower", "Miles_per_Gallon", "Weight_in_lbs", "Acceleration", "Displacement"],
    times: ["Year"],
    filters: ["datum.Horsepower > 90", { field: "Cylinders", oneOf: [4, 6] }, {
      not: { field: "Origin", equal: "USA" },
    }],
  },
  {
    name: "movies",
    categories: ["MPAA Rating", "Creative Type", "Source"],
    numbers: ["IMDB Rating", "US Gross", "Rotten Tomatoes Rating", "Running Time min"],
    times: ["Release Date"],
    filters: ["datum['US Gross'] < 5e7", { field: "IMDB Rating", range: [4, 8] }, {
      field: "Running Time min",
      valid: true,
    }],
  },
  {
    name: "seattle-weather",
    categories: ["weather"],
    numbers: ["temp_max", "temp_min", "wind", "precipitation"],
    times: ["date"],
    filters: [
      "datum.precipitation == 0",
      { field: "date", timeUnit: "month", lt: 7 },
      "month(datum.date) > 2",
    ],
  },
];
const UNITS = [
  "year",
  "yearmonth",
  "yearquarter",
  "month",
  "day",
  "week",
  "utcmonth",
  "quarter",
  "date",
  "monthdate",
];
const OPERATIONS = [
  "sum",
  "mean",
  "median",
  "min",
  "max",
  "stdev",
  "q1",
  "distinct",
  "valid",
  "missing",
  "variance",
];

/** Undefined for single rows, which breaks the stacks above. */
const UNDEFINED_OF_ONE: ReadonlySet<string> = new Set(["stdev", "variance"]);

function dimension(source: Source): Record<string, unknown> {
  const kind = random();
  if (kind < 0.4) return { field: pick(source.categories), type: pick(["nominal", "ordinal"]) };
  if (kind < 0.7) {
    const timeUnit = pick(UNITS);
    return { field: pick(source.times), timeUnit, ...(chance(0.3) ? { type: "ordinal" } : {}) };
  }
  const bin = chance(0.5)
    ? true
    : pick([{ maxbins: 5 }, { maxbins: 25 }, { step: 20 }, { nice: false }, { anchor: 3 }]);
  return { field: pick(source.numbers), bin, ...(chance(0.2) ? { type: "ordinal" } : {}) };
}

function measure(source: Source): Record<string, unknown> {
  return chance(0.3)
    ? { aggregate: "count" }
    : { field: pick(source.numbers), aggregate: pick(OPERATIONS), type: "quantitative" };
}

function randomSpec(): Record<string, unknown> {
  const source = pick(SOURCES);
  const mark = pick(["bar", "bar", "line", "point", "area", "tick", "rect", "circle", "text"]);
  const x = dimension(source);
  const y = mark === "rect" ? dimension(source) : measure(source);
  // Paths over ordinal bins follow the order of the raw rows.
  if (["line", "area"].includes(mark) && x["bin"] !== undefined) delete x["type"];
  const discrete = x["type"] === "nominal" || x["type"] === "ordinal";
  if (discrete && mark !== "rect" && source.name !== "movies" && chance(0.3)) {
    x["sort"] = pick(["y", "-y", "descending", { field: source.numbers[0], op: "mean" }]);
    // Equal sort keys would leave the order to that of the raw rows.
    if (mark !== "rect") {
      Object.assign(y, { field: source.numbers[1], aggregate: "mean", type: "quantitative" });
    }
  }
  const encoding: Record<string, unknown> = chance(0.3) ? { x: y, y: { ...x, sort: undefined } } : { x, y };
  if (mark === "rect") encoding["color"] = measure(source);
  else if (chance(0.5) && !UNDEFINED_OF_ONE.has(String(y["aggregate"]))) {
    encoding["color"] = { field: pick(source.categories), type: "nominal" };
  }
  if (mark === "text") encoding["text"] = { aggregate: "count" };
  if (chance(0.15)) encoding["row"] = { field: source.categories[0], type: "nominal" };
  const transform = [
    ...(chance(0.4) ? [{ filter: pick(source.filters) }] : []),
    ...(chance(0.2) ? [{ calculate: `datum['${pick(source.numbers)}'] * 2 - 1`, as: "made" }] : []),
  ];
  return JSON.parse(JSON.stringify({ data: { name: source.name }, transform, mark, encoding }));
}

describe("random specs", () => {
  it("draw the same from the engine's rows as from raw rows", async () => {
    for (let run = 0; run < RUNS; run++) {
      const spec = randomSpec();
      const chart = vegaLite.compile(spec, tables.catalog);
      const rows = new Map<string, Awaited<ReturnType<typeof tables.rows>>>();
      for (const { name, query } of chart.datasets) rows.set(name, await tables.rows(query));
      const filled = chart.fill(rows);
      assertEquals(schemaErrors(filled), undefined, JSON.stringify(spec));
      assertEquals(chart.unsupported, [], JSON.stringify(spec));
      const expected = await drawnMarks(await withRawRows(spec, tables));
      const actual = await drawnMarks(structuredClone(filled));
      assertEquals(difference(actual, expected), undefined, JSON.stringify(spec));
    }
  });
});
