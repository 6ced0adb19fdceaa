import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { BUILTIN_FUNCTIONS } from "../../../../src/query/functions/library.ts";

describe("BUILTIN_FUNCTIONS", () => {
  it("has every name once per kind", () => {
    for (const functions of Object.values(BUILTIN_FUNCTIONS) as readonly (readonly { name: string }[])[]) {
      const names = functions.map((one) => one.name);
      assertEquals(names.filter((name, i) => names.indexOf(name) !== i), []);
    }
  });

  it("has optional parameters only at the end of a signature", () => {
    for (const { name, signatures } of BUILTIN_FUNCTIONS.scalars) {
      for (const { parameters, optional = 0 } of signatures) assert(optional <= parameters.length, name);
    }
  });

  it("marks what depends on the statement's time or on chance", () => {
    const volatility = (name: string): string | undefined =>
      BUILTIN_FUNCTIONS.scalars.find((one) => one.name === name)?.volatility;
    assertEquals(volatility("now"), "stable");
    assertEquals(volatility("random"), "volatile");
    assertEquals(volatility("gen_random_uuid"), "volatile");
    assertEquals(volatility("upper"), "immutable");
  });
});
