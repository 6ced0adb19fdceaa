import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDatabase } from "../../src/kernel/database.ts";

describe("CUBE with a repeated key", () => {
  it("puts every key in its column, whatever the order of a set", async () => {
    await using database = createDatabase();
    await database.exec("CREATE TABLE t (w BIGINT, x TEXT); INSERT INTO t VALUES (3, 'a')");
    const result = await database.query("SELECT w, x FROM t GROUP BY CUBE (w, x, w) ORDER BY 1, 2");
    assertEquals<unknown>(result.rows(), [
      ...[[3, "a"], [3, "a"], [3, "a"], [3, null], [3, null], [3, null], [null, "a"], [null, null]],
    ]);
  });
});
