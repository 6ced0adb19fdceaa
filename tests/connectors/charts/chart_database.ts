/**
 * A database with sales, as the chart tests see one: catalogue, rows on the wire, charts with their rows.
 *
 * @module
 */
import { createDatabase, type Database } from "../../../mod.ts";
import type {
  ChartCatalog,
  ChartColumn,
  ChartRow,
  CompiledChart,
} from "../../../connectors/charts/chart_kind.ts";
import type { QueryResult } from "../../../src/kernel/query_result.ts";
import { SeededRandom } from "../../../src/base/random.ts";

/** A sale as it was inserted. */
export interface Sale {
  readonly id: number;
  readonly day: string;
  readonly at: string;
  readonly region: string | null;
  readonly status: string;
  readonly price: number | null;
  readonly quantity: number;
}

const REGIONS = ["ASIA", "EUROPE", "AFRICA", "AMERICA"];

/** Reproducible sales of 2023 and 2024, some without region or price. */
export function sales(count: number, seed = 7): readonly Sale[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, id) => {
    const ms = Date.UTC(2023, 0, 1) + random.integer(0, 2 * 365 * 24 * 60) * 60_000;
    return {
      id,
      day: new Date(ms).toISOString().slice(0, 10),
      at: new Date(ms).toISOString(),
      region: random.next() < 0.05 ? null : random.pick(REGIONS),
      status: random.pick(["open", "paid", "sent"]),
      price: random.next() < 0.05 ? null : random.integer(100, 100_000) / 100,
      quantity: random.integer(1, 9),
    };
  });
}

/** What a test needs of a database. */
export interface ChartDatabase {
  readonly db: Database;
  readonly catalog: ChartCatalog;
  readonly sales: readonly Sale[];
  /** The rows of each query of a chart. */
  rows(chart: CompiledChart): Promise<Map<string, readonly ChartRow[]>>;
}

/** A database with the table `sale`; `timeZone` is that of the catalogue. */
export async function chartDatabase(count = 500, timeZone = "UTC"): Promise<ChartDatabase> {
  const db = createDatabase();
  await db.exec(`CREATE TABLE sale (id BIGINT PRIMARY KEY, day DATE, at TIMESTAMPTZ, region TEXT, status TEXT,
    price DECIMAL(15,2), quantity INTEGER)`);
  const list = sales(count);
  await db.insert("sale", list.map((sale) => ({ ...sale })));
  const columns: readonly ChartColumn[] = (await db.query("SELECT * FROM sale LIMIT 0")).columns
    .map(({ name, sqlType }) => ({ name, type: sqlType }));
  return {
    db,
    sales: list,
    catalog: {
      columns: (relation) => relation === "sale" ? columns : undefined,
      relationNames: () => ["sale"],
      timeZone,
    },
    async rows(chart) {
      const rows = new Map<string, readonly ChartRow[]>();
      for (const { name, query } of chart.datasets) rows.set(name, wireRows(await db.query(query)));
      return rows;
    },
  };
}

/** Rows as they travel. */
export function wireRows(result: QueryResult): ChartRow[] {
  const dates = new Set(result.columns.flatMap(({ name, sqlType }) => sqlType.kind === "date" ? [name] : []));
  return result.objects().map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        if (!(value instanceof Date)) return [name, value];
        const text = value.toISOString();
        return [name, dates.has(name) ? text.slice(0, 10) : text.replace(".000Z", "Z")];
      }),
    )
  );
}

/** Groups by a key: what a query with GROUP BY must agree with. */
export function groupBy<Item, Value>(
  items: readonly Item[],
  key: (item: Item) => string,
  value: (group: readonly Item[]) => Value,
): Map<string, Value> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return new Map(
    [...groups].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0).map(([name, group]) => [name, value(group)]),
  );
}

/** The sum of what is there, to the cent; null when nothing is. */
export function sumOf(values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 ? null : Math.round(present.reduce((sum, value) => sum + value, 0) * 100) / 100;
}
