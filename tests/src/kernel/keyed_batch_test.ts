import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDatabase, type Database } from "../../../mod.ts";
import { LiveViewError } from "../../../src/base/error.ts";
import { SeededRandom } from "../../../src/base/random.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 1);
const RUNS = 10 * Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

const DDL = `CREATE TABLE t (
  a INTEGER, b TEXT, n BIGINT, d DECIMAL(10,2), f DOUBLE, day DATE, ok BOOLEAN, x NUMERIC NOT NULL, PRIMARY KEY (a, b))`;

type Row = Record<string, unknown>;

/** A row for key `a` with values of all kinds: plain ones, others that mean the same, NULLs. */
function randomRow(random: SeededRandom, a: number): Row {
  const day = `2024-0${random.integer(1, 9)}-1${random.integer(0, 9)}`;
  return {
    a,
    b: `k${a % 3}`,
    n: random.pick<unknown>([a, -a, 7n, 2n ** 60n, null]),
    d: random.pick<unknown>([a / 4, -0, "12.50", null]),
    f: random.pick<unknown>([0, -0, a / 3, NaN, null]),
    day: random.pick<unknown>([day, day, new Date(day), null]),
    ok: random.pick<unknown>([true, false, null]),
    x: random.pick<unknown>([1, "1.50", 3n]),
  };
}

function plainRow(a: number): Row {
  return { a, b: `k${a % 3}`, n: a, d: a / 4, f: a / 3, day: "2024-02-29", ok: a % 2 === 0, x: a };
}

async function open(rows: readonly Row[]): Promise<Database> {
  const db = createDatabase();
  await db.exec(DDL);
  await db.insert("t", rows);
  return db;
}

async function contents(db: Database): Promise<unknown> {
  return (await db.query("SELECT * FROM t ORDER BY a, b")).rows();
}

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return "none";
  } catch (error) {
    return error instanceof LiveViewError ? `${error.code} ${error.message}` : String(error);
  }
}

describe("db.insert(), db.update() and db.delete() of many rows", () => {
  it(`do what they do row by row (seed ${SEED})`, async () => {
    for (let run = 0; run < RUNS; run++) {
      const random = new SeededRandom(SEED + run);
      const plain = random.next() < 0.5;
      const make = (a: number) => plain ? plainRow(a) : randomRow(random, a);
      const start = Array.from({ length: 100 }, (_, a) => make(a));
      await using batched = await open(start);
      await using single = await open([]);
      for (const row of start) await single.insert("t", row);
      assertEquals(await contents(batched), await contents(single));

      const keys = Array.from({ length: 60 }, () => random.integer(0, plain ? 150 : 99));
      const updates = (random.next() < 0.5 ? [...new Set(keys)] : keys).map((a) => make(a + 0));
      if (random.next() < 0.3) { for (const row of updates) delete row.f; }
      if (random.next() < 0.3) delete updates[5]!.ok;
      let count = 0;
      for (const row of updates) count += await single.update("t", row);
      assertEquals(await batched.update("t", updates), count);
      assertEquals(await contents(batched), await contents(single));

      const gone = Array.from({ length: 50 }, () => random.integer(0, 120)).map((a) => ({
        a,
        b: `k${a % 3}`,
      }));
      let goneCount = 0;
      for (const key of gone) goneCount += await single.delete("t", key);
      assertEquals(await batched.delete("t", gone), goneCount);
      // Rows that come now take the slots of those that went.
      const back = [...new Set(gone.map(({ a }) => a))].map(make);
      await batched.insert("t", back);
      for (const row of back) await single.insert("t", row);
      assertEquals(await contents(batched), await contents(single));
    }
  });

  it("change nothing when one row does not fit, and say why", async () => {
    const start = Array.from({ length: 50 }, (_, a) => plainRow(a));
    await using db = await open(start);
    const before = await contents(db);
    const wrong: readonly Row[] = [{ x: null }, { n: 1.5 }, { day: "2024-02-30" }, { f: "one" }, { a: null }];
    for (const part of wrong) {
      const rows = start.map((row, i) => ({ ...row, n: -1, ...(i === 40 ? part : { x: 2, f: 0 }) }));
      const one = await codeOf(() => db.update("t", { ...rows[40]! }));
      assertEquals(await codeOf(() => db.update("t", rows)), one);
      assertEquals(one === "none", false);
      assertEquals(await contents(db), before);
    }
  });

  it("see rows by their keys after the keys' rows have moved", async () => {
    await using db = await open(Array.from({ length: 200 }, (_, a) => plainRow(a)));
    await db.delete("t", Array.from({ length: 100 }, (_, a) => ({ a: 199 - a, b: `k${(199 - a) % 3}` })));
    await db.insert("t", Array.from({ length: 100 }, (_, a) => plainRow(299 - a)));
    const rows = Array.from({ length: 300 }, (_, a) => ({ a, b: `k${a % 3}`, n: 1 }));
    assertEquals(await db.update("t", rows), 200);
    assertEquals((await db.query("SELECT sum(n) AS s, count(*) AS c FROM t")).rows(), [[200, 200]]);
  });
});
