/**
 * Segment columns of every kind.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { BigintColumn } from "../../../src/storage/bigint_column.ts";
import { CodeColumn } from "../../../src/storage/code_column.ts";
import { Dictionary } from "../../../src/storage/dictionary.ts";
import { MemoryAccount } from "../../../src/storage/memory_account.ts";
import { NumberColumn } from "../../../src/storage/number_column.ts";
import { ObjectColumn } from "../../../src/storage/object_column.ts";
import type { WritableColumn } from "../../../src/storage/segment_column.ts";
import * as types from "../../../src/storage/sql_type.ts";
import type { Datum } from "../../../src/storage/sql_type.ts";
import { SEGMENT_ROWS } from "../../../src/storage/table_view.ts";
import { Utf8Column } from "../../../src/storage/utf8_column.ts";

const account = new MemoryAccount();

function fill(column: WritableColumn, values: readonly Datum[]): WritableColumn {
  let target = column;
  for (const [i, value] of values.entries()) target = target.put(i, value, true);
  return target;
}

function read(column: WritableColumn, count: number): Datum[] {
  return Array.from({ length: count }, (_, i) => column.get(i));
}

function numbers(type = types.INTEGER): NumberColumn {
  return new NumberColumn(type, account, 0);
}

describe("NumberColumn", () => {
  it("put() widens the array only as far as needed", () => {
    const column = numbers();
    const kinds = [200, -3, 40_000, -70_000].map((value, i) => {
      column.put(i, value, true);
      return column.values.constructor;
    });
    assertEquals(kinds, [Uint8Array, Int16Array, Int32Array, Int32Array]);
    assertEquals(read(column, 4), [200, -3, 40_000, -70_000]);
  });

  it("append() takes the narrowest array for the range", () => {
    const column = numbers();
    column.append(0, { kind: "numbers", values: Float64Array.of(1, -100, 100), nulls: null }, 0, 3);
    assert(column.values instanceof Int8Array);
    column.append(3, { kind: "numbers", values: Int32Array.of(7, 60_000, 7), nulls: null }, 1, 2);
    assertEquals(read(column, 4), [1, -100, 100, 60_000]);
    assertEquals([column.zone.min, column.zone.max], [-100, 60_000]);
  });

  it("append() keeps NULLs apart from values", () => {
    const column = numbers();
    const nulls = Uint8Array.of(0, 1, 0);
    column.append(0, { kind: "numbers", values: Int32Array.of(5, 999_999, 6), nulls }, 0, 3);
    column.append(3, { kind: "nulls" }, 0, 2);
    assertEquals(read(column, 5), [5, null, 6, null, null]);
    assertEquals([column.zone.nullCount, column.zone.max, column.values[1]], [3, 6, 0]);
  });

  it("keeps DOUBLE in a Float64Array", () => {
    const column = fill(numbers(types.DOUBLE), [1, 2.5, NaN]);
    assert(column.kind === "numbers" && column.values instanceof Float64Array);
    assertEquals(read(column, 3), [1, 2.5, NaN]);
  });

  it("tracks monotony across appends and ends it on an update", () => {
    const column = numbers();
    column.append(0, { kind: "numbers", values: Int32Array.of(1, 1, 4), nulls: null }, 0, 3);
    column.append(3, { kind: "numbers", values: Int32Array.of(4, 9), nulls: null }, 0, 2);
    assert(column.zone.monotone);
    column.put(1, 2, false);
    assert(!column.zone.monotone);
  });

  it("put() of a bigint beyond 2^53 turns the segment into bigints", () => {
    const column = fill(numbers(types.BIGINT), [1, null, 2n ** 60n, 4]);
    assert(column instanceof BigintColumn && column.values instanceof BigInt64Array);
    assertEquals(read(column, 4), [1, null, 2n ** 60n, 4]);
    assertEquals(column.zone.nullCount, 1);
  });

  it("reads BOOLEAN as booleans", () => {
    assertEquals(read(fill(numbers(types.BOOLEAN), [true, null, false]), 3), [true, null, false]);
  });

  it("share() lets the copy grow without showing in the original", () => {
    const original = fill(numbers(), [1, 2, 3]);
    const shared = original.share(5);
    shared.put(3, 250, true).put(4, null, true);
    assertEquals(read(original, 3), [1, 2, 3]);
    assertEquals([original.zone.max, original.zone.nullCount], [3, 0]);
  });

  it("copy() lets the copy be overwritten without showing in the original", () => {
    const original = fill(numbers(), [1, null, 3]);
    const copy = original.copy(5);
    copy.put(0, 9, false).put(1, 8, false).put(2, null, false);
    assertEquals(read(original, 3), [1, null, 3]);
    assertEquals(read(copy, 3), [9, 8, null]);
  });
});

describe("BigintColumn", () => {
  it("append() mixes numbers, bigints and NULLs", () => {
    const column = new BigintColumn([], account, 0);
    column.append(0, { kind: "bigints", values: [10n ** 20n, 0n], nulls: Uint8Array.of(0, 1) }, 0, 2);
    column.append(2, { kind: "numbers", values: Int32Array.of(5), nulls: null }, 0, 1);
    column.append(3, { kind: "nulls" }, 0, 1);
    assertEquals(read(column, 4), [10n ** 20n, null, 5, null]);
  });
});

describe("CodeColumn", () => {
  it("append() encodes strings, codes of other dictionaries and UTF-8 alike", () => {
    const column = new CodeColumn(new Dictionary(), account, 0);
    const bytes = new TextEncoder().encode("cäa");
    column.append(0, { kind: "strings", values: ["a", null, "b"], nulls: Uint8Array.of(0, 1, 0) }, 0, 3);
    column.append(
      3,
      { kind: "codes", codes: Uint8Array.of(1, 0), dictionary: ["b", "c", "unused"], nulls: null },
      0,
      2,
    );
    column.append(5, { kind: "utf8", bytes, offsets: Int32Array.of(0, 3, 4), nulls: null }, 0, 2);
    assertEquals(read(column, 7), ["a", null, "b", "c", "b", "cä", "a"]);
    assertEquals(column.dictionary.find("unused"), -1);
  });

  it("widens codes beyond 256 entries", () => {
    const column = new CodeColumn(new Dictionary(), account, 0);
    const values = Array.from({ length: 300 }, (_, i) => `text ${i}`);
    column.append(0, { kind: "strings", values, nulls: null }, 0, 300);
    assert(column.values instanceof Uint16Array);
    assertEquals(read(column, 300), values);
  });

  it("recode() keeps the texts under another dictionary", () => {
    const column = fill(new CodeColumn(new Dictionary(), account, 0), ["gone", "a", null, "b"]);
    assert(column instanceof CodeColumn);
    const dictionary = new Dictionary();
    const codes = Int32Array.of(0, dictionary.encode("a"), dictionary.encode("b"));
    assertEquals(read(column.recode(dictionary, codes, 4, 1), 4).slice(1), ["a", null, "b"]);
  });
});

describe("Utf8Column", () => {
  it("starts and ends are views of one array until an update", () => {
    const column = new Utf8Column(account, 0);
    column.append(0, { kind: "strings", values: ["AIR", "", "SHIP"], nulls: null }, 0, 3);
    assertEquals(column.starts.buffer, column.ends.buffer);
    column.put(0, "RAIL", false);
    assert(column.starts.buffer !== column.ends.buffer);
    assertEquals(read(column, 3), ["RAIL", "", "SHIP"]);
  });

  it("append() takes UTF-8 from the middle of a batch", () => {
    const column = new Utf8Column(account, 0);
    const bytes = new TextEncoder().encode("xéyz");
    const source = {
      kind: "utf8",
      bytes,
      offsets: Int32Array.of(0, 1, 3, 5),
      nulls: Uint8Array.of(0, 0, 1),
    } as const;
    column.append(0, source, 1, 3);
    assertEquals(read(column, 2), ["é", null]);
    assert(!column.ascii);
  });

  it("rewrites dead bytes instead of growing for ever", () => {
    const column = new Utf8Column(account, 0);
    column.append(0, { kind: "strings", values: ["first", "second"], nulls: null }, 0, 2);
    for (let i = 0; i < 5000; i++) column.put(0, `value ${i}`, false);
    assertEquals(read(column, 2), ["value 4999", "second"]);
    assert(column.bytes.length < 500, `${column.bytes.length} bytes`);
  });

  it("gives spare bytes back when the segment is full", () => {
    const column = new Utf8Column(account, 0);
    const values = new Array<string>(SEGMENT_ROWS).fill("ab");
    column.append(0, { kind: "strings", values, nulls: null }, 0, SEGMENT_ROWS - 1);
    column.put(SEGMENT_ROWS - 1, "abc", true);
    assertEquals(column.bytes.length, SEGMENT_ROWS * 2 + 1);
  });

  it("a shared column grows without showing in the original", () => {
    const original = fill(new Utf8Column(account, 0), ["a", "b"]);
    const shared = original.share(1);
    shared.put(2, "c", true);
    const copy = shared.copy(2);
    copy.put(0, "changed", false);
    assertEquals([read(original, 2), read(shared, 3), read(copy, 3)], [["a", "b"], ["a", "b", "c"], [
      "changed",
      "b",
      "c",
    ]]);
  });
});

describe("ObjectColumn", () => {
  it("holds intervals, arrays and NULL", () => {
    const interval = { months: 1, days: 2, micros: 3 };
    const column = fill(new ObjectColumn(account, 0), [interval, null, [1, "a"]]);
    column.append(3, { kind: "nulls" }, 0, 1);
    assertEquals(read(column, 4), [interval, null, [1, "a"], null]);
    assertEquals(column.zone.nullCount, 2);
  });
});
