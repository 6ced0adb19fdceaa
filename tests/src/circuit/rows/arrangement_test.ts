import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Arrangement } from "../../../../src/circuit/rows/arrangement.ts";
import { type Delta, deltaOfRows, rowsOfDelta } from "../../../../src/circuit/delta.ts";
import { type Datum, DOUBLE, INTEGER, type SqlType, TEXT } from "../../../../src/storage/sql_type.ts";

/** Rows of a key and a value, by the key. */
function arrangement(types: readonly SqlType[]): Arrangement {
  return new Arrangement({ types, keyTypes: [types[0]!], nullIsKey: true });
}

function rowsOf(types: readonly SqlType[], rows: readonly (readonly Datum[])[], weight = 1): Delta {
  return deltaOfRows(rows.map((row) => ({ row, weight })), types);
}

function apply(to: Arrangement, delta: Delta): void {
  to.apply(delta, [delta.columns[0]!]);
  to.compact((columns) => [columns[0]!]);
}

function found(from: Arrangement, key: Delta): string[] {
  const { count, rows } = from.find([key.columns[0]!], key.size);
  return rowsOfDelta(from.rowsAt(rows, count)).map(({ row, weight }) => `${row.map(show)} x${weight}`).sort();
}

function show(value: Datum): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

describe("Arrangement", () => {
  it("finds rows by equal keys and keeps those that look different apart", () => {
    const types = [DOUBLE, INTEGER];
    const rows = arrangement(types);
    apply(rows, rowsOf(types, [[0, 1], [-0, 1], [0, 1], [1.5, 2], [null, 3]]));
    assertEquals(found(rows, rowsOf(types, [[-0, 0]])), ["-0,1 x1", "0,1 x2"]);
    apply(rows, rowsOf(types, [[0, 1], [0, 1]], -1));
    assertEquals(found(rows, rowsOf(types, [[0, 0]])), ["-0,1 x1"]);
    assertEquals(found(rows, rowsOf(types, [[null, 0]])), ["null,3 x1"]);
  });

  it("finds a text that was asked for before it came", () => {
    const types = [TEXT, INTEGER];
    const rows = arrangement(types);
    const key = rowsOf(types, [["a", 0]]);
    assertEquals(found(rows, key), []);
    apply(rows, rowsOf(types, [["a", 1]]));
    assertEquals(found(rows, key), ["a,1 x1"]);
  });

  it("does not grow with rows that come and go", () => {
    const types = [INTEGER, TEXT];
    const rows = arrangement(types);
    const sizes: number[] = [];
    for (let round = 0; round < 40; round++) {
      const fresh = Array.from({ length: 3000 }, (_, i): Datum[] => [round * 3000 + i, `text ${round} ${i}`]);
      apply(rows, rowsOf(types, fresh));
      apply(rows, rowsOf(types, fresh, -1));
      assertEquals(rows.rowCount, 0);
      sizes.push(rows.stateBytes);
    }
    assert(sizes.at(-1)! <= sizes[1]!, `state of ${sizes[1]}, then ${sizes.at(-1)} bytes`);
  });
});
