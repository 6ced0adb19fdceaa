import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { createDatabase, QueryError } from "../../../mod.ts";

describe("a parameter whose type its use leaves open", () => {
  const cases: readonly (readonly [values: readonly unknown[], sum: unknown])[] = [
    [[1, 2], 3],
    [[1.5, 2], 3.5],
    [[1, "2"], 3],
    [[null, 2], null],
  ];
  for (const [params, sum] of cases) {
    it(`has the type of its value in $1 + $2 with ${JSON.stringify(params)}`, async () => {
      await using db = createDatabase();
      assertEquals((await db.query("SELECT $1 + $2 AS sum", { params })).column("sum"), [sum]);
    });
  }

  it("stays open where no value has a type of its own", async () => {
    await using db = createDatabase();
    const error = await assertRejects(() => db.query("SELECT $1 + $2", { params: ["1", "2"] }), QueryError);
    assertEquals(error.code, "type-mismatch");
  });
});
