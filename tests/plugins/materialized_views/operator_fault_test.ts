/**
 * A fault at every operator: whatever one throws, and whenever in an epoch, no reader sees wrong contents, and all is
 * right once it is over.
 */
import process from "node:process";
import { setImmediate } from "node:timers";
import { after, describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { LimitError, QueryError } from "../../../src/base/error.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";
import { type Fault, type Method, operatorClasses, OperatorFaults } from "./operator_faults.ts";
import { CHANGES, QUERIES, queryOf, START_MS, TABLES } from "./operator_views.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;
type Contents = Readonly<Record<string, readonly string[]>>;

/** With more than one run all troubles come at all places. */
const RUNS = Number(process.env["LIVEVIEW_RUNS"] ?? 1);
const HOUR_MS = 3_600_000;

/** Views that are brought along by commits; `late` are by REFRESH. */
const EAGER = ["first", "second", "third", "twin", "counted", "upper", "top", "other"];
const LATE = ["own", "own_upper"];
const SUBSCRIBED = ["first", "top"];

const MESSAGE = "The fault has struck";

/** What is thrown, and how long. */
const TROUBLES: Readonly<Record<string, Pick<Fault, "error" | "isLasting">>> = {
  failure: {
    error: new QueryError("division-by-zero", MESSAGE, { details: {}, hint: "" }),
    isLasting: false,
  },
  failures: {
    error: new QueryError("division-by-zero", MESSAGE, { details: {}, hint: "" }),
    isLasting: true,
  },
  limit: { error: new LimitError("depth-limit", MESSAGE, { details: {}, hint: "" }), isLasting: false },
  unexpected: { error: new TypeError(MESSAGE), isLasting: false },
};

const faults = new OperatorFaults();
/** Kinds that were made to throw. */
const struck = new Set<string>();

/** Views around one kind of operator: some beside each other, some that share, some above, some not eager. */
class Trial {
  readonly db: ViewDatabase;
  readonly clock: ManualClock;
  readonly kind: string;
  readonly #queries: Readonly<Record<string, string>>;
  readonly #readers = new Map<string, ChangeReader>();
  #parity = 0;

  private constructor(kind: string) {
    this.kind = kind;
    this.clock = new ManualClock(START_MS);
    this.db = createDatabase({ plugins: [materializedViews()], clock: this.clock });
    const count = `SELECT count(*) AS n FROM (${queryOf(kind, -1)}) x`;
    this.#queries = {
      first: queryOf(kind, -1),
      second: queryOf(kind, -2),
      third: queryOf(kind, -3),
      twin: queryOf(kind, -1),
      counted: count,
      upper: count,
      top: count,
      own: queryOf(kind, -1),
      own_upper: count,
      other: "SELECT k, count(*) AS n FROM b GROUP BY k",
    };
  }

  static async open(kind: string): Promise<Trial> {
    const trial = new Trial(kind);
    await trial.#open();
    return trial;
  }

  async #open(): Promise<void> {
    await this.db.exec(TABLES);
    const above: Readonly<Record<string, string>> = {
      upper: "SELECT count(*) AS n FROM first",
      top: "SELECT n FROM upper",
      own_upper: "SELECT count(*) AS n FROM own",
    };
    for (const [name, query] of Object.entries(this.#queries)) await this.create(name, above[name] ?? query);
    for (const name of SUBSCRIBED) this.#readers.set(name, new ChangeReader(this.db, name));
    await this.assertRight(Object.keys(this.#queries), "when made");
  }

  /** Lets the time come for rows, and brings along what it changes. */
  async tick(): Promise<void> {
    this.clock.advance(18 * HOUR_MS);
    await this.db.plugins.materializedViews.runDue();
  }

  async create(name: string, query: string): Promise<void> {
    const properties = [
      ...LATE.includes(name) ? ["refresh = manual", "refresh_mode = incremental"] : [],
      ...this.kind.startsWith("Guard") && query.includes("/") ? ["on_error = 'quarantine'"] : [],
    ];
    const how = properties.length === 0 ? "" : `WITH (${properties.join(", ")})`;
    await this.db.exec(`CREATE MATERIALIZED VIEW ${name} ${how} AS ${query}`);
  }

  async close(): Promise<void> {
    await this.db.close();
  }

  /** The change that undoes the last one. */
  async change(): Promise<void> {
    await this.db.transaction(async (tx) => {
      for (const sql of CHANGES[this.#parity]!.split(";")) await tx.query(sql);
    });
    this.#parity = 1 - this.#parity;
  }

  async refresh(): Promise<void> {
    await this.db.plugins.materializedViews.refresh("own_upper");
  }

  status(name: string) {
    return this.db.plugins.materializedViews.status(name);
  }

  async contents(): Promise<Contents> {
    const all: Record<string, readonly string[]> = {};
    for (const name of ["a", "b", "edge", ...EAGER, ...LATE]) {
      all[name] = await this.rows(`SELECT * FROM ${name}`);
    }
    return all;
  }

  /** The views have the rows of their queries over the tables, and subscribers were told so. */
  async assertRight(names: readonly string[], when: string): Promise<void> {
    for (const name of names) {
      const expected = await this.rows(this.#queries[name]!);
      assertEquals(await this.rows(`SELECT * FROM ${name}`), expected, `${name} ${when}`);
      const told = await this.#readers.get(name)?.rows();
      if (told !== undefined) assertEquals(told, expected, `what subscribers of ${name} know ${when}`);
    }
  }

  async rows(sql: string): Promise<string[]> {
    return (await this.db.query(sql)).rows().map((row) => row.map(String).join("|")).sort();
  }

  /** Runs `action` with a fault; gives what it threw. The fault has struck. */
  async during(
    fault: Fault,
    action: () => Promise<unknown>,
    method?: Method,
  ): Promise<Error | undefined> {
    faults.arm(fault, method);
    try {
      await action();
      return undefined;
    } catch (error) {
      assert(error instanceof Error);
      return error;
    } finally {
      assert(faults.disarm() > 0, `nothing was thrown at ${fault.at} of ${fault.kind}`);
      if (fault.kind !== undefined) struck.add(fault.kind);
    }
  }
}

/** The rows that the changes of a subscription add up to. */
class ChangeReader {
  readonly #changes: AsyncIterator<{ inserted: readonly object[]; deleted: readonly object[] }>;
  readonly #counts = new Map<string, number>();
  readonly #done: Promise<void>;

  constructor(db: ViewDatabase, name: string) {
    this.#changes = db.subscribe(name)[Symbol.asyncIterator]();
    this.#done = this.#read();
  }

  /** All changes that were published are read when nothing is left to do. */
  async rows(): Promise<string[]> {
    await Promise.race([this.#done, new Promise((resolve) => setImmediate(resolve))]);
    return [...this.#counts].flatMap(([row, count]) => Array<string>(count).fill(row)).sort();
  }

  async #read(): Promise<void> {
    for (
      let { done, value } = await this.#changes.next();
      done !== true;
      { done, value } = await this.#changes.next()
    ) {
      for (const row of value.inserted) this.#add(row, 1);
      for (const row of value.deleted) this.#add(row, -1);
    }
  }

  #add(row: object, weight: number): void {
    const key = Object.values(row).map(String).join("|");
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + weight);
  }
}

/** Where among the operators that an epoch asks a fault strikes. */
type Place = (count: number) => number;

const PLACES: readonly Place[] = [() => 0, (count) => count >> 1, (count) => count - 1];

/** A fault that waits for the number of operators. */
type Plan = Omit<Fault, "at"> & { readonly place: Place };

/** At each place among the operators of the kind some troubles, and one at each place among all operators. */
function plansFor(kind: string, troubleCount: number): Plan[] {
  const names = Object.keys(TROUBLES);
  // Over all kinds every trouble comes at every place, early and late.
  const turn = Object.keys(QUERIES).indexOf(kind);
  const plansAt = (kind: string | undefined, count: number): Plan[] =>
    PLACES.flatMap((place, i) =>
      Array.from({ length: RUNS > 1 ? names.length : count }, (_, j): Plan => {
        const trouble = TROUBLES[names[(turn + i + j) % names.length]!]!;
        return { ...trouble, kind, place, isLate: ((turn >> 2) + i + j) % 2 === 1 };
      })
    );
  return [...plansAt(kind, troubleCount), ...plansAt(undefined, 1)];
}

function faultAt({ place, ...plan }: Plan, counts: Counts): Fault {
  return { ...plan, at: place(plan.kind === undefined ? counts.any : counts.own) };
}

function shown({ kind, at, error, isLasting, isLate }: Fault): string {
  return `${error.name}${isLasting ? ", lasting," : ""} ${isLate ? "after" : "before"} ${at} of ${
    kind ?? "all"
  }`;
}

/** How many operators an action has asked: those of the kind, and all. */
interface Counts {
  readonly own: number;
  readonly any: number;
}

async function counted(kind: string, action: () => Promise<unknown>, method?: Method): Promise<Counts> {
  faults.count();
  await action();
  return { own: faults.countOf(kind, method), any: faults.countOf(undefined, method) };
}

/** A query that fails once is started anew. */
function isOvercome({ error, isLasting }: Fault): boolean {
  return error instanceof QueryError && !isLasting;
}

function assertStruck(reason: string | undefined, when: string): void {
  assert(reason?.includes(MESSAGE) === true, `${when}: ${reason}`);
}

/** Kinds that no change reaches: they give their rows once. */
const CONSTANT = ["ConstantNode values"];

/** Kinds that every query has for itself. */
const UNSHARED = [
  "TableNode table",
  "FilterNode filter",
  "RenameNode rename",
  "TemporalFilterNode temporal filter",
];

describe("a fault in an operator", () => {
  after(() => faults.close());

  for (const kind of Object.keys(QUERIES)) {
    describe(kind, () => {
      const plansOfChange = (troubleCount: number): Plan[] =>
        plansFor(kind, troubleCount).filter((plan) => plan.kind === undefined || !CONSTANT.includes(kind));

      it("leaves a commit undone, or followed by all views", async () => {
        const trial = await Trial.open(kind);
        // The change and the one that undoes it.
        let [these, others] = [
          await counted(kind, () => trial.change()),
          await counted(kind, () => trial.change()),
        ];
        assertEquals(these.own > 0, !CONSTANT.includes(kind));
        for (const plan of plansOfChange(2)) {
          const fault = faultAt(plan, these);
          const when = shown(fault);
          const before = await trial.contents();
          const { version } = trial.db;
          const error = await trial.during(fault, () => trial.change());
          if (isOvercome(fault)) assertEquals(error, undefined, when);
          else {
            assertStruck(error?.message, when);
            assertEquals(await trial.contents(), before, when);
            assertEquals(trial.db.version, version, when);
            await trial.change();
          }
          await trial.assertRight(EAGER, when);
          // What has started anew follows.
          others = await counted(kind, () => trial.change());
          await trial.assertRight(SUBSCRIBED, when);
          these = await counted(kind, () => trial.change());
          [these, others] = [others, these];
        }
        assertEquals(EAGER.map((name) => trial.status(name).state), EAGER.map(() => "current"));
        await trial.refresh();
        await trial.assertRight(LATE, "in the end");
        await trial.close();
      });

      it("leaves a view that is not eager stale until the next refresh, or refreshed", async () => {
        const trial = await Trial.open(kind);
        const refreshed = async (): Promise<Counts> => {
          await trial.change();
          return await counted(kind, () => trial.refresh());
        };
        let [these, others] = [await refreshed(), await refreshed()];
        for (const plan of plansOfChange(1)) {
          const fault = faultAt(plan, these);
          const when = shown(fault);
          await trial.change();
          const before = await trial.contents();
          const error = await trial.during(fault, () => trial.refresh());
          if (isOvercome(fault)) assertEquals(error, undefined, when);
          else {
            assertStruck(error?.message, when);
            assertEquals(await trial.contents(), before, when);
            const { state, error: reason } = trial.status("own_upper");
            assertEquals(state, "stale", when);
            assertStruck(reason, when);
            await trial.assertRight(EAGER, when);
            await trial.refresh();
          }
          await trial.assertRight(LATE, when);
          assertEquals(LATE.map((name) => trial.status(name).state), ["current", "current"], when);
          others = await refreshed();
          these = await refreshed();
          [these, others] = [others, these];
        }
        await trial.assertRight(EAGER, "in the end");
        await trial.close();
      });

      it("leaves no view that could not be made", async () => {
        const trial = await Trial.open(kind);
        const attempt = async (query: string, method: Method, plans: readonly Plan[]): Promise<void> => {
          const create = () => trial.create("made", query);
          const counts = await counted(kind, create, method);
          const isAsked = counts.any > 0;
          assertEquals(isAsked, method === "apply" || !UNSHARED.includes(kind));
          for (const plan of isAsked ? plans : []) {
            const fault = faultAt(plan, counts);
            const when = `${method} ${shown(fault)}`;
            await trial.db.exec("DROP MATERIALIZED VIEW made");
            assertStruck((await trial.during(fault, create, method))?.message, when);
            await assertRejects(() => trial.rows("SELECT * FROM made"), QueryError, "Unknown table");
            await create();
            assertEquals(await trial.rows("SELECT * FROM made"), await trial.rows(query), when);
          }
          await trial.db.exec("DROP MATERIALIZED VIEW made");
          await trial.change();
          await trial.assertRight(EAGER, `after ${query}`);
          await trial.change();
        };
        // One with operators of its own, and one that is given the rows of operators that are there.
        const plans = plansFor(kind, 1);
        await attempt(queryOf(kind, -4), "apply", plans.filter((plan) => plan.kind === kind));
        await attempt(queryOf(kind, -1), "output", plans.filter((plan) => plan.kind === undefined));
        await trial.close();
      });
    });
  }

  for (const kind of Object.keys(QUERIES).filter((name) => name.startsWith("Temporal"))) {
    it(`leaves views right when the time has come for ${kind}`, async () => {
      const model = await Trial.open(kind);
      const counts = await counted(kind, () => model.tick());
      await model.close();
      assert(counts.own > 0);
      for (const plan of plansFor(kind, 4)) {
        const fault = faultAt(plan, counts);
        const when = shown(fault);
        const trial = await Trial.open(kind);
        const read = async () => {
          await trial.tick();
          return await trial.rows("SELECT * FROM first");
        };
        const error = await trial.during(fault, read);
        // A timer gives up; a reader gets the error as long as it is there, and never what has passed.
        if (fault.isLasting) assertStruck(error?.message, when);
        else assertEquals(error, undefined, when);
        await trial.assertRight(EAGER, when);
        await trial.change();
        await trial.assertRight(EAGER, when);
        await trial.close();
      }
    });
  }

  it("was tried in every class of operators, and every kind named here", () => {
    assertEquals([...faults.classes].sort(), operatorClasses());
    assertEquals(Object.keys(QUERIES).filter((kind) => !struck.has(kind)), []);
    const classes = new Set([...struck].map((kind) => kind.split(" ")[0]!));
    assertEquals([...classes].sort(), operatorClasses());
  });
});
