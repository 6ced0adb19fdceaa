import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { InvariantError, QueryError } from "../../../src/base/error.ts";
import { isRowError, KEPT_MAX, Quarantine } from "../../../src/circuit/quarantine.ts";
import { INTEGER } from "../../../src/storage/sql_type.ts";

const COLUMNS = [{ id: 1, name: "v", type: INTEGER, nullable: true }];
const ZERO = new QueryError("division-by-zero", "Division by zero", { hint: "use nullif" });

function counts(errors: Quarantine): readonly (readonly unknown[])[] {
  return errors.values().map(({ row, count, sinceVersion }) => [row[0], count, sinceVersion]);
}

describe("Quarantine", () => {
  it("counts rows that look the same, with the version of the first", () => {
    const errors = new Quarantine(COLUMNS);
    errors.add([0], 1, ZERO, 4);
    errors.add([0], 2, ZERO, 5);
    errors.add([1], 1, ZERO, 6);
    assertEquals(counts(errors), [[0, 3, 4], [1, 1, 6]]);
    assertEquals([errors.count, errors.values()[0]!.message], [4, "Division by zero"]);
  });

  it("forgets rows that went, memory included", () => {
    const errors = new Quarantine(COLUMNS);
    errors.add([0], 2, ZERO, 4);
    errors.add([0], -2, ZERO, 5);
    assertEquals([errors.count, errors.memoryBytes, counts(errors)], [0, 0, []]);
  });

  it("does not mind a row that goes before it comes", () => {
    const errors = new Quarantine(COLUMNS);
    errors.add([0], -1, ZERO, 4);
    assertEquals(counts(errors), []);
    errors.add([0], 1, ZERO, 4);
    assertEquals([errors.count, errors.memoryBytes], [0, 0]);
  });

  it("counts rows beyond those that it keeps", () => {
    const errors = new Quarantine(COLUMNS);
    for (let i = 0; i < KEPT_MAX + 5; i++) errors.add([i], 1, ZERO, 1);
    assertEquals([errors.count, errors.values().length], [KEPT_MAX + 5, KEPT_MAX]);
    for (let i = KEPT_MAX + 4; i >= 0; i--) errors.add([i], -1, ZERO, 1);
    assertEquals([errors.count, errors.memoryBytes], [0, 0]);
  });
});

describe("isRowError()", () => {
  it("is true for what values of a row are to blame for", () => {
    const cases = [
      ZERO,
      new QueryError("unknown-column", "x"),
      new InvariantError("invariant", "x"),
      undefined,
    ];
    assertEquals(cases.map(isRowError), [true, false, false, false]);
  });
});
