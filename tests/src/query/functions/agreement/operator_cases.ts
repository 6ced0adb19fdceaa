/**
 * Operators on numbers.
 *
 * @module
 */
import { type AgreementCase, binary, prefix } from "./agreement_case.ts";
import { DECIMALS, DOUBLES, INTEGERS, NUMBERS } from "./agreement_values.ts";

/** Operators on numbers. */
export const OPERATOR_CASES: readonly AgreementCase[] = [
  ...binary("arithmetic", ["+", "-", "*", "/", "%"], [...INTEGERS, ...DECIMALS.slice(0, 9)], [
    ...INTEGERS,
    ...DECIMALS.slice(0, 9),
  ]).filter((test) => !(test.name === "%" && test.args.some((arg) => arg.startsWith("NaN")))),
  ...binary("double arithmetic", ["+", "-", "*", "/"], DOUBLES, [
    ...DOUBLES,
    "3::integer",
    "1.50::decimal(10,2)",
  ]),
  ...binary("comparison", ["=", "<>", "<", "<=", ">", ">="], NUMBERS, [
    "7::integer",
    "1.5::decimal(3,1)",
    "9007199254740993::bigint",
    "0.1::float8",
    "NaN::numeric",
    "1.50::numeric",
  ]),
  ...binary("bits", ["&", "|", "#"], ["5::integer", "-3::integer"], [
    "3::integer",
    "-8::integer",
    "12345678901::bigint",
  ]),
  ...binary("bits", ["<<", ">>"], ["5::integer", "-3::integer", "12345678901::bigint", "3::smallint"], [
    "1::integer",
    "4::integer",
  ]),
  ...prefix("bits", ["bitwise not"], ["5::integer", "-1::bigint", "7::smallint"]),
  ...prefix("signs", ["negate", "@"], NUMBERS.filter((value) => !value.startsWith("-9223372036854775808"))),
];
