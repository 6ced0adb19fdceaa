/**
 * Two tables under random changes, for tests of joins in views.
 *
 * @module
 */
import type { SeededRandom } from "../../../../src/base/random.ts";
import { createDatabase, type Database, materializedViews } from "../../../../mod.ts";

/** A database with views. */
export type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

function row(id: number, random: SeededRandom): Record<string, unknown> {
  const maybe = (value: unknown): unknown => random.next() < 0.06 ? null : value;
  return {
    id,
    k: maybe(random.integer(0, 25)),
    v: maybe(random.integer(0, 12)),
    d: maybe(random.pick([0, -0, 1.5, 2, 3, NaN])),
    t: maybe(random.pick(["a", "b", "é", "", "long text"])),
    wide: maybe(random.pick([1, 2, 9007199254740993n, -1])),
  };
}

/** A database with tables a and b, each with so many rows. */
export async function createTables(rows: number, random: SeededRandom): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()] });
  for (const table of ["a", "b"]) {
    await db.exec(`CREATE TABLE ${table} (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER, d DOUBLE PRECISION,
       t TEXT, wide BIGINT)`);
    await db.insert(table, Array.from({ length: rows }, (_, id) => row(id, random)));
  }
  return db;
}

/** One commit of some deletions and insertions in both tables; sometimes most rows of one leave before. */
export async function changeTables(db: ViewDatabase, random: SeededRandom, rows: number): Promise<void> {
  const kind = random.next();
  if (kind < 0.06) await db.exec(`DELETE FROM ${random.pick(["a", "b"])} WHERE k <> 3`);
  await db.transaction(async (tx) => {
    for (let i = 0; i < rows; i++) {
      const table = random.pick(["a", "b"]);
      const id = random.integer(0, 40);
      await tx.delete(table, { id });
      if (random.next() < 0.65) await tx.insert(table, [row(id, random)]);
    }
  });
}

/** The rows of a query in an order that is always the same. */
export async function multiset(db: ViewDatabase, sql: string): Promise<string[]> {
  return (await db.query(sql, { exact: true })).rows().map((row) => JSON.stringify(row.map(String))).sort();
}
