import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDatabase } from "../../src/kernel/database.ts";

describe("FILTER guards the arguments of its call", () => {
  for (
    const [query, expected] of [
      ["SELECT sum(10 / x) FILTER (WHERE x <> 0) AS c FROM t", [2]],
      ["SELECT bit_and(b + 1) FILTER (WHERE x = 5) AS c FROM t", [2]],
      ["SELECT count(DISTINCT b + 1) FILTER (WHERE x = 5) AS c FROM t", [1]],
      ["SELECT sum(10 / x) FILTER (WHERE x <> 0) OVER () AS c FROM t", [2, 2]],
      ["SELECT string_agg('a', ',' ORDER BY 10 / x) FILTER (WHERE x <> 0) AS c FROM t", ["a"]],
      ["SELECT sum(10 / x) FILTER (WHERE x <> 0) AS c FROM t GROUP BY b ORDER BY b", [2, null]],
    ] as const
  ) {
    it(query, async () => {
      await using database = createDatabase();
      await database.exec("CREATE TABLE t (x INTEGER, b BIGINT)");
      await database.exec("INSERT INTO t VALUES (0, 9223372036854775807), (5, 1)");
      assertEquals<unknown>([...(await database.query(query)).column("c")], [...expected]);
    });
  }
});
