/**
 * PGlite in the views bench: each batch is applied and the query is run again.
 *
 * @module
 */
import { PGlite } from "@electric-sql/pglite";
import type { ChangeBatch, StartRows } from "../change_script.ts";
import { runPeer, type ViewPeer } from "../run_workload.ts";
import type { Answer, Workload } from "../workload.ts";
import { applyToPostgres, loadPostgres } from "./postgres_changes.ts";

class PglitePeer implements ViewPeer {
  readonly #db = new PGlite();
  #sql = "";

  async start(workload: Workload, rows: StartRows): Promise<void> {
    await loadPostgres(this.#db, rows);
    for (const { name, sql } of workload.views.slice(0, -1)) {
      await this.#db.exec(`CREATE VIEW ${name} AS ${sql}`);
    }
    this.#sql = workload.views.at(-1)!.sql;
  }

  async apply(batch: ChangeBatch): Promise<void> {
    await applyToPostgres(this.#db, batch);
    await this.#db.query(this.#sql, [], { rowMode: "array" });
  }

  async answer(): Promise<Answer> {
    return (await this.#db.query<unknown[]>(this.#sql, [], { rowMode: "array" })).rows;
  }

  async close(): Promise<void> {
    await this.#db.close();
  }
}

await runPeer("pglite", new PglitePeer());
