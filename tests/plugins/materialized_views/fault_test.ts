/**
 * Faults in the middle of a commit: tables and views stay as they were, and the next commit is right.
 */
import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { InvariantError } from "../../../src/base/error.ts";
import { aggregates, scalarFunctions } from "../../../src/kernel/extension_points.ts";
import { definePlugin } from "../../../src/kernel/plugin.ts";
import { INTEGER } from "../../../src/storage/sql_type.ts";
import { createDatabase, materializedViews } from "../../../mod.ts";
import { nextChange } from "../../support/next_change.ts";

/** Throws once it has been asked `countdown` more times; never below 0. */
interface Fuse {
  countdown: number;
}

function burn(fuse: Fuse): void {
  if (fuse.countdown-- === 0) throw new InvariantError("invariant", "The fuse has burnt");
}

/** Functions and hooks that throw on demand; `hook` comes after the views. */
function faults(fuses: { readonly scalar: Fuse; readonly aggregate: Fuse; readonly hook: Fuse }) {
  return definePlugin({
    name: "faults",
    setup: () => ({
      api: {},
      provides: [
        scalarFunctions.of({
          name: "fragile",
          volatility: "immutable",
          nulls: "strict",
          signatures: [{
            parameters: ["integer"],
            returns: INTEGER,
            evaluate: ([value]) => {
              burn(fuses.scalar);
              return value!;
            },
          }],
        }),
        aggregates.of({
          name: "fragile_sum",
          signatures: [{ parameters: ["integer"], returns: INTEGER }],
          init: () => ({ sum: 0 }),
          add: (state: { sum: number }, [value]) => {
            burn(fuses.aggregate);
            state.sum += Number(value);
          },
          remove: (state, [value]) => {
            burn(fuses.aggregate);
            state.sum -= Number(value);
          },
          value: ({ sum }) => sum,
        }),
      ],
      hooks: { commitDelta: () => burn(fuses.hook) },
    }),
  });
}

const VIEWS: Readonly<Record<string, string>> = {
  scalars: "SELECT id, fragile(v) AS f FROM t",
  joined: "SELECT t.id, u.id AS other FROM t JOIN u ON fragile(t.k) = u.k",
  joined_left: "SELECT t.id, u.id AS other FROM t LEFT JOIN u ON t.k = u.k AND fragile(u.v) > 0",
  summed: "SELECT k, fragile_sum(v) AS s FROM t GROUP BY k",
  ranked: "SELECT id, row_number() OVER (PARTITION BY k ORDER BY fragile(v), id) AS n FROM t",
  best: "SELECT id, v FROM t ORDER BY fragile(v) DESC, id LIMIT 2",
  upper: "SELECT s, count(*) AS n FROM summed GROUP BY s",
  sharing:
    "WITH x AS (SELECT k, sum(v) AS s FROM t GROUP BY k) SELECT a.k, b.s FROM x a JOIN x b ON a.k = b.k",
};

const CHANGES: readonly string[] = [
  "INSERT INTO t VALUES (5, 1, 50), (6, 3, 60)",
  "UPDATE t SET v = v + 1, k = 3 - k WHERE k < 3",
  "DELETE FROM t WHERE id = 1; INSERT INTO u VALUES (3, 2, 9)",
];

async function open() {
  const fuses = { scalar: { countdown: -1 }, aggregate: { countdown: -1 }, hook: { countdown: -1 } };
  const db = createDatabase({ plugins: [materializedViews(), faults(fuses)] });
  await db.exec(`
    CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER);
    CREATE TABLE u (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER);
    INSERT INTO t VALUES (1, 1, 10), (2, 1, 20), (3, 2, 30), (4, NULL, 40);
    INSERT INTO u VALUES (1, 1, 1), (2, 2, 2)`);
  for (const [name, sql] of Object.entries(VIEWS)) {
    await db.exec(`CREATE MATERIALIZED VIEW ${name} AS ${sql}`);
  }
  const rows = async (sql: string): Promise<string[]> =>
    (await db.query(sql)).rows().map((row) => row.map(String).join("|")).sort();
  const contents = async (): Promise<Record<string, string[]>> => {
    const all: Record<string, string[]> = {};
    for (const name of ["t", "u", ...Object.keys(VIEWS)]) all[name] = await rows(`SELECT * FROM ${name}`);
    return all;
  };
  const assertViews = async (when: string): Promise<void> => {
    for (const [name, sql] of Object.entries(VIEWS)) {
      assertEquals(await rows(`SELECT * FROM ${name}`), await rows(sql), `${name} ${when}`);
    }
  };
  return { db, fuses, contents, assertViews };
}

const PLACES = {
  scalar: "a scalar function",
  aggregate: "an aggregate",
  hook: "a hook after the views",
} as const;
const FUSES = ["scalar", "aggregate", "hook"] as const;

describe("a fault in a commit", () => {
  for (const name of FUSES) {
    it(`in ${PLACES[name]} changes nothing`, async () => {
      const { db, fuses, contents, assertViews } = await open();
      let faultCount = 0;
      for (const [at, change] of CHANGES.entries()) {
        // Places at which the fault can strike, until the commit goes through.
        for (let countdown = 0;; countdown += 1 + (countdown >> 2)) {
          const before = await contents();
          const { version } = db;
          fuses[name].countdown = countdown;
          const commit = () =>
            db.transaction(async (tx) => {
              for (const sql of change.split("; ")) await tx.query(sql);
            });
          const failed = await commit().then(() => false, () => true);
          fuses[name].countdown = -1;
          if (!failed) break;
          faultCount++;
          assertEquals(await contents(), before, `after fault ${countdown} in change ${at}`);
          assertEquals(db.version, version);
        }
        await assertViews(`after change ${at}`);
      }
      assertEquals(faultCount >= CHANGES.length, true);
      await db.close();
    });
  }

  it("while a view is made leaves no view", async () => {
    const { db, fuses, assertViews } = await open();
    fuses.scalar.countdown = 2;
    await assertRejects(
      () => db.exec("CREATE MATERIALIZED VIEW late AS SELECT fragile(v) AS f FROM t"),
      InvariantError,
    );
    fuses.scalar.countdown = -1;
    await assertRejects(() => db.query("SELECT * FROM late"));
    await db.exec("CREATE MATERIALIZED VIEW late AS SELECT fragile(v) AS f FROM t");
    await assertViews("after a view that could not be made");
    await db.close();
  });

  it("in the commit of a definition leaves no view, or the one before", async () => {
    const { db, fuses, contents, assertViews } = await open();
    const before = await contents();
    for (
      const sql of [
        "CREATE MATERIALIZED VIEW late AS SELECT v FROM t",
        `CREATE OR REPLACE MATERIALIZED VIEW
      summed AS SELECT k, fragile_sum(v) AS s FROM t WHERE v > 20 GROUP BY k`,
      ]
    ) {
      fuses.hook.countdown = 0;
      await assertRejects(() => db.exec(sql), InvariantError);
      fuses.hook.countdown = -1;
      assertEquals(await contents(), before);
    }
    await db.exec(CHANGES[0]!);
    await assertViews("after definitions that could not be committed");
    await db.close();
  });

  it("does not reach subscribers", async () => {
    const { db, fuses } = await open();
    const changes = db.subscribe("summed", { snapshot: false })[Symbol.asyncIterator]();
    fuses.hook.countdown = 0;
    await assertRejects(() => db.query("INSERT INTO t VALUES (7, 1, 1)"), InvariantError);
    await db.query("INSERT INTO t VALUES (7, 2, 5)");
    const { inserted, deleted } = await nextChange(changes);
    assertEquals([inserted, deleted], [[{ k: 2, s: 35 }], [{ k: 2, s: 30 }]]);
    await db.close();
  });
});
