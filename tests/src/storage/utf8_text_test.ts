/**
 * Short strings to and from UTF-8.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { countCharacters, decodeText, encodeText, isAscii } from "../../../src/storage/utf8_text.ts";

const SAMPLES = [
  "",
  "a",
  "exactly8",
  "nine char",
  "é",
  "tail é",
  "𝒳yz",
  "x".repeat(200),
  `${"x".repeat(120)}ß`,
];

describe("utf8_text", () => {
  it("decodeText() gives back what encodeText() wrote", () => {
    for (const text of SAMPLES) {
      const bytes = new Uint8Array(text.length * 3 + 2);
      const end = encodeText(text, bytes, 1);
      assertEquals(decodeText(bytes, 1, end, isAscii(bytes, 1, end)), text);
    }
  });

  it("countCharacters() counts a surrogate pair once and a lone surrogate too", () => {
    assertEquals(["abc", "𝒳yz", "\ud835", "\ud835\ud835\udcb3"].map(countCharacters), [3, 3, 1, 2]);
  });
});
