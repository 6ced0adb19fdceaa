import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { QueryError } from "../../../src/base/error.ts";
import { createDatabase, type Database } from "../../../src/kernel/database.ts";
import {
  avg,
  call,
  column,
  count,
  countDistinct,
  from,
  literal,
  max,
  min,
  parameter,
  type QueryBuilder,
  type Scalar,
  sum,
} from "../../../src/query/builder.ts";

interface Sale {
  readonly id: number;
  readonly shop: string;
  readonly amount: number;
  readonly at: Date;
}

const TABLES = `
  CREATE TABLE sale (id INTEGER PRIMARY KEY, shop TEXT, amount INTEGER, at TIMESTAMPTZ);
  INSERT INTO sale VALUES (1, 'a', 5, '2024-01-01'), (2, 'b', -7, '2024-01-02'), (3, 'a', NULL, '2024-01-03'),
    (4, NULL, 12, NULL), (5, 'b', 3, '2024-01-05');
  CREATE TABLE shop (name TEXT, city TEXT);
  INSERT INTO shop VALUES ('a', 'Aachen'), ('c', 'Celle');
`;

/** Both give the same rows. */
async function same(query: QueryBuilder<Sale>, sql: string, db: Database): Promise<void> {
  assertEquals((await db.query(query.build())).rows(), (await db.query(sql)).rows());
}

describe("Scalar", () => {
  const amount = column("amount");
  const conditions: readonly (readonly [Scalar, string])[] = [
    [amount.eq(5), "amount = 5"],
    [amount.ne(5), "amount <> 5"],
    [amount.lt(3), "amount < 3"],
    [amount.lte(3), "amount <= 3"],
    [amount.gt(-7), "amount > -7"],
    [amount.gte(5n), "amount >= 5"],
    [amount.plus(1).eq(6), "amount + 1 = 6"],
    [amount.minus(1).times(2).eq(8), "(amount - 1) * 2 = 8"],
    [amount.dividedBy(2).eq(2), "amount / 2 = 2"],
    [amount.between(3, 5), "amount BETWEEN 3 AND 5"],
    [amount.in([5, 12, null]), "amount IN (5, 12, NULL)"],
    [column("shop").like("a%"), "shop LIKE 'a%'"],
    [column("sale.shop").eq("it's"), "sale.shop = 'it''s'"],
    [amount.isNull(), "amount IS NULL"],
    [amount.isNotNull(), "amount IS NOT NULL"],
    [amount.gt(3).and(column("id").lt(4), literal(true)), "amount > 3 AND id < 4 AND true"],
    [amount.gt(4).or(column("id").eq(3)), "amount > 4 OR id = 3"],
    [amount.gt(4).not(), "NOT (amount > 4)"],
    [column("at").gt(new Date(Date.UTC(2024, 0, 2))), "at > '2024-01-02 00:00+00'"],
    [call("abs", amount).eq(7), "abs(amount) = 7"],
  ];
  for (const [condition, sql] of conditions) {
    it(`means ${sql}`, async () => {
      await using db = createDatabase();
      await db.exec(TABLES);
      await same(from<Sale>("sale").where(condition).columns("id"), `SELECT id FROM sale WHERE ${sql}`, db);
    });
  }

  it("refuses numbers and dates that SQL has no literal for", () => {
    assertEquals(assertThrows(() => column("a").eq(NaN), QueryError).code, "invalid-parameter");
    assertEquals(assertThrows(() => column("a").eq(new Date(NaN)), QueryError).code, "invalid-parameter");
  });
});

describe("QueryBuilder", () => {
  it("shows every column without select()", async () => {
    await using db = createDatabase();
    await db.exec(TABLES);
    await same(
      from<Sale>("sale").orderBy("id").limit(2).offset(1),
      "SELECT * FROM sale ORDER BY id LIMIT 2 OFFSET 1",
      db,
    );
  });

  it("groups, keeps groups and sorts", async () => {
    await using db = createDatabase();
    await db.exec(TABLES);
    const query = from<Sale>("sale")
      .where(column("id").gt(0))
      .where(column("id").lt(9))
      .where(column("id").ne(8))
      .groupBy("shop", column("id").gt(3))
      .having(count().gte(1))
      .select({
        shop: column("shop"),
        rows: count(),
        amounts: count(column("amount")),
        kinds: countDistinct(column("amount")),
        total: sum(column("amount")),
        mean: avg(column("amount")),
        least: min(column("amount")),
        most: max(column("amount")),
      })
      .orderBy(column("shop").desc(), column("total").asc());
    const sql =
      `SELECT shop, count(*), count(amount), count(DISTINCT amount), sum(amount) AS total, avg(amount),
      min(amount), max(amount) FROM sale WHERE id > 0 AND id < 9 AND id <> 8 GROUP BY shop, id > 3
      HAVING count(*) >= 1 ORDER BY shop DESC, total`;
    assertEquals((await db.query(query.build())).rows(), (await db.query(sql)).rows());
  });

  it("joins tables by alias", async () => {
    await using db = createDatabase();
    await db.exec(TABLES);
    const on = column("s.shop").eq(column("t.name"));
    const inner = from("sale", "s").join("shop", on, "t").select({
      id: column("s.id"),
      city: column("city"),
    });
    const left = from("sale", "s").leftJoin("shop", on, "t").select({
      id: column("s.id"),
      city: column("city"),
    });
    const sql = (kind: string) =>
      `SELECT s.id, city FROM sale s ${kind} JOIN shop t ON s.shop = t.name ORDER BY id`;
    assertEquals((await db.query(inner.orderBy("id").build())).rows(), (await db.query(sql(""))).rows());
    assertEquals((await db.query(left.orderBy("id").build())).rows(), (await db.query(sql("LEFT"))).rows());
  });

  it("removes duplicates and takes parameters by number and name", async () => {
    await using db = createDatabase();
    await db.exec(TABLES);
    const numbered = from<Sale>("sale").where(column("id").gt(parameter(1))).columns("shop").distinct()
      .orderBy("shop");
    assertEquals((await db.query(numbered.build(), { params: [1] })).column("shop"), ["a", "b", null]);
    const named = from<Sale>("sale").where(column("id").eq(parameter("which"))).columns("id");
    assertEquals((await db.query(named.build(), { params: { which: 4 } })).rows(), [[4]]);
  });

  it("leaves the builder that it came from as it was", () => {
    const base = from<Sale>("sale");
    const before = JSON.stringify(base.build());
    base.where(column("id").eq(1)).orderBy("id").limit(1).distinct();
    assertEquals(JSON.stringify(base.build()), before);
  });
});
