/**
 * Operators and functions on JSON.
 *
 * @module
 */
import { type AgreementCase, binary, calls, single } from "./agreement_case.ts";

const VALUES = [
  '{"a": 1, "b": {"c": [1, 2.50, "x"]}, "n": null}::jsonb',
  '[1, "two", null, {"k": true}]::jsonb',
  '"text"::jsonb',
  "12.30::jsonb",
  "null::jsonb",
  "[]::jsonb",
  "{}::jsonb",
];
const PATHS = [
  "{a}::text[]",
  "{b,c,1}::text[]",
  "{b,c,-1}::text[]",
  "{3,k}::text[]",
  "{}::text[]",
  "{x,y}::text[]",
];

/** Operators and functions on JSON. */
export const JSON_CASES: readonly AgreementCase[] = [
  ...binary("json", ["->", "->>"], VALUES, [
    "a::text",
    "n::text",
    "zz::text",
    "0::integer",
    "-1::integer",
    "9::integer",
  ]),
  ...binary("json", ["#>", "#>>"], VALUES, PATHS),
  ...binary("json", ["?"], VALUES, ["a::text", "two::text", "text::text"]),
  ...binary("json", ["?|", "?&"], VALUES, ["{a,b}::text[]", "{a,two}::text[]", "{}::text[]"]),
  ...binary("json", ["@>", "<@"], VALUES, [
    '{"a": 1}::jsonb',
    "[1]::jsonb",
    "1::jsonb",
    '{"b": {"c": [2.5]}}::jsonb',
    "[]::jsonb",
    '[{"k": true}]::jsonb',
    '"text"::jsonb',
    '["text"]::jsonb',
    "12.3::jsonb",
  ]),
  ...binary("json", ["||"], VALUES, VALUES),
  ...binary("json", ["-"], VALUES, ["a::text", "two::text", "1::integer", "-1::integer", "{a,n}::text[]"]),
  ...binary("json", ["#-"], VALUES, PATHS),
  ...binary("json comparison", ["=", "<", ">="], VALUES, [...VALUES, "12.3::jsonb", '{"a": 2}::jsonb']),
  ...calls("json", ["jsonb_typeof", "jsonb_array_length", "jsonb_strip_nulls", "jsonb_pretty"], VALUES),
  ...calls("json", ["jsonb_extract_path", "jsonb_extract_path_text"], VALUES, ["b::text"], ["c::text"], [
    "0::text",
  ]),
  ...calls("json", ["jsonb_set"], VALUES, PATHS, ['{"new": 1}::jsonb'], ["true::boolean", "false::boolean"]),
  ...calls(
    "json",
    ["jsonb_insert"],
    VALUES,
    ["{a}::text[]", "{b,c,1}::text[]", "{0}::text[]", "{q}::text[]"],
    [
      '"new"::jsonb',
    ],
    ["true::boolean", "false::boolean"],
  ),
  ...calls("json", ["jsonb_build_object"], ["a::text", "1::integer", "2024-01-02::date", "true::boolean"], [
    "1.50::numeric",
    "NULL::text",
    'x"y::text',
    "2024-02-29 12:34:56.5::timestamp",
    "2024-02-29 12:34:56+00::timestamptz",
    "{1,2}::integer[]",
    '{"k":1}::jsonb',
    "1.5::float8",
    "NaN::float8",
    "1 day::interval",
  ]),
  ...calls("json", ["jsonb_build_array", "to_jsonb"], [
    "1::bigint",
    "a::text",
    "{{1,2},{3,4}}::integer[]",
    "true::boolean",
    "0.1::real",
    "1e20::float8",
  ]),
  ...calls("json", ["jsonb_object"], ["{a,1,b,2}::text[]", "{{a,1},{b,NULL}}::text[]", "{a}::text[]"]),
  ...calls("json", ["jsonb_object"], ["{a,b}::text[]"], ["{1,2}::text[]", "{1}::text[]"]),
  ...single(
    "json",
    ["is json", "$1 is json", '{"a":1}::text'],
    ["is json", "$1 is json", "{a::text"],
    ["is json array", "$1 is json array", "[1]::text"],
    ["is json object", "$1 is json object", "[1]::text"],
    ["is json scalar", "$1 is json scalar", "1::text"],
  ),
];
