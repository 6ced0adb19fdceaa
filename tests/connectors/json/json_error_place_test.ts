import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { jsonErrorOffset, jsonErrorPlace } from "../../../connectors/json/json_error_place.ts";

describe("jsonErrorOffset()", () => {
  const cases: readonly (readonly [text: string, offset: number])[] = [
    ['[{"a":1},\n{"a":}]', 15],
    ["", 0],
    ["[1, 2", 5],
    ["[1,]", 3],
    ["{,}", 1],
    ["{1:2}", 1],
    ['{"a" 1}', 5],
    ['{"a":1 "b":2}', 7],
    ["[1}", 2],
    ["[1] 2", 4],
    ["nul", 0],
    ['["a\nb"]', 1],
    ['["\\x"]', 1],
    ["[01]", 2],
    ['[{"a":[true,false,null,-1.5e3,"\\u00e9"]}', 40],
  ];
  for (const [text, offset] of cases) {
    it(`finds the place in ${JSON.stringify(text)}`, () => assertEquals(jsonErrorOffset(text), offset));
  }
});

describe("jsonErrorPlace()", () => {
  it("counts lines and characters from 1", () => {
    assertEquals(jsonErrorPlace('[{"a":1},\n{"a":}]'), { line: 2, character: 6 });
    assertEquals(jsonErrorPlace(""), { line: 1, character: 1 });
  });
});
