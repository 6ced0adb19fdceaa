import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { QueryError } from "../../../src/base/error.ts";
import { resolveTypeName } from "../../../src/query/type_name.ts";
import { parseExpression } from "../../../src/sql/parse.ts";
import { typeName } from "../../../src/storage/sql_type.ts";

function resolved(written: string): string {
  const cast = parseExpression(`CAST(x AS ${written})`);
  return cast.kind === "cast" ? typeName(resolveTypeName(cast.type)) : "";
}

describe("resolveTypeName()", () => {
  it("knows PostgreSQL's names and aliases", () => {
    const names = [
      "int8",
      "serial",
      "float4",
      "float(53)",
      "bool",
      "jsonb",
      "timestamptz",
      "pg_catalog.int4",
    ];
    assertEquals(names.map(resolved), [
      "BIGINT",
      "INTEGER",
      "REAL",
      "DOUBLE PRECISION",
      "BOOLEAN",
      "JSON",
      "TIMESTAMP WITH TIME ZONE",
      "INTEGER",
    ]);
  });

  it("reads lengths, precisions, time zones and dimensions", () => {
    const names = [
      "numeric(10,2)",
      "decimal",
      "varchar(5)",
      "char",
      "timestamp(3) with time zone",
      "integer[][]",
    ];
    assertEquals(names.map(resolved), [
      "DECIMAL(10,2)",
      "NUMERIC",
      "VARCHAR(5)",
      "CHAR(1)",
      "TIMESTAMP WITH TIME ZONE",
      "INTEGER[][]",
    ]);
  });

  it("suggests the nearest name", () => {
    const error = assertThrows(() => resolved("intger"), QueryError);
    assertEquals(error.code, "unknown-type");
    assertStringIncludes(error.message, 'did you mean "integer"?');
  });

  it("refuses modifiers that make no sense", () => {
    for (const written of ["integer(3)", "numeric(2,5)", "varchar(0)"]) {
      assertEquals(assertThrows(() => resolved(written), QueryError).code, "unknown-type", written);
    }
  });
});
