import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { deltaOfRows } from "../../../../src/circuit/delta.ts";
import { RowTable } from "../../../../src/circuit/rows/row_table.ts";
import { DOUBLE, type SqlType } from "../../../../src/storage/sql_type.ts";

function add(table: RowTable, types: readonly SqlType[], rows: readonly number[][], weight: number): number {
  const delta = deltaOfRows(rows.map((row) => ({ row, weight })), types);
  const added = table.assign(delta.columns, delta.size);
  table.add(delta.weights, delta.size);
  return added;
}

describe("RowTable", () => {
  it("numbers rows by their looks and knows those that come back", () => {
    const table = new RowTable([DOUBLE]);
    assertEquals(add(table, [DOUBLE], [[0], [-0], [0]], 1), 2);
    assertEquals([...table.ids.subarray(0, 3)], [0, 1, 0]);
    add(table, [DOUBLE], [[-0]], -1);
    assertEquals([table.count, table.liveCount, ...table.liveRows()], [2, 1, 0]);
    assertEquals(add(table, [DOUBLE], [[-0]], 1), 0);
    assertEquals(table.liveCount, 2);
  });

  it("holds rows without columns", () => {
    const table = new RowTable([]);
    add(table, [], [[], []], 1);
    assertEquals([table.count, table.weights[0], table.rowsAt(Int32Array.of(0), 1).length], [1, 2, 0]);
  });
});
