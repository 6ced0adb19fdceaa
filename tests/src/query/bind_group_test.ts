import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "node:test";
import { failure, plan } from "./bind_fixture.ts";

describe("GROUP BY", () => {
  it("replaces grouped expressions wherever they stand", () => {
    assertEquals(
      plan("SELECT lower(name) || 'x', count(*) FROM customers GROUP BY lower(name)"),
      "project group || 'x' as ?column?, count\n" +
        "  aggregate by lower(name) as group: count(*) as count\n" +
        "    scan customers [id, name, country, born]",
    );
  });

  it("takes positions, aliases and ALL", () => {
    const expected = "aggregate by upper(country) as group: count(*) as count";
    assertStringIncludes(plan("SELECT upper(country) AS c, count(*) FROM customers GROUP BY 1"), expected);
    assertStringIncludes(plan("SELECT upper(country) AS c, count(*) FROM customers GROUP BY c"), expected);
    assertStringIncludes(plan("SELECT upper(country) AS c, count(*) FROM customers GROUP BY ALL"), expected);
    assertEquals(failure("SELECT id FROM customers GROUP BY 2").marked, "2");
  });

  it("names an ungrouped column and the way out", () => {
    const { code, message, marked } = failure("SELECT name, count(*) FROM customers GROUP BY country");
    assertEquals([code, marked], ["ungrouped-column", "name"]);
    assertStringIncludes(
      message,
      'Column "customers.name" is neither grouped nor inside an aggregate (add it to GROUP BY',
    );
  });

  it("finds an ungrouped column in a correlated subquery", () => {
    const sql =
      "SELECT country, (SELECT max(price) FROM orders WHERE customer_id = c.id) FROM customers c GROUP BY country";
    assertEquals(failure(sql).marked, "c.id");
  });

  it("groups along what the primary key decides", () => {
    assertStringIncludes(
      plan("SELECT c.name, count(*) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.id"),
      "aggregate by id, name: count(*) as count",
    );
    assertEquals(
      failure("SELECT name FROM customers GROUP BY GROUPING SETS ((id), (country))").code,
      "ungrouped-column",
    );
  });

  it("multiplies ROLLUP, CUBE and GROUPING SETS", () => {
    const sets = (items: string): string =>
      plan(`SELECT count(*) FROM orders GROUP BY ${items}`).match(/sets (.*):/)?.[1] ?? "none";
    assertEquals(sets("ROLLUP (id, note)"), "(0, 1), (0), ()");
    assertEquals(sets("CUBE (id, note)"), "(0, 1), (0), (1), ()");
    assertEquals(sets("GROUPING SETS ((id, note), ROLLUP (quantity)), price"), "(0, 1, 3), (2, 3), (3)");
    assertEquals(sets("DISTINCT ROLLUP (id), ROLLUP (id)"), "(0), ()");
    assertEquals(sets("(id, note)"), "none");
  });

  it("gives columns of grouping sets new ids, for they can be NULL", () => {
    assertStringIncludes(
      plan("SELECT name FROM customers GROUP BY ROLLUP (name)"),
      "aggregate by name as name sets (0), ()",
    );
  });

  it("numbers the groups of GROUPING", () => {
    assertStringIncludes(
      plan("SELECT grouping(note, id) FROM orders GROUP BY CUBE (id, note)"),
      "grouping(1, 0) as grouping",
    );
    assertEquals(failure("SELECT grouping(price) FROM orders GROUP BY CUBE (id)").marked, "price");
  });

  it("bounds the sets", () => {
    const columns = Array.from({ length: 13 }, (_, i) => `id + ${i}`).join(", ");
    assertEquals(failure(`SELECT count(*) FROM orders GROUP BY CUBE (${columns})`).code, "fan-out-limit");
  });
});

describe("aggregate calls", () => {
  it("keeps DISTINCT, FILTER and ORDER BY, and computes equal calls once", () => {
    assertStringIncludes(
      plan(
        "SELECT count(DISTINCT note), string_agg(note, ',' ORDER BY id DESC) FILTER (WHERE id > 1), count(DISTINCT note) + 1 FROM orders",
      ),
      "aggregate: count(distinct note) as count, string_agg(note, ',' order by id desc) filter (id > 1) as string_agg\n",
    );
  });

  it("puts sort expressions of WITHIN GROUP after the direct arguments", () => {
    assertStringIncludes(
      plan("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY value DESC) FROM events"),
      "percentile_cont(0.5, value order by value desc)",
    );
  });

  it("belongs to the query whose columns it uses", () => {
    const text = plan("SELECT (SELECT max(c.id) FROM orders) FROM customers c");
    assertStringIncludes(text, "aggregate: max(id) as max\n    scan customers as c");
  });

  it("keeps calls with random arguments apart", () => {
    assertStringIncludes(
      plan("SELECT sum(random()), sum(random()) FROM orders"),
      "sum(random()) as sum, sum(random()) as sum",
    );
  });
});

describe("window calls", () => {
  it("gives default frames", () => {
    const over = (window: string): string =>
      plan(`SELECT sum(id) OVER ${window} FROM orders`).match(/over \((.*)\) as/)?.[1] ?? "";
    assertEquals(over("()"), "");
    assertEquals(over("(PARTITION BY note)"), "partition by note");
    assertEquals(over("(ORDER BY id)"), "order by id range unbounded preceding..current row");
    assertEquals(over("(ORDER BY id ROWS 2 PRECEDING)"), "order by id rows 2 preceding..current row");
    assertEquals(
      over("(ORDER BY placed RANGE BETWEEN '7 days' PRECEDING AND CURRENT ROW EXCLUDE TIES)"),
      "order by placed range interval '7 days' preceding..current row exclude ties",
    );
  });

  it("inherits named windows", () => {
    assertStringIncludes(
      plan("SELECT lag(id) OVER (w ORDER BY id DESC) FROM orders WINDOW w AS (PARTITION BY note)"),
      "lag(id) over (partition by note order by id desc range",
    );
    assertEquals(failure("SELECT lag(id) OVER v FROM orders WINDOW w AS ()").code, "unknown-object");
    assertEquals(
      failure("SELECT sum(id) OVER (w) FROM orders WINDOW w AS (ROWS 1 PRECEDING)").code,
      "invalid-statement",
    );
  });

  it("stands over aggregates", () => {
    assertEquals(
      plan(
        "SELECT date_trunc('month', placed), lag(sum(price)) OVER (ORDER BY date_trunc('month', placed)) FROM orders GROUP BY 1",
      ),
      "project group as date_trunc, lag\n" +
        "  window lag(sum) over (order by group range unbounded preceding..current row) as lag\n" +
        "    aggregate by date_trunc('month', placed) as group: sum(price) as sum\n" +
        "      scan orders [id, customer_id, placed, price, quantity, note, tags, extra]",
    );
  });

  it("keeps IGNORE NULLS", () => {
    assertStringIncludes(
      plan("SELECT last_value(note IGNORE NULLS) OVER (ORDER BY id) FROM orders"),
      "last_value(note) ignore nulls over",
    );
  });
});
