import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDatabase } from "../../src/kernel/database.ts";

describe("NULLIF() has the type of the first operand of its =", () => {
  for (
    const [query, type] of [
      ["SELECT nullif(1, 2.5) AS c", "decimal"],
      ["SELECT nullif(1, 2::bigint) AS c", "integer"],
      ["SELECT nullif(1, 2::double precision) AS c", "double"],
      ["SELECT nullif(1.5, 2) AS c", "decimal"],
      ["SELECT nullif(1.5, 2::double precision) AS c", "double"],
      ["SELECT nullif(1, NULL) AS c", "integer"],
    ] as const
  ) {
    it(query, async () => {
      await using database = createDatabase();
      const result = await database.query(query);
      assertEquals(result.columns[0]!.sqlType.kind, type);
      assertEquals<unknown>([...result.column("c")], [query.includes("1.5") ? 1.5 : 1]);
    });
  }
});
