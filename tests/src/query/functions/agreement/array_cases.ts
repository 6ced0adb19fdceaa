/**
 * Operators and functions on arrays, and ANY and ALL.
 *
 * @module
 */
import { type AgreementCase, binary, calls, single } from "./agreement_case.ts";

const ARRAYS = ["{1,2,3}::integer[]", "{}::integer[]", "{1,NULL,3,1}::integer[]", "{{1,2},{3,4}}::integer[]"];
const FLAT = ARRAYS.slice(0, 3);
const ITEMS = ["1::integer", "3::integer", "7::integer", "NULL::integer"];

function quantified(operators: readonly string[]): AgreementCase[] {
  return operators.flatMap((operator) =>
    ["any", "all"].flatMap((quantifier) =>
      ITEMS.flatMap((item) =>
        ARRAYS.map((array) => ({
          family: "any and all",
          name: `${operator} ${quantifier}`,
          args: [item, array],
          sql: `$1 ${operator} ${quantifier} ($2)`,
        }))
      )
    )
  );
}

/** Operators and functions on arrays. */
export const ARRAY_CASES: readonly AgreementCase[] = [
  ...quantified(["=", "<>", "<", ">="]),
  ...calls("arrays", ["cardinality", "array_ndims", "array_dims"], ARRAYS),
  ...calls("arrays", ["array_length", "array_upper", "array_lower"], ARRAYS, [
    "1::integer",
    "2::integer",
    "0::integer",
  ]),
  ...calls("arrays", ["array_append", "array_remove", "array_position", "array_positions"], FLAT, ITEMS),
  ...calls("arrays", ["array_prepend"], ITEMS, FLAT),
  ...calls("arrays", ["array_cat"], FLAT, FLAT),
  ...calls("arrays", ["array_replace"], ARRAYS, ITEMS, ["9::integer", "NULL::integer"]),
  ...calls("arrays", ["array_to_string"], [...ARRAYS, "{a,NULL,b}::text[]", "{t,f}::boolean[]"], [",::text"]),
  ...calls("arrays", ["array_to_string"], ["{a,NULL,b}::text[]"], [",::text"], ["*::text"]),
  ...calls("arrays", ["string_to_array"], ["a,b,,c::text", "::text", "abc::text"], [
    ",::text",
    "::text",
    "NULL::text",
  ]),
  ...calls("arrays", ["string_to_array"], ["a,b,,c::text"], [",::text"], ["::text", "b::text"]),
  ...calls("arrays", ["trim_array"], FLAT, ["0::integer", "2::integer"]),
  ...calls("arrays", ["array_fill"], ["7::integer"], ["{2}::integer[]", "{2,2}::integer[]"]),
  ...binary("arrays", ["||"], FLAT, [...FLAT, "5::integer"]),
  ...binary("arrays", ["||"], ["5::integer"], FLAT),
  ...binary("arrays", ["@>", "<@", "&&"], ARRAYS, ARRAYS),
  ...binary("arrays", ["=", "<", ">", "<>"], ARRAYS, ARRAYS),
  ...single(
    "arrays",
    ["subscript", "($1)[$2]", "{1,2,3}::integer[]", "2::integer"],
    ["subscript", "($1)[$2]", "{1,2,3}::integer[]", "0::integer"],
    ["subscript", "($1)[$2][$3]", "{{1,2},{3,4}}::integer[]", "2::integer", "1::integer"],
    ["subscript", "($1)[$2]", "{{1,2},{3,4}}::integer[]", "2::integer"],
    ["slice", "($1)[$2:$3]", "{1,2,3}::integer[]", "2::integer", "9::integer"],
    ["slice", "($1)[$2:$3]", "{1,2,3}::integer[]", "3::integer", "2::integer"],
    ["array", "array[$1, $2]", "1::integer", "2::integer"],
    ["array", "array[$1, $2]", "{1,2}::integer[]", "{3,4}::integer[]"],
  ),
  ...calls("encodings", ["md5"], ["::text", "hello::text", "äöü 😀::text", `${"x".repeat(120)}::text`]),
  ...single(
    "encodings",
    ["encode", "encode(convert_to($1, 'UTF8'), $2)", "hello ä::text", "hex::text"],
    ["encode", "encode(convert_to($1, 'UTF8'), $2)", "hello ä::text", "base64::text"],
    ["encode", "encode(convert_to($1, 'UTF8'), $2)", "hello ä\\::text", "escape::text"],
    ["decode", "convert_from(decode($1, $2), 'UTF8')", "68656c6c6f20c3a4::text", "hex::text"],
    ["decode", "convert_from(decode($1, $2), 'UTF8')", "aGVsbG8gw6Q=::text", "base64::text"],
  ),
  ...calls("types", ["pg_typeof"], [
    "1::smallint",
    "1::integer",
    "1::bigint",
    "1::numeric",
    "1::real",
    "1::float8",
    "a::text",
    "2024-01-01::date",
    "10:00::time",
    "2024-01-01::timestamp",
    "2024-01-01::timestamptz",
    "1 day::interval",
    "1::jsonb",
    "{1}::integer[]",
    "true::boolean",
  ]),
];
