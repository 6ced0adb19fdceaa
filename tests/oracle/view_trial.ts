/**
 * The view of a case of the view fuzzer in a database of its own: how it is made, changed and compared.
 *
 * @module
 */
import { ManualClock } from "../../src/base/clock.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { createDatabase, type Database } from "../../src/kernel/database.ts";
import type { Plugin } from "../../src/kernel/plugin.ts";
import { materializedViews } from "../../plugins/materialized_views/plugin.ts";
import { engineFailure, outcomeOf } from "./engine_peer.ts";
import { isDataFailure, type Outcome } from "./query_peer.ts";
import { featuresOf, hasRepresentatives } from "./query_shape.ts";
import { createTableSql, insertSql } from "./random_table.ts";
import { ourText } from "./reproduction.ts";
import { compareRows } from "./result_comparison.ts";
import { changeSql, START_MS, type ViewCase, type ViewTransaction, withSql } from "./view_case.ts";
import { general, refusal, Verdict, type ViewVerdict } from "./view_verdict.ts";

/** A database with views. */
export type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

/** Answers above this cost more than they tell: products of products. */
const ROWS_MAX = 3_000;

class RolledBack extends Error {}

/** A clock on which every reading of the time that has passed takes as long as the case says. */
class CaseClock extends ManualClock {
  stepMs = 0;
  #readMs = 0;

  override monotonic(): number {
    return super.monotonic() + (this.#readMs += this.stepMs);
  }
}

/** See the module header. */
export class ViewTrial {
  readonly specimen: ViewCase;
  readonly #faults: readonly Plugin[];
  readonly sql: string;
  /** The query of what the view has. */
  readonly answer: string;
  readonly properties: string;
  readonly clocks = new Map<ViewDatabase, CaseClock>();
  readonly #lenient: boolean;
  readonly #databases: ViewDatabase[] = [];

  constructor(specimen: ViewCase, faults: readonly Plugin[]) {
    this.specimen = specimen;
    this.#faults = faults;
    this.sql = ourText(specimen.query);
    this.answer = specimen.answer?.replace("$query", () => this.sql) ?? this.sql;
    this.properties = withSql(specimen.properties ?? []);
    const features = featuresOf(specimen.query);
    this.#lenient = hasRepresentatives(specimen.query) || features.has("clause limit") ||
      features.has("clause offset") || features.has("clause fetch") ||
      [...features].some((feature) => feature.startsWith("window") || feature.startsWith("frame"));
  }

  async close(): Promise<void> {
    for (const db of this.#databases) await db.close();
  }

  /** A database with the tables of the case. */
  async open(): Promise<ViewDatabase> {
    const clock = new CaseClock(START_MS);
    const db: ViewDatabase = createDatabase({
      clock,
      random: new SeededRandom(1),
      plugins: [materializedViews(), ...this.#faults],
    });
    this.#databases.push(db);
    this.clocks.set(db, clock);
    for (const table of this.specimen.tables) {
      await db.exec(createTableSql(table));
      const insert = insertSql(table);
      if (insert !== undefined) await db.exec(insert);
    }
    return db;
  }

  /** Makes the view; ends the case when its query fails. */
  async create(db: ViewDatabase): Promise<void> {
    const expected = await this.outcome(db, this.answer);
    if (expected.kind === "rows" && expected.rows.length > ROWS_MAX) {
      throw new Verdict({ kind: "skipped", reason: "many rows" });
    }
    const created = await this.outcome(
      db,
      `CREATE MATERIALIZED VIEW maintained${this.properties} AS ${this.sql}`,
    );
    if (expected.kind === "failure" && expected.class !== "crash") {
      throw new Verdict({ kind: "skipped", reason: `query: ${expected.class}` });
    }
    if (
      created.kind === "failure" && created.message.startsWith("unsupported") &&
      this.properties.includes("incremental")
    ) {
      throw new Verdict({ kind: "skipped", reason: "not incremental" });
    }
    if (created.kind === "failure") {
      throw new Verdict(refusal("creation", created));
    }
  }

  /** To where it stands in the end. */
  async moveClock(db: ViewDatabase): Promise<void> {
    const last = this.specimen.script.findLast(({ nowMs }) => nowMs !== undefined)?.nowMs;
    if (last === undefined) return;
    this.clocks.get(db)!.setNow(last);
    await this.refreshFull(db, "maintained");
  }

  /** Refreshes a view that has no operators. */
  async refreshFull(db: ViewDatabase, name: string): Promise<void> {
    const { materializedViews: views } = db.plugins;
    if (views.names().includes(name) && views.status(name).refreshMode === "full") await views.refresh(name);
  }

  /** Applies transactions as one; a commit that the view cannot follow must change nothing. */
  async apply(db: ViewDatabase, transactions: readonly ViewTransaction[], step: number): Promise<void> {
    const before = await this.rows(db, "SELECT * FROM maintained");
    const keep = transactions.length > 1 || transactions[0]!.keep;
    const changes = transactions.flatMap((one) => one.keep || !keep ? one.changes : []);
    try {
      await db.transaction(async (tx) => {
        for (const change of changes) {
          const sql = changeSql(change, this.specimen.tables);
          if (sql !== undefined) await tx.query(sql);
        }
        if (!keep) throw new RolledBack();
      });
    } catch (error) {
      const after = await this.rows(db, "SELECT * FROM maintained");
      this.require("rollback", after, before, `after a rollback of transaction ${step}`);
      if (error instanceof RolledBack) return;
      throw new Verdict(await this.#judgeRefusal(db, engineFailure(error), changes));
    }
  }

  /** The commit failed: so must the query, or what is built on it, over the tables as they would have been. */
  async #judgeRefusal(
    db: ViewDatabase,
    failure: Outcome,
    changes: ViewTransaction["changes"],
  ): Promise<ViewVerdict> {
    if (failure.kind !== "failure") return { kind: "skipped", reason: "refused" };
    await db.exec("DROP MATERIALIZED VIEW IF EXISTS late; DROP MATERIALIZED VIEW maintained CASCADE");
    for (const change of changes) {
      const sql = changeSql(change, this.specimen.tables);
      const outcome = sql === undefined ? undefined : await this.outcome(db, sql);
      if (outcome?.kind === "failure") return { kind: "skipped", reason: "change without a view" };
    }
    const expected = await this.outcome(db, this.answer);
    if (expected.kind === "rows") {
      return { kind: "broken", cause: `commit: ${general(failure.message)}`, detail: failure.message };
    }
    return refusal("commit", failure);
  }

  /** The view has the rows of its query. */
  async requireEqual(db: ViewDatabase, when: string): Promise<void> {
    const expected = await this.outcome(db, this.answer);
    if (expected.kind === "failure" && isDataFailure(expected.class)) {
      throw new Verdict({ kind: "skipped", reason: `query after changes: ${expected.class}` });
    }
    this.require("result", await this.rows(db, "SELECT * FROM maintained"), expected, when);
  }

  /** `grouped`: of equal values one stands for all. */
  require(cause: string, ours: Outcome, expected: Outcome, when: string, grouped = false): void {
    if (expected.kind !== "rows" || ours.kind !== "rows") {
      const failure = expected.kind === "rows" ? ours : expected;
      const detail = failure.kind === "failure" ? failure.message : failure.kind;
      throw new Verdict({
        kind: "broken",
        cause: `${cause}: ${general(detail)}`,
        detail: `${when}: ${detail}`,
      });
    }
    const key = (rows: typeof ours.rows) => rows.map((row) => JSON.stringify(row)).sort();
    const [left, right] = [key(ours.rows), key(expected.rows)];
    if (left.length === right.length && left.every((text, i) => text === right[i])) return;
    if (this.#lenient || grouped) {
      const difference = compareRows(ours, expected, { ordered: false, exact: true, representatives: true });
      if (difference === undefined) {
        throw new Verdict({ kind: "skipped", reason: "equal values that look different" });
      }
    }
    const have = left.filter((text) => !right.includes(text)).slice(0, 3).join(" ");
    const want = right.filter((text) => !left.includes(text)).slice(0, 3).join(" ");
    const detail = `${when}: ${left.length} rows, expected ${right.length}; has ${have || "-"}, lacks ${
      want || "-"
    }`;
    throw new Verdict({ kind: "broken", cause, detail });
  }

  /** What a statement gives. */
  async outcome(db: ViewDatabase, sql: string): Promise<Outcome> {
    try {
      return outcomeOf(await db.query(sql));
    } catch (error) {
      return engineFailure(error);
    }
  }

  /** The rows of a query. */
  rows(db: ViewDatabase, sql: string): Promise<Outcome> {
    return this.outcome(db, sql);
  }
}
