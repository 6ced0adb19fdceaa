import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDatabase } from "../../mod.ts";

describe("a parameter beside a DECIMAL", () => {
  it("is a number of its own scale in arithmetic, as it is in comparisons", async () => {
    await using db = createDatabase();
    await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v DECIMAL(12,2)); INSERT INTO t VALUES (1, 2.5)");
    await db.query("UPDATE t SET v = v + $1", { params: [1] });
    const sql = "SELECT v + $1 AS plus, $1 * v AS times, v / $1 AS over, v > $1 AS above FROM t";
    const { plus, times, over, above } = (await db.query(sql, { params: [0.125] })).objects()[0]!;
    assertEquals([plus, times, over, above], [3.625, 0.4375, 28, true]);
  });
});
