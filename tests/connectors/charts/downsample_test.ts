import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { lttb, m4 } from "../../../connectors/charts/downsample.ts";
import { randomFrom } from "./random_number.ts";

describe("m4()", () => {
  it("keeps first, least, greatest and last of each pixel column, each once", () => {
    const xs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    const ys = [5, 1, 9, 3, 4, 7, 7, 7, 7, 7];
    assertEquals(m4(xs, ys, 2), [0, 1, 2, 4, 5, 9]);
  });

  it("keeps what a plain search finds in every column", () => {
    const random = randomFrom("m4");
    const xs = Array.from({ length: 2000 }, () => random() * 1000).sort((a, b) => a - b);
    const ys = xs.map(() => random());
    const kept = new Set(m4(xs, ys, 37, [0, 1000]));
    assert(kept.size <= 4 * 37);
    for (let column = 0; column < 37; column++) {
      const inside = xs.flatMap((x, i) => Math.floor(x * 37 / 1000) === column ? [i] : []);
      if (inside.length === 0) continue;
      const values = inside.map((i) => ys[i]!);
      const shown = inside.filter((i) => kept.has(i)).map((i) => ys[i]!);
      assert(kept.has(inside[0]!) && kept.has(inside.at(-1)!));
      assertEquals([Math.min(...shown), Math.max(...shown)], [Math.min(...values), Math.max(...values)]);
    }
  });

  it("leaves missing values out and takes one x for all points", () => {
    assertEquals(m4([0, 1, 2, 3], [NaN, 1, NaN, 2], 10), [1, 3]);
    assertEquals(m4([5, 5, 5], [2, 1, 3], 10), [0, 1, 2]);
    assertEquals(m4([], [], 10), []);
  });

  it("refuses a count of columns that is none", () => {
    assertThrows(() => m4([1], [1], 0), Error, "columnCount is 0");
  });
});

describe("lttb()", () => {
  it("keeps the ends and the given number of points", () => {
    const random = randomFrom("lttb");
    const xs = Array.from({ length: 1000 }, (_, i) => i);
    const ys = xs.map(() => random());
    const kept = lttb(xs, ys, 50);
    assertEquals([kept.length, kept[0], kept.at(-1)], [50, 0, 999]);
    assertEquals(kept, [...kept].sort((a, b) => a - b));
  });

  it("keeps a peak", () => {
    const xs = Array.from({ length: 100 }, (_, i) => i);
    assert(lttb(xs, xs.map((x) => x === 42 ? 100 : 0), 10).includes(42));
  });

  it("keeps all points when there are no more than wanted", () => {
    assertEquals(lttb([1, 2, 3], [1, NaN, 3], 2), [0, 2]);
    assertEquals(lttb([1, 2, 3], [1, 2, 3], 3), [0, 1, 2]);
    assertEquals(lttb([1, 2, 3], [1, 2, 3], 2), [0, 2]);
  });
});
