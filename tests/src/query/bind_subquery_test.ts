import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "node:test";
import { failure, plan } from "./bind_fixture.ts";

describe("subqueries in expressions", () => {
  it("name columns of the outer query by id", () => {
    assertStringIncludes(
      plan("SELECT name FROM customers c WHERE EXISTS (SELECT FROM orders WHERE customer_id = c.id)"),
      "filter exists (subquery: project; filter customer_id = id; scan orders",
    );
  });

  it("of IN compare with the subquery's columns", () => {
    assertStringIncludes(
      plan("SELECT 1 FROM customers WHERE id IN (SELECT customer_id FROM orders)"),
      "any (id = customer_id in subquery",
    );
    assertStringIncludes(
      plan("SELECT 1 FROM customers WHERE (id, name) NOT IN (SELECT customer_id, note FROM orders)"),
      "not any ((id = customer_id) and (name = note) in subquery",
    );
  });

  it("of ALL keep the quantifier", () => {
    assertStringIncludes(
      plan("SELECT 1 FROM orders WHERE price >= ALL (SELECT price FROM orders)"),
      "all (price >= price in subquery",
    );
  });

  it("compare a row inside, so that no row gives NULL", () => {
    assertStringIncludes(
      plan("SELECT (1, 2) = (SELECT 3, 4)"),
      "(subquery: project (1 = ?column?) and (2 = ?column?)",
    );
  });

  it("must have as many columns as they are used for", () => {
    assertEquals(failure("SELECT (SELECT id, name FROM customers)").code, "column-count");
    assertEquals(failure("SELECT 1 IN (SELECT id, name FROM customers)").code, "column-count");
    assertEquals(failure("SELECT ARRAY(SELECT id, name FROM customers)").code, "column-count");
  });

  it("are bound anew for each use in BETWEEN and CASE", () => {
    const text = plan("SELECT CASE (SELECT 1) WHEN 1 THEN 'a' WHEN 2 THEN 'b' END");
    assertEquals(text.match(/subquery/g)?.length, 2);
  });
});
