/**
 * Agreement with PostgreSQL: the same expression over literals gives the same text, or an error in both.
 *
 * All expressions are computed by one PostgreSQL (in WebAssembly) in one statement before the comparison.
 *
 * @module
 */
import { before, describe, it } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import { assertEquals } from "@std/assert";
import { QueryError } from "../../../../src/base/error.ts";
import { castDatum } from "../../../../src/query/functions/cast.ts";
import { type Datum, type SqlType, TEXT } from "../../../../src/storage/sql_type.ts";
import {
  AGGREGATE_CASES,
  type AggregateCase,
  TABLE_CASES,
  type TableCase,
} from "./agreement/aggregate_cases.ts";
import type { AgreementCase } from "./agreement/agreement_case.ts";
import { ARRAY_CASES } from "./agreement/array_cases.ts";
import { CAST_CASES } from "./agreement/cast_cases.ts";
import { CONDITIONAL_CASES } from "./agreement/conditional_cases.ts";
import { DATE_CASES } from "./agreement/date_cases.ts";
import { DEVIATIONS } from "./agreement/deviations.ts";
import { JSON_CASES } from "./agreement/json_cases.ts";
import { MATH_CASES } from "./agreement/math_cases.ts";
import { OPERATOR_CASES } from "./agreement/operator_cases.ts";
import { RANDOM_CASES, RANDOM_SEED } from "./agreement/random_cases.ts";
import { TEMPLATE_CASES } from "./agreement/template_cases.ts";
import { TEXT_CASES } from "./agreement/text_cases.ts";
import { runAggregate, runTableFunction } from "./call_aggregate.ts";
import { callFunction, literal, typeOf } from "./call_function.ts";

/** One comparison: a query with one text result, and what the library gives. */
interface Comparison {
  readonly family: string;
  readonly sql: string;
  readonly run: () => string | null;
  /** Floating point results may differ in the last digits. */
  readonly close: boolean;
}

const ERROR = "an error";

/** Runs a query that may fail, without ending the transaction. */
const ATTEMPT = `create function attempt(query text) returns text language plpgsql as $f$
declare result text;
begin
  execute 'select (' || query || ')::text' into result;
  return result;
exception when others then return '${ERROR}';
end $f$`;

function sqlLiteral(written: string): string {
  const at = written.lastIndexOf("::");
  const text = written.slice(0, at);
  return `${text === "NULL" ? "NULL" : `$v$${text}$v$`}::${written.slice(at + 2)}`;
}

/** The value as text, or undefined-free NULL. */
function asText(value: Datum, type: SqlType): string | null {
  return castDatum(value, type, TEXT, true) as string | null; // a cast to TEXT gives a text
}

function scalarComparison(test: AgreementCase): Comparison {
  const args = test.args.map(sqlLiteral);
  const sql = test.sql?.replace(/\$(\d)/g, (_, index: string) => args[Number(index) - 1]!) ??
    `${test.name}(${args.join(", ")})`;
  const run = (): string | null => {
    const values = test.args.map(literal);
    if (test.name.startsWith("cast ")) {
      const target = typeOf(test.name.slice(5));
      return asText(castDatum(values[0]!.value, values[0]!.type, target, true), target);
    }
    const { value, type } = callFunction(test.name, values);
    return asText(value, type);
  };
  return { family: test.family, sql, run, close: false };
}

function aggregateSql({ name, rows, ordered }: AggregateCase): string {
  const values = rows.map((row) => `(${row.map(sqlLiteral).join(", ")})`).join(", ");
  const columns = rows[0]!.map((_, i) => `c${i}`);
  const order = ordered === "descending" ? " desc" : "";
  const direct = rows[0]!.slice(0, -1).map(sqlLiteral).join(", ");
  const call = ordered === undefined
    ? `${name}(${columns.join(", ")})`
    : `${name}(${direct}) within group (order by ${columns.at(-1)}${order})`;
  return `(select ${call}::text from (values ${values}) t(${columns.join(", ")}))`;
}

function aggregateComparison(test: AggregateCase): Comparison {
  const run = (): string | null => {
    const { value, type } = runAggregate(test.name, test.rows.map((row) => row.map(literal)), {
      ordered: test.ordered !== undefined,
      descending: test.ordered === "descending",
    });
    return asText(value, type);
  };
  return { family: test.family, sql: aggregateSql(test), run, close: test.close ?? false };
}

function tableComparison({ name, args }: TableCase): Comparison {
  const call = `${name}(${args.map(sqlLiteral).join(", ")})`;
  const sql = `(select string_agg(t::text, ' ') from (select * from ${call}) t)`;
  const run = (): string | null => {
    const { types, rows } = runTableFunction(name, args.map(literal));
    const texts = rows.map((row) =>
      `(${row.map((value, i) => recordField(asText(value, types[i]!))).join(",")})`
    );
    return texts.length === 0 ? null : texts.join(" ");
  };
  return { family: "table functions", sql, run, close: false };
}

/** A field as PostgreSQL writes it in a row. */
function recordField(text: string | null): string {
  if (text === null) return "";
  return text === "" || /[\s"(),\\]/.test(text) ? `"${text.replace(/["\\]/g, "$&$&")}"` : text;
}

/** Binding must work: only errors of the values count as an error. */
function actual(run: Comparison["run"]): string | null {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return error.code === "unknown-function" || error.code === "type-mismatch" ? error.message : ERROR;
  }
}

function isClose(a: string | null, b: string | null): boolean {
  const x = Number(a);
  const y = Number(b);
  return a !== null && b !== null && Math.abs(x - y) <= 1e-12 * Math.max(Math.abs(x), Math.abs(y));
}

const COMPARISONS: readonly Comparison[] = [
  ...[
    ...OPERATOR_CASES,
    ...MATH_CASES,
    ...TEXT_CASES,
    ...DATE_CASES,
    ...CAST_CASES,
    ...CONDITIONAL_CASES,
    ...TEMPLATE_CASES,
    ...JSON_CASES,
    ...ARRAY_CASES,
    ...RANDOM_CASES,
  ].map(scalarComparison),
  ...AGGREGATE_CASES.map(aggregateComparison),
  ...TABLE_CASES.map(tableComparison),
].filter((test) => !DEVIATIONS.some(({ sql }) => sql.test(test.sql)));

describe("agreement with PostgreSQL", () => {
  const expected = new Map<string, string | null>();

  before(async () => {
    const database = await PGlite.create();
    await database.exec(`set time zone 'UTC'; ${ATTEMPT}`);
    const { rows } = await database.query<{ query: string; result: string | null }>(
      "select query, attempt(query) as result from unnest($1::text[]) as query",
      [COMPARISONS.map((test) => test.sql)],
    );
    for (const row of rows) expected.set(row.query, row.result);
    await database.close();
  });

  for (const family of new Set(COMPARISONS.map((test) => test.family))) {
    const seed = family.startsWith("random") ? ` (seed ${RANDOM_SEED})` : "";
    it(`gives PostgreSQL's results: ${family}${seed}`, () => {
      const differences: string[] = [];
      for (const test of COMPARISONS) {
        if (test.family !== family) continue;
        const received = actual(test.run);
        const wanted = expected.get(test.sql) ?? null;
        if (received === wanted || (test.close && isClose(received, wanted))) continue;
        differences.push(`${test.sql}: expected ${wanted}, received ${received}`);
      }
      assertEquals(differences, []);
    });
  }
});
