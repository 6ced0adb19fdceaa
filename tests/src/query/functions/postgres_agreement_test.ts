/**
 * Agreement with PostgreSQL: the same expression over literals gives the same text, or an error in both.
 *
 * @module
 */
import { before, describe, it } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import { assertEquals } from "@std/assert";
import { castDatum } from "../../../../src/query/functions/cast.ts";
import { TEXT } from "../../../../src/storage/sql_type.ts";
import { callFunction, literal, typeOf } from "./call_function.ts";
import type { AgreementCase } from "./agreement/agreement_case.ts";
import { ARRAY_CASES } from "./agreement/array_cases.ts";
import { CAST_CASES } from "./agreement/cast_cases.ts";
import { CONDITIONAL_CASES } from "./agreement/conditional_cases.ts";
import { DATE_CASES } from "./agreement/date_cases.ts";
import { DEVIATIONS } from "./agreement/deviations.ts";
import { JSON_CASES } from "./agreement/json_cases.ts";
import { MATH_CASES } from "./agreement/math_cases.ts";
import { OPERATOR_CASES } from "./agreement/operator_cases.ts";
import { TEMPLATE_CASES } from "./agreement/template_cases.ts";
import { TEXT_CASES } from "./agreement/text_cases.ts";

const ERROR = "an error";

/** Runs a query that may fail, without ending the transaction. */
const TRY = `create function attempt(query text) returns text language plpgsql as $f$
declare result text;
begin
  execute 'select (' || query || ')::text' into result;
  return result;
exception when others then return '${ERROR}';
end $f$`;

function sqlLiteral(written: string): string {
  const at = written.lastIndexOf("::");
  const text = written.slice(0, at);
  const type = written.slice(at + 2);
  const value = text === "NULL" ? "NULL" : `$v$${text}$v$`;
  return type === "unknown" ? value : `${value}::${type}`;
}

function sqlOf(test: AgreementCase): string {
  const args = test.args.map(sqlLiteral);
  if (test.sql !== undefined) {
    return test.sql.replace(/\$(\d)/g, (_, index: string) => args[Number(index) - 1]!);
  }
  return `${test.name}(${args.join(", ")})`;
}

function ours(test: AgreementCase): string | null {
  try {
    const args = test.args.map(literal);
    if (test.name.startsWith("cast ")) {
      const target = typeOf(test.name.slice(5));
      const value = castDatum(args[0]!.value, args[0]!.type, target, true);
      return castDatum(value, target, TEXT, true) as string | null; // a cast to TEXT gives a text
    }
    const { value, type } = callFunction(test.name, args);
    return castDatum(value, type, TEXT, true) as string | null; // a cast to TEXT gives a text
  } catch (error) {
    if (error instanceof TypeError) throw error;
    return ERROR;
  }
}

const CASES: readonly AgreementCase[] = [
  ...OPERATOR_CASES,
  ...MATH_CASES,
  ...TEXT_CASES,
  ...DATE_CASES,
  ...CAST_CASES,
  ...CONDITIONAL_CASES,
  ...TEMPLATE_CASES,
  ...JSON_CASES,
  ...ARRAY_CASES,
].filter((test) => !DEVIATIONS.some(({ sql }) => sql.test(sqlOf(test))));

describe("agreement with PostgreSQL", () => {
  const expected = new Map<string, string | null>();

  before(async () => {
    const database = await PGlite.create();
    await database.exec(`set time zone 'UTC'; ${TRY}`);
    const queries = CASES.map(sqlOf);
    const { rows } = await database.query<{ query: string; result: string | null }>(
      "select query, attempt(query) as result from unnest($1::text[]) as query",
      [queries],
    );
    for (const row of rows) expected.set(row.query, row.result);
    await database.close();
  });

  for (const family of new Set(CASES.map((test) => test.family))) {
    it(`gives PostgreSQL's results: ${family}`, () => {
      const differences: string[] = [];
      for (const test of CASES) {
        if (test.family !== family) continue;
        const sql = sqlOf(test);
        const actual = ours(test);
        const wanted = expected.get(sql) ?? null;
        if (actual !== wanted) differences.push(`${sql}: expected ${wanted}, received ${actual}`);
      }
      assertEquals(differences, []);
    });
  }
});
