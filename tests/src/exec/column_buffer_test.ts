import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { ColumnBuffer } from "../../../src/exec/column_buffer.ts";
import { vectorFromDatums } from "../../../src/exec/vector_build.ts";
import { datumAt } from "../../../src/exec/vector_read.ts";
import { Dictionary } from "../../../src/storage/dictionary.ts";
import { BIGINT, type Datum, INTEGER, TEXT } from "../../../src/storage/sql_type.ts";
import type { Vector } from "../../../src/storage/vector.ts";

function contents(column: ColumnBuffer): Datum[] {
  return Array.from({ length: column.length }, (_, i) => column.datumAt(i));
}

function codes(dictionary: Dictionary, texts: readonly (string | null)[]): Vector {
  return {
    kind: "code",
    values: Int32Array.from(texts, (text) => text === null ? 0 : dictionary.encode(text)),
    dictionary,
    nulls: Uint8Array.from(texts, (text) => text === null ? 1 : 0),
  };
}

describe("ColumnBuffer", () => {
  it("append() keeps values and NULLs when vectors have different null forms", () => {
    const column = new ColumnBuffer(INTEGER);
    column.append(vectorFromDatums(INTEGER, [1, 2, 3], 3), 2);
    column.append(vectorFromDatums(INTEGER, [null, 4], 2), 2);
    column.append(vectorFromDatums(INTEGER, [5], 1), 1);
    assertEquals(contents(column), [1, 2, null, 4, 5]);
  });

  it("append() becomes big when a value passes 2^53", () => {
    const column = new ColumnBuffer(BIGINT);
    column.append(vectorFromDatums(BIGINT, [1, null], 2), 2);
    column.append(vectorFromDatums(BIGINT, [2n ** 60n, 7], 2), 2);
    column.append(vectorFromDatums(BIGINT, [8], 1), 1);
    assertEquals(column.kind, "big");
    assertEquals(contents(column), [1, null, 2n ** 60n, 7, 8]);
  });

  it("append() keeps codes while the dictionary is the same", () => {
    const dictionary = new Dictionary();
    const column = new ColumnBuffer(TEXT);
    column.append(codes(dictionary, ["a", "b"]), 2);
    column.append(codes(dictionary, ["b", null]), 2);
    const vector = column.toVector();
    assertEquals(vector.kind === "code" && vector.dictionary === dictionary, true);
    assertEquals(contents(column), ["a", "b", "b", null]);
  });

  it("append() translates codes of another dictionary and leaves that of the table alone", () => {
    const first = new Dictionary();
    const second = new Dictionary();
    const column = new ColumnBuffer(TEXT);
    column.append(codes(first, ["a", "b", null]), 3);
    column.append(codes(second, ["c", "a"]), 2);
    column.append(codes(first, ["b"]), 1);
    assertEquals(column.kind, "code");
    assertEquals(contents(column), ["a", "b", null, "c", "a", "b"]);
    assertEquals(first.size, 2);
  });

  it("append() turns codes into strings when strings come", () => {
    const column = new ColumnBuffer(TEXT);
    column.append(codes(new Dictionary(), ["a", null]), 2);
    column.append(vectorFromDatums(TEXT, ["x", null], 2), 2);
    assertEquals(contents(column), ["a", null, "x", null]);
  });

  it("gather() gives NULL for row -1", () => {
    const column = new ColumnBuffer(INTEGER);
    column.append(vectorFromDatums(INTEGER, [10, 20, null], 3), 3);
    const vector = column.gather(Int32Array.of(2, -1, 1, 0), 4);
    assertEquals([0, 1, 2, 3].map((i) => datumAt(vector, i)), [null, null, 20, 10]);
  });

  it("gather() of an empty column gives NULLs", () => {
    const vector = new ColumnBuffer(TEXT).gather(Int32Array.of(-1, -1), 2);
    assertEquals([datumAt(vector, 0), datumAt(vector, 1)], [null, null]);
  });

  it("appendNulls() before the first vector does not fix the kind", () => {
    const column = new ColumnBuffer(TEXT);
    column.appendNulls(2);
    column.append(codes(new Dictionary(), ["a"]), 1);
    assertEquals(column.kind, "code");
    assertEquals(contents(column), [null, null, "a"]);
  });

  it("grows over many appends", () => {
    const column = new ColumnBuffer(INTEGER);
    const part = vectorFromDatums(
      INTEGER,
      Array.from({ length: 700 }, (_, i) => i % 7 === 0 ? null : i),
      700,
    );
    for (let i = 0; i < 20; i++) column.append(part, 700);
    assertEquals(column.length, 14000);
    assertEquals(column.datumAt(13999), 699);
    assertEquals(column.datumAt(13300), null);
  });

  it("slice() shows a range", () => {
    const column = new ColumnBuffer(TEXT);
    column.append(codes(new Dictionary(), ["a", "b", null, "d"]), 4);
    const vector = column.slice(1, 4);
    assertEquals([0, 1, 2].map((i) => datumAt(vector, i)), ["b", null, "d"]);
  });
});
