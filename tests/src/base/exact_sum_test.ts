import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { ExactProductSum, ExactSum, ExactSums, nearestDouble, unitsOf } from "../../../src/base/exact_sum.ts";
import { SeededRandom } from "../../../src/base/random.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 20240229);
const RUNS = Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

/** The exactly rounded sum, by bigints alone. */
function reference(values: readonly number[]): number {
  return nearestDouble(values.reduce((sum, value) => sum + unitsOf(value), 0n), 1n, -1074);
}

function sumOf(values: readonly number[]): number {
  const sum = new ExactSum();
  for (const value of values) sum.add(value);
  return sum.value();
}

/** A double of any sign whose exponent spans `range` decimal digits. */
function randomDouble(random: SeededRandom, range: number): number {
  return (random.next() - 0.5) * 10 ** (random.next() * range - range / 2);
}

describe("ExactSum", () => {
  it("value() is rounded once when terms cancel", () => {
    assertEquals(sumOf([1e16, 1, -1e16]), 1);
    assertEquals(sumOf([0.1, 0.2, 0.3, -0.1, -0.2, -0.3]), 0);
    assertEquals(sumOf([1e308, 1e308, -1e308, -1e308, 5e-324]), 5e-324);
  });

  it("value() breaks ties by what lies below", () => {
    assertEquals(sumOf([1, 2 ** -53]), 1);
    assertEquals(sumOf([1, 2 ** -53, 2 ** -200]), 1 + 2 ** -52);
    assertEquals(sumOf([1, 2 ** -53, -(2 ** -200)]), 1);
  });

  it("quotient() is rounded once", () => {
    const random = new SeededRandom(SEED);
    for (let run = 0; run < 4000 * RUNS; run++) {
      const range = random.pick([0, 0, 1, 3, 30, 600]);
      const scale = random.pick([1, 1, 2 ** -1040, 2 ** 990]);
      const values = Array.from({ length: random.integer(1, 9) }, () => {
        const value = random.pick([
          randomDouble(random, range),
          random.integer(-9, 9),
          random.integer(-999, 999) / 100,
        ]);
        return value * scale;
      });
      const divisor = random.pick([
        values.length,
        random.integer(1, 100),
        2 ** random.integer(0, 50),
        10 ** 15 + 7,
      ]);
      const sum = new ExactSum();
      for (const value of values) sum.add(value);
      const finite = nearestDouble(sum.units(), BigInt(divisor), -1074);
      const expected = sum.hasSpecial() ? sum.value() : finite;
      assert(Object.is(sum.quotient(divisor), expected), `${values} / ${divisor}, seed ${SEED}`);
    }
  });

  it("quotient() breaks ties by what lies below, also next to powers of 2", () => {
    const tiny = 2 ** -53;
    for (const first of [3, 4, 6, 8, 3 + 2 ** -51, 4 - 2 ** -51, 4 + 2 ** -50, 7 * (1 + 2 ** -52)]) {
      for (const second of [tiny, -tiny, tiny * 1.5, tiny * 3, -tiny * 3, 2 ** -54, -(2 ** -54), 2 ** -90]) {
        for (const divisor of [1, 2, 3, 4, 5, 7]) {
          const sum = new ExactSum();
          sum.add(first);
          sum.add(second);
          assertEquals(sum.quotient(divisor), nearestDouble(sum.units(), BigInt(divisor), -1074));
        }
      }
    }
  });

  it("quotient() of values that are not finite is their sum", () => {
    const sum = new ExactSum();
    sum.add(Infinity);
    assertEquals(sum.quotient(2), Infinity);
    sum.add(-Infinity);
    assertEquals(sum.quotient(2), NaN);
  });

  it("value() is never -0", () => {
    assert(Object.is(sumOf([-0]), 0));
    assert(Object.is(sumOf([1, -1]), 0));
  });

  it("value() is an infinity when the sum is beyond the range", () => {
    assertEquals(sumOf([1.7e308, 1.7e308]), Infinity);
    assertEquals(sumOf([1.7e308, 1.7e308, -1.7e308]), 1.7e308);
  });

  it("remove() takes back NaN and infinities", () => {
    const sum = new ExactSum();
    for (const value of [1.5, NaN, Infinity, -Infinity]) sum.add(value);
    assertEquals(sum.value(), NaN);
    sum.remove(NaN);
    assertEquals(sum.value(), NaN);
    sum.remove(-Infinity);
    assertEquals(sum.value(), Infinity);
    sum.remove(Infinity);
    assertEquals(sum.value(), 1.5);
  });

  it(`value() is the exactly rounded sum of random histories (seed ${SEED})`, () => {
    const random = new SeededRandom(SEED);
    for (let run = 0; run < 60 * RUNS; run++) {
      const range = [3, 12, 40, 200, 600][run % 5]!;
      const sum = new ExactSum();
      const live: number[] = [];
      for (let step = 0; step < 200; step++) {
        if (live.length > 0 && random.next() < 0.45) {
          const at = random.integer(0, live.length - 1);
          sum.remove(live[at]!);
          live[at] = live.at(-1)!;
          live.pop();
        } else {
          const value = randomDouble(random, range);
          live.push(value);
          sum.add(value);
        }
        if (step % 29 === 0) assertEquals(sum.value(), reference(live) + 0);
      }
    }
  });
});

describe("ExactSums", () => {
  it("addRows() keeps groups apart and merge() joins them", () => {
    const sums = new ExactSums(2);
    sums.addRows(Int32Array.of(0, 1, 0, 1), Float64Array.of(1e16, 2, 1, NaN), 4);
    sums.ensure(4);
    sums.add(3, -1e16);
    sums.merge(0, sums, 3);
    assertEquals([sums.value(0), sums.value(1), sums.value(2)], [1, NaN, 0]);
    sums.clear(1);
    assertEquals(sums.value(1), 0);
  });
});

describe("nearestDouble()", () => {
  it("divides with one rounding", () => {
    const random = new SeededRandom(SEED);
    for (let i = 0; i < 2000 * RUNS; i++) {
      const a = random.integer(-1e15, 1e15);
      const b = random.integer(1, 1e15);
      assertEquals(nearestDouble(BigInt(a), BigInt(b), 0), a / b + 0);
    }
  });

  it("rounds subnormal results once", () => {
    assertEquals(nearestDouble(3n, 2n, -1074), 1e-323);
    assertEquals(nearestDouble(1n, 2n, -1074), 0);
    assertEquals(nearestDouble(3n, 4n, -1074), 5e-324);
  });
});

describe("ExactProductSum", () => {
  it("units() is exact for moderate and extreme factors", () => {
    const random = new SeededRandom(SEED);
    const sum = new ExactProductSum();
    let expected = 0n;
    for (let i = 0; i < 300; i++) {
      const a = randomDouble(random, i % 3 === 0 ? 400 : 20);
      const b = randomDouble(random, 20);
      sum.add(a, b, 1);
      expected += unitsOf(a) * unitsOf(b);
    }
    assertEquals(sum.units(), expected);
  });
});
