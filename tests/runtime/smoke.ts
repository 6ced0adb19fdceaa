/**
 * What every runtime must be able to do, in a few lines; each `*_smoke_test.ts` beside it runs it on one runtime.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { createDatabase, materializedViews } from "../../mod.ts";

/** Creates, inserts, queries, maintains. */
export async function smoke(): Promise<void> {
  await using db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`
    CREATE TABLE sale (id BIGINT PRIMARY KEY, day DATE NOT NULL, region TEXT, amount DECIMAL(15,2));
    CREATE MATERIALIZED VIEW daily AS SELECT day, count(*) AS sales, sum(amount) AS total FROM sale GROUP BY day;
  `);
  await db.insert("sale", [
    { id: 1, day: "2024-05-01", region: "north", amount: 10.5 },
    { id: 2, day: "2024-05-01", region: "south", amount: 2 },
    { id: 3, day: "2024-05-02", region: "north", amount: 0.25 },
  ]);
  await db.query("DELETE FROM sale WHERE id = $1", { params: [2] });
  const daily = await db.query(
    "SELECT to_char(day, 'YYYY-MM-DD') AS day, sales, total FROM daily ORDER BY day",
  );
  assertEquals(daily.rows(), [["2024-05-01", 1, 10.5], ["2024-05-02", 1, 0.25]]);
}
