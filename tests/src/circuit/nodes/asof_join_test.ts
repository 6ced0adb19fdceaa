import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import { createDatabase, LiveViewError, materializedViews } from "../../../../mod.ts";
import { requireMaintainedView } from "../../../support/maintained_changes.ts";
import { multiset, type ViewDatabase } from "./join_tables.ts";

const SHOWN = "SELECT t.id, q.id AS quote, q.bid";
const VIEWS: Readonly<Record<string, string>> = {
  at_or_before: `${SHOWN} FROM trade t ASOF JOIN quote q ON t.symbol = q.symbol AND t.at >= q.at`,
  before: `${SHOWN} FROM trade t ASOF JOIN quote q ON t.symbol = q.symbol AND t.at > q.at`,
  at_or_after: `${SHOWN} FROM trade t ASOF JOIN quote q ON t.symbol = q.symbol AND t.at <= q.at`,
  after: `${SHOWN} FROM trade t ASOF JOIN quote q ON t.symbol = q.symbol AND t.at < q.at`,
  kept: `${SHOWN} FROM trade t ASOF LEFT JOIN quote q ON t.symbol = q.symbol AND t.at >= q.at`,
  filtered:
    `${SHOWN} FROM trade t ASOF LEFT JOIN quote q ON t.symbol = q.symbol AND t.at >= q.at AND q.bid > 3`,
  duplicates: `SELECT t.symbol, q.at FROM (SELECT symbol, at / 10 AS at FROM trade) t
     ASOF LEFT JOIN (SELECT symbol, at FROM quote) q ON t.symbol = q.symbol AND t.at >= q.at`,
  without_key: `${SHOWN} FROM trade t ASOF JOIN quote q ON t.at >= q.at`,
};

/** Quotes have different times, so that each query has one answer. */
async function createTables(): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`CREATE TABLE trade (id INTEGER PRIMARY KEY, symbol TEXT, at INTEGER);
     CREATE TABLE quote (id INTEGER PRIMARY KEY, symbol TEXT, at INTEGER, bid INTEGER)`);
  return db;
}

async function change(db: ViewDatabase, random: SeededRandom, rows: number): Promise<void> {
  const maybe = (value: unknown): unknown => random.next() < 0.06 ? null : value;
  await db.transaction(async (tx) => {
    for (let i = 0; i < rows; i++) {
      const table = random.pick(["trade", "quote"]);
      const id = random.integer(0, 60);
      await tx.delete(table, { id });
      if (random.next() < 0.3) continue;
      const symbol = maybe(random.pick(["a", "b", "c"]));
      if (table === "trade") await tx.insert("trade", [{ id, symbol, at: maybe(random.integer(0, 300)) }]);
      else await tx.insert("quote", [{ id, symbol, at: maybe(id * 5), bid: random.integer(0, 9) }]);
    }
  });
}

describe("AsofJoinNode", () => {
  for (const [name, sql] of Object.entries(VIEWS)) {
    it(`maintains ${name.replaceAll("_", " ")}`, async () => {
      const seed = Number(process.env["LIVEVIEW_SEED"] ?? 5);
      const random = new SeededRandom(seed);
      await using db = await createTables();
      await change(db, random, 60);
      const tables = ["trade", "quote"];
      await requireMaintainedView(db, sql, {
        random,
        seed,
        tables,
        change: (count) => change(db, random, count),
      });
    });
  }

  it("is refused, as the query is, with other conditions on both sides", async () => {
    await using db = await createTables();
    const sql = `${SHOWN} FROM trade t ASOF LEFT JOIN quote q ON t.at >= q.at AND t.id <> q.bid`;
    for (const text of [sql, `CREATE MATERIALIZED VIEW m AS ${sql}`]) {
      const error = await assertRejects(() => db.exec(text), LiveViewError);
      assertEquals(error.code, "unsupported");
    }
  });

  it("looks at the rows beside a change and gives memory back", async () => {
    const sql = `${SHOWN} FROM trade t ASOF LEFT JOIN quote q ON t.symbol = q.symbol AND t.at >= q.at`;
    for (const size of [1000, 10_000]) {
      await using db = await createTables();
      await db.insert("trade", Array.from({ length: size }, (_, id) => ({ id, symbol: "a", at: id * 10 })));
      await db.insert(
        "quote",
        Array.from({ length: size }, (_, id) => ({ id, symbol: "a", at: id * 10 - 5, bid: 1 })),
      );
      await db.exec(`CREATE MATERIALIZED VIEW m AS ${sql}`);
      const status = () => db.plugins.materializedViews.status("m");
      const { examinedRows, stateBytes } = status();
      await db.exec("INSERT INTO quote VALUES (-1, 'a', 5007, 2); DELETE FROM quote WHERE id = 300");
      await db.exec("UPDATE trade SET at = 4012 WHERE id = 7");
      assert(status().examinedRows - examinedRows < 1000, `${status().examinedRows - examinedRows} rows`);
      await db.exec("DELETE FROM trade WHERE id % 16 <> 0; DELETE FROM quote WHERE id % 16 <> 0");
      assertEquals(await multiset(db, "SELECT * FROM m"), await multiset(db, sql));
      await db.exec("INSERT INTO quote VALUES (-2, 'a', 801, 3)");
      assertEquals(await multiset(db, "SELECT * FROM m"), await multiset(db, sql));
      // Of few rows none is removed.
      if (size > 1000) {
        assert(status().stateBytes < stateBytes, `${status().stateBytes} of ${stateBytes} bytes`);
      }
    }
  });
});
