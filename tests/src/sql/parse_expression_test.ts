import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { QueryError } from "../../../src/base/error.ts";
import { parseExpression } from "../../../src/sql/parse.ts";
import { printExpression } from "../../../src/sql/print.ts";
import { shape } from "./shape.ts";

function parsed(sql: string): unknown {
  return shape(parseExpression(sql));
}
const a = { kind: "column", name: [{ name: "a" }] };
const b = { kind: "column", name: [{ name: "b" }] };
const one = { kind: "number", text: "1" };

describe("parseExpression()", () => {
  it("binds multiplication tighter than addition", () => {
    assertEquals(parsed("a + b * 1"), {
      kind: "binary",
      operator: "+",
      left: a,
      right: { kind: "binary", operator: "*", left: b, right: one },
    });
  });
  it("makes AND and OR flat", () => {
    const c = { kind: "column", name: [{ name: "c" }] };
    assertEquals(parsed("a AND b AND c"), { kind: "and", arguments: [a, b, c] });
    assertEquals(parsed("(a OR b) OR c"), { kind: "or", arguments: [a, b, c] });
  });
  it("writes != as <>", () =>
    assertEquals(parsed("a != b"), { kind: "binary", operator: "<>", left: a, right: b }));
  it("drops redundant parentheses", () => assertEquals(parsed("((a))"), a));
  it("puts NOT into the predicate after the operand", () => {
    assertEquals(parsed("a NOT IN (1)"), { kind: "inList", argument: a, items: [one], negated: true });
    assertEquals(parsed("NOT a IN (1)"), {
      kind: "not",
      argument: { kind: "inList", argument: a, items: [one], negated: false },
    });
  });
  it("reads quantified comparisons with a query or an array", () => {
    assertEquals(parsed("a < SOME (b)"), {
      kind: "quantifiedArray",
      operator: "<",
      quantifier: "any",
      left: a,
      array: b,
    });
    assertEquals((parsed("a NOT LIKE ALL (SELECT 1)") as { operator: string }).operator, "not like");
  });
  it("keeps the text of numbers", () => assertEquals(parsed("1.50"), { kind: "number", text: "1.50" }));
  it("reads parameters by number and by name", () => {
    assertEquals(parsed("$2"), { kind: "parameter", index: 2 });
    assertEquals(parsed(":UserId"), { kind: "parameter", name: "UserId" });
  });
  it("reads types with modifiers, zones and dimensions", () => {
    assertEquals((parsed("a::Timestamp(3) WITH TIME ZONE[]") as { type: unknown }).type, {
      kind: "type",
      name: "timestamp",
      modifiers: [3],
      dimensions: 1,
      withTimeZone: true,
    });
    assertEquals((parsed("a::interval day to second(2)") as { type: unknown }).type, {
      kind: "type",
      name: "interval",
      modifiers: [2],
      dimensions: 0,
      intervalFields: "day to second",
    });
  });
  it("reads intervals with one unit form", () => {
    const expected = { kind: "interval", value: "3", fields: "day" };
    for (const sql of ["INTERVAL '3' DAY", "INTERVAL 3 DAYS"]) assertEquals(parsed(sql), expected);
  });
  it("reads IGNORE NULLS in both places", () => {
    const inside = parsed("lag(a IGNORE NULLS) OVER w");
    assertEquals(inside, parsed("lag(a) IGNORE NULLS OVER w"));
  });
  it("puts the text first in TRIM", () => {
    assertEquals(parsed("TRIM(LEADING 'x' FROM a)"), {
      kind: "call",
      name: [{ name: "trim" }],
      arguments: [{ value: a }, { value: { kind: "string", value: "x" } }],
      syntax: "trim leading",
    });
  });
  it("takes LAG as a function and as a column", () => {
    assertEquals((parsed("lag(a)") as { kind: string }).kind, "call");
    assertEquals(parsed("lag"), { kind: "column", name: [{ name: "lag" }] });
  });
  it("tells queries from expressions behind parentheses", () => {
    assertEquals((parsed("((SELECT 1) + 1)") as { kind: string }).kind, "binary");
    assertEquals((parsed("((SELECT 1) UNION SELECT 2)") as { kind: string }).kind, "subquery");
  });
  it("tells slices from paths and named parameters", () => {
    assertEquals((parsed("a[b:1]") as { kind: string }).kind, "slice");
    assertEquals((parsed("a[:b]") as { kind: string }).kind, "subscript");
    assertEquals(parsed("a:b.c"), { kind: "path", argument: a, path: [{ name: "b" }, { name: "c" }] });
  });
  it("refuses chains of comparisons", () => {
    assertThrows(() => parseExpression("a = b = 1"), QueryError, 'Unexpected "=" at line 1, column 7');
    assertThrows(() => parseExpression("a BETWEEN 1 AND 2 BETWEEN 3 AND 4"), QueryError, "column 19");
  });
  it("spans the text of a node", () => {
    const node = parseExpression("  a + f( b )  ");
    assertEquals(node.span, { from: 2, to: 12 });
  });
});

describe("printExpression()", () => {
  it("keeps signs apart", () => {
    assertEquals(printExpression(parseExpression("- - 1 - -a")), "- -1 - -a");
  });
  it("prints the fewest parentheses", () => {
    const kept = [
      "(a + b) * c",
      "a + b + c",
      "a + (b + c)",
      "NOT (a AND b)",
      "(a, b) = (1, 2)",
      "(a IS NULL) = b",
    ];
    for (const sql of kept) assertEquals(printExpression(parseExpression(sql)), sql);
    assertEquals(printExpression(parseExpression("((a) = (b)) IS NULL")), "a = b IS NULL");
  });
});
