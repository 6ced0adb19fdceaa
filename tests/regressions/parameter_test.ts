import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDatabase } from "../../mod.ts";

describe("parameters by name", () => {
  it("are found by name when the same text comes with another order of names", async () => {
    await using db = createDatabase();
    const sql = "SELECT :a::integer AS a, :b::integer AS b";
    for (const params of [{ a: 1, b: 2 }, { b: 2, a: 1 }, { c: 3, b: 2, a: 1 }]) {
      assertEquals((await db.query(sql, { params })).rows(), [[1, 2]]);
    }
    await db.exec("CREATE TABLE t (a INTEGER, b INTEGER)");
    const insert = "INSERT INTO t VALUES (:a, :b)";
    for (const params of [{ a: 1, b: 2 }, { b: 2, a: 1 }]) await db.query(insert, { params });
    assertEquals((await db.query("SELECT * FROM t")).rows(), [[1, 2], [1, 2]]);
  });
});

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
