import { assert, assertEquals } from "@std/assert";
import { describe, it } from "node:test";
import process from "node:process";
import { SeededRandom } from "../../../../src/base/random.ts";
import { DistinctBits } from "../../../../src/exec/aggregates/distinct_bits.ts";

function selected(bits: DistinctBits, ids: readonly number[], values: readonly (number | null)[]): number[] {
  const rows = new Int32Array(values.length);
  const vector = {
    kind: "f64",
    values: Float64Array.from(values, (value) => value ?? 0),
    nulls: values.includes(null) ? Uint8Array.from(values, (value) => Number(value === null)) : null,
  } as const;
  assert(bits.reserve(Math.max(...ids) + 1));
  const count = bits.select(Int32Array.from(ids), vector, values.length, rows);
  return Array.from(rows.subarray(0, count));
}

describe("DistinctBits", () => {
  it("selects the first row of each value in each group", () => {
    const bits = new DistinctBits({ min: -3, max: 40 }, 100);
    assertEquals(selected(bits, [0, 0, 1, 1, 0], [-3, -3, -3, 40, 40]), [0, 2, 3, 4]);
    assertEquals(selected(bits, [0, 2], [40, 40]), [1]);
  });

  it("counts NULL as one value", () => {
    const bits = new DistinctBits({ min: 0, max: 1 }, 100);
    assertEquals(selected(bits, [0, 0, 0], [null, 0, null]), [0, 1]);
  });

  it("refuses values outside of its bounds and changes nothing", () => {
    const bits = new DistinctBits({ min: 0, max: 9 }, 100);
    const rows = new Int32Array(2);
    for (const outside of [10, -1, 0.5, NaN]) {
      const vector = { kind: "f64", values: Float64Array.of(5, outside), nulls: null } as const;
      bits.reserve(1);
      assertEquals(bits.select(null, vector, 2, rows), -1);
    }
    assertEquals(selected(bits, [0], [5]), [0]);
  });

  it("refuses more groups than rows pay for", () => {
    const bits = new DistinctBits({ min: 0, max: 2 ** 20 }, 1000);
    assert(bits.reserve(3));
    assert(!bits.reserve(30));
  });

  it("gives back what it holds", () => {
    const seed = Number(process.env["LIVEVIEW_SEED"] ?? 5);
    const random = new SeededRandom(seed);
    const bits = new DistinctBits({ min: 10, max: 500 }, 1000);
    const expected = new Set<string>();
    const ids = Array.from({ length: 3000 }, () => random.integer(0, 20));
    const values = ids.map(() => random.next() < 0.05 ? null : random.integer(10, 500));
    ids.forEach((id, i) => expected.add(`${id} ${values[i]}`));
    assertEquals(selected(bits, ids, values).length, expected.size, `seed ${seed}`);
    const found = new Set<string>();
    bits.forEachBatch(64, (groups, vector, size) => {
      for (let i = 0; i < size; i++) {
        found.add(`${groups[i]} ${vector.nulls?.[i] === 1 ? null : vector.values[i]}`);
      }
    });
    assertEquals([...found].sort(), [...expected].sort(), `seed ${seed}`);
  });
});
