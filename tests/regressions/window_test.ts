import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDatabase } from "../../src/kernel/database.ts";

describe("RANGE frames over NUMERIC keys", () => {
  it("take offsets that become NUMERIC", async () => {
    await using database = createDatabase();
    await database.exec("CREATE TABLE t (w INTEGER); INSERT INTO t VALUES (1), (2), (4)");
    const frame = "ORDER BY s.k RANGE BETWEEN 1 FOLLOWING AND 2 FOLLOWING";
    const result = await database.query(
      `SELECT count(*) OVER (${frame}) AS c FROM (SELECT trunc(w, 1) AS k FROM t) AS s ORDER BY s.k`,
    );
    assertEquals<unknown>([...result.column("c")], [1, 1, 0]);
  });
});
