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
import type { Datum } from "../../src/storage/sql_type.ts";
import { isDeterministic } from "./query_shape.ts";
import { QueryWriter } from "./random_query.ts";
import { datumLiteral, randomDatum, type RandomTable, randomTable } from "./random_table.ts";

/** A change of the rows of one table. Rows are found by a value of one column. */
export type ViewChange =
  | { readonly kind: "insert"; readonly table: string; readonly row: ReadonlyMap<string, Datum> }
  | { readonly kind: "delete"; readonly table: string; readonly where: ColumnValue }
  | {
    readonly kind: "update";
    readonly table: string;
    readonly where: ColumnValue;
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
}

/** See the module header. */
export interface ViewCase {
  readonly tables: readonly RandomTable[];
  readonly query: Query;
  readonly script: readonly ViewTransaction[];
}

const TABLE_NAMES = ["alpha", "beta", "gamma"] as const;

/** The case of a seed; undefined when its query has more than one answer. */
export function viewCase(seed: number): ViewCase | undefined {
  const random = new SeededRandom(seed);
  const extremes = random.next() < 0.15;
  const tables = TABLE_NAMES.slice(0, random.integer(1, 3)).map((name) =>
    randomTable(random, name, { extremes, columnsMax: 6, rowsMax: random.pick([3, 8, 14, 30]) })
  );
  const profile = {
    extremes,
    large: false,
    risky: random.next() < 0.08,
    beyondPostgres: random.next() < 0.1,
  };
  const query = parseStatement(new QueryWriter(random, tables, profile).write());
  if (query.kind !== "query") throw new TypeError("The writer of queries wrote no query");
  if (!isDeterministic(query)) return undefined;
  const script = Array.from({ length: random.integer(2, 8) }, (): ViewTransaction => {
    const changes = Array.from(
      { length: random.pick([1, 1, 2, 3, 6]) },
      () => randomChange(random, random.pick(tables), extremes),
    );
    return { changes, keep: random.next() < 0.85 };
  });
  return { tables, query, script };
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
  const where = randomPlace(random, table, extremes);
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
  const found = literal(change.where);
  if (found === undefined) return undefined;
  const where = `WHERE ${change.where.column} IS NOT DISTINCT FROM ${found}`;
  if (change.kind === "delete") return `DELETE FROM ${table.name} ${where}`;
  const set = literal(change.set);
  return set === undefined ? undefined : `UPDATE ${table.name} SET ${change.set.column} = ${set} ${where}`;
}
