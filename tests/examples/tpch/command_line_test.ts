/**
 * The command line of the TPC-H runner.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readSettings } from "../../../examples/tpch/command_line.ts";
import { QueryError } from "../../../src/base/error.ts";

const NOW_MS = Date.UTC(2024, 4, 2, 15);

describe("readSettings()", () => {
  it("runs all queries at scale factor 1 by default", () => {
    const settings = readSettings([], NOW_MS);
    assertEquals(settings?.data, { scaleFactor: 1 });
    assertEquals([settings?.queries.length, settings?.runs, settings?.rowsShown], [22, 3, 5]);
  });

  it("takes queries by name and by number", () => {
    for (const option of ["--query", "--queries"]) {
      const settings = readSettings([option, "q05,7, Q22"], NOW_MS);
      assertEquals(settings?.queries.map(({ name }) => name), ["q05", "q07", "q22"]);
    }
  });

  it("shifts dates to today", () => {
    assertEquals(readSettings(["--shift-dates"], NOW_MS)?.data.shiftDatesTo, 19_845);
  });

  it("asks for nothing to run when help is wanted", () => {
    assertEquals(readSettings(["-h"], NOW_MS), undefined);
  });

  const bad: readonly (readonly [args: readonly string[], message: string])[] = [
    [["--sf"], "--sf"],
    [["--sf", "big"], 'received "big" (choose one from 0.01 to 300)'],
    [["--sf", ""], 'received ""'],
    [["--sf=0"], "0.01 to 300"],
    [["--sf=-1"], "0.01 to 300"],
    [["--querys", "1"], "did you mean --query"],
    [["--bogus"], "--help lists the options"],
    [["extra"], "--help lists the options"],
    [["--query", "q23"], "choose from q01 to q22"],
    [["--tables", "order"], "tables are region"],
    [["--runs", "0"], "give 1 or more"],
    [["--rows", "x"], "give 0 or more"],
    [["--text-pool", "small"], "--text-pool official"],
    [["--json", "/no/such/folder/x.json"], "a folder that exists"],
  ];
  for (const [args, message] of bad) {
    it(`refuses ${args.join(" ")}`, () => {
      const error = assertThrows(() => readSettings(args, NOW_MS), QueryError);
      assertEquals(error.code, "invalid-parameter");
      assertStringIncludes(error.message, message);
    });
  }
});
