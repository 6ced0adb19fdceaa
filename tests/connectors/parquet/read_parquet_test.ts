import { after, before, describe, it } from "node:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { QueryError, SchemaError } from "../../../src/base/error.ts";
import { typeName } from "../../../src/storage/sql_type.ts";
import { memoryAccess } from "../../../connectors/files/random_access.ts";
import { readParquet } from "../../../connectors/parquet/read_parquet.ts";
import { batchRows } from "../files/batch_rows.ts";

const folder = mkdtempSync(join(tmpdir(), "liveview-parquet-"));
let fileCount = 0;
let duckdb: Awaited<ReturnType<DuckDBInstance["connect"]>>;

before(async () => {
  duckdb = await (await DuckDBInstance.create(":memory:")).connect();
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A Parquet file with the answer of `query`. */
async function written(query: string, options = "COMPRESSION zstd"): Promise<Uint8Array> {
  const path = join(folder, `${fileCount++}.parquet`);
  await duckdb.run(`COPY (${query}) TO '${path}' (FORMAT parquet, ${options})`);
  return new Uint8Array(readFileSync(path));
}

async function read(bytes: Uint8Array, columns?: readonly string[]) {
  const source = await readParquet(
    memoryAccess(bytes, "x.parquet"),
    columns === undefined ? {} : { columns },
  );
  const rows: unknown[][] = [];
  for await (const batch of source.batches()) rows.push(...batchRows(batch));
  return { columns: source.columns.map(({ name, type }) => `${name} ${typeName(type)}`), rows };
}

describe("readParquet()", () => {
  it("keeps numbers exact", async () => {
    const { columns, rows } = await read(
      await written(`SELECT * FROM (VALUES
        (1::SMALLINT, 2::INTEGER, 9007199254740993::BIGINT, 18446744073709551615::UBIGINT, 4294967295::UINTEGER,
         0.1::DOUBLE, 0.5::FLOAT, true),
        (NULL, -2, -1, 0, 1, 'NaN', -1, NULL)) t(a, b, c, d, e, f, g, h)`),
    );
    assertEquals(columns, [
      "a SMALLINT",
      "b INTEGER",
      "c BIGINT",
      "d DECIMAL(20,0)",
      "e BIGINT",
      "f DOUBLE PRECISION",
      "g REAL",
      "h BOOLEAN",
    ]);
    assertEquals(rows, [
      [1, 2, 9007199254740993n, 18446744073709551615n, 4294967295, 0.1, 0.5, 1],
      [null, -2, -1n, 0n, 1, NaN, -1, null],
    ]);
  });

  it("keeps decimals of all widths exact", async () => {
    const { columns, rows } = await read(
      await written(
        `SELECT 1.23::DECIMAL(4,2) a, -12345678.9::DECIMAL(9,1) b, 123456789012.345678::DECIMAL(18,6) c,
        -12345678901234567890123456789.01::DECIMAL(38,2) d`,
      ),
    );
    assertEquals(columns.map((column) => column.slice(2)), [
      "DECIMAL(4,2)",
      "DECIMAL(9,1)",
      "DECIMAL(18,6)",
      "DECIMAL(38,2)",
    ]);
    assertEquals(rows, [[123, -123456789, 123456789012345678n, -1234567890123456789012345678901n]]);
  });

  it("reads dates and times in storage units", async () => {
    const { columns, rows } = await read(
      await written(`SELECT DATE '1969-12-31' a, TIMESTAMP '2024-01-02 03:04:05.678901' b,
        TIMESTAMPTZ '2024-01-02 03:04:05+01' c, TIME '00:00:01.5' d, TIMESTAMP_MS '1970-01-01 00:00:00.001' e,
        TIMESTAMP_NS '1970-01-01 00:00:00.000002' f`),
    );
    assertEquals(columns.map((column) => column.slice(2)), [
      "DATE",
      "TIMESTAMP",
      "TIMESTAMP WITH TIME ZONE",
      "TIME",
      "TIMESTAMP",
      "TIMESTAMP",
    ]);
    assertEquals(rows, [[-1, 1704164645678901, 1704161045000000, 1500000, 1000, 2]]);
  });

  it("refuses to round nanoseconds", async () => {
    const bytes = await written("SELECT TIMESTAMP_NS '1970-01-01 00:00:00.000000001' t");
    const error = await assertRejects(() => read(bytes), SchemaError);
    const says = "Cannot read x.parquet, row 1, column t: the time has nanoseconds: received 1";
    assert(error.message.startsWith(says), error.message);
  });

  it("names the row of the file, not of its row group", async () => {
    const bytes = await written(
      "SELECT make_timestamp_ns(CASE WHEN i = 4000 THEN 1 ELSE 1000 END) t FROM range(5000) r(i)",
      "ROW_GROUP_SIZE 2048",
    );
    const error = await assertRejects(() => read(bytes), SchemaError);
    assert(error.message.startsWith("Cannot read x.parquet, row 4001, column t: "), error.message);
  });

  it("keeps texts with a dictionary as codes over row groups", async () => {
    const bytes = await written(
      "SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE 'é' || (i % 3) END t FROM range(5000) r(i)",
      "ROW_GROUP_SIZE 2048",
    );
    const source = await readParquet(bytes);
    const kinds: string[] = [];
    const texts = new Map<unknown, number>();
    for await (const batch of source.batches()) {
      kinds.push(batch.columns.t!.kind);
      for (const [text] of batchRows(batch)) texts.set(text, (texts.get(text) ?? 0) + 1);
    }
    assertEquals([...new Set(kinds)], ["codes"]);
    assert(kinds.length > 1);
    assertEquals([...texts].sort() as unknown[], [[null, 1667], ["é1", 1667], ["é2", 1666]].sort());
  });

  it("reads texts without a dictionary", async () => {
    const bytes = await written("SELECT 'row ' || i t FROM range(3000) r(i)", "DICTIONARY_SIZE_LIMIT 1");
    const { rows } = await read(bytes);
    assertEquals(rows.length, 3000);
    assertEquals(rows[2999], ["row 2999"]);
  });

  it("reads nested values as JSON", async () => {
    const { columns, rows } = await read(
      await written(
        `SELECT [1, 2, NULL] a, {'x': 1::BIGINT, 'y': ['p']} b, MAP {'k': DATE '2024-01-02'} c, NULL::INT[] d`,
      ),
    );
    assertEquals(columns, ["a JSON", "b JSON", "c JSON", "d JSON"]);
    assertEquals(rows, [["[1,2,null]", '{"x":1,"y":["p"]}', '{"k":"2024-01-02"}', null]]);
  });

  it("reads uuids and bytes as text", async () => {
    const { rows } = await read(
      await written("SELECT '00112233-4455-6677-8899-aabbccddeeff'::UUID u, 'a'::VARCHAR v"),
    );
    assertEquals(rows, [["00112233-4455-6677-8899-aabbccddeeff", "a"]]);
  });

  for (const codec of ["uncompressed", "snappy", "gzip", "brotli", "lz4_raw", "zstd"]) {
    it(`decompresses ${codec}`, async () => {
      const { rows } = await read(
        await written("SELECT i, i // 100 g FROM range(1000) r(i)", `COMPRESSION ${codec}`),
      );
      assertEquals(rows.reduce((sum, [i, g]) => sum + Number(i) + Number(g), 0), 499500 + 4500);
    });
  }

  it("reads chosen columns", async () => {
    const bytes = await written("SELECT 1 a, 2 b, 3 c");
    assertEquals(await read(bytes, ["c", "a"]), { columns: ["c INTEGER", "a INTEGER"], rows: [[3, 1]] });
    await assertRejects(() => read(bytes, ["d"]), QueryError, 'has no column "d"');
  });

  it("reports progress by row group", async () => {
    const bytes = await written("SELECT i FROM range(5000) r(i)", "ROW_GROUP_SIZE 2048");
    const seen: number[] = [];
    const source = await readParquet(bytes, { onProgress: ({ rows }) => seen.push(rows) });
    for await (const _ of source.batches());
    assertEquals(seen.at(-1), 5000);
    assert(seen.length > 1);
  });

  it("refuses what is no Parquet file", async () => {
    const error = await assertRejects(
      () => readParquet(memoryAccess(new Uint8Array(100), "x.parquet")),
      SchemaError,
    );
    assertEquals(error.code, "invalid-input");
    assert(error.message.startsWith("Cannot read x.parquet: "));
  });

  it("refuses a damaged page by column", async () => {
    const bytes = await written("SELECT i FROM range(5000) r(i)");
    bytes.fill(0xff, 40, 200);
    const error = await assertRejects(() => read(bytes), SchemaError);
    assert(error.message.startsWith("Cannot read x.parquet, column i: "), error.message);
  });
});
