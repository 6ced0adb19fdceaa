import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "node:test";
import { bindScalar } from "../../../src/query/binder.ts";
import { scalarToText } from "../../../src/query/plan_text.ts";
import { parseExpression } from "../../../src/sql/parse.ts";
import { BIGINT, DATE, decimalType, INTEGER, type SqlType, typeName } from "../../../src/storage/sql_type.ts";
import { ENVIRONMENT, failure, query } from "./bind_fixture.ts";

const COLUMNS = [
  { id: 0, name: "i", type: INTEGER, nullable: false },
  { id: 1, name: "b", type: BIGINT, nullable: true },
  { id: 2, name: "d", type: decimalType(15, 2), nullable: true },
  { id: 3, name: "t", type: { kind: "text", maxLength: 3 }, nullable: true },
  { id: 4, name: "day", type: DATE, nullable: true },
  { id: 5, name: "f", type: { kind: "double" }, nullable: true },
] satisfies { id: number; name: string; type: SqlType; nullable: boolean }[];

function bound(sql: string): string {
  return scalarToText(bindScalar(parseExpression(sql), COLUMNS, ENVIRONMENT), { ids: false });
}

function type(sql: string): string {
  return typeName(bindScalar(parseExpression(sql), COLUMNS, ENVIRONMENT).type);
}

describe("literals", () => {
  it("take the narrowest exact type", () => {
    assertEquals(
      ["1", "3000000000", "99999999999999999999", "1.5", "0.05", "1e3", "1.5e-3", "0x1f"].map(type),
      [
        "INTEGER",
        "BIGINT",
        "DECIMAL(20,0)",
        "DECIMAL(2,1)",
        "DECIMAL(2,2)",
        "DECIMAL(4,0)",
        "DECIMAL(4,4)",
        "INTEGER",
      ],
    );
  });

  it("are read as the type beside them", () => {
    assertEquals(bound("day > '2024-01-01'"), "day > date '2024-01-01'");
    assertEquals(bound("i = '5'"), "i = 5");
    assertEquals(bound("t = 'longer'"), "t = 'longer'");
    assertEquals(failure("SELECT id = 'x' FROM customers").marked, "'x'");
  });

  it("are not rounded to the scale beside them", () => {
    assertEquals(bound("d = '0.055'"), "cast(d as decimal(16,3)) = 0.055");
    assertEquals(bound("d IN ('0.5', 1)"), "d in (0.50, 1.00)");
  });

  it("take the type of a column they are compared with, where that is exact", () => {
    assertEquals(bound("d > 5"), "d > 5.00");
    assertEquals(bound("i > 1.5"), "cast(i as decimal(11,1)) > 1.5");
    assertEquals(bound("f > 1.5"), "f > 1.5");
  });

  it("wait for the run where clock or time zone decide", () => {
    assertEquals(bound("'now'::timestamp"), "cast('now' as timestamp)");
    assertEquals(bound("'2024-01-01'::timestamptz"), "cast('2024-01-01' as timestamp with time zone)");
    assertEquals(bound("'2024-01-01 10:00+02'::timestamptz"), "timestamptz '2024-01-01 08:00:00+00'");
  });

  it("of intervals keep to their fields", () => {
    assertEquals(bound("INTERVAL '3' DAY"), "interval '3 days'");
    assertEquals(bound("INTERVAL '1-2' YEAR TO MONTH"), "interval '1 year 2 mons'");
  });
});

describe("comparisons", () => {
  it("bring numbers to one form", () => {
    assertEquals(bound("i = b"), "i = b");
    assertEquals(bound("d = i"), "d = cast(i as decimal(15,2))");
    assertEquals(bound("f = d"), "f = cast(d as double precision)");
  });

  it("of rows go by parts", () => {
    assertEquals(bound("(i, b) = (1, 2)"), "(i = 1) and (b = 2)");
    assertEquals(bound("(i, b) < (1, 2)"), "(i < 1) or ((i = 1) and (b < 2))");
    assertEquals(bound("(i, b) IN ((1, 2), (3, 4))"), "((i = 1) and (b = 2)) or ((i = 3) and (b = 4))");
    assertEquals(bound("(i, b) IS NULL"), "(i is null) and (b is null)");
    assertEquals(bound("(i, b) IS DISTINCT FROM (1, 2)"), "(i is distinct from 1) or (b is distinct from 2)");
  });

  it("with BETWEEN, LIKE, IS and arrays", () => {
    assertEquals(bound("i NOT BETWEEN 1 AND 2"), "not ((i >= 1) and (i <= 2))");
    assertEquals(
      bound("i BETWEEN SYMMETRIC 2 AND 1"),
      "((i >= 2) and (i <= 1)) or ((i >= 1) and (i <= 2))",
    );
    assertEquals(bound("t NOT LIKE 'a%'"), "not (t like 'a%')");
    assertEquals(bound("(i = 1) IS NOT FALSE"), "coalesce(i = 1, true)");
    assertEquals(bound("i = ANY (ARRAY[1, 2])"), "i in (1, 2)");
    assertEquals(bound("i > ALL (ARRAY[1, 2])"), "(i > 1) and (i > 2)");
  });
});

describe("calls", () => {
  it("choose the overload and cast the arguments", () => {
    assertEquals(type("i / 2"), "INTEGER");
    assertEquals(type("d * i"), "DECIMAL(25,2)");
    assertEquals(type("day - day"), "INTEGER");
    assertEquals(type("day + interval '1 day'"), "TIMESTAMP");
    assertEquals(bound("day AT TIME ZONE 'UTC'"), "timezone('UTC', cast(day as timestamp with time zone))");
  });

  it("written in special ways", () => {
    assertEquals(bound("extract(year FROM day)"), "extract('year', day)");
    assertEquals(bound("trim(LEADING 'x' FROM t)"), "ltrim(t, 'x')");
    assertEquals(bound("nvl(t, 'x')"), "coalesce(t, 'x')");
    assertEquals(bound("iff(i > 1, 1, 2.5)"), "case when i > 1 then 1.0 else 2.5 end");
    assertEquals(
      bound("decode(i, 1, 'a', 'b')"),
      "case when i is not distinct from 1 then 'a' else 'b' end",
    );
    assertEquals(bound("datediff(month, day, day)").startsWith("datediff('month', "), true);
  });

  it("fail with what was received and what would do", () => {
    assertStringIncludes(
      failure("SELECT uper('a')").message,
      'received uper(UNKNOWN) (did you mean "upper"?)',
    );
    assertStringIncludes(failure("SELECT name + 1 FROM customers").message, "received TEXT + INTEGER");
    assertStringIncludes(
      failure("SELECT substring(name) FROM customers").message,
      "it takes substring(TEXT, INTEGER[, INTEGER])",
    );
    assertEquals(failure("SELECT lower(DISTINCT name) FROM customers").code, "invalid-statement");
    assertEquals(failure("SELECT rank() FROM customers").code, "invalid-statement");
  });
});

describe("casts", () => {
  it("are folded into literals, and cut text only when written", () => {
    assertEquals(bound("'12'::int"), "12");
    assertEquals(bound("'abc'::varchar(2)"), "'ab'");
    assertEquals(bound("TRY_CAST('x' AS int)"), "null");
    assertEquals(bound("1.5::int"), "2");
  });

  it("that mean nothing are refused", () => {
    assertEquals(failure("SELECT born::int FROM customers").code, "invalid-cast");
    assertEquals(failure("SELECT 1::nothing").code, "unknown-type");
  });
});

describe("parameters", () => {
  it("take their type from the first use", () => {
    const types =
      query("SELECT $1::int, $5 FROM orders WHERE price > $2 AND placed < $3 LIMIT $4").parameters;
    assertEquals(types.map(typeName), ["INTEGER", "NUMERIC", "TIMESTAMP", "BIGINT", "TEXT"]);
  });

  it("keep a type that is given", () => {
    const bound = query("SELECT id FROM orders WHERE id = $1", { ...ENVIRONMENT, parameterTypes: [INTEGER] });
    assertEquals(bound.parameters, [INTEGER]);
  });

  it("with names are numbered as they occur, or as given", () => {
    assertEquals(query("SELECT :b + 1, :a || 'x', :b").parameterNames, ["b", "a"]);
    const environment = { ...ENVIRONMENT, parameterNames: ["a"] };
    assertEquals(query("SELECT :a", environment).parameters.length, 1);
  });
});

describe("bindScalar()", () => {
  it("casts to the target as an assignment", () => {
    const scalar = bindScalar(parseExpression("'2024-01-01'"), [], ENVIRONMENT, DATE);
    assertEquals(scalarToText(scalar), "date '2024-01-01'");
  });

  it("does not reuse the ids of the given columns", () => {
    const scalar = bindScalar(
      parseExpression("EXISTS (SELECT 1 FROM orders WHERE id = b)"),
      COLUMNS,
      ENVIRONMENT,
    );
    assertStringIncludes(scalarToText(scalar), "id#6 = b#1");
  });
});

describe("limits", () => {
  it("stop deep nesting and long chains", () => {
    assertEquals(failure(`SELECT ${Array(1500).fill("1").join(" + ")}`).code, "depth-limit");
    assertEquals(query(`SELECT ${Array(900).fill("1").join(" + ")}`).columns.length, 1);
  });
});

describe("limits on tables", () => {
  it("stop common tables that multiply", () => {
    const tables = Array.from({ length: 20 }, (_, i) => {
      const body = i === 0 ? "SELECT 1 AS x" : `SELECT a.x FROM t${i - 1} a, t${i - 1} b`;
      return `t${i} AS NOT MATERIALIZED (${body})`;
    });
    assertEquals(failure(`WITH ${tables.join(", ")} SELECT * FROM t19`).code, "fan-out-limit");
  });
});
