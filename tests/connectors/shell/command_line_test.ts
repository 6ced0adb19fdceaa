/**
 * The command line of the shell.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readSettings } from "../../../connectors/shell/command_line.ts";
import { QueryError } from "../../../src/base/error.ts";

describe("readSettings()", () => {
  it("asks for statements by default", () => {
    assertEquals(readSettings([]), { files: [], scripts: [], format: "table", quiet: false });
  });

  it("takes files, statements and a format", () => {
    const args = ["a.csv", "-c", "SELECT 1", "--command", "SELECT 2", "--format", "json", "-q", "b.parquet"];
    assertEquals(readSettings(args), {
      files: ["a.csv", "b.parquet"],
      scripts: ["SELECT 1", "SELECT 2"],
      format: "json",
      quiet: true,
    });
  });

  it("has nothing to run when help is wanted", () => {
    assertEquals(readSettings(["--help"]), undefined);
  });

  const bad: readonly (readonly [args: readonly string[], message: string])[] = [
    [["--bogus"], "--bogus' (--help lists the options)"],
    [["-c"], "--help lists the options"],
    [["--format", "xml"], "choose from table, csv, json, ndjson"],
    [["-f", "/no/such/file.sql"], 'Cannot read "/no/such/file.sql"'],
  ];
  for (const [args, message] of bad) {
    it(`refuses ${args.join(" ")}`, () => {
      const error = assertThrows(() => readSettings(args), QueryError);
      assertEquals(error.code, "invalid-parameter");
      assertStringIncludes(error.message, message);
    });
  }
});
