/**
 * Random cases of the view fuzzer: tables, a query to maintain, and transactions that change the tables.
 *
 * Changes name columns, not positions, so that a shrinker may drop columns and tables under them.
 *
 * @module
 */
import { SeededRandom } from "../../src/base/random.ts";
import type { Query } from "../../src/query/ast.ts";
import { parseStatement } from "../../src/sql/parse.ts";
import { DATE, type Datum, TIMESTAMP } from "../../src/storage/sql_type.ts";
import { isDeterministic } from "./query_shape.ts";
import { QueryWriter } from "./random_query.ts";
import {
  datumLiteral,
  type RandomColumn,
  randomDatum,
  type RandomTable,
  randomTable,
} from "./random_table.ts";
import { type ViewQuery, ViewQueryWriter } from "./view_query.ts";

/** A change of the rows of one table. Rows are found by a value of one column. */
export type ViewChange =
  | { readonly kind: "insert"; readonly table: string; readonly row: ReadonlyMap<string, Datum> }
  /** Without `where`: of all rows. */
  | { readonly kind: "delete"; readonly table: string; readonly where: ColumnValue | undefined }
  | {
    readonly kind: "update";
    readonly table: string;
    readonly where: ColumnValue | undefined;
    readonly set: ColumnValue;
  };

/** A column with a value. */
export interface ColumnValue {
  readonly column: string;
  readonly value: Datum;
}

/** Changes that are committed together, or not at all. */
export interface ViewTransaction {
  readonly changes: readonly ViewChange[];
  readonly keep: boolean;
  /** Where the clock stands from then on; where it stood when undefined. */
  readonly nowMs?: number | undefined;
  /** Refresh the view that is refreshed by hand after it: by changes or from all rows. */
  readonly refresh?: "late" | "late full" | undefined;
  /** What every reading of the clock of durations takes: where it is long, runs by changes are given up. */
  readonly stepMs?: number | undefined;
}

/** See the module header. */
export interface ViewCase {
  readonly tables: readonly RandomTable[];
  readonly query: Query;
  readonly script: readonly ViewTransaction[];
  /** Properties of the view, and those of the view that is refreshed by hand. */
  readonly properties?: readonly string[];
  readonly lateProperties?: readonly string[];
  /** A query of the view's rows where they are not the answer of its query, for which `$query` stands. */
  readonly answer?: string | undefined;
}

/** When cases start. */
export const START_MS: number = Date.UTC(2024, 4, 17, 12);

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TABLE_NAMES = ["alpha", "beta", "gamma"] as const;

/** The case of a seed; undefined when its query has more than one answer. */
export function viewCase(seed: number): ViewCase | undefined {
  const random = new SeededRandom(seed);
  const large = random.next() < 0.05;
  const extremes = !large && random.next() < 0.12;
  const temporal = random.next() < 0.25;
  let tables = TABLE_NAMES.slice(0, random.integer(1, 3)).map((name): RandomTable => {
    const table = randomTable(random, name, {
      extremes,
      columnsMax: 6,
      rowsMax: random.pick([3, 8, 14, 30]),
    });
    return temporal ? withMoments(random, table) : table;
  });
  if (large) tables = tables.map((table, i) => i === 0 ? grown(random, table) : table);
  const { sql, properties, answer } = randomQuery(random, tables, { extremes, large, temporal });
  const query = parseStatement(sql);
  if (query.kind !== "query") throw new TypeError("The writer of queries wrote no query");
  if (!isDeterministic(query)) return undefined;
  const bulk = random.next() < (large ? 0.6 : 0.1) ? random.integer(20, 120) : 6;
  const script = Array.from({ length: random.integer(2, 8) }, (): ViewTransaction => {
    const changes = Array.from(
      { length: random.pick([1, 1, 2, 3, bulk]) },
      () => randomChange(random, random.pick(tables), extremes),
    );
    return {
      changes: temporal && random.next() < 0.3 ? [] : changes,
      keep: random.next() < 0.85,
      nowMs: temporal && random.next() < 0.7 ? randomMoment(random, tables) : undefined,
      refresh: random.pick([undefined, undefined, "late", "late", "late full"]),
      stepMs: random.pick([undefined, undefined, undefined, 0, 0.1, 1, 20]),
    };
  });
  const modes = ["auto", "auto", "auto", "incremental", "full"] as const;
  const withMode = (mode: string) => mode === "auto" ? properties : [...properties, `refresh_mode = ${mode}`];
  const own = random.next() < 0.15 ? random.pick(modes) : "auto";
  const lateProperties = withMode(random.pick(modes));
  return { tables, query, script, properties: withMode(own), lateProperties, answer };
}

function randomQuery(
  random: SeededRandom,
  tables: readonly RandomTable[],
  shape: { readonly extremes: boolean; readonly large: boolean; readonly temporal: boolean },
): ViewQuery {
  const { extremes, large, temporal } = shape;
  const roll = random.next();
  const writer = new ViewQueryWriter(random, tables, shape);
  const special = roll < 0.04
    ? writer.writeQuarantine()
    : temporal && roll < 0.12
    ? writer.writeRetention()
    : undefined;
  if (special !== undefined) return special;
  if (temporal || large || roll < 0.55) return writer.write();
  const profile = {
    extremes,
    large: false,
    risky: random.next() < 0.08,
    beyondPostgres: random.next() < 0.3,
  };
  return {
    sql: new QueryWriter(random, tables, profile).write(),
    properties: [],
    answer: undefined,
  };
}

/** With columns of dates and of times, near the time of the case and far from it. */
function withMoments(random: SeededRandom, table: RandomTable): RandomTable {
  const columns: RandomColumn[] = [
    { name: "a8", type: DATE, family: "date", nullable: true },
    { name: "s9", type: TIMESTAMP, family: "timestamp", nullable: true },
  ];
  const rows = table.rows.map((row) => {
    const moments = columns.map((column): Datum => {
      if (random.next() < 0.3) return randomDatum(random, column, false);
      const at = START_MS + random.integer(-40, 40) * random.pick([DAY_MS, HOUR_MS, 1]);
      return column.family === "date" ? Math.floor(at / DAY_MS) : at * 1000;
    });
    return [...row, ...moments];
  });
  return { ...table, columns: [...table.columns, ...columns], rows };
}

/** With hundreds of rows, whose whole numbers are of a range as wide. */
function grown(random: SeededRandom, table: RandomTable): RandomTable {
  const count = random.integer(300, random.pick([600, 600, 2000]));
  const wide = random.pick([20, 100, count]);
  const rows = Array.from(
    { length: count },
    (_, i) =>
      table.columns.map((column, c): Datum => {
        if (table.keyed && c === 0) return i + 1;
        const isWide = column.family === "whole" && random.next() < 0.95;
        return isWide ? random.integer(0, wide) : randomDatum(random, column, false);
      }),
  );
  return { ...table, rows };
}

/** A time at which, or near which, conditions on the values of the tables change. */
function randomMoment(random: SeededRandom, tables: readonly RandomTable[]): number {
  const table = random.pick(tables);
  const moments = table.columns.flatMap(({ family }, i) =>
    family === "date" || family === "timestamp" ? [{ family, i }] : []
  );
  const offset = random.integer(-1, 1) *
    random.pick([0, 1, HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS, 31 * DAY_MS, 366 * DAY_MS]);
  if (moments.length === 0 || table.rows.length === 0 || random.next() < 0.3) return START_MS + offset;
  const { family, i } = random.pick(moments);
  const value = random.pick(table.rows)[i];
  if (typeof value !== "number") return START_MS + offset;
  const at = family === "date" ? value * DAY_MS : Math.floor(value / 1000);
  // The clock is a JavaScript date.
  return Math.abs(at) < 200_000 * DAY_MS ? at + offset : START_MS + offset;
}

function randomChange(random: SeededRandom, table: RandomTable, extremes: boolean): ViewChange {
  const roll = random.next();
  if (roll < 0.45) {
    const like = random.next() < 0.3 && table.rows.length > 0 ? random.pick(table.rows) : undefined;
    const row = table.columns.map((column, i): [string, Datum] => {
      if (table.keyed && i === 0) return [column.name, random.integer(1, table.rows.length + 10)];
      return [column.name, like?.[i] ?? randomDatum(random, column, extremes)];
    });
    return { kind: "insert", table: table.name, row: new Map(row) };
  }
  const where = random.next() < 0.04 ? undefined : randomPlace(random, table, extremes);
  if (roll < 0.7) return { kind: "delete", table: table.name, where };
  const column = random.pick(table.columns.slice(table.keyed ? 1 : 0));
  const set = { column: column.name, value: randomDatum(random, column, extremes) };
  return { kind: "update", table: table.name, where, set };
}

/** Mostly a value that occurs. */
function randomPlace(random: SeededRandom, table: RandomTable, extremes: boolean): ColumnValue {
  const position = random.next() < 0.6 ? 0 : random.integer(0, table.columns.length - 1);
  const column = table.columns[position]!;
  const known = table.rows.length > 0 && random.next() < 0.85;
  const value = known ? random.pick(table.rows)[position]! : randomDatum(random, column, extremes);
  return { column: column.name, value };
}

/** A change as a statement; undefined when what it changes was dropped. */
export function changeSql(change: ViewChange, tables: readonly RandomTable[]): string | undefined {
  const table = tables.find(({ name }) => name === change.table);
  if (table === undefined) return undefined;
  const literal = ({ column: name, value }: ColumnValue): string | undefined => {
    const column = table.columns.find((candidate) => candidate.name === name);
    return column === undefined ? undefined : datumLiteral(value, column.type);
  };
  if (change.kind === "insert") {
    const values = table.columns.map(({ name, type }) => datumLiteral(change.row.get(name) ?? null, type));
    return `INSERT INTO ${table.name} VALUES (${values.join(", ")}) ON CONFLICT DO NOTHING`;
  }
  const found = change.where === undefined ? "" : literal(change.where);
  if (found === undefined) return undefined;
  const where = change.where === undefined
    ? ""
    : ` WHERE ${change.where.column} IS NOT DISTINCT FROM ${found}`;
  if (change.kind === "delete") return `DELETE FROM ${table.name}${where}`;
  const set = literal(change.set);
  return set === undefined ? undefined : `UPDATE ${table.name} SET ${change.set.column} = ${set}${where}`;
}

/** The properties of a view in its definition. */
export function withSql(properties: readonly string[]): string {
  return properties.length === 0 ? "" : ` WITH (${properties.join(", ")})`;
}
