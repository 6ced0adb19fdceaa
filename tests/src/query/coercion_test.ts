import { assertEquals } from "@std/assert";
import { describe, it } from "node:test";
import {
  commonType,
  commonTypeOf,
  isAssignable,
  isCastable,
  isImplicit,
} from "../../../src/query/coercion.ts";
import {
  arrayType,
  BIGINT,
  BOOLEAN,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  JSON_TYPE,
  NULL_TYPE,
  NUMERIC,
  type SqlType,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
  typeName,
} from "../../../src/storage/sql_type.ts";

function common(...types: readonly SqlType[]): string | undefined {
  const type = commonTypeOf(types);
  return type === undefined ? undefined : typeName(type);
}

describe("commonType()", () => {
  it("widens numbers without losing digits", () => {
    assertEquals(common(INTEGER, BIGINT), "BIGINT");
    assertEquals(common(INTEGER, decimalType(3, 2)), "DECIMAL(12,2)");
    assertEquals(common(decimalType(10, 2), decimalType(6, 4)), "DECIMAL(12,4)");
    assertEquals(common(decimalType(10, 2), NUMERIC), "NUMERIC");
    assertEquals(common(decimalType(1000, 0), decimalType(1000, 1000)), "NUMERIC");
    assertEquals(common(NUMERIC, DOUBLE), "DOUBLE PRECISION");
  });

  it("widens dates, arrays and texts", () => {
    assertEquals(common(DATE, TIMESTAMPTZ, TIMESTAMP), "TIMESTAMP WITH TIME ZONE");
    assertEquals(common(arrayType(INTEGER), arrayType(BIGINT)), "BIGINT[]");
    assertEquals(common({ kind: "text", maxLength: 2 }, { kind: "text", maxLength: 2 }), "VARCHAR(2)");
    assertEquals(common({ kind: "text", maxLength: 2 }, NULL_TYPE), "TEXT");
  });

  it("is open for what is open, and nothing for what does not meet", () => {
    assertEquals(common(NULL_TYPE, NULL_TYPE), "UNKNOWN");
    assertEquals(common(NULL_TYPE, DATE), "DATE");
    assertEquals(common(INTEGER, TEXT), undefined);
    assertEquals(commonType(BOOLEAN, INTEGER), undefined);
  });
});

describe("isImplicit(), isAssignable(), isCastable()", () => {
  it("allow more in that order", () => {
    const cases: [SqlType, SqlType, string][] = [
      [INTEGER, BIGINT, "implicit"],
      [BIGINT, INTEGER, "assignment"],
      [INTEGER, TEXT, "assignment"],
      [TIMESTAMP, DATE, "assignment"],
      [TEXT, INTEGER, "explicit"],
      [BOOLEAN, INTEGER, "explicit"],
      [JSON_TYPE, INTEGER, "explicit"],
      [DATE, INTEGER, "none"],
    ];
    for (const [from, to, expected] of cases) {
      const found = isImplicit(from, to)
        ? "implicit"
        : isAssignable(from, to)
        ? "assignment"
        : isCastable(from, to)
        ? "explicit"
        : "none";
      assertEquals(found, expected, `${typeName(from)} to ${typeName(to)}`);
    }
  });
});
