/**
 * ORDER BY ... LIMIT over a table: only the first rows are kept, and the table is read again when they run out.
 *
 * LIVEVIEW_SEED replays a failure, LIVEVIEW_RUNS multiplies the changes.
 *
 * @module
 */
import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createDatabase, materializedViews } from "../../../../mod.ts";
import { SeededRandom } from "../../../../src/base/random.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 5);
const RUNS = Number(process.env["LIVEVIEW_RUNS"] ?? 1);

const QUERIES: Readonly<Record<string, string>> = {
  numbers: "SELECT id, v FROM t ORDER BY v, id LIMIT 7",
  descending: "SELECT id, s FROM t ORDER BY v DESC, id DESC LIMIT 5 OFFSET 3",
  texts: "SELECT * FROM t ORDER BY s DESC NULLS LAST LIMIT 10",
  nulls: "SELECT * FROM t ORDER BY b NULLS FIRST LIMIT 40",
  nulls_last: "SELECT * FROM t ORDER BY b DESC NULLS LAST, v LIMIT 40",
  booleans: "SELECT * FROM t ORDER BY flag, v DESC LIMIT 20",
  dates: "SELECT day, v FROM t ORDER BY day DESC LIMIT 9",
  expression: "SELECT id * 2 AS twice FROM t ORDER BY abs(v) + 1, id LIMIT 9 OFFSET 2",
  filter: "SELECT id FROM t WHERE b % 3 = 1 ORDER BY v LIMIT 15",
  route: "SELECT id, v FROM t WHERE s = 'z' ORDER BY v DESC LIMIT 12",
  ties: "SELECT v, s FROM t ORDER BY v FETCH FIRST 6 ROWS WITH TIES",
  copies: "SELECT s FROM t ORDER BY s LIMIT 30 OFFSET 20",
  behind: "SELECT id FROM t ORDER BY id OFFSET 300 LIMIT 50",
  rest: "SELECT id, v FROM t ORDER BY v DESC, id OFFSET 25",
};

type Row = Record<string, unknown> & { readonly id: number };

function randomRow(random: SeededRandom, id: number): Row {
  const maybe = (value: unknown) => random.next() < 0.05 ? null : value;
  return {
    id,
    v: maybe(random.pick([NaN, Infinity, -0, 0, random.integer(-5000, 5000) / 2])),
    b: maybe(random.next() < 0.02 ? 2n ** 60n : random.integer(0, 1000)),
    s: maybe(random.pick(["a", "é", "z", "Z", `text ${random.integer(0, 99)}`])),
    flag: maybe(random.next() < 0.5),
    day: maybe(`2024-0${random.integer(1, 9)}-1${random.integer(0, 9)}`),
  };
}

async function opened() {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(
    "CREATE TABLE t (id INTEGER PRIMARY KEY, v DOUBLE PRECISION, b BIGINT, s TEXT, flag BOOLEAN, day DATE)",
  );
  return db;
}

type Opened = Awaited<ReturnType<typeof opened>>;

async function rowsOf(db: Opened, sql: string): Promise<string[]> {
  const shown = (value: unknown) => Object.is(value, -0) ? "-0" : `${value}`;
  return (await db.query(sql)).rows().map((row) => row.map(shown).join("|")).sort();
}

async function compare(db: Opened, names: readonly string[], step: string): Promise<void> {
  for (const name of names) {
    assertEquals(
      await rowsOf(db, `SELECT * FROM ${name}`),
      await rowsOf(db, QUERIES[name]!),
      `${name} ${step}`,
    );
  }
}

describe("TopKNode over a table", () => {
  it(`has the rows of the query after random changes (seed ${SEED})`, async () => {
    await using db = await opened();
    const random = new SeededRandom(SEED);
    let next = 0;
    let live: number[] = [];
    const insert = async (count: number) => {
      const rows = Array.from({ length: count }, () => randomRow(random, next++));
      live.push(...rows.map(({ id }) => id));
      await db.insert("t", rows);
    };
    const names = Object.keys(QUERIES);
    await insert(9_000);
    for (const name of names) await db.exec(`CREATE MATERIALIZED VIEW ${name} AS ${QUERIES[name]}`);
    await db.exec("CREATE MATERIALIZED VIEW top AS SELECT twice FROM expression ORDER BY twice DESC LIMIT 3");
    for (let step = 0; step < 30 * RUNS; step++) {
      const dice = random.integer(0, 6);
      if (dice === 0) await insert(random.pick([1, 30, 3000]));
      else if (dice < 3) {
        const rows = Array.from(
          { length: random.pick([1, 10, 500]) },
          () => randomRow(random, random.pick(live)),
        );
        await db.update("t", [...new Map(rows.map((row) => [row.id, row])).values()]);
      } else if (dice < 5) {
        // The first rows of an order, so that it runs out.
        const order = random.pick(["v, id", "v DESC, id DESC", "s, id", "id", "b DESC NULLS LAST, v"]);
        const gone = await db.query(`SELECT id FROM t ORDER BY ${order} LIMIT ${random.pick([1, 20, 1500])}`);
        await db.delete("t", gone.rows().map(([id]) => ({ id })));
        const left = new Set(gone.rows().map(([id]) => id));
        live = live.filter((id) => !left.has(id));
      } else if (dice === 5) {
        await db.transaction(async (transaction) => {
          await transaction.delete("t", live.slice(0, 400).map((id) => ({ id })));
          await transaction.insert("t", live.slice(0, 200).map((id) => randomRow(random, id)));
        });
        live = [...live.slice(0, 200), ...live.slice(400)];
      } else {
        const failing = db.transaction(async (transaction) => {
          await transaction.delete("t", live.slice(0, 700).map((id) => ({ id })));
          throw new RangeError("rolled back");
        });
        await failing.catch(() => {});
      }
      await compare(db, names, `step ${step}, seed ${SEED}`);
      const twice = await rowsOf(db, "SELECT twice FROM expression ORDER BY twice DESC LIMIT 3");
      assertEquals(await rowsOf(db, "SELECT * FROM top"), twice);
    }
    await db.exec("DELETE FROM t");
    await compare(db, names, "empty");
    await insert(20);
    await compare(db, names, "few");
  });

  it("keeps the first rows alone", async () => {
    await using db = await opened();
    const random = new SeededRandom(SEED);
    await db.insert("t", Array.from({ length: 60_000 }, (_, id) => randomRow(random, id)));
    await db.exec(`CREATE MATERIALIZED VIEW numbers AS ${QUERIES.numbers}`);
    const { stateBytes } = db.plugins.materializedViews.status("numbers");
    assert(stateBytes < 60_000 * 16, `${stateBytes} bytes`);
    // Those that a refill has read are dropped again.
    for (let round = 0; round < 3; round++) {
      const gone = (await db.query("SELECT id FROM t ORDER BY v, id LIMIT 5000")).rows();
      await db.delete("t", gone.map(([id]) => ({ id })));
      await compare(db, ["numbers"], `round ${round}`);
    }
    const after = db.plugins.materializedViews.status("numbers").stateBytes;
    assert(after < 2 * stateBytes, `${after} bytes after ${stateBytes}`);
  });

  it("looks at a bounded number of rows for a changed one", async () => {
    await using db = await opened();
    const random = new SeededRandom(SEED);
    await db.insert("t", Array.from({ length: 30_000 }, (_, id) => randomRow(random, id)));
    await db.exec(`CREATE MATERIALIZED VIEW descending AS ${QUERIES.descending}`);
    const examined = () =>
      db.plugins.materializedViews.circuit().operators.reduce(
        (rows, operator) => rows + operator.examinedRows,
        0,
      );
    for (let i = 0; i < 50; i++) {
      const before = examined();
      await db.update("t", randomRow(random, random.integer(0, 29_999)));
      assert(examined() - before <= 40, `${examined() - before} rows`);
    }
    await compare(db, ["descending"], "after");
  });
});
