/**
 * Row ids sorted with what stands beside them, for all sizes at which another way is taken.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../src/base/random.ts";
import { sortRows, sortRowsWith } from "../../../src/storage/row_sort.ts";

describe("Row ids", () => {
  for (const count of [0, 1, 2, 30, 100, 1_500, 70_000]) {
    for (const greatest of [3, 200, 70_000, 2 ** 31 - 1]) {
      it(`${count} up to ${greatest} are sorted, equal ones as they came`, () => {
        const random = new SeededRandom(count + greatest);
        const rows = Int32Array.from({ length: count }, () => random.integer(0, greatest));
        const order = Array.from(rows.keys()).sort((a, b) => rows[a]! - rows[b]! || a - b);
        const expected = Int32Array.from(rows).sort();
        const beside = Int32Array.from(rows.keys());
        const alone = rows.slice();
        sortRowsWith(rows, beside, count);
        sortRows(alone, count);
        assertEquals([rows, alone], [expected, expected]);
        assertEquals(Array.from(beside), order);
      });
    }
  }

  it("beyond the count stay where they are", () => {
    const rows = Int32Array.of(5, 4, 3, 1);
    sortRows(rows, 2);
    assertEquals(rows, Int32Array.of(4, 5, 3, 1));
  });
});
