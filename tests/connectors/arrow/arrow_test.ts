import { describe, it } from "node:test";
import { readFileSync } from "node:fs";
import {
  binary,
  bool,
  columnFromArray,
  columnFromValues,
  type DataType,
  dateDay,
  dateMillisecond,
  decimal,
  dictionary,
  duration,
  field,
  float32,
  float64,
  int32,
  int64,
  int8,
  interval,
  IntervalUnit,
  largeUtf8,
  list,
  struct,
  tableFromArrays,
  tableFromColumns,
  tableFromIPC,
  tableToIPC,
  timeMillisecond,
  timestamp,
  TimeUnit,
  uint64,
  utf8,
} from "@uwdata/flechette";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SchemaError } from "../../../src/base/error.ts";
import {
  BIGINT,
  BOOLEAN,
  DATE,
  type Datum,
  decimalType,
  DOUBLE,
  INTEGER,
  NUMERIC,
  type SqlType,
  TEXT,
  TIMESTAMPTZ,
  typeName,
} from "../../../src/storage/sql_type.ts";
import { Dictionary } from "../../../src/storage/dictionary.ts";
import type { Vector } from "../../../src/storage/vector.ts";
import { decodeLz4Frame } from "../../../connectors/arrow/lz4_frame.ts";
import { arrowBatches, arrowToBatch, readArrow } from "../../../connectors/arrow/read_arrow.ts";
import { resultToArrow, type VectorResult, writeArrow } from "../../../connectors/arrow/write_arrow.ts";
import { memorySource } from "../../../connectors/files/byte_source.ts";
import { vegaDataset } from "../../../examples/demo/vega_dataset.ts";
import { batchRows } from "../files/batch_rows.ts";

/** Type and values of a column that went through the IPC format. */
async function column(values: readonly unknown[], type: DataType): Promise<[string, Datum[]]> {
  const table = tableFromColumns({ v: columnFromArray([...values], type, { useBigInt: true }) });
  const source = await readArrow(memorySource(tableToIPC(table, { format: "file" })!, "x.arrow"));
  const rows: Datum[] = [];
  for await (const batch of source.batches()) rows.push(...batchRows(batch).map(([value]) => value!));
  return [typeName(source.columns[0]!.type), rows.map((value) => value ?? null)];
}

describe("readArrow()", () => {
  const cases: readonly [string, readonly unknown[], DataType, string, readonly Datum[]][] = [
    ["int8", [1, null, -2], int8(), "SMALLINT", [1, null, -2]],
    ["int64", [1n, -2n, null], int64(), "BIGINT", [1, -2, null]],
    ["large int64", [9007199254740993n, -2n], int64(), "BIGINT", [9007199254740993n, -2n]],
    ["uint64", [18446744073709551615n], uint64(), "DECIMAL(20,0)", [18446744073709551615n]],
    ["float32", [0.5, null], float32(), "REAL", [0.5, null]],
    ["float64", [0.1, NaN], float64(), "DOUBLE PRECISION", [0.1, NaN]],
    ["bool", [true, false, null], bool(), "BOOLEAN", [1, 0, null]],
    ["utf8", ["é", "", null], utf8(), "TEXT", ["é", "", null]],
    ["large utf8", ["x", "yz"], largeUtf8(), "TEXT", ["x", "yz"]],
    ["dictionary", ["a", "b", null, "a"], dictionary(utf8(), int8()), "TEXT", ["a", "b", null, "a"]],
    ["decimal", [1.25, -0.5], decimal(9, 2, 128), "DECIMAL(9,2)", [125, -50]],
    ["wide decimal", [123456789012345678901n], decimal(38, 0, 128), "DECIMAL(38,0)", [
      123456789012345678901n,
    ]],
    ["date", [86400000, -86400000], dateDay(), "DATE", [1, -1]],
    ["date in milliseconds", [172800000], dateMillisecond(), "DATE", [2]],
    ["time", [1500], timeMillisecond(), "TIME", [1500000]],
    ["timestamp", [1.5, -1], timestamp(TimeUnit.MICROSECOND), "TIMESTAMP", [1500, -1000]],
    ["zoned timestamp", [2], timestamp(TimeUnit.MILLISECOND, "UTC"), "TIMESTAMP WITH TIME ZONE", [2000]],
    ["duration", [1500n], duration(TimeUnit.MILLISECOND), "INTERVAL", [{
      months: 0,
      days: 0,
      micros: 1500000,
    }]],
    ["binary", [new Uint8Array([1, 255])], binary(), "TEXT", ["\\x01ff"]],
    ["list", [[1, null], null], list(int32()), "JSON", ["[1,null]", null]],
    ["struct", [{ a: 1 }], struct([field("a", int32())]), "JSON", ['{"a":1}']],
  ];
  for (const [name, values, type, sqlType, datums] of cases) {
    it(`reads ${name}`, async () => assertEquals(await column(values, type), [sqlType, [...datums]]));
  }

  it("reads intervals", async () => {
    const [, values] = await column([Float64Array.of(1, 2, 3000)], interval(IntervalUnit.MONTH_DAY_NANO));
    assertEquals(values, [{ months: 1, days: 2, micros: 3 }]);
  });

  it("reads the file of another writer", async () => {
    const source = await readArrow(new Uint8Array(readFileSync(await vegaDataset("flights-200k.arrow"))));
    assertEquals(source.columns.map(({ name }) => name), ["delay", "distance", "time"]);
    assertEquals(source.rowCount, 200000);
  });

  it("keeps dictionary columns as codes, over record batches", async () => {
    const table = tableFromColumns({
      v: columnFromValues(["a", "b", "a"], dictionary(utf8()), { maxBatchRows: 2 }),
    });
    assertEquals([...arrowBatches(table)].map((batch) => [batch.columns.v!.kind, batchRows(batch)]), [
      ["codes", [["a"], ["b"]]],
      ["codes", [["a"]]],
    ]);
  });

  it("refuses what is no Arrow file", async () => {
    const error = await assertRejects(
      () => readArrow(memorySource("no arrow file here", "x.arrow")),
      SchemaError,
    );
    assert(error.message.startsWith("Cannot read x.arrow: "));
  });

  it("refuses to round nanoseconds", async () => {
    const table = tableFromColumns({ v: columnFromArray([1e-6], timestamp(TimeUnit.NANOSECOND)) });
    const source = await readArrow(memorySource(tableToIPC(table, {})!, "x.arrow"));
    const error = await assertRejects(async () => {
      for await (const _ of source.batches());
    }, SchemaError);
    assert(
      error.message.startsWith("Cannot read x.arrow, row 1, column v: the time is finer"),
      error.message,
    );
    assert(error.hint !== undefined);
  });

  it("names the row of an interval that is too fine", async () => {
    const column = columnFromArray([[0, 0, 1000n], [0, 0, 1n]], interval(IntervalUnit.MONTH_DAY_NANO));
    const source = await readArrow(memorySource(tableToIPC(tableFromColumns({ v: column }), {})!, "x.arrow"));
    const error = await assertRejects(async () => {
      for await (const _ of source.batches());
    }, SchemaError);
    assert(error.message.startsWith("Cannot read x.arrow, row 2, column v: "), error.message);
  });
});

describe("arrowToBatch()", () => {
  it("makes one batch of a table", () => {
    const batch = arrowToBatch(tableFromArrays({ a: [1, 2], b: ["x", null] }));
    assertEquals(batchRows(batch), [[1, "x"], [2, null]]);
  });
});

describe("decodeLz4Frame()", () => {
  // "abcabcabcabc!" as 3 literals, a match of 9 at distance 3, 1 literal; then a stored block of 2 bytes.
  const block = [0x35, 97, 98, 99, 3, 0, 0x10, 33];
  const frame = [
    0x04,
    0x22,
    0x4d,
    0x18,
    0x40,
    0x40,
    0,
    block.length,
    0,
    0,
    0,
    ...block,
    2,
    0,
    0,
    0x80,
    120,
    121,
    0,
    0,
    0,
    0,
  ];

  it("decodes literals, overlapping matches and stored blocks", () => {
    assertEquals(new TextDecoder().decode(decodeLz4Frame(Uint8Array.from(frame), 15)), "abcabcabcabc!xy");
  });

  it("refuses a frame that is damaged or of another length", () => {
    assertThrows(() => decodeLz4Frame(Uint8Array.from(frame.slice(0, 20)), 15), SchemaError, "ends early");
    assertThrows(() => decodeLz4Frame(Uint8Array.from(frame), 16), SchemaError, "15 bytes instead of 16");
    assertThrows(() => decodeLz4Frame(Uint8Array.from(frame).fill(9, 15, 16), 15), SchemaError, "damaged");
  });
});

/** A result of one column. */
function resultOf(sqlType: SqlType, vector: Vector, rowCount: number): VectorResult {
  return { columns: [{ name: "v", sqlType }], rowCount, vector: () => vector };
}

describe("writeArrow()", () => {
  const codes = new Dictionary();
  codes.encode("unused");
  codes.encode("x");
  const cases: readonly [string, SqlType, Vector, number, readonly Datum[]][] = [
    ["integers", INTEGER, { kind: "i32", values: Int32Array.of(1, -2, 9), nulls: null }, 2, [1, -2]],
    ["nulls", INTEGER, { kind: "i32", values: Int32Array.of(1, 0), nulls: Uint8Array.of(0, 1) }, 2, [
      1,
      null,
    ]],
    ["bigints", BIGINT, { kind: "f64", values: Float64Array.of(-5, 2 ** 53 - 1), nulls: null }, 2, [
      -5,
      2 ** 53 - 1,
    ]],
    ["big bigints", BIGINT, { kind: "big", values: [-(2n ** 63n)], nulls: null }, 1, [-(2n ** 63n)]],
    ["decimals", decimalType(15, 2), { kind: "f64", values: Float64Array.of(-125, 7), nulls: null }, 2, [
      -125,
      7,
    ]],
    ["wide decimals", decimalType(38, 2), { kind: "big", values: [-(10n ** 30n)], nulls: null }, 1, [
      -(10n ** 30n),
    ]],
    ["doubles", DOUBLE, { kind: "f64", values: Float64Array.of(0.1, NaN), nulls: null }, 2, [0.1, NaN]],
    ["booleans", BOOLEAN, { kind: "bool", values: Uint8Array.of(1, 0), nulls: null }, 2, [1, 0]],
    ["dates", DATE, { kind: "i32", values: Int32Array.of(-1), nulls: null }, 1, [-1]],
    ["timestamps", TIMESTAMPTZ, { kind: "f64", values: Float64Array.of(-1, 5), nulls: null }, 2, [-1, 5]],
    ["texts", TEXT, { kind: "str", values: ["é", ""], nulls: null }, 2, ["é", ""]],
    [
      "codes",
      TEXT,
      { kind: "code", values: Int32Array.of(1, 0, 1), dictionary: codes, nulls: Uint8Array.of(0, 1, 0) },
      3,
      [
        "x",
        null,
        "x",
      ],
    ],
    [
      "numerics",
      NUMERIC,
      {
        kind: "object",
        values: [{ coefficient: 15n, scale: 1 }, { coefficient: -25n, scale: 3 }],
        nulls: null,
      },
      2,
      [1500, -25],
    ],
  ];
  for (const [name, type, vector, rowCount, datums] of cases) {
    it(`writes ${name} that read the same`, async () => {
      const source = await readArrow(writeArrow(resultOf(type, vector, rowCount)));
      const rows: Datum[] = [];
      for await (const batch of source.batches()) rows.push(...batchRows(batch).map(([value]) => value!));
      assertEquals(rows, [...datums]);
    });
  }

  it("writes only the entries of a dictionary that are used", () => {
    const vector: Vector = { kind: "code", values: Int32Array.of(1, 1), dictionary: codes, nulls: null };
    const table = tableFromIPC(tableToIPC(resultToArrow(resultOf(TEXT, vector, 2)), {})!);
    assertEquals(table.toColumns().v, ["x", "x"]);
  });
});
