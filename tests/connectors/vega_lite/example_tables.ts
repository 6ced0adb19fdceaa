/**
 * The tables of the example specs: files of vega-datasets and a few small ones.
 *
 * @module
 */
import type { ChartRow } from "../../../connectors/charts/chart_kind.ts";
import { addTable, type ChartTables, chartTables } from "./chart_tables.ts";

const FILES = [
  "cars.json",
  "barley.json",
  "movies.json",
  "seattle-weather.csv",
  "stocks.csv",
  "population.json",
  "unemployment-across-industries.json",
];
/** More rows only take longer. */
const ROWS_MAX = 300;

const SMALL: Readonly<Record<string, readonly ChartRow[]>> = {
  factors: [2, -3, 0.5, 4, 0, -1.5, null, -2].map((factor, id) => ({ id, kind: "abc"[id % 3], factor })),
  dotted: [{ "a.b": "x", "c.d": 1 }, { "a.b": "x", "c.d": 2 }, { "a.b": "y", "c.d": 4 }],
  places: [
    { place: "USA", continent: "America", people: 300 },
    { place: "Japan", continent: "Asia", people: 120 },
  ],
  events: Array.from({ length: 60 }, (_, i) => ({
    at: new Date(
      Date.UTC(2024, i % 5, 1 + (i * 7) % 28, (i * 5) % 24, (i * 13) % 60, (i * 17) % 60, (i * 37) % 1000),
    )
      .toISOString(),
    size: (i * 11) % 17,
    kind: i % 2 === 0 ? "even" : "odd",
    big: i % 3 === 0 ? null : i % 4 === 0,
  })),
};

/** Makes them in a new database. */
export async function exampleTables(): Promise<ChartTables> {
  const tables = await chartTables(FILES, ROWS_MAX);
  const columns = new Map<string, Awaited<ReturnType<typeof addTable>>>();
  for (const [name, rows] of Object.entries(SMALL)) columns.set(name, await addTable(tables.db, name, rows));
  return {
    ...tables,
    catalog: {
      ...tables.catalog,
      columns: (name) => columns.get(name) ?? tables.catalog.columns(name),
      relationNames: () => [...tables.catalog.relationNames(), ...columns.keys()],
    },
  };
}

/** The spec with the raw rows of each table in place of its name: what Vega-Lite draws by itself. */
export async function withRawRows(value: unknown, tables: ChartTables): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item: unknown) => withRawRows(item, tables)));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(async ([key, item]) =>
    [key, key === "data" ? await rawData(item, tables) : await withRawRows(item, tables)] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function rawData(data: unknown, tables: ChartTables): Promise<unknown> {
  if (typeof data !== "object" || data === null) return data;
  const { name, sql, url }: { name?: unknown; sql?: unknown; url?: unknown } = data;
  const file = typeof url === "string" ? /([\w-]+)\.\w+(\?.*)?$/.exec(url)?.[1] : undefined;
  const table = typeof name === "string" ? name : file;
  if (typeof sql === "string") return { name: "raw", values: await tables.rows(sql) };
  return table === undefined ? data : { name: table, values: await tables.rows(`SELECT * FROM "${table}"`) };
}
