/**
 * Zone maps.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { ColumnZone, emptyBounds } from "../../../src/storage/zone_map.ts";

describe("ColumnZone", () => {
  it("has no bounds without values", () => {
    const zone = new ColumnZone();
    assertEquals([zone.min, zone.max], [undefined, undefined]);
  });

  it("add() widens and never narrows", () => {
    const zone = new ColumnZone();
    for (const value of [3, 9, 5]) zone.add(value);
    assertEquals([zone.min, zone.max], [3, 9]);
  });

  it("reports NaN as the upper bound, so that no comparison prunes", () => {
    const zone = new ColumnZone();
    zone.add(1);
    zone.add(NaN);
    assertEquals([zone.min, zone.max], [1, NaN]);
    assertEquals((zone.max ?? 0) < 5, false);
  });

  it("addNulls() ends monotony", () => {
    const zone = new ColumnZone();
    zone.addNulls(2);
    assertEquals([zone.nullCount, zone.monotone], [2, false]);
  });

  it("copy() is independent", () => {
    const zone = new ColumnZone();
    zone.addBounds({ ...emptyBounds(), low: 1, high: 2 });
    const copy = zone.copy();
    copy.add(7);
    assertEquals([zone.max, copy.max], [2, 7]);
  });
});
