/**
 * Mathematical functions.
 *
 * @module
 */
import { type AgreementCase, binary, calls } from "./agreement_case.ts";
import { NUMBERS } from "./agreement_values.ts";

/** Mathematical functions. */
export const MATH_CASES: readonly AgreementCase[] = [
  ...calls("rounding", ["round", "trunc", "ceil", "floor", "sign", "abs"], NUMBERS),
  ...calls("rounding", ["round", "trunc"], [
    "2.5::numeric",
    "-2.5::numeric",
    "1234.5678::numeric",
    "0.005::decimal(10,3)",
    "15::integer",
  ], ["0::integer", "2::integer", "-2::integer", "5::integer"]),
  ...calls("rounding", ["round"], [
    "0.5::float8",
    "1.5::float8",
    "2.5::float8",
    "-0.5::float8",
    "-1.5::float8",
  ]),
  ...calls("roots", ["sqrt", "ln", "exp", "log", "cbrt"], [
    "2::numeric",
    "0.5::decimal(5,2)",
    "10::integer",
    "100.000::numeric",
    "12345.6789::numeric",
    "0.00001234::numeric",
    "1.0000001::numeric",
    "2::float8",
    "1::numeric",
    "0::numeric",
    "-1::numeric",
  ]),
  ...calls("powers", ["power"], [
    "2::numeric",
    "1.5::numeric",
    "0.5::numeric",
    "-3::numeric",
    "0::numeric",
    "10.25::decimal(6,2)",
    "2::integer",
    "2.5::float8",
  ], [
    "0::numeric",
    "1::numeric",
    "2::numeric",
    "10::numeric",
    "-3::numeric",
    "0.5::numeric",
    "3::integer",
    "-2.5::numeric",
  ]),
  ...binary("powers", ["^"], ["2::numeric", "2::integer"], ["0.5::numeric", "8::integer"]),
  ...calls("number theory", ["gcd", "lcm", "mod", "div"], [
    "12::integer",
    "-18::integer",
    "7.5::numeric",
    "1000000007::bigint",
  ], ["8::integer", "2.5::numeric", "3::bigint"]),
  ...calls("number theory", ["factorial"], ["0::bigint", "5::bigint", "25::bigint"]),
  ...calls("scales", ["scale", "min_scale", "trim_scale"], [
    "1.500::numeric",
    "100::numeric",
    "0.000::numeric",
  ]),
  ...calls("trigonometry", ["degrees", "radians", "sin", "cos", "atan", "tanh"], [
    "0::float8",
    "1::float8",
    "180::float8",
  ]),
  ...calls("logarithm", ["log"], ["2::numeric", "10::numeric", "3.5::numeric"], [
    "64::numeric",
    "0.001::numeric",
    "1000::numeric",
  ]),
  ...calls(
    "buckets",
    ["width_bucket"],
    ["5.35::numeric", "0::numeric", "11::numeric", "-1::numeric"],
    ["0::numeric"],
    ["10::numeric"],
    ["5::integer"],
  ),
  ...calls("buckets", ["width_bucket"], ["5.35::float8", "9.99::float8"], ["10::float8"], ["0::float8"], [
    "5::integer",
  ]),
];
