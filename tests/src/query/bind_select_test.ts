import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "node:test";
import { TPCH_DDL } from "../../../examples/tpch/tables.ts";
import { TPCH_QUERIES } from "../../../examples/tpch/queries.ts";
import { validatePlan } from "../../../src/planner/validate.ts";
import { catalogOf, failure, FUNCTIONS, names, plan, query } from "./bind_fixture.ts";
import { QUERIES } from "./bind_postgres_statements.ts";

function lines(...text: readonly string[]): string {
  return text.join("\n");
}

describe("bindQuery() of SELECT", () => {
  it("puts the clauses in the order of their meaning", () => {
    const sql =
      `SELECT country, sum(id) AS total, rank() OVER (ORDER BY sum(id)) AS r FROM customers WHERE id > 1
      GROUP BY country HAVING count(*) > 2 QUALIFY r < 3 ORDER BY total DESC LIMIT 5`;
    assertEquals(
      plan(sql),
      lines(
        "limit 5",
        "  sort total desc",
        "    project country, sum as total, rank as r",
        "      filter rank < 3",
        "        window rank() over (order by sum range unbounded preceding..current row) as rank",
        "          filter count > 2",
        "            aggregate by country: sum(id) as sum, count(*) as count",
        "              filter id > 1",
        "                scan customers [id, name, country, born]",
      ),
    );
  });

  it("binds the TPC-H queries to valid plans", () => {
    const environment = { catalog: catalogOf(TPCH_DDL.join(";\n")), functions: FUNCTIONS };
    for (const { sql } of TPCH_QUERIES) validatePlan(query(sql, environment).plan);
  });

  it("gives valid plans for every statement that binds", () => {
    for (const sql of QUERIES) {
      let bound;
      try {
        bound = query(sql);
      } catch {
        continue;
      }
      validatePlan(bound.plan);
    }
  });

  it("expands stars with EXCLUDE, REPLACE and RENAME", () => {
    assertEquals(names("SELECT * EXCLUDE (born) RENAME (id AS key) FROM customers"), [
      "key",
      "name",
      "country",
    ]);
    assertStringIncludes(plan("SELECT * REPLACE (id + 1 AS id) FROM customers"), "id + 1 as id");
  });

  it("gives a column that is listed twice a new id the second time", () => {
    const { columns } = query("SELECT id, id FROM customers");
    assertEquals(new Set(columns.map((column) => column.id)).size, 2);
  });

  it("finds aliases where no column has the name", () => {
    assertStringIncludes(
      plan("SELECT id * 2 AS twice FROM customers WHERE twice > 4"),
      "filter (id * 2) > 4",
    );
    assertStringIncludes(
      plan("SELECT id AS country FROM customers WHERE country = 'DE'"),
      "filter country = 'DE'",
    );
    assertEquals(failure("SELECT x + 1 AS x FROM customers").code, "unknown-column");
  });

  it("prefers the input in GROUP BY and the output in ORDER BY", () => {
    assertStringIncludes(
      plan("SELECT lower(country) AS country FROM customers GROUP BY country"),
      "aggregate by country",
    );
    assertStringIncludes(plan("SELECT -id AS id FROM customers ORDER BY id"), "project -id as id");
    assertEquals(failure("SELECT 1 AS a, 2 AS a ORDER BY a").code, "ambiguous-name");
  });

  it("sorts by expressions that are not selected and drops them again", () => {
    assertEquals(
      plan("SELECT name FROM customers ORDER BY id"),
      lines(
        "project name",
        "  sort sort",
        "    project name, id as sort",
        "      scan customers [id, name, country, born]",
      ),
    );
  });

  it("keeps the first row per DISTINCT ON key in the order asked for", () => {
    assertStringIncludes(
      plan("SELECT DISTINCT ON (country) name FROM customers ORDER BY country, id DESC"),
      "distinct on (sort) order by sort, sort desc",
    );
    assertEquals(
      failure("SELECT DISTINCT ON (country) name FROM customers ORDER BY id").code,
      "invalid-statement",
    );
  });

  it("expands set-returning calls in step, those over others' rows after them", () => {
    assertStringIncludes(
      plan("SELECT unnest(tags), generate_series(1, 2) FROM orders"),
      "call unnest(tags), generate_series(1, 2)",
    );
    assertStringIncludes(
      plan("SELECT unnest(tags) AS t, count(*) FROM orders GROUP BY t"),
      "aggregate by unnest",
    );
  });

  it("refuses what a clause does not allow and marks it", () => {
    assertEquals(failure("SELECT 1 FROM orders WHERE sum(price) > 1").marked, "sum(price)");
    assertEquals(failure("SELECT 1 FROM orders WHERE rank() OVER () = 1").marked, "rank() OVER ()");
    assertEquals(failure("SELECT sum(max(id)) FROM orders").marked, "max(id)");
    assertEquals(failure("SELECT id FROM orders LIMIT id").code, "invalid-statement");
    assertEquals(failure("SELECT id FROM orders LIMIT -1").code, "invalid-value");
    assertEquals(failure("SELECT id FROM orders FETCH FIRST ROW WITH TIES").code, "invalid-statement");
  });
});

describe("bindQuery() of set operations and VALUES", () => {
  it("unites column types and converts literals where they are made", () => {
    assertEquals(
      plan("SELECT '2024-01-01' AS d UNION ALL SELECT born FROM customers"),
      lines(
        "union all [d]",
        "  project date '2024-01-01' as d",
        "    values [] ()",
        "  project born",
        "    scan customers [id, name, country, born]",
      ),
    );
  });

  it("pads BY NAME with NULL", () => {
    assertEquals(names("SELECT id, name FROM customers UNION ALL BY NAME SELECT name, born FROM customers"), [
      "id",
      "name",
      "born",
    ]);
  });

  it("names the counts when the sides differ", () => {
    const { code, message, marked } = failure("SELECT 1, 2 UNION SELECT 3");
    assertEquals([code, marked], ["column-count", "SELECT 3"]);
    assertStringIncludes(message, "received 2 and 1");
  });

  it("gives VALUES one type per column", () => {
    assertEquals(plan("VALUES (1, 'a'), (2.5, NULL)"), "values [column1, column2] (1.0, 'a'), (2.5, null)");
    assertEquals(failure("VALUES (1), (1, 2)").code, "column-count");
  });

  it("bounds a chain", () => {
    assertEquals(failure(Array(1100).fill("SELECT 1").join(" UNION ")).code, "depth-limit");
  });
});
