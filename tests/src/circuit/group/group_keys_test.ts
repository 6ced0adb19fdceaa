import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { GroupKeys } from "../../../../src/circuit/group/group_keys.ts";
import { deltaOfRows, rowsOfDelta, uniformDelta } from "../../../../src/circuit/delta.ts";
import { formatNumeric } from "../../../../src/query/functions/numeric_value.ts";
import { NUMERIC, type Numeric } from "../../../../src/storage/sql_type.ts";

const TYPES = [NUMERIC];

function numeric(coefficient: bigint, scale: number): Numeric {
  return { coefficient, scale };
}

/** Adds keys with a weight; gives their groups. */
function add(keys: GroupKeys, values: readonly Numeric[], weight: number): number[] {
  const { columns, size, weights } = deltaOfRows(values.map((value) => ({ row: [value], weight })), TYPES);
  const ids = new Int32Array(size);
  keys.assign(columns, size, ids);
  keys.addWeights(weights, size);
  return [...ids];
}

function shown(keys: GroupKeys, groups: readonly number[]): string[] {
  const forms = Int32Array.from(groups, (group) => keys.formOf(group));
  const columns = keys.keysOf(forms, groups.length);
  return rowsOfDelta(uniformDelta(columns, groups.length, 1)).map(({ row }) =>
    // The keys are of type NUMERIC.
    formatNumeric(row[0] as Numeric)
  );
}

describe("GroupKeys", () => {
  it("shows a form of the key that some row has", () => {
    const keys = new GroupKeys(TYPES);
    const short = numeric(15n, 1);
    const long = numeric(1500n, 3);
    assertEquals(add(keys, [short, numeric(2n, 0), long], 1), [0, 1, 0]);
    assertEquals(shown(keys, [0, 1]), ["1.5", "2"]);
    add(keys, [short], -1);
    assertEquals(shown(keys, [0, 1]), ["1.500", "2"]);
    add(keys, [short], 1);
    add(keys, [long], -1);
    assertEquals(shown(keys, [0]), ["1.5"]);
  });

  it("keeps some groups under new ids, with their forms", () => {
    const keys = new GroupKeys(TYPES);
    add(keys, [numeric(1n, 0), numeric(20n, 1), numeric(2n, 0), numeric(30n, 1)], 1);
    add(keys, [numeric(1n, 0)], -1);
    const kept = keys.kept(Int32Array.of(1, 2), TYPES);
    assertEquals(kept.count, 2);
    assertEquals(shown(kept, [0, 1]), ["2.0", "3.0"]);
    add(kept, [numeric(20n, 1)], -1);
    assertEquals(shown(kept, [0, 1]), ["2", "3.0"]);
    add(kept, [numeric(20n, 1)], 1);
    assertEquals(shown(kept.kept(Int32Array.of(0), TYPES), [0]), ["2"]);
    assertEquals(add(kept, [numeric(300n, 2), numeric(4n, 0)], 1), [1, 2]);
  });
});
