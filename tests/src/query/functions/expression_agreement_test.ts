/** Expressions over less frequent functions, against PostgreSQL: the text of the value, or that there is none. */
import { after, before, describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { PGlite } from "@electric-sql/pglite";
import { LiveViewError } from "../../../../src/base/error.ts";
import { createDatabase, type Database } from "../../../../src/kernel/database.ts";

const EXPRESSIONS: Readonly<Record<string, readonly string[]>> = {
  "regular expressions": [
    String.raw`'foo.bar' ~ '^f\w+\.b'`,
    String.raw`'Abc' ~* 'a[B-C]+'`,
    String.raw`regexp_replace('aaa bbb', '(\w)(\w)', '\2\1', 'g')`,
    String.raw`regexp_replace('a.b.c', '\.', '[\&]')`,
    String.raw`regexp_replace('one two', '\mt', 'T')`,
    String.raw`regexp_replace('cat concat', 'cat\M', 'X', 'g')`,
    String.raw`regexp_replace('ab12', '[[:digit:]]+', '#')`,
    String.raw`regexp_replace('A-b_C', '[[:upper:]]|[[:punct:]]', '', 'g')`,
    String.raw`'tab	x' ~ '[[:space:]]x$'`,
    String.raw`'ab' ~ '[^[:alpha:]]'`,
    String.raw`'x]y' ~ '[]]'`,
    String.raw`'a-b' ~ '[a\-]b'`,
    String.raw`regexp_match('key=val', '(\w+)=(\w+)')::text`,
    String.raw`regexp_match('none', '(\d)')::text`,
    String.raw`regexp_count('abcabc', 'b.')`,
    String.raw`regexp_substr('foobarbaz', 'ba.', 1, 2)`,
    String.raw`regexp_instr('foobar', 'o+')`,
    String.raw`regexp_like('LINE', 'line', 'i')`,
    String.raw`regexp_split_to_array('a, b,c', ',\s*')::text`,
    String.raw`'aXb' ~ '(?i)axb'`,
    String.raw`'a b' ~ '(?x) a \s b'`,
    String.raw`'ab' ~ '***=ab'`,
    String.raw`'a+b' ~ '***=a+b'`,
    String.raw`'foobar' ~ 'foo(?=bar)'`,
    String.raw`'foobaz' ~ 'foo(?!bar)'`,
    String.raw`'abab' ~ '^(ab)\1$'`,
    String.raw`'aaa' ~ '^a{2,3}$'`,
    String.raw`'aaaa' ~ '^a{2,3}?$'`,
    String.raw`'é' ~ '^\w$'`,
    String.raw`'a' ~ 'a{3'`,
    String.raw`'a' ~ '(a'`,
    String.raw`'a' ~ '[b-a]'`,
    String.raw`substring('foobar' from 'o(.)b')`,
    String.raw`substring('foobar' similar '%#"o_b#"%' escape '#')`,
    String.raw`'abc' SIMILAR TO '(a|z)%c'`,
    String.raw`'a_c' SIMILAR TO 'a\_c'`,
    String.raw`'x\y' LIKE 'x\\y'`,
    String.raw`'50%' LIKE '50!%' ESCAPE '!'`,
  ],
  "text": [
    "md5('abc')",
    "translate('12345', '143', 'ax')",
    "overlay('Txxxxas' placing 'hom' from 2 for 4)",
    "lpad('hi', 7, 'xy')",
    "rpad('hi', 1)",
    "split_part('a,b,c', ',', -1)",
    "split_part('a,b', ',', 0)",
    "initcap('hello wORLD o''neil')",
    "strpos('hällo', 'l')",
    "position('' in 'abc')",
    "repeat('ab', 3) || repeat('x', -1)",
    "reverse('añ𝒳b')",
    "left('abc', -1) || right('abc', -2)",
    "btrim('xyxtrimyyx', 'xy')",
    "ltrim('  a') || rtrim('b  ') || '|'",
    "concat_ws('-', 'a', NULL, 3, true)",
    "format('%s %I %L %% %2$s', 'a', 'B c', 'd''e')",
    "format('%-5s|%5s', 'ab', 'c')",
    "quote_ident('Select') || quote_literal('a''b') || quote_nullable(NULL)",
    "chr(233) || ascii('é')",
    "chr(0)",
    "starts_with('alphabet', 'alph')",
    "octet_length('é') + char_length('é') + bit_length('é')",
    "to_hex(255) || to_hex(-1)",
    "normalize('e' || chr(769)) = 'é'",
    "string_to_array('1,2,,4', ',', '')::text",
    "array_to_string(ARRAY[1, NULL, 3], ',', '*')",
  ],
  "numbers": [
    "round(2.5) || ' ' || round(-2.5) || ' ' || round(2.5::float8)",
    "round(1234.567, -2)",
    "trunc(-1.999, 1)",
    "ceil(-0.5) || ' ' || floor(-0.5)",
    "mod(-7, 3) || ' ' || -7 % 3 || ' ' || mod(7.5, -2)",
    "div(-7.5, 2)",
    "power(2, 0.5) || ' ' || 2 ^ 10",
    "power(2.5::numeric, 3)",
    "power(0, -1)",
    "power(-8, 1.0 / 3)",
    "sqrt(2::numeric)",
    "sqrt(-1)",
    "exp(1::numeric)",
    "ln(10::numeric)",
    "ln(0)",
    "log(100) || ' ' || log(2, 64)",
    "cbrt(27)",
    "gcd(12, 18) || ' ' || lcm(4, 6)",
    "factorial(20)",
    "sign(-3.2) || ' ' || abs(-5)",
    "width_bucket(5.35, 0.024, 10.06, 5)",
    "width_bucket(3, 1, 1, 2)",
    "scale(8.4100) || ' ' || min_scale(8.4100) || ' ' || trim_scale(8.4100)",
    "degrees(pi()) || ' ' || radians(180)",
    "atan2(1, 1) || ' ' || sind(30) || ' ' || cosd(60)",
    "asin(2)",
    "5 & 3 | 8 # 1",
    "~5 || ' ' || (1 << 4) || ' ' || (-16 >> 2)",
    "(2147483647 + 1)::text",
    "9223372036854775807 + 1::bigint",
    "1e400::float8",
    "1e-400::float8",
    "1e400::real",
    "'NaN'::numeric::float8",
    "0.000::numeric::float8",
    "sinh(1)",
    "'1e-400'::numeric",
    "('NaN'::numeric > 1e100)::text",
    "to_number('1,234.5-', '9G999D9S')",
    "to_char(-1234.567, '9,999.99') || to_char(12, 'RN') || to_char(0.1, 'FM0.00')",
    "to_char(123, '000999') || to_char(-5, '9PR') || to_char(1e5, '9.99EEEE')",
    "numeric '1.50' = 1.5",
  ],
  "dates and intervals": [
    "DATE '2024-01-31' + INTERVAL '1 month'",
    "age(TIMESTAMP '2024-03-01', TIMESTAMP '2023-01-31')",
    "date_part('week', DATE '2021-01-03') || ' ' || extract(isoyear FROM DATE '2021-01-03')",
    "extract(epoch FROM INTERVAL '1 year 2 days 3.5 s')",
    "extract(century FROM DATE '2000-12-31') || ' ' || extract(dow FROM DATE '2024-02-29')",
    "date_trunc('quarter', TIMESTAMP '2024-08-17 11:12:13')",
    "date_bin('15 minutes', TIMESTAMP '2024-01-01 00:34:56', TIMESTAMP '2024-01-01')",
    "to_date('29 Feb 2024', 'DD Mon YYYY')",
    "to_date('2023-02-30', 'YYYY-MM-DD')",
    "to_date('2024-366', 'YYYY-DDD')",
    "to_date('2024-W09-4', 'IYYY-\"W\"IW-ID')",
    "to_date('Thursday 1 march 99', 'Day DD month YY')",
    "to_timestamp('12:34:56.789 PM 2024', 'HH12:MI:SS.MS AM YYYY')::timestamp",
    "to_timestamp('25:00', 'HH24:MI')",
    "to_timestamp(0)::timestamp",
    "to_char(TIMESTAMP '2024-02-29 13:04:05.678', 'Dy, DD Mon YYYY HH12:MI:SS.MS am Q WW IW J')",
    "to_char(INTERVAL '26 hours 5 min', 'HH24:MI')",
    "justify_interval(INTERVAL '35 days 25 hours')",
    "justify_days(INTERVAL '-40 days') || ' ' || justify_hours(INTERVAL '50 hours')",
    "INTERVAL 'P1Y2M3DT4H5M6.7S'",
    "INTERVAL '1-2' + INTERVAL '3 4:05:06'",
    "INTERVAL '1.5 months' * 2",
    "INTERVAL '1 day' / 3",
    "INTERVAL '-1 day +02:03' - INTERVAL '1 mon'",
    "INTERVAL '2 decades 3 weeks 1 ms ago'",
    "INTERVAL '@ 1 minute 2 secs'",
    "INTERVAL 'nonsense'",
    "INTERVAL '3' DAY + INTERVAL '1:30' HOUR TO MINUTE",
    "make_date(2024, 2, 30)",
    "make_interval(days => 3, hours => 2)",
    "make_timestamp(2024, 2, 29, 1, 2, 3.5)",
    "TIMESTAMP '2024-01-01 12:00' AT TIME ZONE 'Asia/Tokyo' AT TIME ZONE 'UTC'",
    "DATE '0044-03-15 BC'",
    "DATE '2024-01-01' - DATE '2023-01-01'",
    "TIME '23:30' + INTERVAL '1 hour'",
    "DATE 'January 8, 1999'",
    "DATE '20240229'",
    "TIMESTAMP '2024-02-29T10:11:12Z'",
    "isfinite(DATE '2024-01-01')",
  ],
  "JSON and arrays": [
    `'{"a": {"b": [1, 2]}}'::jsonb #>> '{a,b,1}'`,
    `'{"a": 1}'::jsonb || '{"b": [null]}'`,
    `'[1, 2, 3]'::jsonb - 1`,
    `'{"a": 1, "b": 2}'::jsonb @> '{"b": 2}'`,
    `jsonb_set('{"a": [1]}', '{a,0}', '"x"')`,
    `jsonb_typeof('[]') || jsonb_array_length('[1, 2]')`,
    `to_jsonb(ARRAY[1, NULL])`,
    `jsonb_build_object('a', 1, 'b', ARRAY['x'])`,
    `jsonb_strip_nulls('{"a": null, "b": 1}')`,
    `('{"a": "1.50"}'::jsonb ->> 'a')::numeric`,
    `'{bad'::json`,
    "array_append(ARRAY[1, 2], 3) || 4",
    "(ARRAY[1, 2, 3])[2:3]",
    "array_position(ARRAY['a', 'b'], 'b') || ' ' || cardinality(ARRAY[1, 2])",
    "array_remove(ARRAY[1, 2, 1], 1)",
    "ARRAY[1, 2] @> ARRAY[2] AND ARRAY[1] && ARRAY[1, 5]",
    "'{1,2,NULL}'::int[]",
    "'{1,x}'::int[]",
    "array_agg(x ORDER BY x DESC) FROM generate_series(1, 3) x",
  ],
};

/** Where we stand apart: what we give, what PostgreSQL gives, and why. */
const DIFFERENCES: readonly (readonly [expression: string, ours: string, theirs: string, why: string])[] = [
  [String.raw`'a' LIKE 'a\'`, "fails", "false", "a pattern that ends in its escape is always refused"],
  ["encode('ab'::bytea, 'hex')", "fails", "6162", "there is no type BYTEA"],
  [String.raw`unistr('d\0061')`, "fails", "da", "not in the library"],
  [`parse_ident('"A b".c')`, "fails", `{"A b",c}`, "not in the library"],
  ["casefold('ÄB')", "fails", "äb", "not in the library"],
  ["atanh(0.5)", "0.5493061443340549", "0.5493061443340548", "the last bit follows the platform's library"],
  [
    "date_trunc('week', DATE '2024-02-29')",
    "2024-02-26 00:00:00",
    "2024-02-26 00:00:00+00",
    "a date has no zone",
  ],
  ["TIMESTAMP 'infinity'", "fails", "infinity", "timestamps are finite"],
  [
    "(TIME '10:00', INTERVAL '2 hours') OVERLAPS (TIME '11:00', TIME '13:00')",
    "fails",
    "true",
    "OVERLAPS takes four values of one type",
  ],
];

describe("expressions", () => {
  let postgres: PGlite;
  let db: Database;
  before(async () => {
    postgres = new PGlite();
    await postgres.exec("SET TIME ZONE 'UTC'");
    db = createDatabase();
  });
  after(async () => {
    await postgres.close();
    await db.close();
  });

  async function expected(sql: string): Promise<unknown> {
    try {
      return (await postgres.query<unknown[]>(sql, [], { rowMode: "array" })).rows[0]?.[0];
    } catch {
      return "fails";
    }
  }

  async function actual(sql: string): Promise<unknown> {
    try {
      return (await db.query(sql)).rows()[0]?.[0];
    } catch (error) {
      if (error instanceof LiveViewError && error.code !== "invariant") return "fails";
      throw error;
    }
  }

  for (const [group, expressions] of Object.entries(EXPRESSIONS)) {
    describe(group, () => {
      for (const expression of expressions) {
        it(expression, async () => {
          const [value, ...rest] = expression.split(" FROM generate_series");
          const sql = `SELECT (${value})::text${rest.length === 0 ? "" : ` FROM generate_series${rest[0]}`}`;
          assertEquals(await actual(sql), await expected(sql));
        });
      }
    });
  }

  for (const [expression, ours, theirs, why] of DIFFERENCES) {
    it(`${expression}: differs, as ${why}`, async () => {
      const sql = `SELECT (${expression})::text`;
      assertEquals([await actual(sql), await expected(sql)], [ours, theirs]);
    });
  }
});
