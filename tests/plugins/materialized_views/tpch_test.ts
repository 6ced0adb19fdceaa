/**
 * The 22 queries of TPC-H as maintained views under the refresh functions and random updates: after every commit
 * each must have the rows that the batch executor computes, bit for bit.
 */
import process from "node:process";
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { rowsOfBatch } from "../../../examples/tpch/batch_rows.ts";
import { generateTpch } from "../../../examples/tpch/generate.ts";
import { TPCH_QUERIES } from "../../../examples/tpch/queries.ts";
import { randomUpdates, type TpchChange } from "../../../examples/tpch/random_updates.ts";
import { refreshDelete, refreshInsert } from "../../../examples/tpch/refresh.ts";
import { TPCH_TABLES, tpchSchema } from "../../../examples/tpch/tables.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;
type Writer = Parameters<Parameters<ViewDatabase["transaction"]>[0]>[0];

const OPTIONS = { scaleFactor: 0.01 };
const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 3);
const ROUNDS = 5 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);

async function load(db: ViewDatabase): Promise<void> {
  for (const table of TPCH_TABLES) await db.exec(tpchSchema(table));
  for (const { table, batch } of generateTpch(OPTIONS)) await db.insert(table, batch);
  for (const { name, sql } of TPCH_QUERIES) await db.exec(`CREATE MATERIALIZED VIEW ${name} AS ${sql}`);
}

async function multiset(db: ViewDatabase, sql: string): Promise<string[]> {
  return (await db.query(sql, { exact: true })).rows().map((row) => row.map(String).join("|")).sort();
}

async function assertViews(db: ViewDatabase, when: string): Promise<void> {
  for (const { name, sql } of TPCH_QUERIES) {
    assertEquals(await multiset(db, `SELECT * FROM ${name}`), await multiset(db, sql), `${name} ${when}`);
  }
}

/** RF1: new orders with their line items. */
async function insertOrders(tx: Writer, set: number): Promise<void> {
  const { orders, lineitem } = refreshInsert(set, OPTIONS);
  await tx.insert("orders", rowsOfBatch("orders", orders));
  await tx.insert("lineitem", rowsOfBatch("lineitem", lineitem));
}

/** RF2: old orders go with their line items. */
async function deleteOrders(tx: Writer, set: number): Promise<void> {
  const keys = [...refreshDelete(set, OPTIONS)].join();
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

describe("TPC-H as materialized views", () => {
  it("equals the queries after every commit of refreshes and random updates", async () => {
    await using db: ViewDatabase = createDatabase({ plugins: [materializedViews()] });
    await load(db);
    for (const { name } of TPCH_QUERIES) {
      assertEquals(db.plugins.materializedViews.status(name).refreshMode, "incremental");
    }
    await assertViews(db, "when created");
    const stream = randomUpdates(SEED, OPTIONS);
    for (let round = 1; round <= ROUNDS; round++) {
      const where = `in round ${round}, LIVEVIEW_SEED=${SEED}`;
      await db.transaction((tx) => insertOrders(tx, round));
      await assertViews(db, `after RF1 ${where}`);
      await db.transaction(async (tx) => {
        for (let i = 0; i < 40; i++) await applyChange(tx, stream.next().value);
      });
      await assertViews(db, `after updates ${where}`);
      await db.transaction((tx) => deleteOrders(tx, round));
      await assertViews(db, `after RF2 ${where}`);
    }
  });
});
