import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Dictionary } from "../../../src/storage/dictionary.ts";
import { ProbeKeys } from "../../../src/storage/probe_keys.ts";
import type { Vector } from "../../../src/storage/vector.ts";

function loaded(vectors: readonly Vector[], size: number): ProbeKeys {
  const keys = new ProbeKeys();
  keys.load(vectors, size);
  return keys;
}

describe("ProbeKeys", () => {
  it("hashes equal values alike, whatever vector holds them", () => {
    const dictionary = new Dictionary();
    const codes = Int32Array.from(["b", "a", "b"], (text) => dictionary.encode(text));
    const pairs: readonly (readonly [Vector, Vector])[] = [
      [{ kind: "code", values: codes, dictionary, nulls: null }, {
        kind: "str",
        values: ["b", "a", "b"],
        nulls: null,
      }],
      [
        { kind: "i32", values: Int32Array.of(1, -2, 0), nulls: null },
        { kind: "f64", values: Float64Array.of(1, -2, -0), nulls: null },
      ],
      [
        { kind: "f64", values: Float64Array.of(2 ** 40, 0, 5), nulls: null },
        { kind: "big", values: [2n ** 40n, 0n, 5n], nulls: null },
      ],
      [
        {
          kind: "object",
          values: [{ coefficient: 15n, scale: 1 }, null, { coefficient: 2n, scale: 0 }],
          nulls: Uint8Array.of(0, 1, 0),
        },
        {
          kind: "object",
          values: [{ coefficient: 150n, scale: 2 }, null, { coefficient: 20n, scale: 1 }],
          nulls: Uint8Array.of(0, 1, 0),
        },
      ],
    ];
    for (const [a, b] of pairs) {
      const left = loaded([a], 3);
      const right = loaded([b], 3);
      assertEquals([...left.hashes.subarray(0, 3)], [...right.hashes.subarray(0, 3)], a.kind);
      for (let i = 0; i < 3; i++) assert(left.equals(i, right, i), `${a.kind} ${i}`);
      assert(!left.equals(0, right, 1), a.kind);
    }
  });

  it("gives numbers, and NaN for what is none", () => {
    const keys = loaded([
      { kind: "big", values: [5n, 2n ** 60n], nulls: null },
      { kind: "str", values: ["5", ""], nulls: null },
      { kind: "bool", values: Uint8Array.of(1, 0), nulls: null },
    ], 2);
    assertEquals([keys.number(0, 0), keys.number(0, 1), keys.number(1, 0), keys.number(2, 0)], [
      5,
      NaN,
      NaN,
      1,
    ]);
  });

  it("marks keys with a NULL in any part", () => {
    const keys = loaded([
      { kind: "i32", values: Int32Array.of(1, 2, 3), nulls: null },
      {
        kind: "code",
        values: Int32Array.of(0, 0, 0),
        dictionary: new Dictionary(),
        nulls: Uint8Array.of(1, 1, 1),
      },
    ], 3);
    assertEquals([...keys.nulls!.subarray(0, 3)], [1, 1, 1]);
    keys.load([{ kind: "i32", values: Int32Array.of(1), nulls: null }], 1);
    assertEquals(keys.nulls, null);
  });
});
