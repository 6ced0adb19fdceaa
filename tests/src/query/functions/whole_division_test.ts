/**
 * Quotients in doubles against quotients in bigints.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import { divideNumeric, numericFromWhole } from "../../../../src/query/functions/numeric_value.ts";
import { divideWhole } from "../../../../src/query/functions/whole_division.ts";

function check(dividend: number, scale: number, divisor: number): boolean {
  const quotient = divideWhole(dividend, scale, divisor);
  if (quotient === undefined) return false;
  const expected = divideNumeric(numericFromWhole(dividend, scale), numericFromWhole(divisor));
  assertEquals(quotient, expected, `${dividend} / 10^${scale} by ${divisor}`);
  return true;
}

describe("divideWhole()", () => {
  it("gives what bigints give", () => {
    const random = new SeededRandom(7);
    let known = 0;
    for (let i = 0; i < 20_000; i++) {
      const dividend = random.integer(-(2 ** random.integer(1, 50)), 2 ** random.integer(1, 50));
      const divisor = random.integer(1, 2 ** random.integer(1, 26));
      if (check(dividend, random.pick([0, 0, 1, 2, 2, 4, 6, 10, 20]), divisor)) known++;
    }
    assert(known > 15_000, `${known}`);
  });

  it("rounds halves away from zero, and carries", () => {
    for (const dividend of [0, -0, 1, -1, 5, 99_999, 99_999_999, 999_999_999_999_999]) {
      for (const divisor of [1, 2, 3, 4, 7, 8, 16, 32, 64, 9_999, 10_000, 10_001, 2 ** 20, 2 ** 26 - 1]) {
        for (const scale of [0, 1, 2, 3, 4, 5, 8]) {
          check(dividend, scale, divisor);
          check(-dividend, scale, divisor);
        }
      }
    }
    for (let exponent = 0; exponent < 15; exponent++) {
      for (const near of [-1, 0, 1]) check(10 ** exponent + near, 2, 10 ** Math.min(7, exponent));
    }
  });

  it("leaves numbers to bigints that doubles do not hold", () => {
    assertEquals(divideWhole(2 ** 51, 0, 3), undefined);
    assertEquals(divideWhole(3, 0, 2 ** 27), undefined);
    assertEquals(divideWhole(NaN, 0, 3), undefined);
  });
});
