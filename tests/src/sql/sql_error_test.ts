import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "node:test";
import { LimitError, QueryError } from "../../../src/base/error.ts";
import { expectedAt, parseStatements } from "../../../src/sql/parse.ts";
import { describeError, nearest, placeOf, withSource } from "../../../src/sql/sql_error.ts";

function failure(sql: string): QueryError {
  try {
    parseStatements(sql);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new TypeError(`No error in ${sql}`);
}

describe("syntax errors", () => {
  it("say what was found, where, and what was meant", () => {
    const error = failure("SELECT a FORM t");
    assertEquals(
      error.message,
      'Unexpected "t" at line 1, column 15\nSELECT a FORM t\n              ^ (did you mean FROM instead of "FORM"?)',
    );
    assertEquals([error.code, error.place], ["syntax-error", { from: 14, to: 15, line: 1, column: 15 }]);
  });
  it("point into the line of several", () => {
    assertEquals(
      failure("SELECT *\nFROM t\n\tWHER a = 1").message,
      'Unexpected "a" at line 3, column 7\n\tWHER a = 1\n\t     ^ (did you mean WHERE instead of "WHER"?)',
    );
  });
  it("hint at a comma too many", () => {
    assertEquals(
      failure("SELECT a, FROM t").message,
      'Unexpected "FROM", expected an expression at line 1, column 11\nSELECT a, FROM t\n          ^^^^ (remove the comma before it?)',
    );
  });
  it("hint at the nearest keyword", () => {
    assertEquals(failure("CREATE TABEL t (a int)").hint, "did you mean TABLE?");
    assertEquals(failure("SELEC 1").hint, "did you mean SELECT?");
  });
  it("hint at what is expected when that is little", () => {
    assertEquals(failure("SELECT a FROM t GROUP a").hint, "expected BY");
  });
  it("name the end of the text", () => {
    assertEquals(
      failure("SELECT (1").message,
      'Unexpected end of input, expected ")" at line 1, column 10\nSELECT (1\n         ^',
    );
  });
  it("point where a phrase broke off", () => {
    assertEquals(failure("DROP MATERIALIZED TABLE t").place?.from, 18);
  });
  it("list what was expected as data", () => {
    const { expected } = failure("SELECT a FROM t WHERE a = 1 b").details;
    assertEquals((expected as string[]).includes("GROUP"), true);
  });
  it("cut long lines around the place", () => {
    const [, line = "", caret = ""] = failure(`SELECT ${"a, ".repeat(1_000)} FROM t`).message.split("\n");
    assertEquals(line.length <= 120, true);
    assertEquals(line.slice(caret.indexOf("^"), caret.lastIndexOf("^") + 1), "FROM");
  });
});

describe("placeOf()", () => {
  it("counts lines and columns from 1", () => {
    assertEquals(placeOf("ab\ncd", { from: 4, to: 5 }), { from: 4, to: 5, line: 2, column: 2 });
  });
});

describe("withSource()", () => {
  const sql = "SELECT nam\nFROM users";
  const raised = new QueryError("unknown-column", 'Unknown column: received "nam"', {
    details: { span: { from: 7, to: 10 }, column: "nam" },
    hint: "did you mean name?",
  });
  it("gives an error with a span its place and caret", () => {
    const error = withSource(raised, sql);
    assertEquals(
      error.message,
      'Unknown column: received "nam" at line 1, column 8\nSELECT nam\n       ^^^ (did you mean name?)',
    );
    assertEquals([error.code, error.place?.column, error.details["column"]], ["unknown-column", 8, "nam"]);
  });
  it("leaves errors alone that have a place or no span", () => {
    const placed = withSource(raised, sql);
    assertEquals(withSource(placed, sql), placed);
    const bare = new QueryError("unknown-table", "x");
    assertEquals(withSource(bare, sql), bare);
  });
});

describe("describeError()", () => {
  it("is what a linter takes", () => {
    assertEquals(describeError("SELECT a, FROM t", failure("SELECT a, FROM t")), {
      from: 10,
      to: 14,
      severity: "error",
      message: 'Unexpected "FROM", expected an expression (remove the comma before it?)',
      code: "syntax-error",
    });
  });
  it("takes limits too", () => {
    try {
      parseStatements("SELECT 1", { tokenCountMax: 1 });
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      assertEquals(describeError("SELECT 1", error).from, 7);
      assertStringIncludes(describeError("SELECT 1", error).message, "more than 1 tokens");
    }
  });
});

describe("nearest()", () => {
  it("allows two edits, counting a swap as one", () => {
    assertEquals(nearest("FORM", ["SELECT", "FROM"]), "FROM");
    assertEquals(nearest("GRUOPP", ["GROUP"]), "GROUP");
    assertEquals(nearest("X", ["AS", "BY"]), undefined);
  });
});

describe("expectedAt()", () => {
  const has = (sql: string, ...expected: readonly string[]) => {
    const found = expectedAt(sql, sql.length);
    assertEquals(expected.filter((what) => !found.includes(what)), [], found.join(" "));
  };
  it("lists statements at the start", () => has("", "SELECT", "INSERT", "CREATE", "WITH"));
  it("lists statements after a semicolon", () => has("SELECT 1; ", "SELECT", "DROP"));
  it("knows where a table stands", () => has("SELECT a FROM ", "table", "LATERAL"));
  it("knows where a column stands", () => {
    for (const sql of ["SELECT ", "SELECT a FROM t WHERE ", "SELECT a + ", "SELECT f("]) {
      has(sql, "column", "function");
    }
  });
  it("knows where a type stands", () => has("SELECT a::", "type"));
  it("lists the clauses after a table", () =>
    has("SELECT a FROM t ", "WHERE", "JOIN", "GROUP", "ORDER", "alias"));
  it("ignores the half-typed word", () => {
    assertEquals(expectedAt("SELECT a FROM t ORD", 19), expectedAt("SELECT a FROM t ", 16));
  });
  it("lists no statement where none can begin", () => {
    assertEquals(expectedAt("SELECT a FROM t ", 16).includes("DROP"), false);
  });
  it("has nothing to say inside of a string", () => assertEquals(expectedAt("SELECT 'a", 9), []));
});
