import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { Query } from "../../src/query/ast.ts";
import { bindQuery } from "../../src/query/binder.ts";
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
  type QueryBuilder,
  sum,
} from "../../src/query/builder.ts";
import type { Catalog, CatalogTable } from "../../src/query/catalog.ts";
import { FunctionRegistry } from "../../src/query/function_registry.ts";
import { BUILTIN_FUNCTIONS } from "../../src/query/functions/library.ts";
import { queryFromJson } from "../../src/query/json_query.ts";
import { parseStatement } from "../../src/sql/parse.ts";
import { BIGINT, DATE, decimalType, INTEGER, type SqlType, TEXT } from "../../src/storage/sql_type.ts";
import { fuzzCase } from "../oracle/fuzz_run.ts";
import type { RandomTable } from "../oracle/random_table.ts";
import { SEED_QUERIES } from "./seed_queries.ts";
import { seedTables } from "./seed_tables.ts";
import { SeededRandom } from "../../src/base/random.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 77);
const RUNS = Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

type Columns = readonly (readonly [name: string, type: SqlType])[];

function tableOf(name: string, columns: Columns): CatalogTable {
  return {
    kind: "table",
    name,
    columns: columns.map(([column, type]) => ({ name: column, type, nullable: true })),
    primaryKey: [],
    uniqueKeys: [],
    checks: [],
  };
}

function catalogOf(tables: readonly CatalogTable[]): Catalog {
  const relations = new Map(tables.map((table) => [table.name, table]));
  return { relation: (name) => relations.get(name), relationNames: () => [...relations.keys()] };
}

function randomCatalog(tables: readonly RandomTable[]): Catalog {
  return catalogOf(
    tables.map(({ name, columns }) => tableOf(name, columns.map((one) => [one.name, one.type]))),
  );
}

const SHOP = catalogOf([
  tableOf("sale", [
    ["id", INTEGER],
    ["shop", TEXT],
    ["amount", decimalType(12, 2)],
    ["units", BIGINT],
    ["day", DATE],
  ]),
  tableOf("shop", [["name", TEXT], ["city", TEXT], ["area", INTEGER]]),
]);

const functions = new FunctionRegistry(BUILTIN_FUNCTIONS);

/** The bound plan without the places in the text; what cannot be bound, as its error. */
function planOf(query: Query, catalog: Catalog): unknown {
  try {
    const bound = bindQuery(query, { catalog, functions, timeZone: "UTC" });
    return JSON.parse(JSON.stringify(bound, (key, value) => {
      if (key === "span") return undefined;
      return typeof value === "bigint" ? `${value}n` : value;
    }));
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
}

function parsed(sql: string): Query {
  const statement = parseStatement(sql);
  assert(statement.kind === "query");
  return statement;
}

/** As it comes over the wire, without places in a text. */
function throughJson(query: Query): Query {
  return queryFromJson(JSON.parse(JSON.stringify(query, (key, value) => key === "span" ? undefined : value)));
}

const id = column("id");
const units = column("units");
const amount = column("amount");
const onShop = column("s.shop").eq(column("t.name"));

/** A query in its two written forms; the third, JSON, is made from each. */
const FORMS: readonly (readonly [sql: string, built: QueryBuilder<Record<string, unknown>>])[] = [
  ["SELECT * FROM sale", from("sale")],
  ["SELECT * FROM sale AS s", from("sale", "s")],
  ["SELECT id, shop FROM sale", from("sale").columns("id", "shop")],
  ["SELECT DISTINCT shop FROM sale", from("sale").columns("shop").distinct()],
  ["SELECT id AS a FROM sale WHERE id = 1", from("sale").where(id.eq(1)).select({ a: id })],
  ["SELECT id FROM sale WHERE shop <> 'it''s'", from("sale").where(column("shop").ne("it's")).columns("id")],
  [
    "SELECT id FROM sale WHERE units < 1 AND units <= 2 AND units > 3 AND units >= 4",
    from("sale").where(units.lt(1).and(units.lte(2), units.gt(3), units.gte(4))).columns("id"),
  ],
  [
    "SELECT id FROM sale WHERE units < 1 OR units > 3 OR shop IS NULL",
    from("sale").where(units.lt(1).or(units.gt(3), column("shop").isNull())).columns("id"),
  ],
  ["SELECT id FROM sale WHERE NOT units = 1", from("sale").where(units.eq(1).not()).columns("id")],
  [
    "SELECT id FROM sale WHERE units BETWEEN 1 AND 5",
    from("sale").where(units.between(1, 5)).columns("id"),
  ],
  [
    "SELECT id FROM sale WHERE id IN (1, 2, NULL)",
    from("sale").where(id.in([1, 2, null])).columns("id"),
  ],
  [
    "SELECT id FROM sale WHERE shop LIKE 'a%' AND shop IS NOT NULL",
    from("sale").where(column("shop").like("a%").and(column("shop").isNotNull())).columns("id"),
  ],
  [
    "SELECT units + 1 AS a, units - 2 AS b, units * 3 AS c, units / 4 AS d FROM sale",
    from("sale").select({ a: units.plus(1), b: units.minus(2), c: units.times(3), d: units.dividedBy(4) }),
  ],
  [
    "SELECT abs(units) AS a, coalesce(shop, 'none') AS b FROM sale",
    from("sale").select({ a: call("abs", units), b: call("coalesce", column("shop"), "none") }),
  ],
  [
    "SELECT 1 AS one, 'x' AS text, TRUE AS yes, NULL AS nothing, 2.5 AS fraction FROM sale",
    from("sale").select({
      one: literal(1),
      text: literal("x"),
      yes: literal(true),
      nothing: literal(null),
      fraction: literal(2.5),
    }),
  ],
  [
    "SELECT shop AS shop, count(*) AS n, count(units) AS u, count(DISTINCT units) AS k, sum(amount) AS s, " +
    "avg(amount) AS a, min(day) AS f, max(day) AS l FROM sale GROUP BY shop",
    from("sale").groupBy("shop").select({
      shop: column("shop"),
      n: count(),
      u: count(units),
      k: countDistinct(units),
      s: sum(amount),
      a: avg(amount),
      f: min(column("day")),
      l: max(column("day")),
    }),
  ],
  [
    "SELECT shop AS shop, sum(units) AS n FROM sale WHERE id > 0 AND units < 9 GROUP BY shop, id > 3 " +
    "HAVING count(*) >= 1 ORDER BY shop DESC, n ASC LIMIT 3 OFFSET 2",
    from("sale").where(id.gt(0)).where(units.lt(9)).groupBy("shop", id.gt(3)).having(count().gte(1))
      .select({ shop: column("shop"), n: sum(units) }).orderBy(column("shop").desc(), column("n").asc())
      .limit(3).offset(2),
  ],
  [
    "SELECT s.id AS id, t.city AS city FROM sale AS s JOIN shop AS t ON s.shop = t.name",
    from("sale", "s").join("shop", onShop, "t").select({ id: column("s.id"), city: column("t.city") }),
  ],
  [
    "SELECT t.city AS city, sum(s.amount) AS total FROM sale AS s LEFT JOIN shop AS t ON s.shop = t.name " +
    "GROUP BY t.city ORDER BY total",
    from("sale", "s").leftJoin("shop", onShop, "t").groupBy(column("t.city"))
      .select({ city: column("t.city"), total: sum(column("s.amount")) }).orderBy("total"),
  ],
  ["SELECT id FROM sale ORDER BY id LIMIT 0", from("sale").columns("id").orderBy("id").limit(0)],
  ["SELECT nothing FROM sale", from("sale").columns("nothing")],
  ["SELECT id FROM nowhere", from("nowhere").columns("id")],
  ["SELECT shop FROM sale GROUP BY id", from("sale").groupBy("id").columns("shop")],
];

/** Forms that the builder does not write. */
const TEXTS: readonly string[] = [
  "WITH x AS (SELECT shop, sum(amount) AS a FROM sale GROUP BY shop) SELECT * FROM x JOIN x AS y USING (shop)",
  "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT sum(n) FROM r",
  "SELECT id FROM sale UNION SELECT area FROM shop EXCEPT ALL SELECT 3 ORDER BY 1",
  "SELECT shop, sum(amount) OVER (PARTITION BY shop ORDER BY day, id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM sale",
  "SELECT rank() OVER w, lag(units, 1, 0) OVER w FROM sale WINDOW w AS (ORDER BY units DESC NULLS LAST)",
  "SELECT * FROM sale QUALIFY row_number() OVER (PARTITION BY shop ORDER BY id) = 1",
  "SELECT DISTINCT ON (shop) shop, id FROM sale ORDER BY shop, id DESC",
  "SELECT shop, day, grouping(shop), count(*) FILTER (WHERE units > 0) FROM sale GROUP BY ROLLUP (shop, day)",
  "SELECT * FROM sale s WHERE EXISTS (SELECT 1 FROM shop WHERE name = s.shop) OR units > ALL (SELECT area FROM shop)",
  "SELECT (SELECT max(area) FROM shop WHERE name = s.shop) FROM sale s WHERE id NOT IN (SELECT area FROM shop)",
  "SELECT * FROM shop, LATERAL (SELECT count(*) FROM sale WHERE shop = name) AS c(n), generate_series(1, n) AS g(i)",
  "SELECT CASE shop WHEN 'a' THEN 1 ELSE 2 END, CAST(units AS TEXT), day + INTERVAL '1 day', units::INTEGER FROM sale",
  "SELECT string_agg(shop, ',' ORDER BY id), percentile_cont(0.5) WITHIN GROUP (ORDER BY units) FROM sale",
  "SELECT ARRAY[1, 2][1], ARRAY(SELECT id FROM sale), (1, 2) < (2, 1), 5 BETWEEN SYMMETRIC 9 AND 1",
  "SELECT * EXCLUDE (amount) FROM sale FULL JOIN shop ON shop = name WHERE extract(year FROM day) = 2024",
  "SELECT shop FROM sale GROUP BY ALL ORDER BY 1 FETCH FIRST 2 ROWS WITH TIES",
  "VALUES (1, 'a'), (2, NULL)",
  "SELECT $1 + 1, :name",
];

describe("one query in three forms", () => {
  for (const [sql, built] of FORMS) {
    it(`has one plan: ${sql}`, () => {
      const plan = planOf(parsed(sql), SHOP);
      assertEquals(planOf(built.build(), SHOP), plan);
      assertEquals(planOf(throughJson(parsed(sql)), SHOP), plan);
      assertEquals(planOf(throughJson(built.build()), SHOP), plan);
    });
  }

  for (const sql of TEXTS) {
    it(`has one plan as SQL and as JSON: ${sql}`, () => {
      const plan = planOf(parsed(sql), SHOP);
      assert(typeof plan === "object", String(plan));
      assertEquals(planOf(throughJson(parsed(sql)), SHOP), plan);
    });
  }

  it("has one plan: the queries of the pipeline example", () => {
    const catalog = randomCatalog(seedTables(new SeededRandom(1), 20_000));
    for (const { sql } of SEED_QUERIES) {
      const plan = planOf(parsed(sql), catalog);
      assert(typeof plan === "object", String(plan));
      assertEquals(planOf(throughJson(parsed(sql)), catalog), plan);
    }
  });

  it(`has one plan: random queries, LIVEVIEW_SEED=${SEED}`, () => {
    for (let seed = SEED; seed < SEED + 12 * RUNS; seed++) {
      const { tables, queries } = fuzzCase(seed, 25);
      const catalog = randomCatalog(tables);
      for (const { query, sql } of queries) {
        assertEquals(planOf(throughJson(query), catalog), planOf(query, catalog), sql);
      }
    }
  });
});
