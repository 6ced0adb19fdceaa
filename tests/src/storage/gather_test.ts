/**
 * Reading stored columns.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { vectorDatum } from "../../../src/storage/datum_vector.ts";
import * as gather from "../../../src/storage/gather.ts";
import { generateGather } from "../../../src/storage/gather_generator.ts";
import * as types from "../../../src/storage/sql_type.ts";
import type { Datum, SqlType } from "../../../src/storage/sql_type.ts";
import { Store } from "../../../src/storage/store.ts";
import { SEGMENT_ROWS, type StoredColumn } from "../../../src/storage/table_view.ts";
import type { Vector } from "../../../src/storage/vector.ts";

function stored(type: SqlType, values: readonly Datum[]): StoredColumn {
  const store = new Store();
  const columns = [{ name: "x", type, nullable: true }];
  const table = store.createTable({ name: "t", kind: "table", columns, primaryKey: [] });
  const transaction = store.begin();
  transaction.insert(table, { rows: values.map((value) => [value]) });
  transaction.commit();
  return table.storedColumn(0);
}

function datums(vector: Vector, count: number): Datum[] {
  return Array.from({ length: count }, (_, i) => vectorDatum(vector, i));
}

describe("gather.gen.ts", () => {
  it("is what gather_generator.ts writes", async () => {
    const url = new URL("../../../src/storage/gather.gen.ts", import.meta.url);
    assertEquals(await Deno.readTextFile(url), generateGather());
  });
});

describe("gatherStored()", () => {
  it("reads rows in any order, -1 as NULL, across segments of different kinds", () => {
    const values = Array.from(
      { length: SEGMENT_ROWS + 3 },
      (_, i) => i < SEGMENT_ROWS ? i % 100 : -500_000 - i,
    );
    const column = stored(types.INTEGER, values);
    const rows = Int32Array.of(SEGMENT_ROWS + 2, 7, -1, -1, 8, SEGMENT_ROWS);
    const vector = gather.gatherStored(column, rows, 6);
    assertEquals(vector.kind, "i32");
    assertEquals(datums(vector, 6), [values[SEGMENT_ROWS + 2], 7, null, null, 8, values[SEGMENT_ROWS]]);
  });

  it("gives each type its physical kind", () => {
    const cases: [SqlType, Datum, string][] = [
      [types.SMALLINT, 1, "i32"],
      [types.DATE, 19_000, "i32"],
      [types.BOOLEAN, true, "bool"],
      [types.BIGINT, 5, "f64"],
      [types.BIGINT, 2n ** 60n, "big"],
      [types.decimalType(20, 2), -(10n ** 18n), "big"],
      [types.TIMESTAMP, 1.7e15, "f64"],
      [types.DOUBLE, -0, "f64"],
      [types.TEXT, "text", "code"],
      [types.NUMERIC, { coefficient: 1n, scale: 2 }, "object"],
      [types.arrayType(types.INTEGER), [1, null], "object"],
    ];
    for (const [type, value, kind] of cases) {
      const vector = gather.gatherStored(stored(type, [null, value]), Int32Array.of(1, 0), 2);
      assertEquals([vector.kind, ...datums(vector, 2)], [kind, value, null]);
    }
  });

  it("gives text of an empty column as text", () => {
    assertEquals(gather.gatherStored(stored(types.TEXT, []), Int32Array.of(-1), 1).kind, "str");
  });

  it("decodes UTF-8 text", () => {
    const values = Array.from({ length: 5000 }, (_, i) => `é text ${i}`);
    const vector = gather.gatherStored(stored(types.TEXT, values), Int32Array.of(4999, 0), 2);
    assertEquals([vector.kind, ...datums(vector, 2)], ["str", "é text 4999", "é text 0"]);
  });
});

describe("sliceColumn()", () => {
  it("shares the array when the kind fits", () => {
    const [column] = stored(types.DOUBLE, [1.5, 2.5, 3.5]).segments;
    const vector = gather.sliceColumn(column, types.DOUBLE, 1, 2);
    assert(vector.kind === "f64" && column.kind === "numbers");
    assertEquals(vector.values.buffer, column.values.buffer);
    assertEquals(datums(vector, 2), [2.5, 3.5]);
  });

  it("converts narrow numbers, codes and NULLs", () => {
    const [numbers] = stored(types.INTEGER, [1, null, 3]).segments;
    assertEquals(datums(gather.sliceColumn(numbers, types.INTEGER, 1, 2), 2), [null, 3]);
    const [codes] = stored(types.TEXT, ["a", "b", null]).segments;
    assertEquals(datums(gather.sliceColumn(codes, types.TEXT, 1, 2), 2), ["b", null]);
  });
});

describe("materialize()", () => {
  it("reads a lazy vector", () => {
    const source = stored(types.INTEGER, [4, 5, 6]);
    const vector = gather.materialize({ kind: "lazy", rows: Int32Array.of(2, -1), source }, 2);
    assertEquals(datums(vector, 2), [6, null]);
  });
});
