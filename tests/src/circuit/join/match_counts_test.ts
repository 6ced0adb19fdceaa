import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { KeptCounts, MANY } from "../../../../src/circuit/join/match_counts.ts";
import { INTEGER } from "../../../../src/storage/sql_type.ts";
import type { Vector } from "../../../../src/storage/vector.ts";

function keys(values: readonly number[]): Vector[] {
  return [{ kind: "i32", values: Int32Array.from(values), nulls: null }];
}

/** Changes the counts of keys by a weight; gives the keys that crossed, with 1 for those that have rows now. */
function change(counts: KeptCounts, values: readonly number[], weight: number): number[][] {
  counts.change(keys(values), new Int32Array(values.length).fill(weight), values.length);
  return Array.from(
    { length: counts.crossedCount },
    (_, i) => [values[counts.crossedRows[i]!]!, counts.crossedNow[i]!],
  );
}

function found(counts: KeptCounts, values: readonly number[]): { now: number[]; before: number[] } {
  const now = new Int32Array(values.length);
  const before = new Uint8Array(values.length);
  counts.find(keys(values), values.length, now, before);
  return { now: [...now], before: [...before] };
}

describe("KeptCounts", () => {
  it("tells keys that got their first row or lost their last one", () => {
    const counts = new KeptCounts([INTEGER], false);
    assertEquals(change(counts, [7, 8, 7], 1), [[7, 1], [8, 1]]);
    assertEquals(found(counts, [7, 8, 9]), { now: [MANY, 1, 0], before: [0, 0, 0] });
    counts.settle();
    assertEquals(change(counts, [7, 8], -1), [[8, 0]]);
    assertEquals(found(counts, [7, 8, 9]), { now: [1, 0, 0], before: [1, 1, 0] });
  });

  it("forgets keys without rows when most are such", () => {
    const counts = new KeptCounts([INTEGER], false);
    const many = Array.from({ length: 5000 }, (_, i) => i * 1000);
    change(counts, many, 1);
    counts.settle();
    const { stateBytes } = counts;
    change(counts, many.slice(10), -1);
    counts.settle();
    assert(counts.stateBytes < stateBytes / 2, `${counts.stateBytes} of ${stateBytes} bytes`);
    assertEquals(found(counts, [0, 9000, 10_000]), { now: [1, 1, 0], before: [1, 1, 0] });
    assertEquals(change(counts, [9000, 10_000], 1), [[10_000, 1]]);
  });
});
