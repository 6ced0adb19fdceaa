import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SchemaError } from "../../../src/base/error.ts";
import { decimalType, INTEGER, TEXT, typeName } from "../../../src/storage/sql_type.ts";
import { memorySource } from "../../../connectors/files/byte_source.ts";
import { isInferenceMisfit } from "../../../connectors/files/input_error.ts";
import { type CsvOptions, readCsv } from "../../../connectors/csv/read_csv.ts";
import { batchRows } from "../files/batch_rows.ts";

async function read(text: string | Uint8Array, options: CsvOptions = {}) {
  const source = await readCsv(memorySource(text, "people.csv"), options);
  const rows: unknown[][] = [];
  for await (const batch of source.batches()) rows.push(...batchRows(batch));
  return { columns: source.columns.map(({ name, type }) => `${name} ${typeName(type)}`), rows };
}

async function failure(text: string | Uint8Array, options: CsvOptions = {}): Promise<SchemaError> {
  const error = await assertRejects(() => read(text, options), SchemaError);
  assertEquals(error.code, "invalid-input");
  return error;
}

describe("readCsv() infers", () => {
  const cases: readonly [string, string][] = [
    ["1\n-20", "INTEGER"],
    ["1\n3000000000", "BIGINT"],
    ["1\n12345678901234567890", "DECIMAL(38,0)"],
    ["1\n2.5", "DOUBLE PRECISION"],
    ["1e3\n2", "DOUBLE PRECISION"],
    ["2024-02-29\n", "DATE"],
    ["2024-02-29\n2024-02-29T10:11:12.5", "TIMESTAMP"],
    ["2024-02-29T10:11:12Z", "TIMESTAMP WITH TIME ZONE"],
    ["true\nFALSE", "BOOLEAN"],
    ["2023-02-29", "TEXT"],
    ["00501\n12345", "TEXT"],
    ["1\nx", "TEXT"],
    ['""', "TEXT"],
    ["10:30", "TEXT"],
  ];
  for (const [values, type] of cases) {
    it(`${type} from ${JSON.stringify(values)}`, async () => {
      assertEquals((await read(`v\n${values}\n`, { header: true })).columns, [`v ${type}`]);
    });
  }

  it("DECIMAL where it is asked for, as wide as the digits", async () => {
    const { columns, rows } = await read("p\n1.5\n22.25\n", { fractions: "decimal" });
    assertEquals(columns, ["p DECIMAL(18,2)"]);
    assertEquals(rows, [[150], [2225]]);
  });

  it("from all rows with sampleRows all", async () => {
    const text = `v\n1\n2\nx\n`;
    assertEquals((await read(text, { sampleRows: "all", batchRows: 1 })).columns, ["v TEXT"]);
  });
});

describe("readCsv() detects", () => {
  for (
    const [name, delimiter] of [["comma", ","], ["semicolon", ";"], ["tab", "\t"], ["bar", "|"]] as const
  ) {
    it(`the delimiter ${name}`, async () => {
      const text = [["a", "b", "c"], ["1", "x;y"[0]!, "2"]].map((row) => row.join(delimiter)).join("\n");
      assertEquals((await read(text)).columns.length, 3);
    });
  }

  it("a header by names that are no values", async () => {
    assertEquals((await read("id,name\n1,Ann\n")).columns, ["id INTEGER", "name TEXT"]);
    assertEquals((await read("1,Ann\n2,Bob\n")).columns, ["column1 INTEGER", "column2 TEXT"]);
  });

  it("a byte order mark", async () => {
    assertEquals((await read("\uFEFFid\n1\n")).columns, ["id INTEGER"]);
    const wide = new Uint8Array([0xff, 0xfe, ...[..."id,n\n1,é\n"].flatMap((c) => [c.charCodeAt(0), 0])]);
    assertEquals((await read(wide)).rows, [[1, "é"]]);
  });
});

describe("readCsv() reads", () => {
  it("quoted fields with delimiters, quotes and line breaks", async () => {
    const { rows } = await read('a,b\r\n"x, ""y""\r\nz",1\r\n', { header: true });
    assertEquals(rows, [['x, "y"\r\nz', 1]]);
  });

  it("NULL from unquoted empty fields only", async () => {
    assertEquals((await read('a,b\n,""\n', { header: true })).rows, [[null, ""]]);
  });

  it("NULL from other texts, unless quoted", async () => {
    assertEquals((await read('a,b\nNA,"NA"\n5,\n', { header: true, nulls: ["NA"] })).rows, [[null, "NA"], [
      5,
      "",
    ]]);
  });

  it("another quote and escape", async () => {
    const options = { header: true, quote: "'", escape: "\\", delimiter: ";" };
    assertEquals((await read("a;b\n'it\\'s';'c:\\\\x'\n", options)).rows, [["it's", "c:\\x"]]);
  });

  it("CR, LF and CR LF line ends, and a last line without one", async () => {
    for (const end of ["\r", "\n", "\r\n"]) {
      assertEquals((await read(["a,b", "1,2", "3,4"].join(end))).rows, [[1, 2], [3, 4]]);
    }
  });

  it("COPY's text format", async () => {
    const { rows } = await read("1\t\\N\ta\\tb\n2\t\\\\\tx\\\ny\n", { format: "text" });
    assertEquals(rows, [[1, null, "a\tb"], [2, "\\", "x\ny"]]);
  });

  it("given types by their input rules", async () => {
    const types = { column1: decimalType(6, 2), column2: INTEGER, column3: TEXT };
    const { rows } = await read(" 1.005, +7 ,08\n-.5,0x10,9\n", { types, header: false });
    assertEquals(rows, [[101, 7, "08"], [-50, 16, "9"]]);
  });

  it("whole numbers exactly", async () => {
    const { rows } = await read("9007199254740993\n-9223372036854775808\n1\n", { header: false });
    assertEquals(rows, [[9007199254740993n], [-9223372036854775808n], [1n]]);
  });

  it("latin1 and windows-1252", async () => {
    const bytes = new Uint8Array([0x61, 0x0a, 0xe9, 0x80, 0x0a]);
    assertEquals((await read(bytes, { encoding: "latin1", header: true })).rows, [["é\u0080"]]);
    assertEquals((await read(bytes, { encoding: "windows-1252", header: true })).rows, [["é€"]]);
  });

  it("no rows from a header alone", async () => {
    assertEquals(await read("a,b"), { columns: ["a TEXT", "b TEXT"], rows: [] });
  });

  it("reports progress", async () => {
    const seen: number[] = [];
    await read("1\n2\n3\n", { header: false, batchRows: 2, onProgress: ({ rows }) => seen.push(rows) });
    assertEquals(seen, [2, 3]);
  });
});

describe("readCsv() refuses", () => {
  it("a record with too many or too few fields, by line", async () => {
    const error = await failure("a,b\n1,2\n\n3\n");
    assert(
      error.message.startsWith("Cannot read people.csv, line 4: the record has 1 field where 2 are expected"),
    );
    assert((await failure("a,b\n1,2\n3,4,5\n")).message.includes("line 3: the record has 3 fields"));
  });

  it("a quote that is not closed, by the line where it opens", async () => {
    const error = await failure('a,b\n1,"x\ny\n', { header: true });
    assert(error.message.includes("line 2, byte 6: the quoted field has no closing quote"), error.message);
  });

  it("text behind a closing quote", async () => {
    assert((await failure('a\n"x"y\n', { header: true })).message.includes("line 2, byte 5"));
  });

  it("bytes that are not UTF-8, by offset", async () => {
    const error = await failure(new Uint8Array([0x61, 0x0a, 0x62, 0xc3, 0x28, 0x0a]), { header: true });
    assert(error.message.includes("line 2, column a, byte 3: the text is not valid UTF-8"), error.message);
  });

  it("a text that the inferred type cannot hold, by line and column", async () => {
    const error = await failure("id,v\n1,2\n3,4\n5,six\n", { sampleRows: 2 });
    assert(
      error.message.startsWith('Cannot read people.csv, line 4, column v: "six" is not of type INTEGER'),
    );
    assert(isInferenceMisfit(error));
  });

  it("a fraction in an inferred column of whole numbers rather than rounding it", async () => {
    assert(isInferenceMisfit(await failure("v\n1\n2.5\n", { sampleRows: 1 })));
  });

  it("a text that a given type cannot hold", async () => {
    const error = await failure("v\n1\nx\n", { types: { v: INTEGER } });
    assert(error.message.includes("line 3, column v: Invalid"), error.message);
    assert(!isInferenceMisfit(error));
  });

  it("an empty file", async () => {
    assert((await failure("")).message.includes("the file is empty"));
  });
});
