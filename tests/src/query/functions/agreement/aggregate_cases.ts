/**
 * Aggregates over small tables, and set-returning functions.
 *
 * @module
 */

/** An aggregate over rows of literals. */
export interface AggregateCase {
  readonly family: string;
  readonly name: string;
  /** Each row one literal per argument. For ordered-set aggregates the last column is the sorted one. */
  readonly rows: readonly (readonly string[])[];
  readonly ordered?: "ascending" | "descending";
  /** Floating point results agree to 12 digits: PostgreSQL's depend on the order of rows. */
  readonly close?: boolean;
}

/** A call of a set-returning function. */
export interface TableCase {
  readonly name: string;
  readonly args: readonly string[];
}

const COLUMNS: readonly (readonly string[])[] = [
  ["1::integer", "2::integer", "NULL::integer", "2147483647::integer", "7::integer"],
  ["1::smallint", "2::smallint", "4::smallint"],
  ["9223372036854775807::bigint", "9223372036854775807::bigint", "5::bigint"],
  ["1.10::decimal(10,2)", "2.25::decimal(10,2)", "NULL::decimal(10,2)", "-3.33::decimal(10,2)"],
  ["1.1::numeric", "2.2500::numeric", "1e10::numeric", "0.00001::numeric"],
  ["NaN::numeric", "1::numeric"],
  ["5::integer"],
  ["NULL::integer", "NULL::integer"],
  ["NULL::numeric"],
  ["3.50::decimal(5,2)", "3.50::decimal(5,2)"],
];
const DOUBLE_COLUMNS: readonly (readonly string[])[] = [
  ["1.5::float8", "2.5::float8", "-4::float8", "NULL::float8", "100.25::float8"],
  ["1e10::float8", "1e10::float8", "10000000001::float8"],
  ["0.1::real", "0.2::real"],
  ["NaN::float8", "1::float8"],
  ["Infinity::float8", "1::float8"],
  ["5::float8"],
];

function column(values: readonly string[]): string[][] {
  return values.map((value) => [value]);
}

function over(
  family: string,
  names: readonly string[],
  columns: readonly (readonly string[])[],
  close = false,
): AggregateCase[] {
  return names.flatMap((name) => columns.map((values) => ({ family, name, rows: column(values), close })));
}

const PAIRS: readonly (readonly (readonly string[])[])[] = [
  [["1::float8", "2::float8"], ["2::float8", "3.5::float8"], ["3::float8", "4::float8"], [
    "4::float8",
    "7.25::float8",
  ]],
  [["1::float8", "1::float8"], ["2::float8", "1::float8"]],
  [["1::float8", "1::float8"], ["1::float8", "2::float8"]],
  [["1::float8", "NULL::float8"], ["3::float8", "2::float8"]],
  [["NULL::float8", "NULL::float8"]],
];

function percentiles(
  name: string,
  fractions: readonly string[],
  columns: readonly (readonly string[])[],
): AggregateCase[] {
  return fractions.flatMap((fraction) =>
    columns.flatMap((values) =>
      (["ascending", "descending"] as const).map((ordered) => ({
        family: "ordered aggregates",
        name,
        rows: values.map((value) => [fraction, value]),
        ordered,
        close: true,
      }))
    )
  );
}

const FRACTIONS = ["0::float8", "0.5::float8", "0.9::float8", "1::float8", "{0.25,0.5,NULL,0.75}::float8[]"];
const SORTABLE = [
  ["3::float8", "1::float8", "2::float8", "10::float8"],
  ["NULL::float8", "4::float8"],
  ["NULL::float8"],
];

/** Aggregates. */
export const AGGREGATE_CASES: readonly AggregateCase[] = [
  ...over("aggregates", ["count", "sum", "avg", "min", "max"], [...COLUMNS, ...DOUBLE_COLUMNS]),
  ...over("variances", ["var_pop", "var_samp", "stddev_pop", "stddev_samp", "variance", "stddev"], COLUMNS),
  ...over("variances of doubles", ["var_pop", "var_samp", "stddev_pop", "stddev_samp"], DOUBLE_COLUMNS, true),
  ...over("aggregates", ["sum", "avg", "min", "max"], [[
    "1 day::interval",
    "1 month 3 hours::interval",
    "NULL::interval",
  ]]),
  ...over("aggregates", ["min", "max"], [["b::text", "a::text", "ä::text"], [
    "2024-01-02::date",
    "2023-01-01::date",
  ]]),
  ...over("aggregates", ["bool_and", "bool_or", "every"], [
    ["true::boolean", "false::boolean", "NULL::boolean"],
    ["true::boolean", "true::boolean"],
    ["NULL::boolean"],
  ]),
  ...over("aggregates", ["bit_and", "bit_or", "bit_xor"], [
    ["12::integer", "10::integer", "NULL::integer"],
    ["-1::bigint", "7::bigint"],
    ["NULL::integer"],
  ]),
  ...over("lists", ["array_agg", "jsonb_agg"], [
    ["1::integer", "NULL::integer", "2::integer"],
    ["a b::text", "c::text"],
    ["1.50::numeric", "2::numeric"],
    ["2024-01-02::date"],
  ]),
  {
    family: "lists",
    name: "string_agg",
    rows: [["a::text", ",::text"], ["b::text", ";::text"], ["NULL::text", "+::text"], ["c::text", "-::text"]],
  },
  { family: "lists", name: "string_agg", rows: [["NULL::text", ",::text"]] },
  {
    family: "lists",
    name: "jsonb_object_agg",
    rows: [["a::text", "1::integer"], ["b::text", "NULL::integer"], ["a::text", "3::integer"]],
  },
  ...[
    "corr",
    "covar_pop",
    "covar_samp",
    "regr_count",
    "regr_avgx",
    "regr_avgy",
    "regr_sxx",
    "regr_syy",
    "regr_sxy",
    "regr_slope",
    "regr_intercept",
    "regr_r2",
  ]
    .flatMap((name) => PAIRS.map((rows) => ({ family: "regression", name, rows, close: true }))),
  ...percentiles("percentile_cont", FRACTIONS, [...SORTABLE, ["1 day::interval", "3 days::interval"]]),
  ...percentiles("percentile_disc", FRACTIONS, [...SORTABLE, ["b::text", "a::text", "c::text"]]),
  ...(["ascending", "descending"] as const).flatMap((ordered) => [
    {
      family: "ordered aggregates",
      name: "mode",
      rows: column(["b::text", "a::text", "b::text", "a::text", "c::text"]),
      ordered,
    },
    ...["rank", "dense_rank", "percent_rank", "cume_dist"].flatMap((name) =>
      ["2::integer", "0::integer", "9::integer"].map((hypothetical) => ({
        family: "ordered aggregates",
        name,
        rows: ["1::integer", "2::integer", "2::integer", "5::integer"].map((value) => [hypothetical, value]),
        ordered,
        close: true,
      }))
    ),
  ]),
];

/** Set-returning functions. */
export const TABLE_CASES: readonly TableCase[] = [
  { name: "generate_series", args: ["1::integer", "5::integer"] },
  { name: "generate_series", args: ["5::integer", "1::integer", "-2::integer"] },
  { name: "generate_series", args: ["1::integer", "5::integer", "0::integer"] },
  { name: "generate_series", args: ["9007199254740990::bigint", "9007199254740994::bigint"] },
  { name: "generate_series", args: ["1.0::numeric", "2.5::numeric", "0.5::numeric"] },
  { name: "generate_series", args: ["2024-01-31::timestamp", "2024-06-01::timestamp", "1 month::interval"] },
  {
    name: "generate_series",
    args: ["2024-01-03::timestamp", "2024-01-01::timestamp", "-12 hours::interval"],
  },
  {
    name: "generate_series",
    args: ["2024-01-03::timestamptz", "2024-01-04::timestamptz", "6 hours::interval"],
  },
  { name: "unnest", args: ["{1,NULL,3}::integer[]"] },
  { name: "unnest", args: ["{{a,b},{c,d}}::text[]"] },
  { name: "generate_subscripts", args: ["{a,b,c}::text[]", "1::integer"] },
  { name: "generate_subscripts", args: ["{a,b,c}::text[]", "1::integer", "true::boolean"] },
  { name: "jsonb_each", args: ['{"b": 1, "a": [1, null]}::jsonb'] },
  { name: "jsonb_each_text", args: ['{"b": 1, "a": "x", "n": null}::jsonb'] },
  { name: "jsonb_each", args: ["[1]::jsonb"] },
  { name: "jsonb_array_elements", args: ['[1, "a", null, {"k": 1}]::jsonb'] },
  { name: "jsonb_array_elements_text", args: ['[1, "a", null, {"k": 1}]::jsonb'] },
  { name: "jsonb_object_keys", args: ['{"bb": 1, "a": 2}::jsonb'] },
  { name: "regexp_split_to_table", args: ["the quick  fox::text", "\\s+::text"] },
  { name: "regexp_split_to_table", args: ["abc::text", "\\s*::text"] },
  { name: "regexp_matches", args: ["foobarbequebaz::text", "b(.)(.)::text", "g::text"] },
  { name: "regexp_matches", args: ["foobarbequebaz::text", "b..::text"] },
  { name: "string_to_table", args: ["a,b,,c::text", ",::text"] },
  { name: "string_to_table", args: ["a,b,,c::text", ",::text", "::text"] },
  { name: "string_to_table", args: ["abc::text", "NULL::text"] },
];
