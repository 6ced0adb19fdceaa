import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDatabase } from "../../src/kernel/database.ts";

describe("patterns take every character", () => {
  for (
    const condition of [
      "lower('\u0130A') = 'ia'",
      "'a_b-5' LIKE 'a_b-_%'",
      String.raw`'-^$.*+?()[]{}|/' LIKE '_^$.*+?()[]{}|_'`,
      "'A-B' ILIKE 'a-_'",
      "'a-b' SIMILAR TO 'a-(b|c)'",
      String.raw`'a-b' ~ 'a\-b'`,
      "'a-b' ~ '^[a-]+b$'",
      "'a-b' ~ '^a-b$'",
      "regexp_replace('a-b-c', '-b', '+') = 'a+-c'",
    ]
  ) {
    it(condition, async () => {
      await using database = createDatabase();
      assertEquals<unknown>((await database.query(`SELECT ${condition} AS c`)).rows(), [[true]]);
    });
  }
});
