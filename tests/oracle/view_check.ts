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
import { ManualClock } from "../../src/base/clock.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { createDatabase, type Database } from "../../src/kernel/database.ts";
import type { Change } from "../../src/kernel/hooks.ts";
import type { Plugin } from "../../src/kernel/plugin.ts";
import { materializedViews } from "../../plugins/materialized_views/plugin.ts";
import { engineFailure, outcomeOf } from "./engine_peer.ts";
import { isDataFailure, type Outcome } from "./query_peer.ts";
import { featuresOf, hasRepresentatives } from "./query_shape.ts";
import { createTableSql, insertSql } from "./random_table.ts";
import { ourText } from "./reproduction.ts";
import { compareRows } from "./result_comparison.ts";
import { changeSql, START_MS, type ViewCase, type ViewTransaction, withSql } from "./view_case.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

/** What a case gave. */
export type ViewVerdict =
  | {
    readonly kind: "agreed";
    readonly mode: string;
    readonly commitCount: number;
    /** Names of the operators that followed changes, and the decisions of refreshes. */
    readonly exercised: ReadonlySet<string>;
  }
  /** No verdict, for the query fails on the data, or one of two equal values may stand for both. */
  | { readonly kind: "skipped"; readonly reason: string }
  /** `cause`: what two cases with the same bug have in common. */
  | { readonly kind: "broken"; readonly cause: string; readonly detail: string };

/** Answers above this cost more than they tell: products of products. */
const ROWS_MAX = 3_000;

/** Ends a case early. */
class Verdict extends Error {
  readonly verdict: ViewVerdict;

  constructor(verdict: ViewVerdict) {
    super(verdict.kind);
    this.verdict = verdict;
  }
}

class RolledBack extends Error {}

/** A clock on which every reading of the time that has passed takes as long as the case says. */
class CaseClock extends ManualClock {
  stepMs = 0;
  #readMs = 0;

  override monotonic(): number {
    return super.monotonic() + (this.#readMs += this.stepMs);
  }
}

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
  readonly #specimen: ViewCase;
  readonly #faults: readonly Plugin[];
  readonly #sql: string;
  /** The query of what the view has. */
  readonly #answer: string;
  readonly #properties: string;
  readonly #exercised = new Set<string>();
  readonly #clocks = new Map<ViewDatabase, CaseClock>();
  readonly #lenient: boolean;
  readonly #databases: ViewDatabase[] = [];

  constructor(specimen: ViewCase, faults: readonly Plugin[]) {
    this.#specimen = specimen;
    this.#faults = faults;
    this.#sql = ourText(specimen.query);
    this.#answer = specimen.answer?.replace("$query", () => this.#sql) ?? this.#sql;
    this.#properties = withSql(specimen.properties ?? []);
    const features = featuresOf(specimen.query);
    this.#lenient = hasRepresentatives(specimen.query) || features.has("clause limit") ||
      features.has("clause offset") || features.has("clause fetch") ||
      [...features].some((feature) => feature.startsWith("window") || feature.startsWith("frame"));
  }

  async close(): Promise<void> {
    for (const db of this.#databases) await db.close();
  }

  async run(): Promise<ViewVerdict> {
    const db = await this.#open();
    await this.#create(db);
    const mode = db.plugins.materializedViews.status("maintained").refreshMode;
    const upper = await this.#createUpper(db);
    const late = withSql(["refresh = manual", ...this.#specimen.lateProperties ?? []]);
    const hasLate =
      (await this.#outcome(db, `CREATE MATERIALIZED VIEW late${late} AS ${this.#sql}`)).kind === "rows";
    const reader = new ChangeReader(db);
    await this.#requireEqual(db, "after its creation");
    const parts = await this.#createParts(db);
    const half = this.#specimen.script.length >> 1;
    let commitCount = 0;
    for (const [step, transaction] of this.#specimen.script.entries()) {
      if (step === half) await this.#createTwin(db);
      if (step === half + 1) await db.exec("ALTER MATERIALIZED VIEW twin SET (refresh = 'manual')");
      if (step === half + 3) await db.exec("ALTER MATERIALIZED VIEW twin SET (refresh = 'eager')");
      const clock = this.#clocks.get(db)!;
      if (transaction.nowMs !== undefined) {
        clock.setNow(transaction.nowMs);
        // Without operators a view is as of the time of its refresh.
        for (const name of ["maintained", "twin"]) await this.#refreshFull(db, name);
        await this.#requireEqual(db, `when the clock stands at ${transaction.nowMs}`);
      }
      clock.stepMs = transaction.stepMs ?? 0;
      await this.#apply(db, [transaction], step);
      if (transaction.keep) commitCount++;
      await this.#requireEqual(db, `after transaction ${step}`);
      if (hasLate && transaction.refresh !== undefined) {
        await this.#requireLate(db, step, transaction.refresh === "late full");
      }
      clock.stepMs = 0;
      if (upper !== undefined) await this.#requireUpper(db, upper, `after transaction ${step}`);
      if (parts !== undefined) await this.#requireParts(db, parts, `after transaction ${step}`);
      if (step === half || step > half + 2) await this.#requireTwin(db, `after transaction ${step}`);
    }
    if (hasLate) await this.#requireLate(db, this.#specimen.script.length, false);
    this.#noteOperators(db);
    await this.#requireSum(db, reader);
    const stored = await this.#rows(db, "SELECT * FROM maintained");
    await db.plugins.materializedViews.refresh("maintained");
    this.#require("refresh", await this.#rows(db, "SELECT * FROM maintained"), stored, "after REFRESH");
    await this.#requireBatchingInvariance(stored);
    await this.#requirePermutationInvariance(stored);
    await this.#requireRoundTrip(db);
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

  async #open(): Promise<ViewDatabase> {
    const clock = new CaseClock(START_MS);
    const db: ViewDatabase = createDatabase({
      clock,
      random: new SeededRandom(1),
      plugins: [materializedViews(), ...this.#faults],
    });
    this.#databases.push(db);
    this.#clocks.set(db, clock);
    for (const table of this.#specimen.tables) {
      await db.exec(createTableSql(table));
      const insert = insertSql(table);
      if (insert !== undefined) await db.exec(insert);
    }
    return db;
  }

  async #create(db: ViewDatabase): Promise<void> {
    const expected = await this.#outcome(db, this.#answer);
    if (expected.kind === "rows" && expected.rows.length > ROWS_MAX) {
      throw new Verdict({ kind: "skipped", reason: "many rows" });
    }
    const created = await this.#outcome(
      db,
      `CREATE MATERIALIZED VIEW maintained${this.#properties} AS ${this.#sql}`,
    );
    if (expected.kind === "failure" && expected.class !== "crash") {
      throw new Verdict({ kind: "skipped", reason: `query: ${expected.class}` });
    }
    if (
      created.kind === "failure" && created.message.startsWith("unsupported") &&
      this.#properties.includes("incremental")
    ) {
      throw new Verdict({ kind: "skipped", reason: "not incremental" });
    }
    if (created.kind === "failure") {
      throw new Verdict(refusal("creation", created));
    }
  }

  /** A view on the view, with the query that it inlines. */
  async #createUpper(db: ViewDatabase): Promise<string | undefined> {
    const { length } = this.#sql;
    const select = [
      "SELECT * FROM source AS x WHERE c0 IS NOT NULL",
      "SELECT c0, count(*) AS n FROM source AS x GROUP BY c0",
      "SELECT count(*) AS n, count(c0) AS values FROM source AS x",
      "SELECT DISTINCT * FROM source AS x",
      "SELECT x.c0, y.c0 AS d FROM source AS x JOIN source AS y ON x.c0 = y.c0",
    ][length % 5]!;
    const text = select.replaceAll("source", "maintained");
    const created = await this.#outcome(db, `CREATE MATERIALIZED VIEW upper_view AS ${text}`);
    if (created.kind === "failure") return undefined;
    return select.replaceAll("source", () => `(${this.#answer})`);
  }

  async #requireEqual(db: ViewDatabase, when: string): Promise<void> {
    const expected = await this.#outcome(db, this.#answer);
    if (expected.kind === "failure" && isDataFailure(expected.class)) {
      throw new Verdict({ kind: "skipped", reason: `query after changes: ${expected.class}` });
    }
    this.#require("result", await this.#rows(db, "SELECT * FROM maintained"), expected, when);
  }

  /** A view that is refreshed by hand, by all its ways in turn, has the rows of one that is eager. */
  async #requireLate(db: ViewDatabase, step: number, full: boolean): Promise<void> {
    const refreshMode = (["auto", "full", "auto"] as const)[step % 4];
    if (refreshMode !== undefined) await db.plugins.materializedViews.alter("late", { refreshMode });
    await db.plugins.materializedViews.refresh("late", { full });
    const eager = await this.#rows(db, "SELECT * FROM maintained");
    this.#require("late refresh", await this.#rows(db, "SELECT * FROM late"), eager, `at ${step}`);
  }

  /** Views of the rows for which a condition is true, is not, and is neither; their queries as one. */
  async #createParts(db: ViewDatabase): Promise<string | undefined> {
    const columns = await this.#rows(db, "SELECT * FROM maintained LIMIT 1");
    if (columns.kind !== "rows") return undefined;
    const condition = [
      "c0 < c0",
      "c0 IS NULL OR c0 = (SELECT max(c0) FROM maintained)",
      "c0 >= (SELECT min(c0) FROM maintained)",
    ][
      this.#sql.length % 3
    ]!;
    const parts = [`(${condition})`, `NOT (${condition})`, `(${condition}) IS NULL`];
    for (const [i, part] of parts.entries()) {
      const made = await this.#outcome(
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
    const whole = await this.#rows(db, "SELECT * FROM maintained");
    this.#require("parts", await this.#rows(db, sql), whole, when, true);
    const judged = await this.#rows(db, "SELECT n FROM judged");
    this.#require("kept", await this.#rows(db, "SELECT n FROM kept"), judged, when, true);
  }

  async #createTwin(db: ViewDatabase): Promise<void> {
    const made = await this.#outcome(db, `CREATE MATERIALIZED VIEW twin${this.#properties} AS ${this.#sql}`);
    if (made.kind !== "failure") return;
    if (isDataFailure(made.class)) throw new Verdict(refusal("twin", made));
    throw new Verdict({ kind: "broken", cause: `twin: ${general(made.message)}`, detail: made.message });
  }

  /** A later view of the same query has the same rows. */
  async #requireTwin(db: ViewDatabase, when: string): Promise<void> {
    const first = await this.#rows(db, "SELECT * FROM maintained");
    this.#require("twin", await this.#rows(db, "SELECT * FROM twin"), first, when);
  }

  async #requireUpper(db: ViewDatabase, sql: string, when: string): Promise<void> {
    const expected = await this.#outcome(db, sql);
    if (expected.kind === "failure" && isDataFailure(expected.class)) return;
    this.#require("view on view", await this.#rows(db, "SELECT * FROM upper_view"), expected, when, true);
  }

  /** Applies transactions as one; a commit that the view cannot follow must change nothing. */
  async #apply(db: ViewDatabase, transactions: readonly ViewTransaction[], step: number): Promise<void> {
    const before = await this.#rows(db, "SELECT * FROM maintained");
    const keep = transactions.length > 1 || transactions[0]!.keep;
    const changes = transactions.flatMap((one) => one.keep || !keep ? one.changes : []);
    try {
      await db.transaction(async (tx) => {
        for (const change of changes) {
          const sql = changeSql(change, this.#specimen.tables);
          if (sql !== undefined) await tx.query(sql);
        }
        if (!keep) throw new RolledBack();
      });
    } catch (error) {
      const after = await this.#rows(db, "SELECT * FROM maintained");
      this.#require("rollback", after, before, `after a rollback of transaction ${step}`);
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
      const sql = changeSql(change, this.#specimen.tables);
      const outcome = sql === undefined ? undefined : await this.#outcome(db, sql);
      if (outcome?.kind === "failure") return { kind: "skipped", reason: "change without a view" };
    }
    const expected = await this.#outcome(db, this.#answer);
    if (expected.kind === "rows") {
      return { kind: "broken", cause: `commit: ${general(failure.message)}`, detail: failure.message };
    }
    return refusal("commit", failure);
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

  /** To where it stands in the end. */
  async #moveClock(db: ViewDatabase): Promise<void> {
    const last = this.#specimen.script.findLast(({ nowMs }) => nowMs !== undefined)?.nowMs;
    if (last === undefined) return;
    this.#clocks.get(db)!.setNow(last);
    await this.#refreshFull(db, "maintained");
  }

  async #refreshFull(db: ViewDatabase, name: string): Promise<void> {
    const { materializedViews: views } = db.plugins;
    if (views.names().includes(name) && views.status(name).refreshMode === "full") await views.refresh(name);
  }

  async #requireBatchingInvariance(stored: Outcome): Promise<void> {
    const db = await this.#open();
    await this.#create(db);
    await this.#moveClock(db);
    await this.#apply(db, [...this.#specimen.script, { changes: [], keep: true }], 0);
    this.#require(
      "batching",
      await this.#rows(db, "SELECT * FROM maintained"),
      stored,
      "in one commit",
      true,
    );
  }

  /** What commits do to different tables may be done in another order. */
  async #requirePermutationInvariance(stored: Outcome): Promise<void> {
    const db = await this.#open();
    await this.#create(db);
    await this.#moveClock(db);
    const kept = this.#specimen.script.filter(({ keep }) => keep).flatMap(({ changes }) => changes);
    const tables = [...new Set(kept.map((change) => change.table))].reverse();
    for (const table of tables) {
      const changes = kept.filter((change) => change.table === table);
      await this.#apply(db, [{ changes, keep: true }], 0);
    }
    this.#require(
      "permutation",
      await this.#rows(db, "SELECT * FROM maintained"),
      stored,
      "table by table",
      true,
    );
  }

  /** Rows that come and go leave the view, and the second time its state, as they were. */
  async #requireRoundTrip(db: ViewDatabase): Promise<void> {
    const { tables } = this.#specimen;
    const stored = await this.#rows(db, "SELECT * FROM maintained");
    const sizes: number[] = [];
    for (let round = 0; round < 3; round++) {
      for (const table of tables) {
        const [row] = table.rows;
        if (row === undefined || !table.keyed) continue;
        const extra = insertSql({ ...table, rows: [[1_000_001, ...row.slice(1)]] })!;
        const inserted = await this.#outcome(db, extra);
        if (inserted.kind === "failure") return;
        await db.query(`DELETE FROM ${table.name} WHERE ${table.columns[0]!.name} > 1000000`);
      }
      sizes.push(db.plugins.materializedViews.status("maintained").stateBytes);
    }
    this.#require(
      "round trip",
      await this.#rows(db, "SELECT * FROM maintained"),
      stored,
      "after a round trip",
      true,
    );
    if (sizes[1] === sizes[2]) return;
    throw new Verdict({ kind: "broken", cause: "state grows", detail: `state of ${sizes.join(", ")} bytes` });
  }

  #require(cause: string, ours: Outcome, expected: Outcome, when: string, grouped = false): void {
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

  async #outcome(db: ViewDatabase, sql: string): Promise<Outcome> {
    try {
      return outcomeOf(await db.query(sql));
    } catch (error) {
      return engineFailure(error);
    }
  }

  #rows(db: ViewDatabase, sql: string): Promise<Outcome> {
    return this.#outcome(db, sql);
  }
}

/** Adds up what a subscriber sees. */
class ChangeReader {
  readonly #controller = new AbortController();
  readonly #sum = new Map<string, number>();
  readonly #done: Promise<void>;

  constructor(db: ViewDatabase) {
    const changes = db.subscribe("maintained", { signal: this.#controller.signal, queueMax: 3 });
    this.#done = this.#read(changes);
  }

  async end(): Promise<ReadonlyMap<string, number>> {
    this.#controller.abort();
    await this.#done;
    return this.#sum;
  }

  async #read(changes: AsyncIterable<Change>): Promise<void> {
    for await (const { inserted, deleted } of changes) {
      for (const row of inserted) add(this.#sum, show(row), 1);
      for (const row of deleted) add(this.#sum, show(row), -1);
    }
  }
}

function add(counts: Map<string, number>, key: string, weight: number): void {
  const count = (counts.get(key) ?? 0) + weight;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

function show(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return `${typeof value} ${String(value)}`;
  if (value instanceof Date) return `date ${value.getTime()}`;
  return `{${Object.entries(value).map(([key, part]) => `${key}: ${show(part)}`).join(", ")}}`;
}

/** A view that cannot be made or followed: a failure on the data gives no verdict where parts may be skipped. */
function refusal(
  what: string,
  failure: Extract<Outcome, { kind: "failure" }>,
): ViewVerdict {
  if (isDataFailure(failure.class) || failure.class === "limit") {
    return { kind: "skipped", reason: `${what}: ${general(failure.message)}` };
  }
  return { kind: "broken", cause: `${what}: ${general(failure.message)}`, detail: failure.message };
}

/** A message without its values. */
function general(message: string): string {
  return message.split("\n")[0]!.replace(/["'`].*?["'`]/g, "_").replace(/-?\d[\d.]*/g, "0").slice(0, 120);
}
