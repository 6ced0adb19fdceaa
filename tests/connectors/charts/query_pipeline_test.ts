import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { columnNamed, over, QueryPipeline } from "../../../connectors/charts/query_pipeline.ts";
import type { ChartCatalog } from "../../../connectors/charts/chart_kind.ts";
import { createDatabase, QueryError } from "../../../mod.ts";
import { call, count, literal, sum } from "../../../src/query/builder.ts";
import { printQuery } from "../../../src/sql/print.ts";
import { BIGINT, DATE, INTEGER, TEXT } from "../../../src/storage/sql_type.ts";

const TABLES: Readonly<
  Record<string, ChartCatalog["columns"] extends (name: string) => infer R ? R : never>
> = {
  sale: [
    { name: "shop", type: TEXT },
    { name: "day", type: DATE },
    { name: "amount", type: INTEGER },
    { name: "cost", type: INTEGER },
  ],
  shop: [{ name: "id", type: TEXT }, { name: "city", type: TEXT }],
};
const catalog: ChartCatalog = {
  columns: (name) => TABLES[name],
  relationNames: () => Object.keys(TABLES),
  timeZone: "UTC",
};
const sales = QueryPipeline.from("sale", catalog, "/data/name");
const amount = columnNamed("amount");

async function rows(pipeline: QueryPipeline): Promise<unknown[]> {
  await using db = createDatabase();
  await db.exec(`
    CREATE TABLE sale (shop TEXT, day DATE, amount INTEGER, cost INTEGER);
    INSERT INTO sale VALUES ('a', '2024-01-01', 5, 1), ('a', '2024-01-02', 7, 2), ('b', '2024-01-01', 1, 3);
    CREATE TABLE shop (id TEXT, city TEXT); INSERT INTO shop VALUES ('a', 'Oslo');
    CREATE TABLE list (id INTEGER, a INTEGER[], b TEXT[]);
    INSERT INTO list VALUES (1, ARRAY[1, 2], ARRAY['x']), (2, ARRAY[3], ARRAY['y', 'z'])`);
  const direct = await db.query(pipeline.build());
  const printed = await db.query(printQuery(pipeline.build()));
  assertEquals(printed.objects(), direct.objects());
  return direct.objects();
}

const text = (pipeline: QueryPipeline): string => printQuery(pipeline.build());

describe("pipeline", () => {
  it("puts filter, derived keys and measures into one SELECT", () => {
    const pipeline = sales
      .filter(amount.gt(1))
      .derive([{ name: "month", value: call("date_trunc", "month", columnNamed("day")) }])
      .aggregate(["month"], [{ name: "total", value: sum(amount), type: BIGINT }])
      .sort([{ column: "month" }]);
    assertEquals(
      text(pipeline),
      "SELECT date_trunc('month', day) AS month, sum(amount) AS total FROM sale WHERE amount > 1 " +
        "GROUP BY date_trunc('month', day) ORDER BY month",
    );
  });

  it("nests a filter on an aggregate", async () => {
    const totals = sales.aggregate(["shop"], [{ name: "total", value: sum(amount) }]);
    assertEquals(await rows(totals.filter(columnNamed("total").gt(5))), [{ shop: "a", total: 12 }]);
  });

  it("nests a filter on a window", async () => {
    const ranked = sales.window([
      { name: "rank", value: over(call("row_number"), { orderBy: [{ column: "amount" }] }) },
    ]);
    assertEquals(await rows(ranked.filter(columnNamed("rank").eq(1)).select(["shop", "rank"])), [
      { shop: "b", rank: 1 },
    ]);
  });

  it("filters after a limit the rows that the limit kept", async () => {
    const first = sales.sort([{ column: "amount", direction: "desc" }]).limit(1).filter(amount.lt(7));
    assertEquals(await rows(first), []);
  });

  it("orders by a column that is not shown", async () => {
    assertEquals(await rows(sales.sort([{ column: "amount" }]).select(["cost"])), [
      { cost: 3 },
      { cost: 1 },
      { cost: 2 },
    ]);
  });

  it("replaces a column by one computed from it", async () => {
    const doubled = sales.derive([{ name: "amount", value: amount.times(2) }]).filter(amount.gt(10));
    assertEquals(await rows(doubled.select(["amount"])), [{ amount: 14 }]);
  });

  it("adds measures of groups to rows", async () => {
    const shares = sales.joinAggregate(["shop"], [{ name: "total", value: sum(amount) }])
      .sort([{ column: "amount" }]).select(["amount", "total"]);
    assertEquals(await rows(shares), [{ amount: 1, total: 1 }, { amount: 5, total: 12 }, {
      amount: 7,
      total: 12,
    }]);
  });

  it("folds columns to rows", async () => {
    const folded = sales.filter(columnNamed("shop").eq("b")).fold(["amount", "cost"], ["key", "value"])
      .select(["shop", "key", "value"]);
    assertEquals(await rows(folded.sort([{ column: "key" }])), [
      { shop: "b", key: "amount", value: 1 },
      { shop: "b", key: "cost", value: 3 },
    ]);
  });

  it("flattens arrays side by side", async () => {
    const lists = QueryPipeline.fromSql("SELECT * FROM list", catalog, "/data/sql");
    const flat = lists.flatten([{ name: "a", as: "a" }, { name: "b", as: "b" }]).select(["id", "a", "b"])
      .sort([{ column: "id" }, { column: "b" }]);
    assertEquals(await rows(flat), [
      { id: 1, a: 1, b: "x" },
      { id: 1, a: 2, b: null },
      { id: 2, a: 3, b: "y" },
      { id: 2, a: null, b: "z" },
    ]);
  });

  it("looks rows up in another table", async () => {
    const shops = QueryPipeline.from("shop", catalog, "/x");
    const joined = sales.lookup(shops, { key: "shop", otherKey: "id" }, [{ name: "city", as: "city" }]);
    const cities = joined.aggregate(["city"], [{ name: "n", value: count() }]).sort([{ column: "n" }]);
    assertEquals(await rows(cities), [{ city: null, n: 1 }, { city: "Oslo", n: 2 }]);
  });

  it("joins one row to all", async () => {
    const extent = sales.aggregate([], [{ name: "low", value: call("min", amount) }]);
    const above = sales.cross(extent).derive([{ name: "above", value: amount.minus(columnNamed("low")) }]);
    assertEquals(await rows(above.aggregate([], [{ name: "s", value: sum(columnNamed("above")) }])), [{
      s: 10,
    }]);
  });

  it("counts rows of which no column is needed", async () => {
    const counted = sales.limit(2).aggregate([], [{ name: "n", value: count() }]);
    assertEquals(await rows(counted), [{ n: 2 }]);
  });

  it("an aggregate of all rows stays one row when its value is not needed", async () => {
    const one = sales.aggregate([], [{ name: "n", value: count() }]).derive([{
      name: "x",
      value: literal(7),
    }]);
    assertEquals(await rows(one.select(["x"])), [{ x: 7 }]);
  });

  it("unites pipelines by column names", async () => {
    const both = QueryPipeline.union([
      sales.aggregate([], [{ name: "total", value: sum(amount) }]),
      sales.aggregate([], [{ name: "n", value: count() }]),
    ]);
    assertEquals(await rows(both), [{ total: 13, n: null }, { total: null, n: 3 }]);
  });

  it("leaves out columns that nothing needs", () => {
    const counts = sales.limit(5).aggregate(["shop"], [{ name: "n", value: count() }]);
    assertEquals(
      text(counts),
      "SELECT shop, count(*) AS n FROM (SELECT shop FROM sale LIMIT 5) AS q1 GROUP BY shop",
    );
  });
});

describe("untrusted names and texts", () => {
  it("stay names and literals", async () => {
    const name = `x"; DROP TABLE sale; --`;
    const pipeline = sales.derive([{ name, value: literal(`'); DELETE FROM sale; --`) }]).limit(1).select([
      name,
    ]);
    assertEquals(await rows(pipeline), [{ [name]: `'); DELETE FROM sale; --` }]);
  });

  it("an unknown column is an error with pointer and nearest name", () => {
    const error = assertThrows(() => sales.column("amuont", "/encoding/x/field"), QueryError);
    assertEquals(error.code, "unknown-column");
    assertEquals(error.details, { path: "/encoding/x/field", column: "amuont" });
    assert(error.message.includes(`did you mean "amount"?`));
  });

  it("an unknown table is an error with pointer and nearest name", () => {
    const error = assertThrows(() => QueryPipeline.from("sales", catalog, "/data/name"), QueryError);
    assertEquals([error.code, error.details["path"]], ["unknown-table", "/data/name"]);
    assert(error.message.includes(`did you mean "sale"?`));
  });

  for (
    const sql of [
      "DELETE FROM sale",
      "SELECT 1; SELECT 2",
      "WITH d AS (DELETE FROM sale RETURNING *) SELECT * FROM d",
      "SELECT * INTO other FROM sale",
      "",
    ]
  ) {
    it(`SQL that is not one reading query is refused: ${sql || "nothing"}`, () => {
      const error = assertThrows(() => QueryPipeline.fromSql(sql, catalog, "/data/sql"), QueryError);
      assertEquals([error.code, error.details["path"]], ["invalid-statement", "/data/sql"]);
    });
  }
});
