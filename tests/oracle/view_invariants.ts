/**
 * Invariants of a maintained view that need no oracle: one commit or many, changes in another order, and rows that come
 * and go.
 *
 * @module
 */
import type { Outcome } from "./query_peer.ts";
import { insertSql } from "./random_table.ts";
import type { ViewDatabase, ViewTrial } from "./view_trial.ts";
import { Verdict } from "./view_verdict.ts";

export async function requireBatchingInvariance(trial: ViewTrial, stored: Outcome): Promise<void> {
  const db = await trial.open();
  await trial.create(db);
  await trial.moveClock(db);
  await trial.apply(db, [...trial.specimen.script, { changes: [], keep: true }], 0);
  trial.require(
    "batching",
    await trial.rows(db, "SELECT * FROM maintained"),
    stored,
    "in one commit",
    true,
  );
}

/** What commits do to different tables may be done in another order. */
export async function requirePermutationInvariance(trial: ViewTrial, stored: Outcome): Promise<void> {
  const db = await trial.open();
  await trial.create(db);
  await trial.moveClock(db);
  const kept = trial.specimen.script.filter(({ keep }) => keep).flatMap(({ changes }) => changes);
  const tables = [...new Set(kept.map((change) => change.table))].reverse();
  for (const table of tables) {
    const changes = kept.filter((change) => change.table === table);
    await trial.apply(db, [{ changes, keep: true }], 0);
  }
  trial.require(
    "permutation",
    await trial.rows(db, "SELECT * FROM maintained"),
    stored,
    "table by table",
    true,
  );
}

/** Rows that come and go leave the view, and the second time its state, as they were. */
export async function requireRoundTrip(trial: ViewTrial, db: ViewDatabase): Promise<void> {
  const { tables } = trial.specimen;
  const stored = await trial.rows(db, "SELECT * FROM maintained");
  const sizes: number[] = [];
  for (let round = 0; round < 3; round++) {
    for (const table of tables) {
      const [row] = table.rows;
      if (row === undefined || !table.keyed) continue;
      const extra = insertSql({ ...table, rows: [[1_000_001, ...row.slice(1)]] })!;
      const inserted = await trial.outcome(db, extra);
      if (inserted.kind === "failure") return;
      await db.query(`DELETE FROM ${table.name} WHERE ${table.columns[0]!.name} > 1000000`);
    }
    sizes.push(db.plugins.materializedViews.status("maintained").stateBytes);
  }
  trial.require(
    "round trip",
    await trial.rows(db, "SELECT * FROM maintained"),
    stored,
    "after a round trip",
    true,
  );
  if (sizes[1] === sizes[2]) return;
  throw new Verdict({ kind: "broken", cause: "state grows", detail: `state of ${sizes.join(", ")} bytes` });
}
