import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "node:test";
import { failure, names, plan, query } from "./bind_fixture.ts";

describe("FROM", () => {
  it("merges the columns of USING", () => {
    assertEquals(names("SELECT * FROM customers JOIN orders USING (id)").slice(0, 5), [
      "id",
      "name",
      "country",
      "born",
      "customer_id",
    ]);
    assertStringIncludes(
      plan("SELECT id FROM customers FULL JOIN orders USING (id)"),
      "coalesce(id, id) as id",
    );
    assertEquals(query("SELECT id FROM customers RIGHT JOIN orders USING (id)").columns[0]?.nullable, false);
    assertEquals(failure("SELECT 1 FROM customers JOIN orders USING (name)").marked, "name");
  });

  it("knows which columns an outer join can make NULL", () => {
    const nullable = (sql: string): boolean[] => query(sql).columns.map((column) => column.nullable);
    assertEquals(nullable("SELECT c.id, o.id FROM customers c LEFT JOIN orders o ON o.id = c.id"), [
      false,
      true,
    ]);
    assertEquals(nullable("SELECT c.id, o.id FROM customers c RIGHT JOIN orders o ON o.id = c.id"), [
      true,
      false,
    ]);
    assertEquals(nullable("SELECT c.id, o.id FROM customers c FULL JOIN orders o ON o.id = c.id"), [
      true,
      true,
    ]);
  });

  it("shows only the left columns of semi and anti joins", () => {
    assertEquals(names("SELECT * FROM customers c SEMI JOIN orders o ON c.id = o.customer_id").length, 4);
    assertStringIncludes(
      plan("SELECT * FROM customers c ANTI JOIN orders o ON c.id = o.customer_id"),
      "anti join on id = customer_id",
    );
  });

  it("takes the inequality of an ASOF join, left side first", () => {
    const expected = "asof join nearest placed >= at on customer_id = customer_id";
    assertStringIncludes(
      plan("SELECT 1 FROM orders o ASOF JOIN events e ON o.customer_id = e.customer_id AND o.placed >= e.at"),
      expected,
    );
    assertStringIncludes(
      plan("SELECT 1 FROM orders o ASOF JOIN events e ON e.at <= o.placed AND o.customer_id = e.customer_id"),
      expected,
    );
    assertStringIncludes(
      plan(
        "SELECT 1 FROM orders o ASOF JOIN events e MATCH_CONDITION (o.placed >= e.at) ON o.customer_id = e.customer_id",
      ),
      expected,
    );
    assertEquals(
      failure("SELECT 1 FROM orders o ASOF JOIN events e ON o.id = e.customer_id").code,
      "invalid-statement",
    );
  });

  it("marks a join as lateral only where the right side reads the left", () => {
    assertStringIncludes(
      plan("SELECT 1 FROM customers c, LATERAL (SELECT c.id LIMIT 1) x"),
      "lateral cross join",
    );
    assertStringIncludes(plan("SELECT 1 FROM customers c, LATERAL (SELECT 2) x"), "  cross join");
    const { message, marked } = failure("SELECT 1 FROM customers c, (SELECT c.id) x");
    assertEquals(marked, "c.id");
    assertStringIncludes(message, "write LATERAL");
  });

  it("puts calls over the left side on top of it", () => {
    assertEquals(
      plan("SELECT o.id, t, n FROM orders o LEFT JOIN unnest(o.tags) WITH ORDINALITY AS u(t, n) ON true"),
      "project id, unnest as t, ordinality as n\n" +
        "  outer call unnest(tags) with ordinality [unnest, ordinality]\n" +
        "    scan orders as o [id, customer_id, placed, price, quantity, note, tags, extra]",
    );
  });

  it("calls functions in step", () => {
    assertStringIncludes(
      plan("SELECT * FROM unnest(ARRAY[1], ARRAY['a']) AS t(x, y)"),
      "call unnest(array(1)), unnest(array('a'))",
    );
    assertEquals(names("SELECT * FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY[1])) AS t(a, b)"), [
      "a",
      "b",
    ]);
  });

  it("names the column of a function after its alias", () => {
    assertEquals(names("SELECT * FROM generate_series(1, 3) AS g"), ["g"]);
    assertEquals(names("SELECT * FROM json_to_recordset('[]') AS t(a int, b text)"), ["a", "b"]);
  });

  it("turns PIVOT into filtered aggregates", () => {
    const sql =
      "SELECT * FROM (SELECT kind, value, customer_id FROM events) PIVOT (sum(value) FOR kind IN ('a', 'b' AS bee)) p";
    assertEquals(names(sql), ["customer_id", "a", "bee"]);
    assertStringIncludes(plan(sql), "aggregate by customer_id: sum(value) filter (kind = 'a') as sum");
  });

  it("samples", () => {
    assertStringIncludes(
      plan("SELECT 1 FROM orders TABLESAMPLE BERNOULLI (10) REPEATABLE (3)"),
      "sample bernoulli 10 seed 3",
    );
  });

  it("expands views, and finds circles", () => {
    assertEquals(names("SELECT * FROM renamed"), ["a", "b"]);
    assertStringIncludes(plan("SELECT * FROM renamed"), "filter country = 'DE'");
    assertEquals(failure("SELECT * FROM ring1").code, "circular-definition");
  });

  it("suggests the nearest name", () => {
    assertStringIncludes(failure("SELECT * FROM custmers").message, 'did you mean "customers"?');
    assertStringIncludes(failure("SELECT nme FROM customers").message, 'did you mean "name"?');
    assertStringIncludes(failure("SELECT c.nme FROM customers c").message, 'did you mean "name"?');
    assertStringIncludes(failure("SELECT id FROM customers c, orders o").message, "write c.id or o.id");
  });
});
