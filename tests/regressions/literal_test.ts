import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDatabase } from "../../src/kernel/database.ts";

describe("a minus belongs to the number behind it", () => {
  for (
    const [text, type] of [
      ["-2147483648", "integer"],
      ["-2147483649", "bigint"],
      ["-9223372036854775808", "bigint"],
      ["-9223372036854775809", "decimal"],
    ] as const
  ) {
    it(`${text} is ${type}`, async () => {
      await using database = createDatabase();
      assertEquals((await database.query(`SELECT ${text} AS c`)).columns[0]!.sqlType.kind, type);
    });
  }
});

describe("timestamps of every year are stored", () => {
  for (const text of ["0001-01-01 00:00:00", "9999-12-31 23:59:59", "4713-01-01 00:00:00 BC"]) {
    it(text, async () => {
      await using database = createDatabase();
      await database.exec(`CREATE TABLE t (s TIMESTAMP); INSERT INTO t VALUES ('${text}')`);
      const result = await database.query(`SELECT CAST(s AS TEXT) AS c FROM t WHERE s = '${text}'`);
      assertEquals([...result.column("c")], [text]);
    });
  }
});
