import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { planColumns, planNodes } from "../../../src/query/plan_walk.ts";
import { optimized } from "./sql_planning.ts";

const TABLES = { t: { columns: "id integer key, k integer, s text, v double precision" } };

/** Names of the columns that decide ties, by sort. */
function tiesOf(sql: string): (string[] | undefined)[] {
  return [...planNodes(optimized(sql, TABLES).plan)].flatMap((node) => {
    const sorted = node.kind === "sort" ? node : node.kind === "distinct" ? node.on : undefined;
    if (sorted === undefined || (node.kind !== "sort" && node.kind !== "distinct")) return [];
    const columns = planColumns(node.input);
    return [sorted.ties?.map((id) => columns.find((column) => column.id === id)!.name)];
  });
}

describe("decideTies", () => {
  it("takes the columns below a limit that are read and no sort keys", () => {
    assertEquals(tiesOf("SELECT v, id, k FROM t ORDER BY k LIMIT 3"), [["id", "v"]]);
    assertEquals(tiesOf("SELECT v FROM t WHERE s LIKE 'a%' ORDER BY k LIMIT 3"), [["v"]]);
    assertEquals(tiesOf("SELECT v FROM t ORDER BY k OFFSET 3"), [["v"]]);
  });

  it("asks numbers first, then texts, then what has several looks", () => {
    assertEquals(tiesOf("SELECT v, s, id FROM t ORDER BY k LIMIT 3"), [["id", "s", "v"]]);
  });

  it("leaves sorts alone that are not cut", () => {
    assertEquals(tiesOf("SELECT v FROM t ORDER BY k"), [undefined]);
  });

  it("decides for DISTINCT ON with an order", () => {
    const ties = tiesOf("SELECT DISTINCT ON (k) k, v FROM t ORDER BY k, s");
    assertEquals(ties.filter((names) => names !== undefined), [["v"]]);
    assertEquals(tiesOf("SELECT DISTINCT ON (k) k, v FROM t"), [undefined]);
  });
});
