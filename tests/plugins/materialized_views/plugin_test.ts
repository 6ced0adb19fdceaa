import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { LiveViewError } from "../../../src/base/error.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";
import { nextChange } from "../../support/next_change.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`
    CREATE TABLE nation (n_id INTEGER PRIMARY KEY, n_name TEXT);
    CREATE TABLE customer (c_id INTEGER PRIMARY KEY, n_id INTEGER, c_name TEXT);
    CREATE TABLE sale (s_id INTEGER PRIMARY KEY, c_id INTEGER, day DATE, amount DECIMAL(12,2), weight DOUBLE PRECISION);
  `);
  return db;
}

/** Views of common shapes. */
const VIEWS: Readonly<Record<string, string>> = {
  filtered: "SELECT s_id, amount * 2 AS twice FROM sale WHERE amount > 50",
  duplicates: "SELECT c_id FROM sale WHERE c_id IS NOT NULL",
  by_day:
    "SELECT day, count(*) AS n, sum(amount) AS total, avg(amount) AS mean, min(amount) AS low, max(amount) AS high FROM sale GROUP BY day",
  total: "SELECT count(*) AS n, sum(amount) AS total, sum(weight) AS weight FROM sale",
  by_nation: `SELECT n_name, count(*) AS n, sum(amount) AS total, count(DISTINCT customer.c_id) AS customers
    FROM sale JOIN customer ON sale.c_id = customer.c_id JOIN nation ON customer.n_id = nation.n_id GROUP BY n_name`,
  busy: "SELECT c_id, count(*) AS n FROM sale GROUP BY c_id HAVING count(*) > 2",
  pairs: "SELECT a.s_id AS x, b.s_id AS y FROM sale a JOIN sale b ON a.c_id = b.c_id AND a.s_id < b.s_id",
  big_only:
    "SELECT sum(amount) FILTER (WHERE amount > 100) AS big, sum(weight) AS weight, day FROM sale GROUP BY day",
  lonely: "SELECT c_name FROM customer LEFT JOIN sale USING (c_id) WHERE s_id IS NULL",
  ranked: "SELECT c_id, rank() OVER (ORDER BY sum(amount) DESC NULLS LAST) AS place FROM sale GROUP BY c_id",
};

async function multiset(db: ViewDatabase, sql: string): Promise<string[]> {
  return (await db.query(sql, { exact: true })).rows().map((row) => row.map(String).join("|")).sort();
}

async function assertViews(db: ViewDatabase, when: string): Promise<void> {
  for (const [name, sql] of Object.entries(VIEWS)) {
    assertEquals(await multiset(db, `SELECT * FROM ${name}`), await multiset(db, sql), `${name} ${when}`);
  }
}

/** One random change of one table. */
async function change(db: ViewDatabase, random: SeededRandom): Promise<void> {
  const id = random.integer(1, 30);
  const maybe = (value: number | string) => random.next() < 0.1 ? null : value;
  const sale = {
    s_id: id,
    c_id: maybe(random.integer(1, 8)),
    day: maybe(`2024-01-0${random.integer(1, 5)}`),
    amount: maybe(random.integer(0, 20000) / 100),
    weight: random.pick([1e16, 1, -1e16, 0.1, 1e-3, Infinity, NaN, null]),
  };
  await db.transaction(async (tx) => {
    for (let i = random.integer(1, 4); i > 0; i--) {
      switch (random.integer(0, 6)) {
        case 0:
          await tx.delete("sale", { s_id: random.integer(1, 30) });
          break;
        case 1:
          await tx.query("UPDATE sale SET amount = amount + 1 WHERE c_id = $1", {
            params: [random.integer(1, 8)],
          });
          break;
        case 2:
          await tx.query("UPDATE customer SET n_id = $1 WHERE c_id = $2", {
            params: [random.integer(1, 4), random.integer(1, 8)],
          });
          break;
        case 3:
          await tx.query("DELETE FROM nation WHERE n_id = $1", { params: [random.integer(1, 3)] });
          break;
        case 4:
          await tx.query("INSERT INTO nation VALUES ($1, $2) ON CONFLICT DO NOTHING", {
            params: [random.integer(1, 3), random.pick(["N", "M"])],
          });
          break;
        default:
          await tx.delete("sale", { s_id: id });
          await tx.insert("sale", [{ ...sale, s_id: id }]);
      }
    }
  });
}

describe("materializedViews()", () => {
  it("keeps every view equal to its query under random changes", async () => {
    const seed = Number(globalThis.Deno?.env.get("LIVEVIEW_SEED") ?? 20240501);
    const steps = 60 * Number(globalThis.Deno?.env.get("LIVEVIEW_RUNS") ?? 1);
    const random = new SeededRandom(seed);
    await using db = await open();
    await db.exec(
      "INSERT INTO customer SELECT i, i % 4, 'c' || i FROM generate_series(1, 8) g(i); INSERT INTO nation VALUES (1, 'A'), (2, 'B')",
    );
    for (let i = 0; i < 10; i++) await change(db, random);
    for (const [name, sql] of Object.entries(VIEWS)) {
      await db.exec(`CREATE MATERIALIZED VIEW ${name} AS ${sql}`);
    }
    await assertViews(db, `after creation, seed ${seed}`);
    for (let step = 0; step < steps; step++) {
      await change(db, random);
      await assertViews(db, `after step ${step}, seed ${seed}`);
    }
    await db.exec("DELETE FROM sale; DELETE FROM nation");
    await assertViews(db, `after deleting everything, seed ${seed}`);
  });

  it("says which views are recomputed, and why", async () => {
    await using db = await open();
    await db.exec(`
      CREATE MATERIALIZED VIEW recent AS SELECT s_id FROM sale WHERE day > current_date - 7;
      CREATE MATERIALIZED VIEW stamped AS SELECT s_id, now() AS at FROM sale;
      CREATE MATERIALIZED VIEW sampled AS SELECT s_id FROM sale WHERE random() < 0.5;
      CREATE MATERIALIZED VIEW any_three AS SELECT s_id FROM sale LIMIT 3;
      CREATE MATERIALIZED VIEW ranked AS ${VIEWS.ranked};
    `);
    const modes = db.plugins.materializedViews.names().map((name) => {
      const { refreshMode, refreshModeReason } = db.plugins.materializedViews.status(name);
      return [name, refreshMode, refreshModeReason];
    });
    assertEquals(modes.filter(([, mode]) => mode === "full"), [
      ["stamped", "full", "now() in the select list"],
      ["sampled", "full", "function random()"],
      ["any_three", "full", "LIMIT without ORDER BY"],
    ]);
  });

  it("examines a bounded number of rows for a change of one row", async () => {
    await using db = await open();
    await db.exec(`
      INSERT INTO nation SELECT i, 'n' || i FROM generate_series(1, 25) g(i);
      INSERT INTO customer SELECT i, i % 25 + 1, 'c' || i FROM generate_series(1, 5000) g(i);
      INSERT INTO sale SELECT i, i % 5000 + 1, DATE '2024-01-01' + i % 100, 1, 1 FROM generate_series(1, 20000) g(i);
      CREATE MATERIALIZED VIEW by_nation AS ${VIEWS.by_nation};
    `);
    const before = db.plugins.materializedViews.status("by_nation").examinedRows;
    await db.update("sale", { s_id: 77, amount: 5 });
    const examined = db.plugins.materializedViews.status("by_nation").examinedRows - before;
    // Every operator counts the row that goes and the row that comes, and the joins what they match.
    assert(examined <= 16, `${examined} rows were examined`);
  });

  it("maintains views on views in one version", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW by_day AS SELECT day, sum(amount) AS total FROM sale GROUP BY day;
      CREATE MATERIALIZED VIEW best AS SELECT max(total) AS top, count(*) AS days FROM by_day`);
    await db.insert("sale", [{ s_id: 1, day: "2024-01-01", amount: 5 }, {
      s_id: 2,
      day: "2024-01-02",
      amount: 7,
    }]);
    assertEquals((await db.query("SELECT * FROM best")).rows(), [[7, 2]]);
    await db.delete("sale", { s_id: 2 });
    assertEquals((await db.query("SELECT * FROM best")).rows(), [[5, 1]]);
    assertEquals(db.plugins.materializedViews.status("best").asOf, db.version);
  });

  it("rolls the commit back when a view cannot be computed", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW inverse AS SELECT s_id, 1 / amount AS v FROM sale");
    await db.insert("sale", [{ s_id: 1, amount: 2 }]);
    const error = await assertRejects(() => db.insert("sale", [{ s_id: 2, amount: 0 }]), LiveViewError);
    assertEquals(error.code, "division-by-zero");
    assertEquals((await db.query("SELECT s_id FROM sale")).column("s_id"), [1]);
    assertEquals((await db.query("SELECT s_id FROM inverse")).column("s_id"), [1]);
  });

  it("refuses writes to a view, drops with dependants and unknown names", async () => {
    await using db = await open();
    await db.exec(
      "CREATE MATERIALIZED VIEW v AS SELECT s_id FROM sale; CREATE MATERIALIZED VIEW w AS SELECT count(*) AS n FROM v",
    );
    await assertRejects(() => db.exec("DELETE FROM v"), LiveViewError, "materialized view");
    await assertRejects(() => db.exec("DROP TABLE sale"), LiveViewError, "v");
    await assertRejects(() => db.exec("DROP MATERIALIZED VIEW v"), LiveViewError, "w");
    await assertRejects(() => db.exec("DROP MATERIALIZED VIEW x"), LiveViewError, "x");
    await assertRejects(() => db.exec("CREATE MATERIALIZED VIEW v AS SELECT 1 AS a"), LiveViewError, "taken");
    await assertRejects(
      () => db.exec("CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT * FROM v"),
      LiveViewError,
    );
    await db.exec("DROP TABLE sale CASCADE");
    assertEquals(db.plugins.materializedViews.names(), []);
  });

  it("survives REFRESH and leaves the contents as they are", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW total AS SELECT sum(amount) AS total FROM sale");
    await db.insert("sale", [{ s_id: 1, amount: 2 }, { s_id: 2, amount: 3 }]);
    await db.exec("REFRESH MATERIALIZED VIEW total");
    await db.delete("sale", { s_id: 1 });
    assertEquals((await db.query("SELECT total FROM total")).column("total"), [3]);
  });
});

describe("db.subscribe()", () => {
  it("gives a snapshot and then every change; their sum is the contents", async () => {
    await using db = await open();
    await db.exec(
      "CREATE MATERIALIZED VIEW by_day AS SELECT c_id, sum(amount) AS total FROM sale GROUP BY c_id",
    );
    await db.insert("sale", [{ s_id: 1, c_id: 1, amount: 1 }]);
    const controller = new AbortController();
    const seen: string[] = [];
    const reader = (async () => {
      for await (
        const { snapshot, inserted, deleted } of db.subscribe("by_day", { signal: controller.signal })
      ) {
        const show = (rows: readonly Readonly<Record<string, unknown>>[]) =>
          rows.map((row) => `${row.c_id}:${row.total}`).join();
        seen.push(`${snapshot ? "=" : ""}+${show(inserted)}-${show(deleted)}`);
      }
    })();
    await db.insert("sale", [{ s_id: 2, c_id: 1, amount: 2 }, { s_id: 3, c_id: 2, amount: 9 }]);
    await db.delete("sale", { s_id: 3 });
    await db.query("UPDATE sale SET amount = amount");
    await new Promise((resolve) => setTimeout(resolve, 1));
    controller.abort();
    await reader;
    assertEquals(seen, ["=+1:1-", "+1:3,2:9-1:1", "+-2:9"]);
  });

  it("merges what a slow reader has not read", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW total AS SELECT count(*) AS n FROM sale");
    const changes = db.subscribe("total", { queueMax: 4 })[Symbol.asyncIterator]();
    for (let i = 0; i < 20; i++) await db.insert("sale", [{ s_id: i }]);
    let last = await nextChange(changes);
    assertEquals(last.snapshot, true);
    while (last.inserted[0]?.n !== 20) last = await nextChange(changes);
    assertEquals(last.inserted, [{ n: 20 }]);
    await changes.return?.();
  });

  it("refuses a name that is no view", async () => {
    await using db = await open();
    await assertRejects(
      async () => await db.subscribe("nothing")[Symbol.asyncIterator]().next(),
      LiveViewError,
    );
  });
});
