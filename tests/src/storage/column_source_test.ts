/**
 * What columns take and what they refuse.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { SchemaError } from "../../../src/base/error.ts";
import * as source from "../../../src/storage/column_source.ts";
import type { BatchColumn } from "../../../src/storage/column_batch.ts";
import * as types from "../../../src/storage/sql_type.ts";
import type { Datum, SqlType } from "../../../src/storage/sql_type.ts";
import { acceptDatum, type ValueSite } from "../../../src/storage/value_check.ts";

const varchar = (maxLength: number): SqlType => ({ kind: "text", maxLength });

function site(type: SqlType, nullable = true): ValueSite {
  return { table: "t", column: { name: "c", type, nullable } };
}

function prepared(type: SqlType, column: BatchColumn, rowCount: number): Datum[] {
  const result = source.prepareBatchColumn(site(type), column, rowCount);
  return Array.from({ length: rowCount }, (_, row) => source.preparedDatum(result, type, row));
}

describe("acceptDatum()", () => {
  it("takes values at the limits of each type", () => {
    const cases: [SqlType, Datum][] = [
      [types.SMALLINT, -32768],
      [types.INTEGER, 2147483647],
      [types.BIGINT, 2n ** 63n - 1n],
      [types.decimalType(4, 2), -9999],
      [types.decimalType(20, 0), 10n ** 20n - 1n],
      [types.DOUBLE, Infinity],
      [types.BOOLEAN, false],
      [varchar(3), "𝒳𝒳𝒳"],
      [types.JSON_TYPE, "{}"],
      [types.INTERVAL, { months: 1, days: 0, micros: 0 }],
    ];
    for (const [type, value] of cases) assertEquals(acceptDatum(site(type), value, 0), value);
  });

  it("refuses values beyond them, naming row, column and value", () => {
    const cases: [SqlType, Datum][] = [
      [types.SMALLINT, 32768],
      [types.INTEGER, 1.5],
      [types.INTEGER, "1"],
      [types.BIGINT, 2 ** 53],
      [types.BIGINT, 2n ** 63n],
      [types.decimalType(4, 2), 10_000],
      [types.BOOLEAN, 2],
      [types.TIME, -1],
      [varchar(3), "four"],
      [types.TEXT, 5],
      [types.NUMERIC, 5],
    ];
    for (const [type, value] of cases) {
      const error = assertThrows(() => acceptDatum(site(type), value, 7), SchemaError, "row 7");
      assertEquals([error.code, error.details.column, error.details.row], ["invalid-input", "c", 7]);
    }
  });

  it("cuts blanks beyond the length, as SQL does", () => {
    assertEquals(acceptDatum(site(varchar(3)), "abc  ", 0), "abc");
  });

  it("narrows bigints and rounds REAL", () => {
    assertEquals(acceptDatum(site(types.BIGINT), 5n, 0), 5);
    assertEquals(acceptDatum(site(types.REAL), 0.1, 0), Math.fround(0.1));
  });

  it("refuses NULL in a NOT NULL column", () => {
    const error = assertThrows(() => acceptDatum(site(types.INTEGER, false), null, 2), SchemaError);
    assertEquals([error.code, error.details.row], ["not-null-violation", 2]);
  });
});

describe("prepareBatchColumn()", () => {
  it("passes arrays through without copying", () => {
    const values = Int32Array.of(1, 2);
    const result = source.prepareBatchColumn(site(types.INTEGER), { kind: "numbers", values }, 2);
    assert(result.kind === "numbers" && result.values === values && result.nulls === null);
  });

  it("finds the number out of range, but not under a NULL", () => {
    const values = Float64Array.of(1, 40_000, 2.5);
    assertEquals(
      prepared(types.SMALLINT, { kind: "numbers", values, nulls: Uint8Array.of(0, 1, 1) }, 3),
      [1, null, null],
    );
    assertThrows(
      () => prepared(types.SMALLINT, { kind: "numbers", values, nulls: Uint8Array.of(0, 1, 0) }, 3),
      SchemaError,
      "2.5 in row 2",
    );
  });

  it("keeps bigints only when one needs it", () => {
    const narrow = source.prepareBatchColumn(site(types.BIGINT), { kind: "bigints", values: [1n, 2n] }, 2);
    const wide = source.prepareBatchColumn(
      site(types.BIGINT),
      { kind: "bigints", values: [1n, 2n ** 60n] },
      2,
    );
    assertEquals([narrow.kind, wide.kind], ["numbers", "bigints"]);
  });

  it("takes null strings for NULL", () => {
    assertEquals(prepared(types.TEXT, { kind: "strings", values: ["a", null] }, 2), ["a", null]);
    assertThrows(
      () => source.prepareBatchColumn(site(types.TEXT, false), { kind: "strings", values: ["a", null] }, 2),
      SchemaError,
      "NULL in row 1",
    );
  });

  it("checks the length of strings, codes and UTF-8", () => {
    const long = new TextEncoder().encode("abcdef");
    const columns: BatchColumn[] = [
      { kind: "strings", values: ["ab", "abcd"] },
      { kind: "codes", codes: Uint8Array.of(0, 1), dictionary: ["ab", "abcd"] },
      { kind: "utf8", bytes: long, offsets: Int32Array.of(0, 2, 6) },
    ];
    for (const column of columns) assertThrows(() => prepared(varchar(3), column, 2), SchemaError, "row 1");
  });

  it("refuses codes without an entry and offsets beyond the bytes", () => {
    const codes: BatchColumn = { kind: "codes", codes: Uint8Array.of(0, 9), dictionary: ["a"] };
    assertThrows(() => prepared(types.TEXT, codes, 2), SchemaError, "code 9");
    const utf8: BatchColumn = { kind: "utf8", bytes: new Uint8Array(2), offsets: Int32Array.of(0, 3) };
    assertThrows(() => prepared(types.TEXT, utf8, 1), SchemaError);
  });

  it("refuses too few values and the wrong kind of values", () => {
    assertThrows(
      () => prepared(types.INTEGER, { kind: "numbers", values: new Int32Array(1) }, 2),
      SchemaError,
    );
    assertThrows(() => prepared(types.TEXT, { kind: "numbers", values: new Int32Array(1) }, 1), SchemaError);
    assertThrows(() => prepared(types.INTEGER, { kind: "strings", values: ["1"] }, 1), SchemaError);
  });

  it("makes whole numbers NUMERIC", () => {
    assertEquals(prepared(types.NUMERIC, { kind: "numbers", values: Int32Array.of(7) }, 1), [
      { coefficient: 7n, scale: 0 },
    ]);
  });
});

describe("prepareVector()", () => {
  it("reads NULL objects from the NULL bytes", () => {
    const vector = { kind: "object", values: [[1], [2]], nulls: Uint8Array.of(0, 1) } as const;
    const type = types.arrayType(types.INTEGER);
    const result = source.prepareVector(site(type), vector, 2);
    assertEquals([0, 1].map((row) => source.preparedDatum(result, type, row)), [[1], null]);
  });
});
