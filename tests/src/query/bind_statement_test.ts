import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "node:test";
import { validatePlan } from "../../../src/planner/validate.ts";
import type { BoundStatement } from "../../../src/query/bound_statement.ts";
import { planToText, scalarToText } from "../../../src/query/plan_text.ts";
import { failure, statement } from "./bind_fixture.ts";

function bound<Kind extends BoundStatement["kind"]>(
  kind: Kind,
  sql: string,
): Extract<BoundStatement, { kind: Kind }> {
  const result = statement(sql);
  assertEquals(result.kind, kind);
  if (result.kind !== "select") validatePlan(result.source);
  return result as Extract<BoundStatement, { kind: Kind }>; // its kind was compared
}

function source(sql: string): string {
  const result = statement(sql);
  return result.kind === "select" ? "" : planToText(result.source, { ids: false });
}

describe("INSERT", () => {
  it("gives whole rows in the column types, defaults filled in", () => {
    assertEquals(
      source("INSERT INTO orders (customer_id, id, placed, price) VALUES (1, 2, '2024-01-01', 3)"),
      "values [id, customer_id, placed, price, quantity, note, tags, extra] " +
        "(2, 1, timestamp '2024-01-01 00:00:00', 3.00, 1, null, null, null)",
    );
  });

  it("casts the columns of a query as assignments", () => {
    assertStringIncludes(
      source("INSERT INTO customers (id, name) SELECT quantity, id FROM orders"),
      "project cast(quantity as bigint) as id, cast(id as text) as name, null as country, null as born",
    );
    assertEquals(
      failure("INSERT INTO customers (id, born) SELECT id, note FROM orders").code,
      "type-mismatch",
    );
  });

  it("computes generated columns and takes identities from their sequence", () => {
    assertStringIncludes(source("INSERT INTO stock (sku, price) VALUES ('a', 2)"), "price * amount as total");
    assertStringIncludes(source("INSERT INTO numbered (v) VALUES (1)"), "(nextval('numbered.id'), 1)");
    assertEquals(failure("INSERT INTO stock (sku, total) VALUES ('a', 2)").marked, "2");
    assertEquals(failure("INSERT INTO numbered VALUES (5, 1)").marked, "5");
    assertStringIncludes(source("INSERT INTO numbered OVERRIDING SYSTEM VALUE VALUES (5, 1)"), "(5, 1)");
  });

  it("says how many values were expected", () => {
    const { code, message } = failure("INSERT INTO customers (id, name) VALUES (1, 'a', 2)");
    assertEquals(code, "column-count");
    assertStringIncludes(message, 'INSERT into "customers" expects 2 values per row: received 3');
  });

  it("binds ON CONFLICT over the existing and the proposed row", () => {
    const { onConflict } = bound(
      "insert",
      "INSERT INTO stock (sku) VALUES ('a') ON CONFLICT (sku) DO UPDATE SET amount = stock.amount + excluded.amount",
    );
    assertEquals(onConflict?.key, ["sku"]);
    const set = onConflict?.action.kind === "update" ? onConflict.action.set : [];
    assertEquals(set.map(({ ordinal, expression }) => [ordinal, scalarToText(expression, { ids: false })]), [
      [1, "amount + amount"],
      [4, "price * (amount + amount)"],
    ]);
    assertStringIncludes(
      failure("INSERT INTO stock (sku) VALUES ('a') ON CONFLICT (amount) DO NOTHING").message,
      "unique keys are (sku), (price, amount)",
    );
  });

  it("binds OR REPLACE to an update by the primary key", () => {
    const { onConflict } = bound("insert", "INSERT OR REPLACE INTO customers (id, name) VALUES (1, 'a')");
    assertEquals(
      onConflict?.action.kind === "update" ? onConflict.action.set.map((one) => one.ordinal) : [],
      [1, 2, 3],
    );
  });

  it("returns items over the row", () => {
    const { row, returning } = bound(
      "insert",
      "INSERT INTO numbered (v) VALUES (1) RETURNING id, v + 1 AS next",
    );
    assertEquals(returning?.items.map((item) => item.name), ["id", "next"]);
    assertEquals(returning?.items.map((item) => scalarToText(item.expression)), [
      `id#${row[0]!.id}`,
      `v#${row[1]!.id} + 1`,
    ]);
  });

  it("refuses views", () => {
    assertEquals(failure("INSERT INTO german VALUES (1, 'x')").marked, "german");
  });
});

describe("UPDATE", () => {
  it("gives the row id and the new values", () => {
    const { assigned } = bound(
      "update",
      "UPDATE orders SET quantity = quantity + 1, note = DEFAULT WHERE id = 1",
    );
    assertEquals(assigned.map((one) => one.ordinal), [4, 5]);
    assertEquals(
      source("UPDATE customers SET name = 'x' WHERE id = 1"),
      "project rowid, 'x' as name\n  filter id = 1\n    scan customers [id, name, country, born, rowid]",
    );
  });

  it("recomputes generated columns from the new values", () => {
    const { assigned } = bound("update", "UPDATE stock SET amount = 2");
    assertEquals(assigned.map((one) => one.ordinal), [1, 4]);
  });

  it("assigns several columns from a row or a subquery", () => {
    assertStringIncludes(
      source("UPDATE orders SET (note, quantity) = ('a', DEFAULT)"),
      "project rowid, 'a' as note, 1 as quantity",
    );
    assertEquals(
      source("UPDATE orders SET (note, quantity) = (SELECT 'a', 2)").match(/subquery/g)?.length,
      2,
    );
    assertEquals(failure("UPDATE orders SET (note, quantity) = (SELECT 'a')").code, "column-count");
    assertEquals(failure("UPDATE orders SET quantity = 1, quantity = 2").code, "invalid-statement");
  });

  it("passes on what RETURNING reads of FROM", () => {
    assertStringIncludes(
      source(
        "UPDATE orders o SET note = c.name FROM customers c WHERE c.id = o.customer_id RETURNING o.id, c.country",
      ),
      "project rowid, name as note, country",
    );
  });
});

describe("DELETE", () => {
  it("gives the row ids, joined with USING", () => {
    assertEquals(
      source("DELETE FROM orders USING customers c WHERE c.id = customer_id RETURNING orders.id, c.name"),
      "project rowid, name\n" +
        "  filter id = customer_id\n" +
        "    cross join\n" +
        "      scan orders [id, customer_id, placed, price, quantity, note, tags, extra, rowid]\n" +
        "      scan customers as c [id, name, country, born]",
    );
  });
});

describe("MERGE", () => {
  const SOURCE = "MERGE INTO customers t USING (VALUES (1, 'a')) s(k, v) ON t.id = s.k";

  it("numbers the WHEN of each row and guards its values", () => {
    const { whens } = bound(
      "merge",
      `${SOURCE} WHEN MATCHED AND s.v = 'x' THEN DELETE WHEN MATCHED THEN UPDATE SET name = s.v
        WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.k, s.v)`,
    );
    assertEquals(whens.map((when) => when.kind), ["delete", "update", "insert"]);
    assertStringIncludes(
      source(`${SOURCE} WHEN MATCHED THEN UPDATE SET name = s.v`),
      "case when action = 0 then column2 else null end as name",
    );
  });

  it("joins as its WHENs ask", () => {
    const join = (whens: string): string | undefined => source(`${SOURCE} ${whens}`).match(/(\w+) join/)?.[1];
    assertEquals(join("WHEN MATCHED THEN DELETE"), "inner");
    assertEquals(join("WHEN NOT MATCHED THEN INSERT (id, name) VALUES (k, v)"), "left");
    assertEquals(join("WHEN NOT MATCHED BY SOURCE THEN DELETE"), "right");
    assertEquals(
      join("WHEN NOT MATCHED BY SOURCE THEN DELETE WHEN NOT MATCHED THEN INSERT (id, name) VALUES (k, v)"),
      "full",
    );
  });

  it("shows each WHEN only the side that is there", () => {
    assertEquals(
      failure(`${SOURCE} WHEN NOT MATCHED THEN INSERT (id, name) VALUES (t.id, 'a')`).marked,
      "t.id",
    );
    assertEquals(failure(`${SOURCE} WHEN NOT MATCHED BY SOURCE THEN UPDATE SET name = s.v`).marked, "s.v");
  });

  it("knows its action in RETURNING", () => {
    const { returning } = bound("merge", `${SOURCE} WHEN MATCHED THEN DELETE RETURNING merge_action()`);
    assertStringIncludes(scalarToText(returning!.items[0]!.expression), "then 'DELETE'");
  });
});
