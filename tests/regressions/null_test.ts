import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDatabase } from "../../src/kernel/database.ts";

describe("columns that begin with more NULLs than the first NULL bytes hold", () => {
  for (
    const type of ["TEXT", "NUMERIC", "INTERVAL", "DECIMAL(30,2)", "INTEGER[]", "DATE", "JSON", "BOOLEAN"]
  ) {
    it(`stay NULL: ${type}`, async () => {
      await using database = createDatabase();
      const values = `SELECT i, CAST(NULL AS ${type}) AS v FROM generate_series(1, 5000) AS g(i)`;
      for (const end of ["", " ORDER BY i DESC", " LIMIT 4000"]) {
        const column = [...(await database.query(values + end)).column("v")];
        assertEquals(column.filter((value) => value !== null), []);
      }
    });
  }

  it("stay NULL: a function of a text column", async () => {
    await using database = createDatabase();
    await database.exec("CREATE TABLE t (x TEXT); INSERT INTO t SELECT 'a' FROM generate_series(1, 3000)");
    const column = [...(await database.query("SELECT nullif(NULL, x) AS v FROM t")).column("v")];
    assertEquals(column.filter((value) => value !== null), []);
  });
});
