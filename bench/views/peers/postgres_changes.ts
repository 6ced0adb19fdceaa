/**
 * PostgreSQL in WebAssembly for the views bench: loading, and applying a batch by three statements over JSON.
 *
 * @module
 */
import { type ChangeBatch, type OrderRow, type StartRows, VIEW_BENCH_DDL } from "../change_script.ts";

/** What PGlite offers in both versions. */
export interface Postgres {
  query(sql: string, parameters?: unknown[]): Promise<{ rows: unknown[] }>;
  exec(sql: string): Promise<unknown>;
  transaction<Result>(
    body: (transaction: Pick<Postgres, "query">) => Promise<Result>,
  ): Promise<Result | undefined>;
}

const LOAD_ROWS = 20_000;

/** Makes the tables and fills them. */
export async function loadPostgres(db: Postgres, rows: StartRows): Promise<void> {
  for (const ddl of VIEW_BENCH_DDL) await db.exec(ddl);
  await load(db, "nation", rows.nations);
  await load(db, "customer", rows.customers);
  await load(db, "orders", rows.orders);
  await db.exec("CREATE INDEX ON orders (o_custkey); ANALYZE");
}

/** Applies a batch in one transaction. */
export async function applyToPostgres(
  db: Postgres,
  { inserts, updates, deletes }: ChangeBatch,
): Promise<void> {
  if (inserts.length + updates.length + deletes.length === 1) {
    if (inserts.length > 0) {
      await db.query("INSERT INTO orders VALUES ($1, $2, $3, $4, $5)", valuesOf(inserts[0]!));
    } else if (updates.length > 0) {
      await db.query(
        `UPDATE orders SET o_custkey = $2, o_orderstatus = $3, o_totalprice = $4, o_orderdate = $5
          WHERE o_orderkey = $1`,
        valuesOf(updates[0]!.after),
      );
    } else await db.query("DELETE FROM orders WHERE o_orderkey = $1", [deletes[0]!.o_orderkey]);
    return;
  }
  await db.transaction(async (transaction) => {
    await transaction.query(
      "DELETE FROM orders WHERE o_orderkey IN (SELECT value::bigint FROM json_array_elements_text($1))",
      [JSON.stringify(deletes.map((row) => row.o_orderkey))],
    );
    await transaction.query(
      `UPDATE orders SET o_custkey = n.o_custkey, o_orderstatus = n.o_orderstatus, o_totalprice = n.o_totalprice,
          o_orderdate = n.o_orderdate
        FROM json_populate_recordset(NULL::orders, $1) AS n WHERE orders.o_orderkey = n.o_orderkey`,
      [JSON.stringify(updates.map((update) => update.after))],
    );
    await transaction.query(
      "INSERT INTO orders SELECT * FROM json_populate_recordset(NULL::orders, $1)",
      [JSON.stringify(inserts)],
    );
  });
}

function valuesOf(row: OrderRow): unknown[] {
  return [row.o_orderkey, row.o_custkey, row.o_orderstatus, row.o_totalprice, row.o_orderdate];
}

async function load(db: Postgres, table: string, rows: readonly object[]): Promise<void> {
  for (let from = 0; from < rows.length; from += LOAD_ROWS) {
    await db.query(
      `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`,
      [JSON.stringify(rows.slice(from, from + LOAD_ROWS))],
    );
  }
}
