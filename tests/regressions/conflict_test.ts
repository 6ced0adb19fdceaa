import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { LiveViewError } from "../../src/base/error.ts";
import { createDatabase } from "../../src/kernel/database.ts";

describe("ON CONFLICT gives way to keys only", () => {
  for (
    const [values, action] of [
      ["(1, -1, 'x')", "NOTHING"],
      ["(1, 1, NULL)", "NOTHING"],
      ["(1, -1, 'x')", "UPDATE SET n = 5"],
      ["(1, -1, 'x')", "UPDATE SET n = (SELECT 5)"],
    ] as const
  ) {
    it(`${values} DO ${action} breaks another constraint`, async () => {
      await using database = createDatabase();
      await database.exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER CHECK (n >= 0), s TEXT NOT NULL)",
      );
      await database.exec("INSERT INTO t VALUES (1, 0, 'a')");
      const sql = `INSERT INTO t VALUES (2, 2, 'b'), ${values} ON CONFLICT (id) DO ${action}`;
      await assertRejects(() => database.exec(sql), LiveViewError);
      assertEquals<unknown>((await database.query("SELECT * FROM t")).rows(), [[1, 0, "a"]]);
      await database.exec("INSERT INTO t VALUES (3, 3, 'c')");
      assertEquals<unknown>((await database.query("SELECT count(*), sum(n) FROM t")).rows(), [[2, 3]]);
    });
  }
});

describe("ON CONFLICT DO UPDATE", () => {
  it("refuses to change a row twice", async () => {
    await using database = createDatabase();
    await database.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 0)");
    for (const rows of ["(1, 1), (1, 2)", "(2, 1), (2, 2)"]) {
      const sql = `INSERT INTO t VALUES ${rows} ON CONFLICT (id) DO UPDATE SET n = excluded.n`;
      const error = await assertRejects(() => database.exec(sql), LiveViewError);
      assertEquals(error.code, "cardinality-violation");
    }
    assertEquals<unknown>((await database.query("SELECT * FROM t")).rows(), [[1, 0]]);
  });
});
