import { after, describe, it } from "node:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createDatabase } from "../../../mod.ts";
import { AccessError, QueryError, SchemaError } from "../../../src/base/error.ts";
import { fileFormats } from "../../../connectors/files/plugin.ts";

const folder = mkdtempSync(join(tmpdir(), "liveview-copy-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function database() {
  const db = createDatabase({ plugins: [fileFormats()] });
  await db.exec("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT DEFAULT 'none', c DECIMAL(6,2))");
  return db;
}

describe("COPY FROM", () => {
  it("reads CSV by position, NULL and quotes as PostgreSQL does", async () => {
    await using db = await database();
    const path = written("a.csv", 'a,b,c\n1,"x, y",1.5\n2,,\n3,"",-0.25\n');
    const result = await db.exec(`COPY t FROM '${path}' (FORMAT csv, HEADER)`);
    assertEquals([result.command, result.changeCount], ["COPY", 3]);
    assertEquals((await db.query("SELECT * FROM t ORDER BY a")).rows(), [[1, "x, y", 1.5], [2, null, null], [
      3,
      "",
      -0.25,
    ]]);
  });

  it("reads chosen columns and leaves the others to their defaults", async () => {
    await using db = await database();
    await db.exec(`COPY t (c, a) FROM '${written("b.csv", "2.5;1\n")}' (FORMAT csv, DELIMITER ';')`);
    assertEquals((await db.query("SELECT * FROM t")).rows(), [[1, "none", 2.5]]);
  });

  it("reads the text format when nothing else is said, and TSV by its name", async () => {
    await using db = await database();
    await db.exec(`COPY t FROM '${written("c.data", "1\ta\\tb\t\\N\n")}'`);
    await db.exec(`COPY t FROM '${written("c.tsv", "2\tx\t\n")}'`);
    assertEquals((await db.query("SELECT * FROM t ORDER BY a")).rows(), [[1, "a\tb", null], [2, "x", null]]);
  });

  it("matches JSON members by name and casts them", async () => {
    await using db = await database();
    await db.exec(`COPY t FROM '${written("d.ndjson", '{"c":"7.25","A":1}\n{"A":2}\n')}'`);
    assertEquals((await db.query("SELECT * FROM t ORDER BY a")).rows(), [[1, "none", 7.25], [
      2,
      "none",
      null,
    ]]);
  });

  it("decompresses .gz and reads another encoding", async () => {
    await using db = await database();
    const path = written("e.csv.gz", gzipSync(new Uint8Array([49, 44, 0xe9, 44, 10])));
    await db.exec(`COPY t FROM '${path}' (FORMAT csv, ENCODING 'latin1')`);
    assertEquals((await db.query("SELECT b FROM t")).rows(), [["é"]]);
  });

  it("checks the names with HEADER MATCH", async () => {
    await using db = await database();
    const path = written("f.csv", "a,x,c\n1,2,3\n");
    await assertRejects(
      () => db.exec(`COPY t FROM '${path}' (FORMAT csv, HEADER match)`),
      SchemaError,
      'f.csv, line 1: the header has "x" where "b" is expected',
    );
  });

  it("imports nothing when a row fails, and names its place", async () => {
    await using db = await database();
    const path = written("g.csv", "1,a,1\n2,b,one\n");
    const error = await assertRejects(() => db.exec(`COPY t FROM '${path}' (FORMAT csv)`), SchemaError);
    assert(error.message.startsWith("Cannot read g.csv, line 2, column c: "), error.message);
    assertEquals((await db.query("SELECT count(*) FROM t")).rows(), [[0]]);
    const twice = written("h.csv", "1,a,1\n1,b,2\n");
    assertEquals(
      (await assertRejects(() => db.exec(`COPY t FROM '${twice}' (FORMAT csv)`), SchemaError)).code,
      "duplicate-key",
    );
    assertEquals((await db.query("SELECT count(*) FROM t")).rows(), [[0]]);
  });

  it("takes part in an open transaction", async () => {
    await using db = await database();
    const path = written("i.csv", "1,a,1\n");
    await db.exec(`BEGIN; COPY t FROM '${path}' (FORMAT csv); ROLLBACK`);
    assertEquals((await db.query("SELECT count(*) FROM t")).rows(), [[0]]);
    await db.exec(`BEGIN; COPY t FROM '${path}' (FORMAT csv); COMMIT`);
    assertEquals((await db.query("SELECT count(*) FROM t")).rows(), [[1]]);
  });

  it("refuses files that may not be read, unknown tables, columns, options and formats", async () => {
    await using db = createDatabase({
      plugins: [fileFormats({ read: (path) => path.startsWith("/data/") })],
    });
    await assertRejects(() => db.exec("COPY t FROM '/etc/passwd'"), AccessError, "COPY may not read");
    await using open = await database();
    await assertRejects(() => open.exec("COPY u FROM 'x.csv'"), SchemaError, 'no table "u"');
    await assertRejects(() => open.exec("COPY t (z) FROM 'x.csv'"), QueryError, 'no column "z"');
    await assertRejects(() => open.exec("COPY t FROM 'x.csv' (HEADR)"), QueryError, "header");
    await assertRejects(() => open.exec("COPY t FROM 'x' (FORMAT xls)"), QueryError, "Unknown file format");
    await assertRejects(() => open.exec("COPY t FROM '/no/such/file.csv'"), SchemaError, "/no/such/file.csv");
  });
});

describe("COPY TO", () => {
  async function filled() {
    const db = await database();
    await db.exec(`INSERT INTO t VALUES (1, 'x, "y"', 1.5), (2, NULL, NULL), (3, '', 0)`);
    return db;
  }

  it("writes CSV that reads back the same", async () => {
    await using db = await filled();
    const path = join(folder, "out.csv");
    assertEquals((await db.exec(`COPY t TO '${path}' (FORMAT csv, HEADER)`)).changeCount, 3);
    assertEquals(readFileSync(path, "utf8"), 'a,b,c\n1,"x, ""y""",1.50\n2,,\n3,"",0.00\n');
    await db.exec(
      `CREATE TABLE u (a INTEGER, b TEXT, c DECIMAL(6,2)); COPY u FROM '${path}' (FORMAT csv, HEADER)`,
    );
    assertEquals((await db.query("SELECT * FROM t EXCEPT SELECT * FROM u")).rowCount, 0);
  });

  it("writes the text format that reads back the same", async () => {
    await using db = await filled();
    await db.exec("INSERT INTO t VALUES (4, E'tab\\t\\\\ line\\nN', 1), (5, '\\N', 1)");
    const path = join(folder, "out.txt");
    await db.exec(`COPY t TO '${path}' (FORMAT text); CREATE TABLE u (a INTEGER, b TEXT, c DECIMAL(6,2))`);
    await db.exec(`COPY u FROM '${path}' (FORMAT text)`);
    assertEquals(
      (await db.query(
        "(SELECT * FROM t EXCEPT SELECT * FROM u) UNION (SELECT * FROM u EXCEPT SELECT * FROM t)",
      )).rowCount,
      0,
    );
  });

  it("writes queries, JSON, NDJSON, gzip and Arrow by the name of the file", async () => {
    await using db = await filled();
    const path = (name: string) => join(folder, name);
    await db.exec(`COPY (SELECT a, c FROM t WHERE a < 3 ORDER BY a) TO '${path("out.json")}'`);
    assertEquals(JSON.parse(readFileSync(path("out.json"), "utf8")), [{ a: 1, c: 1.5 }, { a: 2, c: null }]);
    await db.exec(`COPY (SELECT a, b FROM t WHERE a = 1) TO '${path("out.ndjson.gz")}'`);
    assertEquals(gunzipSync(readFileSync(path("out.ndjson.gz"))).toString(), '{"a":1,"b":"x, \\"y\\""}\n');
    await db.exec(`COPY t TO '${path("out.arrow")}'; CREATE TABLE u (a INTEGER, b TEXT, c DECIMAL(6,2))`);
    await db.exec(`COPY u FROM '${path("out.arrow")}'`);
    assertEquals((await db.query("SELECT * FROM t EXCEPT SELECT * FROM u")).rowCount, 0);
  });

  it("writes to standard output and honours FORCE_QUOTE and NULL", async () => {
    let output = "";
    await using db = createDatabase({ plugins: [fileFormats({ stdout: (text) => output += text })] });
    await db.exec(
      "COPY (SELECT 1 AS a, 'x' AS b, NULL AS c) TO stdout (FORMAT csv, FORCE_QUOTE (a), NULL 'nil')",
    );
    assertEquals(output, '"1",x,nil\n');
  });

  it("refuses files that may not be written, and formats without a writer", async () => {
    await using db = createDatabase({ plugins: [fileFormats({ write: false })] });
    await assertRejects(() => db.exec("COPY (SELECT 1) TO '/tmp/x.csv'"), AccessError, "COPY may not write");
    await using open = await database();
    await assertRejects(
      () => open.exec(`COPY t TO '${join(folder, "x.parquet")}'`),
      QueryError,
      "cannot write parquet",
    );
  });
});
