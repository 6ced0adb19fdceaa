/**
 * A query that is maintained under random changes has the rows of the query after each of them: as nodes of a
 * circuit, and as a view of a database.
 *
 * @module
 */
import process from "node:process";
import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../src/base/random.ts";
import type { Datum } from "../../src/storage/sql_type.ts";
import { CircuitTrial } from "../src/circuit/nodes/circuit_trial.ts";
import { multiset, type ViewDatabase } from "../src/circuit/nodes/join_tables.ts";
import { RandomRows } from "../src/circuit/nodes/random_rows.ts";

const RUNS = Number(process.env["LIVEVIEW_RUNS"] ?? 1);

/** Requires it of the nodes of a query over a table `t` of random rows, which in the end is empty. */
export function requireMaintained(
  sql: string,
  { tables, row, seed }: {
    readonly tables: Readonly<Record<string, string>>;
    readonly row: (random: SeededRandom, id: number) => Datum[];
    readonly seed: number;
  },
): void {
  const table = new RandomRows(new SeededRandom(seed), row);
  const trial = new CircuitTrial(sql, tables);
  trial.apply({ t: table.insert(1500) });
  for (let step = 0; step <= 40 * RUNS; step++) {
    assertEquals(trial.maintained(), trial.queried(), `step ${step}, seed ${seed}`);
    if (step % 10 === 0) assertEquals(trial.given(), trial.queried());
    trial.apply({ t: step === 25 ? table.delete(1100) : table.change() });
  }
  trial.apply({ t: table.delete(table.rows.length) });
  assertEquals(trial.maintained(), []);
  assertEquals(trial.given(), []);
}

/** Requires it of a view, one that is made later, and one that is made when `tables` are empty. */
export async function requireMaintainedView(
  db: ViewDatabase,
  sql: string,
  { random, seed, tables, change }: {
    readonly random: SeededRandom;
    readonly seed: number;
    readonly tables: readonly string[];
    /** One commit of so many changes. */
    readonly change: (count: number) => Promise<void>;
  },
): Promise<void> {
  const requireEqual = async (view: string, when: string): Promise<void> =>
    assertEquals(await multiset(db, `SELECT * FROM ${view}`), await multiset(db, sql), when);
  await db.exec(`CREATE MATERIALIZED VIEW maintained AS ${sql}`);
  assertEquals(db.plugins.materializedViews.status("maintained").refreshMode, "incremental");
  for (let step = 0; step < 16 * RUNS; step++) {
    await requireEqual("maintained", `step ${step}, seed ${seed}`);
    // Large steps leave the forms for few rows.
    await change(step % 5 === 4 ? 150 : random.integer(1, 3));
  }
  // A view that comes later reads the nodes of the first one.
  await db.exec(`CREATE MATERIALIZED VIEW later AS ${sql}`);
  await requireEqual("later", "made later");
  for (const table of tables) await db.exec(`DELETE FROM ${table}`);
  await db.exec(`CREATE MATERIALIZED VIEW last AS ${sql}`);
  await requireEqual("last", "made when all is empty");
  await requireEqual("maintained", "when all is empty");
}
