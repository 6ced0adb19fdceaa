import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { QueryError } from "../../../src/base/error.ts";
import type { ScalarFunction, TypePattern } from "../../../src/query/function.ts";
import { FunctionRegistry } from "../../../src/query/function_registry.ts";
import {
  arrayType,
  BIGINT,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  INTERVAL,
  NULL_TYPE,
  NUMERIC,
  REAL,
  SMALLINT,
  type SqlType,
  TEXT,
  TIMESTAMP,
  typeName,
} from "../../../src/storage/sql_type.ts";

function scalar(name: string, ...overloads: readonly (readonly TypePattern[])[]): ScalarFunction {
  return {
    name,
    volatility: "immutable",
    nulls: "strict",
    signatures: overloads.map((parameters) => ({
      parameters,
      returns: (types) => types[0] ?? TEXT,
      evaluate: () => null,
    })),
  };
}

const REGISTRY = new FunctionRegistry({
  scalars: [
    scalar("f", ["integer"], ["bigint"], ["numeric"], ["double"]),
    scalar("wide", ["numeric"], ["double"]),
    scalar("g", ["text"], ["date"]),
    scalar("h", ["timestamp"], ["interval"]),
    scalar("=", ["number", "number"], ["anyelement", "anyelement"]),
    scalar("-", ["number", "number"], ["date", "date"], ["date", "integer"], ["date", "interval"]),
    scalar("+", ["number", "number"]),
    scalar("||", ["text", "any"], ["any", "text"], ["anyarray", "anyarray"], ["anyarray", "anyelement"]),
    scalar("d", ["decimal", "decimal"]),
    {
      name: "cut",
      volatility: "immutable",
      nulls: "strict",
      signatures: [{
        parameters: ["text", "integer", "integer"],
        optional: 1,
        returns: TEXT,
        evaluate: () => null,
      }],
    },
    {
      name: "all",
      volatility: "immutable",
      nulls: "strict",
      signatures: [{
        parameters: ["text", "anyelement"],
        variadic: true,
        returns: TEXT,
        evaluate: () => null,
      }],
    },
  ],
});

function types(name: string, ...given: readonly SqlType[]): string[] {
  return REGISTRY.resolveScalar(name, given).parameterTypes.map(typeName);
}

function error(name: string, ...given: readonly SqlType[]): QueryError {
  return assertThrows(() => REGISTRY.resolveScalar(name, given), QueryError);
}

describe("FunctionRegistry.resolveScalar()", () => {
  it("takes an exact overload", () => {
    assertEquals(types("f", BIGINT), ["BIGINT"]);
    assertEquals(types("f", DOUBLE), ["DOUBLE PRECISION"]);
  });

  it("takes DECIMAL for NUMERIC, and SMALLINT for INTEGER, before wider types", () => {
    assertEquals(types("f", decimalType(5, 2)), ["NUMERIC"]);
    assertEquals(types("f", SMALLINT), ["INTEGER"]);
  });

  it("prefers DOUBLE among implicit casts", () => {
    assertEquals(types("wide", INTEGER), ["DOUBLE PRECISION"]);
  });

  it("decides untyped literals: text first, then the type of the neighbour", () => {
    assertEquals(types("g", NULL_TYPE), ["TEXT"]);
    assertEquals(types("=", INTEGER, NULL_TYPE), ["INTEGER", "INTEGER"]);
    assertEquals(types("=", { kind: "text", maxLength: 2 }, NULL_TYPE), ["TEXT", "TEXT"]);
    assertEquals(types("-", DATE, NULL_TYPE), ["DATE", "DATE"]);
    assertEquals(types("||", arrayType(TEXT), NULL_TYPE), ["TEXT[]", "TEXT[]"]);
    assertEquals(error("h", NULL_TYPE).code, "type-mismatch");
  });

  it("gives `anyelement` one type", () => {
    assertEquals(types("=", DATE, TIMESTAMP), ["TIMESTAMP", "TIMESTAMP"]);
    assertEquals(types("||", arrayType(INTEGER), BIGINT), ["BIGINT[]", "BIGINT"]);
    assertEquals(types("||", TEXT, INTEGER), ["TEXT", "INTEGER"]);
  });

  it("leaves numbers of a `number` pattern as they are", () => {
    assertEquals(types("=", INTEGER, decimalType(5, 2)), ["INTEGER", "DECIMAL(5,2)"]);
    assertEquals(types("+", REAL, INTEGER), ["DOUBLE PRECISION", "DOUBLE PRECISION"]);
  });

  it("turns whole numbers into decimals where a decimal is asked for", () => {
    assertEquals(types("d", INTEGER, decimalType(5, 2)), ["DECIMAL(10,0)", "DECIMAL(5,2)"]);
  });

  it("counts optional and repeated parameters", () => {
    assertEquals(types("cut", TEXT, INTEGER), ["TEXT", "INTEGER"]);
    assertEquals(types("all", TEXT), ["TEXT"]);
    assertEquals(types("all", TEXT, INTEGER, BIGINT), ["TEXT", "BIGINT", "BIGINT"]);
    assertEquals(error("cut", TEXT).code, "type-mismatch");
  });

  it("says what was received and what there is", () => {
    assertStringIncludes(
      error("cut", DATE).message,
      "received cut(DATE) (it takes cut(TEXT, INTEGER[, INTEGER]))",
    );
    assertStringIncludes(error("+", INTERVAL, NUMERIC).message, "received INTERVAL + NUMERIC");
    assertStringIncludes(error("cutt", TEXT).message, 'did you mean "cut"?');
    assertEquals(error("cutt", TEXT).code, "unknown-function");
  });
});

describe("FunctionRegistry", () => {
  it("lists names", () => {
    assertEquals(REGISTRY.names("scalar").includes("cut"), true);
    assertEquals(REGISTRY.names("aggregate"), []);
  });
});
