import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SchemaError } from "../../../src/base/error.ts";
import { DATE, typeName } from "../../../src/storage/sql_type.ts";
import { memorySource, streamSource } from "../../../connectors/files/byte_source.ts";
import type { ColumnSource } from "../../../connectors/files/column_source.ts";
import { isInferenceMisfit } from "../../../connectors/files/input_error.ts";
import { type JsonOptions, readJson } from "../../../connectors/json/read_json.ts";
import { type NdjsonOptions, readNdjson } from "../../../connectors/json/read_ndjson.ts";
import { batchRows } from "../files/batch_rows.ts";

async function taken(source: ColumnSource) {
  const rows: unknown[][] = [];
  for await (const batch of source.batches()) rows.push(...batchRows(batch));
  return { columns: source.columns.map(({ name, type }) => `${name} ${typeName(type)}`), rows };
}

async function json(text: string | Uint8Array, options: JsonOptions = {}) {
  return taken(await readJson(memorySource(text, "x.json"), options));
}

async function ndjson(text: string, options: NdjsonOptions = {}) {
  return taken(await readNdjson(memorySource(text, "x.ndjson"), options));
}

async function failure(run: () => Promise<unknown>): Promise<SchemaError> {
  const error = await assertRejects(run, SchemaError);
  assertEquals(error.code, "invalid-input");
  return error;
}

describe("readJson()", () => {
  it("makes columns of members with the types of their values", async () => {
    const { columns, rows } = await json(`[
      {"i": 1, "b": true, "s": "x", "d": "2024-01-02", "t": "2024-01-02T03:04:05Z", "f": 0.5},
      {"i": 3000000000, "b": null, "s": "2024-01-02", "d": "1970-01-01", "f": 2, "n": {"a": [1]}}]`);
    assertEquals(columns, [
      "i BIGINT",
      "b BOOLEAN",
      "s TEXT",
      "d DATE",
      "t TIMESTAMP WITH TIME ZONE",
      "f DOUBLE PRECISION",
      "n JSON",
    ]);
    assertEquals(rows, [
      [1, 1, "x", 19724, 1704164645000000, 0.5, null],
      [3000000000, null, "2024-01-02", 0, null, 2, '{"a":[1]}'],
    ]);
  });

  it("keeps the digits of whole numbers", async () => {
    const { columns, rows } = await json(
      '[{"a": 9007199254740993, "b": 123456789012345678901, "c": [9007199254740993]}]',
    );
    assertEquals(columns, ["a BIGINT", "b DECIMAL(38,0)", "c JSON"]);
    assertEquals(rows, [[9007199254740993n, 123456789012345678901n, "[9007199254740993]"]]);
  });

  it("makes JSON of mixtures and never numbers of strings", async () => {
    const { columns, rows } = await json('[{"a": 1, "b": "1"}, {"a": "x", "b": "2"}]');
    assertEquals(columns, ["a JSON", "b TEXT"]);
    assertEquals(rows, [["1", "1"], ['"x"', "2"]]);
  });

  it("reads rows from a member, and one object as one row", async () => {
    assertEquals((await json('{"meta": 1, "data": [{"a": 1}]}', { member: "data" })).rows, [[1]]);
    assertEquals((await json('{"a": 1}')).rows, [[1]]);
  });

  it("takes given types", async () => {
    assertEquals((await json('[{"d": "Jan 2, 2024"}]', { types: { d: DATE } })).rows, [[19724]]);
  });

  it("names the line of a syntax error", async () => {
    assert((await failure(() => json('[{"a": 1},\n{"a": }]'))).message.startsWith("Cannot read x.json"));
  });

  it("names the path of what is no row, and of a value that does not fit", async () => {
    assert(
      (await failure(() => json('[{"a": 1}, 5]'))).message.includes(
        "x.json, $[1]: expected an object: received a number",
      ),
    );
    const error = await failure(() => json('[{"d": "2024-01-02"}, {"d": "soon"}]', { types: { d: DATE } }));
    assert(error.message.startsWith("Cannot read x.json, $[1], column d: "), error.message);
  });

  it("names the byte that is not UTF-8", async () => {
    const bytes = new TextEncoder().encode('[{"a": "?"}]');
    bytes[8] = 0xff;
    assert((await failure(() => json(bytes))).message.includes("byte 8: the text is not valid UTF-8"));
  });
});

describe("readNdjson()", () => {
  it("reads lines, blank ones aside, in batches", async () => {
    const seen: number[] = [];
    const { columns, rows } = await ndjson('{"a":1}\r\n\n{"a":2}\n{"a":3}', {
      batchRows: 2,
      onProgress: ({ rows }) => seen.push(rows),
    });
    assertEquals(columns, ["a INTEGER"]);
    assertEquals(rows, [[1], [2], [3]]);
    assertEquals(seen, [2, 3]);
  });

  it("reads chunks cut within characters", async () => {
    const bytes = new TextEncoder().encode('{"a":"é😀"}\n{"a":"x"}\n');
    async function* cut() {
      for (let i = 0; i < bytes.length; i++) yield bytes.subarray(i, i + 1);
    }
    assertEquals((await taken(await readNdjson(streamSource(cut())))).rows, [["é😀"], ["x"]]);
  });

  it("names line and column of a syntax error, and the line of what is no object", async () => {
    assert(
      (await failure(() => ndjson('{"a":1}\n{"a":'))).message.startsWith(
        "Cannot read x.ndjson, line 2, column 6: ",
      ),
    );
    assert(
      (await failure(() => ndjson("[1]"))).message.includes("line 1: expected an object: received an array"),
    );
  });

  it("refuses later members and values that the first batch did not show, unless all are looked at", async () => {
    const text = '{"a":1}\n{"a":2.5,"b":true}\n';
    assert(isInferenceMisfit(await failure(() => ndjson(text, { batchRows: 1 }))));
    assert(isInferenceMisfit(await failure(() => ndjson('{"a":1}\n{"a":"x"}\n', { batchRows: 1 }))));
    const { columns, rows } = await ndjson(text, { batchRows: 1, sampleRows: "all" });
    assertEquals(columns, ["a DOUBLE PRECISION", "b BOOLEAN"]);
    assertEquals(rows, [[1, null], [2.5, 1]]);
  });
});
