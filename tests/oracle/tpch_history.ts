/**
 * TPC-H as a history: the 22 queries as maintained views under the refresh functions and random changes of every
 * table, each held against the batch executor.
 *
 * @module
 */
import { fileFormats } from "../../connectors/files/plugin.ts";
import { rowsOfBatch } from "../../examples/tpch/batch_rows.ts";
import { generateTpch, type TpchOptions } from "../../examples/tpch/generate.ts";
import { TPCH_QUERIES } from "../../examples/tpch/queries.ts";
import { randomUpdates, type TpchChange } from "../../examples/tpch/random_updates.ts";
import { refreshDelete, refreshInsert } from "../../examples/tpch/refresh.ts";
import { TPCH_TABLES, tpchSchema } from "../../examples/tpch/tables.ts";
import { createDatabase, type Database, materializedViews } from "../../mod.ts";

type ViewDatabase = Database<
  readonly [ReturnType<typeof materializedViews>, ReturnType<typeof fileFormats>]
>;
type Writer = Parameters<Parameters<ViewDatabase["transaction"]>[0]>[0];

/** Changes of a commit between two refreshes. */
const UPDATES = 40;

/** See the module header. */
export class TpchHistory {
  readonly db: ViewDatabase;
  readonly #options: TpchOptions;
  readonly #changes: Generator<TpchChange, never, undefined>;
  #commitCount = 0;

  private constructor(db: ViewDatabase, options: TpchOptions, seed: number) {
    this.db = db;
    this.#options = options;
    this.#changes = randomUpdates(seed, options);
  }

  /** Loads the tables and creates the views, each under the name of its query. */
  static async start(options: TpchOptions, seed: number): Promise<TpchHistory> {
    const db: ViewDatabase = createDatabase({ plugins: [materializedViews(), fileFormats()] });
    for (const table of TPCH_TABLES) await db.exec(tpchSchema(table));
    for (const { table, batch } of generateTpch(options)) await db.insert(table, batch);
    for (const { name, sql } of TPCH_QUERIES) await db.exec(`CREATE MATERIALIZED VIEW ${name} AS ${sql}`);
    return new TpchHistory(db, options, seed);
  }

  /** The next commit: RF1, random changes, RF2, and so on; gives its name. */
  async commit(): Promise<string> {
    const set = 1 + Math.floor(this.#commitCount / 3);
    switch (this.#commitCount++ % 3) {
      case 0:
        await this.db.transaction((tx) => insertOrders(tx, set, this.#options));
        return `RF1 ${set}`;
      case 1:
        await this.db.transaction(async (tx) => {
          for (let i = 0; i < UPDATES; i++) await applyChange(tx, this.#changes.next().value);
        });
        return `changes ${set}`;
      default:
        await this.db.transaction((tx) => deleteOrders(tx, set, this.#options));
        return `RF2 ${set}`;
    }
  }

  /** Names of the views that differ from their queries, each row as a text. */
  async differences(): Promise<string[]> {
    const names: string[] = [];
    for (const { name, sql } of TPCH_QUERIES) {
      const have = await this.#multiset(`SELECT * FROM ${name}`);
      const want = await this.#multiset(sql);
      if (have.length !== want.length || have.some((row, i) => row !== want[i])) names.push(name);
    }
    return names;
  }

  async #multiset(sql: string): Promise<string[]> {
    return (await this.db.query(sql, { exact: true })).rows().map((row) => row.map(String).join("|")).sort();
  }
}

/** RF1: new orders with their line items. */
async function insertOrders(tx: Writer, set: number, options: TpchOptions): Promise<void> {
  const { orders, lineitem } = refreshInsert(set, options);
  await tx.insert("orders", rowsOfBatch("orders", orders));
  await tx.insert("lineitem", rowsOfBatch("lineitem", lineitem));
}

/** RF2: old orders go with their line items. */
async function deleteOrders(tx: Writer, set: number, options: TpchOptions): Promise<void> {
  const keys = [...refreshDelete(set, options)].join();
  await tx.query(`DELETE FROM lineitem WHERE l_orderkey IN (${keys})`);
  await tx.query(`DELETE FROM orders WHERE o_orderkey IN (${keys})`);
}

/** A change of the random stream; the orders that RF2 has deleted are not there to be changed. */
async function applyChange(tx: Writer, change: TpchChange): Promise<void> {
  if (change.kind === "insert") {
    await tx.insert(change.table, [change.row]);
    return;
  }
  const params: unknown[] = [];
  const list = (row: Readonly<Record<string, unknown>>, separator: string): string =>
    Object.entries(row).map(([name, value]) => `${name} = $${params.push(value)}`).join(separator);
  const head = change.kind === "delete"
    ? `DELETE FROM ${change.table}`
    : `UPDATE ${change.table} SET ${list(change.set, ", ")}`;
  await tx.query(`${head} WHERE ${list(change.key, " AND ")}`, { params });
}
