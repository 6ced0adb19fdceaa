/**
 * The canonical form of results under the checksums, and the texts of the queries.
 *
 * @module
 */

import { describe, it } from "node:test";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { canonicalRows, checksumOfRows, expectedChecksum } from "../../../examples/tpch/answers.ts";
import { TPCH_QUERIES } from "../../../examples/tpch/queries.ts";
import { QueryError } from "../../../src/base/error.ts";

describe("canonicalRows", () => {
  it("rounds decimals half away from zero, whatever their type", () => {
    const money = (value: string | number | bigint | null): string => canonicalRows("q06", [[value]])[0]!;
    assertEquals(money("1.005"), "1.01");
    assertEquals(money("-1.005"), "-1.01");
    assertEquals(money(1.0049), "1.00");
    assertEquals(money(62668.724999999999), "62668.73");
    assertEquals(money("62668.7250"), "62668.73");
    assertEquals(money(12n), "12.00");
    assertEquals(money("-0.001"), "0.00");
    assertEquals(money(1e-9), "0.00");
    assertEquals(money(".5"), "0.50");
    assertEquals(money(null), "NULL");
  });

  it("writes dates in ISO form and text without padding", () => {
    const row = (date: Date | string | number): string =>
      canonicalRows("q18", [["Customer#000000001   ", 1n, "2", date, 3.5, 4]])[0]!;
    const expected = "Customer#000000001|1|2|1995-10-21|3.50|4.00";
    assertEquals(row("1995-10-21"), expected);
    assertEquals(row("1995-10-21T00:00:00.000Z"), expected);
    assertEquals(row(new Date(Date.UTC(1995, 9, 21))), expected);
    assertEquals(row(9424), expected);
  });

  it("keeps the order of rows where ORDER BY is total, and only there", () => {
    assertNotEquals(checksumOfRows("q04", [["a", 1], ["b", 2]]), checksumOfRows("q04", [["b", 2], ["a", 1]]));
    assertEquals(checksumOfRows("q05", [["a", 1], ["b", 2]]), checksumOfRows("q05", [["b", 2], ["a", 1]]));
  });

  it("refuses unknown queries and rows of the wrong width", () => {
    assertThrows(() => canonicalRows("q23", []), QueryError, "There is no query q23");
    assertThrows(() => canonicalRows("q06", [[1, 2]]), QueryError, "A row of q06 has 2 columns");
  });
});

describe("checksumOfRows", () => {
  it("agrees with the known answers that are short enough to be written here", () => {
    const expected = (name: string): string => expectedChecksum(name, 0.01)!;
    assertEquals(checksumOfRows("q06", [["1193053.2253"]]), expected("q06"));
    assertEquals(checksumOfRows("q17", [[null]]), expected("q17"));
    assertEquals(checksumOfRows("q14", [[15.48654581228407]]), expected("q14"));
    assertEquals(checksumOfRows("q12", [["MAIL      ", 64, 86], ["SHIP", 61n, "96"]]), expected("q12"));
  });
});

describe("TPCH_QUERIES", () => {
  it("has 22 queries, each with its answers at three scale factors", () => {
    assertEquals(TPCH_QUERIES.length, 22);
    TPCH_QUERIES.forEach(({ name, sql }, i) => {
      assertEquals(name, `q${String(i + 1).padStart(2, "0")}`);
      assert(/^(select|with) /.test(sql) && !sql.includes(";"));
      for (const scaleFactor of [0.01, 0.1, 1]) assert(expectedChecksum(name, scaleFactor) !== undefined);
    });
    assertEquals(expectedChecksum("q01", 10), undefined);
  });
});
