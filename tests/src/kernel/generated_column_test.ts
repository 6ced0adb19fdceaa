import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { LiveViewError } from "../../../src/base/error.ts";
import { createDatabase, type Database } from "../../../src/kernel/database.ts";

async function open(): Promise<Database> {
  const db = createDatabase();
  await db.exec(`CREATE TABLE t (
    id INTEGER PRIMARY KEY, name TEXT, twice BIGINT GENERATED ALWAYS AS (id * 2) STORED,
    label TEXT GENERATED ALWAYS AS (upper(name)) STORED
  )`);
  return db;
}

describe("generated columns", () => {
  it("are computed for rows, columns and batches", async () => {
    await using db = await open();
    await db.insert("t", { id: 1, name: "a" });
    await db.insert("t", { id: [2, 3], name: ["b", null] });
    await db.insert("t", Array.from({ length: 20 }, (_, i) => ({ id: i + 10, name: `n${i}` })));
    await db.insert("t", { rowCount: 1, columns: { id: { kind: "numbers", values: Int32Array.of(99) } } });
    const result = await db.query("SELECT id, twice, label FROM t WHERE id < 11 OR id > 28 ORDER BY id");
    assertEquals(result.rows(), [
      [1, 2, "A"],
      [2, 4, "B"],
      [3, 6, null],
      [10, 20, "N0"],
      [29, 58, "N19"],
      [99, 198, null],
    ]);
  });

  it("are not given", async () => {
    await using db = await open();
    for (const rows of [{ id: 1, twice: 3 }, { id: [1], twice: [3] }]) {
      const error = await assertRejects(() => db.insert("t", rows), LiveViewError);
      assertEquals([error.code, error.details], ["invalid-input", { table: "t", column: "twice" }]);
    }
    assertEquals((await db.query("SELECT count(*) FROM t")).rows(), [[0]]);
  });

  it("refuse an update by key, which would leave them stale", async () => {
    await using db = await open();
    await db.insert("t", { id: 1, name: "a" });
    const error = await assertRejects(() => db.update("t", { id: 1, name: "b" }), LiveViewError);
    assertEquals([error.code, error.hint], ["unsupported", "use UPDATE in SQL, which computes them"]);
  });
});
