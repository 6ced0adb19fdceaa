import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { LimitError, QueryError } from "../../../src/base/error.ts";
import { lex } from "../../../src/sql/lex.ts";

function values(sql: string): string[] {
  return lex(sql, 1_000).filter(({ type }) => type !== "end").map(({ type, value }) => `${type} ${value}`);
}

describe("lex()", () => {
  it("folds words and keeps quoted names", () => {
    assertEquals(values('Abc "Abc" "a""b"'), ["word abc", "quoted Abc", 'quoted a"b']);
  });
  it("decodes strings of every form", () => {
    assertEquals(values("'a''b' E'\\n\\x41\\u0042' $$c$$ $t$d $$ d$t$ U&'\\0065'"), [
      "string a'b",
      "string \nAB",
      "string c",
      "string d $$ d",
      "string e",
    ]);
  });
  it("joins strings on separate lines only", () => {
    assertEquals(values("'a'\n'b'"), ["string ab"]);
    assertEquals(values("'a' 'b'"), ["string a", "string b"]);
  });
  it("reads numbers with radix, underscores and exponents", () => {
    assertEquals(values("1_000 .5 1. 2e-3 0xFF"), [
      "number 1_000",
      "number .5",
      "number 1.",
      "number 2e-3",
      "number 0xFF",
    ]);
  });
  it("ends an operator before a sign", () => {
    assertEquals(values("a=-1 b<=c @-d"), [
      "word a",
      "operator =",
      "operator -",
      "number 1",
      "word b",
      "operator <=",
      "word c",
      "operator @-",
      "word d",
    ]);
  });
  it("skips nested comments", () => {
    assertEquals(values("a /* x /* y */ z */ b -- c\nd"), ["word a", "word b", "word d"]);
  });
  it("gives offsets in UTF-16 units", () => {
    assertEquals(lex("'😀' a", 10).map(({ from, to }) => [from, to]), [[0, 4], [5, 6], [6, 6]]);
  });
  it("throws at what does not end", () => {
    for (const sql of ["'a", '"a', "E'a\\'", "$$a", "$x$a$y$", "/* a /* b */", "U&'a"]) {
      assertThrows(() => lex(sql, 10), QueryError, "Unterminated");
    }
  });
  it("throws at junk", () => {
    assertThrows(() => lex("1a", 10), QueryError, "Trailing junk after number at line 1, column 1");
    assertThrows(() => lex("{", 10), QueryError, 'Unexpected character "{"');
    assertThrows(() => lex('""', 10), QueryError, "Empty quoted identifier");
  });
  it("throws at the token limit", () => {
    assertThrows(() => lex("a b c", 2), LimitError, "more than 2 tokens at line 1, column 5");
  });
});
