import { describe, it } from "node:test";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { compareDatums, datumKey } from "../../../../src/query/functions/compare.ts";
import { literal, typeOf } from "./call_function.ts";

/** Values of one type in ascending order; those of an inner list are equal. */
const ORDERED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  boolean: [["false"], ["true"], ["NULL"]],
  bigint: [["-9223372036854775808"], ["-1"], ["0"], ["9007199254740992"], ["9007199254740993"], ["NULL"]],
  "decimal(30,2)": [["-0.01"], ["0", "-0.00"], ["1.5", "1.50"], ["90071992547409.93"], ["NULL"]],
  numeric: [["-Infinity"], ["-1"], ["0", "0.000"], ["1.5", "1.50"], ["Infinity"], ["NaN"], ["NULL"]],
  float8: [["-Infinity"], ["-1.5"], ["0", "-0"], ["0.1"], ["Infinity"], ["NaN"], ["NULL"]],
  text: [[""], ["B"], ["a"], ["ab"], ["z"], ["ä"], ["\uffee"], ["😀"], ["NULL"]],
  interval: [["-1 day"], ["0"], ["23:59:59"], ["1 day", "24:00:00"], ["30 days", "1 mon"], ["1 year"], [
    "NULL",
  ]],
  jsonb: [["[]"], ["null"], ['"a"'], ["1", "1.0"], ["false"], ["true"], ["[1]"], ['{"a": 1}'], ["NULL"]],
  "integer[]": [["{}"], ["{1}"], ["{1,2}"], ["{1,NULL}"], ["{2}"], ["NULL"]],
};

describe("compareDatums()", () => {
  for (const [name, groups] of Object.entries(ORDERED)) {
    it(`is a total order of ${name}, and datumKey() agrees with it`, () => {
      const type = typeOf(name);
      const values = groups.map((group) => group.map((text) => literal(`${text}::${name}`).value));
      values.forEach((left, i) => {
        values.forEach((right, j) => {
          for (const a of left) {
            for (const b of right) {
              assertEquals(Math.sign(compareDatums(a, b, type)), Math.sign(i - j), `${a} and ${b}`);
              if (i === j) assert(sameKey(datumKey(a, type), datumKey(b, type)));
              else assertNotEquals(datumKey(a, type), datumKey(b, type));
            }
          }
        });
      });
    });
  }
});

/** As a Map compares keys. */
function sameKey(a: string | number | bigint, b: string | number | bigint): boolean {
  return new Map([[a, true]]).has(b);
}
