import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { LiveViewError } from "../../../src/base/error.ts";
import { createDatabase } from "../../../src/kernel/database.ts";

describe("setval", () => {
  it("lets an identity column go on behind a number", async () => {
    await using db = createDatabase();
    await db.exec("CREATE TABLE t (id BIGINT GENERATED ALWAYS AS IDENTITY, v INTEGER)");
    await db.query("SELECT setval('t.id', 41)");
    await db.query("INSERT INTO t (v) VALUES (7)");
    assertEquals((await db.query("SELECT id FROM t")).rows(), [[42]]);
  });

  it("refuses numbers below 1", async () => {
    await using db = createDatabase();
    const error = await assertRejects(() => db.query("SELECT setval('t.id', 0)"), LiveViewError);
    assertEquals(error.code, "invalid-value");
  });
});
