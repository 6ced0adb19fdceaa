/**
 * Order, equality and hash of datums.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import * as order from "../../../src/storage/datum_order.ts";
import type { Datum, Numeric } from "../../../src/storage/sql_type.ts";

const numeric = (coefficient: bigint, scale: number): Numeric => ({ coefficient, scale });

describe("compareDatums()", () => {
  it("puts NaN above all numbers and NULL above all", () => {
    assertEquals([3, null, NaN, -1, Infinity].sort(order.compareDatums), [-1, 3, Infinity, NaN, null]);
  });

  it("compares numbers with bigints exactly", () => {
    assert(order.compareDatums(2 ** 53, 2n ** 53n + 1n) < 0);
    assertEquals(order.compareDatums(5, 5n), 0);
  });

  it("compares NUMERIC by value and special values by rank", () => {
    const nan: Numeric = { coefficient: 0n, scale: 0, special: "NaN" };
    const infinity: Numeric = { coefficient: 0n, scale: 0, special: "Infinity" };
    assertEquals(order.compareDatums(numeric(10n, 1), numeric(100n, 2)), 0);
    assert(order.compareDatums(numeric(11n, 1), numeric(1n, 0)) > 0);
    assert(order.compareDatums(nan, infinity) > 0);
    assert(order.compareDatums(infinity, numeric(9n, 0)) > 0);
    assertEquals(order.compareDatums(nan, { ...nan }), 0);
  });

  it("compares intervals with months of 30 days", () => {
    const month = { months: 1, days: 0, micros: 0 };
    assertEquals(order.compareDatums(month, { months: 0, days: 30, micros: 0 }), 0);
    assert(order.compareDatums(month, { months: 0, days: 30, micros: 1 }) < 0);
  });

  it("compares arrays element by element, then by length", () => {
    assert(order.compareDatums([1, 2], [1, 3]) < 0);
    assert(order.compareDatums([1, 2], [1]) > 0);
    assertEquals(order.compareDatums([1, null], [1, null]), 0);
  });

  it("compares text by code point", () => {
    assert(order.compareDatums("\uffff", "\u{10000}") < 0);
  });
});

describe("hashDatum()", () => {
  it("is equal for equal datums", () => {
    const pairs: [Datum, Datum][] = [
      [0, -0],
      [NaN, NaN],
      [7, 7n],
      [true, true],
      [numeric(10n, 1), numeric(1000n, 3)],
      [{ months: 0, days: 1, micros: 0 }, { months: 0, days: 0, micros: 86_400_000_000 }],
      [[1, "a", null], [1n, "a", null]],
      [2n ** 70n, 2n ** 70n],
    ];
    for (const [a, b] of pairs) {
      assert(order.equalDatums(a, b));
      assertEquals(order.hashDatum(a), order.hashDatum(b));
    }
  });
});

describe("identicalDatums()", () => {
  it("tells apart what prints differently", () => {
    assert(!order.identicalDatums(numeric(10n, 1), numeric(1n, 0)));
    assert(!order.identicalDatums(0, -0));
    assert(!order.identicalDatums([1], [1, 2]));
    assert(!order.identicalDatums(numeric(1n, 0), [1]));
    assert(order.identicalDatums({ months: 1, days: 2, micros: 3 }, { months: 1, days: 2, micros: 3 }));
    assert(order.identicalDatums(NaN, NaN));
  });
});

describe("narrowBigint()", () => {
  it("gives a number while that is exact", () => {
    assertEquals(order.narrowBigint(-9007199254740991n), -9007199254740991);
    assertEquals(order.narrowBigint(2n ** 53n), 2n ** 53n);
  });
});
