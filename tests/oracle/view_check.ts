/**
 * Checks of one case of the view fuzzer.
 *
 * After every commit the view must have the rows of its query, doubles bit by bit. Besides, relations that need
 * no oracle: one commit or many, changes in another order, the sum of the changes that a subscriber sees, a view on
 * the view, a view of the same query that is made later and shares its operators, views of the three parts into
 * which a condition divides the view (TLP: Rigger and Su, "Finding Bugs in Database Systems via Query
 * Partitioning", OOPSLA 2020) and of how many rows it keeps (NoREC: Rigger and Su, "Detecting Optimization Bugs in
 * Database Engines via Non-optimizing Reference Engine Construction", ESEC/FSE 2020), refreshes, changes of the
 * mode, and rows that come and go.
 *
 * @module
 */
import type { Plugin } from "../../src/kernel/plugin.ts";
import { add, ChangeReader, show } from "./change_reader.ts";
import { engineFailure } from "./engine_peer.ts";
import { isDataFailure } from "./query_peer.ts";
import { type ViewCase, withSql } from "./view_case.ts";
import {
  requireBatchingInvariance,
  requirePermutationInvariance,
  requireRoundTrip,
} from "./view_invariants.ts";
import { type ViewDatabase, ViewTrial } from "./view_trial.ts";
import { general, refusal, Verdict, type ViewVerdict } from "./view_verdict.ts";

/** Judges a case. `faults` are plugins that come after the views, to show that the checks find what they break. */
export async function checkView(specimen: ViewCase, faults: readonly Plugin[] = []): Promise<ViewVerdict> {
  const check = new ViewCheck(specimen, faults);
  try {
    return await check.run();
  } catch (error) {
    if (error instanceof Verdict) return error.verdict;
    const failure = engineFailure(error);
    const message = failure.kind === "failure" ? failure.message : String(error);
    return { kind: "broken", cause: `error: ${general(message)}`, detail: message };
  } finally {
    await check.close();
  }
}

class ViewCheck {
  readonly #trial: ViewTrial;
  readonly #exercised = new Set<string>();

  constructor(specimen: ViewCase, faults: readonly Plugin[]) {
    this.#trial = new ViewTrial(specimen, faults);
  }

  close(): Promise<void> {
    return this.#trial.close();
  }

  async run(): Promise<ViewVerdict> {
    const db = await this.#trial.open();
    await this.#trial.create(db);
    const mode = db.plugins.materializedViews.status("maintained").refreshMode;
    const upper = await this.#createUpper(db);
    const late = withSql(["refresh = manual", ...this.#trial.specimen.lateProperties ?? []]);
    const hasLate =
      (await this.#trial.outcome(db, `CREATE MATERIALIZED VIEW late${late} AS ${this.#trial.sql}`)).kind ===
        "rows";
    const reader = new ChangeReader(db);
    await this.#trial.requireEqual(db, "after its creation");
    const parts = await this.#createParts(db);
    const half = this.#trial.specimen.script.length >> 1;
    let commitCount = 0;
    for (const [step, transaction] of this.#trial.specimen.script.entries()) {
      if (step === half) await this.#createTwin(db);
      if (step === half + 1) await db.exec("ALTER MATERIALIZED VIEW twin SET (refresh = 'manual')");
      if (step === half + 3) await db.exec("ALTER MATERIALIZED VIEW twin SET (refresh = 'eager')");
      const clock = this.#trial.clocks.get(db)!;
      if (transaction.nowMs !== undefined) {
        clock.setNow(transaction.nowMs);
        // Without operators a view is as of the time of its refresh.
        for (const name of ["maintained", "twin"]) await this.#trial.refreshFull(db, name);
        await this.#trial.requireEqual(db, `when the clock stands at ${transaction.nowMs}`);
      }
      clock.stepMs = transaction.stepMs ?? 0;
      await this.#trial.apply(db, [transaction], step);
      if (transaction.keep) commitCount++;
      await this.#trial.requireEqual(db, `after transaction ${step}`);
      if (hasLate && transaction.refresh !== undefined) {
        await this.#requireLate(db, step, transaction.refresh === "late full");
      }
      clock.stepMs = 0;
      if (upper !== undefined) await this.#requireUpper(db, upper, `after transaction ${step}`);
      if (parts !== undefined) await this.#requireParts(db, parts, `after transaction ${step}`);
      if (step === half || step > half + 2) await this.#requireTwin(db, `after transaction ${step}`);
    }
    if (hasLate) await this.#requireLate(db, this.#trial.specimen.script.length, false);
    this.#noteOperators(db);
    await this.#requireSum(db, reader);
    const stored = await this.#trial.rows(db, "SELECT * FROM maintained");
    await db.plugins.materializedViews.refresh("maintained");
    this.#trial.require(
      "refresh",
      await this.#trial.rows(db, "SELECT * FROM maintained"),
      stored,
      "after REFRESH",
    );
    await requireBatchingInvariance(this.#trial, stored);
    await requirePermutationInvariance(this.#trial, stored);
    await requireRoundTrip(this.#trial, db);
    return { kind: "agreed", mode, commitCount, exercised: this.#exercised };
  }

  #noteOperators(db: ViewDatabase): void {
    const { materializedViews: views } = db.plugins;
    for (const { name, sharedBy } of views.circuit().operators) {
      if (sharedBy.includes("maintained") || sharedBy.includes("late")) {
        this.#exercised.add(name.replace(/^table (?!function$).*/, "table"));
      }
    }
    for (const name of ["maintained", "late"]) {
      if (!views.names().includes(name)) continue;
      for (const { mode, decision } of views.history(name)) {
        this.#exercised.add(`refresh: ${mode}, ${decision}`);
      }
      if (views.status(name).errorRowCount > 0) this.#exercised.add("rows in quarantine");
    }
  }

  /** A view on the view, with the query that it inlines. */
  async #createUpper(db: ViewDatabase): Promise<string | undefined> {
    const { length } = this.#trial.sql;
    const select = [
      "SELECT * FROM source AS x WHERE c0 IS NOT NULL",
      "SELECT c0, count(*) AS n FROM source AS x GROUP BY c0",
      "SELECT count(*) AS n, count(c0) AS values FROM source AS x",
      "SELECT DISTINCT * FROM source AS x",
      "SELECT x.c0, y.c0 AS d FROM source AS x JOIN source AS y ON x.c0 = y.c0",
    ][length % 5]!;
    const text = select.replaceAll("source", "maintained");
    const created = await this.#trial.outcome(db, `CREATE MATERIALIZED VIEW upper_view AS ${text}`);
    if (created.kind === "failure") return undefined;
    return select.replaceAll("source", () => `(${this.#trial.answer})`);
  }

  /** A view that is refreshed by hand, by all its ways in turn, has the rows of one that is eager. */
  async #requireLate(db: ViewDatabase, step: number, full: boolean): Promise<void> {
    const refreshMode = (["auto", "full", "auto"] as const)[step % 4];
    if (refreshMode !== undefined) await db.plugins.materializedViews.alter("late", { refreshMode });
    await db.plugins.materializedViews.refresh("late", { full });
    const eager = await this.#trial.rows(db, "SELECT * FROM maintained");
    this.#trial.require(
      "late refresh",
      await this.#trial.rows(db, "SELECT * FROM late"),
      eager,
      `at ${step}`,
    );
  }

  /** Views of the rows for which a condition is true, is not, and is neither; their queries as one. */
  async #createParts(db: ViewDatabase): Promise<string | undefined> {
    const columns = await this.#trial.rows(db, "SELECT * FROM maintained LIMIT 1");
    if (columns.kind !== "rows") return undefined;
    const condition = [
      "c0 < c0",
      "c0 IS NULL OR c0 = (SELECT max(c0) FROM maintained)",
      "c0 >= (SELECT min(c0) FROM maintained)",
    ][
      this.#trial.sql.length % 3
    ]!;
    const parts = [`(${condition})`, `NOT (${condition})`, `(${condition}) IS NULL`];
    for (const [i, part] of parts.entries()) {
      const made = await this.#trial.outcome(
        db,
        `CREATE MATERIALIZED VIEW part${i} AS SELECT * FROM maintained WHERE ${part}`,
      );
      if (made.kind !== "failure") continue;
      for (let j = 0; j < i; j++) await db.exec(`DROP MATERIALIZED VIEW part${j}`);
      return undefined;
    }
    // NoREC: what a condition keeps, counted where the planner may use it and where it may not.
    await db.exec(`CREATE MATERIALIZED VIEW kept AS SELECT count(*) AS n FROM maintained WHERE ${condition};
      CREATE MATERIALIZED VIEW judged AS
        SELECT coalesce(sum(CASE WHEN ${condition} THEN 1 ELSE 0 END), 0) AS n FROM maintained`);
    return parts.map((_, i) => `SELECT * FROM part${i}`).join(" UNION ALL ");
  }

  async #requireParts(db: ViewDatabase, sql: string, when: string): Promise<void> {
    const whole = await this.#trial.rows(db, "SELECT * FROM maintained");
    this.#trial.require("parts", await this.#trial.rows(db, sql), whole, when, true);
    const judged = await this.#trial.rows(db, "SELECT n FROM judged");
    this.#trial.require("kept", await this.#trial.rows(db, "SELECT n FROM kept"), judged, when, true);
  }

  async #createTwin(db: ViewDatabase): Promise<void> {
    const made = await this.#trial.outcome(
      db,
      `CREATE MATERIALIZED VIEW twin${this.#trial.properties} AS ${this.#trial.sql}`,
    );
    if (made.kind !== "failure") return;
    if (isDataFailure(made.class)) throw new Verdict(refusal("twin", made));
    throw new Verdict({ kind: "broken", cause: `twin: ${general(made.message)}`, detail: made.message });
  }

  /** A later view of the same query has the same rows. */
  async #requireTwin(db: ViewDatabase, when: string): Promise<void> {
    const first = await this.#trial.rows(db, "SELECT * FROM maintained");
    this.#trial.require("twin", await this.#trial.rows(db, "SELECT * FROM twin"), first, when);
  }

  async #requireUpper(db: ViewDatabase, sql: string, when: string): Promise<void> {
    const expected = await this.#trial.outcome(db, sql);
    if (expected.kind === "failure" && isDataFailure(expected.class)) return;
    this.#trial.require(
      "view on view",
      await this.#trial.rows(db, "SELECT * FROM upper_view"),
      expected,
      when,
      true,
    );
  }

  async #requireSum(db: ViewDatabase, reader: ChangeReader): Promise<void> {
    const sum = await reader.end();
    const objects = (await db.query("SELECT * FROM maintained")).objects();
    const contents = new Map<string, number>();
    for (const row of objects) add(contents, show(row), 1);
    const show2 = (counts: ReadonlyMap<string, number>) => [...counts].map(String).sort().join("; ");
    if (show2(sum) === show2(contents)) return;
    throw new Verdict({
      kind: "broken",
      cause: "sum of changes",
      detail: `the changes add up to ${show2(sum)}, expected ${show2(contents)}`.slice(0, 1000),
    });
  }
}

/** Adds up what a subscriber sees. */
