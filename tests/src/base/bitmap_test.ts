/**
 * Bitmaps.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import * as bitmap from "../../../src/base/bitmap.ts";

describe("bitmap", () => {
  it("setBit() and clearBit() change one bit", () => {
    const words = new Uint32Array(bitmap.bitmapWords(70));
    bitmap.setBit(words, 31);
    bitmap.setBit(words, 69);
    bitmap.clearBit(words, 69);
    assertEquals([bitmap.getBit(words, 31), bitmap.getBit(words, 69), bitmap.getBit(words, 30)], [
      true,
      false,
      false,
    ]);
  });

  it("countBits() ignores bits beyond the count", () => {
    const words = new Uint32Array([0xffffffff, 0b1011]);
    assertEquals([bitmap.countBits(words, 0), bitmap.countBits(words, 32), bitmap.countBits(words, 34)], [
      0,
      32,
      34,
    ]);
    assertEquals(bitmap.countBits(words, 40), 35);
  });

  it("fillBits() sets exactly the range", () => {
    const words = new Uint32Array(4);
    bitmap.fillBits(words, 5, 101, true);
    assertEquals(bitmap.countBits(words, 128), 96);
    assertEquals([bitmap.getBit(words, 4), bitmap.getBit(words, 5), bitmap.getBit(words, 101)], [
      false,
      true,
      false,
    ]);
    bitmap.fillBits(words, 5, 101, false);
    assertEquals(bitmap.countBits(words, 128), 0);
  });

  it("expandBits() gives back what writeBits() took", () => {
    const bytes = Uint8Array.from({ length: 50 }, (_, i) => i % 3 === 0 ? 1 : 0);
    const words = new Uint32Array(4).fill(0xffffffff);
    assertEquals(bitmap.writeBits(words, 37, bytes, 0, 50), 17);
    const out = new Uint8Array(50);
    assertEquals(bitmap.expandBits(words, 37, 50, out), 17);
    assertEquals(out, bytes);
  });
});
