/**
 * pg_ivm in the views bench: PostgreSQL's extension for maintained views, in PGlite.
 *
 * @module
 */
import { PGlite } from "pglite-with-pg-ivm";
import { pg_ivm } from "pglite-with-pg-ivm/pg_ivm";
import type { ChangeBatch, StartRows } from "../change_script.ts";
import { runPeer, Unable, type ViewPeer } from "../run_workload.ts";
import type { Answer, Workload } from "../workload.ts";
import { applyToPostgres, loadPostgres } from "./postgres_changes.ts";

class PgIvmPeer implements ViewPeer {
  readonly #db = new PGlite({ extensions: { pg_ivm } });
  #view = "";
  #columns = "";

  async start(workload: Workload, rows: StartRows): Promise<void> {
    await this.#db.exec("CREATE EXTENSION pg_ivm");
    await loadPostgres(this.#db, rows);
    for (const { name, sql } of workload.views) {
      // It takes immutable functions only, and date_trunc of a date depends on the time zone.
      const immutable = sql.replaceAll(
        /date_trunc\('(\w+)', (\w+)\)/g,
        "date_trunc('$1', CAST($2 AS timestamp))",
      );
      try {
        await this.#db.query("SELECT pgivm.create_immv($1, $2)", [name, immutable]);
      } catch (error) {
        throw new Unable(error instanceof Error ? error.message : String(error));
      }
    }
    this.#view = workload.views.at(-1)!.name;
    // It adds columns of its own, named __ivm_...
    const { rows: columns } = await this.#db.query<{ name: string }>(
      "SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum",
      [this.#view],
    );
    this.#columns = columns.map(({ name }) => name).filter((name) => !name.startsWith("__ivm")).join(", ");
  }

  async apply(batch: ChangeBatch): Promise<void> {
    await applyToPostgres(this.#db, batch);
  }

  async answer(): Promise<Answer> {
    const sql = `SELECT ${this.#columns} FROM ${this.#view}`;
    return (await this.#db.query<unknown[]>(sql, [], { rowMode: "array" })).rows;
  }

  async close(): Promise<void> {
    await this.#db.close();
  }
}

await runPeer("pg_ivm", new PgIvmPeer());
