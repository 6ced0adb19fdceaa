/**
 * LiveViewDB in the views bench: eager materialized views, changes as JavaScript objects by key.
 *
 * @module
 */
import { createDatabase, materializedViews } from "../../../mod.ts";
import { type ChangeBatch, type StartRows, VIEW_BENCH_DDL } from "../change_script.ts";
import { applyToLiveView } from "../live_changes.ts";
import { runPeer, type ViewPeer } from "../run_workload.ts";
import type { Answer, Workload } from "../workload.ts";

class LiveViewPeer implements ViewPeer {
  readonly #db = createDatabase({ plugins: [materializedViews()] });
  #workload: Workload | undefined;

  async start(workload: Workload, rows: StartRows): Promise<void> {
    this.#workload = workload;
    for (const ddl of VIEW_BENCH_DDL) await this.#db.exec(ddl);
    await this.#db.insert("nation", rows.nations);
    await this.#db.insert("customer", rows.customers);
    await this.#db.insert("orders", rows.orders);
    for (const { name, sql } of workload.views) {
      await this.#db.exec(`CREATE MATERIALIZED VIEW ${name} AS ${sql}`);
    }
  }

  apply(batch: ChangeBatch): Promise<void> {
    return applyToLiveView(this.#db, batch);
  }

  async answer(): Promise<Answer> {
    const { views } = this.#workload!;
    return (await this.#db.query(`SELECT * FROM ${views.at(-1)!.name}`)).rows();
  }

  remarks(): string {
    return this.#workload!.views.map(({ name }) => {
      const { refreshMode, refreshModeReason, stateBytes } = this.#db.plugins.materializedViews.status(name);
      return `${name}: ${refreshMode} ${refreshModeReason ?? ""} ${stateBytes} B`;
    }).join("; ");
  }

  async close(): Promise<void> {
    await this.#db.close();
  }
}

await runPeer("liveviewdb", new LiveViewPeer());
