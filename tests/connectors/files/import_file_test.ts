import { after, describe, it } from "node:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { assertEquals, assertRejects } from "@std/assert";
import { createDatabase } from "../../../mod.ts";
import { QueryError, SchemaError } from "../../../src/base/error.ts";
import { formatOfName, tableNameOf } from "../../../connectors/files/file_format.ts";
import { fileFormats } from "../../../connectors/files/plugin.ts";
import { foldNames } from "../../../connectors/files/sql_name.ts";

const folder = mkdtempSync(join(tmpdir(), "liveview-import-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function database() {
  return createDatabase({ plugins: [fileFormats()] });
}

describe("import()", () => {
  it("creates a table named after the file, with inferred types", async () => {
    await using db = database();
    const path = written("Daily Sales.csv", "Day,Shop Name,amount\n2024-01-02,x,1.5\n2024-01-03,y,2\n");
    const result = await db.plugins.fileFormats.import(db, path);
    assertEquals([result.table, result.rowCount], ["daily_sales", 2]);
    assertEquals(
      (await db.query('SELECT day, "Shop Name", amount FROM daily_sales ORDER BY day')).rows(),
      [[new Date("2024-01-02"), "x", 1.5], [new Date("2024-01-03"), "y", 2]],
    );
  });

  it("looks at all rows when a later value does not fit", async () => {
    await using db = database();
    const rows = Array.from({ length: 70_000 }, (_, i) => `${i}`);
    const path = written("late.csv", ["v", ...rows, "x"].join("\n"));
    const { columns, rowCount } = await db.plugins.fileFormats.import(db, path);
    assertEquals([columns[0]!.type.kind, rowCount], ["text", 70_001]);
  });

  it("leaves no table behind when the file is wrong", async () => {
    await using db = database();
    const path = written(
      "bad.csv",
      ["a,b", ...Array.from({ length: 70_000 }, () => "1,2"), "1,2,3"].join("\n"),
    );
    await assertRejects(() => db.plugins.fileFormats.import(db, path), SchemaError, "bad.csv, line 70002");
    assertEquals(db.catalog.relation("bad"), undefined);
  });

  it("replaces a table, sets a primary key, and takes a file URL", async () => {
    await using db = database();
    const path = new URL(`file://${written("k.ndjson", '{"id":1}\n{"id":2}\n')}`);
    for (const replace of [false, true]) {
      await db.plugins.fileFormats.import(db, path, { replace, primaryKey: ["id"] });
    }
    await assertRejects(() => db.insert("k", [{ id: 1 }]), SchemaError);
    await assertRejects(() => db.plugins.fileFormats.import(db, path), SchemaError, "taken");
  });

  it("adds to a table that exists", async () => {
    await using db = database();
    await db.exec("CREATE TABLE t (id BIGINT, note TEXT DEFAULT 'new')");
    const path = written("more.json.gz", gzipSync('[{"ID": 5}]'));
    await db.plugins.fileFormats.import(db, path, { table: "t", create: false });
    assertEquals((await db.query("SELECT * FROM t")).rows(), [[5, "new"]]);
    const other = written("other.json", '[{"nope": 5}]');
    await assertRejects(
      () => db.plugins.fileFormats.import(db, other, { table: "t", create: false }),
      SchemaError,
      'no column "nope"',
    );
  });

  it("refuses a file whose format is not known", async () => {
    await using db = database();
    await assertRejects(
      () => db.plugins.fileFormats.import(db, written("x.bin", "")),
      QueryError,
      "say the format",
    );
  });
});

describe("names", () => {
  it("tableNameOf() makes identifiers", () => {
    assertEquals(["a-b c.csv", "2024.csv.gz", "Été.json", "..."].map(tableNameOf), [
      "a_b_c",
      "t_2024",
      "été",
      "data",
    ]);
  });

  it("formatOfName() goes by the extension, .gz aside", () => {
    assertEquals(["A.CSV", "x.jsonl.gz", "x.feather", "x"].map(formatOfName), [
      "csv",
      "ndjson",
      "arrow",
      undefined,
    ]);
  });

  it("foldNames() folds plain names that stay different", () => {
    assertEquals(foldNames(["Id", "ID", "Shop Name", "Day"]), ["Id", "ID", "Shop Name", "day"]);
  });
});
