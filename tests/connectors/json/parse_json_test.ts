/** Whole numbers beyond 2^53, in runtimes that tell revivers the text and in those that do not. */
import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { parseJsonText, parseMarked } from "../../../connectors/json/parse_json.ts";

const CASES: readonly (readonly [text: string, value: unknown])[] = [
  [
    '{"a": 9007199254740993, "b": [-9223372036854775808, 1234567890123456]}',
    { a: 9007199254740993n, b: [-9223372036854775808n, 1234567890123456] },
  ],
  ['["9007199254740993", "\\"9007199254740993"]', ["9007199254740993", '"9007199254740993']],
  ["[1.2345678901234567, 12345678901234567e3, 1e2, 1.5]", [
    1.2345678901234567,
    12345678901234567e3,
    100,
    1.5,
  ]],
  ['["\\u0001x", "\\u0002", 99999999999999999]', ["\u0001x", "\u0002", 99999999999999999n]],
  ['{"12345678901234567": 1}', { "12345678901234567": 1 }],
];

for (const [name, parse] of [["parseMarked()", parseMarked], ["parseJsonText()", parseText]] as const) {
  describe(name, () => {
    for (const [text, value] of CASES) it(`reads ${text}`, () => assertEquals(parse(text), value));

    it("refuses what is no JSON", () => {
      for (const text of ["[12345678901234567", "[012345678901234567]", '{"a":12345678901234567,}']) {
        assertThrows(() => parse(text));
      }
    });
  });
}

function parseText(text: string): unknown {
  return parseJsonText(text, { file: "x" });
}
