import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDatabase, materializedViews } from "../../../mod.ts";
import { reducedTo } from "../../../src/circuit/used_columns.ts";
import type { ScanPlan } from "../../../src/query/plan.ts";
import { INTEGER } from "../../../src/storage/sql_type.ts";

describe("reducedTo()", () => {
  const scan: ScanPlan = {
    kind: "scan",
    table: "t",
    alias: "t",
    columns: [
      { id: 1, name: "a", ordinal: 0, type: INTEGER, nullable: false },
      { id: 2, name: "b", ordinal: 1, type: INTEGER, nullable: false },
    ],
  };

  it("cancels rows that are equal in the used columns", () => {
    const delta = [{ row: [1, 5], weight: -1 }, { row: [1, 6], weight: 1 }];
    assertEquals(reducedTo(new Set([1]), scan, delta), []);
    assertEquals(reducedTo(new Set([1, 2]), scan, delta), delta);
  });

  it("keeps what does not cancel", () => {
    const delta = [{ row: [1, 5], weight: -1 }, { row: [1, 6], weight: 1 }, { row: [1, 7], weight: 1 }];
    assertEquals(reducedTo(new Set([1]), scan, delta), [{ row: [1, 5], weight: 1 }]);
  });
});

describe("a view", () => {
  it("examines no row when a column changes that it does not read", async () => {
    await using db = createDatabase({ plugins: [materializedViews()] });
    await db.exec(`
      CREATE TABLE shop (id INTEGER PRIMARY KEY, name TEXT, note TEXT);
      CREATE TABLE sale (shop INTEGER, amount INTEGER);
      INSERT INTO shop VALUES (1, 'x', 'old');
      INSERT INTO sale SELECT 1, i FROM generate_series(1, 1000) AS s(i);
      CREATE MATERIALIZED VIEW total AS
        SELECT name, sum(amount) AS amount FROM shop JOIN sale ON shop = id GROUP BY name`);
    const examined = () => db.plugins.materializedViews.status("total").examinedRows;
    const before = examined();
    await db.exec("UPDATE shop SET note = 'new'");
    assertEquals(examined(), before);
    await db.exec("UPDATE shop SET name = 'y', note = 'newer'");
    assertEquals((await db.query("SELECT * FROM total")).rows(), [["y", 500500]]);
  });
});
