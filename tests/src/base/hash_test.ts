/**
 * Hashes: equal keys hash alike, 32-bit integers never collide.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { combineHashes, hashAscii, hashNumber, hashText, mix32 } from "../../../src/base/hash.ts";

describe("hash", () => {
  it("hashNumber() takes -0 for 0 and every NaN for one", () => {
    assertEquals(hashNumber(-0), hashNumber(0));
    assertEquals(hashNumber(NaN), hashNumber(0 / 0));
    assertNotEquals(hashNumber(0.5), hashNumber(0.25));
  });

  it("mix32() is a bijection on a sample", () => {
    const seen = new Set<number>();
    for (let i = -50_000; i < 50_000; i++) seen.add(mix32(i));
    assertEquals(seen.size, 100_000);
  });

  it("hashNumber() spreads consecutive doubles over low bits", () => {
    const slots = new Set<number>();
    for (let i = 0; i < 1024; i++) slots.add(hashNumber(1.7e15 + i * 1e6) & 1023);
    assert(slots.size > 500, `${slots.size} of 1024 slots`);
  });

  it("hashAscii() equals hashText() of the text", () => {
    const bytes = new TextEncoder().encode("..clerk#42..");
    assertEquals(hashAscii(bytes, 2, 10), hashText("clerk#42"));
  });

  it("combineHashes() depends on the order", () => {
    assertNotEquals(combineHashes(1, 2), combineHashes(2, 1));
  });
});
